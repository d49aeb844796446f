"""Which staff member wrote a message."""

from __future__ import annotations

from alembic import op

from storage.migrations.shorthand import Big, maybe

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", maybe("written_by", Big))
