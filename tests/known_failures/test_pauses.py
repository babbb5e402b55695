"""Pauses that other products lose: when the rule changes, and when the work is done without resuming it first."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints import clocks, consequences
from complaints import commands as c
from complaints.explain import of_complaint
from complaints.lifecycle import Stage
from complaints.policy import Policy, text_of
from complaints.policy_file import builtin
from complaints.records import ClockName, Verdict
from complaints.vocabulary import PauseOwner, Severity
from tests.lives import DAY, HOUR, Life, at_stage, days, example, hours, renewed, with_clock
from tests.workflow.cases import A_LITTLE, Case
from tests.workflow.conftest import Opens

NINE_HOURS_IF_CRITICAL = with_clock(
    ClockName.INVESTIGATION, budget=days(5), by_severity={Severity.CRITICAL: hours(9)}
)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def worked_for_two_hours(policy: Policy) -> Life:
    """Under investigation since two hours, and now waiting for the customer."""
    life = at_stage(Stage.INVESTIGATION, policy)
    life.do(example(c.AwaitCustomer, life), after=2 * HOUR)
    return life


# --- GLPI #6902: a ticket stood on hold when its urgency was raised. The new agreement knew nothing of the hold, so it
# was overdue at once although nobody could have worked on it.


def test_glpi_6902_a_clock_on_hold_is_not_missed_when_the_severity_rises() -> None:
    life = worked_for_two_hours(NINE_HOURS_IF_CRITICAL).wait(3 * DAY)
    life.do(example(c.ChangeSeverity, life))
    life.wait(DAY)
    assert "investigation/1" not in [fact.clock for fact in life.facts(consequences.ClockBreached)]
    life.do(example(c.CustomerReplied, life))
    clock = life.clock(ClockName.INVESTIGATION)
    assert clock.due_at == clock.started_at + 9 * HOUR + 4 * DAY
    assert clocks.time_left(life.state.policy, clock, life.now) == 7 * HOUR


def test_glpi_6902_a_change_of_policy_keeps_the_pause() -> None:
    life = worked_for_two_hours(builtin()).wait(3 * DAY)
    shorter = renewed(with_clock(ClockName.INVESTIGATION, budget=hours(9)))
    life.do(example(c.MigratePolicy, life, policy=text_of(shorter)))
    assert life.clock(ClockName.INVESTIGATION).paused_at is not None
    life.do(example(c.CustomerReplied, life), after=DAY)
    clock = life.clock(ClockName.INVESTIGATION)
    assert clock.breached_at is None
    assert clock.due_at == clock.started_at + 9 * HOUR + 4 * DAY


def test_glpi_6902_a_change_of_department_keeps_the_pause() -> None:
    life = worked_for_two_hours(builtin()).wait(3 * DAY)
    before = life.clock(ClockName.INVESTIGATION)
    life.do(example(c.Reassign, life))
    assert life.clock(ClockName.INVESTIGATION) == before


async def test_glpi_6902_on_the_server_the_timer_of_the_new_severity_waits_for_the_customer_too(
    open_case: Opens,
) -> None:
    case: Case = await open_case(NINE_HOURS_IF_CRITICAL)
    await case.to(Stage.INVESTIGATION)
    await case.do(c.AwaitCustomer)
    await case.wait(HOUR)
    await case.do(c.ChangeSeverity)
    await case.wait(DAY)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is None
    await case.do(c.CustomerReplied)
    clock = await case.clock(ClockName.INVESTIGATION)
    assert abs(clock.due_at - clock.started_at - 9 * HOUR - DAY - HOUR) < 10 * A_LITTLE
    await case.wait_until(clock.due_at)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is not None


# --- GLPI #15605: the hold was over when the agreement changed; the new one was counted from the opening of the ticket,
# as if it had never been on hold.


def test_glpi_15605_a_pause_that_is_over_counts_for_the_new_severity() -> None:
    life = worked_for_two_hours(NINE_HOURS_IF_CRITICAL)
    life.do(example(c.CustomerReplied, life), after=3 * DAY)
    life.do(example(c.ChangeSeverity, life), after=HOUR)
    clock = life.clock(ClockName.INVESTIGATION)
    assert clock.due_at == clock.started_at + 9 * HOUR + 3 * DAY
    assert clocks.time_left(life.state.policy, clock, life.now) == 6 * HOUR


def test_glpi_15605_every_pause_counts_for_the_new_policy() -> None:
    life = worked_for_two_hours(builtin())
    life.do(example(c.CustomerReplied, life), after=DAY)
    life.do(example(c.AwaitCustomer, life, owner=PauseOwner.VENDOR), after=HOUR)
    life.do(example(c.CustomerReplied, life), after=2 * DAY)
    other = renewed(with_clock(ClockName.INVESTIGATION, budget=hours(9)))
    life.do(example(c.MigratePolicy, life, policy=text_of(other)))
    clock = life.clock(ClockName.INVESTIGATION)
    assert clock.due_at == clock.started_at + 9 * HOUR + 3 * DAY


def test_glpi_15605_a_pause_keeps_its_working_time_when_the_unit_of_the_budget_changes() -> None:
    """Eight business hours from Thursday at nine; two of them used when the wait begins, which lasts over a weekend.

    With what is left the deadline is Tuesday at half past nine. Two working days instead would have ended on Monday at
    nine: 12½ hours of work after the wait began, which are Wednesday at nine after it ended.
    """
    life = at_stage(Stage.INVESTIGATION, builtin("power-utility"), start=shanghai("2026-03-05T09:00"))
    assert life.clock(ClockName.INVESTIGATION).due_at == shanghai("2026-03-06T09:30")
    life.do(example(c.AwaitCustomer, life), at=shanghai("2026-03-05T11:00"))
    life.do(example(c.CustomerReplied, life), at=shanghai("2026-03-09T11:00"))
    assert life.clock(ClockName.INVESTIGATION).due_at == shanghai("2026-03-10T09:30")
    life.do(example(c.ChangeSeverity, life, severity=Severity.NORMAL))
    assert life.clock(ClockName.INVESTIGATION).due_at == shanghai("2026-03-11T09:00")


# --- frappe/helpdesk #3776: a ticket resolved straight from hold. Its hold was only added up when the hold ended, after
# the time it took had been computed: half a year on hold counted as work.


def test_helpdesk_3776_what_is_finished_while_it_stands_still_is_judged_by_when_it_stopped() -> None:
    life = worked_for_two_hours(builtin()).wait(42 * DAY)
    life.do(example(c.RecordFindings, life))
    clock = life.clock(ClockName.INVESTIGATION)
    assert (clock.verdict, clock.breached_at) == (Verdict.MET, None)


def test_helpdesk_3776_the_time_it_took_leaves_out_a_pause_that_nobody_ended() -> None:
    life = worked_for_two_hours(builtin()).wait(42 * DAY)
    life.do(example(c.RecordFindings, life))
    explained = {each.clock: each for each in of_complaint(life.state, life.events, now=life.now)}
    investigation = explained["investigation/1"]
    assert (investigation.used, investigation.left) == (2 * HOUR, 5 * DAY - 2 * HOUR)


def test_helpdesk_3776_what_runs_over_all_stages_is_met_straight_from_a_pause() -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.PlanAction, life, due_at=life.now + 80 * DAY))
    life.do(example(c.AwaitCustomer, life), after=DAY)
    life.do(example(c.CompleteAction, life), after=42 * DAY)
    assert life.clock(ClockName.OVERALL).verdict == Verdict.MET


def test_helpdesk_3776_the_last_word_from_a_pause_closes_with_nothing_missed() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.AwaitCustomer, life), after=DAY)
    life.do(example(c.RecordFollowUp, life), after=42 * DAY)
    assert life.state.stage == Stage.CLOSED
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.MET


def test_helpdesk_3776_the_next_stage_begins_with_its_whole_budget_though_nobody_ended_the_pause() -> None:
    life = worked_for_two_hours(builtin()).wait(42 * DAY)
    life.do(example(c.RecordFindings, life))
    assert life.clock(ClockName.SOLUTION).paused_at == life.now
    life.do(example(c.CustomerReplied, life), after=DAY)
    assert life.clock(ClockName.SOLUTION).due_at == life.now + 5 * DAY


@pytest.mark.parametrize("late", [HOUR, 42 * DAY])
def test_helpdesk_3776_a_duty_missed_before_the_pause_stays_missed(late: timedelta) -> None:
    life = at_stage(Stage.INVESTIGATION).wait(6 * DAY)
    life.do(example(c.AwaitCustomer, life))
    life.do(example(c.RecordFindings, life), after=late)
    assert life.clock(ClockName.INVESTIGATION).verdict == Verdict.BREACHED
