"""The edge at which JSON becomes commands, events and policies, and nothing malformed gets past.

What is wrong is said field by field, in the words of the type: a door shows it as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from complaints.commands import COMMANDS, Command
from complaints.events import Event

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with one field.

    Attributes:
        field: Dotted, and empty where the whole is meant.
        file: The name of the file it was read from; empty where there is none.
        line: The first line is 1.
    """

    field: str
    rule: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line or 1}" if self.file else ""
        what = self.field if where else self.field or "the input"
        return ": ".join(part for part in (where, what, self.rule) if part)


class Malformed(ValueError):
    """The input has not the shape it must have; nothing was stored."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


def parse(kind: type[T], data: object) -> T:
    """Read plain data as one of our dataclasses.

    Raises:
        Malformed: Names every field that is missing, unknown or against its rule.
    """
    try:
        read: T = _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise Malformed(*(problem_of(detail) for detail in error.errors())) from None
    return read


def parse_command(name: str, data: Mapping[str, Any]) -> Command:
    """Read a command by its name and fields.

    Raises:
        Malformed: There is no such command, or a field is missing, unknown or against its rule.
    """
    kind = COMMANDS.get(name)
    if kind is None:
        raise Malformed(Problem(field="command", rule=f"{name!r} is none of {', '.join(COMMANDS)}"))
    command: Command = parse(kind, data)
    return command


def read(kind: type[T], text: bytes) -> T:
    """Read one of our dataclasses from JSON, strictly: nothing is taken for what it is not, such as false for 0.

    Raises:
        Malformed: It is no JSON, or names every field that is missing, unknown, double or against its rule.
    """
    try:
        found: T = _strictly(kind, text)
    except ValidationError as error:
        raise Malformed(*(problem_of(detail) for detail in error.errors(include_input=False))) from None
    _refuse_twins(text)
    return found


def _strictly(kind: type[T], text: bytes) -> T:
    """JSON knows one kind of number, so 3.0 is as whole as 3."""
    try:
        found: T = _adapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        if not any(detail["type"] == "int_type" for detail in error.errors(include_input=False)):
            raise
        whole = json.dumps(json.loads(text, parse_float=_whole))
        found = _adapter(kind).validate_json(whole, strict=True)
    return found


def _whole(number: str) -> int | float:
    read = float(number)
    return int(read) if read.is_integer() else read


def _refuse_twins(text: bytes) -> None:
    """A field that stands there twice is one of which nobody knows what was meant."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            twin = next(name for place, (name, _) in enumerate(pairs) if name in dict(pairs[:place]))
            raise Malformed(Problem(field=twin, rule="stands there twice"))
        return fields

    json.loads(text, object_pairs_hook=members)


def parse_event(data: Mapping[str, Any]) -> Event:
    """Read one line of the ledger."""
    return parse(Event, data)


def plain(value: object) -> Any:
    """Write one of our values as JSON-ready data."""
    return _adapter(type(value)).dump_python(value, mode="json")


def schema(kind: type[object]) -> dict[str, Any]:
    """Describe the fields of one of our dataclasses as JSON Schema."""
    return _adapter(kind).json_schema()


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Building an adapter costs milliseconds, using one microseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


_RULES = {
    "is_short_enough_text": "must have at most 4000 characters",
    "is_short_enough_line": "must have at most 200 characters",
    "is_not_blank": "must not be blank, nor contain a NUL character",
    "has_time_zone": "must name its UTC offset, such as 2026-03-01T09:00:00+08:00",
    "is_within_reach": "must lie between the years 2000 and 2199",
    "is_identifier": "may contain letters A-Z, digits, '.', '_' and '-' only",
    "is_whole_minute": "must be a time of day without seconds, such as 17:00",
    "is_source": "may contain lower-case letters and digits only",
    "isupper": "must be an ISO 4217 code in capitals, such as CNY",
    "isalpha": "must be an ISO 4217 code in capitals, such as CNY",
}


def problem_of(detail: Mapping[str, Any]) -> Problem:
    """Say in our words what pydantic found wrong."""
    field = ".".join(str(part) for part in detail["loc"] if part not in COMMANDS)
    if detail["type"] == "predicate_failed":
        name = next((name for name in _RULES if name in detail["msg"]), "")
        return Problem(field=field, rule=_RULES.get(name, detail["msg"]))
    if detail["type"] == "union_tag_not_found":
        return Problem(field=_dotted(field, "type"), rule="is missing")
    if detail["type"] == "union_tag_invalid":
        expected = detail["ctx"]["expected_tags"].replace("'", "")
        return Problem(field=_dotted(field, "type"), rule=f"is none of {expected}")
    if detail["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return Problem(field=field, rule="is not a field here")
    if detail["type"] in ("missing_argument", "missing_keyword_only_argument", "missing"):
        return Problem(field=field, rule="is missing")
    return Problem(field=field, rule=detail["msg"][:1].lower() + detail["msg"][1:])


def _dotted(*parts: str) -> str:
    return ".".join(part for part in parts if part)
