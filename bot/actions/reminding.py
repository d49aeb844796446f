"""Saying what a meeting's plan says is due: to the person by the outbox, to staff by the inbox, each once a version.

The plan is never stored. `remind` asks it anew, does what is due and has not been done, and sets when to look next; so
it may be called by anyone at any time, twice or by two at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.actions import calendar_file, meetings
from bot.actions.house import House
from bot.actions.meetings import Known
from rules.calendar import swedish_moment, to_local
from rules.rating_times import QUESTIONS
from rules.reminders import REMINDERS, Item, Plan
from rules.roster import next_staffed
from rules.sending import CHANGE_EXEMPT_WITHIN
from storage import appointments, contacts, inbox, outbox, roster, unsaid
from storage.appointments import Appointment
from storage.contacts import Standing
from storage.db import Tx
from storage.outbox import NewMessage

IN_THE_MIDDLE: Final = timedelta(minutes=30)
"""A talk that was touched this recently goes on undisturbed: what we begin ourselves waits. Our choice."""

CALENDAR: Final = "appointment/calendar"
"""The message that carries the meeting as a file for the person's calendar."""

CALENDAR_GONE: Final = "appointment/calendar_cancelled"
"""The same, which takes the meeting out of the calendar."""

WITH_FILES: Final = ("telegram", "sim_telegram")

TEXT_OF: Final = {
    "confirmation": "appointment/confirmation",
    "three_days": "appointment/three_days",
    "day_before": "appointment/day_before",
    "same_day": "appointment/same_day",
    "missed": "appointment/missed",
    "we_failed": "appointment/we_failed",
    "thank_you": "appointment/thank_you",
}
STAFF_NOTE: Final = {
    "silence": ("silence", "Personen har inte svarat om tiden {when}. Vill du ringa?"),
    "how_did_it_go": ("how", "Hur gick det med tiden {when}? Skriv på mötet om ni sågs eller inte."),
    "ring": ("callback", "Personen kom inte för andra gången i rad ({when}). Ring. Boten skriver inte en gång till."),
}
TOO_LATE: Final = "Det här hann inte gå ut och skickas inte nu: {what} om tiden {when}. {why}"
WHAT: Final = {
    "confirmation": "bekräftelsen",
    "three_days": "påminnelsen tre dagar före",
    "day_before": "påminnelsen dagen före",
    "same_day": "påminnelsen samma dag",
    "missed": "erbjudandet om en ny tid",
    "we_failed": "vårt förlåt och en ny tid",
    "thank_you": "tacket",
}


def remind(tx: Tx, house: House, each: Appointment, now: datetime, known: Known | None = None) -> int:
    """Do what is due about one meeting, and set when to look again; give how many things were done."""
    known = known or Known(tx, house)
    plan = meetings.plan_of(tx, house, each, now, known)
    before = known.done(each)
    count = 0
    unwanted = before & {dropped.kind for dropped in plan.dropped} & set(REMINDERS)
    if unwanted:  # such as one that waited while the person wrote that they want none
        unsaid.take_back(tx, now, each, unwanted, "Det ska inte sägas längre.")
    for item in plan.due(now):
        if item.kind in QUESTIONS and item.kind not in before:
            known.to_ask.add(each.id)
        elif item.kind not in before:
            count += _say(tx, house, each, item, now, known)
    for item in plan.items:
        if item.expired and item.kind in WHAT and item.kind not in before and _was_missed(each, item):
            _too_late(tx, each, item, now)
    # Who asks is bot.actions.rating_asking, from the sweep; from here it is only called for.
    appointments.look_next(tx, each.id, now if each.id in known.to_ask else next_look(plan, now))
    return count


def _was_missed(each: Appointment, item: Item) -> bool:
    """Whether nobody looked when it was due: what a change of settings brings in after its time was never missed."""
    return item.kind == "confirmation" or each.look_at is None or item.when >= each.look_at


def look_again(tx: Tx, now: datetime, participant_id: int) -> None:
    """How a person is reached has changed: what was taken away from them unseen is said, if it still is of use."""
    unsaid.forget(tx, now, participant_id)
    appointments.look_again(tx, now, participant_id=participant_id)


def tell_of_cancelling(tx: Tx, house: House, each: Appointment, now: datetime) -> bool:
    """Tell the person that staff called the meeting off; False when nothing of ours can reach them."""
    who = meetings.best_way(house, contacts.list_of(tx, each.participant_id))
    if who is None:
        return False
    _queue(tx, house, who, each, "appointment/cancelled_by_us", "cancelled", each.starts, now)
    send_file(tx, house, each, now)
    return True


def next_look(plan: Plan, now: datetime) -> datetime | None:
    """Give the next moment (UTC) when something is due, or is found to be too late; None: never."""
    ends = [item.expires for item in plan.items if item.when <= now < item.expires]
    following = plan.next_after(now)
    return min([*ends, *([following] if following else [])], default=None)


def _say(tx: Tx, house: House, each: Appointment, item: Item, now: datetime, known: Known) -> int:
    if item.to_staff:
        if appointments.note_done(tx, now, each, item.kind, "told"):
            _to_staff(tx, each, item, now)
            return 1
        return 0
    who = meetings.best_way(house, known.ways(each.participant_id))
    if who is None or not appointments.note_done(tx, now, each, item.kind, "queued"):
        return 0
    message = TEXT_OF[item.kind]
    if item.kind == "confirmation" and each.changed_at is not None:
        message = "appointment/changed"
    _queue(tx, house, who, each, message, item.kind, item.expires, now)
    if item.kind == "confirmation":
        send_file(tx, house, each, now)
    return 1


def send_file(tx: Tx, house: House, each: Appointment, now: datetime) -> None:
    """Queue the meeting's file for the calendar, where the channel carries files; elsewhere the link opens it."""
    who = meetings.best_way(house, contacts.list_of(tx, each.participant_id))
    if who is not None and who.channel in WITH_FILES and not who.read_by_others:
        message = CALENDAR_GONE if each.state == "cancelled" else CALENDAR
        _queue(tx, house, who, each, message, "calendar", each.starts, now)


def calendar_for(tx: Tx, house: House, appointment_id: int, now: datetime) -> tuple[str, str]:
    """Give the file of a meeting as it stands: (name, text)."""
    return calendar_file.NAME, calendar_file.calendar_of(tx, house, appointments.get(tx, appointment_id), now)


def _queue(
    tx: Tx, house: House, who: Standing, each: Appointment, message: str, name: str, expires: datetime, now: datetime
) -> None:
    kind = "follow_up" if name == "thank_you" else "meeting"
    if name in ("confirmation", "cancelled", "calendar") and timedelta(0) <= each.starts - now <= CHANGE_EXEMPT_WITHIN:
        kind = "change"
    row = NewMessage(
        contact_id=who.contact_id, participant_id=each.participant_id, channel=who.channel, kind=kind,
        dedupe_key=f"plan:{each.id}:{each.version}:{name}", why=house.catalog.why(f"meeting_{name}"), message=message,
        facts={"meeting": each.id, "version": each.version, "stamp": f"m:{each.id}:{each.version}"},
        not_before=not_before(who, expires, now) if name in REMINDERS else None, not_after=expires,
    )  # fmt: skip
    outbox.queue(tx, who.key, now, [row])


def not_before(who: Standing, expires: datetime, now: datetime) -> datetime | None:
    """What we begin ourselves waits while the person is in the middle of something, unless it would be too late."""
    if who.talk is None or who.talk.state != "open":
        return None
    until = who.talk.touched_at + IN_THE_MIDDLE
    return until if now < until < expires else None


def _to_staff(tx: Tx, each: Appointment, item: Item, now: datetime) -> None:
    kind, words = STAFF_NOTE[item.kind]
    note = words.format(when=when_of(each, now))
    due = next_staffed(roster.load(tx, each.unit_id), now) or now
    inbox.open_item(tx, now, kind, inbox.URGENCY[kind], each.unit_id, each.participant_id, due, note)


def _too_late(tx: Tx, each: Appointment, item: Item, now: datetime) -> None:
    """What has passed while nobody looked is listed for staff, never sent."""
    if not appointments.note_done(tx, now, each, item.kind, "expired"):
        return
    ring = "Ring om du vill vara säker på att personen vet." if now < each.starts else ""
    note = TOO_LATE.format(what=WHAT[item.kind], when=when_of(each, now), why=ring).strip()
    inbox.open_item(tx, now, "expired", inbox.URGENCY["expired"], each.unit_id, each.participant_id, None, note)


def when_of(each: Appointment, now: datetime) -> str:
    """A meeting's start in Swedish, as it is said at `now`."""
    return swedish_moment(each.starts, to_local(now).date())
