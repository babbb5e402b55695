"""Starts by HTTP.

Why: whoever sends a complaint twice gets the same answer twice, and whoever sends another one under the same name is told
what differs.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Take them away; requests that were sent before are no longer known again."""
    op.execute("DROP TABLE start_keys, starts")


_TABLES = """
CREATE TABLE starts (
    number text NOT NULL,
    digests jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    policy_name text NOT NULL,
    policy_version text NOT NULL,
    policy_sha256 text NOT NULL,
    CONSTRAINT starts_pkey PRIMARY KEY (number),
    CONSTRAINT starts_sha256_is_a_digest CHECK (policy_sha256 ~ '^[0-9a-f]{64}$')
);

CREATE TABLE start_keys (
    caller text NOT NULL,
    key text NOT NULL,
    number text NOT NULL,
    CONSTRAINT start_keys_pkey PRIMARY KEY (caller, key)
);
"""
