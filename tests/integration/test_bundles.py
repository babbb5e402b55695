"""Notices of one recipient share a message; nobody else's do, and nobody waits for a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.exceptions import ApplicationError

from activities.bundles import Bundles
from activities.channels import sender_for
from db import deliveries
from db.engine import make_engine
from tests.integration.channel_servers import Receiver, closed_port, http_receiver
from tests.integration.letters import deliver, deliver_all, letter, letters, recorded, waiting

QUICK = timedelta(milliseconds=300)
AT_ONCE = timedelta()
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def service() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


def senders(service: Receiver) -> list[Any]:
    return [sender_for(service.target("webhook"))]


def test_a_notice_without_companions_keeps_its_own_words(engine: Engine, service: Receiver) -> None:
    sent = deliver(Bundles(engine, gather=QUICK), letter(1), senders(service))
    (request,) = service.got
    assert request.json["subject"] == "Escalation: complaint hotline-1"
    assert request.json["id"] == letter(1).notice
    assert (sent.channel, sent.receipt) == ("webhook", "HTTP 200")


def test_notices_that_come_together_are_one_message(engine: Engine, service: Receiver) -> None:
    sent = deliver_all(Bundles(engine, gather=QUICK), letters(12), senders(service))
    (request,) = service.got
    assert request.json["subject"] == "12 escalations"
    lines = request.json["body"].splitlines()
    assert lines[0] == "Please acknowledge each escalation, or it climbs to the next rung."
    assert lines[1:3] == ["1. hotline-1: promise breach", "2. hotline-2: promise breach"]
    assert [each["complaint"] for each in request.json["data"]["notices"]] == [
        f"hotline-{number}" for number in range(1, 13)
    ]
    assert all("one of 12 in bundle/" in each.receipt for each in sent)


def test_each_notice_of_a_bundle_is_written_down_by_itself(engine: Engine, service: Receiver) -> None:
    deliver_all(Bundles(engine, gather=QUICK), letters(12), senders(service))
    rows = recorded(engine)
    assert set(rows) == {each.notice for each in letters(12)}
    assert {row.message for row in rows.values()} == {service.got[0].json["id"]}
    assert waiting(engine) == []


def test_a_storm_of_two_hundred_is_one_message(engine: Engine, service: Receiver) -> None:
    storm = letters(200)
    for each in storm:  # the first attempts, all within the second in which companions gather
        with pytest.raises(ApplicationError, match="together with others"):
            Bundles(engine, gather=AN_HOUR).deliver(each, senders(service))
    deliver_all(Bundles(engine, gather=AT_ONCE, gap=AN_HOUR), storm, senders(service))
    assert [request.json["subject"] for request in service.got] == ["200 escalations"]
    assert set(recorded(engine)) == {each.notice for each in storm}


def test_who_was_told_just_now_gets_what_follows_together(engine: Engine, service: Receiver) -> None:
    bundles = Bundles(engine, gather=AT_ONCE, gap=3 * QUICK)
    first, *others = letters(6)
    deliver(bundles, first, senders(service))
    deliver_all(bundles, others, senders(service))
    assert [request.json["subject"] for request in service.got] == [first.message.subject, "5 escalations"]


def test_the_gap_is_kept_by_all_workers(engine: Engine, service: Receiver) -> None:
    deliver(Bundles(engine, gather=AT_ONCE), letter(1), senders(service))
    with pytest.raises(ApplicationError, match="together with others") as told:
        Bundles(engine, gather=AT_ONCE, gap=AN_HOUR).deliver(letter(2), senders(service))
    delay = told.value.next_retry_delay
    assert delay is not None
    assert timedelta(minutes=59) < delay <= AN_HOUR


def test_two_recipients_never_share_a_message(engine: Engine, service: Receiver) -> None:
    both = [letter(1), letter(2, lane="person:liu.min")]
    deliver_all(Bundles(engine, gather=QUICK), both, senders(service))
    assert {request.json["subject"] for request in service.got} == {each.message.subject for each in both}


def test_what_is_meant_for_customers_is_sent_alone_and_at_once(engine: Engine, service: Receiver) -> None:
    two = [replace(letter(n, lane="customer"), line="") for n in (1, 2)]
    bundles = Bundles(engine, gather=AN_HOUR, gap=AN_HOUR)
    for each in two:
        bundles.deliver(each, senders(service))
    assert [request.json["subject"] for request in service.got] == [each.message.subject for each in two]


def test_what_is_meant_for_customers_is_not_stored(engine: Engine, service: Receiver) -> None:
    service.answers(503)
    with pytest.raises(ApplicationError):
        Bundles(engine).deliver(replace(letter(1), line=""), senders(service))
    assert waiting(engine) == []


def test_more_than_anybody_reads_is_more_than_one_message(
    engine: Engine, service: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "TOGETHER_AT_MOST", 4)
    deliver_all(Bundles(engine, gather=QUICK, gap=QUICK), letters(6), senders(service))
    assert [request.json["subject"] for request in service.got] == ["4 escalations", "2 escalations"]


def test_a_service_that_refuses_for_good_is_asked_once_for_all(engine: Engine, service: Receiver) -> None:
    service.answers(410)
    bundles = Bundles(engine, gather=QUICK)
    for each in letters(3):
        with pytest.raises(ApplicationError, match="together with others"):
            bundles.deliver(each, senders(service))
    for each in letters(3):
        with pytest.raises(ApplicationError, match="HTTP 410") as refused:
            deliver(bundles, each, senders(service))
        assert (refused.value.non_retryable, refused.value.type) == (True, "webhook")
    assert len(service.got) == 1


def test_a_service_that_is_away_is_asked_by_one_of_many(engine: Engine, service: Receiver) -> None:
    service.answers(503)
    bundles = Bundles(engine, gather=AT_ONCE)
    first, *others = letters(5)
    with pytest.raises(ApplicationError, match="HTTP 503"):
        bundles.deliver(first, senders(service))
    for each in others:
        with pytest.raises(ApplicationError, match="does not take messages now"):
            bundles.deliver(each, senders(service))
    assert len(service.got) == 1


def test_when_the_service_is_back_all_that_waited_is_one_message(engine: Engine, service: Receiver) -> None:
    service.answers(503)
    bundles = Bundles(engine, gather=AT_ONCE)
    first, *others = letters(5)
    with pytest.raises(ApplicationError):
        bundles.deliver(first, senders(service))
    for each in others:
        with pytest.raises(ApplicationError):
            bundles.deliver(each, senders(service))
    service.answers(200)
    bundles.deliver(first, senders(service))  # its own retry: sealed alone, and sent first
    deliver_all(Bundles(engine, gather=AT_ONCE, gap=AT_ONCE), others, senders(service))
    assert [request.json["subject"] for request in service.got[1:]] == [
        first.message.subject,
        "4 escalations",
    ]


def test_without_the_database_each_notice_is_sent_alone(service: Receiver) -> None:
    nowhere = make_engine(f"postgresql://redress:secret@127.0.0.1:{closed_port()}/redress")
    bundles = Bundles(nowhere, gather=AN_HOUR, gap=AN_HOUR)
    for each in letters(3):
        bundles.deliver(each, senders(service))
    assert [request.json["id"] for request in service.got] == [each.notice for each in letters(3)]
    nowhere.dispose()


def test_the_rows_name_no_target(engine: Engine, service: Receiver) -> None:
    deliver_all(Bundles(engine, gather=QUICK), letters(2), senders(service))
    assert "Tok3n" not in str(recorded(engine))
