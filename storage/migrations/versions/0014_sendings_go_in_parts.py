"""Releases to many: pressed once, whom they were meant for, and how far their messages are queued."""

from __future__ import annotations

from alembic import op

from storage.migrations.shorthand import Big, Blob, Str, col, maybe

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sendings", maybe("once", Str(80)))
    op.add_column("sendings", maybe("choice_enc", Blob))
    op.add_column("sendings", col("queued_to", Big, "0"))
    op.create_index("ix_sendings_once", "sendings", ["once"], unique=True)
