"""Which complaints somebody may see: `permissions.may`, as a condition of queries, and the rows it is asked about.

Both ways say the same of every complaint; a test compares them on random rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Select, false, func, not_, or_, select, true, union
from sqlalchemy.orm import Session

from complaints.permissions import Caller, Case, Reach, Right, reach
from complaints.vocabulary import Role
from db.matter_tables import MatterRow
from db.tables import ActionRow, ComplaintRow, EscalationRow, LedgerRow, VerificationRow

_CALLED = LedgerRow.type == "DepartmentsSummoned"


def is_visible(caller: Caller, right: Right = Right.READ) -> ColumnElement[bool]:
    """Say of the complaint of a query's row whether a right of the caller's reaches it."""
    extent, actor = reach(caller, right), caller.actor
    if extent == Reach.ALL:
        return true()
    if extent == Reach.NONE:
        return false()
    if actor.role == Role.SYSTEM:
        return ComplaintRow.source == actor.id
    own = or_(ComplaintRow.handler == actor.id, ComplaintRow.number.in_(_waits_for(actor.id)))
    if extent == Reach.OWN:
        return own
    if actor.department is None:
        return or_(own, ComplaintRow.department.is_(None))
    return or_(
        own,
        ComplaintRow.department.is_(None),
        ComplaintRow.department == actor.department,
        *(ComplaintRow.number.in_(asked) for asked in _asked(actor.department)),
    )


def is_visible_matter(caller: Caller, right: Right = Right.READ) -> ColumnElement[bool]:
    """Say the same of a matter: it belongs to a department and an owner as a complaint does, and to no source."""
    extent, actor = reach(caller, right), caller.actor
    if extent == Reach.ALL:
        return true()
    if extent == Reach.NONE or actor.role == Role.SYSTEM:
        return false()
    departments = (MatterRow.department.is_(None), MatterRow.department == actor.department)
    return or_(MatterRow.owner == actor.id, *(departments if extent == Reach.DEPARTMENT else ()))


def cases(session: Session, numbers: Collection[str]) -> dict[str, Case]:
    """Return what decides who may see these complaints; those that are not on record are left out."""
    departments: dict[str, set[str | None]] = defaultdict(set)
    people: dict[str, set[str | None]] = defaultdict(set)
    for kind in (VerificationRow, EscalationRow):
        query = select(kind.number, kind.department).where(kind.number.in_(numbers))
        for number, department in session.execute(query):
            departments[number].add(department)
    summoned = select(LedgerRow.number, LedgerRow.fact["departments"]).where(
        _CALLED, LedgerRow.number.in_(numbers)
    )
    for number, called in session.execute(summoned):
        departments[number].update(each["department"] for each in called)
    waiting = select(EscalationRow.number, EscalationRow.person, EscalationRow.acknowledged_by).where(
        EscalationRow.resolved_at.is_(None), EscalationRow.number.in_(numbers)
    )
    for number, *called_by_name in session.execute(waiting):
        people[number].update(called_by_name)
    owners = select(ActionRow.number, ActionRow.owner).where(ActionRow.number.in_(numbers))
    for number, owner in session.execute(owners):
        people[number].add(owner)
    rows = select(
        ComplaintRow.number, ComplaintRow.source, ComplaintRow.department, ComplaintRow.handler
    ).where(ComplaintRow.number.in_(numbers))
    return {
        row.number: Case(
            source=row.source,
            department=row.department,
            handler=row.handler,
            departments=_named(departments[row.number]),
            people=_named(people[row.number]),
        )
        for row in session.execute(rows)
    }


def numbers(session: Session, condition: ColumnElement[bool]) -> list[str]:
    """Name the complaints that meet a condition."""
    return list(session.scalars(select(ComplaintRow.number).where(condition)))


def count_hidden(session: Session, incident: str, caller: Caller, right: Right) -> int:
    """Count the complaints of an incident that a right of the caller's does not reach."""
    query = select(func.count()).where(ComplaintRow.incident == incident, not_(is_visible(caller, right)))
    return session.scalars(query).one()


def case(session: Session, number: str) -> Case | None:
    """Return what decides who may see one complaint; none if it is not on record."""
    return cases(session, [number]).get(number)


def _waits_for(person: str) -> Select[str]:
    """Where an open escalation waits for somebody by name, or an action is theirs."""
    called = select(EscalationRow.number).where(
        EscalationRow.resolved_at.is_(None),
        or_(EscalationRow.person == person, EscalationRow.acknowledged_by == person),
    )
    acts = select(ActionRow.number).where(ActionRow.owner == person)
    return select(union(called, acts).subquery().c.number)


def _asked(department: str) -> Iterator[Select[str]]:
    """Where a department was asked for a verification, called by an escalation, or summoned. Each has its index."""
    yield select(VerificationRow.number).where(VerificationRow.department == department)
    yield select(EscalationRow.number).where(EscalationRow.department == department)
    yield select(LedgerRow.number).where(
        _CALLED, LedgerRow.fact["departments"].contains([{"department": department}])
    )


def _named(names: set[str | None]) -> frozenset[str]:
    return frozenset(name for name in names if name is not None)
