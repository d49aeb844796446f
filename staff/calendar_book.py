"""The form that a meeting is booked or moved by: what was typed, how it was read, and which times are free."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final

from bot.actions import meetings, offering
from bot.actions.house import House
from bot.actions.meetings import Place
from flows.when import Unread, When, read_when
from messages.words import load_words
from rules.calendar import swedish_moment, to_local, to_utc
from rules.slots import Free, Need, Offer, Wanted, more, near
from staff.labels import NOBODY
from staff.meeting_ask import FORM, LONGEST, YEARS, Ask, unit_of
from staff.people import Actor, DeskFault, guard
from storage import appointments, staff, units
from storage import participants as people
from storage.appointments import Appointment
from storage.db import Store, Tx
from storage.participants import Participant
from storage.units import Unit

USUAL: Final = 40
"""Minutes of a walk when nobody says another length."""
OFFERED: Final = 6
"""Free times shown at once: two rounds of what the bot offers."""
_CLOCK: Final = re.compile(r"(?:kl\.? *)?(\d{1,2})(?:[.:](\d\d))?(?::\d\d)?")
LONGEST_NOTE: Final = 500
LONGEST_WHERE: Final = 120


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form's fields, as it was typed. `when` is a time in words, and goes before day and clock."""

    when: str = ""
    day: str = ""
    clock: str = ""
    minutes: str = ""
    form: str = ""
    member: str = ""
    place: str = ""
    where: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """How a form was read: `ask` when it can be tried, else `faults` by field. `back` says the time as it was read."""

    typed: Typed
    ask: Ask | None
    faults: Mapping[str, str]
    back: str = ""
    window: Wanted | None = None


@dataclass(frozen=True, slots=True)
class FormPage:
    """What the form offers: whom it is about, the choices, and the free times as (value, words, staff id)."""

    person: int
    name: str
    unit: Unit
    members: Mapping[int, str]
    places: tuple[Place, ...]
    member: int | None
    free: tuple[tuple[str, str], ...]
    has_hours: bool
    meeting: Appointment | None = None


# --- reading ----------------------------------------------------------------------------------------------------------


@cache
def _words() -> dict[str, Any]:
    return load_words("sv")


def read(typed: Typed, now: datetime, zone: str, *, moving: bool = False) -> Read:
    """Read a form at `now`. What cannot be read is named by field, and nothing that was typed is lost."""
    faults: dict[str, str] = {}
    typed, back, window = _read_when(typed, now, zone, faults)
    minutes = _whole(typed.minutes) if typed.minutes else USUAL
    if minutes is None or not 5 <= minutes <= LONGEST:
        faults["minutes"] = f"Skriv längden i minuter, med siffror: 5 till {LONGEST}."
    for name, value, longest in (("note", typed.note, LONGEST_NOTE), ("where", typed.where, LONGEST_WHERE)):
        if len(value) > longest:
            faults[name] = f"Det här är {len(value)} tecken. Högst {longest} får plats."
    if faults:
        return Read(typed, None, faults, back, window)
    ask = Ask(
        at=f"{typed.day} {typed.clock}" if typed.day else None,
        minutes=minutes if typed.minutes or not moving else None,
        form=None if moving else typed.form or None,
        member=typed.member or None,
        place=typed.place if typed.place and not typed.where else None,
        where=typed.where or None,
        note=typed.note or None,
    )
    return Read(typed, ask, {}, back, window)


def _read_when(typed: Typed, now: datetime, zone: str, faults: dict[str, str]) -> tuple[Typed, str, Wanted | None]:
    """Fill day and clock from words, or see that they are a day and a clock."""
    if typed.when:
        found = read_when(typed.when, to_local(now, zone), _words())
        if isinstance(found, Unread):
            faults["when"] = "Tiden gick inte att läsa. Skriv till exempel: tors 14, eller 3/12 kl. 13.30."
            return typed, "", None
        if not found.exact:
            window = Wanted(found.start.astimezone(UTC), found.end.astimezone(UTC), found.daily, found.not_on)
            faults["when"] = "Skriv ett klockslag också, eller välj en av de lediga tiderna här under."
            return typed, _window_in_words(found, now, zone), window
        local = to_local(found.start.astimezone(UTC), zone)
        typed = replace(typed, day=f"{local:%Y-%m-%d}", clock=f"{local:%H:%M}")
        return typed, f"Läst som {_moment(found.start, now, zone)}.", None
    clock = _CLOCK.fullmatch(typed.clock)
    try:
        day, at = date.fromisoformat(typed.day), time(int(clock[1]), int(clock[2] or 0)) if clock else None
    except ValueError:
        day, at = None, None
    if day is None or at is None:
        missing = not typed.day and not typed.clock
        faults["when"] = (
            "Skriv när ni ska ses." if missing else "Skriv både dag och klockslag, som 2026-12-03 och 13:30."
        )
        return typed, "", None
    if day.year not in YEARS:
        faults["when"] = "Den dagen går inte att boka."
        return typed, "", None
    typed = replace(typed, day=f"{day}", clock=f"{at:%H:%M}")
    return typed, f"{_moment(to_utc(day, at, zone), now, zone)}.".capitalize(), None


def _moment(at: datetime, now: datetime, zone: str) -> str:
    return swedish_moment(at, to_local(now, zone).date(), zone)


def _window_in_words(found: When, now: datetime, zone: str) -> str:
    return f"Läst som tiden från {_moment(found.start, now, zone)} till {_moment(found.end, now, zone)}."


def typed_of(each: Appointment, zone: str) -> Typed:
    """Give a meeting as the form that moves it shows it at first."""
    local = to_local(each.starts, zone)
    return Typed(
        day=f"{local:%Y-%m-%d}", clock=f"{local:%H:%M}", minutes=str(each.minutes), form=each.form,
        member=str(each.staff_id), place=each.place or "", where=str(each.details.get("where", "")),
        note=str(each.details.get("note", "")),
    )  # fmt: skip


def with_offer(typed: Typed, value: str) -> Typed:
    """Give what was typed with a free time chosen instead: "2026-12-03T13:30|17". Nonsense changes nothing."""
    at, _, member = value.partition("|")
    try:
        chosen = datetime.fromisoformat(at)
    except ValueError:
        return typed
    return replace(
        typed,
        when="",
        day=f"{chosen:%Y-%m-%d}",
        clock=f"{chosen:%H:%M}",
        member=member if _whole(member) is not None else typed.member,
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else None


# --- what there is to choose ------------------------------------------------------------------------------------------


def for_booking(
    store: Store, house: House, now: datetime, actor: Actor, person_id: int, typed: Typed, window: Wanted | None = None
) -> FormPage:
    """Give the form for a person. DeskFault when the actor may not book them; the look is in the audit log."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.view", person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            return _page(tx, house, now, actor, person, typed, window, None)
    raise person


def for_moving(
    store: Store, house: House, now: datetime, actor: Actor, each: Appointment, typed: Typed,
    window: Wanted | None = None,
) -> FormPage:  # fmt: skip
    """Give the form that moves a meeting. DeskFault when it is not the actor's to move."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.view", each.participant_id, named_reader=False)
        if not isinstance(person, DeskFault):
            return _page(tx, house, now, actor, person, typed, window, each)
    raise person


def _page(
    tx: Tx, house: House, now: datetime, actor: Actor, person: Participant, typed: Typed, window: Wanted | None,
    each: Appointment | None,
) -> FormPage:  # fmt: skip
    unit = units.get_unit(tx, each.unit_id) if each is not None else unit_of(tx, person)
    members = staff.names(tx, unit.id)
    chosen = _member(tx, actor, person.id, typed, members)
    form = each.form if each is not None else typed.form if typed.form in FORM else "walk_and_talk"
    minutes = _whole(typed.minutes)
    minutes = minutes if minutes is not None and 5 <= minutes <= LONGEST else USUAL
    free = offering.free_of(tx, house, unit, now, but=each)
    has_hours = chosen is not None and any(one.staff == chosen for one in free.availability.shifts)
    found: list[Offer] = []
    if chosen is not None:
        need = offering.need_of(tx, unit, person.id, form, minutes, now, but=each)
        found = _find(free, replace(need, staff=frozenset({chosen}), own=None), now, window, each)
    zone = house.hours.zone
    told = tuple(
        (f"{to_local(one.starts, zone):%Y-%m-%dT%H:%M}|{one.staff}", _moment(one.starts, now, zone)) for one in found
    )
    name = str(people.profile(tx, person.id).get("name") or NOBODY)
    own = None if each is None else each.place
    places = tuple(
        place for place in meetings.places_of(unit)
        if form in place.forms and (not place.retired or place.slug == own)
    )  # fmt: skip
    return FormPage(person.id, name, unit, members, places, chosen, told, has_hours, each)


def _member(tx: Tx, actor: Actor, person_id: int, typed: Typed, members: Mapping[int, str]) -> int | None:
    """Whom the meeting is with unless another is chosen: oneself, else whom they met last, else the first."""
    wanted = _whole(typed.member)
    if wanted in members:
        return wanted
    if actor.staff_id in members:
        return actor.staff_id
    met = (each.staff_id for each in appointments.list_of_person(tx, person_id))
    return next((who for who in met if who in members), next(iter(members), None))


def _find(free: Free, need: Need, now: datetime, window: Wanted | None, but: Appointment | None) -> list[Offer]:
    shown = [] if but is None else [(but.starts, but.staff_id)]
    found: list[Offer] = []
    while len(found) < OFFERED:
        seen = [*shown, *((one.starts, one.staff) for one in found)]
        some = more(free, need, now, seen) if window is None else near(free, need, now, window, seen)
        if not some:
            break
        found += some
    return sorted(found, key=lambda one: one.starts)
