"""The days between the beginning of a clock and its deadline: which of them count, how much of each, and why not more.

`working_time` says where a deadline lies; this lays out the way there, for people who want to see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice

from complaints.copies import replace
from complaints.forms import Names
from complaints.vocabulary import PauseOwner
from complaints.working_time import (
    Budget,
    Calendar,
    Ends,
    Unit,
    Zone,
    instant_of,
    local_time,
    segments,
    working_instant,
)

BUSINESS = (Unit.BUSINESS_MINUTES, Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS)
DAYS = (Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS)


class DayKind(StrEnum):
    """What a day is on the calendar."""

    WORKING = "working"
    OFF = "off"  # a weekday on which nobody works, such as Sunday
    HOLIDAY = "holiday"  # closed for this once
    MAKE_UP = "make_up"  # worked for this once, though its weekday is not
    ALTERED = "altered"  # other hours than its weekday has, such as half a day


class Way(StrEnum):
    """How a clock goes through a stretch of time."""

    RUNS = "runs"
    CLOSED = "closed"  # outside working hours: the clock waits for the next opening
    PAUSED = "paused"  # it stands still, on somebody's account


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """A pause of one clock."""

    since: datetime
    until: datetime
    owner: PauseOwner | None


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of a day, in UTC. `used` is what it takes from the budget."""

    start: datetime
    end: datetime
    way: Way
    used: timedelta
    owner: PauseOwner | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """One local day on the way to a deadline. A night shift belongs to the day on which it begins.

    Attributes:
        name: What a holiday, a make-up day or an altered day is called.
        stretches: Cover the day as far as it lies between beginning and deadline.
        used: What the day takes from the budget.
        counts_as: Which day of a budget of days it is; empty where it is none, or where hours are counted.
        is_known: Whether the holidays of this day have been announced; if not, the deadline is provisional.
        clocks_moved: How far the clocks on the wall were put forward (or, negative, back) on this day.
    """

    on: date
    kind: DayKind
    name: Names | None
    stretches: tuple[Stretch, ...]
    used: timedelta
    counts_as: int | None
    is_known: bool
    clocks_moved: timedelta


@dataclass(frozen=True)
class _Tile:
    """A stretch that lies on one day and is either working time or not."""

    start: datetime
    end: datetime
    on: date
    counts: bool


def timeline(
    started_at: datetime,
    until: datetime,
    budget: Budget,
    calendar: Calendar,
    standstills: Sequence[Standstill] = (),
) -> tuple[Day, ...]:
    """Lay out the time between two instants day by day, in order."""
    tiles = _working_tiles if budget.unit in BUSINESS else _calendar_tiles
    by_day: dict[date, list[Stretch]] = {}
    for tile in tiles(started_at, until, calendar):
        by_day.setdefault(tile.on, []).extend(_cut(tile, standstills))
    special = {day.on: day for day in calendar.special}
    days = [
        Day(
            on=on,
            kind=kind_of(calendar, on),
            name=special[on].name if on in special else None,
            stretches=tuple(stretches),
            used=sum((stretch.used for stretch in stretches), timedelta()),
            counts_as=None,
            is_known=calendar.known_until is None or on <= calendar.known_until,
            clocks_moved=_moved_on(calendar.zone, on),
        )
        for on, stretches in sorted(by_day.items())
    ]
    return tuple(_numbered(days, started_at, budget, calendar, standstills))


def kind_of(calendar: Calendar, on: date) -> DayKind:
    """Say what a day is on a calendar."""
    usual = calendar.week[on.weekday()]
    special = next((day for day in calendar.special if day.on == on), None)
    if special is None:
        return DayKind.WORKING if usual else DayKind.OFF
    if not special.hours:
        return DayKind.HOLIDAY
    return DayKind.ALTERED if usual else DayKind.MAKE_UP


def _working_tiles(start: datetime, end: datetime, calendar: Calendar) -> Iterator[_Tile]:
    for segment in segments(start, end, calendar):
        yield _Tile(segment.start, segment.end, segment.on, segment.kind.counts)


def _calendar_tiles(start: datetime, end: datetime, calendar: Calendar) -> Iterator[_Tile]:
    """Cut at every local midnight; a day that the zone skips is not there."""
    while start < end:
        on = local_time(calendar.zone, start).date()
        midnight = instant_of(calendar.zone, datetime.combine(on + timedelta(days=1), time.min))
        tile_end = min(max(midnight, start + timedelta(minutes=1)), end)
        yield _Tile(start, tile_end, on, counts=True)
        start = tile_end


def _cut(tile: _Tile, standstills: Sequence[Standstill]) -> Iterator[Stretch]:
    """Cut a tile where the clock stands still."""
    start = tile.start
    for pause in sorted(standstills, key=lambda pause: pause.since):
        since, until = max(pause.since, start), min(pause.until, tile.end)
        if since >= until:
            continue
        if start < since:
            yield _stretch(start, since, tile)
        yield Stretch(start=since, end=until, way=Way.PAUSED, used=timedelta(), owner=pause.owner)
        start = until
    if start < tile.end:
        yield _stretch(start, tile.end, tile)


def _stretch(start: datetime, end: datetime, tile: _Tile) -> Stretch:
    if not tile.counts:
        return Stretch(start=start, end=end, way=Way.CLOSED, used=timedelta())
    return Stretch(start=start, end=end, way=Way.RUNS, used=end - start)


def _moved_on(zone: Zone, on: date) -> timedelta:
    """Return how far the clocks on the wall are put forward during a local day."""
    midnight = datetime.combine(on, time.min)
    start, end = instant_of(zone, midnight), instant_of(zone, midnight + timedelta(days=1))
    return local_time(zone, end) - local_time(zone, start) - (end - start)


# --- days that are counted


def _numbered(
    days: list[Day],
    started_at: datetime,
    budget: Budget,
    calendar: Calendar,
    standstills: Sequence[Standstill],
) -> Iterator[Day]:
    """Number the days of a budget of days."""
    by_the_clock = budget.ends == Ends.SAME_TIME
    if budget.unit not in DAYS or (by_the_clock and standstills):
        yield from days  # after a pause it is hours that are left, not days
        return
    business = budget.unit == Unit.BUSINESS_DAYS
    first = _first_day(started_at, budget, calendar)
    can_count = [day.on for day in days if not business or day.kind not in (DayKind.OFF, DayKind.HOLIDAY)]
    counting = set(can_count) - _days_lost(can_count, first, standstills, calendar, business=business)
    number = 0
    for day in days:
        if day.on in counting and day.on >= first and number < budget.amount:
            number += 1
            yield replace(day, counts_as=number)
        else:
            yield day


def _first_day(started_at: datetime, budget: Budget, calendar: Calendar) -> date:
    """Return the day from which on days count."""
    today, tomorrow = local_time(calendar.zone, started_at).date(), timedelta(days=1)
    if budget.ends == Ends.SAME_TIME:
        began_on = today if budget.unit == Unit.CALENDAR_DAYS else _begins_on(started_at, calendar)
        return began_on + tomorrow
    if not budget.counts_first_day:
        return today + tomorrow
    if budget.ends != Ends.CLOSE or _is_open_on(today, started_at, calendar):
        return today
    never_opened = not _is_open_on(
        today, instant_of(calendar.zone, datetime.combine(today, time.min)), calendar
    )
    lasts_till_midnight = budget.unit == Unit.CALENDAR_DAYS and never_opened
    return today if lasts_till_midnight else today + tomorrow


def _is_open_on(day: date, since: datetime, calendar: Calendar) -> bool:
    """Say whether there is working time of a day from an instant on."""
    until = since + timedelta(days=2)
    return any(each.kind.counts and each.on == day for each in segments(since, until, calendar))


def _days_lost(
    days: Sequence[date],
    first: date,
    standstills: Sequence[Standstill],
    calendar: Calendar,
    *,
    business: bool,
) -> set[date]:
    """Return the days that pauses took: as many as lie between the days on which a pause began and ended.

    A day that was counting goes on counting when the pause ends; where none was, the next one is waited for. Of a night
    that began before the count did, the pause takes a day that counts instead.
    """
    day_of = _begins_on if business else lambda instant, calendar: local_time(calendar.zone, instant).date()
    lost: set[date] = set()
    for pause in standstills:
        since, until = day_of(pause.since, calendar), day_of(pause.until, calendar)
        if since >= first and since not in lost:
            lost.update(day for day in days if since <= day < until)
        else:
            taken = [day for day in days if since < day <= until]
            early = sum(day < first for day in taken)
            lost.update(taken)
            lost.update(islice((day for day in days if day >= first and day not in lost), early))
    return lost


def _begins_on(instant: datetime, calendar: Calendar) -> date:
    """Return the day of the first working time from an instant on."""
    opening = working_instant(calendar, instant)
    return next(segments(opening, opening + timedelta(minutes=1), calendar)).on
