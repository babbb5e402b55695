"""Clocks on the wall: what they show at an instant, and at which instant they show what.

Instants are UTC. A zone is data: its offsets are resolved when a policy is pinned, so that no later release of the
time zone database moves a deadline.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from annotated_types import Ge, Le, MinLen, Predicate

from complaints.vocabulary import Line, has_time_zone

_REACH = timedelta(days=1)  # no offset is longer


@dataclass(frozen=True, kw_only=True)
class Offset:
    """From `since` (UTC) on, local time is this many minutes ahead of UTC."""

    since: Annotated[datetime, Predicate(has_time_zone)]
    minutes: Annotated[int, Ge(-1440), Le(1440)]


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A time zone as pinned data; `offsets` is sorted and not empty. Before its first entry, that entry holds."""

    name: Line
    offsets: Annotated[tuple[Offset, ...], MinLen(1)]


def local_time(zone: Zone, instant: datetime) -> datetime:
    """Return the wall-clock time at an instant, without a zone."""
    offset = zone.offsets[_period(zone, instant)]
    return (instant.astimezone(UTC) + timedelta(minutes=offset.minutes)).replace(tzinfo=None)


def instant_of(zone: Zone, wall: datetime) -> datetime:
    """Return the instant at which clocks on the wall show `wall`.

    Where they show it twice (autumn) the first is meant; where they skip it (spring) the instant is as long after
    the change as the skipped time lies after its beginning.
    """
    shown = wall.replace(tzinfo=UTC)
    index = _period(zone, shown - _REACH)
    while True:
        instant = shown - timedelta(minutes=zone.offsets[index].minutes)
        if index + 1 == len(zone.offsets) or instant < zone.offsets[index + 1].since:
            break
        index += 1
    if index and instant < zone.offsets[index].since:  # skipped: no period shows it
        return shown - timedelta(minutes=zone.offsets[index - 1].minutes)
    return instant


def next_daily(zone: Zone, after: datetime, at: time) -> datetime:
    """Return the instant at which it is `at` on the local day that follows the local day of `after`."""
    day = local_time(zone, after).date() + timedelta(days=1)
    return instant_of(zone, datetime.combine(day, at))


def _period(zone: Zone, instant: datetime) -> int:
    return max(bisect_right(zone.offsets, instant, key=lambda offset: offset.since) - 1, 0)
