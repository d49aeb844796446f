"""What time brings for one group activity: holds that ran out, the day before, too few, and how it was.

Everything that was due before its `look_at` has been done; what is due from then until now is done here, once. What
would be too late is not sent: it is listed for staff. Nothing is said of an absence to whoever was away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from bot.actions import activity_seats, activity_words, meetings, sending_many
from bot.actions.activities import leader_of
from bot.actions.activity_facts import LEAST_LEFT, what_of
from bot.actions.house import House
from rules.calendar import to_local, to_utc
from rules.roster import next_staffed
from rules.seats import says_no, time_passes
from storage import activities, attendance, inbox, invitations, outbox, participants, roster, units, wishes
from storage.activities import Activity
from storage.db import Tx
from storage.group_words import key_of
from storage.invitations import COMES, Invitation

LOOK_EVERY: Final = timedelta(hours=1)
"""Until it begins it is looked at this often: a wave may be due, or somebody in line can be told again."""

AFTER: Final = timedelta(hours=1)
"""So long after the end it is asked how it was. Our choice: people are home, and staff have noted who was there."""

LAST_LOOK: Final = timedelta(hours=48)
"""Then it counts as held, and who was away is counted: staff have had two days to note it. Our choice."""

STILL_OF_USE: Final = timedelta(days=3)
"""So long after the end "hur var det?" may still go out."""

ANSWERED_LATELY: Final = timedelta(hours=3)
"""Who answered this short before needs no reminder: of two within three hours one is enough (design 9)."""

ONCE_A_DAY: Final = timedelta(days=1)
AWAY_IN_A_ROW: Final = 3

TOO_FEW: Final = (
    "{yes} har sagt ja till {what}. Minst {least} behövs. Välj: håll den ändå, flytta den eller ställ in den."
)
LEADS: Final = " {name} leder."
TOO_LATE: Final = (
    "Påminnelsen dagen före hann inte gå ut och skickas inte nu: {what}. {count} personer har sagt ja eller kanske."
)
AWAY: Final = (
    "Har sagt ja till grupper tre gånger i rad och inte varit med. Fråga hur det är, och om något annat passar bättre. "
    "Boten skriver inget om det."
)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at an activity: what is needed for all that may be due."""

    tx: Tx
    house: House
    there: Activity
    rows: Sequence[Invitation]
    now: datetime


def look(tx: Tx, house: House, there: Activity, now: datetime) -> int:
    """Do what is due about an activity, and set when to look again; give how many things were said."""
    since = there.look_at or now
    count = _holds(tx, house, there, now) if there.state == "planned" and now < there.starts else 0
    if there.state == "planned" and now < there.last_answer:
        sending_many.next_wave(tx, house, there, now)
    looked = _Look(tx, house, there, invitations.of_activity(tx, there.id), now)
    moments = _moments(tx, house, there)
    for act, moment in moments.items():
        if since <= moment <= now:
            count += act(looked)
    if there.state != "cancelled" and there.ends + AFTER <= now < there.ends + STILL_OF_USE:
        count += _how_was_it(looked)  # whoever has been noted since is asked then; nobody twice
    activities.look_next(tx, there.id, _next(looked, moments.values()))
    return count


def _eve(house: House, there: Activity, clock: time) -> datetime:
    """The day before, at the unit's hour for such reminders."""
    day = to_local(there.starts, house.hours.zone).date() - timedelta(days=1)
    return to_utc(day, clock, house.hours.zone)


def _moments(tx: Tx, house: House, there: Activity) -> Mapping[Callable[[_Look], int], datetime]:
    """When each thing is due. An activity that was called off has nothing left."""
    if there.state == "cancelled":
        return {}
    policy = meetings.policy_of(tx, house, units.get_unit(tx, there.unit_id))
    due: dict[Callable[[_Look], int], datetime] = {_too_few: there.last_answer}
    if "day_before" not in policy.off:
        due[_day_before] = _eve(house, there, policy.day_before_at)
    return due | {_nothing: there.ends + AFTER, _is_over: there.ends + LAST_LOOK}


def _next(looked: _Look, moments: Iterable[datetime]) -> datetime | None:
    there, now = looked.there, looked.now
    ahead = [moment for moment in moments if moment > now]
    if there.state == "planned" and now < there.starts:
        rows = invitations.of_activity(looked.tx, there.id)
        ahead += [max(each.hold_until, now) for each in rows if each.hold_until is not None]
        if rows:
            ahead.append(min(now + LOOK_EVERY, there.starts))
    return min(ahead, default=None)


# --- before -----------------------------------------------------------------------------------------------------------


def _holds(tx: Tx, house: House, there: Activity, now: datetime) -> int:
    """Places whose time ran out go to the next in line; one that is kept since a move only when somebody waits."""
    table = activity_seats.load(tx, house, there, now)
    change = time_passes(table.seats, now, table.hold)
    activity_seats.save(tx, house, table, change, now)
    count = len(change.offers)
    for mine in invitations.of_activity(tx, there.id):
        if mine.state in COMES or mine.place is None or mine.hold_until is None or mine.hold_until > now:
            continue
        table = activity_seats.load(tx, house, there, now)
        gives_way = says_no(table.seats, mine.id, now, table.hold)
        if gives_way.offers:
            activity_seats.save(tx, house, table, gives_way, now)
            count += len(gives_way.offers)
        invitations.change(tx, mine.id, hold_until=None)
    return count


def _day_before(looked: _Look) -> int:
    """A statement to those who have a place, a question to those who may come; nothing to those who wait."""
    tx, there, now = looked.tx, looked.there, looked.now
    wanted = [
        mine
        for mine in looked.rows
        if mine.state == "maybe" or (mine.place is not None and (mine.state == "asked" or mine.hold_until is None))
    ]
    if there.state != "planned" or not wanted:
        return 0
    if now >= there.starts - LEAST_LEFT:
        note = TOO_LATE.format(what=what_of(there, now), count=len(wanted))
        _to_staff(looked, "expired", note)
        return 1
    wish = wishes.of_many(tx, [mine.participant_id for mine in wanted])
    policy = meetings.policy_of(tx, looked.house, units.get_unit(tx, there.unit_id))
    eve, count = _eve(looked.house, there, policy.day_before_at), 0
    for mine in wanted:
        fresh = mine.answered_at is not None and eve - mine.answered_at < ANSWERED_LATELY and mine.state != "maybe"
        if not fresh and (mine.participant_id not in wish or wish[mine.participant_id].reminders):
            count += activity_words.tell(tx, looked.house, there, mine, "day_before", now, there.starts - LEAST_LEFT)
    return count


def _too_few(looked: _Look) -> int:
    """Too few by the last day to answer: staff choose."""
    there, now = looked.there, looked.now
    yes = sum(mine.state in COMES and mine.place is not None and mine.hold_until is None for mine in looked.rows)
    if there.state != "planned" or yes >= there.least or now >= there.starts or not looked.rows:
        return 0
    name = leader_of(looked.tx, there)
    said = "Ingen" if yes == 0 else str(yes)
    note = TOO_FEW.format(yes=said, what=what_of(there, now), least=there.least)
    leads = LEADS.format(name=name) if name else ""
    _to_staff(looked, "meeting", note + leads, leads=leads)
    return 1


def _to_staff(looked: _Look, kind: str, note: str, person: int | None = None, leads: str = "") -> None:
    """Put it before staff, once: not when the same words of the same day, but for who `leads`, are there already."""
    known = inbox.list_for(looked.tx, person) if person else inbox.list_open(looked.tx, looked.there.unit_id)
    lately = (item for item in known if looked.now - item.opened_at < ONCE_A_DAY)
    if any((item.note or "").startswith(note.removesuffix(leads)) for item in lately):
        return
    due = next_staffed(roster.load(looked.tx, looked.there.unit_id), looked.now)
    unit = looked.there.unit_id
    inbox.open_item(looked.tx, looked.now, kind, inbox.URGENCY[kind], unit, person, due, note, join_within=None)


# --- after ------------------------------------------------------------------------------------------------------------


def _how_was_it(looked: _Look) -> int:
    """One tap, to those who were there; nothing where another reads the phone."""
    tx, there, now = looked.tx, looked.there, looked.now
    until = there.ends + STILL_OF_USE
    present = {noted.participant_id for noted in attendance.of_activities(tx, [there.id]) if noted.present}
    if now >= until or not present:
        return 0
    count = 0
    for mine in looked.rows:
        asked = outbox.is_known(tx, key_of(there.id, there.version, mine.participant_id, "how_was_it"))
        if mine.participant_id in present and not asked:
            hidden = participants.get(tx, mine.participant_id).read_by_others
            count += not hidden and activity_words.tell(tx, looked.house, there, mine, "how_was_it", now, until)
    return count


def _nothing(looked: _Look) -> int:
    """It is only looked at: how it was is asked at each look from now on."""
    return 0


def _is_over(looked: _Look) -> int:
    """It counts as held. Three times away in a row are one gentle question to staff, and nothing to the person."""
    tx, there = looked.tx, looked.there
    activities.set_held(tx, there.id)
    count = 0
    for mine in looked.rows:
        if mine.state in COMES and mine.place is not None and _away_in_a_row(tx, mine, there) == AWAY_IN_A_ROW:
            _to_staff(looked, "meeting", AWAY, mine.participant_id)
            count += 1
    return count


def _away_in_a_row(tx: Tx, mine: Invitation, there: Activity) -> int:
    """How many times in a row, this one the last, they had said yes and were noted as away."""
    theirs = {each.activity_id: each for each in invitations.of_person(tx, mine.participant_id)}
    done = sorted(
        (each for each in activities.list_many(tx, list(theirs)).values() if each.starts <= there.starts),
        key=lambda each: each.starts,
        reverse=True,
    )
    noted = attendance.of_activities(tx, [each.id for each in done])
    kept = {each.activity_id for each in noted}
    present = {each.activity_id for each in noted if each.participant_id == mine.participant_id and each.present}
    count = 0
    for each in done:
        one = theirs[each.id]
        if each.state == "cancelled" or one.state not in COMES or one.place is None or each.id not in kept:
            continue  # nobody was away from what they had not said yes to, or where no list was kept
        if each.id in present:
            break
        count += 1
    return count
