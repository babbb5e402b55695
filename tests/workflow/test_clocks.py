"""Deadlines on the real server: each is seen at its instant, and what stops a clock stops it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import commands as c
from complaints.errors import ExtensionsExhausted
from complaints.lifecycle import Stage
from complaints.records import ClockName, NoticeStatus, Verdict
from complaints.vocabulary import Role
from tests.lives import DAY, HOUR, MINUTE
from tests.workflow.cases import A_LITTLE, Case
from tests.workflow.conftest import UNREACHABLE

NO_TIME_AT_ALL = timedelta(0)


async def test_a_first_contact_in_time_stops_its_clock(case: Case) -> None:
    await case.wait(23 * HOUR)
    await case.do(c.RecordFirstContact)
    await case.wait(2 * HOUR)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    assert (clock.verdict, clock.breached_at) == (Verdict.MET, None)
    assert all(e.clock != clock.key for e in (await case.look()).escalations.values())


async def test_half_and_four_fifths_of_the_time_are_told(case: Case) -> None:
    await case.wait(12 * HOUR - MINUTE)
    assert (await case.clock(ClockName.FIRST_CONTACT)).warned == 0
    await case.wait(2 * MINUTE)
    assert (await case.clock(ClockName.FIRST_CONTACT)).warned == 1
    await case.wait(8 * HOUR)
    assert (await case.clock(ClockName.FIRST_CONTACT)).warned == 2


async def test_a_missed_first_contact_escalates_at_its_very_instant(case: Case) -> None:
    due_at = (await case.clock(ClockName.FIRST_CONTACT)).due_at
    await case.wait_until(due_at - MINUTE)
    assert (await case.clock(ClockName.FIRST_CONTACT)).breached_at is None
    await case.wait_until(due_at)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    assert clock.breached_at is not None
    assert NO_TIME_AT_ALL <= clock.breached_at - due_at < A_LITTLE
    assert (await case.escalation(clock)).audience == Role.CUSTOMER_SERVICE  # nobody else is assigned


async def test_the_ladder_is_climbed_until_somebody_has_it(case: Case) -> None:
    await case.do(c.Assign)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    called = []
    for hours, audience in ((0, Role.LEAD), (4, Role.CUSTOMER_SERVICE), (8, Role.EXECUTIVE)):
        await case.wait_until(clock.due_at + hours * HOUR)
        escalation = await case.escalation(clock)
        assert escalation.audience == audience
        called.append(escalation.called_at - clock.due_at)
    assert [round(late / HOUR, 2) for late in called] == [0, 4, 8]
    await case.wait(2 * DAY)
    told = [n for n in (await case.look()).notices.values() if n.escalation == escalation.id]
    assert [notice.recipient for notice in told] == ["lead:billing", "customer_service", "executive"]
    assert {notice.status for notice in told} == {NoticeStatus.OUTBOX}


async def test_an_acknowledgement_stops_the_climb(case: Case) -> None:
    await case.do(c.Assign)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(clock.due_at)
    escalation = await case.escalation(clock)
    await case.do(c.AcknowledgeEscalation, escalation=escalation.id, role=Role.LEAD)
    await case.wait(5 * HOUR)
    escalation = await case.escalation(clock)
    assert (escalation.audience, escalation.acknowledged_by) == (Role.LEAD, "chen.jing")


async def test_the_ladder_is_climbed_past_a_lead_whom_no_notice_reaches(case: Case) -> None:
    await case.do(c.Assign, department=UNREACHABLE)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(clock.due_at + 4 * HOUR)
    escalation = await case.escalation(clock)
    assert escalation.audience == Role.CUSTOMER_SERVICE
    told = [n for n in (await case.look()).notices.values() if n.escalation == escalation.id]
    assert [notice.status for notice in told] == [NoticeStatus.FAILED, NoticeStatus.OUTBOX]


async def test_a_kept_promise_stops_its_clock(case: Case) -> None:
    await case.do(c.MakePromise)
    await case.wait(DAY - HOUR)
    await case.do(c.KeepPromise)
    await case.wait(2 * HOUR)
    assert (await case.clock(ClockName.PROMISE)).verdict == Verdict.MET


async def test_a_broken_promise_escalates_like_any_missed_deadline(case: Case) -> None:
    await case.to(Stage.EXECUTION)
    await case.do(c.MakePromise)
    clock = await case.clock(ClockName.PROMISE)
    await case.wait_until(clock.due_at)
    escalation = await case.escalation(clock)
    assert (escalation.audience, escalation.department) == (Role.LEAD, "billing")
    await case.do(c.KeepPromise)
    assert (await case.clock(ClockName.PROMISE)).verdict == Verdict.BREACHED  # late is late
    assert not (await case.escalation(clock)).is_open  # but nobody has to see to it any more


async def test_a_day_without_feedback_escalates_and_the_next_day_begins(case: Case) -> None:
    await case.do(c.RecordFirstContact)
    await case.do(c.Assign)
    first = await case.clock(ClockName.FEEDBACK)
    await case.wait_until(first.due_at)
    view = await case.look()
    assert view.clocks[first.key].breached_at is not None
    assert (await case.escalation(first)).audience == Role.LEAD
    assert (await case.clock(ClockName.FEEDBACK)).due_at == first.due_at + DAY


async def test_feedback_every_day_keeps_everybody_quiet(case: Case) -> None:
    await case.to(Stage.INVESTIGATION)
    for _ in range(3):
        await case.do(c.GiveFeedback)
        await case.wait_until((await case.clock(ClockName.FEEDBACK)).due_at - HOUR)
    view = await case.look()
    days = [clock for clock in view.clocks.values() if clock.name == ClockName.FEEDBACK]
    assert len(days) >= 3
    assert all(clock.breached_at is None for clock in days)
    assert not view.escalations


async def test_clocks_stand_still_for_forty_two_days_but_the_wait_itself_is_watched(case: Case) -> None:
    await case.to(Stage.INVESTIGATION)
    before = await case.clock(ClockName.INVESTIGATION)
    await case.do(c.AwaitCustomer)
    wait = await case.clock(ClockName.WAITING)
    await case.wait(42 * DAY)
    await case.do(c.CustomerReplied)
    after = await case.clock(ClockName.INVESTIGATION)
    assert after.breached_at is None
    assert abs(after.due_at - before.due_at - 42 * DAY) < MINUTE
    assert (await case.escalation(wait)).audience == Role.EXECUTIVE  # ten days were allowed, nobody stirred
    await case.wait_until(after.due_at)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is not None


async def test_an_extended_deadline_counts_instead_of_the_old_one(case: Case) -> None:
    await case.to(Stage.INVESTIGATION)
    clock = await case.clock(ClockName.INVESTIGATION)
    for days in (2, 4):
        await case.do(c.GrantExtension, role=Role.LEAD, clock=clock.key, until=clock.due_at + days * DAY)
    await case.wait_until(clock.due_at + 3 * DAY)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is None
    with pytest.raises(ExtensionsExhausted):
        await case.do(c.GrantExtension, role=Role.LEAD, clock=clock.key, until=clock.due_at + 9 * DAY)
    await case.wait_until(clock.due_at + 4 * DAY)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is not None
