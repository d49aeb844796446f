"""Why attendance was corrected after its month had been sent in."""

from __future__ import annotations

from alembic import op

from storage.migrations.shorthand import Str, maybe

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attendance", maybe("why", Str(12)))
