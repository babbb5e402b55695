"""What Alembic runs: migrations on the connection that `db.migrate` hands in, in its transaction."""

from __future__ import annotations

from alembic import context

from db.all_tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
