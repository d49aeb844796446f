"""Messages called back while they are on their way."""

from __future__ import annotations

from alembic import op

from storage.migrations.shorthand import Big, Str, When, col, fk, pk

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recalls",
        col("outbox_id", Big),
        col("at", When),
        col("why", Str(200)),
        pk("recalls", "outbox_id"),
        fk("recalls", "outbox_id", "outbox"),
    )
