"""One person's page, as data: who, how to reach them, the talk, the sign-up in words, what they chose, what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from staff import labels
from staff.desk import WITH_DUTY, has_duty
from staff.labels import NOBODY, moment
from staff.people import Actor, DeskFault, guard
from storage import choices, inbox, participants, referrals, reports, staff, timeline, units
from storage.db import Store, Tx
from storage.inbox import Item
from storage.participants import Participant
from storage.referrals import Referral
from storage.reports import Way
from storage.timeline import Line
from storage.units import Unit

MOST_LINES = 400
DUTY = (
    "Personen är eller kan vara under 18 år. Väg in anmälningsplikten: vid kunskap eller misstanke om att ett barn far "
    "illa ska du själv genast anmäla till socialtjänsten. Boten anmäler aldrig och kontaktar aldrig vårdnadshavare."
)


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach the person, and what stands in the way, in words."""

    channel: str
    address: str
    standing: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the talk. `text` is None when it cannot be read, or is not put into words until it goes out."""

    at: datetime
    who: str  # person | bot | staff
    channel: str
    kind: str
    state: str
    text: str | None
    why: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class SignUp:
    """A sign-up in readable lines: (label, answer), what was not answered left out."""

    id: int
    created_at: datetime
    state: str
    source: str
    complete: bool
    promise_by: datetime | None
    answered_at: datetime | None
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Something that the person was told or chose, and in which words."""

    at: datetime
    kind: str
    purpose: str
    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something about the person that a human must look at. `promised`: by when the person was told of an answer."""

    id: int
    kind: str
    state: str
    opened_at: datetime
    promised: datetime | None
    taken_by: str
    note: str | None
    duty: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that staff see of one person. `notices` come first: what one must know before writing."""

    id: int
    name: str
    birth_year: int | None
    phone: str | None
    unit: str
    status: str
    language: str
    created_at: datetime
    protected: bool
    notices: tuple[str, ...]
    reach: tuple[Reach, ...]
    talk: tuple[Said, ...]
    sign_ups: tuple[SignUp, ...]
    choices: tuple[Chosen, ...]
    items: tuple[OpenItem, ...]


def show(store: Store, now: datetime, actor: Actor, person_id: int, *, named_reader: bool = False) -> PersonPage:
    """Give a person's page, and note who read it, in one transaction. DeskFault when it may not be seen."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "participant.show", person_id, named_reader=named_reader)
        if not isinstance(person, DeskFault):
            return page_of(tx, now, person, actor)
    raise person


def page_of(
    tx: Tx, now: datetime, person: Participant, actor: Actor, lines: int = MOST_LINES,
    names: Mapping[int, str] | None = None,
) -> PersonPage:  # fmt: skip
    """Give the page of a person whom the actor may see, with so many lines of the talk.

    `names` are the staff's first names where they are at hand.
    """
    profile = participants.profile(tx, person.id)
    unit = None if person.unit_id is None else units.find_by_id(tx, person.unit_id)
    ways = reports.list_ways(tx, [person.id]).get(person.id, [])
    names = staff.all_names(tx) if names is None else names
    waiting = inbox.list_for(tx, person.id, closed=False)
    items = [_item(item, names, profile, now) for item in waiting if actor.may_read(item)]
    said = _referrals_of(tx, person)
    return PersonPage(
        id=person.id,
        name=str(profile.get("name") or NOBODY),
        birth_year=profile.get("birth_year"),
        phone=profile.get("phone"),
        unit=unit.municipality if unit else "",
        status=person.status,
        language=person.language,
        created_at=person.created_at,
        protected=person.protected,
        notices=(*_notices(person, ways, items, unit, now), *_unproven(said, profile, ways)),
        reach=tuple(_reach(way, now) for way in ways),
        talk=tuple(_said(line) for line in timeline.of_participant(tx, person.id, lines)) if lines else (),
        sign_ups=tuple(_sign_up(one) for one in said),
        choices=tuple(_choices(tx, person.id)),
        items=tuple(items),
    )


def _notices(
    person: Participant, ways: list[Way], items: list[OpenItem], unit: Unit | None, now: datetime
) -> Iterator[str]:
    if person.protected:
        yield "Skyddade personuppgifter: inga platser, länkar eller namn i meddelanden. Ring som ni har kommit överens."
    if person.resting_since is not None:
        yield f"Botens egna meddelanden vilar sedan {moment(person.resting_since, now)}. En människa släpper dem."
    if any(item.duty for item in items):
        numbers = [str(unit.settings[key]) for key in ("report_to", "phone") if unit and unit.settings.get(key)]
        yield f"{DUTY} Enhetens nummer: {', '.join(numbers)}." if numbers else DUTY
    if person.read_by_others:
        yield "Annan kan läsa: skriv inget om plats, namn, skattning eller aktivitet."
    if ways and all(way.opted_out_at for way in ways):
        yield "Personen har skrivit STOPP. Inget går ut förrän hen skriver BÖRJA."
    elif ways and all(way.blocked_at or way.opted_out_at for way in ways):
        yield "Ingen kontaktväg går att nå just nu."


def _unproven(said: list[Referral], profile: Mapping[str, Any], ways: list[Way]) -> Iterator[str]:
    """A number that they want SMS to, and never wrote the code of: nothing can go there."""
    wants_sms = any((one.details or {}).get("reach") == "sms" for one in said)
    number = profile.get("phone")
    if wants_sms and number and not any(way.address == number for way in ways):
        yield "Numret är inte bekräftat, så inga sms går dit. Det går att ringa."


def _reach(way: Way, now: datetime) -> Reach:
    if way.opted_out_at is not None:
        standing = f"STOPP {moment(way.opted_out_at, now)}"
    elif way.blocked_at is not None:
        standing = f"Går inte att nå sedan {moment(way.blocked_at, now)}"
    else:
        standing = f"Skrev senast {moment(way.last_in_at, now)}" if way.last_in_at else "Har inte skrivit"
    return Reach(way.channel, way.address or "(går inte att läsa)", standing)


def _said(line: Line) -> Said:
    return Said(line.at, line.who, line.channel, line.kind, line.state, line.text, line.why, line.outcome)


def _referrals_of(tx: Tx, person: Participant) -> list[Referral]:
    """The newest that is open. Older ones are in the export of sign-ups."""
    found = referrals.open_for(tx, person.id)
    return [found] if found else []


def _sign_up(one: Referral) -> SignUp:
    return SignUp(
        id=one.id,
        created_at=one.created_at,
        state=one.state,
        source=one.source,
        complete=one.complete,
        promise_by=one.promise_by,
        answered_at=one.answered_at,
        answers=tuple(labels.sign_up_lines(one.details, one.poster)),
    )


def _choices(tx: Tx, person_id: int) -> Iterator[Chosen]:
    for one in choices.list_for(tx, person_id):
        answer = labels.option("reach", one.answer) if one.answer else ""
        yield Chosen(one.at, one.kind, one.purpose, answer, one.text_name)


def _item(item: Item, names: Mapping[int, str], profile: Mapping[str, Any], now: datetime) -> OpenItem:
    return OpenItem(
        id=item.id,
        kind=item.kind,
        state=item.state,
        opened_at=item.opened_at,
        promised=None if item.kind in WITH_DUTY else item.due_at,  # an alarm's is when the next device is called
        taken_by=names.get(item.taken_by or 0, ""),
        note=item.note,
        duty=has_duty(item, profile, now),
    )
