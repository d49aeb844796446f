"""Which questions staff may fill in together with a person: those of a session, or of a check-in that is due.

Why a form cannot be filled in is said in words. Whoever is not theirs is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions import check_ins, rating_deeds
from bot.actions.house import House
from messages.scales import Scale
from rules.calendar import day_and_month, to_local
from rules.check_ins import CheckIn
from staff.meetings import find_meeting
from staff.people import Actor, DeskFault, guard
from storage import appointments, contacts, participants, ratings, staff, units
from storage.appointments import Appointment
from storage.db import Tx
from storage.participants import Participant
from storage.ratings import Rating

EARLIEST: Final = timedelta(hours=12)
"""How long before a session its questions can be filled in. Our choice: the same day."""

TITLES: Final[Mapping[str, str]] = {"before": "Före träffen", "after": "Efter träffen"}


@dataclass(frozen=True, slots=True)
class OfSession:
    """The questions of a session: its id, and before or after it."""

    meeting: int
    role: str


@dataclass(frozen=True, slots=True)
class OfCheckIn:
    """The questions of a check-in: a person's id, and the scale's slug."""

    person: int
    scale: str


About = OfSession | OfCheckIn


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in: whose, which questions, and the first name that they ask about; no meeting: a check-in."""

    person: Participant
    title: str
    scale: Scale
    member: str
    meeting: Appointment | None
    role: str

    @property
    def screen(self) -> bool:
        """Whether it may be a page at all: nobody who is hidden has one."""
        return not self.person.protected

    @property
    def phone(self) -> bool:
        """Whether it may be a page on their own phone, which others may read."""
        return self.screen and not self.person.read_by_others


def find(tx: Tx, house: House, now: datetime, actor: Actor, action: str, about: About) -> Form | DeskFault:
    """Give a form; the fault, to be raised when its line in the audit log is kept, when it is not theirs to see.

    Raises DeskFault when it cannot be filled in now, and why.
    """
    if isinstance(about, OfCheckIn):
        contacts.wait_for_turns_of(tx, about.person)
        who = guard(tx, now, actor, action, about.person, named_reader=False)
        return who if isinstance(who, DeskFault) else _check_in(tx, house, now, who, about.scale)
    each = _meeting(tx, now, actor, action, about.meeting)
    return each if isinstance(each, DeskFault) else _session(tx, house, now, actor, each, about.role)


def rating_of(tx: Tx, house: House, now: datetime, form: Form, mode: str) -> Rating:
    """The rating behind a form, asked for now where nobody has. Raises DeskFault when it was given just now."""
    if form.meeting is not None:
        return rating_deeds.find_or_ask(tx, house, form.meeting, form.role, now, mode)
    found = check_ins.find_or_ask(tx, house, form.person, form.scale.slug, now, mode)
    if found is None:
        raise DeskFault(shut(form, "answered"), "form", "")
    return found


# --- a session --------------------------------------------------------------------------------------------------------


def _meeting(tx: Tx, now: datetime, actor: Actor, action: str, meeting_id: int) -> Appointment | DeskFault:
    """The meeting, once no turn of its person is under way: a turn may be answering the same questions."""
    known = appointments.find(tx, meeting_id)
    if known is not None:
        contacts.wait_for_turns_of(tx, known.participant_id)
    return find_meeting(tx, now, actor, action, meeting_id, still_booked=False, noted=False, named_reader=False)


def took_place(each: Appointment) -> bool:
    """Whether the session was held, or still may be."""
    return each.state != "cancelled" and each.outcome not in {"missed", "we_failed", "cancelled"}


def closed_to(each: Appointment, role: str, now: datetime) -> str:
    """Why the rating before or after a session cannot be filled in `now` (UTC), as far as its time and outcome tell."""
    if not took_place(each):
        return "träffen blev inte av, så det finns inget att fråga om"
    if now < each.starts - EARLIEST or (role == "after" and now < each.starts):
        return "det är för tidigt: frågorna hör till träffen"
    return ""


def _session(tx: Tx, house: House, now: datetime, actor: Actor, each: Appointment, role: str) -> Form:
    if closed := closed_to(each, role, now):
        raise DeskFault(closed, "form", "")
    member = staff.find_by_id(tx, each.staff_id)
    scale = rating_deeds.scale_for(tx, house, units.get_unit(tx, each.unit_id), role)
    who = participants.get(tx, each.participant_id)
    form = Form(who, TITLES[role], scale, member.first_name if member else "", each, role)
    found = ratings.find_of_session(tx, each.id, role)
    if found is not None and not found.is_open:
        kept = found.hidden_from is not None and found.hidden_from == actor.staff_id
        raise DeskFault("personen vill att någon annan läser det" if kept else shut(form, found.state), "form", "")
    return form


_SHUT: Final = {
    "answered": "frågorna om den här träffen är redan besvarade",
    "declined": "personen har tackat nej till frågorna om den här träffen",
    "expired": "det har gått för lång tid sedan träffen",
}


def shut(form: Form, state: str) -> str:
    """Say why a form is not to fill in any more, by the state of its rating."""
    words = _SHUT if form.meeting is not None else _SHUT_CHECK_IN
    return words.get(state, words["answered"])


# --- a check-in -------------------------------------------------------------------------------------------------------

_SHUT_CHECK_IN: Final = {
    "answered": "den här avstämningen är redan gjord",
    "declined": "personen har tackat nej till den här avstämningen",
}


def name_of(scale: Scale, which: CheckIn) -> str:
    """How staff read a check-in: "Avstämning, 3 månader"."""
    when = {0: "vid start", 1: "1 månad"}.get(which.month, f"{which.month} månader")
    return f"{scale.title}, {when}"


def _check_in(tx: Tx, house: House, now: datetime, who: Participant, slug: str) -> Form:
    mine = check_ins.find(tx, house, who, slug, now)
    if mine is None:
        raise DeskFault("personen har ingen avstämning att göra nu", "form", "")
    if mine.now is None:
        after = f": nästa är {day_and_month(mine.next.due)} {mine.next.due.year}" if mine.next else ""
        raise DeskFault(f"ingen avstämning väntar nu{after}", "form", "")
    form = Form(who, name_of(mine.scale, mine.now), mine.scale, "", None, "check_in")
    if mine.rating is not None and not mine.rating.is_open:
        raise DeskFault(shut(form, mine.rating.state), "form", "")
    return form


# --- on a person's page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckInLine:
    """One scale's line on a person's page. `words`: since when it waits, or when the next does."""

    scale: str
    name: str
    words: str
    may_fill: bool


def lines_of(tx: Tx, house: House, person: Participant, now: datetime) -> tuple[CheckInLine, ...]:
    """Tell which check-ins a person is due and when the next are; none where there is nothing to tell."""
    year = to_local(now, house.hours.zone).year
    told = []
    for each in check_ins.standings(tx, house, person, now):
        after = f"nästa: {_day(each.next, year)}" if each.next else ""
        if each.now is not None and each.may_give:
            name, words = name_of(each.scale, each.now), f"sedan {_day(each.now, year)}"
        elif each.now is not None:
            done = "personen ville inte" if each.rating and each.rating.state == "declined" else "gjord"
            name, words = name_of(each.scale, each.now), ", ".join(filter(None, (done, after)))
        else:
            name, words = each.scale.title, after
        if words:
            told.append(CheckInLine(each.scale.slug, name, words, each.may_give))
    return tuple(told)


def _day(which: CheckIn, year: int) -> str:
    return day_and_month(which.due) + (f" {which.due.year}" if which.due.year != year else "")
