"""The table of files on complaints: what is known of them. Their bytes are not in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Table, rule


class AttachmentRow(Table):
    """A file on a complaint. Its row stays when its bytes are gone."""

    __tablename__ = "attachments"
    __table_args__ = (
        rule("sha256_is_a_digest", "sha256 ~ '^[0-9a-f]{64}$'"),
        rule("holds_something", "size_bytes > 0"),
        rule("removed_by_somebody", "num_nulls(removed_by, removed_at, reason) IN (0, 3)"),
    )

    number: Mapped[str] = mapped_column(ForeignKey("complaints.number"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    attached_by: Mapped[str]
    attached_at: Mapped[datetime]
    removed_by: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    reason: Mapped[str | None]
