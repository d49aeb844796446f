"""Lists of people for staff: filtered and paged in the database, with what a row shows asked for a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select

from storage import inbox_board
from storage.columns import UtcDateTime
from storage.db import Tx
from storage.hot import Hot
from storage.tables import contacts, inbox_items, participants
from storage.tables_meetings import appointments

_HERE: Final = participants.c
GONE: Final = ("exited", "outside")
"""Those who are not in touch any more, or never were of ours: nobody wonders why they are silent."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which people: of these units and of none (None: of all), protected ones only of `readable`.

    staff_id     those with something open that this one has, or a coming meeting with them
    waiting      those with something open in the inbox
    silent_since those not heard from and not written to since then (UTC), and still in touch with us
    """

    unit_ids: Collection[int] | None = None
    with_nobodys: bool = True
    readable: Collection[int] = ()
    staff_id: int | None = None
    waiting: bool = False
    silent_since: datetime | None = None


def list_ids(tx: Tx, wanted: Filter, now: datetime, limit: int, offset: int = 0) -> list[int]:
    """Give the ids of those people, newest first."""
    asked = _filtered(wanted, now).order_by(_HERE.id.desc()).limit(limit).offset(offset)
    return list(tx.execute(asked).scalars())


def keep(tx: Tx, ids: Sequence[int], wanted: Filter, now: datetime) -> list[int]:
    """Give those of the ids that the filter lets through, in the order given."""
    kept: set[int] = set()
    for start in range(0, len(ids), 1_000):
        kept.update(tx.execute(_filtered(wanted, now).where(_HERE.id.in_(ids[start : start + 1_000]))).scalars())
    return [each for each in ids if each in kept]


def _filtered(wanted: Filter, now: datetime) -> Select[Any]:
    open_to_see: ColumnElement[bool] = _HERE.protected.is_(False)
    if wanted.readable:
        open_to_see = or_(open_to_see, _HERE.id.in_(sorted(wanted.readable)))
    asked = select(_HERE.id).where(open_to_see)
    if wanted.unit_ids is not None:
        theirs: ColumnElement[bool] = _HERE.unit_id.in_(sorted(wanted.unit_ids))
        asked = asked.where(or_(theirs, _HERE.unit_id.is_(None)) if wanted.with_nobodys else theirs)
    if wanted.staff_id is not None:
        met = select(appointments.c.participant_id).where(
            appointments.c.staff_id == wanted.staff_id, appointments.c.state == "booked", appointments.c.ends > now
        )
        asked = asked.where(or_(_HERE.id.in_(inbox_board.people_taken_by(wanted.staff_id)), _HERE.id.in_(met)))
    if wanted.waiting:
        asked = asked.where(_HERE.id.in_(inbox_board.waiting_people()))
    if wanted.silent_since is not None:
        way = contacts.c
        heard = or_(way.last_in_at >= wanted.silent_since, way.last_out_at >= wanted.silent_since)
        in_touch = exists(select(1).where(way.participant_id == _HERE.id, heard))
        asked = asked.where(~in_touch, _HERE.status.not_in(GONE), _HERE.created_at < wanted.silent_since)
    return asked


@dataclass(frozen=True, slots=True)
class Touch:
    """When a person was last heard from and written to, and on which channels they can be found."""

    last_in_at: datetime | None
    last_out_at: datetime | None
    channels: tuple[str, ...]


_WAY: Final = contacts.c
_TOUCHES: Final = Hot(
    select(
        _WAY.participant_id, _WAY.channel,
        func.max(_WAY.last_in_at, type_=UtcDateTime()).label("heard"),
        func.max(_WAY.last_out_at, type_=UtcDateTime()).label("told"),
    )
    .where(_WAY.participant_id.in_(bindparam("people", expanding=True)))
    .group_by(_WAY.participant_id, _WAY.channel)
)  # fmt: skip


def touches(tx: Tx, ids: Collection[int]) -> dict[int, Touch]:
    """Give it for people; those without a contact are left out."""
    found: dict[int, Touch] = {}
    for person, channel, heard, told in _TOUCHES.all(tx, {"people": sorted(ids)}):
        was = found.get(person)
        if was is None:
            found[person] = Touch(heard, told, (channel,))
        else:  # they have another way, too
            last = _later(was.last_in_at, heard), _later(was.last_out_at, told)
            found[person] = Touch(*last, (*was.channels, channel))
    return found


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


_ITEM: Final = inbox_items.c
_WAITING_KINDS: Final = Hot(
    select(_ITEM.participant_id, _ITEM.kind)
    .where(_ITEM.participant_id.in_(bindparam("people", expanding=True)), _ITEM.state != "closed")
    .order_by(_ITEM.urgency, _ITEM.id)
)


def waiting_kinds(tx: Tx, ids: Collection[int]) -> dict[int, list[str]]:
    """Give the kinds of what is open in the inbox of people, the most urgent first; nobody's are left out."""
    found: dict[int, list[str]] = {}
    for person, kind in _WAITING_KINDS.all(tx, {"people": sorted(ids)}):
        if kind not in found.setdefault(person, []):
            found[person].append(kind)
    return found
