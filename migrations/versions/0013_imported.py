"""When a complaint was taken over from another system.

Why: lists, exports and figures of the platform's own can tell what was lived here from what was only recorded.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is there began here."""
    op.execute("ALTER TABLE complaints ADD COLUMN imported_at timestamptz")


def downgrade() -> None:
    """Take it away; the ledger still says so."""
    op.execute("ALTER TABLE complaints DROP COLUMN imported_at")
