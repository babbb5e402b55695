"""What was found by attacking the rules: odd policies, odd orders, late words. None of it may come back."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as c
from complaints import consequences, pinned, policy_file
from complaints.lifecycle import Stage
from complaints.policy import Rung, text_of
from complaints.policy_file import builtin
from complaints.records import ClockName, Verdict
from complaints.vocabulary import Role, Severity
from complaints.wire import Malformed
from tests.lives import (
    DAY,
    HOUR,
    Life,
    at_stage,
    days,
    example,
    hours,
    option,
    renewed,
    with_clock,
    with_ladder,
)

Change = Callable[[dict[str, Any]], object]


def _zone(policy: dict[str, Any]) -> dict[str, Any]:
    zone: dict[str, Any] = policy["calendars"]["china"]["zone"]
    return zone


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("ladders.default.0.audience", lambda p: p["ladders"]["default"][0].update(audience="auditor")),
        ("places.calendar", lambda p: p["places"].update(calendar="default.yaml\x00")),
        ("calendars.china.zone.name", lambda p: _zone(p).update(name="\x00")),
        ("calendars.china.zone.offsets", lambda p: _zone(p).update(offsets=_zone(p)["offsets"] * 2)),
        ("policy", lambda p: _zone(p).update(offsets=[{"since": "0001-01-01T00:00:00+09:00", "minutes": 0}])),
    ],
)
def test_a_policy_that_the_rules_could_not_work_with_is_refused_before_anybody_goes_by_it(
    field: str, change: Change
):
    policy = json.loads(text_of(builtin()))
    change(policy)
    with pytest.raises(Malformed) as refused:
        pinned.read(json.dumps(policy))
    assert [problem.field for problem in refused.value.problems] == [field]


def test_the_order_of_keys_in_a_policys_text_changes_nothing_that_is_decided():
    policy = builtin("power-utility")
    assert len(policy.statutory) > 1
    backwards = replace(policy, statutory=dict(reversed(list(policy.statutory.items()))))
    assert text_of(backwards) == text_of(policy)
    lives = Life(policy), Life(backwards)
    for life in lives:
        life.do(example(c.Register, category=next(iter(policy.categories))))
    assert lives[0].state.hash == lives[1].state.hash


LATE_RUNG = with_ladder(Rung(audience=Role.LEAD), Rung(audience=Role.CUSTOMER_SERVICE, after_due=hours(6)))


def test_a_rung_called_for_a_deadline_that_was_extended_in_time_is_called_again_for_the_new_one():
    life = at_stage(Stage.INVESTIGATION, LATE_RUNG)
    first = life.clock(ClockName.INVESTIGATION)
    until = first.due_at + 2 * DAY
    life.wait_until(first.due_at + 7 * HOUR)
    extension = example(c.GrantExtension, clock=first.key, until=until)
    life.do(extension, role=Role.LEAD, received_at=first.due_at - HOUR)
    life.wait_until(until + DAY)
    called = [fact for fact in life.facts(consequences.RungCalled) if fact.clock == first.key]
    assert [fact.called_for for fact in called] == [first.due_at + 6 * HOUR, until + 6 * HOUR]


def test_a_rung_called_for_a_deadline_before_a_wait_is_called_again_after_it():
    life = at_stage(Stage.INVESTIGATION, LATE_RUNG)
    first = life.clock(ClockName.INVESTIGATION)
    life.wait_until(first.due_at + 7 * HOUR)
    life.do(example(c.AwaitCustomer), received_at=first.due_at - HOUR)
    life.do(example(c.CustomerReplied))
    life.wait(2 * DAY)
    called = [fact for fact in life.facts(consequences.RungCalled) if fact.clock == first.key]
    assert [fact.called_for for fact in called] == [first.due_at + 6 * HOUR, first.due_at + 14 * HOUR]


def test_a_migration_takes_no_call_before_the_deadline_for_one_after_it():
    early = [Rung(audience=Role.LEAD, percent=percent) for percent in (50, 80)]
    life = at_stage(Stage.INVESTIGATION, with_ladder(*early, Rung(audience=Role.CUSTOMER_SERVICE)))
    life.wait_until(life.clock(ClockName.INVESTIGATION).due_at - HOUR)
    life.do(example(c.MigratePolicy, policy=text_of(renewed(LATE_RUNG))))
    clock = life.clock(ClockName.INVESTIGATION)
    assert (clock.call_rungs, clock.called) == ((1,), 0)


def test_a_follow_up_that_waits_and_has_no_target_is_a_fault_seen_at_once():
    patient = replace(builtin(), follow_up=replace(builtin().follow_up, delay=days(2)))
    life = at_stage(Stage.FOLLOW_UP, with_clock(ClockName.FOLLOW_UP, patient, budget=None))
    clock = life.clock(ClockName.FOLLOW_UP)
    assert clock.started_at == clock.due_at == clock.breached_at == life.now


@pytest.mark.parametrize("seen_first", [False, True])
def test_more_time_by_severity_holds_whether_the_deadline_or_the_change_is_processed_first(
    seen_first: bool,
):
    policy = with_clock(ClockName.INVESTIGATION, by_severity={Severity.LOW: days(9)})
    life = at_stage(Stage.INVESTIGATION, policy)
    due_at = life.clock(ClockName.INVESTIGATION).due_at
    life.wait_until(due_at + HOUR) if seen_first else life.outage(due_at + HOUR - life.now)
    life.do(example(c.ChangeSeverity, severity=Severity.LOW), received_at=due_at - HOUR)
    clock = life.clock(ClockName.INVESTIGATION)
    assert (clock.breached_at, clock.due_at) == (None, clock.started_at + 9 * DAY)
    assert not life.state.open_escalations(clock.key)


def test_less_time_by_severity_leaves_a_missed_deadline_where_it_was():
    policy = with_clock(ClockName.INVESTIGATION, by_severity={Severity.CRITICAL: days(1)})
    life = at_stage(Stage.INVESTIGATION, policy)
    life.wait_until(life.clock(ClockName.INVESTIGATION).due_at + HOUR)
    missed = life.clock(ClockName.INVESTIGATION)
    life.do(example(c.ChangeSeverity), received_at=missed.due_at - HOUR)
    assert life.clock(ClockName.INVESTIGATION) == missed


def test_a_complaint_whose_policy_forgot_the_appeal_window_ends_once_it_is_migrated():
    life = at_stage(Stage.CLOSED, with_clock(ClockName.APPEAL, budget=None))
    life.do(example(c.MigratePolicy, policy=text_of(renewed())))
    assert life.clocks(ClockName.APPEAL)[0].verdict == Verdict.BREACHED
    assert not life.state.open_escalations()
    life.wait(15 * DAY)
    assert life.state.stage == Stage.ENDED


def _told(life: Life, clock: str) -> list[str]:
    notices = [n for n in life.state.notices.values() if n.clock == clock and n.escalation]
    return [n.id for n in notices if n.queued_at == life.now]


def test_a_breach_is_told_although_a_migration_has_taken_the_rung_that_had_it():
    soon = hours(1)
    rungs = [
        Rung(audience=Role.LEAD, percent=50, acknowledge_within=soon),
        Rung(audience=Role.CUSTOMER_SERVICE, acknowledge_within=soon),
        Rung(audience=Role.EXECUTIVE),
    ]
    life = at_stage(Stage.INVESTIGATION, with_ladder(*rungs))
    clock = life.clock(ClockName.INVESTIGATION)
    life.wait_until(clock.due_at - HOUR)
    assert life.state.escalations[life.clock(ClockName.INVESTIGATION).escalation or ""].rung == 2
    life.do(example(c.MigratePolicy, policy=text_of(renewed(with_ladder(*rungs[:2])))))
    life.wait_until(clock.due_at)
    assert len(_told(life, clock.key)) == 1


def test_a_breach_is_told_although_nobody_above_can_be():
    rungs = [
        Rung(audience=Role.LEAD, percent=50),
        Rung(audience=Role.CUSTOMER_SERVICE, acknowledge_within=days(9)),
        Rung(audience=Role.LEAD),
    ]
    life = Life(with_ladder(*rungs))
    life.do(example(c.Register))
    clock = life.clock(ClockName.FIRST_CONTACT)
    life.wait_until(clock.due_at)
    assert [notice.endswith(":customer_service") for notice in _told(life, clock.key)] == [True]


def test_a_ladder_that_calls_no_last_resort_once_a_deadline_is_missed_is_refused():
    text = """
name: mine
version: "1"
title: {en: Mine, zh: 我的}
extends: default
ladders:
  default:
    - {audience: customer_service, percent: 50}
    - {audience: lead}
"""
    with pytest.raises(
        Malformed, match=r"mine.yaml:7: ladders.default: must name customer_service or executive"
    ):
        policy_file.read(text, name="mine.yaml")


@pytest.mark.parametrize("by", ["name", "word"])
def test_what_a_recused_person_had_taken_up_waits_for_somebody_else(by: str):
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Escalate))
    escalation = life.escalation().id
    if by == "name":
        life.do(example(c.ReassignEscalation, escalation=escalation, person="qian.duo"))
    else:
        life.do(example(c.AcknowledgeEscalation, escalation=escalation), id="qian.duo")
    life.do(example(c.Recuse, person="qian.duo"), after=HOUR)
    left = life.state.escalations[escalation]
    assert (left.person, left.acknowledged_by, left.called_at) == (None, None, life.now)
    assert life.clock(ClockName.ACKNOWLEDGEMENT).is_ticking


def test_an_approval_that_nobody_decided_is_watched_again_in_the_next_round():
    life = at_stage(Stage.SOLUTION)
    dear = option(life, 3000)
    life.do(example(c.RequestApproval, option=dear))
    life.do(example(c.AdmitUnsolvable))
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    life.do(example(c.RecordFindings))
    waiting = life.clock(ClockName.APPROVAL)
    assert (waiting.subject, waiting.is_ticking) == ("R1", True)
    life.do(example(c.Approve, option=dear), role=Role.LEAD)
    assert life.clock(ClockName.APPROVAL).verdict == Verdict.MET


def test_a_pinned_policy_has_its_keys_in_one_order_whatever_text_it_came_in():
    policy = builtin("power-utility")
    backwards = dict(reversed(list(json.loads(text_of(policy))["statutory"].items())))
    text = json.dumps(
        {**json.loads(text_of(policy)), "title": {"en": "B", "zh": "B"}, "statutory": backwards}
    )
    read = pinned.read(text)
    assert list(read.statutory) == sorted(read.statutory)
    assert pinned.shared(read) is read
