"""Strict replay: executes a recorded complaint again, and says where today's code would have done anything else.

The SDK's Replayer looks at the kinds and the order of commands only; a changed deadline, argument or answer passes
it unseen. Here all that a complaint does is compared: what it hands to activities and how they are to be run, how
long its timers are, what it answers, what it shows for search, how it continues and what it ends with.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.client import WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from activities.work import Batch, NoticeWork
from audit.commands import TASK, differences, words_of
from audit.difference import NOTHING, Difference, Place
from audit.sealed import NoHistory, opened
from audit.tape import Step, Tape
from complaints.commands import Envelope
from complaints.delivery import Delivery
from complaints.view import Answer
from db.masters import Masters
from workflows import names
from workflows.complaint import Complaint, Start
from workflows.converter import UNENCRYPTED, prepare


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the replay of one run found.

    Attributes:
        number: The complaint's.
        events: How many events its history has.
        differences: In the order of the events; the first is the cause, later ones may be its consequences.
    """

    number: str
    run_id: str
    events: int
    differences: tuple[Difference, ...]

    @property
    def identical(self) -> bool:
        return not self.differences


async def replay(history: WorkflowHistory, *, masters: Masters | None) -> Report:
    """Replay one run strictly. The history may be that of a complaint which goes on.

    Raises:
        ReplayImpossible: It is no complaint's history, or the key does not open it.
    """
    [report] = [report async for report in replay_all([history], masters=masters)]
    return report


async def replay_all(
    histories: Iterable[WorkflowHistory], *, masters: Masters | None
) -> AsyncIterator[Report]:
    """Replay many runs strictly, one after the other; one replayer serves them all.

    Raises:
        ReplayImpossible: One is no complaint's history, or the key does not open it.
    """
    # Built within a task they would make it last too long on a busy machine, and a sound history pass for a forged one.
    prepare(Start, Envelope, Answer, Batch, NoticeWork, Delivery)
    tape = Tape()
    replayer = Replayer(
        workflows=[Complaint], data_converter=UNENCRYPTED, workflow_runner=tape, runtime=_silent_runtime()
    )
    unplayed: list[Report] = []

    async def prepared() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            start = start_of(history)
            events, damaged = await opened(history.events, masters)
            if damaged or not any(
                event.HasField("workflow_task_completed_event_attributes") for event in events
            ):
                unplayed.append(
                    _report(events, damaged)
                )  # a run that has decided nothing yet is no news either
                continue
            tape.rewind(start.task_queue.name)
            yield WorkflowHistory(start.workflow_id, events)

    async with replayer.workflow_replay_iterator(prepared()) as results:
        async for result in results:
            while unplayed:
                yield unplayed.pop(0)
            events = result.history.events
            yield _report(events, _found(events, tape.steps, result.replay_failure))
    for report in unplayed:
        yield report


async def replay_chain(runs: Sequence[WorkflowHistory], *, masters: Masters | None) -> list[Report]:
    """Replay all runs of one complaint, and check that each begins with exactly what the one before handed on.

    Raises:
        ReplayImpossible: One is no complaint's history, or the key does not open it.
    """
    reports = [report async for report in replay_all(runs, masters=masters)]
    before: list[HistoryEvent] = []
    for i, run in enumerate(runs):
        events, _ = await opened(run.events, masters)
        reports[i] = replace(reports[i], differences=(*_link(before, events), *reports[i].differences))
        before = events
    return reports


def start_of(history: WorkflowHistory) -> WorkflowExecutionStartedEventAttributes:
    """Return how a run began.

    Raises:
        NoHistory: It is not the whole history of one run of a complaint.
    """
    events = history.events
    if not events or not events[0].HasField("workflow_execution_started_event_attributes"):
        raise NoHistory("this is no workflow's history: it does not begin with a start")
    start = events[0].workflow_execution_started_event_attributes
    if start.workflow_type.name != names.COMPLAINT:
        raise NoHistory(f"this is the history of {start.workflow_type.name!r}, not of a complaint")
    if [event.event_id for event in events] != list(range(1, len(events) + 1)):
        raise NoHistory("events are missing from this history, or are not in order")
    return start


@lru_cache(maxsize=1)
def _silent_runtime() -> Runtime:
    """The SDK's core would print failures, with their decrypted content, to standard output."""
    return Runtime(telemetry=TelemetryConfig(logging=None))


def _report(events: Sequence[HistoryEvent], found: Iterable[Difference]) -> Report:
    start = events[0].workflow_execution_started_event_attributes
    return Report(
        number=start.workflow_id,
        run_id=start.original_execution_run_id,
        events=len(events),
        differences=tuple(found),
    )


def _found(
    events: Sequence[HistoryEvent], steps: Sequence[Step], failure: Exception | None
) -> list[Difference]:
    found = list(differences(events, steps, whole=failure is None))
    if failure is not None and not any(NOTHING in (d.recorded, d.now) or d.place == TASK for d in found):
        found.append(_in_plain_words(events, failure))
    return sorted(found, key=lambda difference: difference.event_id)


def _in_plain_words(events: Sequence[HistoryEvent], failure: Exception) -> Difference:
    """Say what the replayer stumbled over, where our own comparison has not said it yet."""
    named = re.search(r"id: (\d+)", str(failure))
    event = events[int(named[1]) - 1] if named and 0 < int(named[1]) <= len(events) else events[-1]
    if isinstance(failure, NondeterminismError):
        words = words_of(event)
        return Difference(
            event_id=event.event_id, place="order of commands", recorded=words, now="another order"
        )
    return Difference(event_id=event.event_id, place="replay", recorded="goes through", now=str(failure))


def _link(before: Sequence[HistoryEvent], after: Sequence[HistoryEvent]) -> Iterator[Difference]:
    start = after[0].workflow_execution_started_event_attributes
    place = Place(1, "link to the run before")
    if not before:
        yield from place.value("run", start.continued_execution_run_id, "")
        return
    if not before[-1].HasField("workflow_execution_continued_as_new_event_attributes"):
        yield place.differs("", words_of(before[-1]), "goes on in another run")
        return
    handed = before[-1].workflow_execution_continued_as_new_event_attributes
    yield from place.value("run", handed.new_execution_run_id, start.original_execution_run_id)
    yield from place.payloads("state", handed.input.payloads, start.input.payloads)
