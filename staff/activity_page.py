"""One activity's page: who is invited and what they answered, who has a place, who waits in which order, who is met.

Nobody is shown by more than the one who looks may see, and never to a participant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from staff.activity_board import place_of, span_of
from staff.activity_deeds import find
from staff.faces import NONE, Face, faces
from staff.people import Actor
from storage import activities, attendance, audit, calendar, invitations, sendings, staff, units
from storage.activities import Activity
from storage.db import Store, Tx
from storage.invitations import COMES, Invitation
from storage.sendings import Sending
from storage.units import Unit

ANSWER: Final = {
    "asked": "har inte svarat", "yes": "ja", "maybe": "kanske", "hard": "ja, men det känns svårt", "no": "nej",
    "not_now": "inte nu", "withdrawn": "inbjudan är tillbakatagen",
}  # fmt: skip
STATE: Final = {"planned": "Planerad", "cancelled": "Inställd", "held": "Har varit"}


@dataclass(frozen=True, slots=True)
class Guest:
    """One who is invited. `line` is their number on the waiting list, 0 for none."""

    invitation: int
    face: Face
    answer: str
    answered_at: datetime | None
    place: int | None
    line: int
    waiting_since: datetime | None
    hold_until: datetime | None
    offers: int
    meet: str | None
    meet_by: str
    turned_away: bool
    state: str

    @property
    def wants_meeting(self) -> bool:
        """Whether they want to be met outside, or are."""
        return self.meet is not None and self.state in COMES


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """All of the page. `members` are the unit's staff, to choose among."""

    activity: Activity
    unit: Unit
    clock: str
    where: str
    leader: str
    state: str
    has_place: tuple[Guest, ...]
    waits: tuple[Guest, ...]
    turned_away: tuple[Guest, ...]
    maybe: tuple[Guest, ...]
    unanswered: tuple[Guest, ...]
    no: tuple[Guest, ...]
    gone: int
    members: Mapping[int, str]
    sendings: tuple[Sending, ...]
    siblings: tuple[Activity, ...]
    noted: int
    started: bool

    @property
    def free(self) -> int:
        """Places that nobody has and that are not held."""
        return max(0, self.activity.places - len(self.has_place))

    @property
    def coming(self) -> bool:
        """Whether it is ahead, and not called off."""
        return self.activity.state == "planned" and not self.started

    @property
    def few(self) -> bool:
        """Whether the last day to answer has passed with too few."""
        return self.coming and len(self.has_place) < self.activity.least

    @property
    def to_meet(self) -> tuple[Guest, ...]:
        """Those who want somebody to meet them outside."""
        return tuple(each for each in (*self.has_place, *self.waits) if each.wants_meeting)


def look(store: Store, now: datetime, actor: Actor, activity_id: int, zone: str) -> ActivityPage:
    """Give an activity's page; the look is in the audit log. NoActivity when it is not theirs."""
    with store.begin() as tx:
        each = find(tx, actor, activity_id)
        found = invitations.of_activity(tx, each.id)
        known = faces(tx, actor, [one.participant_id for one in found])
        audit.write(tx, now, actor.ref, "activity.show", f"activity:{each.id}", f"ok {len(found)}")
        return _page(tx, now, each, found, known, zone)


def _page(
    tx: Tx, now: datetime, each: Activity, found: Sequence[Invitation], known: Mapping[int, Face], zone: str
) -> ActivityPage:
    unit, members = units.get_unit(tx, each.unit_id), staff.names(tx, each.unit_id)
    named = {one.meet_staff for one in found if one.meet_staff} | ({each.leader} if each.leader else set())
    names = members | calendar.first_names(tx, named - set(members))
    guests = list(_guests(found, known, names))
    siblings = activities.list_of_series(tx, [each.series_id]) if each.series_id else []
    return ActivityPage(
        each, unit, span_of(each, zone), place_of(each, unit), names.get(each.leader or 0, ""), STATE[each.state],
        has_place=tuple(sorted((one for one in guests if one.place), key=lambda one: one.place or 0)),
        waits=tuple(sorted((one for one in guests if one.line), key=lambda one: one.line)),
        turned_away=tuple(one for one in guests if one.turned_away),
        maybe=tuple(one for one in guests if one.state == "maybe" and not one.place and not one.line),
        unanswered=tuple(one for one in guests if one.state == "asked" and not one.place and not one.line),
        no=tuple(one for one in guests if one.state in ("no", "not_now")),
        gone=sum(one.state == "withdrawn" for one in guests),
        members=members,
        sendings=tuple(sendings.list_of_activity(tx, each.id)),
        siblings=tuple(one for one in siblings if one.id != each.id and one.starts > now),
        noted=attendance.noted_among(tx, [each.id]).get(each.id, 0),
        started=each.starts <= now,
    )  # fmt: skip


def _guests(found: Sequence[Invitation], known: Mapping[int, Face], names: Mapping[int, str]) -> Iterator[Guest]:
    waiting = [one for one in found if one.waiting_since is not None and one.place is None]
    waiting.sort(key=lambda one: (one.waiting_since, one.id))
    lines = {one.id: number for number, one in enumerate(waiting, start=1)}
    for one in found:
        yield Guest(
            one.id, known.get(one.participant_id, NONE), ANSWER[one.state], one.answered_at, one.place,
            lines.get(one.id, 0), one.waiting_since, one.hold_until, one.offers, one.meet,
            names.get(one.meet_staff or 0, ""), one.turned_away and one.place is None, one.state,
        )  # fmt: skip


def look_at_door(store: Store, now: datetime, actor: Actor, activity_id: int) -> Activity:
    """Give the activity whose door it is; the look is in the audit log. NoActivity when it is not theirs."""
    with store.begin() as tx:
        each = find(tx, actor, activity_id)
        audit.write(tx, now, actor.ref, "activity.door", f"activity:{each.id}")
    return each
