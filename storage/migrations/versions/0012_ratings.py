"""Ratings, links to their pages, tasks that come of them, licensed texts; items kept from one of the staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import Big, Blob, Bool, Int, Str, When, col, fk, index, maybe, own_id, pk, unique

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _ratings()
    _links()
    _tasks()
    _texts()
    op.add_column("inbox_items", maybe("hidden_from", Big))


def _ratings() -> None:
    op.create_table(
        "ratings",
        own_id(),
        col("participant_id", Big),
        col("unit_id", Big),
        maybe("appointment_id", Big),
        col("episode", Int),
        col("role", Str(10)),
        col("scale", Str(40)),
        col("version", Str(20)),
        col("instrument", Str(4)),
        maybe("mode", Str(12)),
        maybe("form", Str(8)),
        col("state", Str(10)),
        col("asked_at", When),
        maybe("answered_at", When),
        col("expires_at", When),
        maybe("answers_enc", Blob),
        maybe("total", Int),
        maybe("first_total", Int),
        maybe("mark", Int),
        maybe("outcome", Str(14)),
        col("straight", Bool, sa.text("false")),
        col("low", Int, "0"),
        col("marks", sa.JSON),
        maybe("hidden_from", Big),
        pk("ratings", "id"),
        fk("ratings", "participant_id", "participants"),
        fk("ratings", "unit_id", "units"),
        fk("ratings", "appointment_id", "appointments"),
        fk("ratings", "hidden_from", "staff_members"),
        unique("ratings", "appointment_id", "role"),
    )
    index("ratings", "participant_id", "asked_at")
    index("ratings", "unit_id", "asked_at")
    index("ratings", "state", "expires_at")


def _links() -> None:
    op.create_table(
        "rating_links",
        col("token_hash", Blob(32)),
        maybe("rating_id", Big),
        col("participant_id", Big),
        col("purpose", Str(10)),
        col("expires_at", When),
        maybe("used_at", When),
        pk("rating_links", "token_hash"),
        fk("rating_links", "rating_id", "ratings"),
        fk("rating_links", "participant_id", "participants"),
    )
    index("rating_links", "rating_id")
    index("rating_links", "participant_id")
    index("rating_links", "expires_at")


def _tasks() -> None:
    op.create_table(
        "rating_tasks",
        col("item_id", Big),
        col("rating_id", Big),
        maybe("changed_enc", Blob),
        maybe("closed_at", When),
        maybe("told", Str(10)),
        pk("rating_tasks", "item_id"),
        fk("rating_tasks", "item_id", "inbox_items"),
        fk("rating_tasks", "rating_id", "ratings"),
        unique("rating_tasks", "rating_id"),
    )


def _texts() -> None:
    op.create_table(
        "unit_scales",
        own_id(),
        col("unit_id", Big),
        col("scale", Str(40)),
        col("holder", Str(120)),
        col("licensed_on", sa.Date),
        col("texts", sa.JSON),
        col("version", Str(20)),
        col("set_at", When),
        col("set_by", Str(80)),
        pk("unit_scales", "id"),
        fk("unit_scales", "unit_id", "units"),
        unique("unit_scales", "unit_id", "scale"),
    )
