"""A unit's places: added, changed, retired and brought back. One that is retired stays with the meetings it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.actions.house import House
from bot.actions.meetings import AT_A_PLACE, Place, places_of
from staff.people import Actor
from staff.settings_fields import clocks, line, link, slug_of, whole
from staff.settings_units import Overtaken, last_changer, mark, note, refused, settle
from storage import units
from storage.db import Store, Tx
from storage.units import Unit

WHERE: Final[Mapping[str, tuple[str, ...]]] = {"ute": ("walk_and_talk",), "inne": ("office",), "bada": AT_A_PLACE}
WHERE_WORDS: Final[Mapping[str, str]] = {
    "ute": "Utomhus: promenader",
    "inne": "Inomhus: möten hos oss",
    "bada": "Både promenader och möten",
}
MOST: Final = 40
_READ: Final = {
    "name": line(40),
    "find": line(120, needed=False),
    "link": link,
    "travel": whole(0, 240),
    "starts": clocks,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form for a place."""

    name: str = ""
    find: str = ""
    link: str = ""
    where: str = "bada"
    travel: str = "0"
    starts: str = ""

    @property
    def mark(self) -> str:
        """A mark of what was shown."""
        return mark([self.name, self.find, self.link, self.where, self.travel, self.starts])


def shown(place: Place) -> Typed:
    """Give a place as it stands in its form."""
    where = next((key for key, forms in WHERE.items() if set(forms) == set(place.forms)), "bada")
    starts = ", ".join(f"{each:%H.%M}" for each in place.starts)
    return Typed(place.name, place.find, place.link, where, str(place.travel), starts)


def keep(
    store: Store, house: House, now: datetime, actor: Actor, unit: Unit, slug: str, typed: Typed, seen: str
) -> dict[str, str]:
    """Keep a place, a new one when `slug` is empty; give what is wrong, by field.

    Raises LookupError for a place that there is not, Overtaken when another changed it since it was opened.
    """
    kept, wrong = _read(house, typed)
    with store.begin() as tx:
        fresh = units.get_to_change(tx, unit.id)
        places = places_of(fresh)
        before = next((each for each in places if each.slug == slug), None)
        if slug and before is None:
            raise LookupError(slug)
        same = (each for each in places if each.name.casefold() == str(kept.get("name", "")).casefold())
        if any(each.slug != slug for each in same):
            wrong.setdefault("name", "Det finns redan en plats som heter så.")
        if not slug and len(places) >= MOST:
            wrong.setdefault("name", f"En enhet har högst {MOST} platser.")
        if wrong:
            return wrong
        if before is not None and shown(before).mark != seen:
            raise Overtaken(last_changer(tx, unit.id))
        row = {**kept, "forms": list(WHERE[typed.where]), "slug": slug or slug_of(kept["name"], _slugs(places))}
        if before is not None and before.retired:
            row["retired"] = True
        rows = [row if each.slug == slug else _row(each) for each in places]
        _write(tx, now, unit.id, rows if before is not None else [*rows, row])
        note(tx, now, actor, unit.id, "place", before.name if before else "", kept["name"])
    return {}


def retire(store: Store, now: datetime, actor: Actor, unit: Unit, slug: str, *, retired: bool) -> None:
    """Take a place out of use, or bring it back; pressed twice it is done once. LookupError when there is none."""
    with store.begin() as tx:
        places = places_of(units.get_to_change(tx, unit.id))
        place = next((each for each in places if each.slug == slug), None)
        if place is None:
            raise LookupError(slug)
        if place.retired == retired:
            return
        rows = [_row(each) for each in places]
        for row in rows:
            if row["slug"] == slug:
                row["retired"] = retired
        _write(tx, now, unit.id, rows)
        note(tx, now, actor, unit.id, f"place {place.name}", *(("used", "retired") if retired else ("retired", "used")))


def _write(tx: Tx, now: datetime, unit_id: int, rows: list[dict[str, Any]]) -> None:
    units.set_settings(tx, unit_id, places=rows)
    settle(tx, now, unit_id)


def _slugs(places: list[Place]) -> set[str]:
    return {place.slug for place in places}


def _row(place: Place) -> dict[str, Any]:
    """A place as the settings keep it; the address that stood for one until now is written out."""
    row: dict[str, Any] = {"slug": place.slug, "name": place.name, "find": place.find, "link": place.link}
    row |= {"travel": place.travel, "starts": [f"{each:%H:%M}" for each in place.starts], "forms": list(place.forms)}
    return row | ({"retired": True} if place.retired else {})


def _read(house: House, typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    kept: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, read in _READ.items():
        try:
            kept[name] = read(getattr(typed, name))
        except ValueError as fault:
            wrong[name] = str(fault)
    for name in ("name", "find"):
        if found := refused(house.catalog.guard, str(kept.get(name, ""))):
            wrong[name] = found
    if typed.where not in WHERE:
        wrong["where"] = "Välj om platsen är ute, inne eller båda."
    return kept, wrong
