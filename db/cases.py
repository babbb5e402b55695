"""Which complaints somebody may see: `complaints.permissions`, as a condition of queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from complaints.permissions import Caller, Case, Reach, Right, reach
from complaints.vocabulary import Role
from db.tables import ActionRow, ComplaintRow, EscalationRow, LedgerRow, VerificationRow

_SUMMONED = "DepartmentsSummoned"


def find(session: Session, number: str) -> Case | None:
    """Say whose a recorded complaint is; None if there is none of this number."""
    row = ComplaintRow
    query = select(
        row.source,
        row.department,
        row.handler,
        *(func.array(each.scalar_subquery()) for each in _called(number)),
        *(func.array(each.scalar_subquery()) for each in _named(number)),
    ).where(row.number == number)
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    source, department, handler, verifying, escalated, summoned, waiting, owning = found
    return Case(
        source=source,
        department=department,
        handler=handler,
        departments=frozenset((*verifying, *escalated, *summoned)),
        people=frozenset((*waiting, *owning)),
    )


def _called(number: str) -> tuple[Select[Any], ...]:
    """The departments that were asked, called by an escalation, or summoned."""
    each = func.jsonb_array_elements(LedgerRow.fact["departments"]).column_valued(
        "each", joins_implicitly=True
    )
    return (
        select(VerificationRow.department).where(VerificationRow.number == number),
        select(EscalationRow.department).where(
            EscalationRow.number == number, EscalationRow.department.is_not(None)
        ),
        select(each.op("->>")("department"))
        .select_from(LedgerRow)
        .where(LedgerRow.number == number, LedgerRow.type == _SUMMONED),
    )


def _named(number: str) -> tuple[Select[Any], ...]:
    """The people for whom an escalation waits, and to whom an action belongs."""
    return (
        select(EscalationRow.person).where(
            EscalationRow.number == number,
            EscalationRow.person.is_not(None),
            EscalationRow.resolved_at.is_(None),
        ),
        select(ActionRow.owner).where(ActionRow.number == number),
    )


def within(caller: Caller, right: Right) -> ColumnElement[bool]:
    """Say whether the complaint of a query's row is within the caller's reach."""
    extent = reach(caller, right)
    if extent in (Reach.ALL, Reach.NONE):
        return true() if extent == Reach.ALL else false()
    actor, row = caller.actor, ComplaintRow
    if actor.role == Role.SYSTEM:
        return row.source == actor.id
    conditions = [
        row.handler == actor.id,
        row.number.in_(
            select(EscalationRow.number).where(
                EscalationRow.person == actor.id, EscalationRow.resolved_at.is_(None)
            )
        ),
        row.number.in_(select(ActionRow.number).where(ActionRow.owner == actor.id)),
    ]
    if extent == Reach.DEPARTMENT:
        conditions.append(row.department.is_(None))
        if actor.department is not None:
            conditions += _of(actor.department)
    return or_(*conditions)


def _of(department: str) -> list[ColumnElement[bool]]:
    row = ComplaintRow
    summons = func.jsonb_build_object(
        "departments", func.jsonb_build_array(func.jsonb_build_object("department", department)), type_=JSONB
    )
    return [
        row.department == department,
        row.number.in_(select(VerificationRow.number).where(VerificationRow.department == department)),
        row.number.in_(select(EscalationRow.number).where(EscalationRow.department == department)),
        row.number.in_(
            select(LedgerRow.number).where(LedgerRow.type == _SUMMONED, LedgerRow.fact.contains(summons))
        ),
    ]
