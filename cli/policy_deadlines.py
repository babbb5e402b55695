"""The deadlines of a complaint before and after something moved them, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.printing import span

if TYPE_CHECKING:
    from complaints.records import Clock

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One open clock before and after; empty where there is none."""

    clock: str
    before: datetime | None
    after: datetime | None
    remark: str


def deadlines(before: Mapping[str, Clock], after: Mapping[str, Clock]) -> tuple[Deadline, ...]:
    """Set every clock that is open before or after beside itself, the next one due first."""
    keys = [key for key in after if after[key].is_open or (key in before and before[key].is_open)]
    found = [_deadline(before.get(key), after[key]) for key in keys]
    return tuple(sorted(found, key=lambda d: d.after or d.before or _NEVER))


def _deadline(before: Clock | None, after: Clock) -> Deadline:
    was = before.due_at if before is not None and before.is_open else None
    due = after.due_at if after.is_open else None
    return Deadline(clock=after.key, before=was, after=due, remark=_remark(was, due, after))


def _remark(was: datetime | None, due: datetime | None, clock: Clock) -> str:
    if was is None:
        said = "new"
    elif due is None:
        said = "no longer watched"
    elif due == was:
        said = "stays"
    else:
        said = f"{span(abs(due - was))} {'later' if due > was else 'earlier'}"
    more = {
        "missed": clock.breached_at is not None,
        "stands still": clock.is_open and clock.paused_at is not None,
        "provisional": clock.is_open and clock.provisional,
    }
    return ", ".join([said, *(words for words, applies in more.items() if applies)])
