"""/d/info: how we handle what people write. Every welcome links here, so it is public, short and plain.

Who reads and when comes from the roster; help lines come from the checked list.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from bot.doors.inside import Inside
from bot.doors.pages import PAGES
from messages.helplines import fitting, load_help_lines
from rules.roster import hours_text
from storage import roster, staff, units
from storage.db import Tx
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class Readers:
    """A unit, who of its staff reads, and when; `hours` is "" where no roster says."""

    name: str
    municipality: str
    phone: str
    who: str
    hours: str


def router(app: Inside) -> APIRouter:
    """Give the page."""
    routes = APIRouter()

    @routes.get("/d/info")
    def info() -> Response:
        """Who reads, what is kept and where, and what one may ask for."""
        with app.store.read() as tx:
            readers = [_readers(tx, unit) for unit in units.list_units(tx)]
        return PAGES.show("info.html", readers=readers, lines=fitting(load_help_lines(), "unknown"))

    return routes


def _readers(tx: Tx, unit: Unit) -> Readers:
    week = roster.load(tx, unit.id)
    working = {shift.staff for shift in week.shifts}
    names = [name for person, name in staff.names(tx, unit.id).items() if person in working]
    return Readers(unit.name, unit.municipality, str(unit.settings.get("phone") or ""), listed(names), hours_text(week))


def listed(names: list[str]) -> str:
    """Join names as Swedish does: "Anna, Erik och Sara"; "" for none."""
    return " och ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
