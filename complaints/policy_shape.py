"""Reads the sections of a policy file by the types in `policy`, and says in plain words what a field may hold.

It judges each field by itself. Whether fields make sense together is for `policy_checks`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import annotated_types as bounds
from pydantic import TypeAdapter, ValidationError

from complaints.policy import Policy
from complaints.wire import Problem
from complaints.written import Path, Written

DERIVED = ("calendars", "places")
"""Fields of a policy that are worked out from the file instead of standing in it as they are."""

KNOWN = ("extends", "overlay", *(section.name for section in fields(Policy) if section.name != "places"))
"""What may stand in a file, at its outermost level."""


def read_sections(written: Written) -> tuple[dict[str, Any], list[Problem]]:
    """Read every section by itself, so that a mistake in one hides none in another.

    Returns:
        The sections that could be read, those that were left out included, and what is wrong with the others.
    """
    sections: dict[str, Any] = {}
    problems = [
        written.problem((name,), unknown(name, KNOWN)) for name in written.entries if name not in KNOWN
    ]
    for section in fields(Policy):
        name, hint = section.name, hints(Policy)[section.name]
        if name in DERIVED:
            continue
        if name not in written.entries:
            if is_required(section):
                problems.append(written.problem((name,), f"is missing; it must be {expected(hint)}"))
            else:
                sections[name] = default_of(section)
            continue
        try:
            sections[name] = _reader(name).validate_json(json.dumps(written.entries[name].plain), strict=True)
        except ValidationError as error:
            problems += [written.problem(*found) for found in _mistakes(error, name, hint)]
    return sections, problems


@lru_cache(maxsize=64)
def _reader(section: str) -> TypeAdapter[Any]:
    return TypeAdapter(hints(Policy)[section])


def _mistakes(error: ValidationError, section: str, hint: Any) -> Iterator[tuple[Path, str]]:
    for detail in error.errors():
        path, value = detail["loc"], detail["input"]
        match detail["type"]:
            case "missing":
                yield (section, *path), f"is missing; it must be {expected(declared(hint, path))}"
            case "unexpected_keyword_argument":
                yield (section, *path), unknown(str(path[-1]), hints(bare(declared(hint, path[:-1]))))
            case "too_short" if value:
                pass  # it is not empty; what is in it is wrong, and said so
            case _ if path and path[-1] == "[key]":
                allowed = get_args(bare(declared(hint, path[:-2])))[0]
                yield (section, *path[:-1]), _unknown_key(str(path[-2]), allowed)
            case kind:
                hint_ = declared(hint, path)
                quotes = (
                    f'; as text it is written "{value}"' if kind == "string_type" and is_number(value) else ""
                )
                yield (section, *path), f"must be {expected(hint_)}, not {shown(value)}{quotes}"


def unknown(name: str, known: Any) -> str:
    """Say that there is no such field, and which one was meant."""
    close = get_close_matches(name, [str(k) for k in known], n=1)
    if close:
        return f"is not a field here; did you mean {close[0]}?"
    return f"is not a field here; there are {', '.join(str(k) for k in known)}"


def is_number(value: object) -> bool:
    """Say whether YAML took something for a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown_key(name: str, allowed: Any) -> str:
    members = members_of(allowed)
    close = get_close_matches(name, members, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"a name here must be {expected(allowed)}{meant}"


# --- what the types say


@lru_cache(maxsize=64)
def hints(kind: type) -> Mapping[str, Any]:
    """Return the declared types of a dataclass's fields."""
    declared_types = get_type_hints(kind, include_extras=True)
    return {part.name: declared_types[part.name] for part in fields(kind)}


def is_required(section: Field[Any]) -> bool:
    """Say whether a field has to be given."""
    return section.default is MISSING and section.default_factory is MISSING


def default_of(section: Field[Any]) -> Any:
    """Return what a field is where it is left out."""
    return section.default if section.default_factory is MISSING else section.default_factory()


def bare(hint: Any) -> Any:
    """Take constraints and `None` off a declared type."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    others = [part for part in get_args(hint) if part is not NoneType]
    if NoneType in get_args(hint) and len(others) == 1:
        return bare(others[0])
    return hint


def constraints(hint: Any) -> tuple[Any, ...]:
    """Return the constraints of a declared type, those of an optional one included."""
    if get_origin(hint) is Annotated:
        return (*constraints(get_args(hint)[0]), *get_args(hint)[1:])
    others = [part for part in get_args(hint) if part is not NoneType]
    return constraints(others[0]) if NoneType in get_args(hint) and len(others) == 1 else ()


def declared(hint: Any, path: tuple[str | int, ...]) -> Any:
    """Return the declared type of what lies at a path inside a type; `Any` where nothing is declared."""
    for part in path:
        outer = bare(hint)
        if is_dataclass(outer):
            hint = hints(outer).get(str(part), Any)  # type: ignore[arg-type]  # a class, not an instance
        elif get_origin(outer) is tuple:
            hint = get_args(outer)[0]
        elif get_args(outer):
            hint = get_args(outer)[-1]
        else:
            return Any
    return hint


def members_of(hint: Any) -> tuple[str, ...]:
    """Return the values of an enum; none where it is something else."""
    kind = bare(hint)
    return tuple(str(m.value) for m in kind) if isinstance(kind, type) and issubclass(kind, Enum) else ()


_TEXTS = {
    "is_identifier": "a name of letters A-Z, digits, '.', '_' and '-'",
    "isupper": "a currency code in capitals, such as CNY",
    "is_not_blank": "text of 1 to {most} characters",
}


def expected(hint: Any) -> str:
    """Say what may stand where a type is declared, as the end of a sentence: "it must be …"."""
    kind, limits = bare(hint), constraints(hint)
    if members_of(kind):
        return f"one of {', '.join(members_of(kind))}"
    if kind is bool:
        return "true or false"
    if kind is int:
        low, high = (next((getattr(c, n) for c in limits if hasattr(c, n)), None) for n in ("ge", "le"))
        return "a whole number" + (
            f" from {low} to {high}" if high is not None else f" of at least {low}" if low is not None else ""
        )
    if kind is time:
        return 'a time of day such as "17:00"'
    if kind is str:
        known = (c.func.__name__ for c in limits if isinstance(c, bounds.Predicate))
        most = next((c.max_length for c in limits if isinstance(c, bounds.MaxLen)), 4000)
        return next((_TEXTS[n] for n in known if n in _TEXTS), "text").format(most=most)
    if is_dataclass(kind):
        needed = [f.name for f in fields(kind) if is_required(f)]
        return f"a mapping with {', '.join(needed)}" if needed else "a mapping of fields"
    some = " that is not empty" if any(isinstance(c, bounds.MinLen) for c in limits) else ""
    return f"a list{some}" if get_origin(kind) is tuple else f"a mapping{some}"


def shown(value: object) -> str:
    """Show what stands in a file, shortly."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case Mapping():
            return "a mapping" if value else "an empty mapping"
        case list():
            return "a list" if value else "an empty list"
        case str():
            return repr(value if len(value) <= 40 else f"{value[:39]}…")
        case _:
            return str(value)
