"""The tables of outbound notices: what was sent, and what waits to be sent together. No personal data of customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Table


class DeliveryRow(Table):
    """One notice that was sent, or refused for good. Written once.

    Attributes:
        lane: The recipient, and the channel that was asked for: what shares a lane may share a message.
        message: The id of the message that told it; its companions have the same.
        receipt: What the service answered.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("deliveries_lane_idx", "lane", "sent_at"),)

    notice: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[str]
    message: Mapped[str]
    channel: Mapped[str]
    receipt: Mapped[str]
    failed: Mapped[bool]
    sent_at: Mapped[datetime]


class WaitingRow(Table):
    """One notice that waits for its companions.

    Attributes:
        subject: With `body`, what is sent if it stays alone; `line` stands for it among others.
        message: The id of the message that it is being sent with; once that is set it is sent with no other.
    """

    __tablename__ = "waiting_notices"
    __table_args__ = (Index("waiting_notices_lane_idx", "lane", "since"),)

    notice: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    line: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    since: Mapped[datetime]
    message: Mapped[str | None]
