"""Recorded histories replay strictly, and a changed workflow is found out."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.workflow import sleep

from audit.replay import replay_chain
from audit.tape import Tape
from complaints.changes import changes
from complaints.elapse import next_due
from complaints.events import FACTS
from complaints.policy import ClockRule, Policy
from complaints.records import ClockName, Move
from complaints.state import State
from complaints.view import answer
from db.masters import Masters
from tests.replay.histories import (
    FILES,
    HERE,
    KEY,
    ROOT,
    VERSION,
    facts_of,
    first,
    life,
    plainly,
    recorded,
    strictly,
)
from tests.replay.scripts import HURRYING, JUMPING
from workflows import complaint as module
from workflows.complaint import Complaint
from workflows.converter import _JSON

# --- what was recorded


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_recorded_life_replays_identically(path: Path) -> None:
    reports = await replay_chain(recorded(path), masters=Masters([KEY]))
    assert [difference for report in reports for difference in report.differences] == []
    assert sum(report.events for report in reports) >= 15


def test_every_release_has_recorded_every_life() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(\d+\.\d+\.\d+)\](?! - never released)", changelog, re.MULTILINE)
    assert VERSION in releases
    for release in releases:
        assert list((HERE / release).glob("*.json")), f"make record-histories for {release}"
    lives = {path.stem for path in (HERE / VERSION).glob("*.json")}
    assert lives == {script.__name__ for script in (*JUMPING, *HURRYING)}


def test_recorded_lives_hold_what_they_are_for() -> None:
    kinds = {path.stem: path.read_text(encoding="utf-8") for path in (HERE / VERSION).glob("*.json")}
    assert kinds["missed_deadline"].count("TIMER_FIRED") >= 3
    assert (
        kinds["missed_deadline"].count("EVENT_TYPE_ACTIVITY_TASK_FAILED") >= 1
    )  # a service that refuses for good
    assert kinds["continued_as_new"].count("EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW") >= 2
    assert sum(len(text) for text in kinds.values()) < 166_000 * len(kinds)  # a repository stays small


async def test_recorded_lives_write_every_kind_of_fact() -> None:
    runs = [run for path in (HERE / VERSION).glob("*.json") for run in recorded(path)]
    facts = [fact for run in runs for fact in await facts_of(run)]
    assert {fact["type"] for fact in facts} == set(FACTS)
    assert {fact["why"] for fact in facts if fact["type"] == "ClockMoved"} == set(Move)


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
    by_the_book = Policy.rule

    def generous(self: Policy, name: ClockName, subject: str = "") -> ClockRule:
        rule = by_the_book(self, name, subject)
        if rule.budget is None:
            return rule
        return dataclasses.replace(
            rule, budget=dataclasses.replace(rule.budget, amount=rule.budget.amount + 1)
        )

    monkeypatch.setattr(Policy, "rule", generous)
    found = await strictly(life("missed_deadline"))
    assert found.differences[0].event_id <= first(life("missed_deadline"), "activity_task_scheduled").event_id
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
    timers = []

    def with_another_timer(self: Complaint) -> None:
        keep_time(self)
        timers.append(asyncio.create_task(sleep(60)))

    monkeypatch.setattr(Complaint, "_keep_time", with_another_timer)
    found = await strictly(life("missed_deadline"))
    assert (found.differences[0].recorded, found.differences[0].now) == ("nothing", "timer 2")


async def test_code_that_breaks_down_is_a_difference_and_quiet(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: Any) -> None:
        raise KeyError("王秀英")

    monkeypatch.setattr(module, "changes", broken)
    history = life("missed_deadline")
    [only] = (await strictly(history)).differences
    assert (only.event_id, only.place) == (first(history, "workflow_task_started").event_id, "workflow task")
    assert "王秀英" in only.now
    said = "".join(capfd.readouterr()) + caplog.text
    assert "王秀英" not in said
    assert "WARN" not in said


async def test_no_task_of_a_replay_waits_for_its_converters(monkeypatch: pytest.MonkeyPatch) -> None:
    adapters, create = _JSON._type_adapter, Tape.create_instance
    built: list[int] = []

    def create_instance(self: Tape, details: Any) -> Any:
        built.append(adapters.cache_info().misses)
        return create(self, details)

    monkeypatch.setattr(Tape, "create_instance", create_instance)
    adapters.cache_clear()
    assert (await strictly(life("missed_deadline"))).identical
    assert adapters.cache_info().misses - built[0] == 1, "of Any, which takes no time"


@pytest.mark.parametrize("known", [1, 2, 3])
async def test_run_that_has_decided_nothing_yet_replays(known: int) -> None:
    history = life("full_negotiation")
    report = await strictly(WorkflowHistory(history.workflow_id, history.events[:known]))
    assert report.identical
