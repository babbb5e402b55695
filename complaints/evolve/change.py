"""What a change of state is, and how a section of it is copied with one record changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from complaints.copies import replace
from complaints.events import Event
from complaints.state import State

V = TypeVar("V")

Change: TypeAlias = Callable[[State, Event, Any], State]
"""A new state, from the one before, an event and its fact."""


def with_item(items: Mapping[str, V], key: str, value: V) -> dict[str, V]:
    """Copy a section with one more record, or another in its place."""
    return {**items, key: value}


def altered(items: Mapping[str, V], key: str, **changes: object) -> dict[str, V]:
    """Copy a section with some fields of one record changed."""
    changed: V = replace(items[key], **changes)  # type: ignore[type-var]  # all records are dataclasses
    return {**items, key: changed}
