"""`redress webhooks` as operators use it, against a real database and a real receiver."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cli.exits import Exit
from cli.main import run
from tests.conftest import ENCRYPTION_KEY
from tests.integration.recorded import registered, write
from tests.integration.webhook_world import Receiver, receiving

AS = "--as=customer_service:liu.min"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Redress = Callable[..., Said]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def webhooks(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Redress:
    for name in list(os.environ):
        if name.startswith("REDRESS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDRESS_DATABASE_URL", database_url)
    monkeypatch.setenv("REDRESS_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("REDRESS_ENCRYPTION_KEY", base64.b64encode(ENCRYPTION_KEY).decode())
    monkeypatch.setenv("REDRESS_WEBHOOK_ALLOW_PRIVATE", "127.0.0.0/8")

    def run_it(*arguments: str) -> Said:
        code = run(("webhooks", *arguments))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run_it


def created(webhooks: Redress, receiver: Receiver) -> str:
    answer = webhooks("create", f"{receiver.address}/hook", AS, "--json")
    assert answer.code == Exit.FINE, answer.err
    return str(answer.json["id"])


def test_a_subscription_is_made_with_its_secret_and_listed_without(webhooks: Redress, receiver: Receiver):
    made = webhooks(
        "create", f"{receiver.address}/hook", "--type", "Registered", "--department", "billing", AS
    )
    assert made.code == Exit.FINE, made.err
    assert "whsec_" in made.out
    assert "It is not shown again." in made.out
    listed = webhooks("list", AS)
    assert f"{receiver.address}/hook" in listed.out
    assert "whsec_" not in listed.out


def test_it_is_shown_paused_resumed_rotated_and_deleted(webhooks: Redress, receiver: Receiver):
    name = created(webhooks, receiver)
    assert webhooks("pause", name, AS, "--json").json["status"] == "paused"
    assert webhooks("resume", name, AS, "--json").json["status"] == "active"
    assert "secret: whsec_" in webhooks("rotate", name, AS).out
    assert webhooks("show", name, AS).code == Exit.FINE
    assert webhooks("delete", name, AS).out == f"{name} is deleted\n"
    assert webhooks("show", name, AS).code == Exit.NOT_FOUND


def test_a_ping_tells_what_came_of_it(webhooks: Redress, receiver: Receiver):
    name = created(webhooks, receiver)
    assert webhooks("ping", name, AS).out.startswith("accepted, HTTP 204, ")


def test_events_are_listed_and_sent_again(webhooks: Redress, receiver: Receiver, engine: Engine):
    name = created(webhooks, receiver)
    life = registered()
    write(engine, *life.batches)
    assert len(webhooks("deliveries", name, AS, "--json").json) == len(life.events)
    assert "Registered" in webhooks("deliveries", name, "--waiting", AS).out
    assert webhooks("deliveries", name, "--parked", AS).out == "no events\n"
    again = webhooks("replay", name, "--complaint", "hotline-2031", "--from", "2", AS)
    assert again.out == f"{len(life.events) - 1} events are sent again\n"


def test_a_private_address_is_refused_by_name(webhooks: Redress):
    answer = webhooks("create", "https://10.0.0.1/hook", AS)
    assert answer.code == Exit.MALFORMED
    assert "url: must be https and lead to public addresses only" in answer.err


def test_whoever_may_not_subscribe_is_told_who_may(webhooks: Redress):
    answer = webhooks("list", "--as=handler:zhang.wei@billing")
    assert answer.code == Exit.REFUSED
    assert "webhooks are for system, customer_service" in answer.err
