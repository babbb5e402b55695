"""One clock: when it warns, when it is due, what a pause or an extension does to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import clocks
from complaints.records import Clock, ClockName, Verdict
from tests.lives import DAY, HOUR, INSTANT, MONDAY

TEN_HOURS = Clock(
    key="solution/1",
    name=ClockName.SOLUTION,
    subject="",
    cycle=1,
    round=1,
    started_at=MONDAY,
    budget=None,
    due_at=MONDAY + 10 * HOUR,
    warn_percent=(50, 80),
    warn_at=(MONDAY + 5 * HOUR, MONDAY + 8 * HOUR),
    pausable=True,
)


def test_shares_are_instants_between_start_and_deadline() -> None:
    assert clocks.shares(MONDAY, MONDAY + 10 * HOUR, (50, 80)) == TEN_HOURS.warn_at


def test_next_are_the_warnings_in_order_and_then_the_deadline() -> None:
    nexts = [clocks.next_at(replace(TEN_HOURS, warned=told)) for told in range(3)]
    assert nexts == [*TEN_HOURS.warn_at, TEN_HOURS.due_at]


@pytest.mark.parametrize(
    "clock",
    [
        replace(TEN_HOURS, settled_at=MONDAY),
        replace(TEN_HOURS, paused_at=MONDAY),
        replace(TEN_HOURS, breached_at=MONDAY),
    ],
)
def test_time_brings_nothing_more_to_a_clock_that_does_not_tick(clock: Clock) -> None:
    assert clocks.next_at(clock) is None


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(10 * HOUR - INSTANT, Verdict.MET), (10 * HOUR, Verdict.MET), (10 * HOUR + INSTANT, Verdict.BREACHED)],
)
def test_on_the_deadline_is_in_time_and_an_instant_later_is_not(after: timedelta, verdict: Verdict) -> None:
    assert clocks.verdict(TEN_HOURS, MONDAY + after) == verdict


def test_a_clock_that_stands_still_is_judged_by_when_it_stopped() -> None:
    stopped = clocks.paused(TEN_HOURS, MONDAY + 9 * HOUR)
    assert clocks.verdict(stopped, MONDAY + 4 * DAY) == Verdict.MET


def test_a_pause_moves_the_deadline_by_its_own_length() -> None:
    resumed = clocks.resumed(clocks.paused(TEN_HOURS, MONDAY + HOUR), MONDAY + 3 * HOUR)
    assert resumed.due_at == TEN_HOURS.due_at + 2 * HOUR
    assert resumed.warn_at == tuple(at + 2 * HOUR for at in TEN_HOURS.warn_at)
    assert resumed.paused_at is None


def test_a_warning_that_was_told_keeps_its_instant() -> None:
    warned = replace(TEN_HOURS, warned=1)
    resumed = clocks.resumed(clocks.paused(warned, MONDAY + 6 * HOUR), MONDAY + 7 * HOUR)
    assert resumed.warn_at == (MONDAY + 5 * HOUR, MONDAY + 9 * HOUR)


@pytest.mark.parametrize(
    "unmoved",
    [
        replace(TEN_HOURS, pausable=False),
        replace(TEN_HOURS, settled_at=MONDAY),
        replace(TEN_HOURS, breached_at=MONDAY + 10 * HOUR),
        replace(TEN_HOURS, paused_at=MONDAY),
    ],
)
def test_what_cannot_pause_is_over_or_stands_already_is_left_alone(unmoved: Clock) -> None:
    assert clocks.paused(unmoved, MONDAY + HOUR) is unmoved


def test_what_does_not_stand_still_is_not_resumed() -> None:
    assert clocks.resumed(TEN_HOURS, MONDAY + HOUR) is TEN_HOURS


def test_an_extension_is_counted() -> None:
    extended = clocks.extended(TEN_HOURS, MONDAY + DAY)
    assert (extended.due_at, extended.extensions) == (MONDAY + DAY, 1)


def test_time_left_shrinks_stands_still_and_goes_below_zero() -> None:
    assert clocks.time_left(TEN_HOURS, MONDAY + HOUR) == 9 * HOUR
    assert clocks.time_left(clocks.paused(TEN_HOURS, MONDAY + HOUR), MONDAY + DAY) == 9 * HOUR
    assert clocks.time_left(TEN_HOURS, MONDAY + 11 * HOUR) == -HOUR
