"""The table of API keys. Their secrets are nowhere: what is kept of one recognises it, and cannot be turned back into it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from complaints.vocabulary import Role
from db.tables import Table, rule


class ApiKeyRow(Table):
    """A key, who acts by it, and how long. `scopes` is what it may do at most; empty for all that its role may."""

    __tablename__ = "api_keys"
    __table_args__ = (
        rule("id_is_public", "id ~ '^[a-z2-7]{12}$'"),
        rule("digest_has_32_bytes", "octet_length(digest) = 32"),
        rule("former_has_32_bytes", "octet_length(former_digest) = 32"),
        rule("former_ends", "(former_digest IS NULL) = (former_until IS NULL)"),
        rule("expires_after_it_begins", "expires_at > created_at"),
        rule("revoked_by_somebody", "(revoked_at IS NULL) = (revoked_by IS NULL)"),
        rule("acts_for_somebody_else_than_the_engine", "actor_id <> 'redress'"),
        Index(None, "actor_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    former_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_until: Mapped[datetime | None]
    actor_id: Mapped[str]
    actor_role: Mapped[Role]
    actor_department: Mapped[str | None]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    last_used_at: Mapped[datetime | None]
