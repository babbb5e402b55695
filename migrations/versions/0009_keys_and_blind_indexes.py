"""Keys, blind indexes and erasures, so that a person can be forgotten and everything else still be proven.

Why: names, contacts and every text are sealed with a key per complaint from here on, which the old indexes over words and
contacts in clear cannot read. What was recorded before stays in clear and is indexed anew by `redress index`.
"""

from __future__ import annotations

from typing import Any

from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and take the indexes over clear text away."""
    op.execute("DROP INDEX ledger_words_idx, complaints_contact_key_idx")
    op.execute("DROP FUNCTION words_in, said_in, contact_key")
    op.execute(_TABLES)


def downgrade() -> None:
    """Take them away, and with the keys all that was sealed; index what is in clear as before."""
    op.execute("DROP TABLE erasures, contacts, said, keys")
    op.execute("ALTER TABLE complaints DROP COLUMN customer_account")
    op.execute("DROP INDEX complaints_category_received_at_idx")
    before: Any = context.script.get_revision("0008")
    before.module.upgrade()


_TABLES = """
ALTER TABLE complaints ADD COLUMN customer_account TEXT;

CREATE TABLE keys (
    id TEXT NOT NULL,
    number TEXT,
    wrapped BYTEA,
    master TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    destroyed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT keys_pkey PRIMARY KEY (id),
    CONSTRAINT keys_destroyed_is_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE INDEX keys_number_idx ON keys (number) WHERE number IS NOT NULL;

CREATE TABLE said (
    number TEXT NOT NULL,
    seq INTEGER NOT NULL,
    words TEXT[] NOT NULL,
    CONSTRAINT said_pkey PRIMARY KEY (number, seq)
);
CREATE INDEX said_words_idx ON said USING gin (words);

CREATE TABLE contacts (
    number TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (number, digest)
);
CREATE INDEX contacts_digest_idx ON contacts (digest);

CREATE TABLE erasures (
    number TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id TEXT NOT NULL,
    actor_role VARCHAR(40) NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (number),
    CONSTRAINT erasures_role CHECK (actor_role IN ('system', 'desk', 'handler', 'mediator', 'lead', 'customer_service', 'executive', 'auditor'))
);
CREATE TRIGGER erasures_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
