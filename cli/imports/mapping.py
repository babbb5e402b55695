"""Reads maps: as a whole, or not at all; whatever is wrong is told by file, line and reason."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.imports.filling import WRITTEN
from cli.imports.shape import REQUIRED, TARGETS, TOGETHER, Kind, Map, Pick, Reading, kind_of
from complaints import written
from complaints.vocabulary import Channel, Outcome, Severity
from complaints.wire import Malformed, Problem, parse
from complaints.written import Written

FOLDER = Path(__file__).resolve().parent / "maps"

Mistakes: TypeAlias = "Iterator[tuple[written.Path, str]]"

_TERMS: dict[str, tuple[str, ...]] = {
    "channel": tuple(Channel),
    "severity": tuple(Severity),
    "outcome": tuple(Outcome),
}
"""Fields whose words are ours alone, so that a table can be judged before any row is read."""


def shipped() -> tuple[str, ...]:
    """Name the maps that ship."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load(name: str) -> Map:
    """Read a map: a file, or the name of one that ships.

    Raises:
        Malformed: Names everything that is wrong, by file, line and field.
    """
    path = FOLDER / f"{name}.yaml" if name in shipped() else Path(name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        there = ", ".join(shipped())
        rule = f"can't be read: {fault.strerror or fault}; maps that ship: {there}"
        raise Malformed(Problem(field="", rule=rule, file=path.name, line=1)) from None
    except UnicodeDecodeError:
        raise Malformed(Problem(field="", rule="is no text in UTF-8", file=path.name, line=1)) from None
    return read(text, path.name)


def read(text: str, file: str) -> Map:
    """Read the text of a map.

    Raises:
        Malformed: Names everything that is wrong, by file, line and field.
    """
    whole, problems = written.read(text, file)
    if not whole.entries:
        raise Malformed(*problems, whole.problem((), "must be a mapping with the fields of a map"))
    reading, more = _shaped(Reading, _renamed(_without(whole, "fields")), whole, ())
    problems += more
    fields: dict[str, Pick] = {}
    section = whole.entries.get("fields")
    if section is None or not section.entries:
        raise Malformed(*problems, whole.problem(("fields",), "must say how each field is made"))
    for name, entry in section.entries.items():
        pick, more = _shaped(Pick, _pick(entry), whole, ("fields", name))
        problems += more
        if isinstance(pick, Pick):
            fields[name] = pick
    found = [*_mistakes(fields, set(section.entries)), *(_of_reading(reading) if reading else ())]
    problems += [whole.problem(*mistake) for mistake in found]
    if problems or reading is None:
        raise Malformed(*sorted(dict.fromkeys(problems), key=lambda p: p.line or 0))
    places = {name: whole.place_of(("fields", name)) for name in fields}
    return Map(reading, fields, {name: (place.file, place.line) for name, place in places.items()})


def _shaped(
    kind: type[Any], data: object, whole: Written, at: written.Path
) -> tuple[Any | None, list[Problem]]:
    try:
        return parse(kind, data), []
    except Malformed as error:
        return None, [whole.problem((*at, *_path(problem.field)), problem.rule) for problem in error.problems]


def _path(field: str) -> written.Path:
    named = ("in" if part == "is_in" else part for part in field.split(".") if part)
    return tuple(int(part) if part.isdigit() else part for part in named)


def _without(whole: Written, name: str) -> Any:
    return {key: entry.plain for key, entry in whole.entries.items() if key != name}


def _pick(entry: Written) -> Any:
    """A value that stands alone is a constant."""
    if isinstance(entry.plain, dict):
        return _renamed(entry.plain)
    return {"constant": entry.plain}


def _renamed(data: Any) -> Any:
    """`in` is no name for a field in Python."""
    for name in ("only", "when"):
        conditions = data.get(name)
        if isinstance(conditions, dict):
            data = {**data, name: [conditions]}
        if isinstance(data.get(name), list):
            data = {**data, name: [_with_in(each) for each in data[name]]}
    return data


def _with_in(condition: Any) -> Any:
    if not isinstance(condition, dict):
        return condition
    return {("is_in" if name == "in" else name): value for name, value in condition.items()}


# --- sense


def _of_reading(reading: Reading) -> Mistakes:
    try:
        codecs.lookup(reading.encoding)
        "".encode(reading.encoding)
    except (LookupError, UnicodeError, TypeError):
        yield ("encoding",), f"{reading.encoding!r} is no encoding, such as utf-8 or gb18030"
    yield from _of_zone(("zone",), reading.zone)
    for index, condition in enumerate(reading.only):
        yield from _of_condition(("only", index), condition)


def _of_zone(path: written.Path, name: str | None) -> Mistakes:
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield path, f"{name!r} is not a time zone of the IANA database, such as Asia/Shanghai"


def _of_condition(path: written.Path, condition: Any) -> Mistakes:
    said = [v for v in (condition.is_in, condition.not_in, condition.filled) if v is not None]
    if len(said) != 1:
        yield path, "must have exactly one of in, not_in and filled"


def _mistakes(fields: dict[str, Pick], named: set[str]) -> Mistakes:
    for name in REQUIRED:
        if name not in named:
            yield ("fields", name), "is missing"
    for one, other in TOGETHER:
        for this, that in ((one, other), (other, one)):
            if this in named and that not in named:
                yield ("fields", this), f"asks for {that} as well"
    if "resolution" in named and "closed_at" not in named:
        yield ("fields", "resolution"), "asks for closed_at as well"
    for name, pick in fields.items():
        kind = kind_of(name)
        if kind is None:
            near = difflib.get_close_matches(name, TARGETS, n=1)
            hint = f"; {near[0]} is one" if near else f"; there are {', '.join(TARGETS)} and details.NAME"
            yield ("fields", name), f"is no field of a complaint{hint}"
        else:
            yield from _of_pick(("fields", name), pick, kind, _TERMS.get(name))


def _of_pick(path: written.Path, pick: Pick, kind: Kind, terms: tuple[str, ...] | None) -> Mistakes:
    said = [
        name
        for name, value in (
            ("constant", pick.constant is not None),
            ("column", pick.column),
            ("join", pick.join),
            ("text", pick.text is not None),
        )
        if value
    ]
    if len(said) != 1:
        yield (
            path,
            f"must have exactly one of constant, column, join and text; it has {', '.join(said) or 'none'}",
        )
    if pick.otherwise is not None and pick.values is None:
        yield (*path, "otherwise"), "says what stands for values that no table names; there is no table"
    yield from _of_zone((*path, "zone"), pick.zone)
    for index, condition in enumerate(pick.when):
        yield from _of_condition((*path, "when", index), condition)
    if kind == Kind.INSTANT:
        for index, how in enumerate(pick.date):
            at = (*path, "date") if len(pick.date) == 1 else (*path, "date", index)
            yield from _of_date(at, how)
    if not 0 <= pick.decimals <= 4:
        yield (*path, "decimals"), "must lie between 0 and 4"
    if terms is not None:
        yield from _of_terms(path, pick, terms)


def _of_date(path: written.Path, how: str) -> Mistakes:
    if how in WRITTEN:
        return
    sample = datetime(2025, 3, 14, 13, 20, 59)  # noqa: DTZ001 - a wall clock is what such a date is
    try:
        is_date = datetime.strptime(sample.strftime(how), how).date() == sample.date()  # noqa: DTZ007 - the same
    except (ValueError, TypeError):
        is_date = False
    if not is_date:
        yield (
            path,
            f"{how!r} does not say how a date is written; %Y-%m-%d %H:%M does, or {', '.join(WRITTEN)}",
        )


def _of_terms(path: written.Path, pick: Pick, terms: tuple[str, ...]) -> Mistakes:
    given: list[tuple[written.Path, Any]] = [(path, pick.constant), ((*path, "otherwise"), pick.otherwise)]
    given += [((*path, "values", theirs), ours) for theirs, ours in (pick.values or {}).items()]
    for at, ours in given:
        if ours is not None and str(ours) and str(ours) not in terms:
            yield at, f"{ours} is none of {', '.join(terms)}"
