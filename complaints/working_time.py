"""Budgets, and the instants they lead to.

Deadlines are instants in UTC. A zone is data: its offsets are resolved when a policy is pinned, so that no later
release of the time zone database moves a deadline. Units of working time join `Unit` and `add`; nothing else in
the core knows how long a unit is.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, Len

from complaints.forms import Form, Names
from complaints.vocabulary import Identifier


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


@dataclass(frozen=True, kw_only=True)
class Offset:
    """From `since` (UTC) on, local time is this many minutes ahead of UTC."""

    since: datetime
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A time zone as pinned data; `offsets` is sorted and not empty. Before its first entry, that entry holds."""

    name: str
    offsets: tuple[Offset, ...]


@dataclass(frozen=True, kw_only=True)
class Interval(Form):
    """Working hours without a break, in minutes after local midnight. Past 1440 they belong to the day they began on."""

    start: Annotated[int, Ge(0), Le(1439)]
    end: Annotated[int, Ge(1), Le(2880)]


@dataclass(frozen=True, kw_only=True)
class SpecialDay(Form):
    """A day that is not as its weekday says: a holiday (no hours), a make-up working day, a half day."""

    on: date
    hours: tuple[Interval, ...]
    name: Names


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar(Form):
    """When an organisation works, resolved: no later release of any database changes it.

    Attributes:
        week: The hours of each weekday, Monday first.
        special: The days that differ, in ascending order.
        known_until: The last day whose holidays are known; a deadline beyond it is provisional. Empty where nothing
            needs to be announced (around the clock).
    """

    name: Identifier
    zone: Zone
    week: Annotated[tuple[tuple[Interval, ...], ...], Len(7, 7)]
    special: tuple[SpecialDay, ...] = ()
    known_until: date | None = None


def add(start: datetime, budget: Budget, calendar: Calendar) -> datetime:
    """Return the instant at which a budget that starts running at `start` is used up."""
    hours = 1 if budget.unit == Unit.CALENDAR_HOURS else 24
    return start + budget.amount * timedelta(hours=hours)


def local_time(zone: Zone, instant: datetime) -> datetime:
    """Return the wall-clock time at an instant, without a zone."""
    index = bisect_right([offset.since for offset in zone.offsets], instant) - 1
    return (instant.astimezone(UTC) + timedelta(minutes=zone.offsets[max(index, 0)].minutes)).replace(
        tzinfo=None
    )


def instant_of(zone: Zone, wall: datetime) -> datetime:
    """Return the instant at which clocks on the wall show `wall`.

    Where they show it twice (autumn) the first is meant; where they skip it (spring) the instant is as long after
    the change as the skipped time lies after its beginning.
    """
    candidates = sorted(
        (wall - timedelta(minutes=m)).replace(tzinfo=UTC) for m in {o.minutes for o in zone.offsets}
    )
    for candidate in candidates:
        if local_time(zone, candidate) == wall:
            return candidate
    before = [c for c in candidates if local_time(zone, c) > wall]
    return before[0] if before else candidates[-1]


def next_daily(zone: Zone, after: datetime, at: time) -> datetime:
    """Return the instant at which it is `at` on the local day that follows the local day of `after`."""
    day = local_time(zone, after).date() + timedelta(days=1)
    return instant_of(zone, datetime.combine(day, at))
