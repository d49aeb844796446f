"""What was said, in the order in which it was said: the same lines that a phone shows and that staff read.

A line is what came in or what goes out, opened with the person's key, with the state that it is in. What a person's
phone shows is what the provider took (`reached`); what staff see is all of it, held and dropped messages too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Integer, bindparam, func, select

from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.outbox import Body
from storage.tables import alarms, contacts, conversations, inbound, inbox_items, outbox, staff_members

REACHED: Final = frozenset({"accepted", "sent", "delivered"})
"""The states in which a message is with the person, as far as the provider has told."""

UNDER_WAY: Final = ("queued", "sending", "uncertain")
_AFTER_ALL: Final = 2**63 - 1


def _latest(table: Any) -> Hot:
    mine = (table.c.contact_id.in_(bindparam("contacts", expanding=True)), table.c.id < bindparam("before"))
    return Hot(select(table).where(*mine).order_by(table.c.id.desc()).limit(bindparam("most", type_=Integer)))


_CAME: Final = _latest(inbound)
_WENT: Final = _latest(outbox)
_WAYS: Final = Hot(select(contacts.c.id).where(contacts.c.participant_id == bindparam("person")))


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `text` is None when it cannot be read (erased), or is not rendered until it goes.

    `written_by` is the staff member whose own words they are. `at` (UTC) is when it came in, or when the provider took
    it, or else when it was queued. `kind` is the incoming message's (text, button, voice, ...) or the outgoing one's
    (reply, staff, ...). `buttons` are (label, value).
    """

    id: int
    contact_id: int
    channel: str
    who: Literal["person", "bot", "staff"]
    kind: str
    text: str | None
    at: datetime
    state: str
    ref: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    meaning: str | None = None
    message: str | None = None
    why: str | None = None
    outcome: str | None = None
    not_before: datetime | None = None
    written_by: int | None = None

    @property
    def reached(self) -> bool:
        """Tell whether it is with the one it is for."""
        return self.who == "person" or self.state in REACHED


def of_contact(tx: Tx, contact_id: int, limit: int = 200) -> list[Line]:
    """Give the last lines of a contact, oldest first."""
    return _lines(tx, [contact_id], limit)


def of_participant(tx: Tx, participant_id: int, limit: int = 200) -> list[Line]:
    """Give the last lines of a person over all their contacts, oldest first."""
    return _lines(tx, [row[0] for row in _WAYS.all(tx, {"person": participant_id})], limit)


def page_of(tx: Tx, participant_id: int, before: int | None = None, limit: int = 100) -> tuple[list[Line], int | None]:
    """Give a page of a person's lines over all their contacts, newest first, and where the next page goes on.

    That is an id, handed in as `before`; None at the end. A talk of any length takes the same questions.
    """
    ways = [row[0] for row in _WAYS.all(tx, {"person": participant_id})]
    rows = [(True, row) for row in _last(tx, _CAME, ways, limit + 1, before)]
    rows += [(False, row) for row in _last(tx, _WENT, ways, limit + 1, before)]
    rows = sorted(rows, key=lambda each: each[1].id, reverse=True)
    more, rows = len(rows) > limit, rows[:limit]
    keys = _keys(tx, (row.body_enc for _, row in rows))
    lines = [_in(row, keys) if came else _out(row, keys) for came, row in rows]
    return sorted(lines, key=lambda line: (line.at, line.id), reverse=True), rows[-1][1].id if more else None


def find_out(tx: Tx, message: int) -> tuple[int, Line] | None:
    """Give a message to a participant by its id, with whom it is for; None when there is none."""
    row = tx.execute(select(outbox).where(outbox.c.id == message, outbox.c.participant_id.is_not(None))).first()
    return None if row is None else (row.participant_id, _out(row, _keys(tx, [row.body_enc])))


def of_channel(tx: Tx, channel: str, limit: int = 20) -> list[tuple[str | None, Line]]:
    """Give the last messages that went to work devices on a channel, newest first, each with whose device it is."""
    joined = outbox.join(contacts, contacts.c.id == outbox.c.contact_id)
    joined = joined.join(staff_members, staff_members.c.id == contacts.c.staff_id)
    wanted = select(outbox, staff_members.c.id.label("staff"), staff_members.c.first_name_enc).select_from(joined)
    wanted = wanted.where(outbox.c.channel == channel).order_by(outbox.c.id.desc()).limit(limit)
    rows = tx.execute(wanted).all()
    keys, own = _keys(tx, (row.body_enc for row in rows)), tx.vault.own(tx)
    return [
        (own.open("staff_members", "first_name_enc", row.staff, row.first_name_enc), _out(row, keys)) for row in rows
    ]


def mark(tx: Tx, contact_id: int) -> str:
    """Give a short text that changes whenever what the contact's phone shows does."""
    seen = select(func.count(), func.max(outbox.c.accepted_at)).where(outbox.c.contact_id == contact_id)
    count, latest = tx.execute(seen.where(outbox.c.state.in_(REACHED))).one()
    last_in = tx.execute(select(func.max(inbound.c.id)).where(inbound.c.contact_id == contact_id)).scalar_one()
    return f"{last_in or 0}.{count}.{latest.timestamp() if latest else 0:.0f}"


def waits_for_answer(tx: Tx, contact_id: int, now: datetime) -> bool:
    """Tell whether something for this contact is about to go out."""
    open_rows = select(func.count()).where(outbox.c.contact_id == contact_id, outbox.c.not_before <= now)
    return bool(tx.execute(open_rows.where(outbox.c.state.in_(UNDER_WAY))).scalar_one())


@dataclass(frozen=True, slots=True)
class Coming:
    """What will happen by itself: a queued message (`sort` queued), or a talk to be woken (nudge, rest, ...)."""

    at: datetime
    sort: str
    contact_id: int
    participant_id: int | None
    channel: str
    text: str | None = None
    why: str | None = None


def coming(tx: Tx, contact_ids: Sequence[int] | None = None, limit: int = 40) -> list[Coming]:
    """Give what is queued and what is to be woken, soonest first, for those contacts or for all."""
    given = {"most": limit, **({} if contact_ids is None else {"contacts": sorted(contact_ids)})}
    queued, talks = _COMING[contact_ids is not None]
    rows = queued.all(tx, given)
    keys = _keys(tx, (row.body_enc for row in rows))
    found = [
        Coming(
            row.not_before, "queued", row.contact_id, row.participant_id, row.channel, _out(row, keys).text,
            row.outcome or row.why,
        )
        for row in rows
    ]  # fmt: skip
    found += [
        Coming(row.wake_at, row.wake_why or "wake", row.contact_id, row.participant_id, row.channel)
        for row in talks.all(tx, given)
    ]
    return sorted(found, key=lambda each: each.at)[:limit]


def _coming(of_some: bool) -> tuple[Hot, Hot]:
    queued = select(outbox).where(outbox.c.state.in_(UNDER_WAY))
    here, most = conversations.c, bindparam("most", type_=Integer)
    talks = select(
        here.wake_at, here.wake_why, here.contact_id, here.participant_id, contacts.c.channel
    ).join_from(conversations, contacts, contacts.c.id == here.contact_id).where(here.wake_at.is_not(None))  # fmt: skip
    if of_some:
        these: Any = bindparam("contacts", expanding=True)
        queued, talks = queued.where(outbox.c.contact_id.in_(these)), talks.where(here.contact_id.in_(these))
    return (
        Hot(queued.order_by(outbox.c.not_before, outbox.c.id).limit(most)),
        Hot(talks.order_by(here.wake_at).limit(most)),
    )


_COMING: Final = {of_some: _coming(of_some) for of_some in (False, True)}


@dataclass(frozen=True, slots=True)
class ComingAlarm:
    """An alarm that goes to a work device at `at` (UTC) unless somebody takes the item before."""

    at: datetime
    name: str


def alarms_to_come(tx: Tx) -> list[ComingAlarm]:
    """Give the alarms that are planned and not stopped, soonest first."""
    joined = alarms.join(inbox_items, inbox_items.c.id == alarms.c.inbox_item_id)
    joined = joined.join(staff_members, staff_members.c.id == alarms.c.staff_id)
    wanted = select(alarms.c.due_at, staff_members.c.id, staff_members.c.first_name_enc).select_from(joined)
    wanted = wanted.where(alarms.c.sent_at.is_(None), alarms.c.stopped_at.is_(None), inbox_items.c.state == "open")
    own = tx.vault.own(tx)
    return [
        ComingAlarm(at, own.open("staff_members", "first_name_enc", staff_id, sealed_name))
        for at, staff_id, sealed_name in tx.execute(wanted.order_by(alarms.c.due_at))
    ]


def sealed(tx: Tx, inbound_id: int) -> bytes | None:
    """Give an incoming message as the database file has it: what anyone sees who copies the file."""
    blob: bytes | None = tx.execute(select(inbound.c.body_enc).where(inbound.c.id == inbound_id)).scalar_one_or_none()
    return blob


# --- rows to lines ----------------------------------------------------------------------------------------------------


def _lines(tx: Tx, contact_ids: Sequence[int], limit: int) -> list[Line]:
    came, went = _last(tx, _CAME, contact_ids, limit), _last(tx, _WENT, contact_ids, limit)
    keys = _keys(tx, (row.body_enc for row in (*came, *went)))
    lines = [_in(row, keys) for row in came] + [_out(row, keys) for row in went]
    return sorted(lines, key=lambda line: (line.at, line.id))[-limit:]


def _last(tx: Tx, asked: Hot, contact_ids: Sequence[int], limit: int, before: int | None = None) -> Sequence[Any]:
    first = _AFTER_ALL if before is None else before
    return asked.all(tx, {"contacts": contact_ids, "before": first, "most": limit})


def _keys(tx: Tx, blobs: Iterable[bytes | None]) -> dict[int, PersonKey]:
    return tx.vault.keys_by_id(tx, {key_id_of(blob) or 0 for blob in blobs if blob is not None})


def _opened(keys: dict[int, PersonKey], table: str, row: Any) -> str | None:
    key = keys.get(key_id_of(row.body_enc) or 0) if row.body_enc is not None else None
    if key is None:
        return None
    try:
        return key.open(table, "body_enc", row.id, row.body_enc)
    except Unreadable:
        return None


def _in(row: Any, keys: dict[int, PersonKey]) -> Line:
    text = _opened(keys, "inbound", row)
    return Line(
        row.id, row.contact_id, row.channel, "person", row.kind, text, row.received_at, row.state, meaning=row.meaning
    )


def _out(row: Any, keys: dict[int, PersonKey]) -> Line:
    opened = _opened(keys, "outbox", row)
    body = Body.load(opened) if opened is not None else None
    return Line(
        row.id, row.contact_id, row.channel, "staff" if row.author == "staff" else "bot", row.kind,
        body.text if body else None, row.accepted_at or row.created_at, row.state, row.ref,
        body.buttons if body else (), None, row.message, row.why, row.outcome, row.not_before,
        row.written_by,
    )  # fmt: skip
