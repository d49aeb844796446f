"""The table of messages that are called back while they are on their way; storage/recalls.py tells why it is one.

The other tables are in storage/tables.py; `metadata` here holds every one of them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from storage.columns import UtcDateTime
from storage.tables import metadata

__all__ = ["metadata", "recalls"]

recalls = Table(
    "recalls",
    metadata,
    Column("outbox_id", BigInteger, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(200), nullable=False),  # plain Swedish, for staff
)
