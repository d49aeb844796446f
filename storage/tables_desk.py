"""The tables of the staff's desk: who may open a protected person, notes, saved replies, exits, forms that were used.

The other tables are in storage/tables.py; `metadata` here holds every one of them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table, UniqueConstraint

from storage.columns import UtcDateTime, counted_id, ref, row_id
from storage.tables_staff import metadata

__all__ = ["exits", "metadata", "named_readers", "people_changes", "person_notes", "saved_replies", "used_forms"]

named_readers = Table(
    "named_readers",  # who may open a person with protected identity
    metadata,
    counted_id(),
    ref("participants.id"),
    ref("staff_members.id", index=True),
    Column("added_at", UtcDateTime, nullable=False),
    UniqueConstraint("participant_id", "staff_id"),
)

person_notes = Table(
    "person_notes",
    metadata,
    row_id(),
    ref("participants.id", index=True),
    Column("staff_id", BigInteger, ForeignKey("staff_members.id")),  # none: the operator
    Column("written_at", UtcDateTime, nullable=False),
    Column("body_enc", LargeBinary, nullable=False),
    Column("struck_at", UtcDateTime),  # the author takes it back; it stays to be read
)

saved_replies = Table(
    "saved_replies",
    metadata,
    counted_id(),
    ref("units.id", index=True),
    Column("name", String(60), nullable=False),
    Column("text", String(1600), nullable=False),  # with fields such as {förnamn}; nothing of any person
    Column("changed_at", UtcDateTime, nullable=False),
)

exits = Table(
    "exits",
    metadata,
    row_id(),
    ref("participants.id", index=True),
    ref("units.id", nullable=True),
    Column("reason", String(20), nullable=False),  # work | studies | ..., see staff.labels
    Column("was", String(20), nullable=False),  # the status before, to go back to
    Column("at", UtcDateTime, nullable=False),
    Column("staff_id", BigInteger, ForeignKey("staff_members.id")),
    Column("undone_at", UtcDateTime),
)

used_forms = Table(
    "used_forms",  # a form that was sent is not done again: a double click, a reload
    metadata,
    Column("once", String(120), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

people_changes = Table(
    "people_changes",  # kept by triggers on participants: whom an index of names has to read again
    metadata,
    counted_id(),
    Column("person", BigInteger, nullable=False),
    UniqueConstraint("person"),
    sqlite_autoincrement=True,  # the highest id, taken away with its row, may not come again
)
