"""Webhooks: who is told what, what is on its way to them, and what came of each attempt.

Why: back-office systems learn what happens to a complaint when it happens, in order and at least once, without asking
for it again and again.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop them."""
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_lanes", "webhook_subscriptions"):
        op.drop_table(table)


_TABLES = """
CREATE TABLE webhook_subscriptions (
    id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    owner_role VARCHAR(40) NOT NULL,
    owner_department TEXT,
    url TEXT NOT NULL,
    types TEXT[] NOT NULL,
    department TEXT,
    status VARCHAR(40) NOT NULL,
    why TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    secret BYTEA NOT NULL,
    former_secret BYTEA,
    former_until TIMESTAMP WITH TIME ZONE,
    failures INTEGER NOT NULL,
    failing_since TIMESTAMP WITH TIME ZONE,
    rests_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhook_subscriptions_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_subscriptions_former_secret_ends CHECK (num_nulls(former_secret, former_until) IN (0, 2)),
    CONSTRAINT webhook_subscriptions_failures_are_counted CHECK (failures >= 0),
    CONSTRAINT webhook_subscriptions_failing_since_a_failure CHECK ((failures > 0) = (failing_since IS NOT NULL)),
    CONSTRAINT webhook_subscriptions_role CHECK (owner_role IN
        ('system', 'desk', 'handler', 'mediator', 'lead', 'customer_service', 'executive', 'auditor')),
    CONSTRAINT webhook_subscriptions_webhookstatus CHECK (status IN ('active', 'paused', 'disabled', 'deleted'))
);

CREATE TABLE webhook_lanes (
    subscription TEXT NOT NULL,
    number TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claim TEXT,
    leased_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhook_lanes_pkey PRIMARY KEY (subscription, number),
    CONSTRAINT webhook_lanes_claim_ends CHECK (num_nulls(claim, leased_until) IN (0, 2))
);
CREATE INDEX webhook_lanes_due_idx ON webhook_lanes (subscription, due_at);

CREATE TABLE webhook_deliveries (
    subscription TEXT NOT NULL,
    number TEXT NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    progress VARCHAR(40) NOT NULL,
    queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    first_attempt_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (subscription, number, seq),
    CONSTRAINT webhook_deliveries_counts_from_one CHECK (seq >= 1),
    CONSTRAINT webhook_deliveries_tries_are_counted CHECK (tries BETWEEN 0 AND attempts),
    CONSTRAINT webhook_deliveries_settled_has_instant CHECK ((progress = 'waiting') = (settled_at IS NULL)),
    CONSTRAINT webhook_deliveries_progress CHECK (progress IN ('waiting', 'accepted', 'parked'))
);
CREATE INDEX webhook_deliveries_waiting_idx ON webhook_deliveries (subscription, number, seq)
    WHERE progress = 'waiting';
CREATE INDEX webhook_deliveries_queued_at_idx ON webhook_deliveries (subscription, queued_at, number, seq);
CREATE INDEX webhook_deliveries_parked_idx ON webhook_deliveries (subscription, queued_at)
    WHERE progress = 'parked';

CREATE TABLE webhook_attempts (
    subscription TEXT NOT NULL,
    number TEXT NOT NULL,
    seq INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome VARCHAR(40) NOT NULL,
    status INTEGER,
    duration_ms INTEGER NOT NULL,
    CONSTRAINT webhook_attempts_pkey PRIMARY KEY (subscription, number, seq, attempt),
    CONSTRAINT webhook_attempts_counts_from_one CHECK (attempt >= 1),
    CONSTRAINT webhook_attempts_attemptoutcome CHECK (outcome IN
        ('accepted', 'redirected', 'rejected', 'gone', 'slow_down', 'failed', 'timed_out', 'unreachable',
         'untrusted', 'garbled', 'not_resolved', 'not_allowed'))
);
"""
