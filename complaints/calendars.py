"""Turns what a policy file says of a calendar into data, once, at the door. Nothing inside a workflow calls it.

A calendar stands on another one (`extends`), on the public holidays of a country (`country`), or on nothing. What it
says itself goes before: weekday by weekday, date by date. `hours: weekday` means the hours of the first working day of
this calendar's week, so a make-up day follows whoever changes the hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from complaints.calendar_definition import FIELDS, CalendarDraft, DayDraft, Definition, Hours, read
from complaints.calendar_hours import WEEKDAYS
from complaints.public_holidays import UnknownCountry, UnknownSubdivision, public_holidays
from complaints.wire import Malformed, Problem
from complaints.working_time import Calendar, SpecialDay

FOLDER = Path(__file__).resolve().parent.parent / "policies" / "calendars"
SHIPPED = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def resolve(
    name: str, definition: Definition | None = None, others: Mapping[str, Definition] | None = None
) -> Calendar:
    """Resolve a calendar that ships (`definition` is empty), or one that a file describes.

    Args:
        name: What it is called.
        definition: What the file says of it.
        others: The definitions of the same file, by name, which it may extend.

    Raises:
        Malformed: Each problem names its field relative to the definition, which is empty where the whole is meant.
    """
    if definition is None:
        if name not in SHIPPED:
            raise Malformed(
                Problem(field="", rule=f"{name!r} is no calendar; there are {', '.join(SHIPPED)}")
            )
        return _shipped(name)
    return _settled(name, _draft(name, definition, others or {}, (name,)))


@lru_cache(maxsize=8)
def _shipped(name: str) -> Calendar:
    return _settled(name, _shipped_draft(name))


@lru_cache(maxsize=8)
def _shipped_draft(name: str) -> CalendarDraft:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return read(yaml.load(text, yaml.BaseLoader), CalendarDraft())  # noqa: S506 - it makes nothing but texts


# --- what it stands on


def _draft(
    name: str, definition: Definition, others: Mapping[str, Definition], trail: tuple[str, ...]
) -> CalendarDraft:
    if not isinstance(definition, Mapping):
        raise Malformed(Problem(field="", rule="must be a mapping of fields"))
    known = f"is not a field here; there are {', '.join(FIELDS)}"
    problems = [Problem(field=str(key), rule=known) for key in definition if key not in FIELDS]
    ground = CalendarDraft()
    try:
        ground = _ground(name, definition, others, trail)
    except Malformed as wrong:
        problems += wrong.problems
    try:
        draft = read(definition, ground)
    except Malformed as wrong:
        problems += wrong.problems
    if problems:
        raise Malformed(*problems)
    return draft


def _ground(
    name: str, definition: Definition, others: Mapping[str, Definition], trail: tuple[str, ...]
) -> CalendarDraft:
    country, parent = definition.get("country"), str(definition.get("extends", ""))
    if not parent and country is None:
        if "subdivision" in definition:
            raise Malformed(Problem(field="subdivision", rule="goes with a country"))
        return _shipped_draft(name) if name in SHIPPED else CalendarDraft()
    if country is not None:
        if parent:
            raise Malformed(Problem(field="country", rule="stands in place of extends, not beside it"))
        return _country(str(country), definition.get("subdivision"))
    if "subdivision" in definition:
        raise Malformed(Problem(field="subdivision", rule="goes with a country, not with extends"))
    if parent in others and parent != name:
        if parent in trail:
            circle = " -> ".join((*trail, parent))
            raise Malformed(Problem(field="extends", rule=f"goes in a circle: {circle}"))
        try:
            return _draft(parent, others[parent], others, (*trail, parent))
        except Malformed as wrong:
            circles = [problem for problem in wrong.problems if "circle" in problem.rule]
            rule = circles[0].rule if circles else f"{parent!r} has mistakes of its own"
            raise Malformed(Problem(field="extends", rule=rule)) from None
    if parent in SHIPPED:
        return _shipped_draft(parent)
    if parent == name:
        raise Malformed(Problem(field="extends", rule=f"goes in a circle: {name} -> {name}"))
    known = ", ".join(sorted({*SHIPPED, *others} - {name}))
    raise Malformed(Problem(field="extends", rule=f"{parent!r} is no calendar; there are {known}"))


def _country(country: str, subdivision: object) -> CalendarDraft:
    if country == "CN":  # the library takes a year not announced yet for one without make-up days
        if subdivision is not None:
            raise Malformed(
                Problem(field="subdivision", rule="is not for CN: its holidays are the same all over")
            )
        return replace(_shipped_draft("china"), week={}, zone=None)
    try:
        found = public_holidays(country, None if subdivision is None else str(subdivision))
    except UnknownCountry as wrong:
        raise Malformed(Problem(field="country", rule=str(wrong))) from None
    except UnknownSubdivision as wrong:
        raise Malformed(Problem(field="subdivision", rule=str(wrong))) from None
    off = {day: DayDraft(hours=(), name=name) for day, name in found.off.items()}
    make_up = {day: DayDraft(hours=None, name=name) for day, name in found.make_up.items()}
    return CalendarDraft(days={**off, **make_up}, known_until=found.known_until)


# --- the result


def _settled(name: str, draft: CalendarDraft) -> Calendar:
    if draft.zone is None:
        raise Malformed(Problem(field="zone", rule="is missing, such as Asia/Shanghai"))
    week = tuple(draft.week.get(weekday, ()) for weekday in range(7))
    if not any(week):
        raise Malformed(Problem(field="hours", rule="is missing: nobody would ever work"))
    usual = next(hours for hours in week if hours)
    special = tuple(
        SpecialDay(on=on, hours=usual if day.hours is None else day.hours, name=day.name)
        for on, day in sorted(draft.days.items())
    )
    calendar = Calendar(name=name, zone=draft.zone, week=week, special=special, known_until=draft.known_until)
    problems = list(_nights_that_meet_days(calendar))
    if problems:
        raise Malformed(*problems)
    return calendar


def _nights_that_meet_days(calendar: Calendar) -> Iterator[Problem]:
    """Find working nights that last into the hours of the next day: which day would those hours belong to?"""
    for weekday, hours in enumerate(calendar.week):
        if _meet(hours, calendar.week[(weekday + 1) % 7]):
            names = WEEKDAYS[weekday], WEEKDAYS[(weekday + 1) % 7]
            yield Problem(field="hours", rule="the night of {} lasts into the hours of {}".format(*names))
            return
    special = {day.on: day.hours for day in calendar.special}
    for night in sorted({day for on in special for day in (on - timedelta(days=1), on)}):
        day = night + timedelta(days=1)
        first, second = (special.get(on, calendar.week[on.weekday()]) for on in (night, day))
        if _meet(first, second):
            where = day if day in special else night
            yield Problem(
                field=f"days.{where}.hours", rule=f"the night of {night} lasts into the hours of {day}"
            )


def _meet(night: Hours, day: Hours) -> bool:
    return bool(night and day) and night[-1].end - 1440 > day[0].start
