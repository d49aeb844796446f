"""Answers to invitations, places and the line for them; moving and calling off an activity. Each in one transaction.

An activity is kept from other writers before its invitations are: whoever answers first is first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from bot.actions import activity_seats, activity_words
from bot.actions.activity_facts import LEAST_LEFT, what_of
from bot.actions.house import House
from bot.actions.scene import Scene
from rules import attendance as attended
from rules.calendar import to_local, to_utc
from rules.seats import says_no, says_yes, with_places
from storage import activities, attendance, group_words, inbox, invitations, places, sendings, staff
from storage.activities import Activity
from storage.db import Tx
from storage.invitations import COMES, Invitation

ANSWERED: Final = (*COMES, "maybe")
"""Answers that a change of the activity makes old."""

NO_PLACE: Final = "Sa ja till {what}, men det var fullt. Hör av dig om nästa gång: personen står först då."
FEELS_HARD: Final = "Kommer till {what}, men det känns svårt."
WANTS_MEETING: Final = "Vill att {name} möter utanför {what}."
COMES_NOT: Final = "Kommer inte till {what}."
OUT_OF_REACH: Final = "{what} är {became}, och inget av våra meddelanden når personen. Ring."

NEAR: Final = timedelta(hours=24)
"""Whoever leaves their place this near the start is told of in the inbox."""

RING_WITHIN: Final = timedelta(hours=3)
"""A change this near the start is told by phone as well (the design)."""

DOOR_OPENS: Final = timedelta(hours=1)
"""How early the door's code is taken, and how long after the end. Our choice."""

A_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an answer: in | full | went | kept | changed | cancelled | begun | gone, with how it stands now."""

    came: str
    there: Activity | None = None
    mine: Invitation | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A change of an activity. `told`: who gets word of it; `unreached`: whom nothing of ours reaches; `ring`: all."""

    there: Activity
    told: tuple[int, ...] = ()
    unreached: tuple[int, ...] = ()
    ring: bool = False


# --- answers ----------------------------------------------------------------------------------------------------------


def answer(tx: Tx, house: House, invitation_id: int, person: int, version: int, word: str, now: datetime) -> Came:
    """Keep a person's answer (yes, hard, maybe, no, not_now) to one version of an activity; the last one holds."""
    found = invitations.find(tx, invitation_id)
    if found is None or found.participant_id != person:
        return Came("gone")
    there = activities.get(tx, found.activity_id, to_change=True)
    mine = invitations.find(tx, invitation_id, to_change=True) or found
    hindered = _hindered(there, mine, version, now)
    if hindered:
        return Came(hindered, there, mine)
    group_words.cancel_queued(tx, now, there.id, [person], "Personen har svarat.")
    activities.look_soon(tx, now, there.id)
    if word in COMES:
        return _wants_place(tx, house, there, mine, word, now)
    return _comes_not(tx, house, there, mine, word, now)


def _hindered(there: Activity, mine: Invitation, version: int, now: datetime) -> str:
    if there.state == "cancelled":
        return "cancelled"
    if mine.state == "withdrawn":
        return "gone"
    if there.state != "planned" or now >= there.starts:
        return "begun"
    return "" if version == there.version else "changed"


def _wants_place(tx: Tx, house: House, there: Activity, mine: Invitation, word: str, now: datetime) -> Came:
    invitations.change(tx, mine.id, state=word, answered_at=now, hold_until=None)
    table = activity_seats.load(tx, house, there, now, answering=mine.id)
    change = says_yes(table.seats, mine.id, now, table.hold)
    activity_seats.save(tx, house, table, change, now)
    seated = change.seats.standing(mine.id) == "in"
    invitations.change(tx, mine.id, turned_away=not seated)
    if word == "hard" and mine.state != "hard":
        _item(tx, there, mine, FEELS_HARD.format(what=what_of(there, now)), now)
    if seated:
        _close(tx, there, mine, NO_PLACE, now)
    elif not mine.turned_away:
        _item(tx, there, mine, NO_PLACE.format(what=what_of(there, now)), now)
    missed = mine.offers > 0 and mine.place is None and mine.state in COMES
    return Came("in" if seated else "went" if missed else "full", there, invitations.find(tx, mine.id))


def _comes_not(tx: Tx, house: House, there: Activity, mine: Invitation, word: str, now: datetime) -> Came:
    table = activity_seats.load(tx, house, there, now)
    activity_seats.save(tx, house, table, says_no(table.seats, mine.id, now, table.hold), now)
    values: dict[str, Any] = {"waiting_since": None, "hold_until": None, "turned_away": False}
    invitations.change(tx, mine.id, state=word, answered_at=now, **values)
    _close(tx, there, mine, NO_PLACE, now)
    if mine.place is not None and mine.state in COMES and mine.hold_until is None and there.starts - now <= NEAR:
        _item(tx, there, mine, COMES_NOT.format(what=what_of(there, now)), now)
    return Came("kept", there, invitations.find(tx, mine.id))


def meet_outside(tx: Tx, there: Activity, mine: Invitation, one: tuple[int, str] | None, now: datetime) -> None:
    """They want somebody to meet them outside: keep it, and put it before staff by the name of who is on duty then."""
    invitations.change(tx, mine.id, meet="wanted", meet_staff=None if one is None else one[0])
    name = "någon" if one is None else one[1]
    _item(tx, there, mine, WANTS_MEETING.format(name=name, what=what_of(there, now)), now)


# --- what staff do ----------------------------------------------------------------------------------------------------


def change(tx: Tx, house: House, activity_id: int, now: datetime, **values: Any) -> Told:
    """Change an activity and tell everyone of what they had been told otherwise, with the question anew.

    Raises rules.bad_input.BadInput for fewer places than have been given. More places go to those who wait.
    """
    before = activities.get(tx, activity_id, to_change=True)
    wanted = values.get("places", before.places)
    table = activity_seats.load(tx, house, before, now)
    moved = with_places(table.seats, wanted, now, table.hold) if wanted != before.places else None
    activities.change(tx, now, activity_id, **values)
    there = activities.get(tx, activity_id)
    if moved is not None:
        table = activity_seats.Table(there, table.rows, table.seats, table.hold)
        activity_seats.save(tx, house, table, moved, now)
    if there.version == before.version:
        return Told(there)
    return _tell_all(tx, house, there, "moved", now, there.starts, soonest=before.starts)


def cancel(tx: Tx, house: House, activity_id: int, now: datetime) -> Told:
    """Call an activity off and tell everyone who had been told of it, but for those who said no."""
    before = activities.get(tx, activity_id, to_change=True)
    if not activities.cancel(tx, now, activity_id):
        return Told(before)
    there = activities.get(tx, activity_id)
    for each in sendings.list_of_activity(tx, activity_id):
        if each.state in sendings.UNDER_WAY:
            sendings.cancel_queued(tx, now, each.id, "Aktiviteten är inställd.")
            sendings.set_state(tx, each.id, "stopped", sendings.UNDER_WAY, ended_at=now)
    result = _tell_all(tx, house, there, "cancelled", now, max(there.starts, now + A_QUARTER))
    for mine in invitations.of_activity(tx, activity_id):
        _close(tx, there, mine, NO_PLACE, now)
    places.free_all(tx, activity_id)
    invitations.withdraw(tx, now, activity_id)
    return result


def take_back(tx: Tx, house: House, invitation_id: int, now: datetime) -> bool:
    """Staff take one invitation back; a place of theirs goes to the next. Nothing is said to the person by this."""
    found = invitations.find(tx, invitation_id)
    if found is None or found.state == "withdrawn":
        return False
    there = activities.get(tx, found.activity_id, to_change=True)
    group_words.cancel_queued(tx, now, there.id, [found.participant_id], "Inbjudan är återtagen.")
    if there.state == "planned":
        table = activity_seats.load(tx, house, there, now)
        activity_seats.save(tx, house, table, says_no(table.seats, found.id, now, table.hold), now)
    values: dict[str, Any] = {"waiting_since": None, "hold_until": None, "turned_away": False}
    invitations.change(tx, found.id, state="withdrawn", **values)
    _close(tx, there, found, NO_PLACE, now)
    return True


def _tell_all(
    tx: Tx, house: House, there: Activity, name: str, now: datetime, expires: datetime,
    soonest: datetime | None = None,
) -> Told:  # fmt: skip
    """Tell those who know of the activity and have not said no. A move makes answers old, and keeps places."""
    group_words.cancel_queued(tx, now, there.id, None, "Aktiviteten är ändrad.")
    knowing, told, unreached = group_words.told(tx, there.id), [], []
    for mine in invitations.of_activity(tx, there.id):
        if mine.state not in (*ANSWERED, "asked") or (mine.state == "asked" and mine.participant_id not in knowing):
            continue
        if name == "moved" and mine.state in ANSWERED:
            until = _until(there, now) if mine.place is not None else None
            invitations.change(tx, mine.id, state="asked", answered_at=None, hold_until=until)
        if activity_words.tell(tx, house, there, mine, name, now, expires, soonest):
            told.append(mine.participant_id)
        elif mine.state in ANSWERED:
            unreached.append(mine.participant_id)
            became = "ändrad" if name == "moved" else "inställd"
            _item(tx, there, mine, OUT_OF_REACH.format(what=what_of(there, now).capitalize(), became=became), now)
    near = min(soonest or there.starts, there.starts) - now
    return Told(there, tuple(told), tuple(unreached), ring=timedelta(0) <= near <= RING_WITHIN)


def _until(there: Activity, now: datetime) -> datetime | None:
    """Until when a place is kept for an answer to the new time; None: there is no time to give it to anybody else."""
    until = min(max(there.last_answer, now + NEAR), there.starts - LEAST_LEFT)
    return until if until > now else None


# --- at the door and afterwards ---------------------------------------------------------------------------------------


def check_in(scene: Scene, code: str) -> tuple[str, Activity | None]:
    """Somebody wrote the code at the door: here, early, or wrong; with the activity where it is theirs.

    Theirs is what they are invited to that day. What staff have noted already stands.
    """
    tx, now, who = scene.tx, scene.now, scene.who.participant_id
    zone = scene.house.hours.zone
    day = to_local(now, zone).date()
    today = to_utc(day, time(0), zone), to_utc(day + timedelta(days=1), time(0), zone)
    for each in invitations.of_day(tx, who, *today):
        there = activities.get(tx, each.activity_id)
        if there.code != code:
            continue
        if now < there.starts - DOOR_OPENS:
            return "early", there
        if now > there.ends + DOOR_OPENS:
            continue
        last = attendance.find(tx, there.id, who)
        if last is None or last.how == "self":
            attendance.note(tx, now, there.id, who, present=True, quarters=quarters(there, now), how="self", by=None)
        return "here", there
    return "wrong", None


def quarters(there: Activity, came: datetime) -> int:
    """Give how many quarter hours somebody is there who comes at that moment and stays: at least one."""
    minutes = max(there.ends - max(there.starts, came), A_QUARTER) // timedelta(minutes=1)
    return attended.quarters(min(minutes, attended.LONGEST))


# --- the inbox --------------------------------------------------------------------------------------------------------


def _item(tx: Tx, there: Activity, mine: Invitation, note: str, now: datetime) -> None:
    inbox.open_item(
        tx, now, "meeting", inbox.URGENCY["meeting"], there.unit_id, mine.participant_id, None, note, join_within=None
    )


def _close(tx: Tx, there: Activity, mine: Invitation, words: str, now: datetime) -> None:
    """Close what that note had opened, where a human has not."""
    if not mine.turned_away:
        return
    begins = words.partition("{")[0]
    for item in inbox.list_for(tx, mine.participant_id, closed=False):
        note = item.note or ""
        if item.kind == "meeting" and note.startswith(begins) and there.title in note:
            inbox.close(tx, item.id, "done", None, now)


def leader_of(tx: Tx, there: Activity) -> str | None:
    """Give the first name of whoever leads it, None where nobody does."""
    return None if there.leader is None else staff.names(tx, there.unit_id).get(there.leader)
