"""How the mistakes in a policy are told: the path of a field, and what is allowed there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from complaints.records import ClockName
from complaints.vocabulary import Role
from complaints.written import Path

Mistakes: TypeAlias = "Iterator[tuple[Path, str]]"

SUPERIORS = (Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE)
"""Who can be called by a ladder, and who may grant more time."""


def only(path: Path, given: Any, allowed: Any) -> Mistakes:
    """Refuse what is not allowed, in a list at its own place."""
    for index, item in enumerate(given) if isinstance(given, tuple) else [(None, given)]:
        if item not in allowed:
            there = ", ".join(str(one) for one in allowed) or "what the policy names (nothing yet)"
            yield path if index is None else (*path, index), f"must be one of {there}; {item} is not"


def without(path: Path, given: tuple[ClockName, ...], barred: Sequence[ClockName], why: str) -> Mistakes:
    for index, clock in enumerate(given):
        if clock in barred:
            yield (*path, index), f"{clock} {why}"
