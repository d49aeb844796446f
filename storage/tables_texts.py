"""The table of units' own texts; `metadata` here holds every table."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from storage.columns import UtcDateTime, counted_id, ref
from storage.tables_audit import metadata

__all__ = ["metadata", "unit_texts"]

unit_texts = Table(
    "unit_texts",  # only ever added to: a text's latest number is the one that is used, the others are its history
    metadata,
    counted_id(),
    ref("units.id"),
    Column("name", String(80), nullable=False),  # the message's
    Column("number", Integer, nullable=False),  # 1, 2, ...: two who change the same text get the same, and one is told
    Column("text", Text),  # none: the project's own words again
    Column("version", String(20), nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("written_by", String(80), nullable=False),  # as the audit log names them
    UniqueConstraint("unit_id", "name", "number"),
)
