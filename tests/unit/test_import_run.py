"""An import starts each complaint once, no faster than it may, and goes on where it was broken off."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.imports import run as running
from cli.imports.prepared import Bad, PassedOver, Ready
from cli.imports.run import Limits, Run
from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import UnknownCategory
from complaints.vocabulary import Actor, Role
from complaints.wire import Malformed, Problem
from tests.lives import example
from workflows.client import Unavailable

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def ready(line: int) -> Ready:
    envelope = Envelope(
        id=f"i{line}",
        actor=Actor(id="x", role=Role.CUSTOMER_SERVICE),
        received_at=NOW,
        command=example(c.Register, reference=str(line)),
    )
    return Ready(line, f"hotline-{line}", envelope)


class Office:
    """Records and server in one: what is started is on record when the worker is at work."""

    def __init__(self, *there: int, worker: bool = True) -> None:
        self.recorded = {f"hotline-{line}" for line in there}
        self.started: list[str] = []
        self.asked = 0
        self.at_a_time = self.most_at_a_time = 0
        self.most_unrecorded = 0
        self.worker = worker
        self.refuses: set[str] = set()
        self.fails: int = 0

    def there(self, numbers: Sequence[str]) -> set[str]:
        self.asked += 1
        if self.worker:
            self.recorded.update(self.started)
        return set(numbers) & self.recorded

    async def start(self, registration: Envelope) -> bool:
        form: Any = registration.command
        if self.fails:
            self.fails -= 1
            raise Unavailable("nobody answers")
        if form.reference in self.refuses:
            raise UnknownCategory("'x' is no category")
        self.at_a_time += 1
        self.most_at_a_time = max(self.most_at_a_time, self.at_a_time)
        await asyncio.sleep(0)
        self.at_a_time -= 1
        number = f"hotline-{form.reference}"
        if number in self.started:
            return False
        self.started.append(number)
        self.most_unrecorded = max(self.most_unrecorded, len(set(self.started) - self.recorded))
        return True


class Importing:
    def __init__(self, office: Office, *, per_second: float = 0, in_flight: int = 50) -> None:
        self.told: list[Bad] = []
        limits = Limits(per_second=per_second, in_flight=in_flight)
        self.run = Run(
            there=office.there, start=office.start, told=self.told.append, moved=lambda _: None, limits=limits
        )

    def __call__(self, rows: Iterable[Any]) -> Run:
        asyncio.run(self.run.all(rows))
        return self.run


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", (0, 0))
    monkeypatch.setattr(running, "LONGEST_SILENCE", 0.1)


def test_each_row_is_imported():
    office = Office()
    tally = Importing(office)(map(ready, range(500))).tally
    assert (tally.read, tally.imported, len(office.started)) == (500, 500, 500)


def test_what_is_on_record_is_not_started():
    office = Office(*range(100))
    tally = Importing(office)(map(ready, range(150))).tally
    assert (tally.there, tally.imported) == (100, 50)


def test_the_records_are_asked_by_the_hundred():
    office = Office(*range(1000))
    Importing(office)(map(ready, range(1000)))
    assert office.asked == 5


def test_what_the_server_knows_and_the_records_do_not_is_there_already():
    office = Office()
    office.started.append("hotline-7")
    assert Importing(office)([ready(7)]).tally.there == 1


def test_few_are_started_at_a_time():
    office = Office()
    Importing(office)(map(ready, range(300)))
    assert office.most_at_a_time <= running.AT_A_TIME


def test_it_goes_no_faster_than_the_workers_get_on():
    office = Office()
    Importing(office, in_flight=10)(map(ready, range(1000)))
    assert office.most_unrecorded <= 10 + running.AT_ONCE


def test_where_nobody_is_at_work_it_stops():
    fault = Importing(Office(worker=False), in_flight=10)(map(ready, range(1000))).fault
    assert isinstance(fault, Unavailable)


def test_it_goes_no_faster_than_it_may():
    async def timed() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await Importing(Office(), per_second=200).run.all(map(ready, range(40)))
        return loop.time() - began

    assert asyncio.run(timed()) >= 39 / 200


def test_a_refusal_is_a_bad_row():
    office = Office()
    office.refuses = {"2"}
    importing = Importing(office)
    assert importing(map(ready, range(4))).tally.imported == 3
    assert importing.told == [Bad(2, "category", "'x' is no category (UnknownCategory)")]


def test_bad_rows_are_told_and_passed_over_ones_are_counted():
    importing = Importing(Office())
    tally = importing([(Bad(2, "reference", "is empty"), Bad(2, "x", "y")), PassedOver(3), ready(4)]).tally
    assert (tally.read, tally.bad, tally.passed_over, tally.imported) == (3, 1, 1, 1)
    assert len(importing.told) == 2


def test_a_server_that_does_not_answer_is_asked_again():
    office = Office()
    office.fails = 2
    assert Importing(office)([ready(1)]).tally.imported == 1


def test_a_server_that_never_answers_ends_it():
    office = Office()
    office.fails = 10_000
    assert isinstance(Importing(office)(map(ready, range(100))).fault, Unavailable)


def test_broken_off_it_finishes_what_it_began_and_starts_no_more():
    office = Office()
    importing = Importing(office)

    def rows() -> Iterator[Ready]:
        for line in range(1000):
            if line == 600:
                importing.run.break_off()
            yield ready(line)

    run = importing(rows())
    assert run.is_broken_off
    assert run.tally.imported == len(office.started) < 1000


def test_begun_again_it_goes_on_where_it_was():
    office = Office()
    first = Importing(office)

    def rows() -> Iterator[Ready]:
        for line in range(1000):
            if line == 600:
                first.run.break_off()
            yield ready(line)

    done = first(rows()).tally.imported
    tally = Importing(office)(map(ready, range(1000))).tally
    assert (tally.there, tally.imported) == (done, 1000 - done)


def test_a_file_that_cannot_be_read_says_so():
    def rows() -> Iterator[Ready]:
        yield ready(1)
        raise Malformed(Problem(field="", rule="can't be read"))

    with pytest.raises(Malformed):
        Importing(Office())(rows())
