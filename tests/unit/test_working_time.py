"""Budgets, and the instants they lead to."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from complaints.working_time import Budget, Offset, Unit, Zone, add, instant_of, local_time, next_daily
from complaints.zones import resolve
from tests.lives import DAY, HOUR, INSTANT, MONDAY

NEW_YORK = resolve("America/New_York")
LORD_HOWE = resolve("Australia/Lord_Howe")
CAIRO = resolve("Africa/Cairo")
SHANGHAI = resolve("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("unit", Unit)
def test_every_unit_has_a_length(unit: Unit) -> None:
    assert add(MONDAY, Budget(amount=1, unit=unit)) > MONDAY


def test_calendar_hours_and_days_run_around_the_clock() -> None:
    assert add(MONDAY, Budget(amount=36, unit=Unit.CALENDAR_HOURS)) == MONDAY + 36 * HOUR
    assert add(MONDAY, Budget(amount=2, unit=Unit.CALENDAR_DAYS)) == MONDAY + 2 * DAY


def test_an_offset_holds_from_its_very_instant_on() -> None:
    change = at("2026-03-08T07:00")
    assert local_time(NEW_YORK, change - INSTANT) == wall("2026-03-08T02:00") - INSTANT
    assert local_time(NEW_YORK, change) == wall("2026-03-08T03:00")


def test_before_the_first_offset_that_offset_holds() -> None:
    assert local_time(SHANGHAI, at("1990-07-01T00:00")) == wall("1990-07-01T08:00")


def test_an_instant_may_be_given_in_any_zone() -> None:
    zone = Zone(name="fixed", offsets=(Offset(since=MONDAY, minutes=-570),))
    assert local_time(zone, datetime.fromisoformat("2026-03-02T09:00+08:00")) == wall("2026-03-01T15:30")


@pytest.mark.parametrize(
    ("zone", "shown", "meant"),
    [
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30"),  # skipped: half an hour after the change
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),  # shown twice: the first
        (LORD_HOWE, "2026-10-04T02:15", "2026-10-03T15:45"),  # a change of half an hour
        (LORD_HOWE, "2026-04-05T01:45", "2026-04-04T14:45"),
        (CAIRO, "2026-04-24T00:30", "2026-04-23T22:30"),  # midnight itself is skipped
        (CAIRO, "2026-10-29T23:30", "2026-10-29T20:30"),  # and the hour before it comes twice
    ],
)
def test_what_the_clocks_skip_or_show_twice_has_one_meaning(zone: Zone, shown: str, meant: str) -> None:
    assert instant_of(zone, wall(shown)) == at(meant)


def test_next_daily_is_on_the_following_local_day_even_if_today_is_still_to_come() -> None:
    early = at("2026-03-01T16:01")  # one minute past midnight in Shanghai
    assert next_daily(SHANGHAI, early, time(17)) == at("2026-03-03T09:00")
    late = at("2026-03-02T15:59")
    assert next_daily(SHANGHAI, late, time(17)) == at("2026-03-03T09:00")
    assert next_daily(SHANGHAI, late + timedelta(minutes=1), time(17)) == at("2026-03-04T09:00")


def test_equal_zones_are_equal_data() -> None:
    assert replace(SHANGHAI) == resolve("Asia/Shanghai")
