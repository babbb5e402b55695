"""Time, over zones and years: walls and instants agree, daily means daily, a pause takes nothing away."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import clocks
from complaints.records import Clock, ClockName, Verdict
from complaints.working_time import instant_of, local_time, next_daily
from complaints.zones import resolve
from tests.lives import HOUR, INSTANT, MINUTE, MONDAY

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


spans = st.timedeltas(timedelta(), timedelta(days=40))


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    budget=st.timedeltas(10 * MINUTE, timedelta(days=30)),
    shares=st.lists(st.integers(1, 99), max_size=3, unique=True).map(sorted),
    steps=st.lists(st.tuples(spans, spans), max_size=6),
)
def test_any_number_of_pauses_preserves_the_budget_and_the_order_of_the_warnings(
    budget: timedelta, shares: list[int], steps: list[tuple[timedelta, timedelta]]
) -> None:
    clock = _clock(budget, shares)
    now, used = MONDAY, timedelta()
    for work, wait in steps:
        work = min(work, budget - used)  # noqa: PLW2901 - no more work than there is time
        now, used = now + work, used + work
        clock = clocks.paused(clock, now)
        assert clocks.time_left(clock, now + wait) == budget - used
        assert clocks.verdict(clock, now + wait) == Verdict.MET
        now += wait
        clock = clocks.resumed(clock, now)
        assert clocks.time_left(clock, now) == budget - used
    assert list(clock.warn_at) == sorted(clock.warn_at)
    assert all(at <= clock.due_at for at in clock.warn_at)
    assert clocks.verdict(clock, clock.due_at) == Verdict.MET
    assert clocks.verdict(clock, clock.due_at + INSTANT) == Verdict.BREACHED


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    budget=st.timedeltas(10 * MINUTE, timedelta(days=30)),
    longer=st.lists(st.timedeltas(INSTANT, timedelta(days=30)), min_size=1, max_size=3),
)
def test_extensions_only_move_later(budget: timedelta, longer: list[timedelta]) -> None:
    clock = _clock(budget, [50, 80])
    for by in longer:
        extended = clocks.extended(clock, clock.due_at + by)
        assert extended.due_at == clock.due_at + by
        assert all(new > old for new, old in zip(extended.warn_at, clock.warn_at, strict=True))
        clock = extended
    assert clock.extensions == len(longer)


def _clock(budget: timedelta, percents: list[int]) -> Clock:
    return Clock(
        key="solution/1",
        name=ClockName.SOLUTION,
        subject="",
        cycle=1,
        round=1,
        started_at=MONDAY,
        budget=None,
        due_at=MONDAY + budget,
        warn_percent=tuple(percents),
        warn_at=clocks.shares(MONDAY, MONDAY + budget, tuple(percents)),
        pausable=True,
    )
