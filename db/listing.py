"""Lists of complaints for many readers: filtered, sorted, a page at a time.

A page begins after the last line of the one before, by its sort value and its number. What comes in meanwhile moves no
line to another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from complaints.forms import refill
from complaints.lifecycle import Stage
from complaints.permissions import Caller, Right
from complaints.vocabulary import SEVERITY_ORDER, Outcome, Role, Severity
from db.confidentiality import shown_to
from db.key_tables import SaidRow
from db.keys import Keys
from db.queries import is_overdue
from db.tables import ComplaintRow, EscalationRow
from db.visibility import is_visible


class Sort(StrEnum):
    """By what a list is sorted; a minus for the greatest first. What has no deadline comes last either way."""

    RECEIVED = "received_at"
    RECEIVED_LAST = "-received_at"
    DUE = "next_due_at"
    DUE_LAST = "-next_due_at"
    SEVERITY = "severity"
    SEVERITY_LAST = "-severity"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is narrowed to; nothing for everything.

    Attributes:
        overdue: Whether it owes something that was due before now.
        text: Words that were said, found or done; all of them.
        received_from: The first instant that counts; `received_to` is the first that does not.
    """

    stage: Sequence[Stage] = ()
    severity: Sequence[Severity] = ()
    department: str | None = None
    handler: str | None = None
    category: str | None = None
    source: str | None = None
    overdue: bool | None = None
    text: str | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One complaint of a list. No personal data."""

    number: str
    source: str
    reference: str
    stage: Stage
    outcome: Outcome | None
    category: str
    severity: Severity
    department: str | None
    handler: str | None
    cycle: int
    round: int
    received_at: datetime
    closed_at: datetime | None
    paused_since: datetime | None
    next_due_at: datetime | None
    overdue: bool
    open_escalations: int
    seq: int


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a page ended: the sort value of its last line, and its number."""

    value: str | None
    number: str


def page(
    session: Session,
    keys: Keys,
    caller: Caller,
    filters: Filters,
    sort: Sort,
    *,
    now: datetime,
    after: Mark | None,
    limit: int,
) -> tuple[list[Line], Mark | None]:
    """Return a page of what the caller may see, and where the next one begins; nothing if there is none.

    Raises:
        ValueError: The mark is none of this sort.
    """
    by, descending = _key(sort)
    waiting = (
        select(func.count())
        .where(EscalationRow.number == ComplaintRow.number, EscalationRow.resolved_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(ComplaintRow, is_overdue(now), waiting)
        .where(
            is_visible(caller, Right.SEARCH),
            *_conditions(keys.within(session), filters, now, caller.actor.role),
        )
        .order_by(*_order(by, descending))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_beyond(by, descending, _value(sort, after.value), after.number))
    found = [
        refill(Line, row, overdue=overdue, open_escalations=escalations)
        for row, overdue, escalations in session.execute(query)
    ]
    if len(found) <= limit:
        return found, None
    return found[:limit], _mark(found[limit - 1], sort)


_RANK = case({each.value: rank for rank, each in enumerate(SEVERITY_ORDER)}, value=ComplaintRow.severity)


def _key(sort: Sort) -> tuple[ColumnElement[Any], bool]:
    columns: dict[str, ColumnElement[Any]] = {
        "received_at": ComplaintRow.received_at.expression,
        "next_due_at": ComplaintRow.next_due_at.expression,
        "severity": _RANK,
    }
    return columns[sort.lstrip("-")], sort.startswith("-")


def _order(by: ColumnElement[Any], descending: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    number = ComplaintRow.number.expression
    return (by.desc().nulls_last(), number.desc()) if descending else (by.asc().nulls_last(), number.asc())


def _beyond(by: ColumnElement[Any], descending: bool, value: Any, number: str) -> ColumnElement[bool]:
    later_number = ComplaintRow.number < number if descending else ComplaintRow.number > number
    if value is None:
        return and_(by.is_(None), later_number)
    later = by < value if descending else by > value
    return or_(later, and_(by == value, later_number), by.is_(None))


def _mark(line: Line, sort: Sort) -> Mark:
    value = getattr(line, sort.lstrip("-"))
    if isinstance(value, Severity):
        value = str(SEVERITY_ORDER.index(value))
    elif isinstance(value, datetime):
        value = value.isoformat()
    return Mark(value=value, number=line.number)


def _value(sort: Sort, written: str | None) -> Any:
    if written is None:
        return None
    return int(written) if sort.endswith("severity") else datetime.fromisoformat(written)


def _conditions(keys: Keys, filters: Filters, now: datetime, role: Role) -> list[ColumnElement[bool]]:
    row = ComplaintRow
    wanted: list[ColumnElement[bool]] = []
    if filters.stage:
        wanted.append(row.stage.in_(filters.stage))
    if filters.severity:
        wanted.append(row.severity.in_(filters.severity))
    named = {name: getattr(filters, name) for name in ("department", "handler", "category", "source")}
    wanted += [getattr(row, name) == value for name, value in named.items() if value is not None]
    if filters.overdue is not None:
        wanted.append(is_overdue(now) if filters.overdue else ~is_overdue(now))
    if filters.text is not None:
        wanted += [row.number.in_(_said(keys, filters.text)), shown_to(role)]
    if filters.received_from is not None:
        wanted.append(row.received_at >= filters.received_from)
    if filters.received_to is not None:
        wanted.append(row.received_at < filters.received_to)
    return wanted


def _said(keys: Keys, text: str) -> Select[str]:
    return select(SaidRow.number).where(keys.blind.has_words(text))
