"""Codes that join two ways to reach one person, and an index to count the day's SMS with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import (
    Big,
    Blob,
    Bool,
    Int,
    Str,
    When,
    col,
    fk,
    index,
    maybe,
    own_id,
    partial_index,
    pk,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "join_codes",
        own_id(),
        col("contact_id", Big),
        col("purpose", Str(10)),
        maybe("address_hash", Blob(32)),
        maybe("code_hash", Blob(32)),
        col("created_at", When),
        col("expires_at", When),
        col("sent", Bool, sa.text("false")),
        col("wrong", Int, "0"),
        maybe("closed_at", When),
        pk("join_codes", "id"),
        fk("join_codes", "contact_id", "contacts"),
    )
    index("join_codes", "contact_id")
    index("join_codes", "address_hash", "created_at")
    index("join_codes", "purpose", "created_at")
    shown = sa.text("purpose = 'shown' and closed_at is null")
    op.create_index(
        "uq_join_codes_shown", "join_codes", ["code_hash"], unique=True, sqlite_where=shown, postgresql_where=shown
    )
    counted = "channel in ('sms', 'sim_sms') and accepted_at is not null"
    partial_index("ix_outbox_sms_accepted_at", "outbox", ["accepted_at"], counted)
