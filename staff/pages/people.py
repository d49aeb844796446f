"""Deltagare: the list with its search, a person's page, and what one does there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from fastapi import Response

from staff import answering, labels, people_list, person_deeds, person_groups, person_view, readers
from staff.answering import Question, Sent, Words
from staff.pages.door import Door
from staff.pages.inbox import theirs
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault, ManyFound, Match, NotTheirs, read_id
from staff.person_deeds import RANG
from staff.person_view import PersonView
from staff.roles import Need
from staff.texts import in_titles

HERE: Final = f"{PREFIX}/deltagare"
SILENT: Final = (14, 30, 90)
"""Days without contact to choose among. Our choice."""


def open_room(door: Door) -> None:
    """Open the people's room."""
    door.get("/deltagare", show, needs=Need.SEE)
    door.get("/deltagare/{person}", theirs(show_one), needs=Need.SEE)
    for path, act in (
        ("skriv", write), ("anteckning", add_note), ("anteckning/{note}/stryk", strike), ("ringt", called),
        ("vila", rest), ("vack", wake), ("annan-laser", read_by_others), ("bjud-in", invite), ("flytta", move),
        ("avsluta", leave), ("oppna", reopen), ("isar", keep_apart), ("isar/{other}/ta-bort", let_together),
    ):  # fmt: skip
        door.post(f"/deltagare/{{person}}/{path}", theirs(act), needs=Need.ACT)
    door.get("/deltagare/{person}/avsluta", theirs(show_leave), needs=Need.ACT)
    door.get("/deltagare/{person}/lasare", theirs(show_readers), needs=Need.PLAN)
    door.post("/deltagare/{person}/lasare", theirs(add_reader), needs=Need.PLAN)
    door.post("/deltagare/{person}/lasare/{member}/ta-bort", theirs(remove_reader), needs=Need.PLAN)


# --- the list ---------------------------------------------------------------------------------------------------------


def show(visit: Visit) -> Response:
    """Those whom a search finds, or everybody, filtered."""
    text, unit, days = visit.query("q")[:100], visit.unit(), read_number(visit.query("tyst"))
    person_id = read_id(text) if text else None
    if person_id is not None:
        return visit.go(f"{HERE}/{person_id}")
    wanted = people_list.Wanted(
        text, unit, visit.query("mina") == "ja", visit.query("vantar") == "ja", days if days in SILENT else None,
        min(read_number(visit.query("sida")) or 1, 10_000),
    )  # fmt: skip
    listing = people_list.look(visit.store, visit.now, visit.actor, wanted)
    if listing.ready:
        visit.know(listing.units)
    asked = {"q": text, "enhet": unit.slug if unit else "", "tyst": str(wanted.silent_days or "")}
    asked |= {"mina": "ja" if wanted.mine else "", "vantar": "ja" if wanted.waiting else ""}
    return visit.page(
        "people.html", title="Deltagare", room="deltagare", listing=listing, wanted=wanted,
        silent_options=[("", "Alla"), *((days, f"på {days} dagar") for days in SILENT)],
        units=[("", "Alla"), *((each.slug, each.municipality) for each in visit.units)],
        chosen=asked["enhet"], asked={name: value for name, value in asked.items() if value},
    )  # fmt: skip


# --- one person -------------------------------------------------------------------------------------------------------


def show_one(visit: Visit) -> Response:
    """A person's page."""
    return _page(visit)


def _page(
    visit: Visit, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None,
    question: Question | None = None, matches: Sequence[Match] = (),
) -> Response:  # fmt: skip
    """Draw a person's page, with what was typed and what was wrong in it."""
    before, sent = read_number(visit.query("fore")), read_number(visit.query("skickat"))
    try:
        view = person_view.look(
            visit.store, visit.house, visit.now, visit.actor, visit.number("person"), before or None
        )
    except NotTheirs as fault:
        if fault.now_is is not None:
            return visit.go(f"{HERE}/{fault.now_is}")
        raise
    fate = answering.fate_of(visit.store, visit.now, visit.actor, sent) if sent else None
    return visit.page(
        "person.html", title=view.page.name, room="deltagare", status=422 if errors else 200, view=view, one=view.page,
        typed=typed or {}, errors=errors or {}, question=question, fate=fate, before=before, words=_words(),
        here=f"{HERE}/{view.page.id}", rang=RANG, named=partial(in_titles, visit.house.catalog),
        matches=matches, unit_options=[("", "Välj"), *((unit.slug, unit.municipality) for unit in view.other_units)],
    )  # fmt: skip


def _words() -> dict[str, Any]:
    return {
        "status": labels.STATUS, "channel": labels.CHANNEL, "item": labels.ITEM, "authors": labels.AUTHOR,
        "source": labels.SOURCE, "referral": labels.REFERRAL_STATE, "choice": labels.CHOICE,
        "purpose": labels.PURPOSE, "exit": labels.EXIT, "item_state": labels.ITEM_STATE,
        "languages": labels.LANGUAGE,
    }  # fmt: skip


def _refused(visit: Visit, fault: DeskFault, beside: str, **typed: str) -> Response:
    if isinstance(fault, NotTheirs):
        raise fault
    return _page(visit, typed, {beside: fault.sentence})


def _home(visit: Visit, told: str) -> Response:
    return visit.go(f"{HERE}/{visit.number('person')}", told)


def write(visit: Visit) -> Response:
    """Write to the person; asked first when there is something worth knowing."""
    words = Words(visit.text("text"), visit.text("once"), visit.text("sure"))
    try:
        done = answering.write(visit.store, visit.house, visit.now, visit.actor, visit.number("person"), words)
    except DeskFault as fault:
        return _refused(visit, fault, "text", text=words.text)
    if isinstance(done, Sent):
        return visit.go(f"{HERE}/{done.person}?skickat={done.message}")
    return _page(visit, {"text": words.text}, question=done)


def add_note(visit: Visit) -> Response:
    """Keep a note."""
    text = visit.text("note")
    try:
        person_deeds.add_note(visit.store, visit.now, visit.actor, visit.number("person"), text, visit.text("once"))
    except DeskFault as fault:
        return _refused(visit, fault, "note", note=text)
    return _home(visit, "Anteckningen är sparad.")


def strike(visit: Visit) -> Response:
    """Strike a note of one's own."""
    try:
        person_deeds.strike_note(visit.store, visit.now, visit.actor, visit.number("person"), visit.number("note"))
    except DeskFault as fault:
        return _refused(visit, fault, "note")
    return _home(visit, "Anteckningen är struken.")


def called(visit: Visit) -> Response:
    """Note a call."""
    outcome, text = visit.text("outcome"), visit.text("call")
    try:
        person_deeds.called(
            visit.store, visit.now, visit.actor, visit.number("person"), outcome, text, visit.text("once")
        )
    except DeskFault as fault:
        return _refused(visit, fault, "outcome" if fault.where == "outcome" else "call", call=text, outcome=outcome)
    return _home(visit, "Samtalet är antecknat.")


def rest(visit: Visit) -> Response:
    """Let the bot rest."""
    person_deeds.rest(visit.store, visit.now, visit.actor, visit.number("person"), visit.text("once"))
    return _home(visit, "Boten vilar. Det personen skriver kommer till inkorgen.")


def wake(visit: Visit) -> Response:
    """Wake the bot."""
    person_deeds.wake(visit.store, visit.now, visit.actor, visit.number("person"), visit.text("once"))
    return _home(visit, "Boten får skriva av sig själv igen.")


def read_by_others(visit: Visit) -> Response:
    """Mark or unmark that another may read the phone."""
    on = visit.text("on") == "ja"
    person_deeds.set_read_by_others(visit.store, visit.now, visit.actor, visit.number("person"), on)
    return _home(visit, "Texterna blir försiktiga." if on else "Texterna blir som vanligt.")


def invite(visit: Visit) -> Response:
    """Let the bot offer a walk."""
    try:
        person_deeds.invite(
            visit.store, visit.house, visit.now, visit.actor, visit.number("person"), visit.text("once")
        )
    except DeskFault as fault:
        return _refused(visit, fault, "invite")
    return _home(visit, "Boten frågar vilken tid som passar.")


def move(visit: Visit) -> Response:
    """Let another unit meet the person."""
    slug, words = visit.text("to"), visit.text("handover")[:1_000]
    person_id = visit.number("person")
    try:
        person_deeds.move(visit.store, visit.now, visit.actor, person_id, slug, words, visit.text("once"))
    except DeskFault as fault:
        return _refused(visit, fault, "to", to=slug, handover=words)
    mine = next((unit for unit in visit.units if unit.slug == slug), None)
    return visit.go(f"{HERE}/{person_id}" if mine else HERE, "Personen hör till den andra enheten nu.")


def keep_apart(visit: Visit) -> Response:
    """Never in the same group as another: found by name or number, or chosen among several."""
    person, typed, chosen = visit.number("person"), visit.text("apart"), read_number(visit.text("other"))
    try:
        person_groups.keep_apart(visit.store, visit.now, visit.actor, person, chosen or typed)
    except ManyFound as many:
        errors = {"apart": "Flera passar. Välj en av dem."}
        return _page(visit, {"apart": typed}, errors, matches=many.matches)
    except NotTheirs:
        return _page(visit, {"apart": typed}, {"apart": "Personen finns inte här."})
    except DeskFault as fault:
        return _refused(visit, fault, "apart", apart=typed)
    return _home(visit, "Sparat. De bjuds aldrig in till samma grupp.")


def let_together(visit: Visit) -> Response:
    """They may be in the same group again."""
    person_groups.let_together(visit.store, visit.now, visit.actor, visit.number("person"), visit.number("other"))
    return _home(visit, "De får vara i samma grupp igen.")


# --- exits ------------------------------------------------------------------------------------------------------------


def show_leave(visit: Visit) -> Response:
    """The question: what an exit means for this person, and why it is."""
    return _leave_page(visit, {}, {})


def _leave_page(visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> Response:
    view: PersonView = person_view.look(visit.store, visit.house, visit.now, visit.actor, visit.number("person"))
    coming = [each for each in view.meetings if each.coming]
    times = " och ".join(labels.moment(each.starts, visit.now) for each in coming)
    told = f"Hej! Tiden {times} är avbokad." if coming else ""
    return visit.page(
        "person_leave.html", title="Avsluta", room="deltagare", status=422 if errors else 200, one=view.page,
        coming=coming, typed={"words": told, **typed}, errors=errors, here=f"{HERE}/{view.page.id}",
        reasons=[("", "Välj"), *labels.EXIT.items()],
    )  # fmt: skip


def leave(visit: Visit) -> Response:
    """End the person's time with the unit."""
    reason, words = visit.text("reason"), visit.text("words")
    try:
        person_deeds.leave(
            visit.store, visit.house, visit.now, visit.actor, visit.number("person"), reason, words,
            visit.text("once"),
        )  # fmt: skip
    except DeskFault as fault:
        if isinstance(fault, NotTheirs):
            raise
        told = fault.sentence
        return _leave_page(visit, {"reason": reason, "words": words}, {fault.where: told})
    return _home(visit, "Personen är avslutad. Det går att öppna igen.")


def reopen(visit: Visit) -> Response:
    """Take an exit back."""
    try:
        person_deeds.reopen(visit.store, visit.now, visit.actor, visit.number("person"), visit.text("once"))
    except DeskFault as fault:
        return _refused(visit, fault, "reopen")
    return _home(visit, "Personen är med igen. Avbokade tider är fortfarande avbokade.")


# --- named readers ----------------------------------------------------------------------------------------------------


def show_readers(visit: Visit) -> Response:
    """Who may open the person, if protected. Nothing is shown of the person but the number."""
    return _readers_page(visit)


def _readers_page(visit: Visit, error: str = "") -> Response:
    found = readers.look(visit.store, visit.now, visit.actor, visit.number("person"))
    return visit.page(
        "person_readers.html", title=f"Läsare av P{found.person}", room="deltagare", status=422 if error else 200,
        found=found, here=f"{HERE}/{found.person}/lasare", options=[("", "Välj"), *found.others],
        errors={"reader": error} if error else {},
    )  # fmt: skip


def add_reader(visit: Visit) -> Response:
    """Name a reader."""
    try:
        readers.add(visit.store, visit.now, visit.actor, visit.number("person"), read_number(visit.text("reader")))
    except DeskFault as fault:
        if isinstance(fault, NotTheirs):
            raise
        return _readers_page(visit, "Välj en kollega i enheten.")
    return visit.go(f"{HERE}/{visit.number('person')}/lasare", "Läsaren är tillagd.")


def remove_reader(visit: Visit) -> Response:
    """Take a reader away."""
    readers.remove(visit.store, visit.now, visit.actor, visit.number("person"), visit.number("member"))
    return visit.go(f"{HERE}/{visit.number('person')}/lasare", "Läsaren är borttagen.")
