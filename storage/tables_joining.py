"""The table of codes that join two ways to reach one person; the other tables are in storage/tables.py.

A code itself is nowhere in it, only a keyed hash. What is older than two days is taken away (rules.codes.KEPT).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, text

from storage.columns import UtcDateTime, ref, row_id
from storage.tables import metadata, outbox

__all__ = ["join_codes", "metadata"]

join_codes = Table(
    "join_codes",
    metadata,
    row_id(),
    ref("contacts.id", index=True),  # shown here, asked for here, or written here
    Column("purpose", String(10), nullable=False),  # shown | number | miss
    Column("address_hash", LargeBinary(32)),  # the number that it was sent to
    Column("code_hash", LargeBinary(32)),  # none: a miss
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("sent", Boolean, nullable=False, server_default=text("false")),
    Column("wrong", Integer, nullable=False, server_default="0"),
    Column("closed_at", UtcDateTime),
    Index("ix_join_codes_address_hash_created_at", "address_hash", "created_at"),
    Index("ix_join_codes_purpose_created_at", "purpose", "created_at"),
    Index(
        "uq_join_codes_shown",  # no two people are shown the same code
        "code_hash",
        unique=True,
        sqlite_where=text("purpose = 'shown' and closed_at is null"),
        postgresql_where=text("purpose = 'shown' and closed_at is null"),
    ),
)

SMS_ACCEPTED = "channel in ('sms', 'sim_sms') and accepted_at is not null"
Index(
    "ix_outbox_sms_accepted_at",  # the day's ceiling is counted with it
    outbox.c.accepted_at,
    sqlite_where=text(SMS_ACCEPTED),
    postgresql_where=text(SMS_ACCEPTED),
)
