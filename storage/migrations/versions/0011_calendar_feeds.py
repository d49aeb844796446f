"""Calendar feeds: one secret link a staff member, of which only a hash is kept."""

from __future__ import annotations

from alembic import op

from storage.migrations.shorthand import Big, Blob, When, col, fk, pk, unique

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        col("staff_id", Big),
        col("token_hash", Blob(32)),
        col("salt", Big),
        col("made_at", When),
        pk("calendar_feeds", "staff_id"),
        fk("calendar_feeds", "staff_id", "staff_members"),
        unique("calendar_feeds", "token_hash"),
    )
