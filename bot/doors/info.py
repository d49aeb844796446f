"""/d/info: how we handle what people write. Every welcome links here, so it is public, short and plain.

Who reads and when comes from the roster; help lines come from the checked list.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from bot.doors.inside import Inside
from bot.doors.languages import of_browser
from messages.filters import Words
from messages.helplines import fitting
from rules.roster import hours_text
from storage import roster, staff, units
from storage.db import Tx
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Readers:
    """A unit, who of its staff reads (one or `many`), and when; `hours` is "" where no roster says."""

    name: str
    municipality: str
    phone: str
    who: str
    hours: str
    many: bool


def router(app: Inside) -> APIRouter:
    """Give the page."""
    routes = APIRouter()

    @routes.get("/d/info")
    def info(request: Request) -> Response:
        """Who reads, what is kept and where, and what one may ask for."""
        speaks = of_browser(app.house.catalog, request)
        with app.store.read() as tx:
            readers = [_readers(tx, unit, speaks.book.words) for unit in units.list_units(tx)]
        return speaks.show("info.html", readers=readers, lines=fitting(speaks.book.help_lines, "unknown"))

    return routes


def _readers(tx: Tx, unit: Unit, words: Words) -> Readers:
    week = roster.load(tx, unit.id)
    working = {shift.staff for shift in week.shifts}
    names = [name for person, name in staff.names(tx, unit.id).items() if person in working]
    who = words.names(names, "and", len(names), "") if names else ""
    hours = words.ordinary_hours(hours_text(week))
    phone = str(unit.settings.get("phone") or "")
    return Readers(unit.name, unit.municipality, phone, who, hours, len(names) > 1)
