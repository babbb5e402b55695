"""Sets the commands that today's code gives beside the events that a history holds, task by task.

The table `KINDS` says for every kind of command which event it leads to, how the two find each other, and what of
them must be equal. A kind that is not in it is a difference: nothing passes because nobody looked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import RetryPolicy
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from audit.difference import NOTHING, Difference, Place
from audit.tape import Step

TASK = "workflow task"

_VERSIONS = "TemporalChangeVersion"
"""The search attribute that the SDK itself writes beside a patch's marker."""


@dataclass(frozen=True)
class Kind:
    """A row of the table.

    Attributes:
        event: The event's attributes, by their name in the history.
        key: What an event is found by; commands of the same kind in one task are told apart by it.
        compare: Finds what differs: place, the run's start, the event's attributes, the command.
    """

    words: str
    event: str
    key: Callable[[Any], str]
    compare: Callable[[Place, WorkflowExecutionStartedEventAttributes, Any, Any], Iterator[Difference]]


@dataclass(frozen=True)
class _Given:
    """A command, as the table knows it."""

    kind: str
    key: str
    body: Any


@dataclass(frozen=True)
class _Recorded:
    """An event that a command has led to. `task` is the event with which its workflow task began."""

    kind: str
    key: str
    body: Any
    event_id: int
    task: int


# --- what of each kind must be equal


def _activity(place: Place, _: Any, event: Any, now: Any) -> Iterator[Difference]:
    if event.activity_type.name != now.activity_type:
        yield place.differs(", type", event.activity_type.name, now.activity_type)
        return  # arguments of another activity would only hide it
    yield from place.value("task queue", event.task_queue.name, now.task_queue)
    yield from place.payloads("argument", event.input.payloads, now.arguments)
    whole = now.schedule_to_close_timeout
    for name, given in (
        ("schedule_to_close_timeout", whole),
        # The server fills in what is not given from the whole.
        ("schedule_to_start_timeout", _first(now.schedule_to_start_timeout, whole)),
        ("start_to_close_timeout", _first(now.start_to_close_timeout, whole)),
        ("heartbeat_timeout", now.heartbeat_timeout),
    ):
        yield from place.duration(name, getattr(event, name), given)
    yield from _retry(place, event.retry_policy, now.retry_policy)
    yield from place.value("priority", event.priority.priority_key, now.priority.priority_key)


def _retry(place: Place, recorded: RetryPolicy, now: RetryPolicy) -> Iterator[Difference]:
    for name in ("initial_interval", "maximum_interval"):
        # What is not given is the server's choice.
        if now.HasField(name):
            yield from place.duration(f"retry {name}", getattr(recorded, name), getattr(now, name))
    if now.backoff_coefficient:
        yield from place.value("retry backoff", recorded.backoff_coefficient, now.backoff_coefficient)
    yield from place.value("retry attempts", recorded.maximum_attempts, now.maximum_attempts)
    yield from place.value(
        "errors not retried", list(recorded.non_retryable_error_types), list(now.non_retryable_error_types)
    )


def _timer(place: Place, _: Any, event: Any, now: Any) -> Iterator[Difference]:
    yield from place.duration("duration", event.start_to_fire_timeout, now.start_to_fire_timeout)


def _answer(place: Place, _: Any, event: Any, now: Any) -> Iterator[Difference]:
    recorded = event.outcome
    if recorded.HasField("success") and now.HasField("completed"):
        yield from place.payloads("answer", recorded.success.payloads, [now.completed])
    elif recorded.HasField("failure") and now.HasField("rejected"):
        yield from place.failure("refusal", recorded.failure, now.rejected)
    else:
        yield place.differs("", recorded.WhichOneof("value"), now.WhichOneof("response"))


def _search_attributes(place: Place, _: Any, event: Any, now: Any) -> Iterator[Difference]:
    yield from place.fields(
        "value of", event.search_attributes.indexed_fields, now.search_attributes.indexed_fields
    )


def _result(place: Place, _: Any, event: Any, now: Any) -> Iterator[Difference]:
    yield from place.payloads("result", event.result.payloads, [now.result])


def _failed(place: Place, _: Any, event: Any, now: Any) -> Iterator[Difference]:
    yield from place.failure("failure", event.failure, now.failure)


def _continued(
    place: Place, start: WorkflowExecutionStartedEventAttributes, event: Any, now: Any
) -> Iterator[Difference]:
    workflow_type, queue = (
        now.workflow_type or start.workflow_type.name,
        now.task_queue or start.task_queue.name,
    )
    yield from place.value("type", event.workflow_type.name, workflow_type)
    yield from place.value("task queue", event.task_queue.name, queue)
    yield from place.payloads("argument", event.input.payloads, now.arguments)
    for name in ("workflow_run_timeout", "workflow_task_timeout"):
        yield from place.duration(
            name, getattr(event, name), _first(getattr(now, name), getattr(start, name))
        )
    yield from place.duration("delay", event.backoff_start_interval, now.backoff_start_interval)


def _nothing_more(*_: Any) -> Iterator[Difference]:
    """The kind and its key say it all."""
    return iter(())


def _patch_id(marker: Any) -> str:
    """Read the patch of a marker; any other marker is none of ours and finds no twin."""
    if marker.marker_name != "core_patch":
        return f"{marker.marker_name} marker"
    return str(json.loads(marker.details["patch-data"].payloads[0].data)["id"])


def _no_key(_: Any) -> str:
    return ""


KINDS = {
    "activity": Kind("activity", "activity_task_scheduled", lambda e: e.activity_id, _activity),
    "timer": Kind("timer", "timer_started", lambda e: e.timer_id, _timer),
    "timer cancel": Kind("cancelling of timer", "timer_canceled", lambda e: e.timer_id, _nothing_more),
    "accept": Kind("acceptance of command", "workflow_execution_update_accepted", lambda e: e.protocol_instance_id, _nothing_more),
    "answer": Kind("answer to command", "workflow_execution_update_completed", lambda e: e.meta.update_id, _answer),
    "attributes": Kind("search attributes", "upsert_workflow_search_attributes", _no_key, _search_attributes),
    "patch": Kind("patch marker", "marker_recorded", _patch_id, _nothing_more),
    "end": Kind("end", "workflow_execution_completed", _no_key, _result),
    "fail": Kind("failing", "workflow_execution_failed", _no_key, _failed),
    "continue": Kind("continuing as new", "workflow_execution_continued_as_new", _no_key, _continued),
}  # fmt: skip

_EVENTS = {kind.event: name for name, kind in KINDS.items()}


def differences(
    events: Sequence[HistoryEvent], steps: Sequence[Step], *, whole: bool
) -> Iterator[Difference]:
    """Compare the steps of a re-execution with the events of the history, in their order.

    Args:
        events: Decrypted.
        steps: What the code did, task by task. What it did after the last recorded task is not looked at.
        whole: Whether the re-execution went through to the end; else what it did not reach is passed over.
    """
    start = events[0].workflow_execution_started_event_attributes
    recorded = list(_recorded(events))
    completed = {e.workflow_task_completed_event_attributes.started_event_id: e.event_id for e in events}
    done = 0
    for task in dict.fromkeys(step.started for step in steps):
        if task not in completed:
            break
        of_task = [step for step in steps if step.started == task]
        for failure in [step.failure for step in of_task if step.failure is not None]:
            yield Difference(event_id=task, place=TASK, recorded="goes through", now=f"fails: {failure}")
            return
        given = _given([command for step in of_task for command in step.commands])
        # Tasks in which nothing happened are run together with the next one.
        expected = [record for record in recorded if done < record.task <= task]
        yield from _of_task(start, completed[task], expected, given)
        done = task
    for record in [record for record in recorded if record.task > done][: 1 if whole else 0]:
        yield Difference(
            event_id=record.event_id, place=_name(record), recorded=_name(record), now="not reached"
        )


def words_of(event: HistoryEvent) -> str:
    """Name an event the way differences do."""
    field = _attributes(event)
    kind = _EVENTS.get(field.removesuffix("_event_attributes"))
    if kind is None:
        return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").replace("_", " ").lower()
    body = getattr(event, field)
    return _name(_Recorded(kind, KINDS[kind].key(body), body, event.event_id, 0))


def _of_task(
    start: WorkflowExecutionStartedEventAttributes, task: int, expected: list[_Recorded], given: list[_Given]
) -> Iterator[Difference]:
    left = list(given)
    for record in expected:
        name = _name(record)
        twin = next((g for g in left if (g.kind, g.key) == (record.kind, record.key)), None)
        if twin is None:
            yield Difference(event_id=record.event_id, place=name, recorded=name, now=NOTHING)
        elif record.kind not in KINDS:
            left.remove(twin)
            yield Difference(event_id=record.event_id, place=name, recorded=name, now="no rule to compare it")
        else:
            left.remove(twin)
            place = Place(record.event_id, name)
            yield from KINDS[record.kind].compare(place, start, record.body, twin.body)
    for extra in left:
        yield Difference(event_id=task, place=_name(extra), recorded=NOTHING, now=_name(extra))


def _recorded(events: Sequence[HistoryEvent]) -> Iterator[_Recorded]:
    task = 0
    for event in events:
        field = _attributes(event)
        body = getattr(event, field)
        if event.HasField("workflow_task_completed_event_attributes"):
            task = body.started_event_id
            continue
        kind = _EVENTS.get(field.removesuffix("_event_attributes"))
        if kind is not None:
            if not _is_of_the_sdk(event):
                yield _Recorded(kind, KINDS[kind].key(body), body, event.event_id, task)
        elif "workflow_task_completed_event_id" in body.DESCRIPTOR.fields_by_name:
            yield _Recorded(words_of(event), "", body, event.event_id, task)


def _given(commands: Sequence[WorkflowCommand]) -> list[_Given]:
    given = [_read(command) for command in commands]
    started = {g.key for g in given if g.kind == "timer"}
    cancelled = {g.key for g in given if g.kind == "timer cancel"}
    # A timer that is cancelled in the task that started it never reaches the server.
    vain = started & cancelled
    return [g for g in given if not (g.kind in {"timer", "timer cancel"} and g.key in vain)]


def _read(command: WorkflowCommand) -> _Given:
    variant = command.WhichOneof("variant") or "empty command"
    body = getattr(command, variant)
    match variant:
        case "schedule_activity":
            return _Given("activity", body.activity_id, body)
        case "start_timer":
            return _Given("timer", str(body.seq), body)
        case "cancel_timer":
            return _Given("timer cancel", str(body.seq), body)
        case "update_response":
            return _Given(
                "accept" if body.HasField("accepted") else "answer", body.protocol_instance_id, body
            )
        case "upsert_workflow_search_attributes":
            return _Given("attributes", "", body)
        case "set_patch_marker":
            return _Given("patch", body.patch_id, body)
        case "complete_workflow_execution":
            return _Given("end", "", body)
        case "fail_workflow_execution":
            return _Given("fail", "", body)
        case "continue_as_new_workflow_execution":
            return _Given("continue", "", body)
    return _Given(variant.replace("_", " "), "", body)


def _name(command: _Given | _Recorded) -> str:
    if command.kind not in KINDS:
        return command.kind
    if command.kind == "activity":
        kind = command.body.activity_type
        return f"activity {command.key} ({kind if isinstance(kind, str) else kind.name})"
    return f"{KINDS[command.kind].words} {command.key}".rstrip()


def _attributes(event: HistoryEvent) -> str:
    return event.WhichOneof("attributes") or ""


def _is_of_the_sdk(event: HistoryEvent) -> bool:
    fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    return list(fields) == [_VERSIONS]


def _first(given: Duration, otherwise: Duration) -> Duration:
    return given if given.ToNanoseconds() else otherwise
