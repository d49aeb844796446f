"""Skattningar: what a unit's ratings of a year come to, for the talk among those who work there. Nobody is in it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response

from staff import rating_summary
from staff.labels import RATING_CLASS
from staff.pages.door import Door
from staff.pages.visit import Visit
from staff.rating_summary import Asked
from staff.roles import Need

STATES: Final = {
    "answered": "Svarade",
    "partly": "Svarade på en del",
    "declined": "Ville inte",
    "expired": "Inget svar",
    "open": "Väntar",
}


def open_room(door: Door) -> None:
    """Open the room."""
    door.get("/skattningar", show, needs=Need.SEE)


def show(visit: Visit) -> Response:
    """One unit's year; the first unit that is theirs and this year, when none is chosen."""
    unit = visit.unit() or next(iter(visit.units), None)
    if unit is None:
        return visit.page("ratings_none.html", title="Skattningar", room="skattningar")
    with visit.store.read() as tx:
        years = rating_summary.years(tx, unit, visit.now)
        year = _chosen(visit, years)
        found = rating_summary.summary(tx, unit, year, visit.house.scales)
    facts: dict[str, Any] = {
        "unit": unit,
        "units": [(each.slug, each.name) for each in visit.units],
        "years": [(each, each) for each in years],
        "found": found,
        "own": any(not each.licensed for each in found.asked),
        "states": STATES,
        "classes": RATING_CLASS,
        "texts": _texts,
        "least": rating_summary.LEAST,
    }
    return visit.page("ratings.html", title="Skattningar", room="skattningar", **facts)


def _chosen(visit: Visit, years: list[int]) -> int:
    asked = visit.query("ar")
    if not asked:
        return years[0]
    found = {str(year): year for year in years}.get(asked)
    return visit.missing() if found is None else found


def _texts(row: Asked) -> str:
    """Which questions they were, so that no two kinds are taken for the same."""
    return f"{row.texts}, version {row.version}"
