"""The tables: an append-only ledger, and the read model that is its index.

Columns mirror the records of the core, name by name; what is nested there is flat here. Instants are UTC and come
from the events. Constraints say only what every complaint that the rules can bring about obeys: one that is
stricter than the rules would keep a complaint from ever being recorded.

The triggers that make ledger and policies append-only, and the ledger a chain, stand in the first migration.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from complaints.lifecycle import Stage
from complaints.records import (
    ApprovalStatus,
    Cause,
    ClockName,
    NoticeKind,
    NoticeStatus,
    OptionStatus,
    Verdict,
)
from complaints.vocabulary import Channel, Justified, Outcome, PauseOwner, RemedyKind, Role, Severity
from complaints.working_time import Ends, Unit


class Table(DeclarativeBase):
    """Where all tables are declared. An enum is stored by value, in a column that admits no other."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s",
        }
    )


def one_of(kind: type[enum.StrEnum]) -> Enum:
    """Name the constraint after the kind, so that a table has at most one column of each."""
    return Enum(
        kind,
        native_enum=False,  # a new member is a new constraint, not a type that lives in other transactions
        create_constraint=True,
        length=40,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


Table.registry.update_type_annotation_map(
    {
        str: Text(),
        datetime: DateTime(timezone=True),
        **{
            kind: one_of(kind)
            for kind in (
                Stage,
                ApprovalStatus,
                Cause,
                ClockName,
                NoticeKind,
                NoticeStatus,
                OptionStatus,
                Verdict,
                Channel,
                Justified,
                Outcome,
                PauseOwner,
                RemedyKind,
                Role,
                Severity,
                Unit,
                Ends,
            )
        },
    }
)


def rule(name: str, sql: str) -> CheckConstraint:
    """Name a rule that every row obeys."""
    return CheckConstraint(sql, name=name)


def _together(name: str, *columns: str) -> CheckConstraint:
    return rule(name, f"num_nulls({', '.join(columns)}) IN (0, {len(columns)})")


def _of_complaint() -> Mapped[str]:
    return mapped_column(ForeignKey("complaints.number"), primary_key=True)


class PolicyRow(Table):
    """A policy as it was when complaints were pinned to it. Written once."""

    __tablename__ = "policies"
    __table_args__ = (rule("sha256_is_a_digest", "sha256 ~ '^[0-9a-f]{64}$'"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[str]
    resolved: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ComplaintRow(Table):
    """One complaint as it stands after event `seq`."""

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("source", "reference"),
        rule("is_registered", "stage <> 'new' AND seq >= 1"),
        rule("hash_is_a_digest", "hash ~ '^[0-9a-f]{64}$'"),
        rule("counts_from_one", "cycle >= 1 AND round >= 1"),
        rule("score_is_1_to_5", "score BETWEEN 1 AND 5"),
        rule("end_has_outcome", "stage NOT IN ('closed', 'ended') OR outcome IS NOT NULL"),
        rule("end_has_instant", "(stage IN ('closed', 'ended')) = (closed_at IS NOT NULL)"),
        rule("end_is_not_paused", "closed_at IS NULL OR paused_since IS NULL"),
        rule("end_awaits_nothing", "stage <> 'ended' OR next_due_at IS NULL"),
        _together("pause_has_owner", "paused_since", "pause_owner"),
        _together("handler_has_department", "department", "handler"),
        Index(None, "department", "stage"),
        Index(None, "handler"),
        Index(None, "received_at", "number"),
        Index(None, "category", "received_at"),
        Index(None, "stage"),
        Index(None, "next_due_at", postgresql_where="next_due_at IS NOT NULL"),
        Index(None, "incident", postgresql_where="incident IS NOT NULL"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    reference: Mapped[str]
    channel: Mapped[Channel]
    customer_name: Mapped[str | None]
    customer_contact: Mapped[str | None]
    customer_language: Mapped[str]
    customer_anonymous: Mapped[bool]
    customer_account: Mapped[str | None]
    category: Mapped[str]
    severity: Mapped[Severity]
    description: Mapped[str]
    asked_remedy: Mapped[str | None]
    stage: Mapped[Stage]
    outcome: Mapped[Outcome | None]
    cycle: Mapped[int]
    round: Mapped[int]
    justified: Mapped[Justified]
    difficult: Mapped[bool]
    department: Mapped[str | None]
    handler: Mapped[str | None]
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    paused_since: Mapped[datetime | None]
    pause_owner: Mapped[PauseOwner | None]
    satisfied: Mapped[bool | None]
    score: Mapped[int | None]
    next_due_at: Mapped[datetime | None]
    policy_name: Mapped[str]
    policy_version: Mapped[str]
    policy_sha256: Mapped[str] = mapped_column(ForeignKey("policies.sha256"))
    seq: Mapped[int]
    hash: Mapped[str]
    place: Mapped[str | None]
    kind: Mapped[str | None]
    incident: Mapped[str | None]
    converted_at: Mapped[datetime | None]
    imported_at: Mapped[datetime | None]


class LedgerRow(Table):
    """One event. Written once, each after the one whose hash it names."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("hash"),
        rule("counts_from_one", "seq >= 1"),
        rule("hash_is_a_digest", "hash ~ '^[0-9a-f]{64}$' AND previous ~ '^[0-9a-f]{64}$'"),
        Index(
            "ledger_summoned_idx",
            text("(fact -> 'departments')"),
            postgresql_using="gin",
            postgresql_where="type = 'DepartmentsSummoned'",
        ),
    )

    number: Mapped[str] = _of_complaint()
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    occurred_at: Mapped[datetime]
    actor_id: Mapped[str]
    actor_role: Mapped[Role]
    actor_department: Mapped[str | None]
    command_id: Mapped[str | None]
    type: Mapped[str] = mapped_column(Computed("fact ->> 'type'", persisted=True))
    fact: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous: Mapped[str]
    hash: Mapped[str]


class ClockRow(Table):
    """A deadline."""

    __tablename__ = "clocks"
    __table_args__ = (
        rule("due_after_start", "due_at >= started_at"),
        rule("missed_when_due", "breached_at >= due_at"),
        rule("missed_escalates", "breached_at IS NULL OR escalation IS NOT NULL"),
        rule("missed_is_not_met", "breached_at IS NULL OR verdict IS NULL OR verdict = 'breached'"),
        rule("stands_still_in_time", "paused_at IS NULL OR (breached_at IS NULL AND settled_at IS NULL)"),
        rule("warnings_are_counted", "warned BETWEEN 0 AND cardinality(warn_at)"),
        rule("warnings_have_shares", "cardinality(warn_at) = cardinality(warn_percent)"),
        rule("calls_are_counted", "called BETWEEN 0 AND cardinality(call_at)"),
        rule("calls_have_rungs", "cardinality(call_at) = cardinality(call_rungs)"),
        rule("budget_is_positive", "budget_amount > 0"),
        rule("extensions_are_counted", "extensions >= 0"),
        _together(
            "budget_is_whole", "budget_amount", "budget_unit", "budget_ends", "budget_counts_first_day"
        ),
        _together("settled_has_verdict", "settled_at", "verdict"),
        Index(
            "clocks_one_feedback_ticking_key",
            "number",
            unique=True,
            postgresql_where="name = 'feedback' AND settled_at IS NULL AND breached_at IS NULL",
        ),
        Index("clocks_due_at_open_idx", "due_at", postgresql_where="settled_at IS NULL"),
    )

    number: Mapped[str] = _of_complaint()
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[ClockName]
    subject: Mapped[str]
    cycle: Mapped[int]
    round: Mapped[int]
    started_at: Mapped[datetime]
    budget_amount: Mapped[int | None]
    budget_unit: Mapped[Unit | None]
    budget_ends: Mapped[Ends | None]
    budget_counts_first_day: Mapped[bool | None]
    calendar: Mapped[str]
    ladder: Mapped[str]
    due_at: Mapped[datetime]
    warn_percent: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    warn_at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    warned: Mapped[int]
    call_rungs: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    call_at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    called: Mapped[int]
    provisional: Mapped[bool]
    paused_at: Mapped[datetime | None]
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    extensions: Mapped[int]
    breached_at: Mapped[datetime | None]
    escalation: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    verdict: Mapped[Verdict | None]


class EscalationRow(Table):
    """A matter that waits for a superior."""

    __tablename__ = "escalations"
    __table_args__ = (
        rule("rung_is_on_the_ladder", "rung >= 0"),
        rule("breach_names_its_clock", "cause <> 'breach' OR clock IS NOT NULL"),
        rule("called_after_opening", "called_at >= opened_at"),
        rule("calls_are_counted", "calls >= 1"),
        _together("acknowledged_by_somebody", "acknowledged_at", "acknowledged_by"),
        _together("resolved_somehow", "resolved_at", "resolution"),
        Index(None, "department"),
        Index("escalations_open_idx", "department", "called_at", postgresql_where="resolved_at IS NULL"),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[Cause]
    clock: Mapped[str | None]
    rung: Mapped[int]
    audience: Mapped[Role]
    department: Mapped[str | None]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    called_at: Mapped[datetime]
    calls: Mapped[int]
    ladder: Mapped[str]
    person: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]


class NoticeRow(Table):
    """Something somebody is told."""

    __tablename__ = "notices"
    __table_args__ = (
        rule("handed_in_has_channel", "(status = 'queued') = (channel IS NULL)"),
        rule("told_has_instant", "(status IN ('delivered', 'outbox')) = (delivered_at IS NOT NULL)"),
        Index("notices_not_delivered_idx", "queued_at", postgresql_where="status <> 'delivered'"),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind]
    audience: Mapped[Role]
    recipient: Mapped[str]
    clock: Mapped[str | None]
    escalation: Mapped[str | None]
    rung: Mapped[int | None]
    queued_at: Mapped[datetime]
    part_of: Mapped[str | None]
    not_before: Mapped[datetime | None]
    why: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    status: Mapped[NoticeStatus]
    channel: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    detail: Mapped[str | None]


class VerificationRow(Table):
    """A question to another department."""

    __tablename__ = "verifications"
    __table_args__ = (
        _together("answered_by_somebody", "answer", "answered_by", "answered_at"),
        Index(None, "department"),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str]
    question: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class OptionRow(Table):
    """A prepared way to settle it."""

    __tablename__ = "options"
    __table_args__ = (
        rule("order_is_1_to_5", '"order" BETWEEN 1 AND 5'),
        rule("amount_is_not_negative", "compensation_minor >= 0"),
        rule("offered_is_limited", "(status = 'prepared') = (valid_until IS NULL)"),
        rule("rejected_has_reason", "(status = 'rejected') = (reason IS NOT NULL)"),
        _together("amount_has_currency", "compensation_minor", "compensation_currency"),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int]
    round: Mapped[int]
    what: Mapped[str]
    standard: Mapped[str]
    compensation_minor: Mapped[int | None] = mapped_column(BigInteger)
    compensation_currency: Mapped[str | None]
    order: Mapped[int]
    prepared_by: Mapped[str]
    status: Mapped[OptionStatus]
    valid_until: Mapped[datetime | None]
    reason: Mapped[str | None]


class ApprovalRow(Table):
    """A request to spend more than one's own authority."""

    __tablename__ = "approvals"
    __table_args__ = (
        rule("decided_by_somebody", "(status = 'requested') = (decided_by IS NULL)"),
        rule("refused_has_reason", "(status = 'refused') = (reason IS NOT NULL)"),
        rule("nobody_approves_their_own", "decided_by <> requested_by"),
        _together("decided_has_instant", "decided_by", "decided_at"),
        Index(
            "approvals_one_waiting_key",
            "number",
            "option",
            unique=True,
            postgresql_where="status = 'requested'",
        ),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    option: Mapped[str]
    level: Mapped[Role]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    status: Mapped[ApprovalStatus]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class ActionRow(Table):
    """Something that somebody does by a date."""

    __tablename__ = "actions"
    __table_args__ = (
        _together("completed_has_evidence", "completed_at", "evidence"),
        Index(None, "owner"),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    cycle: Mapped[int]
    round: Mapped[int]
    what: Mapped[str]
    kind: Mapped[RemedyKind]
    owner: Mapped[str]
    due_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    evidence: Mapped[str | None]


class PromiseRow(Table):
    """What the customer was promised."""

    __tablename__ = "promises"
    __table_args__ = (
        rule("due_after_made", "due_at > made_at"),
        _together("kept_has_evidence", "kept_at", "evidence"),
    )

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    due_at: Mapped[datetime]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    evidence: Mapped[str | None]


class FeedbackRow(Table):
    """What the customer was told."""

    __tablename__ = "feedback"

    number: Mapped[str] = _of_complaint()
    id: Mapped[str] = mapped_column(primary_key=True)
    message: Mapped[str]
    channel: Mapped[Channel]
    explanation: Mapped[bool]
    answer: Mapped[bool | None]
    given_by: Mapped[str]
    given_at: Mapped[datetime]


def table_of(kind: type[Table]) -> SqlTable:
    """Return the table behind a model."""
    table = kind.__table__
    assert isinstance(table, SqlTable)  # none of ours is mapped to anything else
    return table
