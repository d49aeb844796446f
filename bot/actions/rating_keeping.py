"""Keeping what somebody answers about a session, for the talk and the pages alike. No talk is begun here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.actions import booking
from bot.actions.house import House
from messages.scales import BadScale, Scale, fill
from rules.calendar import to_local
from rules.promise import promise_by
from rules.rating_choices import Choices
from rules.ratings import BadMark, Marks, Scored, form_of, score
from rules.roster import Roster, next_staffed, staffed_days_after
from rules.slots import only
from storage import appointments, inbox, participants, rating_tasks, ratings, roster, staff, unit_scales, units
from storage.appointments import Appointment
from storage.db import Tx
from storage.ratings import Rating, Result
from storage.units import Unit

OPEN_FOR: Final = timedelta(days=7)
"""How long a rating can be answered. Our choice: an answer some days later still is about the same session."""

OWN: Final[Mapping[str, str]] = {"before": "egna_fore", "after": "egna_efter"}
"""The program's own scales: what is asked where a unit's choice has no words."""

ADULT: Final = 18


# --- what is asked ----------------------------------------------------------------------------------------------------


def scale_for(tx: Tx, house: House, unit: Unit, role: str) -> Scale:
    """Give the scale that a unit asks (`role` before or after), with its licensed texts in it where they are in use."""
    choices = Choices.of(unit.settings)
    scale = worded(tx, house, unit, choices.before_scale if role == "before" else choices.after_scale)
    return scale if scale is not None and scale.role == role else house.scales[OWN[role]]


def worded(tx: Tx, house: House, unit: Unit, slug: str) -> Scale | None:
    """Give a scale with the words that a unit asks it in; None where there is none, or it has no words there."""
    scale = house.scales.get(slug)
    if scale is not None and scale.licensed:
        licensed = unit_scales.find(tx, unit.id, slug)
        try:
            scale = None if licensed is None else fill(scale, licensed.texts, licensed.version)
        except BadScale:
            scale = None
    return scale if scale is not None and not scale.is_empty else None


def ask(tx: Tx, house: House, each: Appointment, role: str, now: datetime, mode: str | None = None) -> int | None:
    """Let a session be asked about; give the rating's id, or None where it was before, whatever came of it."""
    scale = scale_for(tx, house, units.get_unit(tx, each.unit_id), role)
    wanted = ratings.Wanted(
        each.participant_id, each.unit_id, each.id, role, scale.slug, scale.version, scale.instrument, now + OPEN_FOR,
        mode,
    )  # fmt: skip
    return ratings.ask(tx, now, wanted)


def mode_of(channel: str) -> str:
    """How an answer is given on a channel: sms, telegram, or chat (the web chat and the terminal)."""
    name = channel.removeprefix("sim_")
    return name if name in ("sms", "telegram") else "chat"


# --- answers ----------------------------------------------------------------------------------------------------------


def standing(tx: Tx, rating_id: int, now: datetime) -> dict[str, Any]:
    """Whether answers still count: {"open", "why": "" | answered | expired}. Before a session they do until its end."""
    rating = ratings.find(tx, rating_id)
    if rating is None or rating.state == "expired" or (rating.is_open and _is_too_late(tx, rating, now)):
        return {"open": False, "why": "expired"}
    return {"open": True, "why": ""} if rating.is_open else {"open": False, "why": "answered"}


def _is_too_late(tx: Tx, rating: Rating, now: datetime) -> bool:
    if rating.expires_at <= now:
        return True
    meeting = appointments.find(tx, rating.appointment_id or 0) if rating.role == "before" else None
    return meeting is not None and meeting.ends <= now


def scored(tx: Tx, house: House, rating: Rating, items: Mapping[str, float | None], mode: str) -> tuple[Scored, Marks]:
    """Score items against the marks of the unit and the age of the person today. Raises BadItem."""
    keys = _keys(house, rating)
    marks = marks_of(units.get_unit(tx, rating.unit_id))
    first = ratings.first_total(tx, rating.participant_id, rating.episode, rating.scale, form_of(mode))
    born = participants.profile(tx, rating.participant_id).get("birth_year")
    age = to_local(rating.asked_at, house.hours.zone).year - born if isinstance(born, int) else None
    if age is not None and age < 0:
        age = None
    result = score(
        rating.instrument,  # type: ignore[arg-type]
        [items.get(key) for key in keys],
        marks,
        age=age,
        turns_18_this_year=age == ADULT,
        first_total=first,
    )
    return result, marks


def marks_of(unit: Unit) -> Marks:
    """Give a unit's marks; those of the book where its own cannot be read."""
    try:
        return Marks.of(Choices.of(unit.settings).marks)
    except BadMark:
        return Marks()


def _keys(house: House, rating: Rating) -> Sequence[str]:
    """The scale's items in order; of a scale that is no more, those that were answered."""
    scale = house.scales.get(rating.scale)
    return scale.keys if scale is not None else sorted(rating.items)


def finish(tx: Tx, house: House, rating_id: int, mode: str, now: datetime) -> Rating | None:
    """Score what was answered and open staff's task where it is called for; None where it could not be sent."""
    rating = ratings.find(tx, rating_id, to_change=True)
    if rating is None or not rating.is_open:
        return None
    result, marks = scored(tx, house, rating, rating.items, mode)
    ratings.finish(
        tx, now, rating_id, mode,
        Result(
            form_of(mode), result.total, _first(result), result.mark, result.outcome, result.straight,
            len(result.low_items), marks.as_dict(),
        ),
    )  # fmt: skip
    done = ratings.find(tx, rating_id)
    if done is not None and done.low:
        open_task(tx, house, done, now)
    return done


def _first(result: Scored) -> float | None:
    """The first total that the change was counted from."""
    if result.total is None or result.change is None:
        return None
    return round(result.total - result.change, 1)


# --- staff's task -----------------------------------------------------------------------------------------------------


def open_task(tx: Tx, house: House, rating: Rating, now: datetime) -> datetime | None:
    """Put a rating before staff, once; give by when they look (UTC), from the roster and the unit's `task_days`.

    The item says neither what was answered nor what was written, and is kept from whom the person does not want.
    """
    known = rating_tasks.find_of_rating(tx, rating.id)
    if known is not None:
        return inbox.get_item(tx, known.item_id).due_at
    unit = units.get_unit(tx, rating.unit_id)
    team = _without(roster.load(tx, unit.id), rating.hidden_from)
    due = promise_by(team, now, Choices.of(unit.settings).task_days)
    item, _ = inbox.open_item(
        tx, now, "rating", inbox.URGENCY["rating"], unit.id, rating.participant_id, due, _note(tx, rating, now),
        None, rating.hidden_from,
    )  # fmt: skip
    rating_tasks.open_task(tx, item, rating.id)
    return due


def _note(tx: Tx, rating: Rating, now: datetime) -> str:
    meeting = appointments.find(tx, rating.appointment_id) if rating.appointment_id is not None else None
    about = f"efter {booking.what_of(meeting, now)}" if meeting is not None else "på en avstämning"
    if meeting is not None and rating.role == "before":
        about = f"före {booking.what_of(meeting, now)}"
    said = [f"Personen har svarat {about}."]
    if rating.low:
        said.append("Minst ett svar är lågt.")
    if rating.comment:
        said.append("Personen skrev också något.")
    if rating.hidden_from is not None:
        name = staff.names(tx, rating.unit_id).get(rating.hidden_from)
        said.append(f"Personen vill att någon annan än {name or 'den de träffade'} läser.")
    return " ".join(said)


# --- who reads --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the answers, as a text may say it. `by`: the day by which they will have been at work long enough."""

    staff_id: int | None
    name: str | None
    by: date | None


def reader_of(
    tx: Tx, unit: Unit, staff_id: int, now: datetime, *, hidden_from: int | None = None, nameless: bool = False
) -> Reader:
    """Say who reads: the one they met, when the roster has them; else somebody of the unit, and by when.

    Nobody is named that the roster does not have, nor anybody to a person whose phone others read (`nameless`).
    """
    days = Choices.of(unit.settings).task_days
    team = _without(roster.load(tx, unit.id), hidden_from)
    wanted = staff_id if staff_id != hidden_from else next(iter(others(team, hidden_from, now)), None)
    by = None if wanted is None else staffed_days_after(only(team, wanted), now, days)
    if by is None:
        return Reader(None, None, staffed_days_after(team, now, days))
    return Reader(wanted, None if nameless else staff.names(tx, unit.id).get(wanted or 0), by)


def others(team: Roster, staff_id: int | None, now: datetime) -> list[int]:
    """Give who else reads in a unit, the one first at work first; nobody who is not on duty in the next 30 days."""
    ids = {shift.staff for shift in team.shifts} - {staff_id}
    at_work = [(when, who) for who in ids if (when := next_staffed(only(team, who), now)) is not None]
    return [who for _, who in sorted(at_work)]


def _without(team: Roster, staff_id: int | None) -> Roster:
    """A roster as it is for one who does not want a staff member to read."""
    if staff_id is None:
        return team
    return Roster(
        tuple(shift for shift in team.shifts if shift.staff != staff_id),
        tuple(each for each in team.exceptions if each.staff != staff_id), team.zone, team.works_red_days,
    )  # fmt: skip
