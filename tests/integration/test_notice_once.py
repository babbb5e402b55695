"""One message tells a notice, whoever dies when; where that cannot be known, the same message comes again unchanged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from activities.bundles import Bundles
from activities.channels import Message, Sender, Sent, sender_for
from db import deliveries
from db.engine import make_engine
from stack.postgres import Postgres
from tests.integration.channel_servers import Receiver, http_receiver
from tests.integration.letters import deliver, deliver_all, letter, letters, recorded, waiting

ROOT = Path(__file__).parents[2]
AT_ONCE = timedelta()
QUICK = timedelta(milliseconds=300)


@pytest.fixture
def service() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


def senders(service: Receiver) -> list[Any]:
    return [sender_for(service.target("webhook"))]


def worker(engine: Engine) -> Bundles:
    """A worker that has just been started, and remembers nothing."""
    return Bundles(engine, gather=AT_ONCE, gap=AT_ONCE)


@dataclass
class Then:
    """A sender after whose success something happens, before anybody can write it down."""

    inner: Sender
    happens: Callable[[], object]

    @property
    def channel(self) -> str:
        return self.inner.channel

    def send(self, message: Message) -> Sent:
        sent = self.inner.send(message)
        self.happens()
        return sent


def cut_connections(engine: Engine, database: str | None = None) -> None:
    """What a failover does to everybody who is connected."""
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = coalesce(:name, current_database()) AND pid <> pg_backend_pid()"
            ),
            {"name": database},
        )


def test_an_activity_that_died_after_it_was_written_down_sends_nothing_again(
    engine: Engine, service: Receiver
) -> None:
    first = worker(engine).deliver(letter(1), senders(service))
    again = worker(engine).deliver(letter(1), senders(service))
    assert again == first
    assert len(service.got) == 1


def test_companions_of_a_worker_that_died_find_themselves_told(engine: Engine, service: Receiver) -> None:
    told = deliver_all(Bundles(engine, gather=QUICK), letters(8), senders(service))
    assert [worker(engine).deliver(each, senders(service)) for each in letters(8)] == told
    assert len(service.got) == 1


def test_a_failover_between_the_yes_and_our_record_sends_nothing_again(
    engine: Engine, service: Receiver
) -> None:
    bundles = worker(engine)
    cut = Then(senders(service)[0], happens=lambda: cut_connections(engine))
    sent = bundles.deliver(letter(1), [cut])
    assert sent.receipt == "HTTP 200"
    assert bundles.deliver(letter(1), senders(service)) == sent
    assert len(service.got) == 1


def test_what_a_failover_kept_from_being_written_is_written_with_the_next(
    engine: Engine, service: Receiver
) -> None:
    bundles = worker(engine)
    bundles.deliver(letter(1), [Then(senders(service)[0], happens=lambda: cut_connections(engine))])
    bundles.deliver(letter(2), senders(service))
    assert set(recorded(engine)) == {letter(1).notice, letter(2).notice}
    assert waiting(engine) == []


def test_a_worker_remembers_what_it_sent_while_the_database_is_away(
    engine: Engine, service: Receiver, postgres: Postgres
) -> None:
    elsewhere = make_engine(postgres.url("postgres"))

    def goes_away() -> None:
        with elsewhere.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"ALTER DATABASE {engine.url.database} ALLOW_CONNECTIONS false"))
        cut_connections(elsewhere, engine.url.database)

    bundles = worker(engine)
    sent = bundles.deliver(letter(1), [Then(senders(service)[0], happens=goes_away)])
    assert bundles.deliver(letter(1), senders(service)) == sent
    assert len(service.got) == 1
    elsewhere.dispose()


DIES = """
import os, sys
from datetime import timedelta
from activities.bundles import Bundles
from activities.channels import sender_for
from db.engine import make_engine
from tests.integration.letters import deliver_all, letters

class Dies:
    channel = "webhook"
    inner = sender_for(sys.argv[2])
    def send(self, message):
        self.inner.send(message)
        os._exit(9)

deliver_all(Bundles(make_engine(sys.argv[1]), gather=timedelta(seconds=0.3)), letters(3), [Dies()])
"""


def test_a_process_that_died_right_after_the_yes_has_the_same_message_sent_again(
    engine: Engine, service: Receiver
) -> None:
    """Nobody can tell whether it arrived; the receiver can, by the key, and gets nothing that it has not seen."""
    url = engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", DIES, url, service.target("webhook")],
        cwd=ROOT,
        timeout=60,
        check=False,
        capture_output=True,
    )
    assert died.returncode == 9, died.stderr
    deliver_all(worker(engine), [*letters(3), letter(4)], senders(service))
    first, again, *later = service.got
    assert again.headers["Idempotency-Key"] == first.headers["Idempotency-Key"]
    assert again.json == first.json
    assert [request.json["subject"] for request in later] == [letter(4).message.subject]


def test_workers_that_race_for_one_notice_send_it_once(engine: Engine, service: Receiver) -> None:
    racing = [worker(engine) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda each: deliver(each, letter(1), senders(service)), racing))
    assert len(service.got) == 1
    assert len(set(sent)) == 1


def test_workers_that_share_a_storm_tell_each_notice_once(engine: Engine, service: Receiver) -> None:
    racing = [Bundles(engine, gather=AT_ONCE, gap=timedelta(milliseconds=100)) for _ in range(3)]
    deliver_all(racing, letters(60), senders(service))
    told = [
        each["complaint"]
        for request in service.got
        for each in request.json["data"].get("notices", [request.json["data"]])
    ]
    assert sorted(told) == sorted(f"hotline-{number}" for number in range(1, 61))


def test_a_notice_that_waits_again_after_it_was_told_is_not_told_again(
    engine: Engine, service: Receiver
) -> None:
    """Two attempts of one activity may overlap: the second starts to wait when the first has just been told."""
    worker(engine).deliver(letter(1), senders(service))
    with engine.begin() as connection:
        late = letter(1)
        deliveries.wait(connection, late.waiting(next(iter(recorded(engine).values())).sent_at))
    worker(engine).deliver(letter(2), senders(service))
    assert [request.json["subject"] for request in service.got] == [
        letter(1).message.subject,
        letter(2).message.subject,
    ]


def test_the_database_keeps_what_was_sent_as_it_was(engine: Engine, service: Receiver) -> None:
    worker(engine).deliver(letter(1), senders(service))
    with engine.begin() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("DELETE FROM deliveries"))
