"""Each message as a unit says it: read, worded anew, taken back. A unit's words are plain text, checked when saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from messages.catalog import Catalog
from messages.options import UnknownOptionError
from messages.variants import Editable, Locked, faults, read, tidy_text, version_of
from staff.audit_words import actor_words
from staff.labels import cut
from staff.people import Actor
from staff.texts_check import Remark, Shown, first_look, remarks, shown
from storage import audit, staff, unit_texts
from storage.db import Store, Tx
from storage.unit_texts import OwnText
from storage.units import Unit

FLOWS: Final[Mapping[str, str]] = {
    "self_referral": "Anmälan",
    "walk_and_talk": "Promenader",
    "times": "Tider",
    "appointment": "Möten",
    "activity": "Grupper",
    "session_feedback": "Frågor om träffar",
    "what_changed": "Vad ni har gjort",
    "talk": "Samtal",
    "for_someone_else": "För någon annan",
    "already_signed_up": "Redan anmäld",
    "joining": "Koder och kontaktvägar",
    "first_care": "Akut hjälp och STOPP",
}
TITLES: Final[Mapping[str, str]] = {
    "appointment/confirmation": "Besked om en bokad tid",
    "appointment/three_days": "Påminnelse tre dagar före",
    "appointment/day_before": "Påminnelse dagen före",
    "appointment/same_day": "Påminnelse samma dag",
    "appointment/changed": "Tiden är ändrad",
    "appointment/cancelled_by_us": "Vi avbokar",
    "appointment/missed": "Personen kom inte",
    "appointment/we_failed": "Vi kom inte",
    "appointment/thank_you": "Tack efter en träff",
    "activity/invitation": "Inbjudan",
    "activity/moved": "Gruppen är flyttad",
    "activity/cancelled": "Gruppen blir inte av",
    "activity/day_before": "Påminnelse dagen före gruppen",
    "activity/offer": "En plats blev ledig",
    "activity/how_was_it": "Hur var det?",
    "session_feedback/may_rate": "Får jag fråga om träffen?",
    "session_feedback/may_rate_before": "Får jag fråga före träffen?",
    "session_feedback/item": "En av frågorna",
    "session_feedback/change": "Den öppna frågan",
    "what_changed/want_to_know": "Vill du veta vad vi har gjort?",
    "self_referral/welcome": "Välkommen",
    "self_referral/welcome_back": "Välkommen tillbaka",
    "self_referral/may_ask": "Får jag fråga?",
    "self_referral/what_next": "Tack, och vad som händer nu",
    "talk/nudge": "Samtalet stannade",
    "walk_and_talk/walk": "Fråga om en promenad",
}
"""What the best known are called; others go by what they ask, or how they begin."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list: its first words now, whether the unit has its own, whether it may."""

    name: str
    title: str
    begins: str
    own: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Past:
    """A text that a unit has had, with who wrote it."""

    number: int
    text: str | None
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message for its page.

    `text` is what stands in the form, `base` the project's own; `number` is that of the text in use (0: the project's
    own, never changed), `own` whether it is the unit's. A locked one has `why`.
    """

    name: str
    title: str
    text: str
    base: str
    number: int
    own: bool
    why: str
    fields: tuple[tuple[str, str, bool], ...]  # name, what it holds, whether it must be there
    looks: tuple[Shown, ...]
    remarks: tuple[Remark, ...]
    past: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A text as it was typed: what is wrong, and how it looks when it can be shown at all."""

    text: str
    wrong: tuple[str, ...]
    remarks: tuple[Remark, ...]
    looks: tuple[Shown, ...]

    @property
    def fine(self) -> bool:
        """Whether it may be kept."""
        return not self.wrong and not any(remark.stops for remark in self.remarks)


class Overtaken(Exception):
    """Somebody else has changed the text since it was opened; `who` did, and these are their words."""

    def __init__(self, who: str, text: str | None) -> None:
        super().__init__(who)
        self.who = who
        self.text = text


def list_texts(store: Store, catalog: Catalog, unit: Unit) -> dict[str, list[Line]]:
    """Give every message by its talk, in the order in which people meet the talks."""
    with store.read() as tx:
        own = unit_texts.texts(tx, unit.id)
    lines: dict[str, list[Line]] = {title: [] for title in FLOWS.values()}
    for name in catalog.names():
        flow = FLOWS.get(name.partition("/")[0], name.partition("/")[0])
        lines.setdefault(flow, []).append(_line(catalog, name, own.get(name)))
    return {flow: found for flow, found in lines.items() if found}


def _line(catalog: Catalog, name: str, own: str | None) -> Line:
    base = catalog.editable(name)
    said = own if own is not None else base.text if isinstance(base, Editable) else first_look(catalog, name)
    return Line(name, title(catalog, name), cut(said, 90), own is not None, isinstance(base, Locked))


def title(catalog: Catalog, name: str) -> str:
    """Give what a message is called on the page: what it asks about, or how it begins."""
    if name in TITLES:
        return TITLES[name]
    rest = name.partition("/")[2]
    try:
        asked = catalog.books["sv"].options.about(rest.removesuffix(".again"))
    except UnknownOptionError:
        base = catalog.editable(name)
        said = base.text if isinstance(base, Editable) else first_look(catalog, name)
        return f"”{cut(said, 45)}”"
    return f"Frågan om {asked}" + (", en gång till" if rest.endswith(".again") else "")


def in_titles(catalog: Catalog, told: str) -> str:
    """Give the line with what each message in it is called in the place of its name: "walk_and_talk/walk"."""
    known = catalog.books["sv"].files
    return _NAME.sub(lambda found: title(catalog, found[0]) if found[0] in known else found[0], told)


_NAME: Final = re.compile(r"[a-z_]+/[a-z_.]+[a-z]")


def open_sheet(store: Store, catalog: Catalog, unit: Unit, name: str, now: datetime, actor: Actor) -> Sheet:
    """Give a message's page. Raises messages.catalog.UnknownMessageError."""
    base = catalog.editable(name)
    with store.begin() as tx:
        past = unit_texts.history(tx, unit.id, name)
        told = _past(tx, past)
        audit.write(tx, now, actor.ref, "text.show", f"unit:{unit.id}", f"ok {name}"[:60])
    newest = past[0] if past else None
    if isinstance(base, Locked):
        looks = tuple(shown(catalog, name, None))
        return Sheet(name, title(catalog, name), "", "", 0, False, base.why, (), looks, (), told)
    own = catalog.variant(name, newest.text) if newest and newest.text is not None else None
    fields = tuple((each.known.name, each.known.about, each.known.required) for each in base.fields.values())
    return Sheet(
        name=name,
        title=title(catalog, name),
        text=newest.text if newest and newest.text is not None else base.text,
        base=base.text,
        number=newest.number if newest else 0,
        own=newest is not None and newest.text is not None,
        why="",
        fields=fields,
        looks=tuple(shown(catalog, name, own)),
        remarks=() if own is None else tuple(remarks(catalog, base, own)),
        past=told,
    )


def _past(tx: Tx, texts: list[OwnText]) -> tuple[Past, ...]:
    names = staff.all_names(tx) if texts else {}
    return tuple(Past(each.number, each.text, each.written_at, actor_words(each.written_by, names)) for each in texts)


def try_text(catalog: Catalog, name: str, typed: str) -> Tried:
    """Try a text as it was typed: nothing is kept. Raises UnknownMessageError; a locked message is wrong."""
    base, text = catalog.editable(name), tidy_text(typed)
    if isinstance(base, Locked):
        return Tried(text, (base.why,), (), ())
    wrong = tuple(faults(base, text))
    if wrong:
        return Tried(text, wrong, (), ())
    own = read(base, text)
    return Tried(text, (), tuple(remarks(catalog, base, own)), tuple(shown(catalog, name, own)))


def save(
    store: Store, catalog: Catalog, unit: Unit, name: str, typed: str, after: int, now: datetime, actor: Actor
) -> Tried:
    """Keep a unit's words for a message; `after` is the number of the text that was opened.

    What comes back is not `fine` when it was not kept. Words that are the project's own take the unit's away. Raises
    Overtaken when somebody else was before.
    """
    tried = try_text(catalog, name, typed)
    if tried.fine:
        base = catalog.editable(name)
        same = isinstance(base, Editable) and tried.text == base.text
        _write(store, unit, name, None if same else tried.text, after, now, actor, "text.change")
    return tried


def restore(
    store: Store, catalog: Catalog, unit: Unit, name: str, number: int, after: int, now: datetime, actor: Actor
) -> Tried | None:
    """Go back to a text that the unit has had, 0: to the project's own; None when it was done.

    An old text is tried again: the message may have other fields since. Raises Overtaken, and LookupError for a number
    that there is not.
    """
    text: str | None = None
    if number:
        with store.read() as tx:
            found = [each for each in unit_texts.history(tx, unit.id, name) if each.number == number]
        if not found:
            raise LookupError(number)
        text = found[0].text
    if text is not None:
        tried = try_text(catalog, name, text)
        if not tried.fine:
            return tried
    _write(store, unit, name, text, after, now, actor, "text.restore")
    return None


def _write(
    store: Store, unit: Unit, name: str, text: str | None, after: int, now: datetime, actor: Actor, action: str
) -> None:
    with store.begin() as tx:
        newest = unit_texts.find(tx, unit.id, name)
        if (newest.text if newest else None) == text:
            return  # a second press, or nothing changed
        version = "" if text is None else version_of(text)
        here = newest.number if newest else 0
        if here == after and unit_texts.write(tx, now, unit.id, name, text, version, by=actor.ref, after=after):
            audit.write(tx, now, actor.ref, action, f"unit:{unit.id}", f"ok {name} {version}".strip()[:60])
            return
    with store.read() as tx:
        newest = unit_texts.find(tx, unit.id, name)
        (told, *_) = _past(tx, [newest] if newest else []) or (Past(0, None, now, "Någon"),)
    raise Overtaken(told.who, told.text)
