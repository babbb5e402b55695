"""Plain data as text in exactly one way, so that equal things hash alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import Any


def canonical(value: object) -> str:
    """Write plain data as JSON: sorted keys, no spaces, instants in UTC with microseconds.

    Raises:
        TypeError: There is something in it that has no place in a ledger.
    """
    return json.dumps(value, default=_scalar, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _scalar(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    raise TypeError(f"{type(value).__name__} has no place in a ledger")
