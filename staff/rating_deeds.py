"""What staff do with ratings: hand their screen over, type a paper form in, tell the person what came of it.

One transaction each, in the audit log. What is refused raises `DeskFault` and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.actions import rating_deeds
from bot.actions.house import House
from messages.scales import Scale
from rules.ratings import BadItem, read_item
from staff import rating_forms
from staff.answering import REFUSED, content_guard
from staff.people import Actor, DeskFault, NotTheirs
from staff.rating_forms import About, Form, OfSession
from storage import audit, rating_links, rating_tasks, ratings
from storage.db import Store, Tx
from storage.ratings import Rating

ROLES: Final[Mapping[str, str]] = {"fore": "before", "efter": "after"}
"""The roles as the addresses of pages have them."""

DEVICE_OPEN: Final = timedelta(minutes=30)
"""How long a page on staff's screen, or its QR code, can be opened. Our choice: as long as a talk's beginning."""

LONGEST_WORDS: Final = 1_000
"""Characters of what staff say that they did: it goes out as a message."""


def form_of(store: Store, house: House, now: datetime, actor: Actor, about: About) -> Form:
    """Give the form of a session or a check-in. DeskFault when it cannot be filled in, and why; NotTheirs."""
    with store.begin() as tx:
        form = rating_forms.find(tx, house, now, actor, _action(about, "form"), about)
    if isinstance(form, DeskFault):
        raise _not_here(form)
    return form


def _action(about: About, deed: str) -> str:
    """What the audit log calls a deed with a form."""
    return f"{'rating' if isinstance(about, OfSession) else 'checkin'}.{deed}"


def _not_here(fault: DeskFault) -> DeskFault:
    return NotTheirs(fault.what, fault.where, fault.way_out)


# --- on staff's screen, or the person's own ---------------------------------------------------------------------------


def open_page(store: Store, house: House, now: datetime, actor: Actor, about: About, *, own_phone: bool) -> str:
    """Let the person fill it in: on staff's screen, or on their own phone. Give the token of the page.

    Nobody who is hidden has such a page: for them there is paper.
    """
    with store.begin() as tx:
        form = rating_forms.find(tx, house, now, actor, _action(about, "page"), about)
        if not isinstance(form, DeskFault):
            if not (form.phone if own_phone else form.screen):
                way = "papper, eller er egen skärm" if form.screen else "papper"
                raise DeskFault(f"personen kan inte få en sida: använd {way}", "form", "")
            purpose: rating_links.Purpose = "answer" if own_phone else "device"
            rating = rating_forms.rating_of(tx, house, now, form, "page" if own_phone else "staff_page")
            return rating_links.make(tx, purpose, form.person.id, rating.id, now + DEVICE_OPEN)
    raise _not_here(form)


# --- paper ------------------------------------------------------------------------------------------------------------


class WrongFields(DeskFault):
    """Fields that cannot be read: by the item's key, what is wrong. What was typed is kept by the page."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("något i formuläret går inte att läsa", "form", "rätta det som står vid fältet")
        self.wrong = wrong


def keep_paper(
    store: Store, house: House, now: datetime, actor: Actor, about: About, typed: Mapping[str, str], comment: str
) -> Rating:
    """Keep what stands on a paper form. WrongFields for what is no number from 0 to 10; an empty one is missing."""
    with store.begin() as tx:
        form = rating_forms.find(tx, house, now, actor, _action(about, "paper"), about)
        if not isinstance(form, DeskFault):
            items = _read(form.scale, typed)
            if not comment and all(value is None for value in items.values()):
                raise WrongFields({form.scale.keys[0]: "Skriv minst ett svar."})
            rating = rating_forms.rating_of(tx, house, now, form, "paper")
            try:
                return rating_deeds.give(tx, house, rating.id, items, comment or None, "paper", now)
            except rating_deeds.AlreadyGiven:
                raise DeskFault(rating_forms.shut(form, "answered"), "form", "") from None
    raise _not_here(form)


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


def look_at_words(tx: Tx, item_id: int, changed: str) -> None:
    """Refuse words about what was done that another pair of eyes should not read. DeskFault says which."""
    task = rating_tasks.find(tx, item_id)
    if task is None or not changed:
        return
    if len(changed) > LONGEST_WORDS:
        raise DeskFault(f"texten är {len(changed)} tecken, högst {LONGEST_WORDS} får plats", "changed", "korta den")
    each = ratings.find(tx, task.rating_id)
    said = [each.comment] if each is not None and each.comment else []
    for found in content_guard().findings(changed, said):
        told = f"texten nämner {REFUSED.get(found.kind, 'något känsligt')} (”{found.words}”)"
        raise DeskFault(f"{told}. Någon annan kan läsa på telefonen: skriv bara vad ni gjorde", "changed", "")


def close_task(tx: Tx, house: House, now: datetime, actor: Actor, item_id: int, changed: str) -> None:
    """A rating's task is closed: keep what changed, and ask the person whether they want to know. No task: nothing."""
    if rating_tasks.find(tx, item_id) is None:
        return
    look_at_words(tx, item_id, changed)
    rating_deeds.closed(tx, house, item_id, changed or None, actor.staff_id, now)
    audit.write(tx, now, actor.ref, "rating.done", f"inbox:{item_id}", "told" if changed else "ok")
