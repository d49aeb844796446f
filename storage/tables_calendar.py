"""The table of staff's own calendar feeds; the other tables are in storage/tables.py.

A feed is read by a secret link. The link's word is nowhere in the table, only a hash of it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table

from storage.columns import UtcDateTime
from storage.tables_staff import metadata

__all__ = ["calendar_feeds", "metadata"]

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff_members.id"), primary_key=True, autoincrement=False),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("salt", BigInteger, nullable=False),  # what the link's word is derived from, with the installation's key
    Column("made_at", UtcDateTime, nullable=False),
)
