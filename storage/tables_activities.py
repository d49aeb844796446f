"""The tables of group activities: what, who is invited, who has a place, what went out to many, who was there.

That one place is given twice is impossible: `places` has the activity and the place's number as its primary key.
The other tables are in storage/tables.py; `metadata` here holds every one of them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from storage.columns import UtcDateTime, counted_id, partial_index, ref, row_id
from storage.tables_ratings import metadata

__all__ = [
    "activities", "activity_series", "apart", "attendance", "attendance_locks", "invitations", "metadata", "places",
    "sending_people", "sendings",
]  # fmt: skip

activity_series = Table(
    "activity_series",
    metadata,
    row_id(),
    ref("units.id", index=True),
    Column("title", String(80), nullable=False),
    Column("rule", String(200), nullable=False),  # RFC 5545, in the unit's local time
    Column("starts", UtcDateTime, nullable=False),  # of the first occasion
    Column("made_at", UtcDateTime, nullable=False),
)

activities = Table(
    "activities",
    metadata,
    row_id(),
    ref("units.id"),
    Column("series_id", BigInteger, ForeignKey("activity_series.id"), index=True),
    Column("title", String(80), nullable=False),  # "lagar vi mat hos oss": what is done, as it stands in a sentence
    Column("starts", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime, nullable=False),
    Column("place", String(60)),  # the slug of one of the unit's places
    Column("where_words", String(120)),  # where it is, when that is none of them
    Column("how", String(200)),  # how it is there: "Det går bra att bara sitta med."
    Column("places", Integer, nullable=False, server_default="7"),
    Column("least", Integer, nullable=False, server_default="3"),  # with fewer staff choose what to do
    Column("last_answer", UtcDateTime, nullable=False),
    Column("leader", BigInteger, ForeignKey("staff_members.id")),
    Column("state", String(10), nullable=False, server_default="planned"),  # planned | cancelled | held
    Column("version", Integer, nullable=False, server_default="1"),
    Column("code", String(6), nullable=False),  # the day's, at the door
    Column("made_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime),
    Column("look_at", UtcDateTime),  # when something about it is next to be done; none: never
    partial_index("ix_activities_look", "look_at", where="look_at is not null"),
    Index("ix_activities_unit_id_starts", "unit_id", "starts"),
)

sendings = Table(
    "sendings",  # one release of messages to many
    metadata,
    row_id(),
    ref("units.id", index=True),
    Column("kind", String(12), nullable=False),  # invitation | broadcast
    Column("activity_id", BigInteger, ForeignKey("activities.id"), index=True),
    Column("wave", Integer, nullable=False, server_default="1"),
    Column("text_enc", LargeBinary),  # a broadcast's words, sealed with the installation's own key
    Column("state", String(16), nullable=False),  # waiting_second | queued | going | stopped | taken_back | done
    Column("count", Integer, nullable=False),
    Column("made_by", BigInteger, ForeignKey("staff_members.id")),  # none: the operator, or the next wave by itself
    Column("approved_by", BigInteger, ForeignKey("staff_members.id")),
    Column("made_at", UtcDateTime, nullable=False),
    Column("release_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("once", String(80)),  # the form's own number: pressed twice, it is made once
    Column("choice_enc", LargeBinary),  # JSON: whom it was meant for, for the next wave; the installation's own key
    Column("queued_to", BigInteger, nullable=False, server_default="0"),  # how far its people's messages are queued
    Index("ix_sendings_once", "once", unique=True),
)

sending_people = Table(
    "sending_people",
    metadata,
    counted_id(),
    Column("sending_id", BigInteger, ForeignKey("sendings.id"), nullable=False),
    ref("participants.id", index=True),
    ref("contacts.id", index=True),
    UniqueConstraint("sending_id", "participant_id"),
)

invitations = Table(
    "invitations",
    metadata,
    row_id(),
    ref("activities.id"),
    ref("participants.id"),
    Column("sending_id", BigInteger, ForeignKey("sendings.id")),
    Column("wave", Integer, nullable=False, server_default="1"),
    Column("state", String(10), nullable=False, server_default="asked"),  # see storage.invitations
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("waiting_since", UtcDateTime),  # in line for a place
    Column("offers", Integer, nullable=False, server_default="0"),  # how often a free place was told of
    Column("hold_until", UtcDateTime),  # a free place is kept for them
    Column("turned_away", Boolean, nullable=False, server_default=text("false")),  # said yes and got no place
    Column("meet", String(8)),  # wanted | agreed: somebody meets them outside
    Column("meet_staff", BigInteger, ForeignKey("staff_members.id")),
    Column("how_was_it", Integer),  # one tap afterwards: 1 to 5
    UniqueConstraint("activity_id", "participant_id"),
    Index("ix_invitations_participant_id_asked_at", "participant_id", "asked_at"),
)

places = Table(
    "places",
    metadata,
    Column("activity_id", BigInteger, ForeignKey("activities.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1 to the activity's places
    Column("invitation_id", BigInteger, ForeignKey("invitations.id", ondelete="CASCADE"), nullable=False, unique=True),
)

attendance = Table(
    "attendance",  # only ever added to: the highest number counts, the others are its history
    metadata,
    counted_id(),
    ref("activities.id"),
    ref("participants.id", index=True),
    Column("number", Integer, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("quarters", Integer, nullable=False),  # quarter hours
    Column("how", String(6), nullable=False),  # staff | self
    Column("noted_at", UtcDateTime, nullable=False),
    Column("noted_by", BigInteger, ForeignKey("staff_members.id")),  # none: the person did
    Column("why", String(12)),  # one of rules.attendance.WHY, of what was changed in a month that had been sent in
    UniqueConstraint("activity_id", "participant_id", "number"),
)

attendance_locks = Table(
    "attendance_locks",  # months that have been sent in
    metadata,
    counted_id(),
    ref("units.id"),
    Column("month", String(7), nullable=False),  # 2026-11
    Column("number", Integer, nullable=False),  # sent in for the first time, the second, ...
    Column("locked_at", UtcDateTime, nullable=False),
    Column("locked_by", BigInteger, ForeignKey("staff_members.id")),
    Column("signed", String(80), nullable=False),  # who signs, as they write it
    UniqueConstraint("unit_id", "month", "number"),
)

apart = Table(
    "apart",  # two who are never in the same group: a row for each of them
    metadata,
    counted_id(),
    ref("participants.id"),
    Column("other_id", BigInteger, ForeignKey("participants.id"), nullable=False, index=True),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("noted_by", BigInteger, ForeignKey("staff_members.id")),
    UniqueConstraint("participant_id", "other_id"),
)
