"""When a calendar works: every opening as a stretch of UTC time, counted once and looked up ever after.

Inside, time is whole microseconds since 1970 ("ticks") and a day is its number since 1970-01-01. A day's hours are
times on the wall. What clocks skip is not there, what they show twice is there twice, and hours past midnight belong
to the day they began on. Openings are laid out in blocks of days when they are first needed.

No answer lies beyond `END`: a calendar that never opens is a mistake, but must not hang whoever asks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from weakref import WeakKeyDictionary

from annotated_types import Ge, Le, Len

from complaints.forms import Form, Names
from complaints.vocabulary import Identifier
from complaints.walls import Zone

MINUTE = 60_000_000
DAY = 1440 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_TICK = timedelta(microseconds=1)
_EVER = 10**18
_BLOCK = 128  # days; few enough to be laid out in well under a millisecond

Span = tuple[int, int]


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


def ticks(instant: datetime) -> int:
    """Count an instant."""
    return (instant - _EPOCH) // _TICK


def instant(at: int) -> datetime:
    """Return the instant that was counted."""
    return _EPOCH + timedelta(microseconds=at)


def day_number(on: date) -> int:
    """Number a date."""
    return on.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """Return the date that was numbered."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


END = ticks(datetime(2199, 12, 30, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """The openings of some days, and the working time before and after each, counted from the block's beginning."""

    starts: list[int]
    before: list[int]
    after: list[int]

    @property
    def total(self) -> int:
        return self.after[-1] if self.after else 0

    def worked(self, at: int) -> int:
        """Working time from the block's beginning."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        return min(self.before[index] + at - self.starts[index], self.after[index])

    def reached(self, worked: int) -> int:
        """First instant at which so much has been worked; more than nothing, and no more than `total`."""
        index = bisect_left(self.after, worked)
        return self.starts[index] + worked - self.before[index]


class Timetable:
    """The openings of one calendar."""

    def __init__(
        self, zone: Zone, week: tuple[tuple[Interval, ...], ...], special: tuple[SpecialDay, ...]
    ) -> None:
        self._week = week
        self.special: Mapping[int, SpecialDay] = {day_number(day.on): day for day in special}
        self._offsets = [offset.minutes * MINUTE for offset in zone.offsets]
        self._since = [-_EVER, *(ticks(offset.since) for offset in zone.offsets[1:]), _EVER]
        self._spans: dict[int, tuple[Span, ...]] = {}
        self._blocks: dict[int, _Block] = {}
        self._days: dict[int, list[int]] = {}

    # --- walls

    def wall(self, at: int) -> int:
        """Return what clocks on the wall show, as ticks."""
        return at + self._offsets[bisect_right(self._since, at) - 1]

    def day(self, at: int) -> int:
        """Return the local day of an instant."""
        return self.wall(at) // DAY

    def shown(self, wall: int) -> int:
        """Return the instant at which clocks show `wall`, by the rule of `walls.instant_of`."""
        index = bisect_right(self._since, wall - DAY) - 1
        while wall - self._offsets[index] >= self._since[index + 1]:
            index += 1
        at = wall - self._offsets[index]
        return at if at >= self._since[index] else wall - self._offsets[index - 1]

    def changes(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield each change of the clocks from `first` on and before `last`, and by how much it moves them."""
        index = max(bisect_left(self._since, first), 1)
        while self._since[index] < min(last, _EVER):
            yield self._since[index], self._offsets[index] - self._offsets[index - 1]
            index += 1

    def day_over(self, at: int) -> int:
        """Return the instant at which the local day of `at` ends."""
        day = self.day(at)
        while True:
            midnight = at + (day + 1) * DAY - self.wall(at)
            change = self._since[bisect_right(self._since, at)]
            if midnight < change:
                return midnight
            at = change
            if self.day(at) != day:
                return at

    # --- working days

    def hours(self, day: int) -> tuple[Interval, ...]:
        """Return the hours that stand in the calendar for a day, whether or not it comes."""
        special = self.special.get(day)
        return self.weekday_hours(day) if special is None else special.hours

    def weekday_hours(self, day: int) -> tuple[Interval, ...]:
        """Return the hours of a day's weekday."""
        return self._week[(day + 3) % 7]  # 1970-01-01 was a Thursday

    def spans(self, day: int) -> tuple[Span, ...]:
        """Return a day's openings, in order; none on a day off, or on one that the clocks skipped."""
        found = self._spans.get(day)
        if found is None:
            found = self._spans[day] = tuple(_joined(self._pieces(day)))
        return found

    def close(self, day: int) -> int:
        """Return when a day's business closes; its end if it has no hours."""
        spans = self.spans(day)
        return spans[-1][1] if spans else self.shown((day + 1) * DAY)

    def nth_working_day(self, after: int, n: int) -> int:
        """Return the n-th working day after a day."""
        number = (after + 1) // _BLOCK
        index = bisect_right(self._working_days(number), after) + n - 1
        while index >= len(self._working_days(number)):
            index -= len(self._working_days(number))
            number += 1
            if number * _BLOCK * DAY > END:
                return END // DAY
        return self._working_days(number)[index]

    def working_days(self, first: int, last: int) -> int:
        """Count the working days after `first`, up to and with `last`."""
        count = 0
        for number in range((first + 1) // _BLOCK, last // _BLOCK + 1):
            days = self._working_days(number)
            count += bisect_right(days, last) - bisect_right(days, first)
        return count

    def shift_day(self, at: int) -> int | None:
        """Return the day whose hours an instant lies in, the earlier one if there are two."""
        today = self.day(at)
        for day in (today - 1, today):
            for start, end in self.spans(day):
                if start <= at < end:
                    return day
        return None

    # --- working time

    def opening(self, at: int) -> int:
        """Return the first working instant from `at` on."""
        return self.later(at, 1) - 1 if at < END else at

    def worked(self, first: int, last: int) -> int:
        """Return the working time between two instants; nothing if `last` is no later."""
        if last <= first:
            return 0
        first_block, last_block = (at // (_BLOCK * DAY) for at in (first, last))
        whole = sum(self._block(number).total for number in range(first_block, last_block))
        return whole + self._block(last_block).worked(last) - self._block(first_block).worked(first)

    def later(self, at: int, work: int) -> int:
        """Return the first instant at which so much has been worked since `at`."""
        if work <= 0:
            return at
        number = at // (_BLOCK * DAY)
        work += self._block(number).worked(at)
        while work > self._block(number).total:
            work -= self._block(number).total
            number += 1
            if number * _BLOCK * DAY > END:
                return max(END, at)
        return self._block(number).reached(work)

    def openings(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Yield each opening between two instants, cut to them: its day, from when, until when."""
        days = range(self.day(first) - 2, self.day(last) + 2)
        cursor = first
        for start, end, day in sorted((*span, number) for number in days for span in self.spans(number)):
            cut_start, cut_end = max(start, cursor), min(end, last)  # where nights overlap, once
            if cut_start < cut_end:
                yield day, cut_start, cut_end
                cursor = cut_end

    # --- laying out

    def _pieces(self, day: int) -> Iterator[Span]:
        hours = self.hours(day)
        if not hours:
            return
        midnight = day * DAY
        if self.day(self.shown(midnight)) != day:  # skipped altogether, so that nothing can begin on it
            return
        index = bisect_right(self._since, midnight - DAY) - 1
        while self._since[index] < midnight + 3 * DAY:
            offset, since, until = self._offsets[index], self._since[index], self._since[index + 1]
            for interval in hours:
                start = max(midnight + interval.start * MINUTE - offset, since)
                end = min(midnight + interval.end * MINUTE - offset, until)
                if start < end:
                    yield start, end
            index += 1

    def _working_days(self, number: int) -> list[int]:
        found = self._days.get(number)
        if found is None:
            days = range(number * _BLOCK, (number + 1) * _BLOCK)
            found = self._days[number] = [day for day in days if self.spans(day)]
        return found

    def _block(self, number: int) -> _Block:
        found = self._blocks.get(number)
        if found is None:
            found = self._blocks[number] = self._laid_out(number)
        return found

    def _laid_out(self, number: int) -> _Block:
        first, last = number * _BLOCK, (number + 1) * _BLOCK
        # Two days before, one after: night shifts last until the next midnight, and zones differ by up to a day.
        spans = (span for day in range(first - 3, last + 2) for span in self.spans(day))
        starts, before, after, total = [], [], [], 0
        for start, end in _joined(spans):
            cut_start, cut_end = max(start, first * DAY), min(end, last * DAY)
            if cut_start < cut_end:
                starts.append(cut_start)
                before.append(total)
                total += cut_end - cut_start
                after.append(total)
        return _Block(starts=starts, before=before, after=after)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Sort stretches of time and join those that touch or overlap."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


_timetables: WeakKeyDictionary[Calendar, Timetable] = WeakKeyDictionary()


def timetable(calendar: Calendar) -> Timetable:
    """Return a calendar's openings. Every complaint carries its own copy of a calendar; equal ones share them."""
    found = _timetables.get(calendar)
    if found is None:
        found = _timetables[calendar] = _shared(calendar.zone, calendar.week, calendar.special)
    return found


@lru_cache(maxsize=256)
def _shared(zone: Zone, week: tuple[tuple[Interval, ...], ...], special: tuple[SpecialDay, ...]) -> Timetable:
    return Timetable(zone, week, special)
