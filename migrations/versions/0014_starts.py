"""Starts by HTTP, and the indexes by which a caller's complaints are found.

Why: whoever sends a complaint twice gets the same answer twice, and whoever sends another one under the same name is told
what differs. Lists show each caller their own part, which is asked for by department and by person.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables, then the indexes."""
    op.execute(_TABLES)
    op.execute(_INDEXES)


def downgrade() -> None:
    """Take them away; requests that were sent before are no longer known again."""
    op.execute(
        "DROP INDEX verifications_department_idx, escalations_department_idx, escalations_person_idx,"
        " actions_owner_idx, ledger_summons_idx"
    )
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

_INDEXES = """
CREATE INDEX verifications_department_idx ON verifications (department);
CREATE INDEX escalations_department_idx ON escalations (department);
CREATE INDEX escalations_person_idx ON escalations (person) WHERE person IS NOT NULL AND resolved_at IS NULL;
CREATE INDEX actions_owner_idx ON actions (owner);
CREATE INDEX ledger_summons_idx ON ledger (number) WHERE type = 'DepartmentsSummoned';
"""
