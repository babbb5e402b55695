"""Whole lives on the real server, from registration to the last word."""

from __future__ import annotations

import pytest

from complaints import commands as c
from complaints.errors import AlreadyClosed
from complaints.lifecycle import Stage
from complaints.records import Cause, ClockName
from complaints.vocabulary import Outcome, Role
from tests.lives import DAY, HOUR, NOBODY_KNOWN
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens


async def test_a_full_life_ends_with_the_appeal_window_and_its_result(case: Case) -> None:
    await case.to(Stage.CLOSED)
    assert await case.is_running()
    await case.wait_until((await case.clock(ClockName.APPEAL)).due_at)
    result = await case.result()
    assert (result.stage, result.outcome) == (Stage.ENDED, Outcome.RESOLVED)
    facts = await case.facts()
    assert len(facts) == result.seq
    assert (facts[0], facts[-1]) == ("Registered", "StageEntered")


async def test_a_complaint_resolved_at_first_contact_skips_the_long_way(case: Case) -> None:
    await case.do(c.RecordFirstContact)
    await case.do(c.Classify)
    await case.do(c.ResolveAtFirstContact, role=Role.DESK)
    await case.do(c.RecordFollowUp)
    view = await case.look()
    assert (view.stage, view.outcome) == (Stage.CLOSED, Outcome.RESOLVED_AT_FIRST_CONTACT)


async def test_a_dissatisfied_customer_gets_a_second_round_and_the_department_is_told(case: Case) -> None:
    await case.to(Stage.FOLLOW_UP)
    await case.do(c.RecordFollowUp, satisfied=False, score=1, words="还是错的")
    view = await case.look()
    assert (view.stage, view.cycle, view.round) == (Stage.INVESTIGATION, 1, 2)
    (escalation,) = view.escalations.values()
    assert (escalation.cause, escalation.audience) == (Cause.DISSATISFIED, Role.CUSTOMER_SERVICE)
    await case.to(Stage.CLOSED)
    assert (await case.look()).round == 2


async def test_a_closed_complaint_is_reopened_within_the_appeal_window(case: Case) -> None:
    await case.to(Stage.CLOSED)
    await case.wait_until((await case.clock(ClockName.APPEAL)).due_at - HOUR)
    await case.do(c.Reopen)
    view = await case.look()
    assert (view.stage, view.cycle, view.round) == (Stage.INVESTIGATION, 2, 1)
    await case.wait(2 * HOUR)
    assert await case.is_running()


async def test_after_the_appeal_window_nothing_reopens_a_complaint(case: Case) -> None:
    await case.to(Stage.CLOSED)
    await case.wait_until((await case.clock(ClockName.APPEAL)).due_at)
    await case.result()
    for late in (c.Reopen, c.AddNote, c.Register):
        with pytest.raises(AlreadyClosed):
            await case.do(late)


async def test_an_ended_complaint_can_still_be_looked_at(case: Case) -> None:
    await case.do(c.Assign)
    await case.do(c.Transfer)
    await case.result()
    view = await case.look()
    assert (view.stage, view.outcome, view.may) == (Stage.ENDED, Outcome.TRANSFERRED, ())


async def test_a_withdrawn_complaint_runs_no_clock_but_the_appeal_windows(case: Case) -> None:
    await case.to(Stage.SOLUTION)
    await case.do(c.Withdraw)
    view = await case.look()
    assert (view.stage, view.outcome) == (Stage.CLOSED, Outcome.WITHDRAWN)
    assert [clock.name for clock in view.clocks.values() if clock.is_open] == [ClockName.APPEAL]
    await case.wait(16 * DAY)
    result = await case.result()
    assert result.outcome == Outcome.WITHDRAWN
    assert not any(clock.breached_at for clock in (await case.look()).clocks.values())


async def test_a_month_of_silence_neither_loses_a_complaint_nor_floods_anybody(case: Case) -> None:
    """Nobody ever touches it. Each rung is told once, and each day without feedback is on record."""
    await case.do(c.Assign)
    for _ in range(3):
        await case.wait(10 * DAY)
    view = await case.look()
    assert view.stage == Stage.INTAKE
    missed = [k for k in view.clocks.values() if k.name == ClockName.FEEDBACK and k.breached_at]
    assert 28 <= len(missed) <= 30
    told = [notice.recipient for notice in view.notices.values() if notice.escalation]
    assert len(told) == len({(n.recipient, n.escalation) for n in view.notices.values() if n.escalation})
    assert len(told) <= 15


async def test_an_anonymous_report_owes_nobody_a_call(open_case: Opens) -> None:
    case = await open_case(customer=NOBODY_KNOWN)
    await case.do(c.Classify)
    await case.do(c.Assign)
    view = await case.look()
    assert view.stage == Stage.INVESTIGATION
    names = {clock.name for clock in view.clocks.values()}
    assert not names & {ClockName.FIRST_CONTACT, ClockName.FEEDBACK}
