"""The way of a clock from its start to its deadline, gone again: the proof that start, budget and moves lead there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints import working_time
from complaints.records import Clock, Move
from complaints.timeline import BUSINESS, DAYS, Day
from complaints.working_time import Calendar, Ends

ANEW = (Move.SEVERITY, Move.MIGRATED)
"""What lays the whole way out anew, from the start."""


@dataclass(frozen=True)
class Way:
    """Where budget and moves lead.

    Attributes:
        is_named: Some extension or change named the deadline, so that it need not lie on a counted day.
    """

    first_due_at: datetime
    due_at: datetime
    allowed: timedelta | None
    is_named: bool


def retrace(clock: Clock, calendar: Calendar) -> Way:
    """Go the way again from the start with the budget as it is now.

    A change of severity or policy laid it out anew from the start, with the pauses and extensions before it; it asks
    for nothing before the moment at which it was made, or, of a clock that stood still, at which that one stopped.
    """
    budget = clock.budget
    if budget is None:
        due_at = clock.adjustments[0].was_due_at if clock.adjustments else clock.due_at
    else:
        due_at = working_time.add(clock.started_at, budget, calendar)
    first_due_at, is_named = due_at, False
    allowed = length(clock, clock.started_at, due_at, calendar)
    pauses: list[tuple[datetime, datetime]] = []
    anew = max((i for i, move in enumerate(clock.adjustments) if move.why in ANEW), default=-1)
    for index, move in enumerate(clock.adjustments):
        before = due_at
        if move.why == Move.RESUMED and move.since is not None:
            due_at = working_time.shifted(due_at, move.since, move.at, budget, calendar)
            if index > anew and due_at < move.at:  # it stopped in time, so nothing was missed while it stood
                due_at, is_named = move.at, True
            pauses.append((move.since, move.at))
            continue
        if move.why == Move.EXTENDED:
            due_at = max(due_at, move.due_at) if index < anew else move.due_at
        elif index == anew:
            due_at = max(due_at, _stopped_at(clock, index) or move.at)
        is_named = is_named or due_at != before
        allowed += length(clock, before, due_at, calendar)
        for since, until in pauses:  # what stood still was no time for anybody
            start, end = max(since, before), min(until, due_at)
            if start < end:
                allowed -= length(clock, start, end, calendar)
    return Way(first_due_at, due_at, None if budget is None else allowed, is_named)


def _stopped_at(clock: Clock, index: int) -> datetime | None:
    """Return since when a clock stood still at one of its moves, if it did."""
    later = (move.since for move in clock.adjustments[index + 1 :] if move.why == Move.RESUMED)
    since = next(later, clock.paused_at)
    return since if since is not None and since <= clock.adjustments[index].at else None


def length(clock: Clock, start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure as the budget counts: working time, or time on the wall. Negative if `end` lies before `start`."""
    if clock.budget is None or clock.budget.unit not in BUSINESS:
        return end - start
    if end < start:
        return -working_time.elapsed(end, start, calendar)
    return working_time.elapsed(start, end, calendar)


def days_add_up(clock: Clock, calendar: Calendar, days: Sequence[Day], way: Way) -> bool:
    """Check that the days come to what is allowed; where whole days count, that the last of them is the deadline's."""
    if clock.budget is None:
        return True
    if clock.budget.unit in DAYS and clock.budget.ends != Ends.SAME_TIME:
        if way.is_named or clock.paused_at is not None:
            return True
        last = next((day for day in reversed(days) if day.counts_as), None)
        a_night = timedelta(days=1)  # a night shift closes on the day after
        return (
            last is not None
            and last.counts_as == clock.budget.amount
            and last.on >= days[-1].on - a_night * (clock.budget.ends == Ends.CLOSE)
        )
    used = sum((day.used for day in days), timedelta())
    still = length(clock, clock.paused_at, clock.due_at, calendar) if clock.paused_at else timedelta()
    return used + still == way.allowed
