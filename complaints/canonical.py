"""Plain data as text in exactly one way, so that equal things hash alike."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from complaints.later import later_fields, says_nothing


def canonical(value: object) -> str:
    """Write plain data and our records as JSON: sorted keys, no spaces, instants in UTC with microseconds.

    Raises:
        TypeError: There is something in it that has no place in a ledger.
    """
    return _ENCODER.encode(value)


def _other(value: Any) -> str | dict[str, Any]:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if is_dataclass(
        value
    ):  # a record; its fields are its instance dictionary (`asdict` would copy all of it)
        kind: type = type(value)
        later = later_fields(kind)
        if not later:
            return vars(value)
        return {name: v for name, v in vars(value).items() if name not in later or not says_nothing(v)}
    raise TypeError(f"{type(value).__name__} has no place in a ledger")


_ENCODER = json.JSONEncoder(default=_other, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
