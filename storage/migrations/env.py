"""What Alembic runs around a step: on the connection it is handed, in that connection's transaction."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
# SQLite can't alter a column in place; "batch" copies the table where it must.
context.configure(connection=connection, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
