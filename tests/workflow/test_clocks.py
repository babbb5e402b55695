"""Deadlines on the real server: each is seen at its instant, and what stops a clock stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.errors import ExtensionsExhausted, PolicyUnreadable
from complaints.lifecycle import Stage
from complaints.policy import Rung, fingerprint, text_of
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName, NoticeStatus, Verdict
from complaints.vocabulary import Role
from complaints.working_time import add
from db import queries
from tests.lives import DAY, HOUR, MINUTE, business_hours, days, hours, renewed, with_clock, with_ladder
from tests.workflow.cases import A_LITTLE, Case
from tests.workflow.conftest import UNREACHABLE, Opens

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
    for late, audience in ((0, Role.LEAD), (4, Role.CUSTOMER_SERVICE), (8, Role.EXECUTIVE)):
        await case.wait_until(clock.due_at + late * HOUR)
        escalation = await case.escalation(clock)
        assert escalation.audience == audience
        called.append(escalation.called_at - clock.due_at)
    assert [round(after / HOUR, 2) for after in called] == [0, 4, 8]
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
    for more in (2, 4):
        await case.do(c.GrantExtension, role=Role.LEAD, clock=clock.key, until=clock.due_at + more * DAY)
    await case.wait_until(clock.due_at + 3 * DAY)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is None
    with pytest.raises(ExtensionsExhausted):
        await case.do(c.GrantExtension, role=Role.LEAD, clock=clock.key, until=clock.due_at + 9 * DAY)
    await case.wait_until(clock.due_at + 4 * DAY)
    assert (await case.clock(ClockName.INVESTIGATION)).breached_at is not None


async def test_a_deadline_in_working_time_is_seen_at_its_very_instant(open_case: Opens) -> None:
    case = await open_case(with_clock(ClockName.FIRST_CONTACT, budget=business_hours(9)))
    clock = await case.clock(ClockName.FIRST_CONTACT)
    assert clock.due_at == add(clock.started_at, business_hours(9), builtin().working_time(None))
    await case.wait_until(clock.due_at)
    missed = await case.clock(ClockName.FIRST_CONTACT)
    assert missed.breached_at is not None
    assert NO_TIME_AT_ALL <= missed.breached_at - clock.due_at < A_LITTLE


async def test_a_rung_is_called_before_the_deadline_and_the_next_one_after_it(open_case: Opens) -> None:
    case = await open_case(
        with_ladder(
            Rung(audience=Role.CUSTOMER_SERVICE, percent=50),
            Rung(audience=Role.EXECUTIVE),
        )
    )
    clock = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(clock.call_at[0])
    escalation = await case.escalation(clock)
    assert (escalation.cause, escalation.audience) == (Cause.AT_RISK, Role.CUSTOMER_SERVICE)
    await case.wait_until(clock.due_at)
    assert (await case.escalation(clock)).audience == Role.EXECUTIVE


async def test_an_escalation_that_is_handed_on_has_its_time_anew(case: Case) -> None:
    await case.do(c.Assign)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(clock.due_at + 3 * HOUR)
    escalation = await case.escalation(clock)
    await case.do(c.ReassignEscalation, escalation=escalation.id, role=Role.LEAD)
    await case.wait(3 * HOUR)
    assert (await case.escalation(clock)).audience == Role.LEAD
    await case.wait(HOUR + MINUTE)
    assert (await case.escalation(clock)).audience == Role.CUSTOMER_SERVICE


async def test_a_migrated_complaint_is_watched_by_its_new_deadlines(case: Case) -> None:
    other = renewed(with_clock(ClockName.FIRST_CONTACT, budget=hours(6)))
    await case.do(c.MigratePolicy, policy=text_of(other))
    view = await case.look()
    assert (view.policy_version, view.policy_sha256) == ("3", fingerprint(other))
    clock = await case.clock(ClockName.FIRST_CONTACT)
    assert clock.due_at == clock.started_at + 6 * HOUR
    await case.wait_until(clock.due_at)
    assert (await case.clock(ClockName.FIRST_CONTACT)).breached_at is not None
    facts = await case.facts()  # recorded, though its policy was not among the records before
    assert "PolicyMigrated" in facts


async def test_policies_that_follow_one_another_at_once_are_all_on_record(case: Case, engine: Engine) -> None:
    policies = [renewed(with_clock(ClockName.FIRST_CONTACT, budget=hours(each))) for each in (6, 7)]
    for policy in policies:  # within the gap between two recordings
        await case.do(c.MigratePolicy, policy=text_of(policy))
    await case.wait(MINUTE)
    await case.facts()
    with Session(engine) as session:
        assert [queries.policy(session, fingerprint(policy)) is None for policy in policies] == [False, False]


@pytest.mark.parametrize("text", ["no policy at all", "[" * 50_000], ids=["words", "deep"])
async def test_a_migration_to_what_is_no_policy_is_refused_and_the_complaint_goes_on(
    case: Case, text: str
) -> None:
    with pytest.raises(PolicyUnreadable):
        await case.do(c.MigratePolicy, policy=text)
    await case.do(c.AddNote)
    assert (await case.look()).policy_version == builtin().version


async def test_a_second_call_is_owed_after_the_complaint_was_closed(open_case: Opens) -> None:
    rule = replace(builtin().follow_up, second_call=days(3))
    case = await open_case(replace(builtin(), follow_up=rule))
    await case.to(Stage.CLOSED)
    clock = await case.clock(ClockName.SECOND_CALL)
    await case.wait_until(clock.due_at)
    assert (await case.escalation(clock)).is_open
    await case.do(c.RecordSecondCall, still_settled=False, words="还是不行")
    view = await case.look()
    assert (view.stage, view.cycle) == (Stage.INVESTIGATION, 2)
