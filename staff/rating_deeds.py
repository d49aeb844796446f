"""What staff do with ratings: hand their screen over, type a paper form in, tell the person what came of it.

One transaction each, in the audit log. What is refused raises `DeskFault` and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from bot.actions import rating_deeds
from bot.actions.house import House
from messages.guard import Guard
from messages.scales import Scale
from rules.ratings import BadItem, read_item
from staff.meetings import find_meeting
from staff.people import Actor, DeskFault, NotTheirs
from storage import appointments, audit, contacts, participants, rating_links, rating_tasks, ratings, staff, units
from storage.appointments import Appointment
from storage.db import Store, Tx
from storage.ratings import Rating

ROLES: Final[Mapping[str, str]] = {"fore": "before", "efter": "after"}
"""The roles as the addresses of pages have them."""

DEVICE_OPEN: Final = timedelta(minutes=30)
"""How long a page on staff's screen, or its QR code, can be opened. Our choice: as long as a talk's beginning."""

EARLIEST: Final = timedelta(hours=12)
"""How long before a session its questions can be filled in. Our choice: the same day."""

LONGEST_WORDS: Final = 1_000
"""Characters of what staff say that they did: it goes out as a message."""

NAMES_IT: Final = {
    "diagnosis": "en sjukdom eller diagnos", "benefit": "en ersättning eller myndighet", "rating": "en skattning",
    "reason": "varför personen har kontakt med er", "own_words": "det som personen själv skrev",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in: whose, which questions, and the first name that they ask about."""

    meeting: Appointment
    role: str
    scale: Scale
    member: str


def form_of(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, role: str) -> Form:
    """Give the form of a session, before or after it. DeskFault when it cannot be filled in, and why."""
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "rating.form", meeting_id)
        if not isinstance(each, DeskFault):
            return _form(tx, house, now, actor, each, role)
    raise _not_here(each)


def _meeting(tx: Tx, now: datetime, actor: Actor, action: str, meeting_id: int) -> Appointment | DeskFault:
    """The meeting, once no turn of its person is under way: a turn may be answering the same questions."""
    known = appointments.find(tx, meeting_id)
    if known is not None:
        contacts.wait_for_turns_of(tx, known.participant_id)
    return find_meeting(tx, now, actor, action, meeting_id, still_booked=False, named_reader=False)


def _not_here(fault: DeskFault) -> DeskFault:
    return NotTheirs(fault.what, fault.where, fault.way_out)


def _form(tx: Tx, house: House, now: datetime, actor: Actor, each: Appointment, role: str) -> Form:
    if each.state == "cancelled" or each.outcome in {"missed", "we_failed", "cancelled"}:
        raise DeskFault("träffen blev inte av, så det finns inget att fråga om", "form", "")
    if now < each.starts - EARLIEST or (role == "after" and now < each.starts):
        raise DeskFault("det är för tidigt: frågorna hör till träffen", "form", "")
    found = ratings.find_of_session(tx, each.id, role)
    if found is not None and not found.is_open:
        kept = found.hidden_from is not None and found.hidden_from == actor.staff_id
        told = "personen vill att någon annan läser det" if kept else _SHUT.get(found.state, _SHUT["answered"])
        raise DeskFault(told, "form", "")
    member = staff.find_by_id(tx, each.staff_id)
    scale = rating_deeds.scale_for(tx, house, units.get_unit(tx, each.unit_id), role)
    return Form(each, role, scale, member.first_name if member else "")


_SHUT: Final = {
    "answered": "frågorna om den här träffen är redan besvarade",
    "declined": "personen har tackat nej till frågorna om den här träffen",
    "expired": "det har gått för lång tid sedan träffen",
}


# --- on staff's screen, or the person's own ---------------------------------------------------------------------------


def open_page(
    store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, role: str, *, own_phone: bool
) -> str:
    """Let the person fill it in: on staff's screen, or on their own phone. Give the token of the page.

    Nobody who is hidden has such a page: for them there is paper.
    """
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "rating.page", meeting_id)
        if not isinstance(each, DeskFault):
            form = _form(tx, house, now, actor, each, role)
            who = participants.get(tx, each.participant_id)
            if who.protected or (own_phone and who.read_by_others):
                raise DeskFault("personen kan inte få en sida: använd papper, eller er egen skärm", "form", "")
            purpose: rating_links.Purpose = "answer" if own_phone else "device"
            mode = "page" if own_phone else "staff_page"
            rating = rating_deeds.find_or_ask(tx, house, each, form.role, now, mode)
            return rating_links.make(tx, purpose, who.id, rating.id, now + DEVICE_OPEN)
    raise _not_here(each)


# --- paper ------------------------------------------------------------------------------------------------------------


class WrongFields(DeskFault):
    """Fields that cannot be read: by the item's key, what is wrong. What was typed is kept by the page."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("något i formuläret går inte att läsa", "form", "rätta det som står vid fältet")
        self.wrong = wrong


def keep_paper(
    store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, role: str, typed: Mapping[str, str],
    comment: str,
) -> Rating:  # fmt: skip
    """Keep what stands on a paper form. WrongFields for what is no number from 0 to 10; an empty one is missing."""
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "rating.paper", meeting_id)
        if not isinstance(each, DeskFault):
            form = _form(tx, house, now, actor, each, role)
            items = _read(form.scale, typed)
            if not comment and all(value is None for value in items.values()):
                raise WrongFields({form.scale.keys[0]: "Skriv minst ett svar."})
            rating = rating_deeds.find_or_ask(tx, house, each, role, now, "paper")
            try:
                return rating_deeds.give(tx, house, rating.id, items, comment or None, "paper", now)
            except rating_deeds.AlreadyGiven:
                raise DeskFault(_SHUT["answered"], "form", "") from None
    raise _not_here(each)


def _read(scale: Scale, typed: Mapping[str, str]) -> dict[str, float | None]:
    items: dict[str, float | None] = {}
    wrong: dict[str, str] = {}
    for key in scale.keys:
        try:
            items[key] = read_item(typed.get(key, ""))
        except BadItem:
            wrong[key] = "Skriv ett tal från 0 till 10, med högst en decimal, eller lämna tomt."
    if wrong:
        raise WrongFields(wrong)
    return items


# --- what came of it --------------------------------------------------------------------------------------------------


@cache
def _guard() -> Guard:
    return Guard.load()


def look_at_words(tx: Tx, item_id: int, changed: str) -> None:
    """Refuse words about what was done that another pair of eyes should not read. DeskFault says which."""
    task = rating_tasks.find(tx, item_id)
    if task is None or not changed:
        return
    if len(changed) > LONGEST_WORDS:
        raise DeskFault(f"texten är {len(changed)} tecken, högst {LONGEST_WORDS} får plats", "changed", "korta den")
    each = ratings.find(tx, task.rating_id)
    said = [each.comment] if each is not None and each.comment else []
    for found in _guard().findings(changed, said):
        told = f"texten nämner {NAMES_IT.get(found.kind, 'något känsligt')} (”{found.words}”)"
        raise DeskFault(f"{told}. Någon annan kan läsa på telefonen: skriv bara vad ni gjorde", "changed", "")


def close_task(tx: Tx, house: House, now: datetime, actor: Actor, item_id: int, changed: str) -> None:
    """A rating's task is closed: keep what changed, and ask the person whether they want to know. No task: nothing."""
    if rating_tasks.find(tx, item_id) is None:
        return
    look_at_words(tx, item_id, changed)
    rating_deeds.closed(tx, house, item_id, changed or None, actor.staff_id, now)
    audit.write(tx, now, actor.ref, "rating.done", f"inbox:{item_id}", "told" if changed else "ok")
