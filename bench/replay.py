"""What this stresses: the auditor who replays a year of complaints. What does strictness cost?

Strict replays per second against the SDK's own Replayer on the recorded histories, held as protobuf; same process,
same runner outside the sandbox, production's data converter on the plain side. Sides in turn, a warm-up thrown away,
the median of the ratios of neighbours. `python -m bench.replay [--rounds N] [--times N]`; the goal is 0.9 x or more.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from audit.export import load
from audit.replay import replay_all
from db.masters import Masters, read
from workflows.complaint import Complaint
from workflows.converter import data_converter

RECORDED = Path(__file__).resolve().parent.parent / "tests" / "replay"
GOAL = 0.9

Stored = tuple[str, bytes]
Side = Callable[[Sequence[Stored], Masters], Awaitable[None]]


def stored() -> tuple[list[Stored], Masters]:
    """Read the recorded histories, as an archive would hold them, and their key."""
    runs = [
        run for path in sorted(RECORDED.glob("*/*.json")) for run in load(path.read_text(encoding="utf-8"))
    ]
    archive = [(run.workflow_id, History(events=run.events).SerializeToString()) for run in runs]
    return archive, read((RECORDED / "key.txt").read_text().split()[-1])


async def plain(archive: Sequence[Stored], masters: Masters) -> None:
    """Replay the way the SDK does."""

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for number, data in archive:
            yield _parsed(number, data)

    replayer = Replayer(
        workflows=[Complaint],
        data_converter=data_converter(masters),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    await replayer.replay_workflows(histories())


async def strict(archive: Sequence[Stored], masters: Masters) -> None:
    """Replay, and compare everything."""
    histories = (_parsed(number, data) for number, data in archive)
    async for report in replay_all(histories, masters=masters):
        assert report.identical, report


async def main(argv: Sequence[str] = ()) -> int:
    """Measure and print; 0 if the goal is met."""
    parser = argparse.ArgumentParser(prog="bench.replay")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--times", type=int, default=5, help="how often each history is replayed in a round")
    arguments = parser.parse_args(argv)
    archive, masters = stored()
    work = archive * arguments.times
    events = sum(len(History.FromString(data).events) for _, data in work)
    print(f"{len(work)} histories of {events // len(work)} events on average, {arguments.rounds} rounds")
    for side in (plain, strict):
        await side(archive, masters)
    ratios, cpu_ratios = [], []
    for number in range(1, arguments.rounds + 1):
        # Who goes first changes, so that neither side always finds the machine as the other left it.
        sides: list[Side] = [plain, strict] if number % 2 else [strict, plain]
        figures = {side: await _timed(side, work, masters) for side in sides}
        (plain_wall, plain_cpu), (strict_wall, strict_cpu) = figures[plain], figures[strict]
        ratios.append(plain_wall / strict_wall)
        cpu_ratios.append(plain_cpu / strict_cpu)
        print(
            f"round {number}: plain {len(work) / plain_wall:5.1f}/s, strict {len(work) / strict_wall:5.1f}/s,"
            f" {ratios[-1]:.2f} x; CPU {plain_cpu / len(work) * 1000:.1f} and"
            f" {strict_cpu / len(work) * 1000:.1f} ms a replay"
        )
    ratio = statistics.median(ratios)
    print(
        f"strict against plain, median: {ratio:.2f} x by the clock, {statistics.median(cpu_ratios):.2f} x by CPU"
    )
    print(f"goal {GOAL} x: {'met' if ratio >= GOAL else 'missed'}")
    return 0 if ratio >= GOAL else 1


async def _timed(side: Side, work: Sequence[Stored], masters: Masters) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await side(work, masters)
    return time.perf_counter() - wall, time.process_time() - cpu


def _parsed(number: str, data: bytes) -> WorkflowHistory:
    return WorkflowHistory(number, list(History.FromString(data).events))


if __name__ == "__main__":
    code = asyncio.run(main(sys.argv[1:]))
    sys.stdout.flush()
    os._exit(code)  # the SDK may abort in the interpreter's own shutdown (sdk-python issue 300)
