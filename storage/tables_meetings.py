"""The tables of meetings: appointments, what of staff's time is taken, when they can, what people wish for.

That one staff member's same five minutes are taken twice is impossible: `busy` has them as its primary key. The other
tables are in storage/tables.py; `metadata` here holds every one of them.
"""

from __future__ import annotations

from sqlalchemy import (
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
    Time,
    UniqueConstraint,
    text,
)

from storage.columns import UtcDateTime, counted_id, partial_index, ref, row_id
from storage.tables_joining import metadata

__all__ = [
    "appointments",
    "busy",
    "free_shifts",
    "holds",
    "metadata",
    "page_links",
    "plan_done",
    "reminder_wishes",
    "time_wishes",
]

appointments = Table(
    "appointments",
    metadata,
    row_id(),
    ref("participants.id"),
    ref("units.id"),
    ref("staff_members.id"),
    Column("form", String(20), nullable=False),  # walk_and_talk | visit | office | phone | video
    Column("starts", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime, nullable=False),
    Column("place", String(60)),  # the slug of one of the unit's places
    Column("details_enc", LargeBinary),  # JSON: where (free words), note for staff, pace, plan_b
    Column("booked_by", String(10), nullable=False),  # staff | person
    Column("booked_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime),  # when this time came to be, for one that was moved
    Column("told", Boolean, nullable=False, server_default=text("false")),  # the person chose it and read the answer
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", String(10), nullable=False, server_default="booked"),  # booked | cancelled
    Column("cancelled_by", String(10)),  # staff | person
    Column("answer", String(10)),  # yes | no | move: to this version
    Column("answered_at", UtcDateTime),
    Column("outcome", String(12)),  # attended | missed | we_failed | cancelled
    Column("marked_at", UtcDateTime),
    Column("marked_by", BigInteger, ForeignKey("staff_members.id")),
    Column("look_at", UtcDateTime),  # when the plan of what is said about it is next to be asked; none: never
    partial_index("ix_appointments_look", "look_at", where="look_at is not null"),
    Index("ix_appointments_participant_id_starts", "participant_id", "starts"),
    Index("ix_appointments_staff_id_starts", "staff_id", "starts"),
    Index("ix_appointments_unit_id_starts", "unit_id", "starts"),
)

plan_done = Table(
    "plan_done",  # what of a meeting's plan has been queued, told to staff, or found too late
    metadata,
    counted_id(),
    Column("appointment_id", BigInteger, ForeignKey("appointments.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("outcome", String(10), nullable=False),  # queued | told | expired
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("appointment_id", "version", "kind"),
)

holds = Table(
    "holds",
    metadata,
    row_id(),
    ref("participants.id", index=True),
    ref("staff_members.id"),
    Column("starts", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

busy = Table(
    "busy",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff_members.id"), primary_key=True, autoincrement=False),
    Column("five_minutes", BigInteger, primary_key=True, autoincrement=False),  # counted from 1970-01-01 00.00 UTC
    Column("appointment_id", BigInteger, ForeignKey("appointments.id"), index=True),
    Column("hold_id", BigInteger, ForeignKey("holds.id"), index=True),  # one of the two
)

free_shifts = Table(
    "free_shifts",
    metadata,
    counted_id(),
    ref("units.id", index=True),
    ref("staff_members.id"),
    Column("weekday", Integer),  # 0 is Monday; none: a day that differs from the week
    Column("day", Date),
    Column("starts", Time),  # the unit's local time; both empty on a day: not at all
    Column("ends", Time),
)

reminder_wishes = Table(
    "reminder_wishes",
    metadata,
    counted_id(),
    ref("participants.id"),
    Column("same_day", Boolean, nullable=False, server_default=text("false")),
    Column("reminders", Boolean, nullable=False, server_default=text("true")),
    Column("asked_at", UtcDateTime, nullable=False),
    UniqueConstraint("participant_id"),
)

time_wishes = Table(
    "time_wishes",
    metadata,
    row_id(),
    ref("participants.id", index=True),
    ref("units.id"),
    Column("since", UtcDateTime, nullable=False),
    Column("need_enc", LargeBinary, nullable=False),  # JSON: form, minutes, part, wanted, words
    Column("asked", Integer, nullable=False, server_default="0"),  # how many times a time was offered
    Column("asked_at", UtcDateTime),
    Column("state", String(10), nullable=False, server_default="waiting"),  # waiting | asked | closed
    partial_index("ix_time_wishes_waiting", "unit_id", "since", where="state <> 'closed'"),
)

page_links = Table(
    "page_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("appointment_id", BigInteger, ForeignKey("appointments.id"), nullable=False, index=True),
    Column("expires_at", UtcDateTime, nullable=False),
)
