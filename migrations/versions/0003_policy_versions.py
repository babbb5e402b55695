"""Policies that were put into force.

Why: which rules a complaint starts under is a decision somebody took on a day, so it is recorded like everything
else: a version means one text for ever, and a decision is overtaken by a later one, never changed.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the triggers that guard what is written once."""
    op.execute(_TABLES)
    op.execute(_GUARDS)


def downgrade() -> None:
    """Drop them, dependents first."""
    op.drop_table("policy_activations")
    op.drop_table("policy_versions")


_TABLES = """
CREATE TABLE policy_versions (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    source_text TEXT NOT NULL,
    CONSTRAINT policy_versions_pkey PRIMARY KEY (name, version),
    CONSTRAINT policy_versions_sha256_fkey FOREIGN KEY (sha256) REFERENCES policies (sha256)
);

CREATE TABLE policy_activations (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    organisation TEXT,
    categories TEXT[] NOT NULL,
    received_from TIMESTAMP WITH TIME ZONE NOT NULL,
    activated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    activated_by TEXT NOT NULL,
    CONSTRAINT policy_activations_pkey PRIMARY KEY (id),
    CONSTRAINT policy_activations_name_fkey
        FOREIGN KEY (name, version) REFERENCES policy_versions (name, version)
);
"""

_GUARDS = """
CREATE TRIGGER policy_versions_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_activations_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_activations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
