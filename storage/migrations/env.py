"""What Alembic runs: the migrations, on the connection and in the transaction that storage.schema hands over."""

from __future__ import annotations

from alembic import context

from storage.every_table import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
