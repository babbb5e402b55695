"""Time, over zones and years: walls and instants agree, daily means daily, a pause takes nothing away."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from complaints import clocks
from complaints import commands as c
from complaints.forms import refill
from complaints.lifecycle import Stage
from complaints.policy import ClockRule, Rung, text_of
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName, Verdict
from complaints.vocabulary import Role, Severity
from complaints.working_time import Budget, add, instant_of, local_time, next_daily
from complaints.zones import resolve
from tests.lives import (
    HOUR,
    INSTANT,
    MINUTE,
    MONDAY,
    at_stage,
    business_days,
    business_hours,
    days,
    example,
    hours,
    renewed,
    with_clock,
    with_ladder,
)

ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # stopped changing in 2021
    "Africa/Cairo",  # changes at midnight, again since 2023
    "Asia/Beirut",  # changes at midnight
    "Africa/Casablanca",  # follows the moon
    "America/St_Johns",
    "Asia/Kathmandu",
    "Europe/Dublin",
    "UTC",
)
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
many = settings(max_examples=400, deadline=None, derandomize=True)


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[str, datetime]:
    """An instant within two hours of a change of some zone's clocks."""
    name = draw(st.sampled_from([zone for zone in ZONES if len(resolve(zone).offsets) > 1]))
    change = draw(st.sampled_from(resolve(name).offsets[1:]))
    return name, change.since + timedelta(minutes=draw(st.integers(-120, 120)))


anywhere = st.one_of(st.tuples(zones, instants), near_a_change())


@many
@given(anywhere)
def test_local_time_is_what_the_time_zone_database_says(where: tuple[str, datetime]) -> None:
    name, instant = where
    assert local_time(resolve(name), instant) == instant.astimezone(ZoneInfo(name)).replace(tzinfo=None)


@many
@given(anywhere)
def test_the_instant_of_a_wall_time_is_what_the_time_zone_database_says(where: tuple[str, datetime]) -> None:
    name, near = where
    wall = near.astimezone(ZoneInfo(name)).replace(tzinfo=None)
    for shown in (wall, wall + 30 * MINUTE, wall - HOUR):  # some of them skipped by the clocks
        expected = shown.replace(tzinfo=ZoneInfo(name), fold=0).astimezone(UTC)
        assert instant_of(resolve(name), shown) == expected


@many
@given(anywhere)
def test_from_instant_to_wall_and_back_leads_to_the_first_time_it_was_shown(
    where: tuple[str, datetime],
) -> None:
    name, instant = where
    zone = resolve(name)
    back = instant_of(zone, local_time(zone, instant))
    assert back <= instant
    assert local_time(zone, back) == local_time(zone, instant)


@many
@given(anywhere, st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_next_daily_lies_ahead_on_the_next_local_day_and_never_far(
    where: tuple[str, datetime], at: time
) -> None:
    name, after = where
    zone = resolve(name)
    due = next_daily(zone, after, at)
    assert after < due <= after + 49 * HOUR
    assert local_time(zone, due).date() == local_time(zone, after).date() + timedelta(days=1)


@pytest.mark.parametrize("name", ZONES)
def test_in_eighteen_years_no_day_is_left_out_and_none_comes_twice(name: str) -> None:
    zone, at = resolve(name), time(0, 30)
    due = datetime(2020, 1, 1, 12, tzinfo=UTC)
    day: date = local_time(zone, due).date()
    while due.year < 2037:
        due = next_daily(zone, due, at)
        day += timedelta(days=1)
        assert local_time(zone, due).date() == day


# --- pauses, more time, another budget

spans = st.timedeltas(timedelta(), timedelta(days=40))
budgets = st.one_of(
    st.builds(hours, st.integers(1, 700)),
    st.builds(days, st.integers(1, 30)),
    st.builds(business_hours, st.integers(1, 200)),
    st.builds(business_days, st.integers(1, 25)),
)
POLICY = with_ladder(
    Rung(audience=Role.LEAD, percent=95),
    Rung(audience=Role.LEAD),
    Rung(audience=Role.CUSTOMER_SERVICE, after_due=hours(4)),
)


def starting(budget: Budget, shares: tuple[int, ...]) -> Clock:
    rule = ClockRule(budget=budget, warn_percent=shares)
    due_at = add(MONDAY, budget, POLICY.working_time(None))
    course = clocks.course(POLICY, ClockName.SOLUTION, rule, started_at=MONDAY, budget=budget, due_at=due_at)
    return refill(
        Clock,
        course,
        key="solution/1",
        name=ClockName.SOLUTION,
        subject="",
        cycle=1,
        round=1,
        started_at=MONDAY,
    )


def gone_on(clock: Clock, until: datetime) -> Clock:
    course = clocks.moved_by_pause(POLICY, clock, until)
    return replace(
        clock, due_at=course.due_at, warn_at=course.warn_at, call_at=course.call_at, paused_at=None
    )


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    budget=budgets,
    shares=st.lists(st.integers(1, 99), max_size=3, unique=True).map(sorted).map(tuple),
    steps=st.lists(st.tuples(spans, spans), max_size=6),
)
def test_what_is_left_at_a_pause_is_left_when_it_ends_however_many_there_are(
    budget: Budget, shares: tuple[int, ...], steps: list[tuple[timedelta, timedelta]]
) -> None:
    clock, now = starting(budget, shares), MONDAY
    for work, wait in steps:
        now = min(now + work, clock.due_at)
        clock = replace(clock, paused_at=now)
        left = clocks.time_left(POLICY, clock, now + wait)
        assert clocks.verdict(clock, now + wait) == Verdict.MET
        now += wait
        clock = gone_on(clock, now)
        assert clocks.time_left(POLICY, clock, now) == left
        assert clock.due_at >= now
    assert list(clock.warn_at) == sorted(clock.warn_at)
    assert all(at <= clock.due_at for at in (*clock.warn_at, clock.call_at[0]))
    assert clock.call_at[1] > clock.due_at
    assert clocks.verdict(clock, clock.due_at) == Verdict.MET
    assert clocks.verdict(clock, clock.due_at + INSTANT) == Verdict.BREACHED


@settings(max_examples=200, deadline=None, derandomize=True)
@given(budget=budgets, longer=st.lists(st.timedeltas(INSTANT, timedelta(days=30)), min_size=1, max_size=3))
def test_extensions_only_move_later(budget: Budget, longer: list[timedelta]) -> None:
    clock = starting(budget, (50, 80))
    for by in longer:
        extended = clocks.extended(POLICY, clock, clock.due_at + by, clock.started_at)
        assert extended.due_at == clock.due_at + by
        assert all(new >= old for new, old in zip(extended.warn_at, clock.warn_at, strict=True))
        assert all(new >= old for new, old in zip(extended.call_at, clock.call_at, strict=True))
        clock = replace(clock, due_at=extended.due_at, warn_at=extended.warn_at, call_at=extended.call_at)


class Change(StrEnum):
    """What changes the budget of a clock that runs."""

    SEVERITY = "severity"
    POLICY = "policy"


class When(StrEnum):
    """When it changes, as seen from the pause."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    first=budgets,
    then=budgets,
    work=spans,
    wait=st.timedeltas(timedelta(), timedelta(days=9)),
    data=st.data(),
)
def test_it_does_not_matter_whether_a_budget_changes_before_during_or_after_a_pause(
    first: Budget, then: Budget, work: timedelta, wait: timedelta, data: st.DataObject
) -> None:
    calendar = builtin().working_time(None)
    shortest = min(add(MONDAY, budget, calendar) for budget in (first, then))
    assume(MONDAY + work <= shortest)
    change = data.draw(st.sampled_from(Change))
    due = {when: _due(first, then, work, wait, change, when) for when in When}
    assert len(set(due.values())) == 1, due


def _due(
    first: Budget, then: Budget, work: timedelta, wait: timedelta, change: Change, when: When
) -> datetime:
    """Live through one pause and one change, and say when the solution is due in the end."""
    by_severity = {Severity.CRITICAL: then} if change == Change.SEVERITY else {}
    policy = with_clock(ClockName.SOLUTION, budget=first, by_severity=by_severity)
    other = renewed(with_clock(ClockName.SOLUTION, budget=then))
    life = at_stage(Stage.SOLUTION, policy)

    def asked_otherwise() -> None:
        if change == Change.SEVERITY:
            life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL))
        else:
            life.do(example(c.MigratePolicy, life, policy=text_of(other)))

    if when == When.BEFORE:
        asked_otherwise()
    life.do(example(c.AwaitCustomer, life), after=work)
    if when == When.DURING:
        life.outage(wait / 2)
        asked_otherwise()
    life.outage(MONDAY + work + wait - life.now)
    life.do(example(c.CustomerReplied, life))
    if when == When.AFTER:
        asked_otherwise()
    return life.clock(ClockName.SOLUTION).due_at
