"""Files on complaints: what they were, by whom and when, and the digest of their bytes.

Why: whoever handles a complaint sees what evidence there is without asking its workflow, and the sweep knows which
stored bytes belong to something. The bytes themselves are not here.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; complaints that came before it have no files."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop it; the ledger keeps every digest."""
    op.drop_table("attachments")


_TABLES = """
CREATE TABLE attachments (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    attached_by TEXT NOT NULL,
    attached_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_by TEXT,
    removed_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    CONSTRAINT attachments_pkey PRIMARY KEY (number, id),
    CONSTRAINT attachments_number_fkey FOREIGN KEY (number) REFERENCES complaints (number),
    CONSTRAINT attachments_sha256_is_a_digest CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT attachments_holds_something CHECK (size_bytes > 0),
    CONSTRAINT attachments_removed_by_somebody CHECK (num_nulls(removed_by, removed_at, reason) IN (0, 3))
);
"""
