"""What was sent to whom, and the notices that wait to be sent together.

Why: a notice is sent once even if whoever sent it dies before the complaint has heard of it, and a storm of missed
deadlines is one message for a lead, not hundreds. What was sent is never changed afterwards.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the trigger that guards what is written once."""
    op.execute(_TABLES)
    op.execute(_GUARDS)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("waiting_notices")
    op.drop_table("deliveries")


_TABLES = """
CREATE TABLE deliveries (
    notice TEXT NOT NULL,
    lane TEXT NOT NULL,
    message TEXT NOT NULL,
    channel TEXT NOT NULL,
    receipt TEXT NOT NULL,
    failed BOOLEAN NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT deliveries_pkey PRIMARY KEY (notice)
);
CREATE INDEX deliveries_lane_idx ON deliveries (lane, sent_at);

CREATE TABLE waiting_notices (
    notice TEXT NOT NULL,
    lane TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    line TEXT NOT NULL,
    data JSONB NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    message TEXT,
    CONSTRAINT waiting_notices_pkey PRIMARY KEY (notice)
);
CREATE INDEX waiting_notices_lane_idx ON waiting_notices (lane, since);
"""

_GUARDS = """
CREATE TRIGGER deliveries_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
