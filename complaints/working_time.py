"""Budgets, and the instants they lead to.

Deadlines are instants in UTC. A zone is data: its offsets are resolved when a policy is pinned, so that no later
release of the time zone database moves a deadline. Units of working time join `Unit` and `add`; nothing else in
the core knows how long a unit is.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le


class Unit(StrEnum):
    """What a budget is counted in."""

    CALENDAR_HOURS = "calendar_hours"
    CALENDAR_DAYS = "calendar_days"  # 24 hours each, around the clock


_LENGTH = {Unit.CALENDAR_HOURS: timedelta(hours=1), Unit.CALENDAR_DAYS: timedelta(days=1)}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """An amount of time with its unit."""

    amount: Annotated[int, Ge(1), Le(10_000)]
    unit: Unit


def add(start: datetime, budget: Budget) -> datetime:
    """Return the instant at which a budget that starts running at `start` is used up."""
    return start + budget.amount * _LENGTH[budget.unit]


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
