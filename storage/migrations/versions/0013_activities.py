"""Group activities: what, who is invited, places, what goes out to many, who was there, months sent in."""

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
    counted_id,
    fk,
    index,
    maybe,
    own_id,
    partial_index,
    pk,
    unique,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _activities()
    _sendings()
    _invitations()
    _attendance()
    _apart()


def _activities() -> None:
    op.create_table(
        "activity_series",
        own_id(),
        col("unit_id", Big),
        col("title", Str(80)),
        col("rule", Str(200)),
        col("starts", When),
        col("made_at", When),
        pk("activity_series", "id"),
        fk("activity_series", "unit_id", "units"),
    )
    index("activity_series", "unit_id")
    op.create_table(
        "activities",
        own_id(),
        col("unit_id", Big),
        maybe("series_id", Big),
        col("title", Str(80)),
        col("starts", When),
        col("ends", When),
        maybe("place", Str(60)),
        maybe("where_words", Str(120)),
        maybe("how", Str(200)),
        col("places", Int, "7"),
        col("least", Int, "3"),
        col("last_answer", When),
        maybe("leader", Big),
        col("state", Str(10), "planned"),
        col("version", Int, "1"),
        col("code", Str(6)),
        col("made_at", When),
        maybe("changed_at", When),
        maybe("look_at", When),
        pk("activities", "id"),
        fk("activities", "unit_id", "units"),
        fk("activities", "series_id", "activity_series"),
        fk("activities", "leader", "staff_members"),
    )
    index("activities", "series_id")
    index("activities", "unit_id", "starts")
    partial_index("ix_activities_look", "activities", ["look_at"], "look_at is not null")


def _sendings() -> None:
    op.create_table(
        "sendings",
        own_id(),
        col("unit_id", Big),
        col("kind", Str(12)),
        maybe("activity_id", Big),
        col("wave", Int, "1"),
        maybe("text_enc", Blob),
        col("state", Str(16)),
        col("count", Int),
        maybe("made_by", Big),
        maybe("approved_by", Big),
        col("made_at", When),
        maybe("release_at", When),
        maybe("ended_at", When),
        pk("sendings", "id"),
        fk("sendings", "unit_id", "units"),
        fk("sendings", "activity_id", "activities"),
        fk("sendings", "made_by", "staff_members"),
        fk("sendings", "approved_by", "staff_members"),
    )
    index("sendings", "unit_id")
    index("sendings", "activity_id")
    op.create_table(
        "sending_people",
        counted_id(),
        col("sending_id", Big),
        col("participant_id", Big),
        col("contact_id", Big),
        pk("sending_people", "id"),
        fk("sending_people", "sending_id", "sendings"),
        fk("sending_people", "participant_id", "participants"),
        fk("sending_people", "contact_id", "contacts"),
        unique("sending_people", "sending_id", "participant_id"),
    )
    index("sending_people", "participant_id")
    index("sending_people", "contact_id")


def _invitations() -> None:
    op.create_table(
        "invitations",
        own_id(),
        col("activity_id", Big),
        col("participant_id", Big),
        maybe("sending_id", Big),
        col("wave", Int, "1"),
        col("state", Str(10), "asked"),
        col("asked_at", When),
        maybe("answered_at", When),
        maybe("waiting_since", When),
        col("offers", Int, "0"),
        maybe("hold_until", When),
        col("turned_away", Bool, sa.text("false")),
        maybe("meet", Str(8)),
        maybe("meet_staff", Big),
        maybe("how_was_it", Int),
        pk("invitations", "id"),
        fk("invitations", "activity_id", "activities"),
        fk("invitations", "participant_id", "participants"),
        fk("invitations", "sending_id", "sendings"),
        fk("invitations", "meet_staff", "staff_members"),
        unique("invitations", "activity_id", "participant_id"),
    )
    index("invitations", "participant_id", "asked_at")
    op.create_table(
        "places",
        col("activity_id", Big),
        col("number", Int),
        col("invitation_id", Big),
        pk("places", "activity_id", "number"),
        fk("places", "activity_id", "activities"),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_places_invitation_id", ondelete="CASCADE"
        ),
        unique("places", "invitation_id"),
    )


def _attendance() -> None:
    op.create_table(
        "attendance",
        counted_id(),
        col("activity_id", Big),
        col("participant_id", Big),
        col("number", Int),
        col("present", Bool),
        col("quarters", Int),
        col("how", Str(6)),
        col("noted_at", When),
        maybe("noted_by", Big),
        pk("attendance", "id"),
        fk("attendance", "activity_id", "activities"),
        fk("attendance", "participant_id", "participants"),
        fk("attendance", "noted_by", "staff_members"),
        unique("attendance", "activity_id", "participant_id", "number"),
    )
    index("attendance", "participant_id")
    op.create_table(
        "attendance_locks",
        counted_id(),
        col("unit_id", Big),
        col("month", Str(7)),
        col("number", Int),
        col("locked_at", When),
        maybe("locked_by", Big),
        col("signed", Str(80)),
        pk("attendance_locks", "id"),
        fk("attendance_locks", "unit_id", "units"),
        fk("attendance_locks", "locked_by", "staff_members"),
        unique("attendance_locks", "unit_id", "month", "number"),
    )


def _apart() -> None:
    op.create_table(
        "apart",
        counted_id(),
        col("participant_id", Big),
        col("other_id", Big),
        col("noted_at", When),
        maybe("noted_by", Big),
        pk("apart", "id"),
        fk("apart", "participant_id", "participants"),
        fk("apart", "other_id", "participants"),
        fk("apart", "noted_by", "staff_members"),
        unique("apart", "participant_id", "other_id"),
    )
    index("apart", "other_id")
