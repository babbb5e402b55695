"""What happens in one instant happens in a defined order; `docs/clocks.md` says which, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from complaints import commands as c
from complaints import consequences, facts
from complaints.errors import AlreadyClosed, ExtensionTooLate
from complaints.events import Event
from complaints.lifecycle import Stage
from complaints.policy import PauseRule, Policy, Rung
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName, Verdict
from complaints.vocabulary import PauseOwner, Role, Severity
from tests.lives import (
    DAY,
    HOUR,
    INSTANT,
    MONDAY,
    Life,
    at_stage,
    days,
    example,
    hours,
    with_clock,
    with_ladder,
)


def solution(life: Life) -> Clock:
    return life.clock(ClockName.SOLUTION)


def due(life: Life) -> datetime:
    return solution(life).due_at


def steps(brought: Iterable[Event]) -> list[tuple[str, str]]:
    """What time brought, and of which clock."""
    kinds = consequences.ClockWarned | consequences.RungCalled | consequences.ClockBreached
    return [(e.fact.type, e.fact.clock) for e in brought if isinstance(e.fact, kinds)]


# --- of one clock


def test_of_one_clock_the_warning_comes_first_then_the_call_then_the_deadline() -> None:
    """A promise for the instant after the next one has its warning and its call in the same instant."""
    ladder = (Rung(audience=Role.LEAD, percent=50), Rung(audience=Role.CUSTOMER_SERVICE))
    policy = with_clock(ClockName.PROMISE, with_ladder(*ladder), warn_percent=(50,))
    life = at_stage(Stage.FOLLOW_UP, policy)
    life.do(example(c.MakePromise, life, due_at=life.now + 2 * INSTANT))
    brought = life.outage(2 * INSTANT).look()
    assert steps(brought) == [
        ("ClockWarned", "promise/1"),
        ("RungCalled", "promise/1"),
        ("ClockBreached", "promise/1"),
    ]
    assert [e.occurred_at - MONDAY for e in brought if e.fact.type == "ClockWarned"] == [INSTANT]


def test_two_rungs_called_at_one_instant_are_called_from_below() -> None:
    policy = with_ladder(
        Rung(audience=Role.LEAD),
        Rung(audience=Role.CUSTOMER_SERVICE, after_due=hours(24)),
        Rung(audience=Role.EXECUTIVE, after_due=days(1)),
    )
    life = at_stage(Stage.FOLLOW_UP, policy).wait(6 * DAY)
    assert [fact.rung for fact in life.facts(consequences.RungCalled)] == [1, 2]
    assert life.escalation().audience == Role.EXECUTIVE


# --- of several clocks


def test_of_two_clocks_that_are_due_at_once_the_one_started_first_comes_first() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    until = life.now + 3 * DAY
    life.do(example(c.MakePromise, life, due_at=until))
    life.do(example(c.MakePromise, life, due_at=until), after=HOUR)
    life.outage(5 * DAY)
    breached = [clock for kind, clock in steps(life.look()) if kind == "ClockBreached"]
    assert breached[:2] == ["promise/1", "promise/2"]


def test_of_two_clocks_started_and_due_at_once_the_one_on_record_first_comes_first() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    for _ in range(2):
        life.do(example(c.MakePromise, life, due_at=life.now + DAY))
    life.outage(2 * DAY)
    breached = [clock for kind, clock in steps(life.look()) if kind == "ClockBreached"]
    assert breached == ["promise/1", "promise/2"]


def test_the_order_is_the_same_looked_at_late_or_in_time() -> None:
    orders = []
    for late in (True, False):
        life = at_stage(Stage.SOLUTION)
        for hours_ahead in (5, 3, 5):
            life.do(example(c.MakePromise, life, due_at=life.now + hours_ahead * HOUR))
        before = len(life.events)
        if late:
            life.outage(6 * HOUR).look()
        else:
            life.wait(6 * HOUR)
        orders.append(steps(life.events[before:]))
    assert orders[0] == orders[1]


# --- a command and a deadline


def test_a_command_received_at_the_due_instant_is_in_time() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AdmitUnsolvable), at=due(life))
    assert solution(life).verdict == Verdict.MET


@pytest.mark.parametrize("timer_first", [True, False])
def test_it_is_in_time_whichever_is_processed_first(timer_first: bool) -> None:
    life = at_stage(Stage.SOLUTION)
    at = due(life)
    life.outage(at - life.now + HOUR)
    if timer_first:
        life.look()
        assert solution(life).breached_at is not None
    life.do(example(c.AdmitUnsolvable), received_at=at)
    assert (solution(life).verdict, solution(life).breached_at) == (Verdict.MET, None)


def test_a_command_received_an_instant_later_is_late() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AdmitUnsolvable), at=due(life) + INSTANT)
    assert solution(life).verdict == Verdict.BREACHED


def test_what_a_command_does_not_fulfil_falls_due_in_the_same_instant_after_it() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AddNote), at=due(life))
    later = [event.fact.type for event in life.events]
    assert later.index("NoteAdded") < max(i for i, kind in enumerate(later) if kind == "ClockBreached")
    assert solution(life).breached_at == life.now


def test_a_promise_kept_at_its_due_instant_is_kept() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life), at=life.clock(ClockName.PROMISE).due_at)
    assert life.clock(ClockName.PROMISE).verdict == Verdict.MET


# --- a pause and a deadline


def test_a_pause_at_the_due_instant_stops_the_clock_in_time() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, life), at=due(life))
    life.wait(3 * DAY)
    assert solution(life).breached_at is None
    life.do(example(c.AdmitUnsolvable))
    assert solution(life).verdict == Verdict.MET


def test_a_clock_stopped_at_its_due_instant_is_due_the_instant_it_goes_on() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, life), at=due(life))
    life.do(example(c.CustomerReplied, life), after=3 * DAY)
    assert (due(life), solution(life).breached_at) == (life.now, life.now)


def test_a_warning_due_at_the_instant_of_a_pause_is_given_when_it_goes_on() -> None:
    life = at_stage(
        Stage.SOLUTION, with_ladder(Rung(audience=Role.LEAD, percent=50), Rung(audience=Role.LEAD))
    )
    life.do(example(c.AwaitCustomer, life), at=solution(life).warn_at[0])
    assert (solution(life).warned, solution(life).called) == (0, 0)
    life.do(example(c.CustomerReplied, life), after=DAY)
    given = [e for e in life.events if isinstance(e.fact, consequences.ClockWarned | consequences.RungCalled)]
    assert [(e.fact.type, e.occurred_at) for e in given if e.fact.clock == "solution/1"] == [  # type: ignore[union-attr]  # filtered above
        ("ClockWarned", life.now),
        ("RungCalled", life.now),
    ]


def test_a_pause_an_instant_after_the_deadline_stops_nothing() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, life), at=due(life) + INSTANT)
    assert solution(life).paused_at is None


def test_a_reply_and_the_end_of_the_wait_in_one_instant_are_in_time() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, life))
    life.do(example(c.CustomerReplied, life), at=life.clock(ClockName.WAITING).due_at)
    assert life.clock(ClockName.WAITING).verdict == Verdict.MET


def test_a_reply_comes_before_what_else_is_due_in_that_instant() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, life))
    promised = life.now + 2 * DAY
    life.do(example(c.MakePromise, life, due_at=promised))
    life.do(example(c.CustomerReplied, life), at=promised)
    assert due(life) == promised + 5 * DAY
    kinds = [event.fact.type for event in life.events]
    assert kinds.index("CustomerReplied") < kinds.index("ClockBreached")


def test_a_pause_that_begins_and_ends_in_one_instant_moves_nothing() -> None:
    life = at_stage(Stage.SOLUTION)
    before = due(life)
    life.do(example(c.AwaitCustomer, life), after=DAY)
    life.do(example(c.CustomerReplied, life))
    assert due(life) == before


def stopping_everything() -> Policy:
    stops = tuple(builtin().pauses[PauseOwner.CUSTOMER].stops)
    pauses = {**builtin().pauses, PauseOwner.US: PauseRule(stops=stops, at_most=days(3))}
    return replace(builtin(), pauses=pauses)


def test_one_wait_that_ends_and_another_that_begins_in_one_instant_take_no_time() -> None:
    life = at_stage(Stage.SOLUTION, stopping_everything())
    life.do(example(c.AwaitCustomer, life))
    life.do(example(c.CustomerReplied, life), after=2 * DAY)
    life.do(example(c.AwaitCustomer, life, owner=PauseOwner.US))
    life.do(example(c.CustomerReplied, life), after=DAY)
    assert due(life) == MONDAY + 8 * DAY


# --- more time, another severity, and a deadline


def test_more_time_granted_at_the_due_instant_is_granted_in_time() -> None:
    life = at_stage(Stage.SOLUTION)
    until = due(life) + DAY
    life.do(example(c.GrantExtension, life, clock="solution/1", until=until), at=due(life))
    assert (due(life), solution(life).breached_at) == (until, None)


def test_more_time_granted_an_instant_later_is_too_late() -> None:
    life = at_stage(Stage.SOLUTION)
    command = example(c.GrantExtension, life, clock="solution/1", until=due(life) + DAY)
    with pytest.raises(ExtensionTooLate):
        life.do(command, at=due(life) + INSTANT)


def test_a_lower_severity_at_the_due_instant_gives_more_time() -> None:
    life = at_stage(Stage.SOLUTION, with_clock(ClockName.SOLUTION, by_severity={Severity.LOW: days(9)}))
    life.do(example(c.ChangeSeverity, life, severity=Severity.LOW), at=due(life))
    assert (due(life), solution(life).breached_at) == (MONDAY + 9 * DAY, None)


# --- acknowledging at the limit


def missed() -> Life:
    return at_stage(Stage.FOLLOW_UP).wait(5 * DAY)


def test_an_acknowledgement_at_its_limit_is_in_time() -> None:
    life = missed()
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD, after=4 * HOUR)
    assert (life.escalation().rung, life.clock(ClockName.ACKNOWLEDGEMENT).verdict) == (0, Verdict.MET)


def test_an_acknowledgement_an_instant_later_finds_that_it_has_climbed() -> None:
    life = missed()
    with pytest.raises(Exception, match="waits for customer_service"):
        life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD, after=4 * HOUR + INSTANT)


def test_the_next_day_of_feedback_and_the_limit_to_acknowledge_in_one_instant_climb_once() -> None:
    first, *rest = builtin().ladder(None)
    policy = with_ladder(replace(first, acknowledge_within=hours(24)), *rest)
    life = at_stage(Stage.INVESTIGATION, policy)
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at + DAY)
    assert life.state.escalations["E1"].audience == Role.CUSTOMER_SERVICE


# --- closing


def test_closing_at_the_due_instant_is_in_time() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp), at=life.clock(ClockName.FOLLOW_UP).due_at)
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.MET
    assert not life.facts(consequences.ClockBreached)


def test_withdrawing_at_the_due_instant_leaves_nothing_missed() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.Withdraw), at=life.clock(ClockName.FOLLOW_UP).due_at)
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.VOID


def test_reopening_at_the_end_of_the_window_is_in_time_and_an_instant_later_is_not() -> None:
    life = at_stage(Stage.CLOSED)
    at = life.clock(ClockName.APPEAL).due_at
    assert life.do(example(c.Reopen), at=at)
    late = at_stage(Stage.CLOSED)
    with pytest.raises(AlreadyClosed):
        late.do(example(c.Reopen), at=at + INSTANT)


def test_a_second_call_at_the_end_of_the_window_comes_before_the_end() -> None:
    rule = replace(builtin().follow_up, second_call=days(15))
    life = at_stage(Stage.CLOSED, replace(builtin(), follow_up=rule))
    life.do(example(c.RecordSecondCall, life), at=life.clock(ClockName.APPEAL).due_at)
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.MET
    assert life.state.stage == Stage.ENDED


# --- two commands


def test_of_two_commands_received_at_once_the_first_processed_comes_first() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AddNote, text="一"), after=DAY)
    life.do(example(c.AddNote, text="二"))
    noted = [event for event in life.events if isinstance(event.fact, facts.NoteAdded)]
    assert [event.fact.text for event in noted] == ["一", "二"]  # type: ignore[union-attr]  # filtered above
    assert noted[0].occurred_at == noted[1].occurred_at
