"""The first tables: the unit and its people, the person, the talk, what goes out, what a human must look at."""

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

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _talks()
    _rest()


def _people() -> None:
    op.create_table(
        "units",
        own_id(),
        col("slug", Str(60)),
        col("name", Str(120)),
        col("municipality", Str(120)),
        col("settings", sa.JSON),
        col("live", Bool, sa.text("true")),
        pk("units", "id"),
        unique("units", "slug"),
    )
    op.create_table(
        "staff_members",
        own_id(),
        col("first_name_enc", Blob),
        maybe("email_enc", Blob),
        maybe("email_hash", Blob(32)),
        maybe("device_channel", Str(20)),
        maybe("device_enc", Blob),
        col("role", Str(20), "handlaggare"),
        maybe("disabled_at", When),
        pk("staff_members", "id"),
        unique("staff_members", "email_hash"),
    )
    op.create_table(
        "memberships",
        sa.Column("staff_id", Big, nullable=False, autoincrement=False),
        sa.Column("unit_id", Big, nullable=False, autoincrement=False),
        col("alarm_order", Int, "1"),
        col("manager", Bool, sa.text("false")),
        pk("memberships", "staff_id", "unit_id"),
        fk("memberships", "staff_id", "staff_members"),
        fk("memberships", "unit_id", "units"),
    )
    op.create_table(
        "roster_shifts",
        counted_id(),
        col("unit_id", Big),
        col("staff_id", Big),
        col("weekday", Int),
        col("starts", sa.Time),
        col("ends", sa.Time),
        pk("roster_shifts", "id"),
        fk("roster_shifts", "unit_id", "units"),
        fk("roster_shifts", "staff_id", "staff_members"),
    )
    index("roster_shifts", "unit_id")
    op.create_table(
        "roster_exceptions",
        counted_id(),
        col("unit_id", Big),
        maybe("staff_id", Big),
        col("day", sa.Date),
        maybe("starts", sa.Time),
        maybe("ends", sa.Time),
        pk("roster_exceptions", "id"),
        fk("roster_exceptions", "unit_id", "units"),
        fk("roster_exceptions", "staff_id", "staff_members"),
    )
    index("roster_exceptions", "unit_id")
    op.create_table(
        "participants",
        own_id(),
        maybe("unit_id", Big),
        col("created_at", When),
        col("status", Str(20), "new"),
        maybe("profile_enc", Blob),
        col("language", Str(8), "sv"),
        col("protected", Bool, sa.text("false")),
        col("read_by_others", Bool, sa.text("false")),
        maybe("resting_since", When),
        col("made_up", Bool, sa.text("false")),
        pk("participants", "id"),
        fk("participants", "unit_id", "units"),
    )
    index("participants", "unit_id")
    op.create_table(
        "person_keys",
        own_id(),
        maybe("participant_id", Big),
        col("wrapped", Blob),
        col("created_at", When),
        pk("person_keys", "id"),
        fk("person_keys", "participant_id", "participants"),
    )
    index("person_keys", "participant_id")
    op.create_table(
        "erased_keys",
        sa.Column("key_id", Big, nullable=False, autoincrement=False),
        col("erased_at", When),
        pk("erased_keys", "key_id"),
    )
    op.create_table(
        "contacts",
        own_id(),
        maybe("participant_id", Big),
        maybe("staff_id", Big),
        col("key_id", Big),
        col("channel", Str(20)),
        col("address_hash", Blob(32)),
        col("address_enc", Blob),
        col("created_at", When),
        maybe("verified_at", When),
        maybe("opted_out_at", When),
        maybe("blocked_at", When),
        maybe("blocked_why", Str(60)),
        maybe("last_in_at", When),
        maybe("last_out_at", When),
        maybe("conversation_id", Big),
        col("waiting_inbound", Int, "0"),
        pk("contacts", "id"),
        fk("contacts", "participant_id", "participants"),
        fk("contacts", "staff_id", "staff_members"),
        fk("contacts", "key_id", "person_keys"),
        unique("contacts", "channel", "address_hash"),
    )
    index("contacts", "participant_id")
    index("contacts", "staff_id")


def _talks() -> None:
    op.create_table(
        "inbound",
        own_id(),
        col("contact_id", Big),
        col("channel", Str(20)),
        col("provider_id", Str(120)),
        col("kind", Str(20)),
        maybe("body_enc", Blob),
        col("received_at", When),
        col("state", Str(20)),
        maybe("meaning", Str(20)),
        col("attempts", Int, "0"),
        maybe("retry_at", When),
        maybe("conversation_id", Big),
        pk("inbound", "id"),
        fk("inbound", "contact_id", "contacts"),
        unique("inbound", "channel", "provider_id"),
    )
    index("inbound", "contact_id", "id")
    partial_index("ix_inbound_retry", "inbound", ["retry_at"], "retry_at is not null")
    op.create_table(
        "conversations",
        own_id(),
        col("contact_id", Big),
        col("participant_id", Big),
        col("flow", Str(60)),
        col("state", Str(20)),
        col("facts_enc", Blob),
        col("journal_enc", Blob),
        maybe("outcome", Str(60)),
        maybe("question", Str(80)),
        maybe("asks", Str(20)),
        maybe("question_outbox_id", Big),
        maybe("answered_at", When),
        col("started_at", When),
        col("touched_at", When),
        maybe("wake_at", When),
        maybe("wake_why", Str(20)),
        pk("conversations", "id"),
        fk("conversations", "contact_id", "contacts"),
        fk("conversations", "participant_id", "participants"),
    )
    index("conversations", "contact_id")
    index("conversations", "participant_id")
    partial_index("ix_conversations_wake", "conversations", ["wake_at"], "wake_at is not null")
    op.create_table(
        "outbox",
        own_id(),
        col("contact_id", Big),
        maybe("participant_id", Big),
        maybe("conversation_id", Big),
        col("dedupe_key", Str(120)),
        col("channel", Str(20)),
        col("kind", Str(20)),
        col("priority", Int),
        col("author", Str(10), "bot"),
        maybe("message", Str(80)),
        maybe("facts_enc", Blob),
        maybe("body_enc", Blob),
        maybe("text_version", Str(20)),
        col("why", Str(200)),
        col("created_at", When),
        col("not_before", When),
        maybe("not_after", When),
        col("state", Str(20)),
        col("rank", Int, "0"),
        col("attempt", Int, "0"),
        col("lease_token", Big, "0"),
        maybe("lease_until", When),
        col("ref", Str(40)),
        maybe("provider_id", Str(120)),
        maybe("accepted_at", When),
        maybe("settled_at", When),
        maybe("outcome", Str(200)),
        col("possible_duplicate", Bool, sa.text("false")),
        pk("outbox", "id"),
        fk("outbox", "contact_id", "contacts"),
        fk("outbox", "participant_id", "participants"),
        unique("outbox", "dedupe_key"),
        unique("outbox", "ref"),
    )
    index("outbox", "contact_id", "id")
    partial_index("ix_outbox_due", "outbox", ["priority", "id"], "state = 'queued'")
    partial_index("ix_outbox_open", "outbox", ["state", "lease_until"], "state in ('sending','uncertain')")
    index("outbox", "provider_id")
    op.create_table(
        "outbox_attempts",
        counted_id(),
        col("outbox_id", Big),
        col("number", Int),
        col("started_at", When),
        maybe("ended_at", When),
        maybe("outcome", Str(200)),
        maybe("provider_id", Str(120)),
        pk("outbox_attempts", "id"),
        fk("outbox_attempts", "outbox_id", "outbox"),
    )
    index("outbox_attempts", "outbox_id")


def _rest() -> None:
    op.create_table(
        "inbox_items",
        own_id(),
        maybe("unit_id", Big),
        maybe("participant_id", Big),
        col("kind", Str(30)),
        col("urgency", Int),
        col("opened_at", When),
        col("last_at", When),
        maybe("due_at", When),
        maybe("note_enc", Blob),
        col("state", Str(20), "open"),
        maybe("taken_by", Big),
        maybe("closed_at", When),
        maybe("closed_why", Str(60)),
        pk("inbox_items", "id"),
        fk("inbox_items", "unit_id", "units"),
        fk("inbox_items", "participant_id", "participants"),
        fk("inbox_items", "taken_by", "staff_members"),
    )
    partial_index("ix_inbox_items_open", "inbox_items", ["unit_id", "urgency", "due_at"], "state <> 'closed'")
    index("inbox_items", "participant_id")
    index("inbox_items", "unit_id")
    op.create_table(
        "alarms",
        own_id(),
        col("inbox_item_id", Big),
        col("staff_id", Big),
        col("step", Int),
        col("due_at", When),
        maybe("sent_at", When),
        maybe("stopped_at", When),
        pk("alarms", "id"),
        fk("alarms", "inbox_item_id", "inbox_items"),
        fk("alarms", "staff_id", "staff_members"),
        unique("alarms", "inbox_item_id", "staff_id", "due_at"),
    )
    partial_index("ix_alarms_due", "alarms", ["due_at"], "sent_at is null and stopped_at is null")
    index("alarms", "inbox_item_id")
    op.create_table(
        "referrals",
        own_id(),
        col("participant_id", Big),
        maybe("unit_id", Big),
        col("source", Str(20)),
        maybe("poster", Str(80)),
        col("channel", Str(20)),
        col("created_at", When),
        col("details_enc", Blob),
        col("complete", Bool),
        maybe("promise_by", When),
        maybe("answered_at", When),
        col("state", Str(20), "new"),
        pk("referrals", "id"),
        fk("referrals", "participant_id", "participants"),
        fk("referrals", "unit_id", "units"),
    )
    index("referrals", "participant_id")
    index("referrals", "unit_id")
    op.create_table(
        "choices",
        own_id(),
        col("participant_id", Big),
        col("kind", Str(20)),
        col("purpose", Str(60)),
        maybe("answer", Str(20)),
        col("text_name", Str(80)),
        col("text_version", Str(20)),
        col("at", When),
        pk("choices", "id"),
        fk("choices", "participant_id", "participants"),
    )
    index("choices", "participant_id")
    op.create_table(
        "retention_marks",
        counted_id(),
        col("participant_id", Big),
        col("rule", Str(60)),
        col("marked_at", When),
        maybe("decision", Str(120)),
        pk("retention_marks", "id"),
        fk("retention_marks", "participant_id", "participants"),
        unique("retention_marks", "participant_id", "rule"),
    )
    op.create_table(
        "counters",
        col("day", sa.Date),
        col("unit_slug", Str(60)),
        col("name", Str(60)),
        col("count", Int),
        pk("counters", "day", "unit_slug", "name"),
    )
    op.create_table(
        "audit",
        counted_id(),
        col("at", When),
        col("actor", Str(80)),
        col("action", Str(60)),
        col("object_ref", Str(80)),
        col("outcome", Str(60), "ok"),
        pk("audit", "id"),
    )
    op.create_table(
        "heartbeats",
        col("component", Str(60)),
        col("at", When),
        pk("heartbeats", "component"),
    )
    op.create_table(
        "control",
        col("name", Str(60)),
        col("value", Str(400)),
        pk("control", "name"),
    )
