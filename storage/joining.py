"""Two ways to reach one person: a number that nobody has shown to be theirs, and two persons who turn out to be one.

Whoever is joined keeps every key that was theirs: a person may have several, and they die together
(`participants.erase` takes them all). So nothing is sealed anew but the one profile, no table can be forgotten, and a
backup from before the joining is as unreadable after an erasure as one from after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Table, UniqueConstraint, and_, bindparam, delete, exists, insert, select, update

from storage import audit, participants
from storage.contacts import Standing, wait_for_turn
from storage.crypto import PersonKey
from storage.db import Tx
from storage.every_table import metadata
from storage.hot import Hot
from storage.ids import new_id
from storage.join_codes import give_person
from storage.tables import contacts, conversations, person_keys, referrals, retention_marks
from storage.tables import participants as people

AHEAD: Final = ("new", "outside", "exited", "referred", "active")
"""How far somebody has come; the further one stays who they are."""

LOG_ACTION: Final = "participant.join"


# --- a number ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """The contact of a number. `participant_id` None: it is nobody's yet."""

    contact_id: int
    key: PersonKey
    participant_id: int | None
    opted_out: bool
    blocked: bool


def number(tx: Tx, now: datetime, channel: str, address: str) -> Number:
    """Give the contact of a number, made when there is none: then it is nobody's, under a key of its own.

    Its own turns wait meanwhile: its first SMS may come at this moment.
    """
    wait_for_turn(tx, channel, address)
    hashed = tx.vault.address_hash(channel, address)
    known = contacts.join(person_keys, person_keys.c.id == contacts.c.key_id)
    wanted = select(contacts, person_keys.c.wrapped).select_from(known)
    row = tx.execute(wanted.where(contacts.c.channel == channel, contacts.c.address_hash == hashed)).one_or_none()
    if row is not None:
        key = tx.vault.unwrap(row.key_id, row.wrapped)
        return Number(row.id, key, row.participant_id, row.opted_out_at is not None, row.blocked_at is not None)
    contact_id, key = new_id(now), tx.vault.new_key(tx, None, now)
    fresh = {
        "id": contact_id, "key_id": key.id, "channel": channel, "address_hash": hashed, "created_at": now,
        "address_enc": key.seal("contacts", "address_enc", contact_id, address),
    }  # fmt: skip
    tx.execute(insert(contacts), fresh)
    return Number(contact_id, key, None, opted_out=False, blocked=False)


_NOBODYS: Final = Hot(
    select(contacts.c.id, contacts.c.key_id, contacts.c.staff_id).where(
        contacts.c.channel == bindparam("channel"),
        contacts.c.address_hash == bindparam("hash"),
        contacts.c.participant_id.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Nobodys:
    """A contact that is no person's: a number that was typed somewhere, or a work device."""

    contact_id: int
    key_id: int
    is_device: bool


def find_nobodys(tx: Tx, channel: str, address: str) -> Nobodys | None:
    """Give the contact of an address, when it is nobody's; None when there is none, or it is somebody's."""
    row = _NOBODYS.first(tx, {"channel": channel, "hash": tx.vault.address_hash(channel, address)})
    return None if row is None else Nobodys(row.id, row.key_id, row.staff_id is not None)


def meet(tx: Tx, now: datetime, known: Nobodys, *, made_up: bool = False) -> None:
    """A number that was only typed somewhere writes by itself: it becomes a person of its own."""
    person = new_id(now)
    tx.execute(insert(people), {"id": person, "created_at": now, "made_up": made_up})
    prove(tx, now, known.contact_id, known.key_id, person)


def prove(tx: Tx, now: datetime, contact_id: int, key_id: int, participant_id: int) -> None:
    """Somebody showed that an address is theirs, which was nobody's: it is this person's from now on."""
    give_person(tx, contact_id, key_id, participant_id)
    tx.execute(update(contacts).where(contacts.c.id == contact_id).values(verified_at=now, last_in_at=now))


def heard_through(tx: Tx, now: datetime, contact_id: int) -> None:
    """A code that went to this contact has come back from its person: it is in use, and theirs."""
    tx.execute(update(contacts).where(contacts.c.id == contact_id).values(verified_at=now, last_in_at=now))


# --- two persons who are one ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Joined:
    """Who they are now, and what differed: by profile entry, what the one who is no more had said."""

    participant_id: int
    gone: int
    unit_id: int | None
    status: str
    language: str
    protected: bool
    read_by_others: bool
    resting_since: datetime | None
    made_up: bool
    profile: Mapping[str, Any]
    differs: Mapping[str, Any] = field(default_factory=dict)
    other_unit: int | None = None


def join(tx: Tx, now: datetime, one: int, other: int) -> Joined:
    """Let two persons be one; give who that is. Everything that was either's is theirs.

    The one who has come further stays, else the one who came first: staff's links and the audit log go on meaning the
    same. What cannot be both (a name, a year) is kept as the stayer told it, but for the year: where it differs the
    younger counts, for safety's sake. Either's protection, rest and caution hold. Raises NotFound when one is no more.
    """
    tx.execute(select(people.c.id).where(people.c.id.in_((one, other))).order_by(people.c.id).with_for_update()).all()
    first, second = participants.get(tx, one), participants.get(tx, other)
    keep, gone = sorted((first, second), key=lambda each: (-AHEAD.index(each.status), each.id))
    profile, differs = _one_profile(participants.profile(tx, keep.id), participants.profile(tx, gone.id))
    rests = [each.resting_since for each in (keep, gone) if each.resting_since is not None]
    joined = Joined(
        participant_id=keep.id,
        gone=gone.id,
        unit_id=keep.unit_id or gone.unit_id,
        status=keep.status,
        language=gone.language if keep.language == "sv" else keep.language,
        protected=keep.protected or gone.protected,
        read_by_others=keep.read_by_others or gone.read_by_others,
        resting_since=max(rests, default=None),
        made_up=keep.made_up and gone.made_up,
        profile=profile,
        differs=differs,
        other_unit=gone.unit_id if keep.unit_id and gone.unit_id != keep.unit_id else None,
    )
    _give_all(tx, gone.id, keep.id)
    _write(tx, joined, min(keep.created_at, gone.created_at))
    tx.execute(delete(people).where(people.c.id == gone.id))
    audit.write(tx, now, "bot", LOG_ACTION, f"participant:{gone.id}", f"into participant:{keep.id}")
    audit.write(tx, now, "bot", LOG_ACTION, f"participant:{keep.id}", f"with participant:{gone.id}")
    return joined


def became(tx: Tx, participant_id: int) -> int | None:
    """Who a person is now that was joined with another: the id, or None. From the audit log."""
    found: int | None = None
    for _ in range(10):
        step = _joined_into(tx, participant_id if found is None else found)
        if step is None:
            break
        found = step
    return found


def _joined_into(tx: Tx, participant_id: int) -> int | None:
    log = metadata.tables["audit"].c
    mine = (log.action == LOG_ACTION, log.object_ref == f"participant:{participant_id}")
    row = tx.execute(select(log.outcome).where(*mine, log.outcome.like("into %")).limit(1)).first()
    return None if row is None else int(row.outcome.removeprefix("into participant:"))


def _one_profile(stays: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """One profile of two, and what of the other's was set aside."""
    differs = {key: value for key, value in other.items() if key in stays and stays[key] != value}
    profile = {**other, **stays}
    years = [each["birth_year"] for each in (stays, other) if isinstance(each.get("birth_year"), int)]
    if "birth_year" in differs and len(years) == 2:
        profile["birth_year"], differs["birth_year"] = max(years), min(years)
    return profile, differs


def _give_all(tx: Tx, gone: int, keep: int) -> None:
    """Every row that points at the one points at the other, in whatever table there is or will be."""
    # Marks for erasure go by when somebody was last heard from, and that is now: the sweep sets anew what still holds.
    tx.execute(delete(retention_marks).where(retention_marks.c.participant_id.in_((gone, keep))))
    for table, column in pointing_at_people():
        for unique in _unique_with(table, column):
            _drop_twins(tx, table, column, unique, gone, keep)
        tx.execute(update(table).where(column == gone).values({column: keep}))


def pointing_at_people() -> list[tuple[Table, Column[Any]]]:
    """Give every column that holds a person's id, with its table."""
    return [
        (table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column is people.c.id for key in column.foreign_keys)
    ]


def _unique_with(table: Table, column: Column[Any]) -> list[UniqueConstraint]:
    return [each for each in table.constraints if isinstance(each, UniqueConstraint) and column in set(each.columns)]


def _drop_twins(tx: Tx, table: Table, column: Column[Any], unique: UniqueConstraint, gone: int, keep: int) -> None:
    """Where both have the same thing that one may have once, one is enough."""
    twin = table.alias()
    same = [table.c[each.key] == twin.c[each.key] for each in unique.columns if each is not column]
    has = exists(select(1).select_from(twin).where(twin.c[column.key] == keep, and_(True, *same)))
    tx.execute(delete(table).where(column == gone, has))


def _write(tx: Tx, joined: Joined, created_at: datetime) -> None:
    values = {
        "unit_id": joined.unit_id, "language": joined.language, "protected": joined.protected,
        "read_by_others": joined.read_by_others, "resting_since": joined.resting_since, "made_up": joined.made_up,
        "created_at": created_at,
    }  # fmt: skip
    tx.execute(update(people).where(people.c.id == joined.participant_id).values(values))
    if joined.profile:
        key = tx.vault.key_for(tx, joined.participant_id)
        text = json.dumps(dict(joined.profile), ensure_ascii=False)
        sealed = key.seal("participants", "profile_enc", joined.participant_id, text)
        tx.execute(update(people).where(people.c.id == joined.participant_id).values(profile_enc=sealed))


def count_open_referrals(tx: Tx, participant_id: int) -> int:
    """How many sign-ups of a person nobody has answered yet."""
    mine = (referrals.c.participant_id == participant_id, referrals.c.state == "new")
    return len(tx.execute(select(referrals.c.id).where(*mine)).all())


# --- a talk that goes on elsewhere ------------------------------------------------------------------------------------


def contact_with_a_talk(tx: Tx, who: Standing, *, but: tuple[str, ...], asks_not: str) -> int | None:
    """Another contact of the same person where a talk is open or rests, the one touched last; None for none.

    Talks of the flows `but`, and those that ask for a thing of the sort `asks_not`, stay where they are.
    """
    talk = conversations.c
    joined = contacts.join(conversations, talk.id == contacts.c.conversation_id)
    wanted = select(contacts.c.id).select_from(joined).where(
        contacts.c.participant_id == who.participant_id,
        contacts.c.id != who.contact_id,
        talk.state.in_(("open", "resting")),
        talk.flow.not_in(but),
        (talk.asks != asks_not) | talk.asks.is_(None),
    )  # fmt: skip
    row = tx.execute(wanted.order_by(talk.touched_at.desc(), talk.id.desc()).limit(1)).first()
    return None if row is None else int(row.id)


def move_talk(tx: Tx, there: Standing, here: Standing) -> None:
    """Let the foreground talk of one contact be another's, with every talk that waits behind it."""
    talk = there.talk
    if talk is None:
        return
    behind: int | None = talk.id
    while behind is not None:
        behind = _move_one(tx, there, here, behind)
    for contact_id, talk_id in ((there.contact_id, None), (here.contact_id, talk.id)):
        tx.execute(update(contacts).where(contacts.c.id == contact_id).values(conversation_id=talk_id))
    there.talk, here.talk = None, talk


def _move_one(tx: Tx, there: Standing, here: Standing, talk_id: int) -> int | None:
    """Move one talk; give the one that goes on after it, if any."""
    mine = (conversations.c.id == talk_id, conversations.c.contact_id == there.contact_id)
    row = tx.execute(select(conversations.c.facts_enc, conversations.c.journal_enc).where(*mine)).first()
    if row is None:
        return None
    values: dict[str, Any] = {"contact_id": here.contact_id}
    facts = ""
    for column, blob in (("facts_enc", row.facts_enc), ("journal_enc", row.journal_enc)):
        text = there.key.open("conversations", column, talk_id, blob)
        values[column] = here.key.seal("conversations", column, talk_id, text)
        facts = facts or text
    tx.execute(update(conversations).where(*mine).values(values))
    after = json.loads(facts).get("extra", {}).get("after")
    return after if isinstance(after, int) else None
