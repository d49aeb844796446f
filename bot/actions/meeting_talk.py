"""The engine's hands in talks about meetings: see flows/commands_meetings.py for what each gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.actions import booking, meetings, offering, reminding
from bot.actions.scene import Scene
from flows import commands_meetings as commands
from flows.text import words
from flows.wishes import names_one_of_ours
from rules.roster import on_duty
from storage import appointments, busy, inbox, staff, wishes
from storage.appointments import Appointment
from storage.busy import Taken

NOTES: Mapping[str, str] = {
    "late": "Blir sen{minutes} till {what}.",
    "lost": "Hittar inte till {what}.",
    "here": "Skriver att hen är på plats för {what}.",
    "sick": "Är sjuk och kommer inte till {what}.",
    "phone": "Orkar inte ses, men vill bli uppringd i stället för {what}. Svara personen före dess.",
    "plan_b": "Vill ta plan B i stället för att gå ute: {what}.",
    "message": "Skrev om {what}.",
    "not_with": "Vill inte träffa den som har {what}. Någon annan av er svarar.",
}


def look(scene: Scene, command: commands.LookAtMeetings) -> dict[str, Any]:
    """See what meetings the person has ahead of them."""
    coming = appointments.list_coming(scene.tx, scene.who.participant_id, scene.now)
    return {"meetings": [meetings.told_of(scene.tx, scene.house, each, scene.now) for each in coming]}


def find_times(scene: Scene, command: commands.FindTimes) -> dict[str, Any]:
    """Find up to three free times; none where no unit is known."""
    unit = scene.unit
    if unit is None:
        return {"offers": [], "fits": False}
    but = _theirs(scene, command.appointment)
    look = partial(
        offering.find, scene.tx, scene.house, scene.who.participant_id, unit, form=command.form,
        minutes=command.minutes, now=scene.now, part=command.part, wanted=command.wanted, shown=command.shown, but=but,
    )  # fmt: skip
    named = _named(scene, unit.id, command.said)
    found = (look(only=named) if named else []) or look()
    place = meetings.usual_place(unit, command.form)
    slug = but.place if but is not None and but.place else None if place is None else place.slug
    offers = offering.offered(scene.tx, unit, scene.who.participant_id, found, slug)
    scene.note("rule", f"{len(offers)} lediga tider hittades i personalens tider.")
    return {"offers": offers, "fits": bool(found) and found[0].fits}


def _named(scene: Scene, unit_id: int, said: str) -> frozenset[int]:
    """Those of ours whom the words ask for by name; none where they ask for somebody else than the one they name."""
    if not names_one_of_ours(said, scene.lexicon):
        return frozenset()
    spelt = set(words(said))
    names = staff.names(scene.tx, unit_id)
    return frozenset(who for who, name in names.items() if spelt.issuperset(words(name)))


def hold_time(scene: Scene, command: commands.HoldTime) -> dict[str, Any]:
    """Keep a time for fifteen minutes."""
    unit, span = scene.unit, (datetime.fromisoformat(command.starts), datetime.fromisoformat(command.ends))
    if unit is None or span[0] <= scene.now:
        return {"held": False}
    minutes = int((span[1] - span[0]).total_seconds() // 60)
    numbers = booking.takes(unit, command.form, command.place, span[0], minutes)
    own = busy.of_appointment(scene.tx, command.appointment) if command.appointment is not None else set()
    try:
        busy.hold(scene.tx, scene.now, scene.who.participant_id, command.staff, span, sorted(set(numbers) - own))
    except Taken:
        return {"held": False}
    scene.note("rule", "Tiden hålls i 15 minuter, så att ingen annan hinner före.")
    return {"held": True}


def let_go(scene: Scene, result: Mapping[str, Any]) -> None:
    """Undo of `hold_time`."""
    busy.let_go(scene.tx, scene.who.participant_id)


def book_time(scene: Scene, command: commands.BookTime) -> dict[str, Any]:
    """Book a time, or move a meeting to it; {"booked": False} when it went meanwhile."""
    unit, starts = scene.unit, datetime.fromisoformat(command.starts)
    old = _theirs(scene, command.appointment)
    if command.appointment is None:
        old = _unwanted(scene, command.form)
    if unit is None or starts <= scene.now or (command.appointment is not None and old is None):
        return {"booked": False}
    want = booking.Wanted(
        scene.who.participant_id, unit.id, command.staff, old.form if old else command.form, starts, command.minutes,
        command.place, {"pace": command.pace, "plan_b": command.plan_b},
    )  # fmt: skip
    try:
        with scene.tx.savepoint():
            each = _booked(scene, want, old)
    except Taken:
        return {"booked": False}
    facts = meetings.facts_of(scene.tx, scene.house, each)
    shown = {key: facts[key] for key in ("starts", "ends", "place", "where", "link", "find", "page")}
    shown["remind"] = meetings.may_remind_same_day(scene.tx, scene.house, each, scene.now)
    return {"booked": True, "id": each.id, "version": each.version, "name": facts["staff_name"], **shown}


def _booked(scene: Scene, want: booking.Wanted, old: Appointment | None) -> Appointment:
    if old is None:
        each = booking.book(scene.tx, scene.house, want, scene.now, by="person", told=True)
        scene.note("stored", "Tiden är bokad, och personalens tid är tagen.")
    else:
        each = booking.move(scene.tx, scene.house, old, want, scene.now, by="person", told=True)
        scene.note("stored", "Tiden är flyttad. Påminnelser om den gamla går inte ut.")
    appointments.answer(scene.tx, scene.now, each.id, "yes")
    scene.afterwards.append(lambda: reminding.send_file(scene.tx, scene.house, each, scene.now))
    return appointments.get(scene.tx, each.id)


def _unwanted(scene: Scene, form: str) -> Appointment | None:
    """The one meeting that they said no to or want to move, where there is one: a new time takes its place."""
    coming = appointments.list_coming(scene.tx, scene.who.participant_id, scene.now)
    found = [each for each in coming if each.form == form and each.answer in ("no", "move") and each.starts > scene.now]
    return appointments.get(scene.tx, found[0].id, to_change=True) if len(found) == 1 else None


def keep_wish(scene: Scene, command: commands.KeepWish) -> dict[str, Any]:
    """Keep what they wish for, and put it before staff."""
    need = {
        "form": command.form, "minutes": command.minutes, "part": command.part, "wanted": command.wanted,
        "words": command.words,
    }  # fmt: skip
    unit, promise = scene.unit, None
    if unit is not None:
        wishes.keep(scene.tx, scene.now, scene.who.participant_id, unit.id, need)
        promise = scene.answer_by()
    _item(scene, "meeting", f"Hittade ingen tid som passar. {command.words}".strip(), promise)
    scene.note("stored", "Önskemålet är sparat. Den som har väntat längst får frågan när en tid blir ledig.")
    return {"promise": scene.local_day(promise)}


def answer_meeting(scene: Scene, command: commands.AnswerMeeting) -> dict[str, Any]:
    """Keep the answer, if the meeting is as they think it is."""
    return _with(scene, command, lambda each: booking.answer(scene.tx, each, command.answer, scene.now))


def cancel_meeting(scene: Scene, command: commands.CancelMeeting) -> dict[str, Any]:
    """Call a meeting off for the person."""
    return _with(
        scene, command, lambda each: booking.cancel(scene.tx, scene.house, each, scene.now, by="person").meeting
    )


def shorten(scene: Scene, command: commands.ShortenMeeting) -> dict[str, Any]:
    """Make a meeting shorter, with the same start."""

    def change(each: Appointment) -> Appointment:
        shorter = offering.as_wanted(each, minutes=min(command.minutes, each.minutes))
        moved = booking.move(scene.tx, scene.house, each, shorter, scene.now, by="person", told=True)
        appointments.answer(scene.tx, scene.now, moved.id, "yes")
        return appointments.get(scene.tx, moved.id)

    return _with(scene, command, change)


_Change = commands.AnswerMeeting | commands.CancelMeeting | commands.ShortenMeeting


def _with(scene: Scene, command: _Change, change: Callable[[Appointment], Appointment]) -> dict[str, Any]:
    each = _theirs(scene, command.appointment, any_state=True)
    if each is None:
        return {"came": "gone", "meeting": None}
    came = _came(each, command.version, scene.now)
    if came == "ok":
        each = change(each)
        scene.note("stored", "Svaret om tiden är sparat, och personalen ser det.")
    return {"came": came, "meeting": meetings.told_of(scene.tx, scene.house, each, scene.now)}


def _came(each: Appointment, version: int, now: datetime) -> str:
    if each.state == "cancelled":
        return "cancelled"
    if each.version != version:
        return "changed"
    return "begun" if each.starts <= now or each.outcome is not None else "ok"


def tell_staff(scene: Scene, command: commands.TellStaff) -> dict[str, Any]:
    """Put something about a meeting before staff, with a clock that ends before the meeting does."""
    each = _theirs(scene, command.appointment, any_state=command.what == "not_with")
    about = booking.what_of(each, scene.now) if each else "en träff"
    late = f" {command.minutes} min" if command.minutes else ""
    said = f"\n{command.words}" if command.words else ""
    by = scene.answer_by()
    if each is not None and scene.now < each.starts and (by is None or each.starts < by):
        by = each.starts
    kind = "callback" if command.what in ("phone", "lost", "here", "plan_b") else "meeting"
    names = staff.names(scene.tx, each.unit_id) if each else {}
    others = each is not None and bool(names.keys() - {each.staff_id})
    hidden_from = each.staff_id if each is not None and others and command.what == "not_with" else None
    _item(scene, kind, NOTES[command.what].format(what=about, minutes=late) + said, by, hidden_from)
    duty = on_duty(scene.roster, scene.now)
    name = names.get(each.staff_id) if each else None
    hidden = scene.who.read_by_others
    return {
        "staffed": bool(duty),
        "answer_by": None if by is None else by.isoformat(),
        "name": None if hidden else name,
        "others": others,
    }


def set_reminders(scene: Scene, command: commands.SetReminders) -> dict[str, Any]:
    """Keep what the person wants of reminders; it counts at once."""
    who = scene.who.participant_id
    wishes.set_reminders(scene.tx, scene.now, who, same_day=command.same_day, reminders=command.reminders)
    appointments.look_again(scene.tx, scene.now, participant_id=who)
    scene.note("stored", "Önskemålet om påminnelser är sparat och gäller genast.")
    return {}


def _theirs(scene: Scene, appointment_id: int | None, *, any_state: bool = False) -> Appointment | None:
    """A meeting of this person's, kept from others while it is changed; None for another's, whatever a button says."""
    if appointment_id is None:
        return None
    each = appointments.find(scene.tx, appointment_id, to_change=True)
    if each is None or each.participant_id != scene.who.participant_id:
        return None
    return each if any_state or each.state == "booked" else None


def _item(scene: Scene, kind: str, note: str, due: datetime | None, hidden_from: int | None = None) -> None:
    who = scene.who
    inbox.open_item(
        scene.tx, scene.now, kind, inbox.URGENCY[kind], who.unit_id, who.participant_id, due, note,
        join_within=timedelta(minutes=2) if hidden_from is None else None, hidden_from=hidden_from,
    )  # fmt: skip


PERFORMS: Mapping[type, Callable[[Scene, Any], Any]] = {
    commands.LookAtMeetings: look,
    commands.FindTimes: find_times,
    commands.HoldTime: hold_time,
    commands.BookTime: book_time,
    commands.KeepWish: keep_wish,
    commands.AnswerMeeting: answer_meeting,
    commands.CancelMeeting: cancel_meeting,
    commands.ShortenMeeting: shorten,
    commands.TellStaff: tell_staff,
    commands.SetReminders: set_reminders,
}
UNDOES: Mapping[str, Callable[[Scene, Any], None]] = {commands.HoldTime.__name__: let_go}
