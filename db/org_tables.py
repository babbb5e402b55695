"""The tables of the organisation: who works here, how they are reached, who is on leave and on duty.

Members and departments are deactivated, never deleted: ledgers name them. Roles are texts here, since the words of
the trade may grow without a migration. Only `org_versions` is append-only; the trigger stands in the migration.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import ARRAY, ForeignKey, Index, Integer, LargeBinary, Text, Time
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Table, _together, rule


def _reference(column: str) -> ForeignKey:
    """Refer to a row that may be written later in the same transaction."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


class OrgVersionRow(Table):
    """One import that changed something. Written once."""

    __tablename__ = "org_versions"
    __table_args__ = (
        rule("counts_from_one", "version >= 1"),
        rule("sha256_is_a_digest", "sha256 ~ '^[0-9a-f]{64}$'"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    zone: Mapped[str]
    changes: Mapped[list[str]] = mapped_column(JSONB)
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class DepartmentRow(Table):
    """A part of the organisation."""

    __tablename__ = "departments"
    __table_args__ = (rule("is_not_its_own_parent", "parent <> id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name_en: Mapped[str]
    name_zh: Mapped[str]
    parent: Mapped[str | None] = mapped_column(_reference("departments.id"))
    calendar: Mapped[str | None]
    active: Mapped[bool]


class MemberRow(Table):
    """Somebody who works here. `targets` is sealed; `channels` says of which kind they are."""

    __tablename__ = "members"
    __table_args__ = (
        rule("has_a_role", "cardinality(roles) > 0"),
        rule("is_not_their_own_deputy", "deputy <> id"),
        _together("quiet_has_two_ends", "quiet_start", "quiet_end"),
        Index(None, "department"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    department: Mapped[str] = mapped_column(_reference("departments.id"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    language: Mapped[str]
    hours: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    quiet_start: Mapped[time | None] = mapped_column(Time)
    quiet_end: Mapped[time | None] = mapped_column(Time)
    targets: Mapped[bytes | None] = mapped_column(LargeBinary)
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    deputy: Mapped[str | None] = mapped_column(_reference("members.id"))
    active: Mapped[bool]


class LeaveRow(Table):
    """Time in which a member is not told anything."""

    __tablename__ = "leaves"
    __table_args__ = (rule("ends_after_it_begins", "ends_at > begins_at"),)

    member: Mapped[str] = mapped_column(_reference("members.id"), primary_key=True)
    begins_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    delegate: Mapped[str | None] = mapped_column(_reference("members.id"))


class DutyRow(Table):
    """One line of a roster: from one instant to another, or every week in minutes after local midnight."""

    __tablename__ = "duty"
    __table_args__ = (
        rule("is_once_or_weekly", "(begins_at IS NULL) <> (days IS NULL)"),
        rule("ends_after_it_begins", "ends_at > begins_at AND end_minute > start_minute"),
        _together("shift_has_two_ends", "begins_at", "ends_at"),
        _together("week_has_hours", "days", "start_minute", "end_minute"),
    )

    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str]
    department: Mapped[str | None] = mapped_column(_reference("departments.id"))
    member: Mapped[str] = mapped_column(_reference("members.id"))
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    days: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
