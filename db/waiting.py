"""Escalations that wait for somebody: for the caller, or for anybody whom they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from complaints.lifecycle import Stage
from complaints.permissions import Caller, Right
from complaints.records import Escalation
from complaints.vocabulary import Role, Severity
from db import rows as read
from db.confidentiality import shown_to
from db.tables import ComplaintRow, EscalationRow
from db.visibility import is_visible


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An escalation that waits for somebody, and the complaint that it is about.

    Attributes:
        shown: Whether the caller may read what was said in it.
    """

    number: str
    escalation: Escalation
    stage: Stage
    category: str
    severity: Severity
    handler: str | None
    shown: bool


def escalations(
    session: Session,
    caller: Caller,
    *,
    mine: bool,
    after: tuple[datetime, str, str] | None,
    limit: int,
) -> tuple[list[Waiting], tuple[datetime, str, str] | None]:
    """List what waits, in the order in which it was called: for the caller, or for anybody whom they may see.

    Args:
        after: When the last one of the page before was called, its complaint, and its id.
    """
    row, of = EscalationRow, ComplaintRow
    query = (
        select(row, of.stage, of.category, of.severity, of.handler, shown_to(caller.actor.role))
        .join(of, of.number == row.number)
        .where(row.resolved_at.is_(None), is_visible(caller, Right.SEARCH))
        .order_by(row.called_at, row.number, row.id)
        .limit(limit + 1)
    )
    if mine:
        query = query.where(_waits_for(caller))
    if after is not None:
        called_at, number, id_ = after
        query = query.where(
            or_(
                row.called_at > called_at,
                and_(row.called_at == called_at, row.number > number),
                and_(row.called_at == called_at, row.number == number, row.id > id_),
            )
        )
    found = [
        Waiting(
            number=each.number,
            escalation=read.escalation(each),
            stage=stage,
            category=category,
            severity=severity,
            handler=handler,
            shown=shown,
        )
        for each, stage, category, severity, handler, shown in session.execute(query)
    ]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], (last.escalation.called_at, last.number, last.escalation.id)


def _waits_for(caller: Caller) -> ColumnElement[bool]:
    """Called by name, or whoever is on duty in this role; a lead answers for their own department."""
    row, actor = EscalationRow, caller.actor
    by_role = [row.person.is_(None), row.audience == actor.role]
    if actor.role not in (Role.CUSTOMER_SERVICE, Role.EXECUTIVE, Role.MEDIATOR):
        by_role.append(row.department == actor.department)
    return or_(row.person == actor.id, and_(*by_role))
