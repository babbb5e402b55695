"""Recorded histories replay strictly, and a strict replay is not easily pleased."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import sleep

from audit.export import dump, load
from audit.replay import Report, replay, replay_all, replay_chain
from audit.sealed import KeyMissing, KeyWrong, NoHistory, ReplayImpossible
from complaints.changes import changes
from complaints.elapse import next_due
from complaints.policy import Policy
from complaints.state import State
from complaints.view import answer
from tests.replay.scripts import HURRYING, JUMPING
from workflows import complaint as module
from workflows.complaint import Complaint
from workflows.converter import EncryptionCodec, data_converter, generate_key

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEY = base64.b64decode((HERE / "key.txt").read_text().split()[-1])
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
FILES = sorted(HERE.glob("*/*.json"))


@lru_cache(maxsize=32)
def _read(path: Path) -> list[WorkflowHistory]:
    return load(path.read_text(encoding="utf-8"))


def life(name: str) -> WorkflowHistory:
    """A copy of a recorded history, to be changed at will."""
    [run] = _read(HERE / VERSION / f"{name}.json")
    return WorkflowHistory(run.workflow_id, list(History(events=run.events).events))


async def strictly(history: WorkflowHistory) -> Report:
    return await replay(history, key=KEY)


async def plainly(history: WorkflowHistory) -> Exception | None:
    """What the SDK's own Replayer has against it."""
    replayer = Replayer(
        workflows=[Complaint], data_converter=data_converter(KEY), workflow_runner=UnsandboxedWorkflowRunner()
    )
    return (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure


# --- what was recorded


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_recorded_life_replays_identically(path: Path) -> None:
    reports = await replay_chain(_read(path), key=KEY)
    assert [difference for report in reports for difference in report.differences] == []
    assert sum(report.events for report in reports) >= 20


def test_every_release_has_recorded_every_life() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert VERSION in releases
    for release in releases:
        assert list((HERE / release).glob("*.json")), f"make record-histories for {release}"
    recorded = {path.stem for path in (HERE / VERSION).glob("*.json")}
    assert recorded == {script.__name__ for script in (*JUMPING, *HURRYING)}


def test_recorded_lives_hold_what_they_are_for() -> None:
    kinds = {path.stem: path.read_text(encoding="utf-8") for path in (HERE / VERSION).glob("*.json")}
    assert kinds["missed_deadline"].count("TIMER_FIRED") >= 3
    assert (
        kinds["missed_deadline"].count("EVENT_TYPE_ACTIVITY_TASK_FAILED") >= 1
    )  # a service that refuses for good
    assert kinds["continued_as_new"].count("EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW") >= 2
    assert sum(len(text) for text in kinds.values()) < 1_500_000


# --- a changed workflow


Change = Callable[[pytest.MonkeyPatch], None]


def later_timers(patch: pytest.MonkeyPatch) -> None:
    def later(state: State) -> Any:
        due = next_due(state)
        return due and due + timedelta(seconds=1)

    patch.setattr(module, "next_due", later)


def other_timeout(patch: pytest.MonkeyPatch) -> None:
    recording = {**module.RECORDING, "start_to_close_timeout": timedelta(seconds=31)}
    patch.setattr(module, "RECORDING", recording)


def other_retries(patch: pytest.MonkeyPatch) -> None:
    policy = dataclasses.replace(module.DELIVERING["retry_policy"], maximum_attempts=3)  # type: ignore[type-var]
    patch.setattr(module, "DELIVERING", {**module.DELIVERING, "retry_policy": policy})


def other_queue(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "DELIVERING", {**module.DELIVERING, "task_queue": "elsewhere"})


def other_argument(patch: pytest.MonkeyPatch) -> None:
    def difficult(*given: Any) -> Any:
        found = changes(*given)
        return dataclasses.replace(found, head=dataclasses.replace(found.head, difficult=True))

    patch.setattr(module, "changes", difficult)


def other_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "answer", lambda *given: dataclasses.replace(answer(*given), handler="somebody"))


def other_search_attribute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(State, "open_escalations", lambda _: [])


UNSEEN_BY_THE_SDK: dict[Change, str] = {
    later_timers: "timer 1, duration",
    other_timeout: "activity 1 (record), start_to_close_timeout",
    other_retries: "(deliver), retry attempts",
    other_queue: "(deliver), task queue",
    other_argument: "activity 1 (record), argument: changes.head.difficult",
    other_answer: "answer to command c2, answer: handler",
}


@pytest.mark.parametrize("change", UNSEEN_BY_THE_SDK, ids=lambda change: change.__name__)
async def test_change_that_the_sdk_overlooks_is_named(
    monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    history = life("missed_deadline")
    change(monkeypatch)
    assert await plainly(history) is None
    found = await strictly(history)
    assert UNSEEN_BY_THE_SDK[change] in found.differences[0].place
    assert found.differences[0].recorded != found.differences[0].now
    monkeypatch.undo()
    assert (await strictly(history)).identical


async def test_other_budget_is_found_at_the_first_deadline_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    by_the_book = Policy.clock

    def generous(self: Policy, name: Any) -> Any:
        rule = by_the_book(self, name)
        if rule.budget is None:
            return rule
        return dataclasses.replace(
            rule, budget=dataclasses.replace(rule.budget, amount=rule.budget.amount + 1)
        )

    monkeypatch.setattr(Policy, "clock", generous)
    found = await strictly(life("missed_deadline"))
    assert found.differences[0].event_id <= 6
    assert any("due_at" in difference.place for difference in found.differences)
    assert any("duration" in difference.place for difference in found.differences)


def no_deliveries(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Complaint, "_start_deliveries", lambda _: None)


def no_search_attributes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Complaint, "_show", lambda _: None)


def no_records(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Complaint, "_start_recording", lambda _: None)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (no_deliveries, "(deliver)"),
        (no_search_attributes, "search attributes"),
        (no_records, "activity 1 (record)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_command_that_is_no_longer_given_is_named(
    monkeypatch: pytest.MonkeyPatch, change: Change, missing: str
) -> None:
    change(monkeypatch)
    first = (await strictly(life("missed_deadline"))).differences[0]
    assert missing in first.recorded
    assert missing not in first.now


async def test_command_that_was_never_recorded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_time = Complaint._keep_time

    def with_another_timer(self: Complaint) -> None:
        keep_time(self)
        module.asyncio.create_task(sleep(60))

    monkeypatch.setattr(Complaint, "_keep_time", with_another_timer)
    found = await strictly(life("missed_deadline"))
    assert (found.differences[0].recorded, found.differences[0].now) == ("nothing", "timer 2")


async def test_code_that_breaks_down_is_a_difference_and_quiet(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: Any) -> None:
        raise KeyError("王秀英")

    monkeypatch.setattr(module, "changes", broken)
    [only] = (await strictly(life("missed_deadline"))).differences
    assert (only.event_id, only.place) == (3, "workflow task")
    assert "王秀英" in only.now
    said = "".join(capfd.readouterr()) + caplog.text
    assert "王秀英" not in said
    assert "WARN" not in said


# --- a changed history


async def edited(event: HistoryEvent, edit: Callable[[Any], Any]) -> None:
    """Change what an event carries, the way a forger would who has the key."""
    codec = EncryptionCodec(KEY)
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


def first(history: WorkflowHistory, field: str) -> HistoryEvent:
    return next(event for event in history.events if event.HasField(f"{field}_event_attributes"))  # type: ignore[arg-type]


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
    reports = [report async for report in replay_all(cuts, key=KEY)]
    assert [(report.events, report.differences) for report in reports if not report.identical] == []
    assert [report.events for report in reports] == lengths


async def test_history_that_was_cut_off_inside_a_task_is_found() -> None:
    history = life("crowded")
    last = max(i for i, event in enumerate(history.events) if is_command(event))
    found = (await strictly(WorkflowHistory(history.workflow_id, history.events[:last]))).differences
    assert found[-1].recorded == "nothing"


# --- chains


def chain() -> list[WorkflowHistory]:
    return [
        WorkflowHistory(run.workflow_id, list(History(events=run.events).events))
        for run in _read(HERE / VERSION / "continued_as_new.json")
    ]


async def test_state_that_was_altered_between_two_runs_is_found() -> None:
    runs = chain()
    await edited(runs[1].events[0], lambda start: {**start, "continue_after": 56})
    reports = await replay_chain(runs, key=KEY)
    assert reports[0].identical
    assert reports[1].differences[0].place == "link to the run before, state: continue_after"


async def test_run_that_is_missing_is_found() -> None:
    runs = chain()
    del runs[1]
    reports = await replay_chain(runs, key=KEY)
    assert reports[1].differences[0].place == "link to the run before, run"


async def test_chain_without_its_beginning_is_found() -> None:
    reports = await replay_chain(chain()[1:], key=KEY)
    assert reports[0].differences[0].place == "link to the run before, run"


async def test_state_that_is_handed_on_differently_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    start = module.Start
    monkeypatch.setattr(module, "Start", lambda **given: start(**{**given, "continue_after": 1000}))
    found = (await replay_chain(chain(), key=KEY))[0].differences
    assert [difference.place for difference in found] == ["continuing as new, argument: continue_after"]


# --- what cannot be replayed


async def test_encrypted_history_without_a_key_is_refused_clearly() -> None:
    with pytest.raises(KeyMissing, match="REDRESS_ENCRYPTION_KEY"):
        await replay(life("reopened"), key=None)


@pytest.mark.parametrize("key", [generate_key(), b"short"])
async def test_wrong_key_is_refused_clearly(key: bytes) -> None:
    with pytest.raises(KeyWrong):
        await replay(life("reopened"), key=key)


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
    runs = _read(HERE / VERSION / "continued_as_new.json")
    again = load(dump("recorded-continued_as_new", runs))
    assert [list(run.events) for run in again] == [list(run.events) for run in runs]


async def test_history_as_the_temporal_command_prints_it_replays() -> None:
    [run] = load(life("resolved_at_first_contact").to_json())
    report = await strictly(run)
    assert (report.number, report.identical) == ("recorded-resolved_at_first_contact", True)
