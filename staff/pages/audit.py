"""Granskning: who has read and done what, whether the log's chain is whole, and a month's sample for its reviewer."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Response

from staff import audit_log, audit_sample
from staff.audit_log import SORTS, Ask
from staff.pages.door import Door
from staff.pages.visit import LARGEST_ID, PREFIX, Visit
from staff.people import DeskFault
from staff.roles import Need
from staff.texts import in_titles

HERE: Final = f"{PREFIX}/granskning"
_LONGEST_NUMBER: Final = 20


def open_room(door: Door) -> None:
    """Open the audit log."""
    door.get("/granskning", show, needs=Need.AUDIT)
    door.get("/granskning/stickprov", show_sample, needs=Need.AUDIT)
    door.post("/granskning/kontrollera", check, needs=Need.AUDIT)


def show(visit: Visit) -> Response:
    """A page of the log, narrowed by what was asked for."""
    typed = {name: visit.query(name) for name in ("person", "medarbetare", "manad", "vad", "fore")}
    errors: dict[str, str] = {}
    ask = _ask(typed, errors)
    page = None
    if not errors:
        try:
            page = audit_log.read_log(visit.store, visit.now, visit.actor, ask)
        except DeskFault:
            errors["manad"] = "Välj en månad i listan."
    older = ""
    if page is not None and page.older is not None:
        older = f"{HERE}?{urlencode({**typed, 'fore': page.older})}"
    facts: dict[str, Any] = {
        "page": page,
        "typed": typed,
        "errors": errors,
        "older": older,
        "chain": audit_log.chain(visit.store),
        "members": audit_log.members(visit.store, visit.actor),
        "months": _months(visit),
        "sorts": SORTS,
        "named": partial(in_titles, visit.house.catalog),
        "about": f"P{ask.person}" if ask.person is not None else "",
    }
    return visit.page("audit.html", title="Granskning", room="granskning", status=422 if errors else 200, **facts)


def _ask(typed: dict[str, str], errors: dict[str, str]) -> Ask:
    person = _number(typed["person"].removeprefix("P").removeprefix("p"))
    if typed["person"] and person is None:
        errors["person"] = "Skriv personens nummer, till exempel P812."
    member = _number(typed["medarbetare"])
    if typed["medarbetare"] and member is None:
        errors["medarbetare"] = "Välj en medarbetare i listan."
    sort = next((each for each in audit_log.SORTS if each == typed["vad"]), None)
    return Ask(person, member, typed["manad"], sort, _number(typed["fore"]))


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER):
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def show_sample(visit: Visit) -> Response:
    """A month's sample for one unit, as a table that can be printed."""
    unit, month = visit.unit(), visit.query("manad")
    errors: dict[str, str] = {}
    sample = None
    if unit is None and len(visit.units) == 1:
        unit = visit.units[0]
    if unit is not None and month:
        try:
            sample = audit_sample.draw(visit.store, visit.now, visit.actor, month, unit.slug)
        except DeskFault:
            errors["manad"] = "Välj en månad i listan."
    facts: dict[str, Any] = {
        "sample": sample,
        "errors": errors,
        "months": _months(visit),
        "month": month,
        "month_words": dict(_months(visit)).get(month, month),
        "units": [(each.slug, each.name) for each in visit.units],
        "unit": unit,
        "many": audit_sample.MANY,
    }
    return visit.page("audit_sample.html", title="Stickprov", room="granskning", status=422 if errors else 200, **facts)


def _months(visit: Visit) -> list[tuple[str, str]]:
    return [(month, audit_log.month_words(month)) for month in audit_log.months(visit.now)]


def check(visit: Visit) -> Response:
    """Check the next part of the chain now."""
    chain = audit_log.chain(visit.store, actor=visit.actor, now=visit.now)
    return visit.go(HERE, "Kedjan är bruten. Se nedan." if chain.bad else "Kedjan är kontrollerad.")
