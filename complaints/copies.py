"""Copies of our frozen records with some fields changed.

`dataclasses.replace` by another road: it reads and passes every field through `__init__`, which for a state of
forty fields takes ten times as long as copying the dictionary underneath, and state is copied at every event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414 - re-exported: the type checker compares every field
else:

    def replace(record: T, /, **changes: Any) -> T:
        """Return a copy; the fields are checked by the type checker alone."""
        copy = object.__new__(type(record))
        copy.__dict__.update(record.__dict__, **changes)
        return copy
