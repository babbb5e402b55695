"""A resolved policy as lines of words, one for each thing it says: to be shown, and to be compared line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import time
from enum import StrEnum

from cli.words import money
from complaints.forms import Names
from complaints.policy import Policy, QuietHours
from complaints.vocabulary import Money
from complaints.working_time import Budget, Calendar, Ends, Interval, Zone

_NOT_RULES = frozenset({"places"})
"""Where a rule stands says nothing about what it is."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that two policies say differently; empty for the one that does not say it at all."""

    path: str
    before: str
    after: str


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Compare what two policies say, in the order in which they say it."""
    old, new = lines(before), lines(after)
    paths = list(old) + [path for path in new if path not in old]
    return [
        Difference(path=path, before=old.get(path, ""), after=new.get(path, ""))
        for path in paths
        if old.get(path) != new.get(path)
    ]


def lines(policy: Policy) -> dict[str, str]:
    """Say everything that a policy says, by dotted path; what it leaves empty is left out."""
    rules = {f.name: getattr(policy, f.name) for f in fields(policy) if f.name not in _NOT_RULES}
    rules["authority"] = {
        currency: {role: Money(amount_minor=most, currency=currency) for role, most in limits.items()}
        for currency, limits in policy.authority.items()
    }
    return {path: words for path, words in _lines("", rules) if words}


def _lines(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case Calendar():
            yield from _calendar(path, value)
        case Mapping():
            for name, item in value.items():
                yield from _lines(_under(path, name), item)
        case tuple() if any(_is_compound(item) for item in value):
            for index, item in enumerate(value, start=1):
                yield from _lines(_under(path, index), item)
        case _ if _is_compound(value):
            for field in fields(value):  # type: ignore[arg-type]  # compound values are dataclasses
                yield from _lines(_under(path, field.name), getattr(value, field.name))
        case _:
            yield path, _word(value)


def _under(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _is_compound(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, Budget | Names | Money | QuietHours)


def _word(value: object) -> str:
    match value:
        case None | ():
            return ""
        case bool():
            return "yes" if value else "no"
        case Budget():
            return budget(value)
        case Names():
            return f"{value.en} / {value.zh}"
        case Money():
            return money(value)
        case QuietHours():
            return f"{value.start:%H:%M} to {value.end:%H:%M}"
        case time():
            return f"{value:%H:%M}"
        case StrEnum():
            return value.value
        case tuple():
            return ", ".join(_word(item) for item in value)
        case _:
            return str(value)


def budget(value: Budget) -> str:
    """Write an amount of time with its unit, and what else decides when it is used up."""
    ends = {Ends.SAME_TIME: "", Ends.CLOSE: ", by closing time", Ends.MIDNIGHT: ", by midnight"}[value.ends]
    first = ", the first day counts" if value.counts_first_day else ""
    return f"{value.amount} {value.unit}{ends}{first}"


# --- calendars


def _calendar(path: str, calendar: Calendar) -> Iterator[tuple[str, str]]:
    yield from _zone(f"{path}.zone", calendar.zone)
    for name, hours in zip(_WEEKDAYS, calendar.week, strict=True):
        yield f"{path}.week.{name}", _hours(hours)
    for day in calendar.special:
        yield f"{path}.special.{day.on}", f"{_hours(day.hours)} ({_word(day.name)})"
    yield f"{path}.known_until", str(calendar.known_until or "")


def _zone(path: str, zone: Zone) -> Iterator[tuple[str, str]]:
    yield path, zone.name
    for offset in zone.offsets:
        hours, minutes = divmod(abs(offset.minutes), 60)
        sign = "-" if offset.minutes < 0 else "+"
        yield f"{path}.{offset.since:%Y-%m-%d}", f"UTC{sign}{hours:02}:{minutes:02}"


def _hours(hours: tuple[Interval, ...]) -> str:
    return ", ".join(f"{_clock(i.start)}-{_clock(i.end)}" for i in hours) or "closed"


def _clock(minutes: int) -> str:
    """Write minutes after midnight as people do; a night shift ends on the next day, at 06:00."""
    return "24:00" if minutes == 1440 else f"{minutes // 60 % 24:02}:{minutes % 60:02}"
