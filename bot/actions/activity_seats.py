"""The places of one activity as rules.seats reckons with them, and back into the store; an invitation is its person.

Whoever calls has the activity kept from other writers: then no two decide at once. That one place is given twice is
impossible all the same, by the places' own key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions import activity_words, meetings
from bot.actions.activity_facts import LEAST_LEFT, best_way
from bot.actions.house import House
from rules.kinds import KINDS
from rules.seats import HOLD, MOST_OFFERS, Change, Seat, Seats
from rules.sending import earliest
from storage import contacts, invitations, places, units
from storage.activities import Activity
from storage.db import Tx
from storage.invitations import COMES, Invitation

A_MOMENT: Final = timedelta(microseconds=1)
SHORTEST: Final = timedelta(hours=1)
"""A place is kept at least this long, where the start allows. Our choice."""


@dataclass(frozen=True, slots=True)
class Table:
    """An activity's places as they stand; `hold`: how long one that comes free now is kept for whoever is told."""

    there: Activity
    rows: Mapping[int, Invitation]
    seats: Seats
    hold: timedelta


def load(tx: Tx, house: House, there: Activity, now: datetime, answering: int = 0) -> Table:
    """Read the places and the line. The invitation `answering` keeps its place in line, whatever it had answered.

    Who cannot be told that a place is free is not: they stay in line, and keep a place that they are given.
    """
    rows = {each.id: each for each in invitations.of_activity(tx, there.id)}
    taken = tuple(
        Seat(each.place, each.id, each.hold_until if each.state in COMES else None)
        for each in rows.values()
        if each.place is not None
    )
    line = sorted(
        (each for each in rows.values() if each.waiting_since is not None and each.place is None),
        key=lambda each: (each.waiting_since, each.id),
    )
    waiting = [each for each in line if each.state in COMES or each.id == answering]
    ways = contacts.list_of_many(tx, [each.participant_id for each in waiting]) if waiting else {}
    offered = {
        each.id: each.offers if best_way(house, ways.get(each.participant_id, ())) else MOST_OFFERS for each in waiting
    }
    offered |= {each.id: each.offers for each in rows.values() if each.place is not None}
    hold, closes = _hold(tx, house, there, now)
    seats = Seats(there.places, closes, taken, tuple(each.id for each in waiting), offered)
    return Table(there, rows, seats, hold)


def _hold(tx: Tx, house: House, there: Activity, now: datetime) -> tuple[timedelta, datetime]:
    """How long a place that comes free now is kept, and when none is offered any more (now, when it is too late).

    It is kept from the moment when it can be told of, for the unit's hours, and never for more than half of what is
    left: so that there is time for the next.
    """
    unit, closes = units.get_unit(tx, there.unit_id), there.starts - LEAST_LEFT
    opens = earliest(KINDS["meeting"], now, meetings.hours_of(house, unit), closes)
    if opens is None or there.state != "planned":
        return HOLD, now
    told = (unit.settings.get("groups") or {}).get("hold_hours")
    longest = HOLD if told is None else max(timedelta(hours=float(told)), SHORTEST)
    return (opens - now) + min(longest, max((closes - opens) / 2, SHORTEST)), closes


def save(tx: Tx, house: House, table: Table, change: Change, now: datetime) -> None:
    """Keep how the places stand after a change, and queue word to those for whom one is kept."""
    there, before, after = table.there, table.seats, change.seats
    seats = {seat.person: seat for seat in after.seats}
    for row in table.rows.values():
        if row.place is not None and (row.id not in seats or seats[row.id].number != row.place):
            places.free(tx, row.id)
    old = {seat.person: seat for seat in before.seats}
    for seat in sorted(after.seats, key=lambda each: each.number):
        if seat.person not in old or old[seat.person].number != seat.number:
            places.take(tx, there.id, seat.person, there.places)
        was = old[seat.person].held_until if seat.person in old else None
        if seat.held_until != was:
            invitations.change(tx, seat.person, hold_until=seat.held_until)
    _save_line(tx, table, after, now)
    for offer in change.offers:
        invitations.change(tx, offer.person, offers=offer.count, hold_until=offer.until)
        mine = table.rows[offer.person]
        activity_words.tell(tx, house, there, mine, f"offer{offer.count}", now, offer.until)


def _save_line(tx: Tx, table: Table, after: Seats, now: datetime) -> None:
    known = set(table.seats.waiting)
    times = [each.waiting_since for each in table.rows.values() if each.waiting_since is not None]
    last = max(times, default=now - A_MOMENT)
    for person in after.waiting:
        if person not in known:  # two who answer in the same moment stand in the order in which they did
            last = max(now, last + A_MOMENT)
            invitations.change(tx, person, waiting_since=last, hold_until=None)
    for person in known - set(after.waiting):
        invitations.change(tx, person, waiting_since=None)
