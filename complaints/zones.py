"""Turns the name of a time zone into data, once, at the door. Nothing that runs inside a workflow calls it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from complaints.working_time import Offset, Zone

FIRST_YEAR, LAST_YEAR = 2020, 2037
"""The years whose changes of the clocks are pinned; the same for every complaint, so that equal policies hash alike."""


@lru_cache(maxsize=64)
def resolve(name: str, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> Zone:
    """Look a zone up in the time zone database.

    Raises:
        ValueError: There is no such zone.
    """
    try:
        rules = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ValueError(
            f"{name!r} is not a time zone of the IANA database, such as Asia/Shanghai"
        ) from fault
    instant, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    offsets = [Offset(since=instant, minutes=_minutes(rules, instant))]
    while instant < end:
        following = instant + timedelta(days=1)
        if _minutes(rules, following) != offsets[-1].minutes:
            offsets.append(
                Offset(since=_change(rules, instant, following), minutes=_minutes(rules, following))
            )
        instant = following
    return Zone(name=name, offsets=tuple(offsets))


def _minutes(rules: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(rules).utcoffset()
    assert offset is not None  # an aware instant always has one
    return int(offset.total_seconds()) // 60


def _change(rules: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Find the minute of a change of the clocks by bisection."""
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        middle = middle.replace(second=0, microsecond=0)
        before, after = (
            (middle, after) if _minutes(rules, middle) == _minutes(rules, before) else (before, middle)
        )
    return after
