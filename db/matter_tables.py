"""The tables of matters: their own append-only ledger, and the read model that is its index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Computed, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from complaints.matters.forms import Kind, Status
from complaints.vocabulary import Role
from db.tables import Table, one_of, rule

Table.registry.update_type_annotation_map({kind: one_of(kind) for kind in (Kind, Status)})


class MatterRow(Table):
    """One matter as it stands after event `seq`."""

    __tablename__ = "matters"
    __table_args__ = (
        rule("is_opened", "seq >= 1"),
        rule("hash_is_a_digest", "hash ~ '^[0-9a-f]{64}$'"),
        rule("end_has_instant", "(status = 'open') = (ended_at IS NULL)"),
        rule("end_awaits_nothing", "status = 'open' OR next_due_at IS NULL"),
        rule("done_has_decisions", "status <> 'done' OR cardinality(decisions) > 0"),
        rule("improvement_has_owner", "kind <> 'improvement' OR department IS NOT NULL"),
        rule("missed_when_due", "missed_at >= due_at"),
        Index(None, "kind", "status"),
        Index(None, "department", "status"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Kind]
    title: Mapped[str]
    topic: Mapped[str | None]
    status: Mapped[Status]
    department: Mapped[str | None]
    owner: Mapped[str | None]
    due_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
    late: Mapped[bool]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text))
    decisions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    seq: Mapped[int]
    hash: Mapped[str]


class MatterEventRow(Table):
    """One event of a matter. Written once, each after the one whose hash it names."""

    __tablename__ = "matter_events"
    __table_args__ = (
        UniqueConstraint("hash"),
        rule("counts_from_one", "seq >= 1"),
        rule("hash_is_a_digest", "hash ~ '^[0-9a-f]{64}$' AND previous ~ '^[0-9a-f]{64}$'"),
    )

    matter: Mapped[str] = mapped_column(ForeignKey("matters.id"), primary_key=True)
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


class MatterCaseRow(Table):
    """A complaint that a matter is about. Whether we have it is not asked: it may be recorded later."""

    __tablename__ = "matter_cases"
    __table_args__ = (Index(None, "number"),)

    matter: Mapped[str] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
