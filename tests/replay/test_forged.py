"""A history that was altered is found out, and what cannot be replayed is refused clearly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from audit.export import dump, load
from audit.replay import replay, replay_all, replay_chain
from audit.sealed import KeyMissing, KeyWrong, NoHistory, ReplayImpossible
from db.masters import Masters
from tests.replay.histories import KEY, first, life, plainly, runs_of, strictly
from workflows import complaint as module
from workflows.converter import EncryptionCodec, generate_key

# --- a changed history


async def edited(event: HistoryEvent, edit: Callable[[Any], Any]) -> None:
    """Change what an event carries, the way a forger would who has the key."""
    codec = EncryptionCodec(Masters([KEY]))
    for payloads in (
        event.activity_task_scheduled_event_attributes.input.payloads,
        event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads,
        event.workflow_execution_update_completed_event_attributes.outcome.success.payloads,
        event.workflow_execution_completed_event_attributes.result.payloads,
        event.workflow_execution_started_event_attributes.input.payloads,
    ):
        for i, payload in enumerate(await codec.decode(payloads)):
            data = json.dumps(edit(json.loads(payload.data))).encode()
            [sealed] = await codec.encode([Payload(metadata=payload.metadata, data=data)])
            payloads[i].CopyFrom(sealed)


async def test_record_that_was_made_nicer_is_found() -> None:
    history = life("missed_deadline")
    event = first(history, "activity_task_scheduled")
    await edited(event, lambda batch: {**batch, "changes": {**batch["changes"], "events": []}})
    assert await plainly(history) is None
    found = (await strictly(history)).differences[0]
    assert found.event_id == event.event_id
    assert "changes.events" in found.place


async def test_command_that_was_altered_shows_in_all_it_led_to() -> None:
    history = life("missed_deadline")
    event = first(history, "workflow_execution_update_accepted")
    await edited(event, lambda envelope: {**envelope, "actor": {**envelope["actor"], "id": "somebody.else"}})
    assert await plainly(history) is None
    found = (await strictly(history)).differences
    assert found[0].event_id > event.event_id
    assert (found[0].recorded, found[0].now) != ("", "")
    assert any(difference.now == "somebody.else" for difference in found)


async def test_answer_that_was_altered_is_found() -> None:
    history = life("resolved_at_first_contact")
    event = first(history, "workflow_execution_update_completed")
    await edited(event, lambda given: {**given, "stage": "closed"})
    [found] = (await strictly(history)).differences
    assert (found.event_id, found.recorded, found.now) == (event.event_id, "closed", "intake")


async def test_result_that_was_altered_is_found() -> None:
    history = life("resolved_at_first_contact")
    event = first(history, "workflow_execution_completed")
    await edited(event, lambda given: {**given, "seq": given["seq"] + 1})
    [found] = (await strictly(history)).differences
    assert (found.event_id, found.place) == (event.event_id, "end, result: seq")


async def test_deadline_that_was_moved_is_found() -> None:
    history = life("missed_deadline")
    event = first(history, "timer_started")
    event.timer_started_event_attributes.start_to_fire_timeout.seconds += 3600
    assert await plainly(history) is None
    [found] = (await strictly(history)).differences
    assert (found.event_id, found.place) == (event.event_id, "timer 1, duration")


async def test_clock_that_was_turned_back_is_found() -> None:
    """The engine's time is the time of its events: seen in a breach that comes earlier now."""
    history = life("missed_deadline")
    fired = first(history, "timer_fired")
    task = next(
        e for e in history.events[fired.event_id :] if e.HasField("workflow_task_started_event_attributes")
    )
    task.event_time.seconds -= 1800
    assert not (await strictly(history)).identical


async def test_payload_that_was_altered_without_the_key_is_named() -> None:
    history = life("resolved_at_first_contact")
    event = first(history, "workflow_execution_update_accepted")
    payload = event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads[
        0
    ]
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    [found] = (await strictly(history)).differences
    assert (found.event_id, found.place) == (event.event_id, "encrypted payload")


async def test_order_of_fields_means_nothing() -> None:
    history = life("resolved_at_first_contact")
    for event in history.events[1:]:
        if not event.HasField("workflow_execution_update_accepted_event_attributes"):
            await edited(event, lambda data: dict(reversed(data.items())))
    assert (await strictly(history)).identical


async def test_true_is_not_one() -> None:
    history = life("resolved_at_first_contact")
    event = first(history, "activity_task_scheduled")
    head = {"difficult": 0}
    await edited(
        event,
        lambda batch: {
            **batch,
            "changes": {**batch["changes"], "head": {**batch["changes"]["head"], **head}},
        },
    )
    [found] = (await strictly(history)).differences
    assert (found.recorded, found.now) == ("0", "false")


def is_command(event: HistoryEvent) -> bool:
    body = getattr(event, event.WhichOneof("attributes") or "")
    return "workflow_task_completed_event_id" in body.DESCRIPTOR.fields_by_name or (
        "_update_" in (event.WhichOneof("attributes") or "")
    )


async def test_history_of_a_complaint_that_goes_on_replays_however_far_it_has_come() -> None:
    whole = life("crowded").events
    # The server writes what a task has brought in one piece.
    lengths = [length for length in range(3, len(whole)) if not is_command(whole[length])]
    cuts = [WorkflowHistory("recorded-crowded", whole[:length]) for length in lengths]
    reports = [report async for report in replay_all(cuts, masters=Masters([KEY]))]
    assert [(report.events, report.differences) for report in reports if not report.identical] == []
    assert [report.events for report in reports] == lengths


async def test_history_that_was_cut_off_inside_a_task_is_found() -> None:
    history = life("crowded")
    last = max(i for i, event in enumerate(history.events) if is_command(event))
    found = (await strictly(WorkflowHistory(history.workflow_id, history.events[:last]))).differences
    assert found[-1].recorded == "nothing"


# --- chains


async def test_state_that_was_altered_between_two_runs_is_found() -> None:
    runs = runs_of("continued_as_new")
    await edited(runs[1].events[0], lambda start: {**start, "continue_after": 31})
    reports = await replay_chain(runs, masters=Masters([KEY]))
    assert reports[0].identical
    assert reports[1].differences[0].place == "link to the run before, state: continue_after"


async def test_run_that_is_missing_is_found() -> None:
    first, *_, last = runs_of("continued_as_new")
    last.events[0].workflow_execution_started_event_attributes.original_execution_run_id = "another"
    reports = await replay_chain([first, last], masters=Masters([KEY]))
    assert reports[1].differences[0].place == "link to the run before, run"


async def test_chain_without_its_beginning_is_found() -> None:
    reports = await replay_chain(runs_of("continued_as_new")[1:], masters=Masters([KEY]))
    assert reports[0].differences[0].place == "link to the run before, run"


async def test_state_that_is_handed_on_differently_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    start = module.Start
    monkeypatch.setattr(module, "Start", lambda **given: start(**{**given, "continue_after": 1000}))
    found = (await replay_chain(runs_of("continued_as_new"), masters=Masters([KEY])))[0].differences
    assert [difference.place for difference in found] == ["continuing as new, argument: continue_after"]


# --- what cannot be replayed


async def test_encrypted_history_without_a_key_is_refused_clearly() -> None:
    with pytest.raises(KeyMissing, match="REDRESS_ENCRYPTION_KEY"):
        await replay(life("reopened"), masters=None)


async def test_wrong_key_is_refused_clearly() -> None:
    with pytest.raises(KeyWrong):
        await replay(life("reopened"), masters=Masters([generate_key()]))


async def test_history_with_a_hole_is_refused() -> None:
    history = life("reopened")
    with pytest.raises(NoHistory, match="missing"):
        await strictly(WorkflowHistory(history.workflow_id, [*history.events[:7], *history.events[8:]]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '"x"',
        '{"events": []}',
        '{"runs": []}',
        '{"events": [{"eventId": "x"}]}',
        '{"events": 3}',
    ],
)
def test_file_that_holds_no_history_is_refused(text: str) -> None:
    with pytest.raises(ReplayImpossible):
        load(text)


def test_history_of_another_workflow_is_refused() -> None:
    history = life("reopened")
    history.events[0].workflow_execution_started_event_attributes.workflow_type.name = "Invoice"
    with pytest.raises(NoHistory, match="Invoice"):
        load(history.to_json())


# --- files


def test_export_reads_back_as_it_was() -> None:
    runs = runs_of("continued_as_new")
    again = load(dump("recorded-continued_as_new", runs))
    assert [list(run.events) for run in again] == [list(run.events) for run in runs]


async def test_history_as_the_temporal_command_prints_it_replays() -> None:
    [run] = load(life("resolved_at_first_contact").to_json())
    report = await strictly(run)
    assert (report.number, report.identical) == ("recorded-resolved_at_first_contact", True)
