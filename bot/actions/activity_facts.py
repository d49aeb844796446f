"""What is known of a group activity: what a text may say of it, what it asks, and who may be told.

Nothing is ever said of anybody else who is invited, nor why somebody is. Who has "annan kan läsa" is not invited by
text at all (`NOT_BY_TEXT`); where one of ours still goes to them, it names neither place nor activity nor staff.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import meetings
from bot.actions.house import House
from flows.group_words import GROUP, MARKS, YES_NO
from rules.calendar import swedish_moment, to_local
from rules.consent import may_go
from rules.kinds import KINDS
from rules.roster import next_staffed, on_duty
from storage import activities, group_words, invitations, participants, roster, staff, units
from storage.activities import Activity
from storage.contacts import Standing
from storage.db import Tx
from storage.invitations import COMES, Invitation
from storage.units import Unit

NOT_BY_TEXT: Final = "Någon annan kan läsa det vi skriver. Fråga personen själv."
"""Why somebody whose texts another may read is not invited: a text that may name nothing invites to nothing."""

LEAST_LEFT: Final = timedelta(hours=2)
"""A place that comes free this near the start is not offered: nobody should have to run. Our choice."""

ROOM: Final = 170
"""Septets of an SMS of two parts that are left for what staff wrote, after the greeting, the day and the choices."""

ASKS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "invitation": (GROUP, "group"),
    "moved": (GROUP, "group"),
    "offer": (YES_NO, "yesno"),
    "day_before": (YES_NO, "yesno"),
    "how_was_it": (MARKS, "mark"),
}
"""What a message about an activity asks, when it asks: the options and their set."""


def stamp_of(invitation: Invitation, there: Activity) -> str:
    """What begins the value of a button: the invitation, and which version of the activity it stood under."""
    return f"g:{invitation.id}:{there.version}"


def stamp_at(tx: Tx, invitation_id: int) -> str:
    """The same, of the activity as it stands now."""
    mine = invitations.find(tx, invitation_id)
    return "" if mine is None else stamp_of(mine, activities.get(tx, mine.activity_id))


def asks(name: str, mine: Invitation, there: Activity, now: datetime) -> tuple[str, ...]:
    """Give the options that a message of that name puts before somebody as things stand; () when it asks nothing."""
    if name == "how_was_it":
        return MARKS if mine.how_was_it is None else ()
    if there.state != "planned" or now >= there.starts or mine.state == "withdrawn":
        return ()
    open_ = {
        "invitation": mine.state == "asked",
        "moved": mine.state == "asked",
        "day_before": mine.state in ("asked", "maybe"),
        "offer": mine.state in COMES and mine.hold_until is not None and now < mine.hold_until,
    }
    return ASKS[name][0] if open_.get(name) else ()


def facts_of(tx: Tx, there: Activity, participant_id: int, *, short: bool) -> dict[str, Any]:
    """Give what a text may say of an activity to a person; see `said_of`."""
    who = participants.get(tx, participant_id)
    unit = units.get_unit(tx, there.unit_id)
    return said_of(there, unit, hidden=who.read_by_others or who.protected, short=short)


def said_of(there: Activity, unit: Unit, *, hidden: bool, short: bool) -> dict[str, Any]:
    """Give what a text may say of a unit's activity; `short`: it is for an SMS, so `how` is left out if too long.

    `title` is None where another reads the phone (`hidden`): the text then says when, and no more.
    """
    title, where = there.title.strip().rstrip("."), where_of(there, unit)
    how = (there.how or "").strip()
    if how and how[-1] not in ".!?":
        how += "."
    if short and len(title) + len(where or "") + len(how) > ROOM:
        how = ""
    return {
        "starts": there.starts.isoformat(),
        "ends": there.ends.isoformat(),
        "title": None if hidden else title,
        "where": None if hidden else where,
        "how": None if hidden or not how else how,
    }


def where_of(there: Activity, unit: Unit) -> str | None:
    """Give where it is, as it stands after "Vi ses vid"; None when nobody wrote it."""
    place = meetings.find_place(unit, there.place)
    return place.name if place is not None else (there.where or "").strip().rstrip(".") or None


def late_facts(tx: Tx, name: str, invitation_id: int, now: datetime, *, short: bool) -> dict[str, Any]:
    """Give what the queued message `name` ("activity/moved") says at the moment when it goes out."""
    mine = invitations.find(tx, invitation_id)
    if mine is None:
        raise LookupError("an invitation is gone")
    there = activities.get(tx, mine.activity_id)
    kind = name.rpartition("/")[2]
    options = asks(kind, mine, there, now)
    until = None if mine.hold_until is None else mine.hold_until.isoformat()
    told = facts_of(tx, there, mine.participant_id, short=short) | {"until": until, "asks": bool(options)}
    return told | {"options": options, "option_set": ASKS[kind][1] if options else ""}


def is_pointless(tx: Tx, name: str, invitation_id: int, now: datetime) -> str | None:
    """Say, in Swedish for staff, why a queued message about an activity is not to go out now; None when it is."""
    mine = invitations.find(tx, invitation_id)
    there = None if mine is None else activities.find(tx, mine.activity_id)
    kind = name.rpartition("/")[2]
    if mine is None or there is None:
        return "Inbjudan finns inte längre."
    if kind == "cancelled":
        known = mine.answered_at is not None or group_words.has_left(tx, there.id, mine.participant_id, mine.sending_id)
        return None if known else "Inbjudan hann inte gå ut."
    if kind == "how_was_it":
        return None
    if there.state != "planned" or mine.state == "withdrawn":
        return "Aktiviteten är inställd, eller inbjudan är återtagen."
    if now >= there.starts:
        return "Aktiviteten har redan börjat."
    if kind in ("invitation", "offer") and not asks(kind, mine, there, now):
        return "Det är inte längre en fråga till personen."
    return None


def told_of(tx: Tx, there: Activity, mine: Invitation, now: datetime, *, short: bool) -> dict[str, Any]:
    """Give an activity as a talk knows it (flows.commands_activity.LookAtActivity); `short`: for an SMS."""
    who = participants.get(tx, mine.participant_id)
    unit, hidden = units.get_unit(tx, there.unit_id), who.read_by_others or who.protected
    return said_of(there, unit, hidden=hidden, short=short) | {
        "id": mine.id,
        "version": there.version,
        "staff_name": None if hidden else in_touch(tx, there, now),
        "meets": None if hidden or mine.meet else (meeter(tx, there) or (None, None))[1],
        "met_by": staff.names(tx, there.unit_id).get(mine.meet_staff) if mine.meet_staff and not hidden else None,
        "agreed": mine.meet == "agreed",
        "address": None if hidden or where_of(there, unit) else unit.settings.get("address") or None,
        "places": there.places,
        "comes": mine.state in COMES,
        "line": now < there.starts - LEAST_LEFT,
    }


def in_touch(tx: Tx, there: Activity, now: datetime) -> str | None:
    """Give the first name of the leader, where their roster says that they work after now: only then is it promised."""
    if there.leader is None:
        return None
    whole = roster.load(tx, there.unit_id)
    own = replace(
        whole,
        shifts=tuple(each for each in whole.shifts if each.staff == there.leader),
        exceptions=tuple(each for each in whole.exceptions if each.staff in (None, there.leader)),
    )
    return staff.names(tx, there.unit_id).get(there.leader) if next_staffed(own, now) is not None else None


def meeter(tx: Tx, there: Activity) -> tuple[int, str] | None:
    """Give who could meet somebody outside: of those on duty when it begins the leader, or else the first."""
    duty, names = on_duty(roster.load(tx, there.unit_id), there.starts), staff.names(tx, there.unit_id)
    one = next((each for each in sorted(duty, key=lambda each: each != there.leader) if each in names), None)
    return None if one is None else (one, names[one])


def best_way(house: House, ways: Sequence[Standing], kind: str = "meeting") -> Standing | None:
    """Give the contact to write on: where they wrote last, among those where such a message may go; None for none."""
    open_ways = (
        who
        for who in ways
        if who.channel in house.channels
        and house.channels[who.channel].reachable
        and may_go(KINDS[kind], meetings.state_of(who)).ok
    )
    return next(open_ways, None)


def when_of(there: Activity, now: datetime) -> str:
    """When it begins, in Swedish for staff, as it is said at `now`."""
    return swedish_moment(there.starts, to_local(now).date())


def what_of(there: Activity, now: datetime) -> str:
    """An activity in Swedish for staff: "gruppen tisdag 8 december kl. 14 (lagar vi mat hos oss)"."""
    return f"gruppen {when_of(there, now)} ({there.title})"
