"""Let only rows that a provider has taken stand in the index of provider ids: queueing then leaves it alone."""

from __future__ import annotations

from alembic import op

from storage.migrations.shorthand import partial_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_outbox_provider_id", "outbox")
    partial_index("ix_outbox_provider_id", "outbox", ["provider_id"], "provider_id is not null")
