"""Deltagare as a list: found by name or number, filtered, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flows.phone import read_phone
from staff import labels
from staff.labels import NOBODY
from staff.people import SMS_CHANNELS, Actor
from staff.people_index import NotReady, fits, fold, index_of
from storage import audit, contacts, named_readers, participants, people_list, units
from storage.db import Store, Tx
from storage.participants import Listed
from storage.people_list import Filter, Touch
from storage.units import Unit

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for. `silent_days`: no contact for so many days; None: whatever."""

    text: str = ""
    unit: Unit | None = None
    mine: bool = False
    waiting: bool = False
    silent_days: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One person in the list."""

    id: int
    name: str
    birth_year: int | None
    unit: str
    status: str
    protected: bool
    channels: tuple[str, ...]
    last_at: datetime | None
    waits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list, and the units that the one who looks sees.

    `count` is None when only the database knows; `ready` False: the index is being built.
    """

    rows: tuple[Row, ...]
    page: int
    more: bool
    units: tuple[Unit, ...] = ()
    count: int | None = None
    ready: bool = True


def look(store: Store, now: datetime, actor: Actor, wanted: Wanted) -> Listing:
    """Give a page of people, and note in the audit log that it was given."""
    try:
        with store.read() as tx:
            listing = _look(store, tx, now, actor, wanted)
    except NotReady:
        return Listing((), 1, more=False, ready=False)
    with store.begin() as tx:
        scope = f"unit:{wanted.unit.slug}" if wanted.unit else "units"
        action = "participant.search" if wanted.text else "participant.list"
        audit.write(tx, now, actor.ref, action, scope, f"ok {len(listing.rows)}")
    return listing


def _look(store: Store, tx: Tx, now: datetime, actor: Actor, wanted: Wanted) -> Listing:
    readable = named_readers.people_of(tx, actor.staff_id)
    chosen, known = _filter(actor, wanted, readable, now), units.list_units(tx)
    theirs = tuple(unit for unit in known if actor.sees(unit.id))
    first = (max(wanted.page, 1) - 1) * PAGE
    if not wanted.text:
        ids = people_list.list_ids(tx, chosen, now, PAGE + 1, first)
        return Listing(_rows(tx, ids[:PAGE], readable, known), max(wanted.page, 1), len(ids) > PAGE, theirs)
    found = _found(store, tx, actor, wanted, readable)
    if wanted.mine or wanted.waiting or wanted.silent_days is not None or wanted.unit is not None:
        found = people_list.keep(tx, found, chosen, now)
    shown = _rows(tx, found[first : first + PAGE], readable, known)
    return Listing(shown, max(wanted.page, 1), len(found) > first + PAGE, theirs, count=len(found))


def _filter(actor: Actor, wanted: Wanted, readable: frozenset[int], now: datetime) -> Filter:
    days = wanted.silent_days
    return Filter(
        unit_ids=[wanted.unit.id] if wanted.unit else actor.unit_ids,
        with_nobodys=wanted.unit is None,
        readable=readable,
        staff_id=(actor.staff_id or 0) if wanted.mine else None,
        waiting=wanted.waiting,
        silent_since=None if days is None else now - timedelta(days=days),
    )


def _found(store: Store, tx: Tx, actor: Actor, wanted: Wanted, readable: frozenset[int]) -> list[int]:
    """Those whom the text means: a number's owners, or whose name it begins; protected ones of `readable` alone."""
    index = index_of(store)
    own = participants.list_many(tx, readable, show_protected=readable) if readable else {}
    hidden = {who: listed.profile or {} for who, listed in own.items() if actor.sees(listed.person.unit_id)}
    number = read_phone(wanted.text).e164
    if number:
        ways = [contacts.find(tx, channel, number) for channel in SMS_CHANNELS]
        theirs = {
            way.participant_id
            for way in ways
            if way and actor.sees(way.unit_id) and (not way.protected or way.participant_id in hidden)
        }
        told = {who for who, profile in hidden.items() if profile.get("phone") == number}
        return sorted({*index.with_phone(store, tx, number, actor.unit_ids), *theirs, *told})
    parts = fold(wanted.text)
    named = [who for who, profile in hidden.items() if parts and fits(parts, fold(str(profile.get("name") or "")))]
    found = index.search(store, tx, wanted.text, actor.unit_ids)
    return [*named, *(who for who in found if who not in hidden)]


def _rows(tx: Tx, ids: list[int], readable: frozenset[int], known: Iterable[Unit]) -> tuple[Row, ...]:
    people = participants.list_many(tx, ids, show_protected=readable)
    touch = people_list.touches(tx, ids)
    waits = people_list.waiting_kinds(tx, ids)
    places = {unit.id: unit.municipality for unit in known}
    return tuple(_row(people[each], touch, waits, places) for each in ids if each in people)


def _row(listed: Listed, touch: Mapping[int, Touch], waits: Mapping[int, list[str]], places: Mapping[int, str]) -> Row:
    person, profile = listed.person, listed.profile or {}
    seen = touch.get(person.id, Touch(None, None, ()))
    last = max((at for at in (seen.last_in_at, seen.last_out_at) if at is not None), default=None)
    return Row(
        id=person.id,
        name=str(profile.get("name") or NOBODY),
        birth_year=_year(profile),
        unit=places.get(person.unit_id or 0, ""),
        status=labels.label(labels.STATUS, person.status),
        protected=person.protected,
        channels=tuple(labels.label(labels.CHANNEL, channel) for channel in seen.channels),
        last_at=last,
        waits=tuple(labels.label(labels.ITEM, kind) for kind in waits.get(person.id, ())),
    )


def _year(profile: Mapping[str, Any]) -> int | None:
    year = profile.get("birth_year")
    return year if isinstance(year, int) else None
