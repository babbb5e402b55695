"""Writes policies/policy.schema.json, by which editors complete and check a policy file: `python -m cli.policy_schema`.

It follows from the types in `complaints/policy.py`; a test compares the file with what this module would write. A file
that extends another may leave out what the other has, and take things away by `null`; so inside named things nothing
is required. The loader knows what is missing in the end.
"""

from __future__ import annotations

import json
import re
from dataclasses import Field, dataclass, field, fields, is_dataclass
from datetime import time
from inspect import getdoc
from typing import Any, get_args, get_origin

import annotated_types as bounds

from complaints.calendars import SHIPPED
from complaints.policy import Policy
from complaints.policy_file import FOLDER
from complaints.policy_shape import bare, constraints, default_of, hints, is_required, members_of
from complaints.vocabulary import Score

DOCUMENT = FOLDER / "policy.schema.json"

_IDENTIFIER = "^[A-Za-z0-9._-]+$"
_PATTERNS = {"is_identifier": _IDENTIFIER, "isupper": "^[A-Z]{3}$", "is_not_blank": r"\S"}

_CALENDAR = {
    "description": "A calendar of one's own: it stands on another (extends), on a country's holidays, or on nothing.",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "extends": {
            "description": f"A calendar of this file, or one that ships: {', '.join(SHIPPED)}.",
            "type": ["string", "null"],
        },
        "country": {
            "description": "In place of extends: the ISO 3166 code of a country whose public holidays count, such as DE.",
            "type": ["string", "null"],
            "pattern": "^[A-Z]{2}$",
        },
        "subdivision": {
            "description": "A part of that country with holidays of its own, such as BY.",
            "type": ["string", "null"],
        },
        "zone": {
            "description": "The zone of the IANA database that its hours are of, such as Asia/Shanghai.",
            "type": ["string", "null"],
        },
        "hours": {
            "description": "By weekday or by several of them, such as mon-fri: the hours of business.",
            "type": ["object", "null"],
            "propertyNames": {"pattern": "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$"},
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Hours"}, {"type": "null"}]},
        },
        "days": {
            "description": "By date, or by first and last date with a / between: days that are not as their weekday says.",
            "type": ["object", "null"],
            "propertyNames": {"pattern": r"^\d{4}-\d{2}-\d{2}(/\d{4}-\d{2}-\d{2})?$"},
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Day"}, {"type": "null"}]},
        },
        "known_until": {
            "description": "The last day whose holidays are known; a deadline beyond it is provisional.",
            "type": ["string", "null"],
            "pattern": r"^\d{4}-\d{2}-\d{2}$",
        },
    },
}
_HOURS = {
    "description": "Hours without overlap, such as 08:30-12:00; a night shift, such as 22:00-06:00, belongs to the day it begins on.",
    "type": "array",
    "items": {"type": "string", "pattern": r"^\d{2}:\d{2}-\d{2}:\d{2}$"},
}
_DAY = {
    "description": "A holiday (no hours), a half day, or a make-up working day (hours: weekday).",
    "type": "object",
    "additionalProperties": False,
    "required": ["hours"],
    "properties": {
        "hours": {"anyOf": [{"$ref": "#/$defs/Hours"}, {"const": "weekday"}]},
        "name": {"$ref": "#/$defs/Names"},
    },
}


def written() -> str:
    """Write the whole schema."""
    return json.dumps(_whole(), ensure_ascii=False, indent=2) + "\n"


def _whole() -> dict[str, Any]:
    schemas = _Schemas()
    about = attributes(Policy)
    base = {"type": "string", "pattern": _IDENTIFIER}
    properties: dict[str, Any] = {
        "extends": {
            "description": "The policy, or the policies one over the other, whose fields hold where this file says nothing: "
            "in this folder, or one that ships.",
            "anyOf": [base, {"type": "array", "items": base, "minItems": 1}],
        },
        "overlay": {
            "description": "true: a file that is laid over others by their `extends`; alone it lies over the default.",
            "type": "boolean",
        },
    }
    for section in fields(Policy):
        if section.name == "places":
            continue
        if section.name == "calendars":
            described = {"anyOf": [{"$ref": "#/$defs/Calendar"}, {"type": "null"}]}
            properties["calendars"] = {
                "description": "Calendars of one's own, by name.",
                "type": ["object", "null"],
                "additionalProperties": described,
            }
        else:
            properties[section.name] = schemas.property(Policy, section, about, named=True)
    own = ["name", "version", "title"]
    needed = [f.name for f in fields(Policy) if is_required(f) and f.name not in ("calendars", *own)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Redress policy",
        "description": "Everything that decides how a complaint is handled. docs/policies.md explains each field.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": own,
        "anyOf": [{"required": ["extends"]}, {"required": ["overlay"]}, {"required": needed}],
        "$defs": {
            **dict(sorted(schemas.found.items())),
            "Calendar": _CALENDAR,
            "Hours": _HOURS,
            "Day": _DAY,
        },
    }


@dataclass
class _Schemas:
    """The schemas of the dataclasses met so far. `named`: the thing can be merged with an inherited one."""

    found: dict[str, Any] = field(default_factory=dict)

    def of(self, hint: Any, *, named: bool) -> dict[str, Any]:
        kind, limits = bare(hint), constraints(hint)
        if members_of(kind):
            return {"enum": list(members_of(kind))}
        if is_dataclass(kind):
            return {"$ref": f"#/$defs/{self._define(kind, named=named)}"}  # type: ignore[arg-type]  # a class
        if get_origin(kind) is tuple:
            items = {"type": "array", "items": self.of(get_args(kind)[0], named=False)}
            return items | ({"minItems": 1} if _has(limits, bounds.MinLen) else {})
        if get_args(kind):
            return self._mapping(kind)
        return _scalar(kind, limits)

    def property(self, kind: type, part: Field[Any], about: dict[str, str], *, named: bool) -> dict[str, Any]:
        """Describe a field; one of a named thing can also be taken away."""
        hint = hints(kind)[part.name]
        schema = self.of(hint, named=named)
        if named or not is_required(part):
            schema = nullable(schema)
        if part.name in about:
            schema = {"description": about[part.name], **schema}
        default = None if is_required(part) else default_of(part)
        return schema | ({"default": default} if isinstance(default, bool | int | str) else {})

    def _mapping(self, kind: Any) -> dict[str, Any]:
        key, value = get_args(kind)
        inside = nullable(self.of(value, named=True))
        if members_of(key):
            names = dict.fromkeys(members_of(key), inside)
            return {"type": "object", "additionalProperties": False, "properties": names}
        if key == Score:
            return {"type": "object", "propertyNames": {"pattern": "^[1-5]$"}, "additionalProperties": inside}
        return {
            "type": "object",
            "propertyNames": _scalar(str, constraints(key)),
            "additionalProperties": inside,
        }

    def _define(self, kind: type, *, named: bool) -> str:
        """Define a dataclass twice: as a named thing, and as an item of a list, which is always whole."""
        name = (
            kind.__name__
            if named or all(not is_required(f) for f in fields(kind))
            else f"Whole{kind.__name__}"
        )  # a dataclass
        if name not in self.found:
            self.found[name] = {}  # so that one which holds its like does not go round for ever
            about = attributes(kind)
            parts = {f.name: self.property(kind, f, about, named=named) for f in fields(kind)}
            needed = [] if named else [f.name for f in fields(kind) if is_required(f)]
            self.found[name] = {
                "description": _summary(kind),
                "type": "object",
                "additionalProperties": False,
                "properties": parts,
                **({"required": needed} if needed else {}),
            }
        return name


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Allow `null` besides."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]}


def _scalar(kind: Any, limits: tuple[Any, ...]) -> dict[str, Any]:
    if kind is bool:
        return {"type": "boolean"}
    if kind is time:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
    if kind is int:
        low, high = (next((getattr(c, n) for c in limits if hasattr(c, n)), None) for n in ("ge", "le"))
        bounded = {"minimum": low, "maximum": high}
        return {"type": "integer", **{name: bound for name, bound in bounded.items() if bound is not None}}
    assert kind is str, f"no schema is known for {kind}"
    known = [c.func.__name__ for c in limits if isinstance(c, bounds.Predicate)]
    pattern = next((_PATTERNS[name] for name in known if name in _PATTERNS), None)
    most = next((c.max_length for c in limits if isinstance(c, bounds.MaxLen)), None)
    most = most or next((_LIMITS[name] for name in known if name in _LIMITS), None)
    return {
        "type": "string",
        **({"pattern": pattern} if pattern else {}),
        **({"maxLength": most} if most else {}),
    }


_LIMITS = {"is_short_enough_text": 4000, "is_short_enough_line": 200}


def _has(limits: tuple[Any, ...], kind: type) -> bool:
    return any(isinstance(limit, kind) for limit in limits)


def _summary(kind: type) -> str:
    return " ".join((getdoc(kind) or "").split("\n\nAttributes:")[0].split())


def attributes(kind: type) -> dict[str, str]:
    """Read what a dataclass, or the one it is made from, says of its fields."""
    about: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        _, _, section = (getdoc(base) or "").partition("Attributes:\n")
        for name, text in re.findall(r"^    (\w+): (.*(?:\n        .*)*)", section, re.MULTILINE):
            about[name] = " ".join(text.split())
    return about


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
