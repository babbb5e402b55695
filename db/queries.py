"""The read side: what lists, pages and audits ask of the records. Plain functions on a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from complaints.changes import Head
from complaints.events import Event
from complaints.evolve import pins, rebuilt
from complaints.forms import refill
from complaints.lifecycle import Stage
from complaints.pinned import shared
from complaints.policy import Policy
from complaints.records import (
    ActionItem,
    Approval,
    Clock,
    ClockName,
    Escalation,
    FeedbackEntry,
    Notice,
    NoticeStatus,
    Option,
    Promise,
    Verdict,
    Verification,
)
from complaints.state import State
from complaints.vocabulary import Outcome, Severity
from complaints.wire import Malformed, parse
from db import rows as read
from db.tables import (
    ActionRow,
    ApprovalRow,
    ClockRow,
    ComplaintRow,
    EscalationRow,
    FeedbackRow,
    LedgerRow,
    NoticeRow,
    OptionRow,
    PolicyRow,
    PromiseRow,
    Table,
    VerificationRow,
    table_of,
)

K = TypeVar("K", bound=Table)
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One line of a list. No personal data.

    Attributes:
        breaches: How many deadlines were missed, whatever became of them since.
    """

    number: str
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
    satisfied: bool | None
    score: int | None
    policy_name: str
    seq: int
    open_escalations: int
    escalations: int
    breaches: int


@dataclass(frozen=True, kw_only=True)
class OpenEscalation:
    """An escalation that waits for somebody, and what it is about."""

    number: str
    escalation: Escalation
    stage: Stage
    category: str
    severity: Severity
    handler: str | None


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """A notice that nobody has confirmed yet."""

    number: str
    notice: Notice


@dataclass(frozen=True, kw_only=True)
class ReadModel:
    """Everything that the read model says of one complaint. Contains personal data."""

    head: Head
    clocks: Mapping[str, Clock]
    escalations: Mapping[str, Escalation]
    notices: Mapping[str, Notice]
    verifications: Mapping[str, Verification]
    options: Mapping[str, Option]
    approvals: Mapping[str, Approval]
    actions: Mapping[str, ActionItem]
    promises: Mapping[str, Promise]
    feedback: Mapping[str, FeedbackEntry]


class UnreadableLedger(Exception):
    """A line of the ledger is none that the rules could have written."""

    def __init__(self, number: str, seq: int) -> None:
        super().__init__(f"event {seq} of complaint {number} cannot be read")
        self.number = number
        self.seq = seq


# --- lists


def list_complaints(
    session: Session,
    *,
    stage: Stage | None = None,
    department: str | None = None,
    overdue_at: datetime | None = None,
    limit: int = 100,
    after: str | None = None,
    only: ColumnElement[bool] | None = None,
) -> list[Summary]:
    """List complaints by when they were received, the oldest first.

    Args:
        only: A further condition, such as `visibility.is_visible`.
        overdue_at: Only those that owe something at this instant that was due before it.
        after: The number of the last complaint of the page before.
    """
    query = _summaries().order_by(ComplaintRow.received_at, ComplaintRow.number).limit(limit)
    if stage is not None:
        query = query.where(ComplaintRow.stage == stage)
    if department is not None:
        query = query.where(ComplaintRow.department == department)
    if overdue_at is not None:
        query = query.where(is_overdue(overdue_at))
    if only is not None:
        query = query.where(only)
    if after is not None:
        last = select(ComplaintRow.received_at, ComplaintRow.number).where(ComplaintRow.number == after)
        query = query.where(tuple_(ComplaintRow.received_at, ComplaintRow.number) > last.scalar_subquery())
    return [_summary(*line) for line in session.execute(query)]


def find(session: Session, number: str) -> Summary | None:
    """Return one complaint's line."""
    line = session.execute(_summaries().where(ComplaintRow.number == number)).one_or_none()
    return _summary(*line) if line else None


def open_escalations(
    session: Session, department: str | None = None, *, only: ColumnElement[bool] | None = None
) -> list[OpenEscalation]:
    """List what waits for somebody, in the order in which they were called; `only` of some complaints."""
    query = (
        select(EscalationRow, ComplaintRow)
        .join(ComplaintRow, ComplaintRow.number == EscalationRow.number)
        .where(EscalationRow.resolved_at.is_(None))
        .order_by(EscalationRow.called_at, EscalationRow.number, EscalationRow.id)
    )
    if department is not None:
        query = query.where(EscalationRow.department == department)
    if only is not None:
        query = query.where(only)
    return [
        refill(OpenEscalation, complaint, escalation=read.escalation(row))
        for row, complaint in session.execute(query)
    ]


def outbox(
    session: Session, number: str | None = None, *, only: ColumnElement[bool] | None = None
) -> list[Undelivered]:
    """List the notices that no service has confirmed, the oldest first; `only` of some complaints."""
    query = (
        select(NoticeRow)
        .where(NoticeRow.status.not_in((NoticeStatus.DELIVERED, NoticeStatus.ROUTED, NoticeStatus.WITHDRAWN)))
        .order_by(NoticeRow.queued_at, NoticeRow.number, NoticeRow.id)
    )
    if number is not None:
        query = query.where(NoticeRow.number == number)
    if only is not None:
        query = query.where(NoticeRow.number.in_(select(ComplaintRow.number).where(only)))
    return [Undelivered(number=row.number, notice=read.notice(row)) for row in session.scalars(query)]


# --- one complaint as a whole


def ledger(session: Session, number: str) -> list[Event]:
    """Return a complaint's events in order; none if it is unknown.

    Raises:
        UnreadableLedger: One of them is none that the rules could have written.
    """
    query = select(LedgerRow).where(LedgerRow.number == number).order_by(LedgerRow.seq)
    return [read_event(row) for row in session.scalars(query)]


def policy(session: Session, sha256: str) -> Policy | None:
    """Return the policy that complaints were pinned to by its fingerprint."""
    row = session.get(PolicyRow, sha256)
    return shared(parse(Policy, row.resolved)) if row else None


def policies(session: Session, ledger: Sequence[Event]) -> dict[str, Policy]:
    """Return the policies that a complaint went by, by the fingerprint that its ledger gives them."""
    found = {sha256: policy(session, sha256) for sha256 in pins(ledger)}
    return {sha256: each for sha256, each in found.items() if each is not None}


def state(session: Session, number: str) -> State | None:
    """Rebuild a complaint from its ledger; none if it is unknown.

    Raises:
        UnreadableLedger: One of its events is none that the rules could have written.
    """
    events = ledger(session, number)
    return rebuilt(number, events, policies(session, events)) if events else None


def rows(session: Session, number: str) -> ReadModel | None:
    """Return all rows of one complaint as records of the core; in a snapshot, if they must belong together."""
    complaint = session.get(ComplaintRow, number)
    if complaint is None:
        return None
    return ReadModel(
        head=read.head(complaint),
        clocks=_by_key(session, ClockRow, ClockRow.key, number, read.clock),
        escalations=_by_key(session, EscalationRow, EscalationRow.id, number, read.escalation),
        notices=_by_key(session, NoticeRow, NoticeRow.id, number, read.notice),
        verifications=_by_key(session, VerificationRow, VerificationRow.id, number, read.verification),
        options=_by_key(session, OptionRow, OptionRow.id, number, read.option),
        approvals=_by_key(session, ApprovalRow, ApprovalRow.id, number, read.approval),
        actions=_by_key(session, ActionRow, ActionRow.id, number, read.action),
        promises=_by_key(session, PromiseRow, PromiseRow.id, number, read.promise),
        feedback=_by_key(session, FeedbackRow, FeedbackRow.id, number, read.feedback),
    )


def _by_key(
    session: Session,
    kind: type[K],
    key: InstrumentedAttribute[str],
    number: str,
    of_row: Callable[[K], V],
) -> dict[str, V]:
    """Ids count up: E2 comes before E10."""
    query = select(kind).where(table_of(kind).c.number == number).order_by(func.length(key), key)
    return {getattr(row, key.key): of_row(row) for row in session.scalars(query)}


def read_event(row: LedgerRow) -> Event:
    """Read a line of the ledger.

    Raises:
        UnreadableLedger: It is none that the rules could have written.
    """
    try:
        return read.event(row)
    except Malformed:
        raise UnreadableLedger(row.number, row.seq) from None  # the reason would quote what people said


# --- parts of queries


def _summaries() -> Select[ComplaintRow, int, int, int]:
    """Each complaint with its open escalations, all its escalations and its breaches."""
    of_this = EscalationRow.number == ComplaintRow.number
    waiting = select(func.count()).where(of_this, EscalationRow.resolved_at.is_(None)).scalar_subquery()
    ever = select(func.count()).where(of_this).scalar_subquery()
    was_missed = or_(ClockRow.breached_at.is_not(None), ClockRow.verdict == Verdict.BREACHED)
    breaches = (
        select(func.count()).where(ClockRow.number == ComplaintRow.number, was_missed).scalar_subquery()
    )
    return select(ComplaintRow, waiting, ever, breaches)


def is_overdue(at: datetime) -> ColumnElement[bool]:
    """Whether a duty is open past its deadline; the appeal window is no duty, and a pause stops the clock."""
    return (
        select(ClockRow.key)
        .where(
            ClockRow.number == ComplaintRow.number,
            ClockRow.settled_at.is_(None),
            ClockRow.paused_at.is_(None),
            ClockRow.name != ClockName.APPEAL,
            ClockRow.due_at < at,
        )
        .exists()
    )


def _summary(row: ComplaintRow, waiting: int, ever: int, breaches: int) -> Summary:
    return refill(Summary, row, open_escalations=waiting, escalations=ever, breaches=breaches)
