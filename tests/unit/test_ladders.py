"""Ladders: who is called when, who is called next, and when nobody needs to be called any more."""

from __future__ import annotations

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.delivery import Delivery, record_delivery
from complaints.errors import AlreadyDone, LastRung, NotYourEscalation
from complaints.lifecycle import Stage
from complaints.policy import Policy, Rung, text_of
from complaints.records import Cause, Clock, ClockName, Escalation, Verdict
from complaints.vocabulary import Actor, Role
from tests.lives import (
    DAY,
    HOUR,
    INSTANT,
    Life,
    at_stage,
    business_hours,
    example,
    hours,
    renewed,
    with_clock,
    with_ladder,
)

EARLY = with_ladder(
    Rung(audience=Role.LEAD, percent=80, acknowledge_within=hours(4)),
    Rung(audience=Role.CUSTOMER_SERVICE, acknowledge_within=hours(4)),
    Rung(audience=Role.EXECUTIVE),
)
"""The lead is called at eighty percent, customer service at the deadline."""

TIMED = with_ladder(
    Rung(audience=Role.LEAD, acknowledge_within=hours(4)),
    Rung(audience=Role.CUSTOMER_SERVICE, after_due=hours(24), acknowledge_within=hours(4)),
    Rung(audience=Role.EXECUTIVE, after_due=hours(72)),
)
"""Later rungs are called by time, whatever was answered below."""

SUN_HAO = Actor(id="sun.hao", role=Role.LEAD, department="metering")


def promised(policy: Policy | None = None) -> Life:
    """At follow-up, where nothing else is due soon, with a promise for tomorrow: a clock of a day."""
    life = at_stage(Stage.FOLLOW_UP, policy)
    life.do(example(c.MakePromise, life))
    return life


def missed(policy: Policy | None = None) -> Life:
    """The promise was broken just now, and the first rung was called."""
    return promised(policy).wait(DAY)


def promise(life: Life) -> Clock:
    return life.clock(ClockName.PROMISE)


def told(life: Life) -> list[str]:
    return [notice.recipient for notice in life.state.notices.values() if notice.escalation]


# --- before the deadline


def test_a_rung_by_percent_is_called_before_the_deadline() -> None:
    life = promised(EARLY).wait(0.8 * DAY - INSTANT)
    assert not life.state.escalations
    life.wait(INSTANT)
    assert (life.escalation().cause, life.escalation().audience) == (Cause.AT_RISK, Role.LEAD)
    assert promise(life).breached_at is None


def test_at_the_breach_the_same_escalation_climbs() -> None:
    life = promised(EARLY).wait(0.8 * DAY)
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    life.wait_until(promise(life).due_at)
    assert [e.audience for e in life.state.escalations.values()] == [Role.CUSTOMER_SERVICE]
    assert promise(life).escalation == life.escalation().id


def test_who_was_called_for_the_risk_and_climbed_is_passed_by_at_the_breach() -> None:
    """Nobody answered before the deadline, so customer service was called then; at the breach it is the executive."""
    life = promised(EARLY).wait(0.8 * DAY + 4 * HOUR)
    assert life.escalation().audience == Role.CUSTOMER_SERVICE
    life.wait_until(promise(life).due_at)
    assert life.escalation().audience == Role.EXECUTIVE


def test_the_last_rung_that_knew_of_the_risk_is_told_of_the_breach() -> None:
    policy = with_ladder(
        Rung(audience=Role.LEAD, percent=50, acknowledge_within=hours(1)),
        Rung(audience=Role.CUSTOMER_SERVICE, acknowledge_within=hours(2)),
    )
    life = promised(policy).wait(0.5 * DAY + HOUR)
    life.do(example(c.AcknowledgeEscalation, life))
    life.wait_until(promise(life).due_at)
    assert told(life) == ["lead:billing", "customer_service", "customer_service"]
    assert life.escalation().acknowledged_at is None


def test_a_duty_done_after_the_call_stands_the_risk_down() -> None:
    life = promised(EARLY).wait(0.8 * DAY)
    life.do(example(c.KeepPromise, life))
    assert not life.escalation().is_open
    assert promise(life).verdict == Verdict.MET


def test_more_time_stands_the_risk_down() -> None:
    life = promised(EARLY).wait(0.8 * DAY)
    life.do(example(c.GrantExtension, life, clock="promise/1", until=life.now + 3 * DAY))
    assert not life.escalation().is_open
    assert life.clock(ClockName.ACKNOWLEDGEMENT).verdict == Verdict.VOID


def test_a_risk_that_stood_down_opens_another_when_it_is_missed_after_all() -> None:
    life = promised(EARLY).wait(0.8 * DAY)
    life.do(example(c.GrantExtension, life, clock="promise/1", until=life.now + 3 * DAY))
    life.wait_until(promise(life).due_at)
    assert [e.cause for e in life.state.escalations.values()] == [Cause.AT_RISK, Cause.BREACH]


def test_a_risk_that_somebody_resolved_opens_another_when_it_is_missed_after_all() -> None:
    life = promised(EARLY).wait(0.8 * DAY)
    life.do(example(c.ResolveEscalation, life), role=Role.LEAD)
    life.wait_until(promise(life).due_at)
    assert [e.is_open for e in life.state.escalations.values()] == [False, True]
    assert life.escalation().audience == Role.CUSTOMER_SERVICE


# --- after the deadline


def test_a_rung_after_the_deadline_is_called_though_the_one_below_acknowledged() -> None:
    life = missed(TIMED)
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    life.wait(DAY - INSTANT)
    assert life.escalation().audience == Role.LEAD
    life.wait(INSTANT)
    assert life.escalation().audience == Role.CUSTOMER_SERVICE
    life.do(example(c.AcknowledgeEscalation, life))
    life.wait(2 * DAY)
    assert life.escalation().audience == Role.EXECUTIVE


def test_a_rung_after_the_deadline_is_not_called_once_the_duty_is_done() -> None:
    life = missed(TIMED)
    life.do(example(c.KeepPromise, life), after=HOUR)
    life.wait(3 * DAY)
    assert told(life) == ["lead:billing"]


def test_a_rung_whose_time_comes_after_it_was_reached_is_not_called_twice() -> None:
    life = missed(TIMED)
    life.do(example(c.DeclineEscalation, life), role=Role.LEAD)
    life.do(example(c.AcknowledgeEscalation, life))
    life.wait(DAY)
    assert told(life) == ["lead:billing", "customer_service"]
    assert life.escalation().acknowledged_at is not None


def test_a_resolved_escalation_of_an_open_duty_is_opened_anew_by_the_next_rung() -> None:
    life = missed(TIMED)
    life.do(example(c.ResolveEscalation, life), role=Role.LEAD)
    life.wait(DAY)
    first, second = life.state.escalations.values()
    assert (first.is_open, second.audience, second.cause) == (False, Role.CUSTOMER_SERVICE, Cause.BREACH)
    assert promise(life).escalation == second.id


def test_an_escalation_opened_anew_stands_down_when_the_duty_is_done() -> None:
    life = missed(TIMED)
    life.do(example(c.ResolveEscalation, life), role=Role.LEAD)
    life.wait(DAY)
    life.do(example(c.KeepPromise, life))
    assert not life.state.open_escalations()


def test_after_an_outage_every_rung_is_called_once_in_order_with_its_true_time() -> None:
    life = promised(TIMED)
    due_at = promise(life).due_at
    brought = life.outage(4.5 * DAY).look()
    steps = (consequences.ClockBreached, consequences.RungCalled)
    seen = [(type(e.fact), e.occurred_at) for e in brought if isinstance(e.fact, steps)]
    assert seen == [
        (consequences.ClockBreached, due_at),
        (consequences.RungCalled, due_at + DAY),
        (consequences.RungCalled, due_at + 3 * DAY),
    ]
    assert told(life) == ["lead:billing", "customer_service", "executive"]
    assert life.look() == []


def test_a_pause_moves_the_calls_to_come() -> None:
    policy = with_clock(ClockName.SOLUTION, TIMED)
    life = at_stage(Stage.SOLUTION, policy)
    before = life.clock(ClockName.SOLUTION).call_at
    life.do(example(c.AwaitCustomer, life), after=DAY)
    life.do(example(c.CustomerReplied, life), after=2 * DAY)
    assert life.clock(ClockName.SOLUTION).call_at == tuple(at + 2 * DAY for at in before)


# --- which ladder


def test_a_clock_climbs_the_ladder_its_rule_names() -> None:
    policy = with_clock(
        ClockName.PROMISE, with_ladder(Rung(audience=Role.EXECUTIVE), name="promises"), ladder="promises"
    )
    assert missed(policy).escalation().audience == Role.EXECUTIVE
    life = at_stage(Stage.FOLLOW_UP, policy).wait(5 * DAY)
    assert life.escalation().audience == Role.LEAD


def test_an_escalation_goes_on_up_the_ladder_it_began_on() -> None:
    ladder = (Rung(audience=Role.LEAD, acknowledge_within=hours(1)), Rung(audience=Role.EXECUTIVE))
    policy = with_clock(ClockName.PROMISE, with_ladder(*ladder, name="short"), ladder="short")
    life = missed(policy).wait(HOUR)
    assert (life.escalation().ladder, life.escalation().audience) == ("short", Role.EXECUTIVE)


def test_without_a_department_no_lead_is_told_on_any_rung() -> None:
    policy = with_ladder(
        Rung(audience=Role.CUSTOMER_SERVICE, percent=50),
        Rung(audience=Role.LEAD),
        Rung(audience=Role.EXECUTIVE),
    )
    life = at_stage(Stage.INTAKE, policy).wait(DAY)
    (first_contact,) = (e for e in life.state.escalations.values() if e.clock == "first_contact/1")
    assert first_contact.audience == Role.EXECUTIVE
    assert not [recipient for recipient in told(life) if recipient.startswith("lead")]


# --- time to answer


def test_the_time_to_acknowledge_counts_in_the_rungs_own_working_time() -> None:
    life = missed(with_ladder(Rung(audience=Role.LEAD, acknowledge_within=business_hours(8))))
    clock = life.clock(ClockName.ACKNOWLEDGEMENT)
    assert (clock.started_at, clock.due_at) == (life.now, life.now + DAY + HOUR / 2)


def test_the_time_to_acknowledge_may_count_around_the_clock() -> None:
    clock = missed().clock(ClockName.ACKNOWLEDGEMENT)
    assert clock.due_at == clock.started_at + 4 * HOUR


# --- handed on


def hand_on(life: Life, **fields: object) -> Escalation:
    life.do(example(c.ReassignEscalation, life, **fields), role=Role.LEAD)
    return life.escalation()


def test_who_an_escalation_is_handed_to_is_called() -> None:
    life = missed()
    escalation = hand_on(life)
    assert (escalation.department, escalation.rung, escalation.calls) == ("metering", 0, 2)
    assert told(life) == ["lead:billing", "lead:metering"]


def test_who_an_escalation_is_handed_to_has_the_same_time_to_acknowledge() -> None:
    life = missed().wait(3 * HOUR)
    hand_on(life)
    first, second = life.clocks(ClockName.ACKNOWLEDGEMENT)
    assert (first.verdict, second.due_at) == (Verdict.VOID, life.now + 4 * HOUR)


def test_an_escalation_handed_on_climbs_when_nobody_acknowledges() -> None:
    life = missed()
    hand_on(life)
    life.wait(4 * HOUR)
    assert life.escalation().audience == Role.CUSTOMER_SERVICE


def test_an_escalation_handed_on_is_acknowledged_by_the_other_and_not_by_the_first() -> None:
    life = missed()
    hand_on(life)
    with pytest.raises(NotYourEscalation):
        life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    life.do(example(c.AcknowledgeEscalation, life), actor=SUN_HAO)
    assert life.escalation().acknowledged_by == "sun.hao"


def test_an_escalation_may_be_handed_to_one_person() -> None:
    life = missed()
    hand_on(life, department="billing", person="qian.duo")
    assert told(life)[-1] == "person:qian.duo"
    qian_duo = Actor(id="qian.duo", role=Role.LEAD, department="billing")
    assert life.do(example(c.AcknowledgeEscalation, life), actor=qian_duo)


def test_an_escalation_may_be_handed_on_and_back_and_each_is_called_again() -> None:
    life = missed()
    hand_on(life)
    life.do(example(c.ReassignEscalation, life, department="billing", reason="Not our meter."), actor=SUN_HAO)
    assert told(life) == ["lead:billing", "lead:metering", "lead:billing"]


def test_what_was_acknowledged_is_not_any_more_once_it_is_handed_on() -> None:
    life = missed()
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    assert hand_on(life).acknowledged_at is None


def test_who_climbs_past_a_person_waits_for_a_role_again() -> None:
    life = missed()
    hand_on(life, department="billing", person="qian.duo")
    life.wait(4 * HOUR)
    assert life.escalation().person is None


# --- declined


def test_a_declined_escalation_climbs_at_once() -> None:
    life = missed()
    life.do(example(c.DeclineEscalation, life), role=Role.LEAD)
    assert life.escalation().audience == Role.CUSTOMER_SERVICE
    assert life.clocks(ClockName.ACKNOWLEDGEMENT)[0].verdict == Verdict.VOID


def test_an_escalation_that_was_acknowledged_may_still_be_declined() -> None:
    life = missed()
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    life.do(example(c.DeclineEscalation, life), role=Role.LEAD)
    assert (life.escalation().audience, life.escalation().acknowledged_at) == (Role.CUSTOMER_SERVICE, None)


def test_the_last_rung_cannot_be_declined() -> None:
    life = missed().wait(8 * HOUR)
    with pytest.raises(LastRung) as refused:
        life.do(example(c.DeclineEscalation, life), role=Role.EXECUTIVE)
    assert refused.value.possible == ("reassign_escalation", "resolve_escalation")


@pytest.mark.parametrize("kind", [c.DeclineEscalation, c.ReassignEscalation])
def test_what_is_over_is_neither_declined_nor_handed_on(kind: type) -> None:
    life = missed()
    life.do(example(c.ResolveEscalation, life), role=Role.LEAD)
    with pytest.raises(AlreadyDone):
        life.do(example(kind, life), role=Role.LEAD)


@pytest.mark.parametrize("kind", [c.DeclineEscalation, c.ReassignEscalation])
def test_an_escalation_of_others_is_neither_declined_nor_handed_on(kind: type) -> None:
    life = missed()
    with pytest.raises(NotYourEscalation):
        life.do(example(kind, life), actor=SUN_HAO)


# --- another policy


def test_a_shorter_ladder_of_another_policy_ends_the_climb_on_its_last_rung() -> None:
    life = promised(TIMED)
    short = renewed(with_ladder(Rung(audience=Role.CUSTOMER_SERVICE)))
    life.do(example(c.MigratePolicy, life, policy=text_of(short)))
    life.wait(5 * DAY)
    assert {e.audience for e in life.state.escalations.values()} == {Role.CUSTOMER_SERVICE}


# --- what is on record


def test_a_breach_tells_its_three_times() -> None:
    life = promised()
    life.outage(DAY + HOUR).look()
    notice = next(n.id for n in life.state.notices.values() if n.escalation)
    life.now += HOUR
    delivery = Delivery(notice=notice, channel="mail", receipt="250 OK", failed=False)
    life.take(record_delivery(life.state, delivery, life.now))
    clock = promise(life)
    assert clock.breached_at == clock.due_at + HOUR
    assert clock.delivered_at == clock.due_at + 2 * HOUR


def test_a_notice_of_a_risk_is_no_notice_of_the_breach() -> None:
    life = promised(EARLY).wait(0.8 * DAY)
    notice = next(n.id for n in life.state.notices.values() if n.escalation)
    life.wait_until(promise(life).due_at)
    delivery = Delivery(notice=notice, channel="mail", receipt="250 OK", failed=False)
    life.take(record_delivery(life.state, delivery, life.now))
    assert promise(life).delivered_at is None


def test_everybody_who_is_called_is_told_once() -> None:
    life = missed()
    life.wait(3 * DAY)
    assert told(life) == ["lead:billing", "customer_service", "executive"]


def test_a_notice_stays_with_the_rung_that_it_called() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait_until(life.clock(ClockName.INVESTIGATION).due_at + 5 * HOUR)
    about = life.clock(ClockName.INVESTIGATION).escalation
    told = [n for n in life.state.notices.values() if n.escalation == about]
    assert [notice.rung for notice in told] == [0, 1]
    assert life.state.escalations[about or ""].rung == 1
