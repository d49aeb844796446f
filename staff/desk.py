"""What staff work from: the inbox, the sign-ups that wait, and what is done about them.

Each function is one transaction, and what was read or done is in the audit log in the same one. What is refused raises
`DeskFault`, in Swedish, and has changed nothing. Of persons with protected identity a list shows that they are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import reminding, staff_words
from bot.actions.house import House
from bot.actions.staff_words import CannotSay
from rules.age import help_road
from rules.calendar import to_local
from staff import labels
from staff.labels import HIDDEN, NOBODY
from staff.people import Actor, DeskFault, NotTheirs, find_unit, guard
from storage import audit, inbox, participants, referrals, staff, units
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.inbox import Item
from storage.inbox_board import Clock
from storage.participants import Listed, Participant
from storage.referrals import Referral

WITH_DUTY: Final = ("distress", "violence")
"""The items that show the reporting duty (orosanmälan) when the person is, or may be, under 18."""

REPORT: Final = {"made": "orosanmälan gjord", "not_needed": "orosanmälan inte aktuell"}
TALKED: Final = ("answered", "called", "met")
"""Ways of closing that mean that a person of ours has been in touch: a sign-up then counts as answered."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One thing to look at. `person` is None when there is nobody, and nothing of them is told when they are hidden."""

    id: int
    kind: str
    state: str
    person: int | None
    name: str
    unit: str
    opened_at: datetime
    waited: timedelta
    due_at: datetime | None
    overdue: bool
    taken_by: str
    duty: bool


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One sign-up that waits for an answer."""

    id: int
    person: int
    name: str
    birth_year: int | None
    unit: str
    source: str
    poster: str
    created_at: datetime
    waited: timedelta
    promise_by: datetime | None
    overdue: bool
    complete: bool


# --- lists ------------------------------------------------------------------------------------------------------------


def list_inbox(store: Store, now: datetime, actor: Actor, unit_slug: str | None = None) -> list[InboxRow]:
    """Give what is open, most urgent first: of one unit, else of all that the actor sees."""
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        items = [item for item in inbox.list_open(tx, unit.id if unit else None) if actor.may_read(item)]
        people = _people(tx, (item.participant_id for item in items))
        places, names = _places(tx), _staff_names(tx)
        rows = [_inbox_row(item, people.get(item.participant_id or 0), places, names, now) for item in items]
        audit.write(tx, now, actor.ref, "inbox.list", _scope(unit_slug), f"ok {len(rows)}")
        return rows


def list_referrals(store: Store, now: datetime, actor: Actor, unit_slug: str | None = None) -> list[ReferralRow]:
    """Give the sign-ups that nobody has answered, the promise that falls due first on top."""
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        found = [one for one in referrals.list_open(tx, unit.id if unit else None) if actor.sees(one.unit_id)]
        people = _people(tx, (one.participant_id for one in found))
        places = _places(tx)
        rows = [_referral_row(one, people.get(one.participant_id), places, now) for one in found]
        audit.write(tx, now, actor.ref, "referral.list", _scope(unit_slug), f"ok {len(rows)}")
        return rows


def _inbox_row(
    item: Item, who: Listed | None, places: Mapping[int, str], names: Mapping[int, str], now: datetime
) -> InboxRow:
    return InboxRow(
        id=item.id,
        kind=item.kind,
        state=item.state,
        person=item.participant_id,
        name=_name(who) if item.participant_id else "",
        unit=places.get(item.unit_id or 0, ""),
        opened_at=item.opened_at,
        waited=now - item.opened_at,
        due_at=item.due_at,
        overdue=item.due_at is not None and item.due_at < now,
        taken_by=names.get(item.taken_by or 0, ""),
        duty=has_duty(item, None if who is None else who.profile, now),
    )


def _referral_row(one: Referral, who: Listed | None, places: Mapping[int, str], now: datetime) -> ReferralRow:
    profile = _profile(who)
    hidden = who is not None and who.person.protected
    return ReferralRow(
        id=one.id,
        person=one.participant_id,
        name=_name(who),
        birth_year=profile.get("birth_year"),
        unit=places.get(one.unit_id or 0, ""),
        source=one.source,
        poster="" if hidden else one.poster or "",
        created_at=one.created_at,
        waited=now - one.created_at,
        promise_by=one.promise_by,
        overdue=one.promise_by is not None and one.promise_by < now,
        complete=one.complete,
    )


def has_duty(item: Item | Clock, profile: Mapping[str, Any] | None, now: datetime) -> bool:
    """Tell whether the reporting duty is to be weighed: distress or violence, and the person may be under 18."""
    born = None if profile is None else profile.get("birth_year")
    return item.kind in WITH_DUTY and help_road(born, to_local(now).year) != "adult"


def _people(tx: Tx, ids: Iterable[int | None]) -> dict[int, Listed]:
    return participants.list_many(tx, (one for one in ids if one is not None))


def _profile(who: Listed | None) -> Mapping[str, Any]:
    return {} if who is None or who.profile is None else who.profile


def _name(who: Listed | None) -> str:
    return HIDDEN if who is not None and who.person.protected else str(_profile(who).get("name") or NOBODY)


def _places(tx: Tx) -> dict[int, str]:
    return {unit.id: unit.municipality for unit in units.list_units(tx)}


def _staff_names(tx: Tx) -> dict[int, str]:
    return staff.all_names(tx)


def _scope(unit_slug: str | None) -> str:
    return f"unit:{unit_slug}" if unit_slug else "units"


# --- what is done -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: whom it was about, and anything that the one who did it should know."""

    person: int | None
    notes: tuple[str, ...] = ()


def take_item(store: Store, now: datetime, actor: Actor, item_id: int, *, named_reader: bool = False) -> Done:
    """Take an item: the others see that somebody looks at it, and its alarms stop."""
    with store.begin() as tx:
        item = _item(tx, now, actor, "inbox.take", item_id, named_reader)
        if not isinstance(item, DeskFault):
            names = _staff_names(tx)
            if item.state == "closed":
                raise _closed(item)
            if not inbox.take(tx, item_id, actor.staff_id, now):
                who = names.get(item.taken_by or 0, "någon annan")
                way_out = "prata med varandra, eller stäng det när det är klart"
                raise DeskFault(f"ärende {item_id} är redan taget av {who}", "ITEM", way_out)
            return Done(item.participant_id)
    raise item


def close_item(
    store: Store, now: datetime, actor: Actor, item_id: int, why: str, report: str | None = None, *,
    named_reader: bool = False,
) -> Done:  # fmt: skip
    """Close an item; `why` is a key of labels.CLOSED.

    `report` (a key of REPORT) is what was decided about a report of concern: items with the duty are not closed without
    it, and it is in the audit log.
    """
    if why not in labels.CLOSED:
        ways = ", ".join(labels.CLOSED.values())
        raise DeskFault(f"{why} är inget av sätten att stänga", "--why", f"välj bland: {ways}")
    with store.begin() as tx:
        item = _item(tx, now, actor, "inbox.close", item_id, named_reader)
        if not isinstance(item, DeskFault):
            if item.state == "closed":
                raise _closed(item)
            return close_checked(tx, now, actor, item, why, report)
    raise item


def close_checked(tx: Tx, now: datetime, actor: Actor, item: Item, why: str, report: str | None) -> Done:
    """Close an item that the actor may close, within a transaction: the reporting duty is asked for, calls answer."""
    person = None if item.participant_id is None else participants.find(tx, item.participant_id)
    if person is not None and has_duty(item, participants.profile(tx, person.id), now):
        if report not in REPORT:
            what = f"ärende {item.id} gäller någon som är eller kan vara under 18 år"
            raise DeskFault(what, "--report", "skriv om en orosanmälan är gjord: made eller not_needed")
        audit.write(tx, now, actor.ref, "report.decided", f"inbox:{item.id}", report)
    inbox.close(tx, item.id, why, actor.staff_id, now)
    if person is None:
        return Done(None)
    if why in TALKED:
        referrals.mark_answered(tx, person.id, now)
    return Done(person.id, tuple(_still_resting(person, item)))


def _still_resting(person: Participant, item: Item) -> Iterable[str]:
    if item.kind in WITH_DUTY and person.resting_since is not None:
        yield f"Botens egna meddelanden vilar fortfarande. Släpp dem med: ingang release P{person.id}"


def release(store: Store, now: datetime, actor: Actor, person_id: int, *, named_reader: bool = False) -> Done:
    """End the rest after distress: a human has seen the person, and the bot may write by itself again."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "participant.release", person_id, named_reader=named_reader)
        if not isinstance(person, DeskFault):
            if person.resting_since is None:
                raise DeskFault(f"person {person_id} vilar inte", "PERSON", "det finns inget att släppa")
            participants.end_rest(tx, person_id)
            reminding.look_again(tx, now, person_id)
            waiting = [one for one in inbox.list_for(tx, person_id, closed=False) if one.kind in WITH_DUTY]
            notes = [f"Ärende {one.id} ({labels.label(labels.ITEM, one.kind)}) är inte stängt." for one in waiting]
            return Done(person_id, tuple(notes))
    raise person


def say(
    store: Store, house: House, now: datetime, actor: Actor, person_id: int, text: str, *,
    named_reader: bool = False, once: str = "",
) -> int:  # fmt: skip
    """Queue a staff member's own words to a person; give the message's id. What waited for an answer is closed.

    `once` is the form's: the same words sent again by it are the same message.
    """
    nonce = f"{actor.staff_id or 0}:{person_id}:{once[:64]}" if once else ""
    with store.begin() as tx:
        person = guard(tx, now, actor, "say", person_id, named_reader=named_reader, noted=True)
        if not isinstance(person, DeskFault):
            try:
                return staff_words.say(tx, house, person_id, text, actor.ref, now, nonce, actor.staff_id)
            except CannotSay as fault:
                raise DeskFault(*_told(str(fault), person_id)) from None
    raise person


def _told(fault: str, person_id: int) -> tuple[str, str, str]:
    what, _, way_out = fault.partition(". ")
    return what.rstrip("."), f"person {person_id}", way_out.rstrip(".") or "ring, eller träffas på ett annat sätt"


def _item(tx: Tx, now: datetime, actor: Actor, action: str, item_id: int, named_reader: bool) -> Item | DeskFault:
    """Give the item when the actor may act on it, noted in the audit log; else why not."""
    try:
        item = inbox.get_item(tx, item_id)
    except NotFound:
        return NotTheirs(f"det finns inget ärende {item_id}", "ITEM", "se numren i: ingang inbox")
    if not actor.may_read(item):
        return NotTheirs(f"ärende {item_id} hör till en annan enhet", "ITEM", "fråga den enheten")
    if item.participant_id is not None:
        seen = guard(tx, now, actor, action, item.participant_id, named_reader=named_reader)
        if isinstance(seen, DeskFault):
            return seen
    audit.write(tx, now, actor.ref, action, f"inbox:{item_id}")
    return item


def _closed(item: Item) -> DeskFault:
    why = labels.label(labels.CLOSED, item.closed_why)
    return DeskFault(f"ärende {item.id} är redan stängt ({why})", "ITEM", "se vad som är öppet i: ingang inbox")
