"""Budgets, and the instants they lead to. Nothing else in the rules knows how long a unit is.

- An instant is working time if the clocks on the wall show one of the hours of the day it belongs to. A night shift
  belongs to the day it began on; a special day replaces its weekday; what clocks skip is not there, and what they
  show twice is worked twice.
- Business minutes and hours use up working time. What is used up exactly at closing is due at closing.
- A business day is one working day on the calendar, however long it is. Calendar units run around the clock.
- `same_time` ends at the time of day at which it began (from the next opening, if it began outside working time), or,
  where that is no working time, at the last working instant before it on that day, or at that day's opening.
- `close` and `midnight` end when the last day's business closes, or the day itself is over. Unless
  `counts_first_day` is set, the local date on which it begins does not count.
- A calendar that could never fulfil a budget ends it at the end of 2199.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le

from complaints.forms import Form
from complaints.segments import Segment, SegmentKind, segments
from complaints.timetable import (
    DAY,
    END,
    MINUTE,
    Calendar,
    Interval,
    SpecialDay,
    Timetable,
    date_of,
    day_number,
    instant,
    ticks,
    timetable,
)
from complaints.walls import Offset, Zone, instant_of, local_time, next_daily

__all__ = [
    "Budget",
    "Calendar",
    "Ends",
    "Interval",
    "Offset",
    "Segment",
    "SegmentKind",
    "SpecialDay",
    "Unit",
    "Zone",
    "add",
    "elapsed",
    "instant_of",
    "is_provisional",
    "is_working_day",
    "local_time",
    "next_daily",
    "next_daily_working",
    "next_working_day",
    "remaining",
    "segments",
    "share",
    "shifted",
    "working_instant",
]


class Unit(StrEnum):
    """What a budget is counted in."""

    BUSINESS_MINUTES = "business_minutes"
    BUSINESS_HOURS = "business_hours"
    BUSINESS_DAYS = "business_days"  # working days on the calendar, never 24 business hours
    CALENDAR_HOURS = "calendar_hours"  # around the clock
    CALENDAR_DAYS = "calendar_days"  # the same time on the wall, so many days later


class Ends(StrEnum):
    """At which moment of its last day a budget of days is used up."""

    SAME_TIME = "same_time"  # at the time of day at which it began
    CLOSE = "close"  # when that day's business closes
    MIDNIGHT = "midnight"  # when that day is over


@dataclass(frozen=True, kw_only=True)
class Budget(Form):
    """An amount of time with its unit.

    Attributes:
        ends: For days only. `close` and `midnight` are the rules "by the end of that day".
        counts_first_day: With `close` or `midnight`, whether the day on which it begins is day one. Statutory periods
            usually begin on the day after.
    """

    amount: Annotated[int, Ge(1), Le(10_000)]
    unit: Unit
    ends: Ends = Ends.SAME_TIME
    counts_first_day: bool = False


_TIMED = {Unit.BUSINESS_MINUTES: MINUTE, Unit.BUSINESS_HOURS: 60 * MINUTE}
_BUSINESS = {*_TIMED, Unit.BUSINESS_DAYS}
_LENGTHS = {Unit.CALENDAR_HOURS: timedelta(hours=1), Unit.CALENDAR_DAYS: timedelta(days=1)}


# --- deadlines


def add(start: datetime, budget: Budget, calendar: Calendar) -> datetime:
    """Return the instant, in UTC, at which a budget that starts running at `start` is used up."""
    if budget.unit == Unit.CALENDAR_HOURS:
        return start.astimezone(UTC) + timedelta(hours=budget.amount)
    table, at = timetable(calendar), ticks(start)
    if budget.unit in _TIMED:
        return instant(table.later(at, budget.amount * _TIMED[budget.unit]))
    if budget.ends != Ends.SAME_TIME:
        return instant(_end(table, _last_day(table, at, budget), budget))
    if budget.unit == Unit.CALENDAR_DAYS:
        return instant(table.shown(table.wall(at) + budget.amount * DAY))
    opened = table.opening(at)
    day = _day_of(table, opened)
    wall = table.wall(opened) - day * DAY
    return instant(_working_by(table, table.nth_working_day(day, budget.amount), wall))


def share(
    started_at: datetime, due_at: datetime, percent: int, budget: Budget | None, calendar: Calendar
) -> datetime:
    """Return when that percentage of the time between two instants is used up.

    Working time for business units; otherwise, and where there is no working time between them, time as it passes.
    """
    table, start, due = timetable(calendar), ticks(started_at), ticks(due_at)
    if _is_business(budget):
        work = table.worked(start, due)
        if work:
            return instant(table.later(start, work * percent // 100))
    return instant(start + (due - start) * percent // 100)


def shifted(
    at: datetime, since: datetime, until: datetime, budget: Budget | None, calendar: Calendar
) -> datetime:
    """Return where an instant, such as a deadline or a warning, lands when its clock stood still in between.

    What was left at `since` is left at `until`: working time, or time as it passes. The rules "by the end of that
    day" move by whole days instead and keep their time of day. Nothing moves to an earlier instant.
    """
    table, place, paused, resumed = timetable(calendar), ticks(at), ticks(since), ticks(until)
    if place <= paused or resumed <= paused:
        return at.astimezone(UTC)
    if budget is None or budget.unit == Unit.CALENDAR_HOURS:
        moved = place + resumed - paused
    elif budget.unit in _TIMED or (budget.unit == Unit.BUSINESS_DAYS and budget.ends == Ends.SAME_TIME):
        moved = table.later(resumed, table.worked(paused, place))
    elif budget.ends == Ends.SAME_TIME:
        moved = place + resumed - paused
    else:
        moved = _moved_by_days(table, place, paused, resumed, budget)
    return instant(max(moved, place))


# --- measuring


def elapsed(a: datetime, b: datetime, calendar: Calendar) -> timedelta:
    """Return the working time between two instants; none if `b` is no later than `a`."""
    return timedelta(microseconds=timetable(calendar).worked(ticks(a), ticks(b)))


def remaining(at: datetime, due_at: datetime, budget: Budget | None, calendar: Calendar) -> timedelta:
    """Return what is left at an instant, negative when it is past: working time for business units only."""
    if not _is_business(budget):
        return due_at - at
    return elapsed(at, due_at, calendar) - elapsed(due_at, at, calendar)


def is_provisional(until: datetime, calendar: Calendar) -> bool:
    """Say whether something that ends at `until` reaches beyond the days the calendar knows."""
    if calendar.known_until is None:
        return False
    return timetable(calendar).day(ticks(until) - 1) > day_number(calendar.known_until)


# --- days


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Say whether any working time belongs to a day."""
    return bool(timetable(calendar).spans(day_number(day)))


def next_working_day(calendar: Calendar, after: date) -> date:
    """Return the first working day after a day."""
    return date_of(timetable(calendar).nth_working_day(day_number(after), 1))


def working_instant(calendar: Calendar, at: datetime) -> datetime:
    """Return the instant itself if it is working time, the next opening if not."""
    return instant(timetable(calendar).opening(ticks(at)))


def next_daily_working(calendar: Calendar, after: datetime, at: time) -> datetime:
    """Return the instant at which it is `at` on the first working day after the local day of `after`."""
    day = next_working_day(calendar, local_time(calendar.zone, after).date())
    return instant_of(calendar.zone, datetime.combine(day, at))


# --- the last day of a budget


def _is_business(budget: Budget | None) -> bool:
    return budget is not None and budget.unit in _BUSINESS


def _day_of(table: Timetable, at: int) -> int:
    """Return the day to whose hours an instant belongs; its local day, outside working time."""
    day = table.shift_day(at)
    return table.day(at) if day is None else day


def _last_day(table: Timetable, at: int, budget: Budget) -> int:
    today = table.day(at)
    if budget.unit == Unit.CALENDAR_DAYS:
        counts = budget.counts_first_day and at < _end(table, today, budget)  # else it is over already
        return today + budget.amount - counts
    counts = budget.counts_first_day and bool(table.spans(today))
    if counts and budget.ends == Ends.CLOSE:
        counts = at < table.close(today)
    if not counts:
        return table.nth_working_day(today, budget.amount)
    return today if budget.amount == 1 else table.nth_working_day(today, budget.amount - 1)


def _end(table: Timetable, day: int, budget: Budget) -> int:
    return table.close(day) if budget.ends == Ends.CLOSE else table.shown((day + 1) * DAY)


def _working_by(table: Timetable, day: int, wall: int) -> int:
    """Return the last working instant of a day up to a time on its wall, or else its opening."""
    spans = table.spans(day)
    if not spans:  # only where the calendar ends
        return END
    at = table.shown(day * DAY + wall)
    return max((min(at, end) for start, end in spans if start <= at), default=spans[0][0])


def _moved_by_days(table: Timetable, place: int, paused: int, resumed: int, budget: Budget) -> int:
    """Move an end of day, or a time within it, by as many days as the pause took."""
    day = _day_of(table, place - 1)
    if budget.unit == Unit.CALENDAR_DAYS:
        days = table.day(resumed) - table.day(paused)
        target = day + days
    else:
        first, last = (_day_of(table, table.opening(at)) for at in (paused, resumed))
        days = table.working_days(first, last)
        target = table.nth_working_day(day, days) if days else day
    if not days:
        return place
    if place == _end(table, day, budget):
        return _end(table, target, budget)
    wall = table.wall(place) - day * DAY
    if budget.unit == Unit.CALENDAR_DAYS:
        return table.shown(target * DAY + wall)
    return _working_by(table, target, wall)
