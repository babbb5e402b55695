"""Reads what people write about time in an organisation file: days, hours, quiet hours, when a leave begins and ends.

Every function raises ValueError with what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from complaints.policy import QuietHours
from complaints.working_time import Interval, Zone, instant_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


def days(text: object) -> tuple[int, ...]:
    """Read days of the week, Monday is 0.

    >>> days("mon-fri, sun")
    (0, 1, 2, 3, 4, 6)
    >>> days("sat-mon")
    (0, 5, 6)
    """
    found: set[int] = set()
    for part in re.split(r"[,\s]+", str(text).strip().lower()):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError("must be days such as mon-fri or sat,sun; days are " + ", ".join(DAYS))
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % 7 if dash else 0
        found |= {(begin + step) % 7 for step in range(length + 1)}
    return tuple(sorted(found))


def spans(value: object) -> tuple[Interval, ...]:
    """Read hours of a day, as a list or a text; those that end before they begin go on past midnight.

    >>> spans("08:30-12:00, 22:00-06:00")
    (Interval(start=510, end=720), Interval(start=1320, end=1800))
    """
    texts = value if isinstance(value, list) else re.split(r"\s*,\s*|\s+(?=\d)", str(value).strip())
    read = sorted((_span(text) for text in texts), key=lambda span: span.start)
    for before, after in pairwise(read):
        if after.start < before.end:
            raise ValueError("hours of one day must not overlap")
    return tuple(read)


def week(value: object) -> tuple[tuple[Interval, ...], ...]:
    """Read the hours of a week, as a mapping or as a text such as `mon-fri 08:30-12:00 14:00-18:00; sat 09:00-12:00`."""
    if isinstance(value, Mapping):
        parts = list(value.items())
    else:
        split = (part.strip().partition(" ") for part in str(value).split(";") if part.strip())
        parts = [(first, rest) for first, _, rest in split]
    read: list[tuple[Interval, ...]] = [()] * 7
    for which, hours in parts:
        for day in days(which):
            if read[day]:
                raise ValueError(f"names {DAYS[day]} twice")
            read[day] = spans(hours)
    return tuple(read)


def quiet(text: object) -> QuietHours:
    """Read quiet hours such as `22:00-07:00`."""
    span = _span(text)
    return QuietHours(start=_time(span.start), end=_time(span.end))


def beginning(zone: Zone, text: object) -> datetime:
    """Read when something begins: a day, or a local time on a day."""
    read = _moment(text)
    return _instant(zone, datetime.combine(read, time()) if not isinstance(read, datetime) else read)


def ending(zone: Zone, text: object) -> datetime:
    """Read when something ends: a day is over at its midnight."""
    read = _moment(text)
    if not isinstance(read, datetime):
        read = datetime.combine(read + timedelta(days=1), time())
    return _instant(zone, read)


def _span(text: object) -> Interval:
    found = _SPAN.fullmatch(str(text).strip())
    numbers = [int(number) for number in found.groups()] if found else []
    if not numbers or max(numbers[::2]) > 24 or max(numbers[1::2]) > 59:
        raise ValueError("must be hours such as 08:30-12:00; 22:00-06:00 goes on past midnight")
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if start > 1439 or end > 1440 or start == end:
        raise ValueError("must be hours such as 08:30-12:00; a whole day is 00:00-24:00")
    return Interval(start=start, end=end if end > start else end + 1440)


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _moment(text: object) -> date | datetime:
    try:
        written = str(text).strip()
        read = date.fromisoformat(written) if len(written) == 10 else datetime.fromisoformat(written)
    except ValueError:
        raise ValueError("must be a day such as 2026-05-01, or a time such as 2026-05-01T18:00") from None
    if not 2000 <= read.year < 2200:
        raise ValueError("must lie between the years 2000 and 2199")
    return read


def _instant(zone: Zone, moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.utcoffset() is not None else instant_of(zone, moment)
