"""What staff do in a transcript, and what else becomes of their times: the lines that begin with "!".

# known: Kim, alvsbyn                  among the first lines: whose phone it is, where staff have met them already
! books 2026-12-03 13:30               staff book; beside it: form=phone, minutes=20, with=Erik
! moves 2026-12-04 10:30               staff move the meeting that comes first
! calls-off                            staff call it off
! marks missed                         staff say how it went: attended, missed, we_failed
! offers                               staff let the bot ask whether they want a walk
! taken 2026-12-01 13:00 with=Anna     somebody else takes that time of Anna's
! full                                 others take all that is free
! closes pitea                         a unit that has not opened, or is closed again
! chooses before_by_message            the unit asks on the morning of a session, too
! alone                                nobody but Anna is on the roster
! page 8 7 - 9                         the person sends the page with the lines; "-" is one left out
! did Vi tar en annan väg nu.          staff close the task of a rating with what they did
! invites 2026-12-08 14:00             staff invite the person to a group that Erik leads; beside it: places=7
! others say yes                       six others are invited to the group, and say so (yes, no); or: others 2 say yes
! group-moves 2026-12-09 15:00         staff move the group
! group-off                            staff call the group off
! present                              staff note that the person was there
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.actions import activities as acts
from bot.actions import booking, inviting, meetings, offering, rating_deeds
from rules.slots import five_minutes
from storage import (
    activities,
    appointments,
    attendance,
    busy,
    contacts,
    inbox,
    invitations,
    outbox,
    participants,
    ratings,
    roster,
    sendings,
    staff,
    units,
)  # fmt: skip
from storage.activities import Activity, NewActivity
from storage.appointments import Appointment
from storage.db import Tx
from storage.outbox import NewMessage
from storage.sendings import NewSending
from storage.units import Unit
from tests.town import STOCKHOLM, Phone, Town

DAYS_FULL = 40


def meet(phone: Phone, who: str) -> None:
    """Let staff know the one whose phone this is: "Kim, alvsbyn"."""
    name, _, slug = who.partition(", ")
    before = phone.town.now - timedelta(days=3)
    with phone.town.store.begin() as tx:
        unit = next(each for each in units.list_units(tx) if each.slug == slug)
        standing = contacts.create(tx, before, phone.channel, phone.address)
        participants.set_unit(tx, standing.participant_id, unit.id)
        participants.set_status(tx, standing.participant_id, "referred")
        participants.set_profile(tx, standing.participant_id, name=name)
        contacts.heard_from(tx, standing.contact_id, before)


def door(phone: Phone) -> str:
    """The code at the door of the group that the person was invited to last."""
    with phone.town.store.read() as tx:
        return _group(tx, phone).code


def act(phone: Phone, what: str) -> list[str]:
    """Do what a line says; give what comes to the phone of it."""
    verb, _, rest = what.partition(" ")
    with phone.town.store.begin() as tx:
        ACTS[verb](tx, phone, rest)
    phone.town.later(seconds=1)
    return phone.new()


def _books(tx: Tx, phone: Phone, rest: str) -> None:
    starts, how = _read(rest)
    unit = _unit(tx, phone)
    form = how.get("form", "walk_and_talk")
    place = meetings.usual_place(unit, form)
    want = booking.Wanted(
        phone.standing().participant_id, unit.id, _staff(tx, unit, how), form, starts, int(how.get("minutes", 40)),
        place.slug if place else None,
    )  # fmt: skip
    booking.book(tx, phone.town.house, want, phone.town.now, by="staff")


def _moves(tx: Tx, phone: Phone, rest: str) -> None:
    starts, _ = _read(rest)
    each = _first(tx, phone)
    to = replace(offering.as_wanted(each), starts=starts)
    booking.move(tx, phone.town.house, each, to, phone.town.now, by="staff")


def _calls_off(tx: Tx, phone: Phone, rest: str) -> None:
    booking.cancel(tx, phone.town.house, _first(tx, phone), phone.town.now, by="staff")


def _marks(tx: Tx, phone: Phone, rest: str) -> None:
    each = appointments.list_of_person(tx, phone.standing().participant_id)[-1]
    booking.mark(tx, phone.town.house, each, rest, each.staff_id, phone.town.now)


def _offers(tx: Tx, phone: Phone, rest: str) -> None:
    who = phone.standing().participant_id
    inviting.begin(tx, phone.town.house, who, f"offer:{who}", phone.town.now, asked_by="staff", offer=None)


def _taken(tx: Tx, phone: Phone, rest: str) -> None:
    starts, how = _read(rest)
    unit = _unit(tx, phone)
    _take(tx, phone.town, _staff(tx, unit, how), starts, starts + timedelta(minutes=40))


def _full(tx: Tx, phone: Phone, rest: str) -> None:
    unit, morning = _unit(tx, phone), phone.town.now.astimezone(STOCKHOLM).replace(hour=8, minute=0)
    for who in staff.names(tx, unit.id):
        for days in range(DAYS_FULL):
            day = morning + timedelta(days=days)
            _take(tx, phone.town, who, day.astimezone(UTC), (day + timedelta(hours=9)).astimezone(UTC))


def _closes(tx: Tx, phone: Phone, rest: str) -> None:
    units.set_live(tx, units.get_unit(tx, rest).id, live=False)


def _chooses(tx: Tx, phone: Phone, rest: str) -> None:
    units.set_settings(tx, _unit(tx, phone).id, ratings={rest: True})


def _alone(tx: Tx, phone: Phone, rest: str) -> None:
    unit = _unit(tx, phone)
    anna = _staff(tx, unit, {})
    kept = [shift for shift in roster.load(tx, unit.id).shifts if shift.staff == anna]
    roster.set_shifts(tx, unit.id, kept)


def _page(tx: Tx, phone: Phone, rest: str) -> None:
    rating = ratings.list_of(tx, phone.standing().participant_id)[-1]
    keys = phone.town.house.scales[rating.scale].keys
    items = {key: None if one == "-" else float(one) for key, one in zip(keys, rest.split(), strict=True)}
    rating_deeds.give(tx, phone.town.house, rating.id, items, None, "page", phone.town.now)


def _did(tx: Tx, phone: Phone, rest: str) -> None:
    waiting = inbox.list_for(tx, phone.standing().participant_id, closed=False)
    (item,) = [each for each in waiting if each.kind == "rating"]
    rating_deeds.closed(tx, phone.town.house, item.id, rest, None, phone.town.now)


def _invites(tx: Tx, phone: Phone, rest: str) -> None:
    starts, how = _read(rest)
    unit = _unit(tx, phone)
    new = NewActivity(
        unit.id, "lagar vi mat hos oss", starts, starts + timedelta(hours=2), starts - timedelta(days=3),
        how="Vi är fem personer. Det går bra att bara sitta med.", places=int(how.get("places", 7)),
        leader=_staff(tx, unit, {"with": "Erik"}),
    )  # fmt: skip
    activity, who = activities.add(tx, phone.town.now, new), phone.standing()
    sending = sendings.add(
        tx, phone.town.now, NewSending(unit.id, "invitation", 1, None, phone.town.now, activity),
        {who.participant_id: who.contact_id},
    )  # fmt: skip
    (row,) = invitations.add_many(tx, phone.town.now, activity, 1, sending, [who.participant_id]).values()
    message = NewMessage(
        contact_id=who.contact_id, participant_id=who.participant_id, channel=who.channel, kind="invitation",
        dedupe_key=sendings.key_of(sending, who.participant_id), why="Inbjudan.", message="activity/invitation",
        facts={"invitation": row, "activity": activity, "stamp": f"g:{row}:1"},
    )  # fmt: skip
    outbox.queue(tx, who.key, phone.town.now, [message])


def _others(tx: Tx, phone: Phone, rest: str) -> None:
    words, there, now = rest.split(), _group(tx, phone), phone.town.now
    count = int(words[0]) if words[0].isdigit() else 6
    known = [each for each in invitations.of_activity(tx, there.id) if each.sending_id is None]
    if not known:
        people = [participants.create(tx, now)[0] for _ in range(count)]
        invitations.add_many(tx, now, there.id, 1, None, people)
        known = [each for each in invitations.of_activity(tx, there.id) if each.sending_id is None]
    for each in known[:count]:
        acts.answer(tx, phone.town.house, each.id, each.participant_id, there.version, words[-1], now)


def _group_moves(tx: Tx, phone: Phone, rest: str) -> None:
    starts, _ = _read(rest)
    acts.change(
        tx, phone.town.house, _group(tx, phone).id, phone.town.now, starts=starts, ends=starts + timedelta(hours=2)
    )


def _group_off(tx: Tx, phone: Phone, rest: str) -> None:
    acts.cancel(tx, phone.town.house, _group(tx, phone).id, phone.town.now)


def _present(tx: Tx, phone: Phone, rest: str) -> None:
    who = phone.standing().participant_id
    attendance.note(tx, phone.town.now, _group(tx, phone).id, who, present=True, quarters=8, how="staff", by=None)


def _group(tx: Tx, phone: Phone) -> Activity:
    return activities.get(tx, invitations.of_person(tx, phone.standing().participant_id)[0].activity_id)


ACTS: Mapping[str, Callable[[Tx, Phone, str], None]] = {
    "books": _books,
    "moves": _moves,
    "calls-off": _calls_off,
    "marks": _marks,
    "offers": _offers,
    "taken": _taken,
    "full": _full,
    "closes": _closes,
    "chooses": _chooses,
    "alone": _alone,
    "page": _page,
    "did": _did,
    "invites": _invites,
    "others": _others,
    "group-moves": _group_moves,
    "group-off": _group_off,
    "present": _present,
}


def _take(tx: Tx, town: Town, who: int, starts: datetime, ends: datetime) -> None:
    """Let somebody else hold that time, for long, as far as it is free."""
    numbers = set(five_minutes(starts, ends))
    free = numbers - busy.of(tx, [who], min(numbers), max(numbers), town.now)[who]
    somebody, _ = participants.create(tx, town.now)
    hold = busy.hold(tx, town.now, somebody, who, (starts, ends), sorted(free))
    busy.keep_until(tx, hold, town.now + timedelta(days=DAYS_FULL))


def _read(rest: str) -> tuple[datetime, dict[str, str]]:
    """A day, a clock and what stands beside them: "2026-12-03 13:30 form=phone"."""
    day, clock, *beside = rest.split()
    starts = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=STOCKHOLM).astimezone(UTC)
    return starts, dict(each.split("=", 1) for each in beside)


def _unit(tx: Tx, phone: Phone) -> Unit:
    unit_id = phone.standing().unit_id
    assert unit_id is not None
    return units.get_unit(tx, unit_id)


def _staff(tx: Tx, unit: Unit, how: Mapping[str, str]) -> int:
    return next(who for who, name in staff.names(tx, unit.id).items() if name == how.get("with", "Anna"))


def _first(tx: Tx, phone: Phone) -> Appointment:
    return appointments.list_coming(tx, phone.standing().participant_id, phone.town.now)[0]
