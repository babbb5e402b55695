"""One clock: its course to the deadline, what comes next, and what a pause, more time or another budget does to it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from complaints import clocks, working_time
from complaints.clocks import Step
from complaints.policy import Policy, Rung
from complaints.policy_file import builtin
from complaints.records import Adjustment, Clock, ClockName, Course, Move, Verdict
from complaints.vocabulary import Role
from complaints.working_time import Budget
from tests.lives import DAY, HOUR, INSTANT, MONDAY, business_hours, hours, with_clock, with_ladder

LADDER = (
    Rung(audience=Role.LEAD, percent=90),
    Rung(audience=Role.LEAD),
    Rung(audience=Role.CUSTOMER_SERVICE, after_due=hours(2)),
)
POLICY = with_ladder(*LADDER)

TEN = hours(10)


def clock(budget: Budget | None = TEN, *, policy: Policy = POLICY, warn: tuple[int, ...] = (50, 80)) -> Clock:
    """A clock for a solution that started on Monday at nine."""
    policy = with_clock(ClockName.SOLUTION, policy, budget=budget, warn_percent=warn)
    due_at = MONDAY + 10 * HOUR
    if budget is not None:
        due_at = working_time.add(MONDAY, budget, policy.working_time(None))
    course = clocks.course(
        policy,
        ClockName.SOLUTION,
        policy.rule(ClockName.SOLUTION),
        started_at=MONDAY,
        budget=budget,
        due_at=due_at,
    )
    names = {field: getattr(course, field) for field in Course.__dataclass_fields__}
    return Clock(
        key="solution/1", name=ClockName.SOLUTION, subject="", cycle=1, round=1, started_at=MONDAY, **names
    )


TEN_HOURS = clock()


def stopped(at: timedelta, of: Clock = TEN_HOURS) -> Clock:
    return replace(of, paused_at=MONDAY + at)


def resumed(since: timedelta, until: timedelta, of: Clock = TEN_HOURS) -> Course:
    return clocks.moved_by_pause(POLICY, stopped(since, of), MONDAY + until)


def test_warnings_and_rungs_are_shares_of_the_time() -> None:
    assert TEN_HOURS.warn_at == (MONDAY + 5 * HOUR, MONDAY + 8 * HOUR)
    assert TEN_HOURS.call_at == (MONDAY + 9 * HOUR, MONDAY + 12 * HOUR)
    assert TEN_HOURS.call_rungs == (0, 2)


def test_warnings_of_working_time_are_shares_of_working_time() -> None:
    sixteen = clock(business_hours(16), policy=builtin())
    half, _ = sixteen.warn_at  # three hours before lunch, four after it, one on Tuesday from half past eight
    assert half == MONDAY + DAY + HOUR / 2


def test_a_day_of_feedback_an_acknowledgement_and_a_window_call_nobody_by_time() -> None:
    for name in (ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL):
        course = clocks.course(
            POLICY, name, POLICY.rule(name), started_at=MONDAY, budget=None, due_at=MONDAY + DAY
        )
        assert course.call_at == ()


def test_next_come_the_warnings_the_call_the_deadline_and_the_call_after_it() -> None:
    one, steps = TEN_HOURS, []
    while (step := clocks.next_step(one)) is not None:
        steps.append((int((step[0] - MONDAY) / HOUR), step[1]))
        if step[1] == Step.WARNING:
            one = replace(one, warned=one.warned + 1)
        elif step[1] == Step.CALL:
            one = replace(one, called=one.called + 1)
        else:
            one = replace(one, breached_at=step[0])
    assert steps == [(5, "warning"), (8, "warning"), (9, "call"), (10, "due"), (12, "call")]


@pytest.mark.parametrize(
    "still", [replace(TEN_HOURS, settled_at=MONDAY), replace(TEN_HOURS, paused_at=MONDAY)]
)
def test_time_brings_nothing_to_a_clock_that_is_settled_or_stands_still(still: Clock) -> None:
    assert clocks.next_step(still) is None


def test_nobody_is_warned_of_what_was_missed() -> None:
    missed = replace(TEN_HOURS, breached_at=TEN_HOURS.due_at, called=1)
    assert clocks.next_step(missed) == (MONDAY + 12 * HOUR, Step.CALL)
    assert clocks.next_step(replace(missed, called=2)) is None


# --- verdicts


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(10 * HOUR - INSTANT, Verdict.MET), (10 * HOUR, Verdict.MET), (10 * HOUR + INSTANT, Verdict.BREACHED)],
)
def test_on_the_deadline_is_in_time_and_an_instant_later_is_not(after: timedelta, verdict: Verdict) -> None:
    assert clocks.verdict(TEN_HOURS, MONDAY + after) == verdict


def test_a_clock_that_stands_still_is_judged_by_when_it_stopped() -> None:
    assert clocks.verdict(stopped(9 * HOUR), MONDAY + 4 * DAY) == Verdict.MET


def test_without_a_target_nothing_is_in_time() -> None:
    aimless = replace(TEN_HOURS, budget=None, due_at=MONDAY)
    assert clocks.verdict(aimless, MONDAY) == Verdict.BREACHED


# --- pauses


def test_a_pause_moves_the_deadline_and_what_lies_before_it_by_its_own_length() -> None:
    course = resumed(HOUR, 3 * HOUR)
    assert course.due_at == TEN_HOURS.due_at + 2 * HOUR
    assert course.warn_at == tuple(at + 2 * HOUR for at in TEN_HOURS.warn_at)
    assert course.call_at == tuple(at + 2 * HOUR for at in TEN_HOURS.call_at)


def test_a_warning_and_a_call_that_were_made_keep_their_instants() -> None:
    course = resumed(9.5 * HOUR, 11.5 * HOUR, replace(TEN_HOURS, warned=2, called=1))
    assert course.warn_at == TEN_HOURS.warn_at
    assert course.call_at == (MONDAY + 9 * HOUR, MONDAY + 14 * HOUR)


def test_a_pause_of_a_clock_in_working_time_gives_back_working_time_and_no_more() -> None:
    sixteen = clock(business_hours(16), policy=builtin())
    calendar = builtin().working_time(None)
    left = working_time.elapsed(MONDAY + 6 * HOUR, sixteen.due_at, calendar)
    course = resumed(6 * HOUR, 6 * HOUR + 5 * DAY, sixteen)  # over the weekend, on a Saturday
    assert working_time.elapsed(MONDAY + 6 * HOUR + 5 * DAY, course.due_at, calendar) == left


def test_a_clock_that_stopped_on_its_deadline_is_due_when_it_goes_on() -> None:
    assert resumed(10 * HOUR, 3 * DAY).due_at == MONDAY + 3 * DAY


def test_a_reply_from_before_the_pause_moves_nothing() -> None:
    assert resumed(5 * HOUR, 4 * HOUR).due_at == TEN_HOURS.due_at


# --- more time, another budget


def test_an_extension_moves_what_lies_ahead() -> None:
    course = clocks.extended(POLICY, TEN_HOURS, MONDAY + DAY, MONDAY)
    assert course.due_at == MONDAY + DAY
    assert course.warn_at == (MONDAY + 19 * HOUR, MONDAY + 22 * HOUR)
    assert course.call_at == (MONDAY + 23 * HOUR, MONDAY + 26 * HOUR)


@pytest.mark.parametrize(
    ("until", "warned_at"),
    [(MONDAY + DAY, MONDAY + 19 * HOUR), (MONDAY + 10.5 * HOUR, MONDAY + 5 * HOUR)],
    ids=["while it lies ahead", "not after"],
)
def test_who_was_warned_of_the_old_deadline_is_warned_as_long_before_the_new_one(
    until: datetime, warned_at: datetime
) -> None:
    warned = replace(TEN_HOURS, warned=1)
    assert clocks.extended(POLICY, warned, until, MONDAY + 6 * HOUR).warn_at[0] == warned_at


def moved(why: Move, since: int, at: int, due: int) -> Adjustment:
    return Adjustment(
        why=why,
        since=MONDAY + since * HOUR,
        at=MONDAY + at * HOUR,
        was_due_at=TEN_HOURS.due_at,
        due_at=MONDAY + due * HOUR,
        by="zhang.wei",
    )


@pytest.mark.parametrize(
    ("past", "due_in"),
    [
        ((), 20),
        ((moved(Move.RESUMED, 2, 5, 13),), 23),
        ((moved(Move.EXTENDED, 2, 2, 40),), 40),
        ((moved(Move.EXTENDED, 2, 2, 40), moved(Move.RESUMED, 3, 6, 43)), 43),
        ((moved(Move.SEVERITY, 2, 2, 5),), 20),
    ],
    ids=["nothing", "a pause", "an extension", "an extension and a pause", "another severity"],
)
def test_another_budget_keeps_pauses_and_extensions_and_forgets_older_budgets(
    past: tuple[Adjustment, ...], due_in: int
) -> None:
    course = clocks.laid_anew(POLICY, replace(TEN_HOURS, adjustments=past), hours(20), MONDAY + 7 * HOUR)
    assert course.due_at == MONDAY + due_in * HOUR


def test_another_budget_never_ends_before_it_was_asked_for() -> None:
    course = clocks.laid_anew(POLICY, TEN_HOURS, hours(2), MONDAY + 7 * HOUR)
    assert course.due_at == MONDAY + 7 * HOUR


# --- what is left


def test_time_left_shrinks_stands_still_and_goes_below_zero() -> None:
    assert clocks.time_left(POLICY, TEN_HOURS, MONDAY + HOUR) == 9 * HOUR
    assert clocks.time_left(POLICY, stopped(HOUR), MONDAY + DAY) == 9 * HOUR
    assert clocks.time_left(POLICY, TEN_HOURS, MONDAY + 11 * HOUR) == -HOUR


def test_time_left_is_working_time_where_the_budget_counts_that() -> None:
    sixteen = clock(business_hours(16), policy=builtin())
    assert clocks.time_left(builtin(), sixteen, MONDAY) == 16 * HOUR
