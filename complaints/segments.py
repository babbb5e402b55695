"""What lies between two instants, stretch by stretch: the working time that counted, and why the rest did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from complaints.forms import Names
from complaints.timetable import MINUTE, Calendar, Timetable, date_of, instant, ticks, timetable


class SegmentKind(StrEnum):
    """Why a stretch of time counts, or does not."""

    WORKING = "working"
    MAKE_UP = "make_up"  # working time on a day that its weekday would have off
    SPECIAL = "special"  # working time on a day with hours of its own
    BREAK = "break"  # between two openings of one day
    CLOSED = "closed"  # before the first opening of a working day, or after the last
    WEEKEND = "weekend"  # a day that its weekday has off
    HOLIDAY = "holiday"  # a special day without hours

    @property
    def counts(self) -> bool:
        """Whether it is working time."""
        return self in (SegmentKind.WORKING, SegmentKind.MAKE_UP, SegmentKind.SPECIAL)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of time of one kind, on one day.

    Attributes:
        on: The local day it belongs to; the hours of a night shift belong to the day it began on.
        name: What the calendar calls that day, if it is a special one.
        shift_minutes: By how much clocks on the wall changed within it: 60 in spring, -60 in autumn.
    """

    start: datetime
    end: datetime
    kind: SegmentKind
    on: date
    name: Names | None = None
    shift_minutes: int = 0


def segments(a: datetime, b: datetime, calendar: Calendar) -> Iterator[Segment]:
    """Yield, in order, the stretches of time from `a` to `b`, without a gap; none if `b` is no later than `a`."""
    table, cursor, last = timetable(calendar), ticks(a), ticks(b)
    if last <= cursor:
        return
    for day, start, end in table.openings(cursor, last):
        yield from _off(table, cursor, start)
        yield _segment(table, start, end, _working_kind(table, day), day)
        cursor = end
    yield from _off(table, cursor, last)


def _off(table: Timetable, start: int, end: int) -> Iterator[Segment]:
    """Yield time off, day by day."""
    while start < end:
        over = min(table.day_over(start), end)
        kind, day = _off_kind(table, start, over)
        yield _segment(table, start, over, kind, day)
        start = over


def _segment(table: Timetable, start: int, end: int, kind: SegmentKind, day: int) -> Segment:
    special = table.special.get(day)
    return Segment(
        start=instant(start),
        end=instant(end),
        kind=kind,
        on=date_of(day),
        name=special.name if special else None,
        shift_minutes=sum(by for _, by in table.changes(start, end)) // MINUTE,
    )


def _working_kind(table: Timetable, day: int) -> SegmentKind:
    if day not in table.special:
        return SegmentKind.WORKING
    return SegmentKind.SPECIAL if table.weekday_hours(day) else SegmentKind.MAKE_UP


def _off_kind(table: Timetable, start: int, end: int) -> tuple[SegmentKind, int]:
    today = table.day(start)
    for day in (today - 1, today):
        spans = table.spans(day)
        if spans and spans[0][0] <= start and end <= spans[-1][1]:
            return SegmentKind.BREAK, day
    if table.hours(today):
        return SegmentKind.CLOSED, today
    return (SegmentKind.HOLIDAY if today in table.special else SegmentKind.WEEKEND), today
