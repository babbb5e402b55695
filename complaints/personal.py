"""Which values of a command are personal: who the customer is, and every text, since any of them may name somebody.

Doors walk a command with these functions to seal it, and to refuse what pretends to be sealed already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from complaints.commands import MigratePolicy, RaiseImprovement
from complaints.sealed import LETTER, has_sealed, is_sealed, keys_in
from complaints.vocabulary import Personal, Text
from complaints.wire import Malformed, Problem, plain

C = TypeVar("C")

OUR_OWN = (RaiseImprovement, MigratePolicy)
"""Where the organisation speaks of itself, and of many complaints at once; a complaint's key must not take it along."""


def sealed(command: C, seal: Callable[[str], str]) -> C:
    """Copy a command with every personal value sealed; what is one sealed value already stays as it is."""
    if isinstance(command, OUR_OWN):
        return command
    copy: C = _mapped(command, lambda text: text if is_sealed(text) else seal(text))
    return copy


def is_clear(command: object) -> bool:
    """Say whether something personal in a command can be read by anybody."""
    return not isinstance(command, OUR_OWN) and any(not is_sealed(text) for _, text in _personal(command, ""))


def is_foreign(command: object, number: str) -> bool:
    """Say whether something in a command was sealed for another complaint than this one.

    What was sealed as a letter may be for any; recording it will say for which.
    """
    return any(key != number and not key.startswith(LETTER) for key in keys_in(plain(command)))


def refuse_tokens(command: object) -> None:
    """Refuse what looks sealed and comes from outside, in whatever field: only doors seal.

    Raises:
        Malformed: Names every such field.
    """
    rule = "must not hold what looks sealed already: the door itself seals what is personal"
    wrong = [Problem(field=field, rule=rule) for field in tokens_in(plain(command))]
    if wrong:
        raise Malformed(*wrong)


def tokens_in(data: Any, path: str = "") -> Iterator[str]:
    """Name the fields of JSON-ready data in which something sealed stands, in a name or a value."""
    if isinstance(data, str):
        if has_sealed(data):
            yield path
    elif isinstance(data, Mapping):
        for name, each in data.items():
            if has_sealed(name):
                yield path
            yield from tokens_in(each, f"{path}.{name}".lstrip("."))
    elif isinstance(data, list | tuple):
        for index, each in enumerate(data):
            yield from tokens_in(each, f"{path}.{index}".lstrip("."))


def _mapped(form: Any, change: Callable[[str], str]) -> Any:
    changed = {
        name: _changed(getattr(form, name), is_personal, change)
        for name, is_personal in _fields(type(form))  # type: ignore[arg-type]  # classes are hashable
        if getattr(form, name)
    }
    return replace(form, **changed) if changed else form


def _changed(value: Any, is_personal: bool, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value) if is_personal else value
    if isinstance(value, Mapping):
        return {name: _changed(each, is_personal, change) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_changed(each, is_personal, change) for each in value)
    return _mapped(value, change) if is_dataclass(value) else value


def _personal(value: Any, path: str, is_personal: bool = False) -> Iterator[tuple[str, str]]:
    """List every personal text with the dotted name of its field."""
    if isinstance(value, str):
        if is_personal:
            yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _personal(each, f"{path}.{name}", is_personal)
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _personal(each, f"{path}.{index}", is_personal)
    elif is_dataclass(value):
        for name, private in _fields(type(value)):  # type: ignore[arg-type]  # classes are hashable
            yield from _personal(getattr(value, name), f"{path}.{name}".lstrip("."), private)


@cache
def _fields(form: Any) -> tuple[tuple[str, bool], ...]:
    """List the fields of a form that hold a personal text, or another form, with whether they are personal."""
    hints = get_type_hints(form, include_extras=True)
    return tuple(
        (each.name, _is_personal(hints[each.name]))
        for each in fields(form)
        if _is_personal(hints[each.name]) or _has_form(hints[each.name])
    )


def _is_personal(hint: object) -> bool:
    return hint in (Text, Personal) or any(_is_personal(part) for part in get_args(hint))


def _has_form(hint: object) -> bool:
    return is_dataclass(hint) or any(_has_form(part) for part in get_args(hint))
