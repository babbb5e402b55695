"""The organisation: departments, members, leave, duty rosters, and one line for every import that changed them.

Why: who gets an escalation is resolved when it fires, from what the organisation itself imported. Members are never
deleted, since ledgers name them; the deferred references let an import write its rows in any order.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the trigger that keeps the list of imports append-only."""
    op.execute(_TABLES)
    op.execute(_GUARD)


def downgrade() -> None:
    """Drop them, dependents first."""
    for table in ("duty", "leaves", "members", "departments", "org_versions"):
        op.drop_table(table)


_TABLES = """
CREATE TABLE org_versions (
    version INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    zone TEXT NOT NULL,
    changes JSONB NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    imported_by TEXT NOT NULL,
    CONSTRAINT org_versions_pkey PRIMARY KEY (version),
    CONSTRAINT org_versions_counts_from_one CHECK (version >= 1),
    CONSTRAINT org_versions_sha256_is_a_digest CHECK (sha256 ~ '^[0-9a-f]{64}$')
);

CREATE TABLE departments (
    id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    parent TEXT,
    calendar TEXT,
    active BOOLEAN NOT NULL,
    CONSTRAINT departments_pkey PRIMARY KEY (id),
    CONSTRAINT departments_is_not_its_own_parent CHECK (parent <> id),
    CONSTRAINT departments_parent_fkey FOREIGN KEY(parent) REFERENCES departments (id)
        DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE members (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    language TEXT NOT NULL,
    hours JSONB,
    quiet_start TIME WITHOUT TIME ZONE,
    quiet_end TIME WITHOUT TIME ZONE,
    targets BYTEA,
    channels TEXT[] NOT NULL,
    deputy TEXT,
    active BOOLEAN NOT NULL,
    CONSTRAINT members_pkey PRIMARY KEY (id),
    CONSTRAINT members_has_a_role CHECK (cardinality(roles) > 0),
    CONSTRAINT members_is_not_their_own_deputy CHECK (deputy <> id),
    CONSTRAINT members_quiet_has_two_ends CHECK (num_nulls(quiet_start, quiet_end) IN (0, 2)),
    CONSTRAINT members_department_fkey FOREIGN KEY(department) REFERENCES departments (id)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT members_deputy_fkey FOREIGN KEY(deputy) REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX members_department_idx ON members (department);

CREATE TABLE leaves (
    member TEXT NOT NULL,
    begins_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    delegate TEXT,
    CONSTRAINT leaves_pkey PRIMARY KEY (member, begins_at),
    CONSTRAINT leaves_ends_after_it_begins CHECK (ends_at > begins_at),
    CONSTRAINT leaves_member_fkey FOREIGN KEY(member) REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT leaves_delegate_fkey FOREIGN KEY(delegate) REFERENCES members (id)
        DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE duty (
    line INTEGER NOT NULL,
    role TEXT NOT NULL,
    department TEXT,
    member TEXT NOT NULL,
    begins_at TIMESTAMP WITH TIME ZONE,
    ends_at TIMESTAMP WITH TIME ZONE,
    days INTEGER[],
    start_minute INTEGER,
    end_minute INTEGER,
    CONSTRAINT duty_pkey PRIMARY KEY (line),
    CONSTRAINT duty_is_once_or_weekly CHECK ((begins_at IS NULL) <> (days IS NULL)),
    CONSTRAINT duty_ends_after_it_begins CHECK (ends_at > begins_at AND end_minute > start_minute),
    CONSTRAINT duty_shift_has_two_ends CHECK (num_nulls(begins_at, ends_at) IN (0, 2)),
    CONSTRAINT duty_week_has_hours CHECK (num_nulls(days, start_minute, end_minute) IN (0, 3)),
    CONSTRAINT duty_department_fkey FOREIGN KEY(department) REFERENCES departments (id)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT duty_member_fkey FOREIGN KEY(member) REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED
);
"""

_GUARD = """
CREATE TRIGGER org_versions_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON org_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
