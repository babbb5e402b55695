"""The run of an import: no faster than asked, no faster than the workers get on, and none that is there already.

It can be broken off and begun again at any moment, since what was started is found again: most of it in the records,
by the hundred, and what is not recorded yet by the server itself, which starts nothing twice.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from cli.imports.prepared import Bad, PassedOver, Ready
from complaints.errors import Refusal
from complaints.wire import Malformed

if TYPE_CHECKING:
    from complaints.commands import Envelope

T = TypeVar("T")

Start: TypeAlias = "Callable[[Envelope], Awaitable[bool]]"
"""Starts a complaint, and says whether it is new."""

There: TypeAlias = Callable[[Sequence[str]], set[str]]
"""Returns those of the numbers that are on record."""

AT_ONCE = 200
"""Of so many rows it is asked at once which are there already."""

AT_A_TIME = 16
"""So many are being started at a time."""

LONGEST_SILENCE = 120.0
"""Seconds in which at least one of those that were started comes on record, or nobody is at work."""

PATIENCE = (0.5, 1, 2, 4, 8)
"""How long it waits, in seconds, before it asks a server once more that did not answer."""


@dataclass(kw_only=True)
class Tally:
    """How far an import has come, in rows."""

    read: int = 0
    passed_over: int = 0
    bad: int = 0
    there: int = 0
    imported: int = 0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How fast it may go.

    Attributes:
        per_second: How many are started in a second at most; 0 for no such limit.
        in_flight: How many may have been started and not be on record yet; 0 where nothing is recorded.
    """

    per_second: float
    in_flight: int


@dataclass(kw_only=True)
class Run:
    """One import.

    Attributes:
        told: Is told of every bad row, and `moved` of every step forward.
        fault: Why it went no further, if something failed.
    """

    there: There
    start: Start
    told: Callable[[Bad], None]
    moved: Callable[[Tally], None]
    limits: Limits
    tally: Tally = field(default_factory=Tally)
    fault: Exception | None = None
    _unrecorded: set[str] = field(default_factory=set)
    _broken_off: bool = False

    def break_off(self) -> None:
        """Start no more; what is being started is waited for."""
        self._broken_off = True

    @property
    def is_broken_off(self) -> bool:
        """Whether some rows were not looked at."""
        return self._broken_off

    async def all(self, rows: Iterable[Ready | PassedOver | tuple[Bad, ...]]) -> None:
        """Import them, in order. What is being started when something fails is waited for; then `fault` says what it was.

        Raises:
            Malformed: The file cannot be read at all.
        """
        from sqlalchemy.exc import SQLAlchemyError

        from workflows.client import Unavailable

        under_way: set[asyncio.Task[None]] = set()
        try:
            await self._start_all(rows, under_way)
            await asyncio.gather(*under_way)
            await self._settled(down_to=0)
        except (Unavailable, SQLAlchemyError) as fault:
            self.fault = self.fault or fault
        finally:
            await asyncio.gather(*under_way)

    async def _start_all(
        self, rows: Iterable[Ready | PassedOver | tuple[Bad, ...]], under_way: set[asyncio.Task[None]]
    ) -> None:
        gate = asyncio.Semaphore(AT_A_TIME)
        pace = _Pace(self.limits.per_second)
        for few in _by(rows, AT_ONCE):
            for ready in await self._new_ones(few):
                await pace.turn()
                await gate.acquire()
                if self._broken_off:
                    return
                task = asyncio.create_task(self._import(ready, gate))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await self._settled(down_to=self.limits.in_flight)
            if self._broken_off:
                return

    async def _new_ones(self, rows: list[Ready | PassedOver | tuple[Bad, ...]]) -> list[Ready]:
        """Count what needs nothing more to be done, and return the rest."""
        ready = []
        for row in rows:
            self.tally.read += 1
            if isinstance(row, Ready):
                ready.append(row)
            elif isinstance(row, PassedOver):
                self.tally.passed_over += 1
            else:
                self._tell(*row)
        there = await asyncio.to_thread(self.there, [each.number for each in ready]) if ready else set()
        self.tally.there += len(there)
        self.moved(self.tally)
        return [each for each in ready if each.number not in there]

    async def _settled(self, *, down_to: int) -> None:
        """Wait until the workers have got on: complaints that nobody has begun are in everybody's way."""
        loop = asyncio.get_running_loop()
        heard_at = loop.time()
        while self.limits.in_flight and len(self._unrecorded) > down_to and not self._broken_off:
            recorded = await asyncio.to_thread(self.there, sorted(self._unrecorded))
            self._unrecorded -= recorded
            self.moved(self.tally)
            if recorded:
                heard_at = loop.time()
            elif loop.time() > heard_at + LONGEST_SILENCE:
                raise _nobody_at_work(len(self._unrecorded))
            if len(self._unrecorded) > down_to:
                await asyncio.sleep(0.2)

    async def _import(self, ready: Ready, gate: asyncio.Semaphore) -> None:
        try:
            if await self._started(ready):
                self.tally.imported += 1
                self._unrecorded.add(ready.number)
            else:
                self.tally.there += 1
        except Refusal as refusal:
            self._tell(Bad(ready.line, _field(refusal), f"{refusal.message} ({refusal.rule})"))
        except Malformed as error:
            self._tell(*(Bad(ready.line, problem.field, problem.rule) for problem in error.problems))
        except Exception as fault:  # noqa: BLE001 - those under way are waited for first
            self.fault = self.fault or fault
            self._broken_off = True
        finally:
            gate.release()
            self.moved(self.tally)

    async def _started(self, ready: Ready) -> bool:
        from sqlalchemy.exc import OperationalError

        from workflows.client import Unavailable

        for wait in PATIENCE:
            try:
                return await self.start(ready.registration)
            except (Unavailable, OperationalError):
                if self._broken_off:
                    raise
                await asyncio.sleep(wait)
        return await self.start(ready.registration)

    def _tell(self, *bad: Bad) -> None:
        self.tally.bad += 1
        for each in bad:
            self.told(each)


def _nobody_at_work(waiting: int) -> Exception:
    from workflows.client import Unavailable

    return Unavailable(f"{waiting} complaints were started, and no worker has recorded any of them")


def _field(refusal: Refusal) -> str:
    """Name the field that a refusal is about, where its rule names one."""
    return {"UnknownCategory": "category", "UnknownField": "details", "ConflictOfInterest": "handler"}.get(
        refusal.rule, ""
    )


def _by(items: Iterable[T], count: int) -> Iterator[list[T]]:
    rest = iter(items)
    while few := list(itertools.islice(rest, count)):
        yield few


class _Pace:
    """Lets so many go in a second, evenly; time that nobody used is lost."""

    def __init__(self, per_second: float) -> None:
        self._apart = 1 / per_second if per_second else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        wait = self._next - now
        self._next = max(now, self._next) + self._apart
        if wait > 0:
            await asyncio.sleep(wait)
