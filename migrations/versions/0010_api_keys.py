"""API keys, and indexes for what people may see because they were asked or called.

Why: systems come in by a key that can be told apart, limited, replaced and taken away; and who is asked for a
verification, summoned, called by an escalation or owns an action sees that complaint, in lists too.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the indexes."""
    op.execute(_TABLES)
    op.execute(_INDEXES)


def downgrade() -> None:
    """Drop them: no key of a later version opens an earlier one's door."""
    op.execute(
        "DROP INDEX ledger_summoned_idx, verifications_department_idx, escalations_department_idx, "
        "actions_owner_idx, complaints_handler_idx"
    )
    op.drop_table("api_keys")


_TABLES = """
CREATE TABLE api_keys (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL,
    former_digest BYTEA,
    former_until TIMESTAMP WITH TIME ZONE,
    actor_id TEXT NOT NULL,
    actor_role VARCHAR(40) NOT NULL,
    actor_department TEXT,
    scopes TEXT[],
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_id_is_public CHECK (id ~ '^[a-z2-7]{12}$'),
    CONSTRAINT api_keys_digest_has_32_bytes CHECK (octet_length(digest) = 32),
    CONSTRAINT api_keys_former_has_32_bytes CHECK (octet_length(former_digest) = 32),
    CONSTRAINT api_keys_former_ends CHECK ((former_digest IS NULL) = (former_until IS NULL)),
    CONSTRAINT api_keys_expires_after_it_begins CHECK (expires_at > created_at),
    CONSTRAINT api_keys_revoked_by_somebody CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT api_keys_acts_for_somebody_else_than_the_engine CHECK (actor_id <> 'redress'),
    CONSTRAINT api_keys_role CHECK (actor_role IN ('system', 'desk', 'handler', 'mediator', 'lead', 'customer_service', 'executive', 'auditor'))
);
CREATE INDEX api_keys_actor_id_idx ON api_keys (actor_id);
"""

_INDEXES = """
CREATE INDEX ledger_summoned_idx ON ledger USING gin ((fact -> 'departments')) WHERE type = 'DepartmentsSummoned';
CREATE INDEX verifications_department_idx ON verifications (department);
CREATE INDEX escalations_department_idx ON escalations (department);
CREATE INDEX actions_owner_idx ON actions (owner);
CREATE INDEX complaints_handler_idx ON complaints (handler);
"""
