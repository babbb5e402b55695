from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest

from activities.channels import RefusedForNow, SendFailed, Sent, sender_for
from tests.integration.channel_servers import NOTICE, TOKEN, Receiver, closed_port, http_receiver

# Apprise imports it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


def through(address: str) -> str:
    return f"apprise+{address.replace('http:', 'json:')}/{TOKEN}"


def test_what_apprise_reports_as_a_success_is_delivered(receiver: Receiver) -> None:
    assert sender_for(through(receiver.address)).send(NOTICE) == Sent("apprise", "Apprise reported success")
    assert receiver.got[0].json["title"] == NOTICE.subject
    assert receiver.got[0].json["message"] == NOTICE.body


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_apprise_reports_as_a_failure_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(RefusedForNow, match="Apprise reported a failure"):
        sender_for(through(receiver.address)).send(NOTICE)


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        ("dingtalk://" + "a" * 64, "dingtalk://"),
        ("https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64, "dingtalk://"),
        ("wecombot://abc-123-def-4567", "wecom://"),
        ("feishu://abcdef123456", "feishu://"),
        ("lark://abcdef-123", "feishu://"),
    ],
)
def test_services_whose_refusals_apprise_overlooks_are_not_sent_to_through_it(url: str, instead: str) -> None:
    with pytest.raises(
        ValueError, match=f"reports success when this service refuses; use {instead}|understand"
    ):
        sender_for(f"apprise+{url}")


def test_a_url_apprise_does_not_know_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="does not understand") as caught:
        sender_for(f"apprise+nonsense://{TOKEN}")
    assert TOKEN not in str(caught.value)


def test_a_missing_apprise_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ValueError, match=r"Apprise is not installed; install redress\[apprise\]"):
        sender_for("apprise+json://127.0.0.1/")


def test_apprise_logs_no_target(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sender_for(through(receiver.address)).send(NOTICE)
    with pytest.raises(SendFailed):
        sender_for(through(f"http://127.0.0.1:{closed_port()}")).send(NOTICE)
    assert TOKEN not in caplog.text
