"""What the HTTP door remembers of the complaints that were started through it, so that a repeated request is known again.

Nothing that was sent is stored: only keyed digests of the fields, enough to say which of them differ.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Table, rule


class StartRow(Table):
    """A complaint that was started: by which fields, and what the answer was."""

    __tablename__ = "starts"
    __table_args__ = (rule("sha256_is_a_digest", "policy_sha256 ~ '^[0-9a-f]{64}$'"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    digests: Mapped[dict[str, str]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    policy_name: Mapped[str]
    policy_version: Mapped[str]
    policy_sha256: Mapped[str]


class StartKeyRow(Table):
    """An idempotency key, and the complaint that it was used for."""

    __tablename__ = "start_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
