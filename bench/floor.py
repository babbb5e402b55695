"""The floor: what a complaint-shaped workflow costs without any complaint in it.

What this stresses: the engine itself. One workflow is started and gets ten updates one after the other; each
arms the one stage timer anew (cancel and start) and has one row written to PostgreSQL by one ordinary activity,
for which its caller waits, or does not. The plain way, with everything around it as ours has it: encrypted payloads, eager
activities, synchronous psycopg on threads, workflows outside the sandbox, the same sizes and server settings.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from psycopg_pool import ConnectionPool
    from temporalio.client import Client

    from bench.measure import Life
    from db.engine import postgres_url
    from workflows.settings import Settings

NAME = "the floor"
QUEUE = "bench-floor"
STEPS = 10

_TABLE = """
CREATE TABLE IF NOT EXISTS bench_floor (
    number text, seq integer, at timestamptz NOT NULL, actor text NOT NULL, act text NOT NULL, words text NOT NULL,
    PRIMARY KEY (number, seq)
)
"""
_INSERT = "INSERT INTO bench_floor VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"

_STAGE = timedelta(days=5)
_WORDS = "三月电费比上月多了三倍,电表读数和账单对不上。Read by Sun Hao on the 3rd: 4 817, not 7 817."


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happens to a complaint."""

    actor: str
    act: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row to write."""

    number: str
    seq: int
    at: datetime
    step: Step


class Lines:
    """The activity that writes rows."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    @activity.defn(name="bench_write")
    def write(self, line: Line) -> None:
        """Write one row in a transaction of its own."""
        step = line.step
        with self._pool.connection() as connection:
            connection.execute(_INSERT, (line.number, line.seq, line.at, step.actor, step.act, step.words))


@workflow.defn(name="Floor")
class Floor:
    """A complaint without rules."""

    @workflow.init
    def __init__(self, number: str) -> None:
        self._number = number
        self._seq = 0
        self._stage: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, number: str) -> None:  # noqa: ARG002 - signature of __init__
        """Wait for steps as long as the last stage lasts."""
        await workflow.wait_condition(lambda: self._stage is not None and self._stage.done())

    @workflow.update
    async def step(self, step: Step) -> int:
        """Arm the timer anew, and write the row."""
        await self._write(step)
        return self._seq

    @workflow.update
    def note(self, step: Step) -> int:
        """Do the same, and answer before the row is written, as ours does."""
        self._write(step)
        return self._seq

    def _write(self, step: Step) -> workflow.ActivityHandle[None]:
        self._seq += 1
        line = Line(number=self._number, seq=self._seq, at=workflow.now(), step=step)
        if self._stage is not None:
            self._stage.cancel()
        self._stage = asyncio.create_task(workflow.sleep(_STAGE))
        return workflow.start_activity_method(Lines.write, line, start_to_close_timeout=timedelta(seconds=30))


def conninfo(settings: Settings) -> str:
    """The database as psycopg itself wants it."""
    url = postgres_url(settings.database_url.get_secret_value())
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


class FloorSide:
    """The floor as one side of a comparison."""

    worker = "bench.floor_worker"
    queue = QUEUE

    def __init__(
        self,
        client: Client,
        pool: ConnectionPool,
        *,
        name: str = NAME,
        steps: int = STEPS,
        waits: bool = True,
    ) -> None:
        """Make it.

        Args:
            waits: Whether the caller of a step waits for its row.
        """
        self.name = name
        self._client = client
        self._pool = pool
        self._steps = steps
        self._act = Floor.step if waits else Floor.note
        self._prefix = "floor" if waits else "floor-note"
        with pool.connection() as connection:
            connection.execute(_TABLE)

    async def live(self, reference: str) -> Life:
        """Start one, and send it its steps."""
        number = f"{self._prefix}-{reference}"
        begun = time.perf_counter()
        handle = await self._client.start_workflow(Floor.run, number, id=number, task_queue=QUEUE)
        start, trips = time.perf_counter() - begun, []
        for i in range(self._steps):
            sent = time.perf_counter()
            step = Step(actor="zhang.wei", act=f"act {i} at {datetime.now(UTC).isoformat()}", words=_WORDS)
            await handle.execute_update(self._act, step)
            trips.append(time.perf_counter() - sent)
        return Life(id=number, rows=self._steps, start=start, trips=tuple(trips))

    def count_rows(self) -> int:
        """Count the rows there are."""
        query = "SELECT count(*) FROM bench_floor WHERE number ~ %s"
        with self._pool.connection() as connection:
            found = connection.execute(query, (f"^{self._prefix}-[0-9]",)).fetchone()
        assert found is not None
        return int(found[0])

    def faults(self, lives: Sequence[Life]) -> list[str]:
        """Every life has a row for each step, numbered from one."""
        query = "SELECT number, count(*), max(seq) FROM bench_floor GROUP BY number"
        with self._pool.connection() as connection:
            found = {number: (count, last) for number, count, last in connection.execute(query)}
        wanted = (self._steps, self._steps)
        return [
            f"{life.id} has {found.get(life.id)}, not {wanted}"
            for life in lives
            if found.get(life.id) != wanted
        ]
