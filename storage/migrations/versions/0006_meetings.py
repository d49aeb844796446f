"""Meetings: appointments, staff's time, when they can, wishes, and the links of people's own pages."""

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

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _appointments()
    _plans()
    _time()
    _wishes()
    op.create_table(
        "page_links",
        col("token_hash", Blob(32)),
        col("appointment_id", Big),
        col("expires_at", When),
        pk("page_links", "token_hash"),
        fk("page_links", "appointment_id", "appointments"),
    )
    index("page_links", "appointment_id")


def _appointments() -> None:
    op.create_table(
        "appointments",
        own_id(),
        col("participant_id", Big),
        col("unit_id", Big),
        col("staff_id", Big),
        col("form", Str(20)),
        col("starts", When),
        col("ends", When),
        maybe("place", Str(60)),
        maybe("details_enc", Blob),
        col("booked_by", Str(10)),
        col("booked_at", When),
        maybe("changed_at", When),
        col("told", Bool, sa.text("false")),
        col("version", Int, "1"),
        col("state", Str(10), "booked"),
        maybe("cancelled_by", Str(10)),
        maybe("answer", Str(10)),
        maybe("answered_at", When),
        maybe("outcome", Str(12)),
        maybe("marked_at", When),
        maybe("marked_by", Big),
        maybe("look_at", When),
        pk("appointments", "id"),
        fk("appointments", "participant_id", "participants"),
        fk("appointments", "unit_id", "units"),
        fk("appointments", "staff_id", "staff_members"),
        fk("appointments", "marked_by", "staff_members"),
    )
    partial_index("ix_appointments_look", "appointments", ["look_at"], "look_at is not null")
    for column in ("participant_id", "staff_id", "unit_id"):
        index("appointments", column, "starts")


def _plans() -> None:
    op.create_table(
        "plan_done",
        counted_id(),
        col("appointment_id", Big),
        col("version", Int),
        col("kind", Str(20)),
        col("outcome", Str(10)),
        col("at", When),
        pk("plan_done", "id"),
        fk("plan_done", "appointment_id", "appointments"),
        unique("plan_done", "appointment_id", "version", "kind"),
    )


def _time() -> None:
    op.create_table(
        "holds",
        own_id(),
        col("participant_id", Big),
        col("staff_id", Big),
        col("starts", When),
        col("ends", When),
        col("expires_at", When),
        pk("holds", "id"),
        fk("holds", "participant_id", "participants"),
        fk("holds", "staff_id", "staff_members"),
    )
    index("holds", "participant_id")
    index("holds", "expires_at")
    op.create_table(
        "busy",
        col("staff_id", Big),
        col("five_minutes", Big),
        maybe("appointment_id", Big),
        maybe("hold_id", Big),
        pk("busy", "staff_id", "five_minutes"),
        fk("busy", "staff_id", "staff_members"),
        fk("busy", "appointment_id", "appointments"),
        fk("busy", "hold_id", "holds"),
    )
    index("busy", "appointment_id")
    index("busy", "hold_id")
    op.create_table(
        "free_shifts",
        counted_id(),
        col("unit_id", Big),
        col("staff_id", Big),
        maybe("weekday", Int),
        maybe("day", sa.Date),
        maybe("starts", sa.Time),
        maybe("ends", sa.Time),
        pk("free_shifts", "id"),
        fk("free_shifts", "unit_id", "units"),
        fk("free_shifts", "staff_id", "staff_members"),
    )
    index("free_shifts", "unit_id")


def _wishes() -> None:
    op.create_table(
        "reminder_wishes",
        counted_id(),
        col("participant_id", Big),
        col("same_day", Bool, sa.text("false")),
        col("reminders", Bool, sa.text("true")),
        col("asked_at", When),
        pk("reminder_wishes", "id"),
        fk("reminder_wishes", "participant_id", "participants"),
        unique("reminder_wishes", "participant_id"),
    )
    op.create_table(
        "time_wishes",
        own_id(),
        col("participant_id", Big),
        col("unit_id", Big),
        col("since", When),
        col("need_enc", Blob),
        col("asked", Int, "0"),
        maybe("asked_at", When),
        col("state", Str(10), "waiting"),
        pk("time_wishes", "id"),
        fk("time_wishes", "participant_id", "participants"),
        fk("time_wishes", "unit_id", "units"),
    )
    index("time_wishes", "participant_id")
    partial_index("ix_time_wishes_waiting", "time_wishes", ["unit_id", "since"], "state <> 'closed'")
