"""A complaint that is taken over from another system: its past is on record, and nobody is told of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from complaints import commands as c
from complaints import consequences as facts
from complaints.commands import Envelope
from complaints.errors import ConflictOfInterest, NotYourRole, TimeOutOfBounds
from complaints.forms import Assignment, Closing, Imported
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName, Verdict
from complaints.state import State
from complaints.turn import take_turn
from complaints.vocabulary import Actor, Outcome, Role, Severity
from tests.lives import (
    DAY,
    HOUR,
    MONDAY,
    NOBODY_KNOWN,
    PEOPLE,
    Life,
    at_stage,
    days,
    example,
    hours,
    renewed,
    with_clock,
)

OLD_CRM = Actor(id="hotline", role=Role.SYSTEM)


def taken_over(
    received: timedelta,
    *,
    life: Life | None = None,
    actor: Actor = PEOPLE[Role.CUSTOMER_SERVICE],
    first_contact: timedelta | None = None,
    closed: timedelta | None = None,
    outcome: Outcome = Outcome.RESOLVED,
    at: datetime = MONDAY,
    of_registration: dict[str, Any] | None = None,
    **known: Any,
) -> Life:
    """A complaint that is imported now; everything that happened before is said as so long ago."""
    life = life or Life()
    now = life.now
    imported: dict[str, Any] = dict(known)
    if first_contact is not None:
        imported["first_contact_at"] = now - first_contact
    if closed is not None:
        imported["closed"] = Closing(at=now - closed, outcome=outcome)
    form = example(
        c.Register, imported=Imported(at=at, origin="old.csv:7", **imported), **(of_registration or {})
    )
    life.receive(Envelope(id="import", actor=actor, received_at=now - received, command=form))
    return life


# --- the door


def test_it_is_received_when_it_was_received_however_long_ago():
    life = taken_over(800 * DAY)
    assert life.state.received_at == MONDAY - 800 * DAY


def test_without_being_imported_it_may_not_be_so_old():
    with pytest.raises(TimeOutOfBounds):
        Life().do(example(c.Register), received_at=MONDAY - 800 * DAY)


@pytest.mark.parametrize("role", [Role.DESK, Role.HANDLER, Role.LEAD])
def test_who_may_not_import_is_refused(role: Role):
    with pytest.raises(NotYourRole):
        taken_over(DAY, actor=PEOPLE[role])


def test_a_system_imports_what_bears_its_name():
    assert taken_over(DAY, actor=OLD_CRM).state.stage == Stage.INTAKE


def test_a_system_imports_nothing_of_another():
    with pytest.raises(NotYourRole):
        taken_over(DAY, actor=PEOPLE[Role.SYSTEM])


@pytest.mark.parametrize(
    "dates",
    [
        {"first_contact": 3 * DAY},
        {"closed": 3 * DAY},
        {"closed": -DAY},
        {"first_contact": -DAY},
        {"first_contact": HOUR, "closed": 2 * HOUR},
    ],
    ids=[
        "heard before received",
        "closed before received",
        "closed in the future",
        "heard in the future",
        "heard after closing",
    ],
)
def test_dates_in_no_possible_order_are_refused(dates: dict[str, Any]):
    with pytest.raises(TimeOutOfBounds):
        taken_over(2 * DAY, **dates)


def test_it_is_taken_over_now_at_the_latest():
    life = taken_over(2 * DAY, at=MONDAY + 40 * DAY)
    assert life.state.taken_over_at == MONDAY


def test_who_is_named_in_it_does_not_answer_for_it():
    named = Assignment(department="billing", handler="zhang.wei")
    with pytest.raises(ConflictOfInterest):
        taken_over(DAY, assigned=named, of_registration={"named": ("zhang.wei",)})


# --- what fell due before


def test_clocks_run_from_when_it_was_received():
    life = taken_over(2 * HOUR)
    assert life.clock(ClockName.FIRST_CONTACT).due_at == MONDAY + 22 * HOUR


def test_what_was_missed_before_is_on_record_with_its_due_time():
    life = taken_over(30 * DAY)
    missed = {f.clock: f.due_at for f in life.facts(facts.ClockBreached)}
    assert missed["overall/1"] == MONDAY - 10 * DAY


def test_warnings_of_before_are_on_record():
    life = taken_over(30 * DAY)
    assert [f.percent for f in life.facts(facts.ClockWarned) if f.clock == "overall/1"] == [75, 90]


def test_nobody_is_told_of_what_was_before():
    assert not taken_over(800 * DAY).state.notices


def test_a_thousand_overdue_ones_tell_nobody():
    told = [taken_over((3 + n / 2) * DAY + HOUR / 7).state.notices for n in range(1000)]
    assert not any(told)


def test_nobody_has_to_answer_for_what_was_before():
    life = taken_over(800 * DAY)
    assert not life.state.open_escalations()
    assert not life.clocks(ClockName.ACKNOWLEDGEMENT)


def test_a_dangerous_and_difficult_one_tells_nobody_either():
    said = {
        "description": "The cable is on fire, the newspaper and the regulator know.",
        "category": "safety",
    }
    life = taken_over(3 * DAY, of_registration=said)
    assert life.state.difficult
    assert not life.state.notices
    assert not life.state.open_escalations()


def test_what_is_overdue_stays_open():
    clock = taken_over(30 * DAY).clock(ClockName.OVERALL)
    assert clock.is_open
    assert clock.breached_at is not None


def test_all_days_without_a_word_are_one_fact():
    life = taken_over(730 * DAY)
    missed = [f for f in life.facts(facts.ClockBreached) if f.clock.startswith("feedback")]
    assert len(missed) == 1


def test_a_complaint_two_years_old_takes_few_events():
    assert len(taken_over(730 * DAY).events) < 50


def test_a_missing_target_of_the_policy_tells_nobody():
    life = taken_over(3 * DAY, life=Life(with_clock(ClockName.OVERALL, budget=None)))
    assert not life.state.notices


# --- what falls due afterwards


def test_the_next_day_without_a_word_is_told():
    life = taken_over(730 * DAY).wait(2 * DAY)
    assert {n.kind for n in life.state.notices.values()} >= {"escalation"}


def test_the_next_day_is_due_where_it_would_be_anyway():
    inherited = taken_over(730 * DAY).clock(ClockName.FEEDBACK)
    fresh = at_stage(Stage.INTAKE).clock(ClockName.FEEDBACK)
    assert inherited.due_at == fresh.due_at


def test_a_deadline_after_the_take_over_escalates_as_usual():
    life = taken_over(19 * DAY, of_registration={"customer": NOBODY_KNOWN}).wait(2 * DAY)
    assert [(e.clock, e.is_open) for e in life.state.open_escalations()] == [("overall/1", True)]


def test_a_warning_after_the_take_over_is_told():
    life = taken_over(16 * DAY, of_registration={"customer": NOBODY_KNOWN}).wait(3 * DAY)
    assert [n.clock for n in life.state.notices.values()] == ["overall/1"]


def test_a_command_is_judged_from_the_take_over_on():
    life = taken_over(2 * HOUR)
    life.do(example(c.RecordFirstContact), received_at=MONDAY - HOUR)
    assert life.clock(ClockName.FIRST_CONTACT).settled_at == MONDAY


# --- what is known of before


def test_a_first_contact_in_time_was_in_time():
    clock = taken_over(40 * DAY, first_contact=40 * DAY - HOUR).clock(ClockName.FIRST_CONTACT)
    assert clock.verdict == Verdict.MET


def test_a_late_first_contact_was_missed():
    life = taken_over(40 * DAY, first_contact=38 * DAY)
    assert life.clock(ClockName.FIRST_CONTACT).verdict == Verdict.BREACHED
    assert "first_contact/1" in {f.clock for f in life.facts(facts.ClockBreached)}


def test_whoever_goes_on_hears_the_customer_again():
    assert taken_over(2 * DAY, first_contact=DAY).state.stage == Stage.INTAKE


def test_its_severity_counts_from_the_first():
    policy = with_clock(ClockName.OVERALL, budget=days(20), by_severity={Severity.CRITICAL: hours(4)})
    life = taken_over(HOUR, life=Life(policy), severity=Severity.CRITICAL)
    assert life.clock(ClockName.OVERALL).due_at == MONDAY + 3 * HOUR


def test_who_answered_for_it_still_does():
    life = taken_over(DAY, assigned=Assignment(department="billing", handler="zhang.wei"))
    assert (life.state.department, life.state.handler) == ("billing", "zhang.wei")


def test_where_nobody_can_be_heard_and_all_is_known_it_is_being_investigated():
    life = taken_over(
        DAY,
        severity=Severity.NORMAL,
        assigned=Assignment(department="billing", handler="zhang.wei"),
        of_registration={"customer": NOBODY_KNOWN},
    )
    assert life.state.stage == Stage.INVESTIGATION


# --- closed before


def test_it_is_closed_when_it_was_closed_and_as_it_was():
    life = taken_over(12 * DAY, closed=5 * DAY, outcome=Outcome.UNSOLVABLE)
    assert (life.state.stage, life.state.outcome, life.state.closed_at) == (
        Stage.CLOSED,
        Outcome.UNSOLVABLE,
        MONDAY - 5 * DAY,
    )


def test_the_appeal_window_counts_from_then():
    life = taken_over(12 * DAY, closed=5 * DAY)
    assert life.clock(ClockName.APPEAL).due_at == MONDAY + 10 * DAY


def test_one_whose_appeal_window_has_passed_is_over():
    life = taken_over(100 * DAY, closed=90 * DAY)
    assert life.state.stage == Stage.ENDED
    assert life.state.closed_at == MONDAY - 90 * DAY


@pytest.mark.parametrize(("days_taken", "verdict"), [(19, Verdict.MET), (21, Verdict.BREACHED)])
def test_the_time_it_took_is_judged(days_taken: int, verdict: Verdict):
    life = taken_over(100 * DAY, closed=(100 - days_taken) * DAY)
    assert life.clock(ClockName.OVERALL).verdict == verdict


def test_what_nobody_knows_is_neither_met_nor_missed():
    life = taken_over(100 * DAY, closed=60 * DAY)
    unknown = [k for k in life.state.clocks.values() if k.name not in (ClockName.OVERALL, ClockName.APPEAL)]
    assert unknown
    assert {k.verdict for k in unknown} == {Verdict.VOID}


def test_a_withdrawn_one_owed_nothing_more():
    life = taken_over(100 * DAY, closed=95 * DAY, outcome=Outcome.WITHDRAWN)
    assert life.clock(ClockName.OVERALL).verdict == Verdict.VOID


def test_a_call_that_was_due_before_is_not_missed():
    policy = renewed(follow_up=example_follow_up())
    life = taken_over(40 * DAY, closed=10 * DAY, life=Life(policy))
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.VOID


def test_a_call_that_is_due_afterwards_is_made():
    policy = renewed(follow_up=example_follow_up())
    life = taken_over(40 * DAY, closed=DAY, life=Life(policy))
    assert life.clock(ClockName.SECOND_CALL).is_ticking


def example_follow_up() -> Any:
    from complaints.policy import FollowUpRule

    return FollowUpRule(second_call=days(3))


def test_a_closed_one_tells_nobody():
    assert not taken_over(400 * DAY, closed=2 * DAY, first_contact=399 * DAY).state.notices


def test_within_the_window_it_is_reopened_as_any_other():
    life = taken_over(12 * DAY, closed=5 * DAY)
    life.do(example(c.Reopen))
    assert life.state.stage == Stage.INVESTIGATION
    assert life.clock(ClockName.OVERALL).started_at == MONDAY


def test_the_same_registration_twice_is_one():
    life = taken_over(DAY)
    form = example(c.Register, imported=Imported(at=MONDAY, origin="old.csv:7"))
    again = Envelope(id="import", actor=PEOPLE[Role.CUSTOMER_SERVICE], received_at=MONDAY - DAY, command=form)
    assert take_turn(life.state, again, MONDAY).events == ()


def test_a_complaint_that_began_here_has_no_past():
    state = State(number="hotline-1", policy=builtin())
    registered = take_turn(
        state,
        Envelope(id="r", actor=PEOPLE[Role.DESK], received_at=MONDAY - 60 * DAY, command=example(c.Register)),
        MONDAY,
    ).state
    assert registered.notices
