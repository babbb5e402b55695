"""Cases as rows for files: one query that is read as it comes, so that many take no more memory than few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Label, and_, case, func, or_, select
from sqlalchemy.orm import Session

from complaints.lifecycle import Stage
from complaints.permissions import Caller, Right
from complaints.records import Verdict
from complaints.vocabulary import Role
from db.confidentiality import is_confidential
from db.tables import ClockRow, ComplaintRow, EscalationRow, PolicyRow
from db.visibility import is_visible

AT_ONCE = 2000
"""So many rows are fetched at a time."""

PEOPLE = (
    "customer_name",
    "customer_contact",
    "customer_account",
    "customer_language",
    "customer_anonymous",
    "place",
    "description",
    "asked_remedy",
)
"""Columns that say who complained, or are free text, which may name anybody."""

_COUNTED = ("breaches", "escalations", "open_escalations")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases are wanted. `received_from` belongs to the span, `received_until` does not."""

    stage: Stage | None = None
    department: str | None = None
    category: str | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None
    is_closed: bool | None = None


def cases(
    session: Session, wanted: Wanted, caller: Caller, columns: tuple[str, ...]
) -> Iterator[Mapping[str, Any]]:
    """Yield the cases within a caller's reach by when they were received, then by number.

    Args:
        columns: Which, by name; `number` is one of them. Those of people are still sealed, and empty where the
            reporter is confidential and the policy of that complaint does not name the caller's role.
    """
    query = (
        select(*(_column(name, caller.actor.role) for name in columns))
        .where(*_conditions(wanted), is_visible(caller, Right.EXPORT))
        .order_by(ComplaintRow.received_at, ComplaintRow.number)
    )
    found = session.execute(query, execution_options={"yield_per": AT_ONCE})
    for row in found.mappings():
        yield {**row}


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    row = ComplaintRow
    if wanted.stage is not None:
        yield row.stage == wanted.stage
    if wanted.department is not None:
        yield row.department == wanted.department
    if wanted.category is not None:
        yield row.category == wanted.category
    if wanted.received_from is not None:
        yield row.received_at >= wanted.received_from
    if wanted.received_until is not None:
        yield row.received_at < wanted.received_until
    if wanted.is_closed is not None:
        yield row.closed_at.is_not(None) if wanted.is_closed else row.closed_at.is_(None)


def _column(name: str, role: Role) -> Label[Any]:
    if name in _COUNTED:
        return _count(name).label(name)
    column = getattr(ComplaintRow, name)
    if name in PEOPLE:
        return case((_is_shown_to(role), column), else_=None).label(name)
    labelled: Label[Any] = column.label(name)
    return labelled


def _count(name: str) -> ColumnElement[int]:
    number = ComplaintRow.number
    if name == "breaches":
        missed = or_(ClockRow.breached_at.is_not(None), ClockRow.verdict == Verdict.BREACHED)
        query = select(func.count()).where(ClockRow.number == number, missed)
    else:
        open_ = [EscalationRow.resolved_at.is_(None)] if name == "open_escalations" else []
        query = select(func.count()).where(EscalationRow.number == number, *open_)
    return query.correlate(ComplaintRow).scalar_subquery()


def _is_shown_to(role: Role) -> ColumnElement[bool]:
    names_role = (
        select(PolicyRow.sha256)
        .where(
            and_(
                PolicyRow.sha256 == ComplaintRow.policy_sha256,
                PolicyRow.resolved["reporter_seen_by"].has_key(role.value),
            )
        )
        .correlate(ComplaintRow)
        .exists()
    )
    return or_(~is_confidential(), names_role)
