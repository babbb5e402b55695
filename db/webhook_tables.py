"""The tables of webhooks: who is told what, what is on its way to them, and what came of each attempt.

No foreign keys: a batch is recorded while a subscription is being deleted, and neither waits for the other. What a
deleted subscription leaves behind is never sent, and swept up later.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from complaints.vocabulary import Role
from complaints.webhooks import AttemptOutcome, Progress, WebhookStatus
from db.tables import Table, one_of, rule


class SubscriptionRow(Table):
    """One subscription.

    Attributes:
        secret: Signs what is sent; sealed. `former_secret` signs too, until `former_until`.
        failures: How many attempts have failed since the last that did not, `failing_since` the first of them.
    """

    __tablename__ = "webhook_subscriptions"
    __table_args__ = (
        rule("former_secret_ends", "num_nulls(former_secret, former_until) IN (0, 2)"),
        rule("failures_are_counted", "failures >= 0"),
        rule("failing_since_a_failure", "(failures > 0) = (failing_since IS NOT NULL)"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    owner_role: Mapped[Role]
    owner_department: Mapped[str | None]
    url: Mapped[str]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    department: Mapped[str | None]
    status: Mapped[WebhookStatus] = mapped_column(one_of(WebhookStatus))
    why: Mapped[str | None]
    created_at: Mapped[datetime]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_until: Mapped[datetime | None]
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]


class LaneRow(Table):
    """What waits of one complaint for one subscriber. Whoever holds the claim sends its events, in their order.

    Attributes:
        due_at: When the next event is to be sent, or sent again.
        claim: Who is at it; the claim is void after `leased_until`, in case they died over it.
    """

    __tablename__ = "webhook_lanes"
    __table_args__ = (
        rule("claim_ends", "num_nulls(claim, leased_until) IN (0, 2)"),
        Index("webhook_lanes_due_idx", "subscription", "due_at"),
    )

    subscription: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    claim: Mapped[str | None]
    leased_until: Mapped[datetime | None]


class WebhookDeliveryRow(Table):
    """One event on its way to one subscriber. The event itself stands in the ledger.

    Attributes:
        queued_at: When it was recorded, or asked for again: tells an answer to this sending from one to the last.
        attempts: All there ever were; `tries` and `first_attempt_at` are those since it was queued.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        rule("counts_from_one", "seq >= 1"),
        rule("tries_are_counted", "tries BETWEEN 0 AND attempts"),
        rule("settled_has_instant", "(progress = 'waiting') = (settled_at IS NULL)"),
        Index(
            "webhook_deliveries_waiting_idx",
            "subscription",
            "number",
            "seq",
            postgresql_where="progress = 'waiting'",
        ),
        Index("webhook_deliveries_queued_at_idx", "subscription", "queued_at", "number", "seq"),
        Index(
            "webhook_deliveries_parked_idx",
            "subscription",
            "queued_at",
            postgresql_where="progress = 'parked'",
        ),
    )

    subscription: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str]
    progress: Mapped[Progress] = mapped_column(one_of(Progress))
    queued_at: Mapped[datetime]
    attempts: Mapped[int]
    tries: Mapped[int]
    first_attempt_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class AttemptRow(Table):
    """One attempt to send an event. The newest of each event are kept."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (rule("counts_from_one", "attempt >= 1"),)

    subscription: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    outcome: Mapped[AttemptOutcome] = mapped_column(one_of(AttemptOutcome))
    status: Mapped[int | None]
    duration_ms: Mapped[int]
