"""Reads hours as people write them: "08:30-12:00" on "mon-fri"."""

from __future__ import annotations

import re
from itertools import pairwise

from complaints.working_time import Interval

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_NIGHT_HOURS = 16

_TIMES = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")


def read_weekdays(said: str) -> set[int]:
    """Read a weekday, or the first and last of some; Monday is 0.

    >>> read_weekdays("sat"), read_weekdays("fri-sun")
    ({5}, {4, 5, 6})

    Raises:
        ValueError: It is neither.
    """
    first, dash, last = said.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        raise ValueError(
            f"must be a weekday or a range of them, such as mon-fri; there are {', '.join(WEEKDAYS)}"
        )
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < begin:
        raise ValueError("must begin before it ends in a week that begins on Monday")
    return set(range(begin, end + 1))


def read_hours(said: object) -> tuple[Interval, ...]:
    """Read the hours of a day: a list of "from-until". What ends no later than it begins lasts into the next day.

    Raises:
        ValueError: Says what is wrong, and with which of them.
    """
    if not isinstance(said, list | tuple):
        raise ValueError(  # noqa: TRY004 - what a file says is a value
            'must be a list, such as ["08:30-12:00", "13:30-17:30"]; [] is closed'
        )
    hours = sorted((_interval(item) for item in said), key=lambda interval: interval.start)
    for one, other in pairwise(hours):
        if other.start < one.end:
            raise ValueError(f"{_written(one)} and {_written(other)} overlap")
    if hours and hours[-1].end - 1440 > hours[0].start:
        raise ValueError(
            f"{_written(hours[-1])} lasts until after the next day begins with {_written(hours[0])}"
        )
    return tuple(hours)


def _interval(said: object) -> Interval:
    found = _TIMES.fullmatch(str(said).replace(" ", ""))
    if found is None:
        raise ValueError(f'{said!r} must be two times, such as "08:30-12:00"')
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or start > 1439 or end > 1440:
        raise ValueError(f"{said!r} holds no time of day; they run from 00:00 to 24:00")
    if start == end:
        raise ValueError(f'{said!r} ends when it begins; a whole day is "00:00-24:00"')
    if end < start:
        end += 1440
        if end - start > LONGEST_NIGHT_HOURS * 60:
            raise ValueError(
                f"{said!r} would last {(end - start) / 60:g} hours, into the next day;"
                f" a night has {LONGEST_NIGHT_HOURS} at most"
            )
    return Interval(start=start, end=end)


def _written(interval: Interval) -> str:
    return "-".join(
        f"{at // 60 % 24 if at != 1440 else 24:02}:{at % 60:02}" for at in (interval.start, interval.end)
    )
