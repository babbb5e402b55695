"""How a comparison is measured: sides in turn, rounds of many lives, CPU seconds of every process from /proc.

Absolute figures drift by a factor of two from hour to hour on a shared machine. So both sides are measured in one
run, one after the other and again, after a warm-up that is thrown away; what counts is the ratio of neighbours,
and the median of all ratios. CPU seconds a complaint are steadier than complaints a second.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from bench.service import Service

SETTLE_SECONDS = 60.0
_POLL_SECONDS = 0.02
_TICKS = os.sysconf("SC_CLK_TCK")
_CPUCLOCK_SCHED = 2

PARTS = ("server", "worker", "database", "driver")
"""The processes whose CPU is counted; a side may have further ones."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What the driver knows of one complaint it has taken from start to end.

    Attributes:
        rows: How many rows must be there of it.
        start: Seconds from its start to the answer.
        trips: Seconds from each command to its answer.
    """

    id: str
    rows: int
    start: float
    trips: tuple[float, ...]


class Side(Protocol):
    """One side of a comparison."""

    name: str
    worker: str
    """The module that runs as its worker process."""
    queue: str
    """Where its worker listens."""

    async def live(self, reference: str) -> Life:
        """Take one complaint through its life."""

    def count_rows(self) -> int:
        """Count the rows there are of all complaints so far."""

    def faults(self, lives: Sequence[Life]) -> list[str]:
        """Look at every row there should be, and name what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One side's round.

    Attributes:
        seconds: From the first start to the last row.
        cpu: CPU seconds by part.
        others: The share of the machine that somebody else took meanwhile, from 0 to 1; with much of it only the
            CPU seconds mean anything.
        events: The length of each history.
    """

    seconds: float
    lives: tuple[Life, ...]
    cpu: Mapping[str, float]
    others: float
    events: tuple[int, ...]

    @property
    def rate(self) -> float:
        """Complaints a second."""
        return len(self.lives) / self.seconds

    def cpu_ms(self, part: str) -> float:
        """CPU milliseconds a complaint; none of a part that the side has not."""
        return 1000 * self.cpu.get(part, 0.0) / len(self.lives)


class RowsMissing(AssertionError):
    """Not every row that should be there is there."""


async def measure(
    service: Service, client: Client, sides: Sequence[Side], *, n: int, rounds: int, in_flight: int
) -> dict[str, list[Round]]:
    """Let the sides take turns.

    Args:
        n: Complaints a round and side. The warm-up has half of that, or as many as are in flight.

    Raises:
        RowsMissing: Names what is not there.
    """
    for side in sides:
        await _wait_for_worker(service, client, side)
    measured: dict[str, list[Round]] = {side.name: [] for side in sides}
    lived: dict[str, list[Life]] = {side.name: [] for side in sides}
    for turn in range(rounds + 1):
        for side in sides:
            references = [f"{turn}.{i}" for i in range(n if turn else max(in_flight, n // 2))]
            rows = sum(life.rows for life in lived[side.name])
            result = await _round(service, client, side, references, in_flight, rows)
            lived[side.name] += result.lives
            if turn:
                measured[side.name].append(result)
    for side in sides:
        if faults := side.faults(lived[side.name]):
            raise RowsMissing(f"{side.name}: " + "; ".join(faults[:10]))
    return measured


async def _wait_for_worker(service: Service, client: Client, side: Side) -> None:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=side.queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    while not (await client.workflow_service.describe_task_queue(request)).pollers:
        service.processes(side.worker)  # says so if it has ended
        await asyncio.sleep(_POLL_SECONDS)


async def _round(
    service: Service, client: Client, side: Side, references: Iterable[str], in_flight: int, rows_before: int
) -> Round:
    gc.collect()
    processes = service.processes(side.worker)
    before, busy, begun = _cpu(processes), _busy_seconds(), time.perf_counter()
    lives: list[Life] = []
    queue = iter(references)
    await asyncio.gather(*(_live_in_turn(side, queue, lives) for _ in range(in_flight)))
    # A side that records later has to be waited for: work that is put off is still work.
    await _settle(side, rows_before + sum(life.rows for life in lives))
    seconds, after = time.perf_counter() - begun, _cpu(service.processes(side.worker))
    cpu = {part: after[part] - before[part] for part in before}
    foreign = _busy_seconds() - busy - sum(cpu.values())
    events = [(await client.get_workflow_handle(life.id).describe()).history_length for life in lives]
    return Round(
        seconds=seconds,
        lives=tuple(lives),
        cpu=cpu,
        others=max(0.0, foreign / seconds / (os.cpu_count() or 1)),
        events=tuple(events),
    )


async def _live_in_turn(side: Side, references: Iterator[str], lives: list[Life]) -> None:
    for reference in references:  # shared with the others in flight: whoever is free takes the next
        life = await side.live(reference)
        lives.append(life)


async def _settle(side: Side, rows: int) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while (found := side.count_rows()) < rows:
        if time.monotonic() > deadline:
            raise RowsMissing(f"{side.name}: {found} of {rows} rows after {SETTLE_SECONDS:.0f} s")
        await asyncio.sleep(_POLL_SECONDS)


def _cpu(processes: Mapping[str, int]) -> dict[str, float]:
    parents = _parents()
    used = {part: _tree_seconds(pid, parents) for part, pid in processes.items()}
    own = os.times()
    return {**used, "driver": own.user + own.system}


def _busy_seconds() -> float:
    """CPU seconds of the whole machine, and what its host took from it."""
    user, nice, system, _idle, _wait, irq, soft_irq, stolen = (
        int(field) for field in Path("/proc/stat").read_text().split()[1:9]
    )
    return (user + nice + system + irq + soft_irq + stolen) / _TICKS


def _tree_seconds(root: int, parents: Mapping[int, int]) -> float:
    """CPU seconds of a process and all it started, those that have ended included."""
    return (
        _own_seconds(root)
        + sum(_reaped_ticks(root)) / _TICKS
        + sum(_tree_seconds(pid, parents) for pid, parent in parents.items() if parent == root)
    )


def _own_seconds(pid: int) -> float:
    """CPU seconds of one process; 0 of one that has just ended.

    From its CPU clock, for `stat` counts in ticks of 10 ms: more than a connection to PostgreSQL may use in a round.
    """
    try:
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)  # as clock_getcpuclockid(3) makes it
    except OSError:
        return 0.0


def _reaped_ticks(pid: int) -> list[int]:
    """User and system time of reaped children; nothing of a process that has just ended."""
    fields = _stat(pid)
    return [int(field) for field in fields[13:15]]


def _parents() -> dict[int, int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid: int(fields[1]) for pid in pids if (fields := _stat(pid))}


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on: the name before them may hold anything."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return stat[stat.rindex(")") + 2 :].split()
