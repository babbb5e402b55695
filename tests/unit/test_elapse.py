"""What time alone brings, when it is looked at in time, late, and with a command waiting behind a deadline."""

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.decide import CLOCK_SKEW
from complaints.elapse import elapse, next_due
from complaints.errors import TimeOutOfBounds
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName, NoticeKind, Verdict
from complaints.state import State
from complaints.vocabulary import ENGINE, Role
from complaints.working_time import local_time
from complaints.zones import resolve
from tests.lives import (
    DAY,
    HOUR,
    INSTANT,
    MINUTE,
    MONDAY,
    Life,
    at_stage,
    daily_policy,
    example,
    hours,
    with_ladder,
)

# --- thresholds


def test_nothing_is_due_before_a_complaint_is_registered() -> None:
    unborn = State(number="hotline-2031", policy=builtin())
    assert next_due(unborn) is None
    assert elapse(unborn, MONDAY) == []


def test_an_instant_before_the_deadline_there_is_no_breach_and_on_it_there_is() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.wait(5 * DAY - INSTANT)
    assert not life.facts(consequences.ClockBreached)
    life.wait(INSTANT)
    assert [fact.clock for fact in life.facts(consequences.ClockBreached)] == ["follow_up/1"]


def test_each_warning_goes_once_to_who_works_it() -> None:
    life = at_stage(Stage.SOLUTION)
    life.wait_until(life.clock(ClockName.SOLUTION).warn_at[1])
    assert [fact.percent for fact in life.facts(consequences.ClockWarned) if fact.clock == "solution/1"] == [
        50,
        80,
    ]
    assert life.state.notices["hotline-2031:solution/1@50:handler:zhang.wei"].kind == NoticeKind.WARNING


def test_before_anybody_is_assigned_warnings_go_to_the_customer_service_department() -> None:
    life = at_stage(Stage.INTAKE)
    life.wait(12 * HOUR)
    assert "hotline-2031:first_contact/1@50:customer_service" in life.state.notices


def test_after_an_outage_every_threshold_fires_once_in_order_with_its_true_time() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.MakePromise, life, due_at=life.now + 10 * HOUR))
    promised = life.clock(ClockName.PROMISE)
    follow_up = life.clock(ClockName.FOLLOW_UP)
    brought = life.outage(9 * DAY).look()
    seen = [
        (type(e.fact), e.fact.clock, e.occurred_at)
        for e in brought
        if isinstance(e.fact, consequences.ClockWarned | consequences.ClockBreached)
    ]
    assert seen == [
        (consequences.ClockWarned, promised.key, promised.warn_at[0]),
        (consequences.ClockBreached, promised.key, promised.due_at),
        (consequences.ClockWarned, follow_up.key, follow_up.warn_at[0]),
        (consequences.ClockBreached, follow_up.key, follow_up.due_at),
    ]
    assert {(e.at, e.actor) for e in brought} == {(life.now, ENGINE)}
    assert all(fact.detected_at == life.now for fact in life.facts(consequences.ClockBreached))
    assert life.look() == []


def test_after_an_outage_people_get_their_full_time_to_acknowledge() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.outage(9 * DAY).look()
    assert life.escalation().rung == 0
    assert life.clock(ClockName.ACKNOWLEDGEMENT).due_at == life.now + 4 * HOUR


def test_a_backdated_complaint_breaches_at_once_but_is_acknowledged_from_detection() -> None:
    life = Life()
    life.do(example(c.Register), received_at=life.now - 3 * DAY)
    breached = {fact.clock: fact.due_at for fact in life.facts(consequences.ClockBreached)}
    assert breached["first_contact/1"] == life.now - 2 * DAY
    assert breached["intake/1"] == life.now - DAY
    assert {k.started_at for k in life.clocks(ClockName.ACKNOWLEDGEMENT)} == {life.now}


# --- the ladder


def missed_follow_up() -> Life:
    return at_stage(Stage.FOLLOW_UP).wait(5 * DAY)


def test_a_breach_climbs_from_the_lead_to_customer_service_to_the_executive() -> None:
    life = missed_follow_up()
    told = [life.escalation().audience]
    for _ in range(2):
        life.wait(4 * HOUR - INSTANT)
        assert life.escalation().audience == told[-1]
        life.wait(INSTANT)
        told.append(life.escalation().audience)
    assert told == [Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE]
    life.wait(30 * DAY)
    assert life.escalation().audience == Role.EXECUTIVE
    recipients = [n.recipient for n in life.state.notices.values() if n.kind == NoticeKind.ESCALATION]
    assert recipients == ["lead:billing", "customer_service", "executive"]


def test_a_missed_acknowledgement_is_a_breach_of_its_own() -> None:
    life = missed_follow_up()
    life.wait(4 * HOUR)
    first, second = life.clocks(ClockName.ACKNOWLEDGEMENT)
    assert (first.verdict, first.escalation) == (Verdict.BREACHED, "E1")
    assert second.is_ticking


def test_with_no_department_the_first_to_be_told_is_customer_service_and_the_reason_says_so() -> None:
    life = at_stage(Stage.INTAKE)
    life.wait(DAY)
    assert life.escalation().audience == Role.CUSTOMER_SERVICE
    assert "no department is assigned" in life.escalation().reason


def test_fulfilling_a_missed_duty_stands_its_escalation_down() -> None:
    life = missed_follow_up()
    life.do(example(c.RecordFollowUp), after=HOUR)
    assert not life.escalation().is_open
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.BREACHED
    assert life.clock(ClockName.ACKNOWLEDGEMENT).verdict == Verdict.VOID


def test_an_acknowledgement_on_the_dot_stops_the_climb() -> None:
    life = missed_follow_up()
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD, after=4 * HOUR)
    assert life.escalation().rung == 0
    life.wait(DAY)
    assert life.escalation().rung == 0


def test_a_last_rung_with_a_limit_is_missed_and_stays() -> None:
    first, second, last = builtin().ladder(None)
    policy = with_ladder(first, second, replace(last, acknowledge_within=hours(1)))
    life = at_stage(Stage.FOLLOW_UP, policy).wait(6 * DAY)
    assert life.escalation().audience == Role.EXECUTIVE
    assert [k.verdict for k in life.clocks(ClockName.ACKNOWLEDGEMENT)] == [Verdict.BREACHED] * 3


# --- a command that waits behind a deadline


def test_what_was_received_in_time_is_no_breach_though_processed_late() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    due = life.clock(ClockName.FOLLOW_UP).due_at
    life.outage(9 * DAY)
    life.do(example(c.RecordFollowUp), received_at=due)
    assert not life.facts(consequences.ClockBreached)
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.MET
    assert life.clock(ClockName.APPEAL).due_at == due + 15 * DAY


def test_what_was_received_late_is_a_breach_though_processed_with_the_timer() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    due = life.clock(ClockName.FOLLOW_UP).due_at
    life.outage(9 * DAY)
    life.do(example(c.RecordFollowUp), received_at=due + INSTANT)
    assert [fact.due_at for fact in life.facts(consequences.ClockBreached)] == [due]
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.BREACHED


def test_a_breach_that_was_seen_before_its_timely_fulfilment_arrived_is_withdrawn() -> None:
    life = missed_follow_up()
    due = life.clock(ClockName.FOLLOW_UP).due_at
    life.outage(HOUR)
    life.do(example(c.RecordFollowUp), received_at=due)
    assert life.facts(consequences.BreachWithdrawn) == [
        consequences.BreachWithdrawn(clock="follow_up/1", fulfilled_at=due)
    ]
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.MET
    assert not life.state.open_escalations()


def test_a_breach_whose_duty_had_fallen_away_in_time_is_withdrawn_too() -> None:
    life = missed_follow_up()
    due = life.clock(ClockName.FOLLOW_UP).due_at
    life.do(example(c.Withdraw), received_at=due - HOUR)
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.VOID
    assert life.clock(ClockName.FOLLOW_UP).breached_at is None


def test_a_duty_that_fell_away_too_late_stays_missed() -> None:
    life = missed_follow_up()
    life.do(example(c.Withdraw), after=INSTANT)
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.BREACHED


@pytest.mark.parametrize("kind", [c.RecordFollowUp, c.Withdraw])
@pytest.mark.parametrize("early", [-HOUR, timedelta(), HOUR])
def test_it_does_not_matter_whether_the_timer_or_the_command_comes_first(
    kind: type, early: timedelta
) -> None:
    verdicts = []
    for timer_first in (True, False):
        life = at_stage(Stage.FOLLOW_UP)
        due = life.clock(ClockName.FOLLOW_UP).due_at
        life.outage(5 * DAY + 2 * HOUR)
        if timer_first:
            life.look()
        life.do(example(kind), received_at=due - early)
        verdicts.append(
            [(k.key, k.verdict) for k in life.state.clocks.values() if k.name != "acknowledgement"]
        )
    assert verdicts[0] == verdicts[1]


def test_what_is_late_stands_an_escalation_down_no_earlier_than_it_was_opened() -> None:
    life = missed_follow_up()
    opened_at = life.escalation().opened_at
    life.do(example(c.RecordFollowUp), received_at=opened_at - DAY)
    assert life.escalation().resolved_at == opened_at
    assert life.clock(ClockName.ACKNOWLEDGEMENT).settled_at == opened_at


# --- received_at


def test_a_command_is_not_received_in_the_future() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.AddNote), received_at=life.now + CLOCK_SKEW)
    assert life.events[-1].occurred_at == life.now
    with pytest.raises(TimeOutOfBounds):
        life.do(example(c.AddNote), received_at=life.now + CLOCK_SKEW + INSTANT)


def test_a_command_is_not_received_longer_ago_than_the_policy_allows() -> None:
    life = Life()
    with pytest.raises(TimeOutOfBounds):
        life.do(example(c.Register), received_at=life.now - 90 * DAY - INSTANT)
    assert life.do(example(c.Register), received_at=life.now - 90 * DAY)


def test_a_command_is_never_judged_to_be_earlier_than_the_one_before() -> None:
    life = at_stage(Stage.INTAKE)
    before = life.now
    (noted,) = life.do(example(c.AddNote), after=DAY, received_at=before - HOUR)
    assert noted.occurred_at == before


def test_what_time_brought_does_not_hold_back_a_command_that_was_received_before() -> None:
    life = missed_follow_up()
    (noted,) = life.do(example(c.AddNote), received_at=life.now - DAY)
    assert (noted.occurred_at, noted.at) == (life.now - DAY, life.now)


def test_a_repeated_command_brings_nothing() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.AddNote), command_id="note-1")
    before = life.state
    assert life.do(example(c.AddNote), command_id="note-1", after=HOUR) == []
    assert life.state == before


# --- daily feedback


def test_feedback_is_due_each_local_day_at_the_time_the_policy_names() -> None:
    life = at_stage(Stage.INVESTIGATION)
    due = life.clock(ClockName.FEEDBACK).due_at
    assert local_time(life.state.policy.zone, due).isoformat() == "2026-03-03T17:00:00"
    life.do(example(c.GiveFeedback), at=due)
    assert life.clocks(ClockName.FEEDBACK)[0].verdict == Verdict.MET
    assert life.clock(ClockName.FEEDBACK).due_at == due + DAY


def test_feedback_given_the_day_before_does_not_count_for_today() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=14 * HOUR)
    assert life.clock(ClockName.FEEDBACK).is_ticking
    assert len(life.clocks(ClockName.FEEDBACK)) == 1


def test_feedback_just_after_local_midnight_counts_for_the_new_day() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=15 * HOUR)
    assert [k.verdict for k in life.clocks(ClockName.FEEDBACK)] == [Verdict.MET, None]


def test_a_day_without_feedback_escalates_to_the_lead() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at)
    assert (life.escalation().clock, life.escalation().audience) == ("feedback/1", Role.LEAD)


def test_feedback_later_that_day_stands_the_escalation_down_but_the_day_stays_missed() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at)
    life.do(example(c.GiveFeedback), after=HOUR)
    assert life.clocks(ClockName.FEEDBACK)[0].verdict == Verdict.BREACHED
    assert not life.escalation().is_open


def acknowledged_day(life: Life) -> Life:
    """A day without feedback whose lead said: I have it."""
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at)
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    return life


def test_a_second_day_without_feedback_climbs_instead_of_opening_another() -> None:
    life = acknowledged_day(at_stage(Stage.INVESTIGATION))
    life.wait(DAY - INSTANT)
    assert life.escalation().rung == 0
    life.wait(INSTANT)
    assert len(life.state.escalations) == 1
    assert life.escalation().audience == Role.CUSTOMER_SERVICE
    assert life.escalation().acknowledged_at is None


def test_a_second_day_opens_another_if_the_first_was_resolved_by_hand() -> None:
    life = acknowledged_day(at_stage(Stage.INVESTIGATION))
    life.do(example(c.ResolveEscalation, life), role=Role.LEAD)
    life.wait(DAY)
    assert [e.rung for e in life.state.escalations.values()] == [0, 0]


def test_feedback_after_several_missed_days_settles_them_all() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait(4 * DAY)
    life.do(example(c.GiveFeedback))
    *missed, today, running = life.clocks(ClockName.FEEDBACK)
    assert {k.verdict for k in missed} == {Verdict.BREACHED}
    assert (today.verdict, running.is_ticking) == (Verdict.MET, True)
    assert not life.state.open_escalations()


def test_days_missed_during_an_outage_are_all_recorded_and_nobody_is_passed_over() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.outage(4 * DAY).look()
    missed = [k for k in life.clocks(ClockName.FEEDBACK) if k.breached_at]
    assert [(k.due_at - MONDAY) // DAY for k in missed] == [1, 2, 3]
    assert {k.escalation for k in missed} == {"E1"}
    assert life.state.escalations["E1"].rung == 0


def test_reminders_are_spread_by_a_stable_offset_before_the_time_the_policy_names() -> None:
    numbers = [f"hotline-{n}" for n in range(40)]
    spread = set()
    for number in numbers:
        one, other = (at_stage(Stage.INTAKE, number=number).clock(ClockName.FEEDBACK) for _ in range(2))
        assert one.warn_at == other.warn_at
        spread.add(one.due_at - 2 * HOUR - one.warn_at[0])
    assert min(spread) >= timedelta()
    assert max(spread) <= 120 * MINUTE
    assert len(spread) > 20


def test_what_escalates_is_not_spread() -> None:
    due = {at_stage(Stage.INTAKE, number=f"web-{n}").clock(ClockName.FEEDBACK).due_at for n in range(9)}
    assert len(due) == 1


@pytest.mark.parametrize(
    ("registered", "due"),
    [
        ("2026-03-07T20:00:00", "2026-03-08T21:00:00"),  # the clocks go forward at two in the morning
        ("2026-10-31T20:00:00", "2026-11-01T22:00:00"),  # and back
    ],
)
def test_feedback_is_due_by_the_clock_on_the_wall_when_the_clocks_change(registered: str, due: str) -> None:
    in_new_york = replace(builtin().working_time(None), zone=resolve("America/New_York"))
    policy = replace(daily_policy(), calendars={"china": in_new_york})
    start = MONDAY.fromisoformat(f"{registered}+00:00")
    life = at_stage(Stage.INTAKE, policy, start=start)
    assert life.clock(ClockName.FEEDBACK).due_at == MONDAY.fromisoformat(f"{due}+00:00")
