"""The tables that make a chain of the audit log: the links, and what waits for its link.

The log itself is `audit` in storage/tables.py; `metadata` here holds every table.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table

from storage.tables_staff import metadata

__all__ = ["audit_chain", "audit_waiting", "metadata"]

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("audit_id", BigInteger, nullable=False, unique=True),  # 0: the chain's own beginning
    Column("hash", LargeBinary(32), nullable=False),  # over the link before and this row, see storage/audit_chain.py
)

audit_waiting = Table(
    "audit_waiting",  # rows that are written and have no link yet: reads, and what the bot does by itself
    metadata,
    Column("audit_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
)
