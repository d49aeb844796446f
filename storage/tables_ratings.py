"""The tables of ratings: what was asked and answered, the links to their pages, staff's tasks, licensed texts.

A rating's items and words are sealed with the person's key. Its total stands in clear, in tenths, so that a unit's
figures are one question to the database; a total names nobody and says nothing of what was rated.
The other tables are in storage/tables.py; `metadata` here holds every one of them.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from storage.columns import UtcDateTime, ref, row_id
from storage.tables_meetings import metadata

__all__ = ["metadata", "rating_links", "rating_tasks", "ratings", "unit_scales"]

ratings = Table(
    "ratings",
    metadata,
    row_id(),
    ref("participants.id"),
    ref("units.id"),
    Column("appointment_id", BigInteger, ForeignKey("appointments.id")),  # the session; none: a check-in
    Column("episode", Integer, nullable=False),  # how many times the person had left before: each new start is counted
    Column("role", String(10), nullable=False),  # before | after | check_in
    Column("scale", String(40), nullable=False),
    Column("version", String(20), nullable=False),  # of the scale's texts
    Column("instrument", String(4), nullable=False),  # ORS | SRS | own
    Column("mode", String(12)),  # page | staff_page | paper | sms | telegram | chat: how the last item was given
    Column("form", String(8)),  # line | numbers: what may be compared
    Column("state", String(10), nullable=False),  # asked | begun | answered | partly | declined | expired
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("answers_enc", LargeBinary),  # JSON: items, comment
    Column("total", Integer),  # tenths; none: not every item was answered
    Column("first_total", Integer),  # tenths: the first of this episode, scale and form
    Column("mark", Integer),  # tenths; none: no mark applies
    Column("outcome", String(14)),  # recovered | improved | no_change | deteriorated; none: nothing to compare with
    Column("straight", Boolean, nullable=False, server_default=text("false")),  # one answer to every item
    Column("low", Integer, nullable=False, server_default="0"),  # how many items were low
    Column("marks", JSON, nullable=False),  # the values that it was scored by
    Column("hidden_from", BigInteger, ForeignKey("staff_members.id")),  # the person chose that another reads
    UniqueConstraint("appointment_id", "role"),
    Index("ix_ratings_participant_id_asked_at", "participant_id", "asked_at"),
    Index("ix_ratings_unit_id_asked_at", "unit_id", "asked_at"),
    Index("ix_ratings_state_expires_at", "state", "expires_at"),
)

rating_links = Table(
    "rating_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("rating_id", BigInteger, ForeignKey("ratings.id"), index=True),
    ref("participants.id", index=True),  # whose page it is
    Column("purpose", String(10), nullable=False),  # answer | device | curve
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

rating_tasks = Table(
    "rating_tasks",  # a task of staff's in the inbox, at most one a rating
    metadata,
    Column("item_id", BigInteger, ForeignKey("inbox_items.id"), primary_key=True, autoincrement=False),
    Column("rating_id", BigInteger, ForeignKey("ratings.id"), nullable=False, unique=True),
    Column("changed_enc", LargeBinary),  # what staff say that they did about it, in words for the person
    Column("closed_at", UtcDateTime),
    Column("told", String(10)),  # asked | told | declined: whether the person wanted to know
)

unit_scales = Table(
    "unit_scales",  # licensed texts that a unit has put into a scale's empty place
    metadata,
    row_id(),
    ref("units.id"),
    Column("scale", String(40), nullable=False),
    Column("holder", String(120), nullable=False),
    Column("licensed_on", Date, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("version", String(20), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("set_by", String(80), nullable=False),  # as the audit log names them
    UniqueConstraint("unit_id", "scale"),
)
