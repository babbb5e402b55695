"""Reads what a policy file says of one calendar: its zone, its hours, its own days. What it stands on is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from complaints import zones
from complaints.calendar_hours import WEEKDAYS, read_hours, read_weekdays
from complaints.forms import Names
from complaints.wire import Malformed, Problem, parse
from complaints.working_time import Interval, Zone

FIELDS = ("extends", "country", "subdivision", "zone", "hours", "days", "known_until")
LONGEST_RANGE_DAYS = 366
LIKE_A_WEEKDAY = "weekday"

Definition = Mapping[str, Any]
Hours = tuple[Interval, ...]


@dataclass(frozen=True, kw_only=True)
class DayDraft:
    """A special day before the hours of weekdays are settled; `hours` is empty if it works like a weekday."""

    hours: Hours | None
    name: Names


@dataclass(frozen=True, kw_only=True)
class CalendarDraft:
    """A calendar while it is being put together."""

    zone: Zone | None = None
    week: Mapping[int, Hours] = field(default_factory=dict)
    days: Mapping[date, DayDraft] = field(default_factory=dict)
    known_until: date | None = None


class _Problems:
    """What is wrong with a definition, gathered field by field."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, field_: str, rule: str) -> None:
        self.found.append(Problem(field=field_, rule=rule))


def read(definition: Definition, ground: CalendarDraft) -> CalendarDraft:
    """Lay what a definition says over what it stands on."""
    problems = _Problems()
    zone, known_until = ground.zone, ground.known_until
    if definition.get("zone") is not None:
        try:
            zone = zones.resolve(str(definition["zone"]))
        except ValueError as wrong:
            problems.add("zone", str(wrong))
    if definition.get("known_until") is not None:
        try:
            known_until = _date(definition["known_until"])
        except ValueError:
            problems.add("known_until", "must be a date, such as 2027-12-31")
    week = dict(_week(definition.get("hours"), problems))
    days = dict(_days(definition.get("days"), problems))
    if problems.found:
        raise Malformed(*problems.found)
    return CalendarDraft(
        zone=zone, week={**ground.week, **week}, days={**ground.days, **days}, known_until=known_until
    )


def _week(said: object, problems: _Problems) -> Iterator[tuple[int, Hours]]:
    if said is None:
        return
    if not isinstance(said, Mapping):
        problems.add("hours", 'must name weekdays, such as {mon-fri: ["09:00-17:00"]}')
        return
    seen: set[int] = set()
    for key, value in said.items():
        try:
            weekdays = read_weekdays(str(key))
            hours = read_hours(value)
        except ValueError as wrong:
            problems.add(f"hours.{key}", str(wrong))
        else:
            if twice := seen & weekdays:
                problems.add(f"hours.{key}", f"names {WEEKDAYS[min(twice)]} a second time")
            seen |= weekdays
            yield from ((weekday, hours) for weekday in sorted(weekdays))


def _days(said: object, problems: _Problems) -> Iterator[tuple[date, DayDraft]]:
    if said is None:
        return
    if not isinstance(said, Mapping):
        problems.add("days", "must name dates, such as 2026-05-20")
        return
    seen: set[date] = set()
    for key, value in said.items():
        where = f"days.{key}"
        try:
            dates = _dates(key)
        except ValueError as wrong:
            problems.add(where, str(wrong))
            continue
        if twice := seen.intersection(dates):
            problems.add(where, f"names {min(twice)} a second time")
        seen.update(dates)
        day = _day(value, where, problems)
        if day is not None:
            yield from ((on, day) for on in dates)


def _day(said: object, where: str, problems: _Problems) -> DayDraft | None:
    if not isinstance(said, Mapping):
        problems.add(where, "must say its hours and its name")
        return None
    before = len(problems.found)
    for key in said:
        if key not in ("hours", "name"):
            problems.add(f"{where}.{key}", "is not a field here; there are hours, name")
    hours: Hours | None = None
    if "hours" not in said:
        problems.add(f"{where}.hours", "is missing; [] is a day off")
    elif said["hours"] != LIKE_A_WEEKDAY:
        try:
            hours = read_hours(said["hours"])
        except ValueError as wrong:
            problems.add(f"{where}.hours", f'{wrong}; "weekday" means the usual hours')
    try:
        name = parse(Names, said.get("name", {}))
    except Malformed as wrong_name:
        problems.found += [
            replace(problem, field=f"{where}.name{problem.field and '.'}{problem.field}")
            for problem in wrong_name.problems
        ]
    return DayDraft(hours=hours, name=name) if len(problems.found) == before else None


def _dates(said: object) -> list[date]:
    """Read a date, or the first and last of some: 2026-02-15/2026-02-23."""
    first, _, last = str(said).partition("/")
    try:
        begin, end = _date(first), _date(last or first)
    except ValueError:
        raise ValueError(
            "must be a date, such as 2026-05-20, or a first and last one: 2026-05-20/2026-05-22"
        ) from None
    if not 0 <= (end - begin).days < LONGEST_RANGE_DAYS:
        raise ValueError("must not end before it begins, nor last longer than a year")
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def _date(said: object) -> date:
    return said if type(said) is date else date.fromisoformat(str(said))
