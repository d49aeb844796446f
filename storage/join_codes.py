"""Codes that join two ways to reach one person: made, tried, counted, and forgotten after two days.

Only a keyed hash of a code is kept. One shown to a contact can be found by itself, for it is written somewhere else.
One sent to a number is bound to the contact that asked for it and to the number, and opens nothing for anyone else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from rules.codes import KEPT
from storage import participants
from storage.db import Tx
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import contacts, person_keys
from storage.tables_joining import join_codes

SHOWN: Final = "shown"
NUMBER: Final = "number"
MISS: Final = "miss"

_ADD: Final = per_dialect(join_codes, lambda insert: insert.on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class JoinCode:
    """A code that was made. `contact_id` is where it was shown or asked for."""

    id: int
    contact_id: int
    code_hash: bytes
    expires_at: datetime
    sent: bool
    wrong: int


def shown_hash(tx: Tx, code: str) -> bytes:
    """The hash of a code that is shown to one contact and written anywhere else."""
    return tx.vault.address_hash("code shown", code)


def number_hash(tx: Tx, contact_id: int, address_hash: bytes, code: str) -> bytes:
    """The hash of a code that was sent to a number and is written by that contact alone."""
    return tx.vault.address_hash("code sent", f"{contact_id}|{address_hash.hex()}|{code}")


# --- making and ending ------------------------------------------------------------------------------------------------


def add(
    tx: Tx,
    now: datetime,
    contact_id: int,
    purpose: str,
    expires_at: datetime,
    *,
    code_hash: bytes | None = None,
    address_hash: bytes | None = None,
    sent: bool = False,
) -> int | None:
    """Keep a code, or a miss; give its id, None when the same code is shown to somebody just now: then draw another."""
    code_id = new_id(now)
    row = {
        "id": code_id, "contact_id": contact_id, "purpose": purpose, "address_hash": address_hash,
        "code_hash": code_hash, "created_at": now, "expires_at": expires_at, "sent": sent, "wrong": 0,
    }  # fmt: skip
    made = tx.conn.execute(_ADD[tx.dialect], row, execution_options={"preserve_rowcount": True}).rowcount
    return code_id if made == 1 else None


def wrong(tx: Tx, code_id: int) -> None:
    """Count one wrong answer to a code."""
    counted = update(join_codes).where(join_codes.c.id == code_id)
    tx.execute(counted.values(wrong=join_codes.c.wrong + 1))


def close(tx: Tx, now: datetime, contact_ids: Iterable[int], *purposes: str) -> None:
    """Let no code that these contacts were shown or asked for hold any more; what was made is still counted."""
    mine = (join_codes.c.contact_id.in_(list(contact_ids)), join_codes.c.purpose.in_(purposes))
    tx.execute(update(join_codes).where(*mine, join_codes.c.closed_at.is_(None)).values(closed_at=now))


def forget(tx: Tx, now: datetime, limit: int = 200) -> int:
    """Take away codes that are two days old, and numbers as old that nobody has shown to be theirs; give how many.

    A number that has written STOPP keeps its row, so that it is remembered.
    """
    before = now - KEPT
    gone: int = tx.execute(delete(join_codes).where(join_codes.c.created_at < before)).rowcount
    here = contacts.c
    nobodys = (here.participant_id.is_(None), here.staff_id.is_(None), here.opted_out_at.is_(None))
    wanted = select(here.id, here.key_id).where(*nobodys, here.created_at < before).limit(limit)
    for contact_id, key_id in tx.execute(wanted).all():
        # A person for a moment: whoever erases a person knows all that there can be of one.
        person, _ = participants.create(tx, now)
        give_person(tx, contact_id, key_id, person)
        gone += participants.erase(tx, person, now)
    return gone


def anything_to_forget(tx: Tx, now: datetime) -> bool:
    """Is there? Cheap, so that the sweep takes no write lock for nothing."""
    before = now - KEPT
    here = contacts.c
    old = select(join_codes.c.id).where(join_codes.c.created_at < before).limit(1)
    nobodys = (here.participant_id.is_(None), here.staff_id.is_(None), here.opted_out_at.is_(None))
    number = select(here.id).where(*nobodys, here.created_at < before).limit(1)
    return tx.execute(old).first() is not None or tx.execute(number).first() is not None


def give_person(tx: Tx, contact_id: int, key_id: int, participant_id: int) -> None:
    """Let a contact that was nobody's, and its key, be this person's: from now on they die together."""
    tx.execute(update(person_keys).where(person_keys.c.id == key_id).values(participant_id=participant_id))
    tx.execute(update(contacts).where(contacts.c.id == contact_id).values(participant_id=participant_id))


# --- looking up -------------------------------------------------------------------------------------------------------


def find_shown(tx: Tx, code_hash: bytes, now: datetime) -> JoinCode | None:
    """The code of this hash that is shown to somebody and holds now, or None."""
    wanted = _codes(SHOWN, join_codes.c.code_hash == code_hash, join_codes.c.expires_at > now)
    row = tx.execute(wanted).first()
    return None if row is None else JoinCode(*row)


def list_asked(tx: Tx, contact_id: int, address_hash: bytes) -> list[JoinCode]:
    """The codes that a contact asked for to a number and that are not ended, the newest first; old ones too."""
    mine = (join_codes.c.contact_id == contact_id, join_codes.c.address_hash == address_hash)
    return [JoinCode(*row) for row in tx.execute(_codes(NUMBER, *mine))]


def asks_for_one(tx: Tx, contact_id: int, now: datetime) -> bool:
    """Tell whether this contact has been asked for a code that still holds."""
    mine = (join_codes.c.contact_id == contact_id, join_codes.c.expires_at > now)
    return tx.execute(_codes(NUMBER, *mine)).first() is not None


def sent_here(tx: Tx, contact_id: int, code: str, now: datetime) -> bool:
    """Tell whether this is a code that was sent to this very contact, to be written somewhere else."""
    address: bytes = tx.execute(select(contacts.c.address_hash).where(contacts.c.id == contact_id)).scalar_one()
    rows = tx.execute(_codes(NUMBER, join_codes.c.address_hash == address, join_codes.c.expires_at > now))
    codes = [JoinCode(*row) for row in rows]
    return any(each.code_hash == number_hash(tx, each.contact_id, address, code) for each in codes)


def _codes(purpose: str, *which: ColumnElement[bool]) -> Any:
    here = join_codes.c
    wanted = select(here.id, here.contact_id, here.code_hash, here.expires_at, here.sent, here.wrong)
    return wanted.where(here.purpose == purpose, here.closed_at.is_(None), *which).order_by(here.id.desc())


def count(
    tx: Tx,
    purpose: str,
    since: datetime,
    *,
    contact_id: int | None = None,
    address_hash: bytes | None = None,
    sent: bool | None = None,
) -> int:
    """How many codes or misses there have been since then: of one contact, to one number, or in all."""
    here = join_codes.c
    wanted = select(func.count()).select_from(join_codes).where(here.purpose == purpose, here.created_at > since)
    if contact_id is not None:
        wanted = wanted.where(here.contact_id == contact_id)
    if address_hash is not None:
        wanted = wanted.where(here.address_hash == address_hash)
    if sent is not None:
        wanted = wanted.where(here.sent == sent)
    return int(tx.execute(wanted).scalar_one())


_OTHERS: Final = (
    select(contacts.c.address_hash)
    .join(join_codes, join_codes.c.contact_id == contacts.c.id)
    .where(
        join_codes.c.purpose == SHOWN,
        join_codes.c.closed_at.is_(None),
        join_codes.c.code_hash == bindparam("code_hash"),
    )
    .union(
        select(join_codes.c.address_hash)
        .join(contacts, join_codes.c.contact_id == contacts.c.id)
        .where(
            contacts.c.channel == bindparam("channel"),
            contacts.c.address_hash == bindparam("mine"),
            join_codes.c.purpose == NUMBER,
            join_codes.c.closed_at.is_(None),
        )
    )
)


def others(tx: Tx, channel: str, mine: bytes, code: str) -> set[bytes]:
    """The hashes of the addresses that a turn may come to join with this one, when this code is written here."""
    found = tx.execute(_OTHERS, {"channel": channel, "mine": mine, "code_hash": shown_hash(tx, code)})
    return {row[0] for row in found if row[0] is not None}
