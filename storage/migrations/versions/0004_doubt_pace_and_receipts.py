"""What a delivery that loses nothing must know: tries told apart, doubt with a clock, receipts kept, channels' pace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import (
    Big,
    Bool,
    Int,
    Str,
    When,
    col,
    counted_id,
    fk,
    index,
    maybe,
    partial_index,
    pk,
    unique,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", maybe("next_out_at", When))
    for column in (
        col("risked", Int, "0"),
        col("refused", Int, "0"),
        col("put_off", Bool, sa.text("false")),
        maybe("provider_code", Str(20)),
        maybe("tried_at", When),
        maybe("uncertain_since", When),
        maybe("look_at", When),
    ):
        op.add_column("outbox", column)
    op.add_column("outbox_attempts", maybe("code", Str(20)))
    # What is on its way, or may be, has been risked as often as it was tried.
    op.execute("UPDATE outbox SET risked = attempt WHERE state IN ('sending', 'uncertain', 'parked')")
    op.drop_index("ix_outbox_due", "outbox")
    partial_index("ix_outbox_due", "outbox", ["channel", "priority", "id", "not_before"], "state = 'queued'")
    live = "state in ('queued','sending','uncertain')"
    partial_index("ix_outbox_live", "outbox", ["contact_id", "id"], live)
    partial_index("ix_outbox_reached", "outbox", ["participant_id", "accepted_at"], "accepted_at is not null")
    op.create_table(
        "receipts",
        counted_id(),
        maybe("outbox_id", Big),
        col("ref", Str(60)),
        col("provider_id", Str(120)),
        col("status", Str(20)),
        col("code", Str(20)),
        col("mark", Str(20)),
        col("received_at", When),
        pk("receipts", "id"),
        fk("receipts", "outbox_id", "outbox"),
        unique("receipts", "ref", "provider_id", "status", "code"),
    )
    index("receipts", "outbox_id")
    partial_index("ix_receipts_unknown", "receipts", ["received_at"], "outbox_id is null")
    op.create_table(
        "channel_pace",
        col("channel", Str(20)),
        maybe("next_at", When),
        maybe("paused_until", When),
        col("failing", Bool, sa.text("false")),
        pk("channel_pace", "channel"),
    )
