"""Matters: improvements, reviews, hot spots and mass incidents, each with a ledger of its own.

Why: what has to change, what is looked at together and what is answered together outlives any complaint.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and guard the events as the ledger is guarded."""
    op.execute(_TABLES)
    op.execute(_GUARDS)


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP TABLE matter_cases, matter_events, matters")
    op.execute("DROP FUNCTION check_matter_chain()")


_TABLES = """
CREATE TABLE matters (
    id TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    title TEXT NOT NULL,
    topic TEXT,
    status VARCHAR(40) NOT NULL,
    department TEXT,
    owner TEXT,
    due_at TIMESTAMP WITH TIME ZONE,
    missed_at TIMESTAMP WITH TIME ZONE,
    late BOOLEAN NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    next_due_at TIMESTAMP WITH TIME ZONE,
    sources TEXT[] NOT NULL,
    decisions TEXT[] NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT matters_pkey PRIMARY KEY (id),
    CONSTRAINT matters_is_opened CHECK (seq >= 1),
    CONSTRAINT matters_hash_is_a_digest CHECK (hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT matters_end_has_instant CHECK ((status = 'open') = (ended_at IS NULL)),
    CONSTRAINT matters_end_awaits_nothing CHECK (status = 'open' OR next_due_at IS NULL),
    CONSTRAINT matters_done_has_decisions CHECK (status <> 'done' OR cardinality(decisions) > 0),
    CONSTRAINT matters_improvement_has_owner CHECK (kind <> 'improvement' OR department IS NOT NULL),
    CONSTRAINT matters_missed_when_due CHECK (missed_at >= due_at),
    CONSTRAINT matters_kind CHECK (kind IN ('improvement', 'review', 'hot_spot', 'incident')),
    CONSTRAINT matters_status CHECK (status IN ('open', 'done', 'cancelled'))
);
CREATE INDEX matters_kind_status_idx ON matters (kind, status);
CREATE INDEX matters_department_status_idx ON matters (department, status);

CREATE TABLE matter_events (
    matter TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id TEXT NOT NULL,
    actor_role VARCHAR(40) NOT NULL,
    actor_department TEXT,
    command_id TEXT,
    type TEXT GENERATED ALWAYS AS (fact ->> 'type') STORED NOT NULL,
    fact JSONB NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT matter_events_pkey PRIMARY KEY (matter, seq),
    CONSTRAINT matter_events_matter_fkey FOREIGN KEY(matter) REFERENCES matters (id),
    CONSTRAINT matter_events_hash_key UNIQUE (hash),
    CONSTRAINT matter_events_counts_from_one CHECK (seq >= 1),
    CONSTRAINT matter_events_hash_is_a_digest CHECK (hash ~ '^[0-9a-f]{64}$' AND previous ~ '^[0-9a-f]{64}$'),
    CONSTRAINT matter_events_role CHECK (actor_role IN
        ('system', 'desk', 'handler', 'mediator', 'lead', 'customer_service', 'executive', 'auditor'))
);

CREATE TABLE matter_cases (
    matter TEXT NOT NULL,
    number TEXT NOT NULL,
    CONSTRAINT matter_cases_pkey PRIMARY KEY (matter, number),
    CONSTRAINT matter_cases_matter_fkey FOREIGN KEY(matter) REFERENCES matters (id)
);
CREATE INDEX matter_cases_number_idx ON matter_cases (number);
"""

_GUARDS = """
CREATE TRIGGER matter_events_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON matter_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_matter_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh LEFT JOIN matter_events AS before
            ON before.matter = fresh.matter AND before.seq = fresh.seq - 1
        WHERE fresh.previous IS DISTINCT FROM CASE fresh.seq WHEN 1 THEN repeat('0', 64) ELSE before.hash END
    ) THEN
        RAISE EXCEPTION 'the events of a matter would not be a chain'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER matter_events_are_a_chain AFTER INSERT ON matter_events REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_matter_chain();
"""
