"""A unit's own words for a message, with their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import Big, Int, Str, When, col, counted_id, fk, maybe, pk, unique

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_texts",
        counted_id(),
        col("unit_id", Big),
        col("name", Str(80)),
        col("number", Int),
        maybe("text", sa.Text),
        col("version", Str(20)),
        col("written_at", When),
        col("written_by", Str(80)),
        pk("unit_texts", "id"),
        fk("unit_texts", "unit_id", "units"),
        unique("unit_texts", "unit_id", "name", "number"),
    )
