"""Which complaints are to be looked at together, and which of an incident can still be answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from complaints.lifecycle import OPEN, Stage
from complaints.matters.forms import Kind, Status
from complaints.matters.reviews import Collected, Found, ReviewPlan, Sign
from db.matter_tables import MatterCaseRow, MatterRow
from db.tables import ComplaintRow, LedgerRow


def collect(session: Session, plan: ReviewPlan, until: datetime) -> list[Found]:
    """Find what a review is about, the longest waiting first; what such a review has seen already is left out."""
    if plan.collects == Collected.CLOSED_CONFLICTS:
        return _closed_conflicts(session, plan, until)
    return _disputed(session, plan)


def open_children(session: Session, incident: str) -> list[str]:
    """List the open complaints that have joined an incident."""
    query = select(ComplaintRow.number).where(ComplaintRow.incident == incident, ComplaintRow.stage.in_(OPEN))
    return list(session.scalars(query.order_by(ComplaintRow.received_at, ComplaintRow.number)))


def _closed_conflicts(session: Session, plan: ReviewPlan, until: datetime) -> list[Found]:
    signs: dict[Sign, ColumnElement[bool]] = {
        Sign.MEDIATED: _happened("Mediated"),
        Sign.DISSATISFIED: _happened("FollowUpRecorded", LedgerRow.fact["satisfied"].as_boolean().is_(False)),
        Sign.REOPENED: ComplaintRow.cycle > 1,
        Sign.DIFFICULT: ComplaintRow.difficult.is_(True),
    }
    since = until - timedelta(days=plan.reach_days)
    query = (
        select(ComplaintRow.number, *(condition.label(sign.value) for sign, condition in signs.items()))
        .where(
            ComplaintRow.closed_at >= since,
            ComplaintRow.closed_at < until,
            ~_reviewed(plan.topic, MatterRow.opened_at >= ComplaintRow.closed_at),
        )
        .order_by(ComplaintRow.closed_at, ComplaintRow.number)
    )
    found = []
    for number, *answers in session.execute(query):
        shown = tuple(sign for sign, answer in zip(signs, answers, strict=True) if answer)
        if shown:
            found.append(Found(number=number, signs=shown))
    return found


def _disputed(session: Session, plan: ReviewPlan) -> list[Found]:
    """Find contested liability: nobody judged it since, and no new attempt began."""
    line = LedgerRow
    new_attempt = and_(line.type == "StageEntered", line.fact["stage"].as_string() == Stage.INVESTIGATION)
    is_over = or_(line.type == "LiabilityJudged", new_attempt)
    query = (
        select(ComplaintRow.number)
        .where(
            ComplaintRow.stage.in_(OPEN),
            _last(line.type == "LiabilityDisputed") > func.coalesce(_last(is_over), 0),
            ~_reviewed(plan.topic, MatterRow.status == Status.OPEN),
        )
        .order_by(ComplaintRow.received_at, ComplaintRow.number)
    )
    return [Found(number=number, signs=(Sign.DISPUTED,)) for number in session.scalars(query)]


def _happened(kind: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(LedgerRow.number == ComplaintRow.number, LedgerRow.type == kind, *conditions)


def _last(condition: ColumnElement[bool]) -> ColumnElement[int]:
    query = select(func.max(LedgerRow.seq)).where(LedgerRow.number == ComplaintRow.number, condition)
    return query.correlate(ComplaintRow).scalar_subquery()


def _reviewed(topic: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say whether a review of the same series has the complaint on its list already."""
    return exists().where(
        and_(
            MatterCaseRow.number == ComplaintRow.number,
            MatterCaseRow.matter == MatterRow.id,
            MatterRow.kind == Kind.REVIEW,
            MatterRow.topic == topic,
            condition,
        )
    )
