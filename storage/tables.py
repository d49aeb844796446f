"""Every table, in the order in which a talk meets them.

Times are UTC (`UtcDateTime` refuses a naive one). Columns ending in `_enc` are sealed (storage.crypto): their rows have
a client-made, time-ordered 63-bit id, which is part of what is sealed. Columns ending in `_hash` are keyed hashes.
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
    MetaData,
    String,
    Table,
    Time,
    UniqueConstraint,
    text,
)

from storage.columns import UtcDateTime, counted_id, partial_index, ref, row_id

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
}  # fmt: skip
metadata = MetaData(naming_convention=NAMES)


# --- the unit and its people --------------------------------------------------------------------------------------

units = Table(
    "units",
    metadata,
    row_id(),
    Column("slug", String(60), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("municipality", String(120), nullable=False),
    Column("settings", JSON, nullable=False),  # phone, promise_days, sending hours, where to turn, ...
    Column("live", Boolean, nullable=False, server_default=text("true")),
)

staff_members = Table(
    "staff_members",
    metadata,
    row_id(),
    Column("first_name_enc", LargeBinary, nullable=False),  # sealed with the installation's own key
    Column("email_enc", LargeBinary),
    Column("email_hash", LargeBinary(32), unique=True),
    Column("device_channel", String(20)),  # the work device that alarms go to
    Column("device_enc", LargeBinary),
    Column("role", String(20), nullable=False, server_default="handlaggare"),
    Column("disabled_at", UtcDateTime),
)

memberships = Table(
    "memberships",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff_members.id"), primary_key=True),
    Column("unit_id", BigInteger, ForeignKey("units.id"), primary_key=True),
    Column("alarm_order", Integer, nullable=False, server_default="1"),  # 1 first; the manager last
    Column("manager", Boolean, nullable=False, server_default=text("false")),
)

roster_shifts = Table(
    "roster_shifts",
    metadata,
    counted_id(),
    ref("units.id", index=True),
    ref("staff_members.id"),
    Column("weekday", Integer, nullable=False),  # 0 is Monday
    Column("starts", Time, nullable=False),  # the unit's local time
    Column("ends", Time, nullable=False),
)

roster_exceptions = Table(
    "roster_exceptions",
    metadata,
    counted_id(),
    ref("units.id", index=True),
    ref("staff_members.id", nullable=True),  # none: the whole unit
    Column("day", Date, nullable=False),
    Column("starts", Time),  # both empty: away, or closed
    Column("ends", Time),
)

# --- the person ----------------------------------------------------------------------------------------------------

participants = Table(
    "participants",
    metadata,
    row_id(),
    ref("units.id", nullable=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", String(20), nullable=False, server_default="new"),  # new | referred | active | exited | outside
    Column("profile_enc", LargeBinary),  # JSON: name, birth_year, phone, what they said to staff
    Column("language", String(8), nullable=False, server_default="sv"),
    Column("protected", Boolean, nullable=False, server_default=text("false")),  # skyddade personuppgifter
    Column("read_by_others", Boolean, nullable=False, server_default=text("false")),  # "annan kan läsa"
    Column("resting_since", UtcDateTime),  # the rest after distress; ended by a human
    Column("made_up", Boolean, nullable=False, server_default=text("false")),  # a person of the demo
)

person_keys = Table(
    "person_keys",
    metadata,
    row_id(),
    Column("participant_id", BigInteger, ForeignKey("participants.id"), index=True),  # none: the installation's own
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

erased_keys = Table(
    "erased_keys",
    metadata,
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("erased_at", UtcDateTime, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    row_id(),
    Column("participant_id", BigInteger, ForeignKey("participants.id"), index=True),
    Column("staff_id", BigInteger, ForeignKey("staff_members.id"), index=True),  # a work device
    Column("key_id", BigInteger, ForeignKey("person_keys.id"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False),
    Column("address_enc", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("verified_at", UtcDateTime),
    Column("opted_out_at", UtcDateTime),
    Column("blocked_at", UtcDateTime),  # the provider says that nothing reaches this address
    Column("blocked_why", String(60)),
    Column("last_in_at", UtcDateTime),
    Column("last_out_at", UtcDateTime),  # the last message of ours that was accepted
    Column("next_out_at", UtcDateTime),  # lease time: the channel's pace lets nothing more go here before
    Column("conversation_id", BigInteger),  # the conversation in the foreground
    Column("waiting_inbound", Integer, nullable=False, server_default="0"),  # failed turns not yet settled
    UniqueConstraint("channel", "address_hash"),
)

# --- what was said in, and the talk that came of it ----------------------------------------------------------------

inbound = Table(
    "inbound",
    metadata,
    row_id(),
    ref("contacts.id"),
    Column("channel", String(20), nullable=False),
    Column("provider_id", String(120), nullable=False),
    Column("kind", String(20), nullable=False),  # text | button | voice | picture | sticker | place | edited | ...
    Column("body_enc", LargeBinary),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),  # handled | failed | waiting | given_up
    Column("meaning", String(20)),  # how it was read; never the text
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", UtcDateTime),
    Column("conversation_id", BigInteger),
    UniqueConstraint("channel", "provider_id"),
    Index("ix_inbound_contact_id_id", "contact_id", "id"),
    partial_index("ix_inbound_retry", "retry_at", where="retry_at is not null"),
)

conversations = Table(
    "conversations",
    metadata,
    row_id(),
    ref("contacts.id", index=True),
    ref("participants.id", index=True),
    Column("flow", String(60), nullable=False),
    Column("state", String(20), nullable=False),  # open | resting | waiting | finished | parked
    Column("facts_enc", LargeBinary, nullable=False),  # JSON, recorded at the start
    Column("journal_enc", LargeBinary, nullable=False),  # JSON, see flows.engine
    Column("outcome", String(60)),
    Column("question", String(80)),  # the key of the open question
    Column("asks", String(20)),  # its sort: yesno, name, free, ...
    Column("question_outbox_id", BigInteger),  # the row that carries it
    Column("answered_at", UtcDateTime),  # when the question before was answered
    Column("started_at", UtcDateTime, nullable=False),
    Column("touched_at", UtcDateTime, nullable=False),
    Column("wake_at", UtcDateTime),
    Column("wake_why", String(20)),  # nudge | no_reply | start
    partial_index("ix_conversations_wake", "wake_at", where="wake_at is not null"),
)

# --- what goes out -------------------------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    row_id(),
    ref("contacts.id"),
    Column("participant_id", BigInteger, ForeignKey("participants.id")),
    Column("conversation_id", BigInteger),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("channel", String(20), nullable=False),
    Column("kind", String(20), nullable=False),  # a row of rules.kinds
    Column("priority", Integer, nullable=False),
    Column("author", String(10), nullable=False, server_default="bot"),  # bot | staff
    Column("written_by", BigInteger),  # the staff member whose own words they are
    Column("message", String(80)),  # the message's name in the catalogue; none for staff's own words
    Column("facts_enc", LargeBinary),  # JSON to render late from; none once frozen
    Column("body_enc", LargeBinary),  # JSON {"text", "buttons"}: frozen, what every try sends
    Column("text_version", String(20)),
    Column("why", String(200), nullable=False),  # plain Swedish: why it goes out
    Column("created_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime),
    Column("state", String(20), nullable=False),
    Column("rank", Integer, nullable=False, server_default="0"),
    Column("attempt", Integer, nullable=False, server_default="0"),  # how many times it was claimed
    Column("risked", Integer, nullable=False, server_default="0"),  # of these, how many may have gone out
    Column("refused", Integer, nullable=False, server_default="0"),  # and how many the provider did not take
    Column("put_off", Boolean, nullable=False, server_default=text("false")),  # to be tried again: the next ones wait
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", UtcDateTime),  # lease time, not business time
    Column("ref", String(40), nullable=False, unique=True),  # random; stands in the status callback's address
    Column("provider_id", String(120)),
    Column("provider_code", String(20)),  # the last error's, as the provider wrote it
    Column("tried_at", UtcDateTime),  # when the first try began that may have gone out
    Column("uncertain_since", UtcDateTime),  # lease time
    Column("look_at", UtcDateTime),  # lease time: when a row in doubt is next looked for
    Column("accepted_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("outcome", String(200)),  # why it was held, dropped or failed
    Column("possible_duplicate", Boolean, nullable=False, server_default=text("false")),
    partial_index("ix_outbox_due", "channel", "priority", "id", "not_before", where="state = 'queued'"),
    partial_index("ix_outbox_live", "contact_id", "id", where="state in ('queued','sending','uncertain')"),
    partial_index("ix_outbox_open", "state", "lease_until", where="state in ('sending','uncertain')"),
    Index("ix_outbox_contact_id_id", "contact_id", "id"),
    partial_index("ix_outbox_provider_id", "provider_id", where="provider_id is not null"),
    partial_index("ix_outbox_reached", "participant_id", "accepted_at", where="accepted_at is not null"),
)

outbox_attempts = Table(
    "outbox_attempts",
    metadata,
    counted_id(),
    ref("outbox.id", index=True),
    Column("number", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", String(200)),
    Column("provider_id", String(120)),
    Column("code", String(20)),
)

receipts = Table(
    "receipts",
    metadata,
    counted_id(),
    Column("outbox_id", BigInteger, ForeignKey("outbox.id"), index=True),  # none: of no row that we know of, yet
    Column("ref", String(60), nullable=False),
    Column("provider_id", String(120), nullable=False),  # empty where it was not told
    Column("status", String(20), nullable=False),  # in the provider's word
    Column("code", String(20), nullable=False),
    Column("mark", String(20), nullable=False),  # what it says of the contact: opted_out, blocked or nothing
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("ref", "provider_id", "status", "code"),
    partial_index("ix_receipts_unknown", "received_at", where="outbox_id is null"),
)

channel_pace = Table(
    "channel_pace",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("next_at", UtcDateTime),  # lease time: when the next message would go at an even pace, see rules.rates
    Column("paused_until", UtcDateTime),  # lease time: the provider said so, or it is down
    Column("failing", Boolean, nullable=False, server_default=text("false")),  # down: one try now and then
)

# --- what a human must look at -------------------------------------------------------------------------------------

inbox_items = Table(
    "inbox_items",
    metadata,
    row_id(),
    ref("units.id", nullable=True, index=True),
    ref("participants.id", nullable=True, index=True),
    Column("kind", String(30), nullable=False),  # distress | violence | referral | message | callback | ...
    Column("urgency", Integer, nullable=False),  # 0 is the most urgent
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("note_enc", LargeBinary),
    Column("state", String(20), nullable=False, server_default="open"),  # open | taken | closed
    Column("taken_by", BigInteger, ForeignKey("staff_members.id")),
    Column("taken_at", UtcDateTime),
    Column("handed_by", BigInteger),  # the colleague who handed it to the one who has it
    Column("snoozed_until", UtcDateTime),  # comes back by itself then, or when the person writes
    Column("closed_at", UtcDateTime),
    Column("closed_why", String(60)),
    Column("closed_by", BigInteger),  # none: it closed by itself
    Column("hidden_from", BigInteger),  # the staff member whom the person wants to keep it from
    partial_index("ix_inbox_items_open", "unit_id", "urgency", "due_at", where="state <> 'closed'"),
)

alarms = Table(
    "alarms",
    metadata,
    row_id(),
    ref("inbox_items.id", index=True),
    ref("staff_members.id"),
    Column("step", Integer, nullable=False),  # its rung on the ladder: those on duty, the next in order, the manager
    Column("due_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("stopped_at", UtcDateTime),  # somebody took the item
    UniqueConstraint("inbox_item_id", "staff_id", "due_at"),
    partial_index("ix_alarms_due", "due_at", where="sent_at is null and stopped_at is null"),
)

referrals = Table(
    "referrals",
    metadata,
    row_id(),
    ref("participants.id", index=True),
    ref("units.id", nullable=True, index=True),
    Column("source", String(20), nullable=False),  # self | relative | partner | staff
    Column("poster", String(80)),
    Column("channel", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("details_enc", LargeBinary, nullable=False),  # JSON
    Column("complete", Boolean, nullable=False),  # false: sent with KLAR before the end
    Column("promise_by", UtcDateTime),
    Column("answered_at", UtcDateTime),  # a person of ours wrote or called
    Column("state", String(20), nullable=False, server_default="new"),
)

# --- what each was told and chose, what is to be erased, who read what ---------------------------------------------

choices = Table(
    "choices",
    metadata,
    row_id(),
    ref("participants.id", index=True),
    Column("kind", String(20), nullable=False),  # informed | chose | consent
    Column("purpose", String(60), nullable=False),
    Column("answer", String(20)),
    Column("text_name", String(80), nullable=False),
    Column("text_version", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

retention_marks = Table(
    "retention_marks",
    metadata,
    counted_id(),
    ref("participants.id"),
    Column("rule", String(60), nullable=False),
    Column("marked_at", UtcDateTime, nullable=False),
    Column("decision", String(120)),  # none: waits for a decision
    UniqueConstraint("participant_id", "rule"),
)

counters = Table(
    "counters",
    metadata,
    Column("day", Date, primary_key=True),
    Column("unit_slug", String(60), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("count", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    counted_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(60), nullable=False),
    Column("object_ref", String(80), nullable=False),
    Column("outcome", String(60), nullable=False, server_default="ok"),
    Column("mark", LargeBinary(32)),  # that we wrote it, see storage/audit.py; none: from before there was a chain
    Index("ix_audit_object_ref_id", "object_ref", "id"),
    Index("ix_audit_actor_id", "actor", "id"),
    Index("ix_audit_at", "at"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("component", String(60), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

control = Table(
    "control",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", String(400), nullable=False),
)
