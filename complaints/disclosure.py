"""What of an event systems of others are told: never the customer, never what anybody wrote.

A field is told because of its type, or because it is named here: one that nobody has thought of stays inside.
Subscribers read the rest through the API, with their own rights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

from annotated_types import Predicate

from complaints.events import FACTS
from complaints.vocabulary import Customer, is_identifier, is_source

OF_OURS = frozenset(
    {
        *("action", "approval", "clock", "emergency", "escalation", "feedback", "improvement", "matter"),
        *("notice", "number", "option", "promise", "subject", "summons", "verification"),
        *(
            "calendar",
            "channel",
            "currency",
            "department",
            "hazard",
            "ladder",
            "language",
            "person",
            "recipient",
        ),
        *("policy_name", "policy_version", "policy_sha256", "was_sha256"),
    }
)
"""Texts that the rules or the policy wrote: ids, and names of rules, departments and members of staff."""

ABOUT_PEOPLE = frozenset({"complaint_type", "customer_type", "emotional_intensity", "motive", "named"})
"""What has a harmless type and says what we think of the customer, or whom they complain of."""

_Shape: TypeAlias = "bool | Mapping[str, _Shape]"
"""Whether a value is told; of a record, which of its fields are."""


def disclosed(fact: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a fact of the ledger, as JSON-ready data, without what is not told. Its `type` always is."""
    kind: Any = FACTS.get(fact["type"])
    told = _told(_shape_of(kind), fact) if kind is not None else {}
    return {"type": fact["type"], **told}


def left_out(kind: Any) -> frozenset[str]:
    """Name the fields of a kind of fact that are never told in full."""
    return frozenset(name for name, shape in _shape_of(kind).items() if shape is False)


def _told(shape: Mapping[str, _Shape], data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _pruned(part, data[name]) for name, part in shape.items() if part is not False and name in data
    }


def _pruned(shape: _Shape, value: Any) -> Any:
    if isinstance(shape, Mapping) and isinstance(value, Mapping):
        return _told(shape, value)
    if isinstance(value, list):
        return [_pruned(shape, item) for item in value]
    return value


@cache
def _shape_of(kind: Any) -> Mapping[str, _Shape]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        f.name: f.name not in ABOUT_PEOPLE and _shape(f.name, hints[f.name])
        for f in fields(kind)
        if f.name != "type"
    }


def _shape(name: str, hint: Any) -> _Shape:
    if hint is str:
        return name in OF_OURS
    if hint is Customer:
        return False
    if isinstance(hint, type) and is_dataclass(hint):
        shape = _shape_of(hint)
        return shape if any(part is not False for part in shape.values()) else False
    if isinstance(hint, type):
        return issubclass(hint, bool | int | float | datetime | Enum)
    if get_origin(hint) is Annotated and _is_id(hint.__metadata__):
        return True
    if get_origin(hint) is Annotated:
        return _shape(name, hint.__origin__)
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        return False
    parts = [_shape(name, part) for part in get_args(hint) if part not in (type(None), ...)]
    return parts[0] if len(parts) == 1 else bool(parts) and all(part is True for part in parts)


def _is_id(metadata: tuple[Any, ...]) -> bool:
    return any(isinstance(each, Predicate) and each.func in (is_identifier, is_source) for each in metadata)
