"""Texter: every message as people read it, a unit's own words for it, their history and the way back."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response

from messages.catalog import UnknownMessageError
from staff import texts
from staff.pages.door import Door
from staff.pages.settings import HERE as SETTINGS
from staff.pages.settings import back_to, overtaken_words, unit_of
from staff.pages.visit import Visit
from staff.roles import Need
from staff.texts import Overtaken, Sheet, Tried
from storage.units import Unit

HERE: Final = f"{SETTINGS}/texter"
_LARGEST: Final = 6  # digits of a text's number


def open_room(door: Door) -> None:
    """Open the texts."""
    door.get("/installningar/texter", show, needs=Need.PLAN)
    door.get("/installningar/texter/{flow}/{name}", show_one, needs=Need.PLAN)
    door.post("/installningar/texter/{flow}/{name}", change, needs=Need.PLAN)
    door.post("/installningar/texter/{flow}/{name}/tillbaka", restore, needs=Need.PLAN)


def show(visit: Visit) -> Response:
    """All messages."""
    unit = unit_of(visit)
    facts: dict[str, Any] = {
        "unit": unit,
        "units": [(each.slug, each.name) for each in visit.units],
        "flows": texts.list_texts(visit.store, visit.house.catalog, unit),
    }
    return visit.page("texts.html", title="Texter", room="installningar", **facts)


def show_one(visit: Visit) -> Response:
    """One message."""
    unit = unit_of(visit)
    return _page(visit, unit, _sheet(visit, unit))


def _name(visit: Visit) -> str:
    return f"{visit.word('flow')}/{visit.word('name')}"


def _sheet(visit: Visit, unit: Unit) -> Sheet:
    try:
        return texts.open_sheet(visit.store, visit.house.catalog, unit, _name(visit), visit.now, visit.actor)
    except UnknownMessageError:
        visit.missing()


def _page(
    visit: Visit, unit: Unit, sheet: Sheet, tried: Tried | None = None, *, warning: str = "", theirs: str | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    facts: dict[str, Any] = {
        "unit": unit,
        "sheet": sheet,
        "typed": sheet.text if tried is None else tried.text,
        "wrong": () if tried is None else tried.wrong,
        "remarks": sheet.remarks if tried is None else tried.remarks,
        "looks": sheet.looks if tried is None else tried.looks,
        "tried": tried is not None,
        "warning": warning,
        "theirs": theirs,
        "longest": 1_000,
    }
    return visit.page("text.html", title=sheet.title, room="installningar", status=status, **facts)


def change(visit: Visit) -> Response:
    """Show how the typed words look, or keep them."""
    unit, catalog, name = unit_of(visit), visit.house.catalog, _name(visit)
    if name not in catalog.names():
        visit.missing()
    typed, after = visit.text("text"), _number(visit.text("after"))
    if visit.text("do") != "spara":
        return _page(visit, unit, _sheet(visit, unit), texts.try_text(catalog, name, typed))
    try:
        tried = texts.save(visit.store, catalog, unit, name, typed, after, visit.now, visit.actor)
    except Overtaken as fault:
        tried = texts.try_text(catalog, name, typed)
        warning = overtaken_words(fault.who)
        return _page(visit, unit, _sheet(visit, unit), tried, warning=warning, theirs=fault.text, status=422)
    if not tried.fine:
        return _page(visit, unit, _sheet(visit, unit), tried, status=422)
    return visit.go(back_to(unit, f"{HERE}/{name}"), "Texten är sparad, och används från och med nu.")


def restore(visit: Visit) -> Response:
    """Go back to an earlier text, or to the project's own."""
    unit, catalog, name = unit_of(visit), visit.house.catalog, _name(visit)
    if name not in catalog.names():
        visit.missing()
    number, after = _number(visit.text("number")), _number(visit.text("after"))
    try:
        tried = texts.restore(visit.store, catalog, unit, name, number, after, visit.now, visit.actor)
    except Overtaken as fault:
        warning = overtaken_words(fault.who)
        return _page(visit, unit, _sheet(visit, unit), warning=warning, theirs=fault.text, status=422)
    except LookupError:
        visit.missing()
    if tried is not None:
        return _page(visit, unit, _sheet(visit, unit), tried, status=422)
    told = "Texten är den gamla igen." if number else "Grundtexten används igen."
    return visit.go(back_to(unit, f"{HERE}/{name}"), told)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LARGEST else 0
