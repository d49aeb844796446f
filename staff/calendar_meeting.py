"""One meeting's page: how it stands, what has been said about it and will be, and what may be done with it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions import booking, meetings
from bot.actions.house import House
from staff import meetings as work
from staff.audit_words import staff_id
from staff.calendar import STANDING, standing_code
from staff.calendar_preview import Line, lines_of
from staff.labels import HIDDEN, NOBODY, PLAN, SENT_STATE, label
from staff.people import Actor, DeskFault
from storage import appointments, audit, calendar, named_readers, staff, units
from storage.appointments import Appointment
from storage.calendar import Said, Who
from storage.db import Store, Tx

MOST: Final = 100
"""Lines of a meeting's log that are looked at. Our choice: more changes than that say nothing more."""
ABOUT: Final = PLAN | {"cancelled": "Besked om att tiden är avbokad", "calendar": "Fil till kalendern"}
DONE: Final = {
    "appointment.book": "bokade",
    "appointment.move": "flyttade eller ändrade",
    "appointment.cancel": "avbokade",
    "appointment.mark": "skrev hur det gick",
}


@dataclass(frozen=True, slots=True)
class SentLine:
    """One message about the meeting: when it was queued or taken by the provider, what, how far it has come."""

    at: datetime
    what: str
    state: str
    why: str
    earlier: bool


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """A meeting as its page shows it. `hidden`: protected identity, and the one who looks is not a named reader."""

    meeting: Appointment
    what: str
    name: str
    hidden: bool
    unit: str
    member: str
    form: str
    place: str
    find: str
    standing: str
    standing_words: str
    since: datetime
    note: str
    sent: tuple[SentLine, ...]
    coming: tuple[Line, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]
    changes: tuple[tuple[datetime, str], ...]
    marked_by: str

    started: bool
    soon: bool  # under three hours ahead

    @property
    def may_change(self) -> bool:
        """Whether it is still ahead, so that it can be moved or called off."""
        return not self.hidden and self.meeting.state == "booked" and self.meeting.outcome is None and not self.started

    @property
    def may_mark(self) -> bool:
        """Whether it has begun, so that it can be written how it went."""
        return not self.hidden and self.meeting.state == "booked" and self.started


def show(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int) -> MeetingPage:
    """Give a meeting's page. DeskFault when there is no such meeting here; the look is in the audit log."""
    with store.begin() as tx:
        each = appointments.find(tx, meeting_id)
        if each is None or not actor.sees(each.unit_id):
            raise DeskFault(f"det finns inget möte {meeting_id} här", "MEETING", "titta i kalendern")
        readable = named_readers.people_of(tx, actor.staff_id)
        who = calendar.people(tx, [each.participant_id], readable).get(each.participant_id)
        hidden = who is None or who.hidden
        about = f"appointment:{each.id}" if hidden else f"participant:{each.participant_id}"
        read = "ok hidden" if hidden else "ok named reader" if each.participant_id in readable else "ok"
        audit.write(tx, now, actor.ref, "appointment.show", about, read)
        return _page(tx, house, now, each, None if hidden else who)


def _page(tx: Tx, house: House, now: datetime, each: Appointment, who: Who | None) -> MeetingPage:
    unit = units.get_unit(tx, each.unit_id)
    place = meetings.find_place(unit, each.place)
    hidden = who is None
    marker = calendar.marked_by(tx, each.id)
    names = staff.names(tx, unit.id) | calendar.first_names(tx, {each.staff_id, *([marker] if marker else [])})
    said = calendar.said_about(tx, each.id)
    coming, dropped = _coming(tx, house, each, now, said)
    code = standing_code(each, now)
    words, since = work.standing_of(each)
    told = work.kept(tx, house, each, now)
    where = place.name if place else str(each.details.get("where", ""))
    return MeetingPage(
        meeting=each,
        what=told.what,
        name=HIDDEN if who is None else who.name or NOBODY,
        hidden=hidden,
        unit=unit.name,
        member=names.get(each.staff_id, ""),
        form=work.FORM[each.form],
        place="" if hidden else where,
        find="" if hidden or place is None else place.find,
        standing=code,
        standing_words=STANDING[code] if code == "unmarked" else words,
        since=since,
        note="" if hidden else str(each.details.get("note", "")),
        sent=tuple(_sent(one, each) for one in said),
        coming=tuple(coming),
        dropped=tuple(dropped),
        notes=told.notes,
        changes=tuple(_changes(tx, each, names)),
        marked_by=names.get(marker or 0, ""),
        started=each.starts <= now,
        soon=timedelta(0) < each.starts - now <= booking.RING_WITHIN,
    )


def _coming(tx: Tx, house: House, each: Appointment, now: datetime, said: list[Said]) -> tuple[list[Line], list[str]]:
    """What is still to be said: not what has been queued already of the version that stands, nor what came too late."""
    lines, dropped = lines_of(tx, house, each, now)
    done = {PLAN[one.name] for one in said if one.version == each.version and one.name in PLAN}
    return [line for line in lines if not line.late and line.what not in done and line.when >= now], dropped


def _sent(one: Said, each: Appointment) -> SentLine:
    at = one.accepted_at or one.queued_at
    return SentLine(
        at, label(ABOUT, one.name), label(SENT_STATE, one.state), one.outcome or "", one.version != each.version
    )


def _changes(tx: Tx, each: Appointment, names: dict[int, str]) -> list[tuple[datetime, str]]:
    """What has become of it, the oldest first: what staff did, from the log, and what the person did."""
    lines = [line for line in audit.list_latest(tx, MOST, object_ref=f"appointment:{each.id}") if line.action in DONE]
    whose = {line.id: staff_id(line.actor) for line in lines}
    names = names | calendar.first_names(tx, {who for who in whose.values() if who} - set(names))
    found = [(line.at, f"{names.get(whose[line.id] or 0, 'Driften')} {DONE[line.action]}") for line in lines]
    by_staff = {line.at for line in lines}
    if each.booked_by == "person":
        found.append((each.booked_at, "Personen bokade själv"))
    if each.changed_at is not None and each.changed_at not in by_staff:
        found.append((each.changed_at, "Personen avbokade" if each.state == "cancelled" else "Personen ändrade tiden"))
    if each.answered_at is not None and each.answer is not None:
        words = {"yes": "Personen svarade ja", "no": "Personen tackade nej", "move": "Personen vill ha en annan tid"}
        found.append((each.answered_at, words[each.answer]))
    return sorted(found, key=lambda one: one[0])
