"""Units: a municipality's teams. Config gives a new unit its first settings; after that the database has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from storage.db import Tx
from storage.errors import NotFound
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import units


@dataclass(frozen=True, slots=True)
class UnitSeed:
    """What config says about a unit; `settings` holds whatever JSON can."""

    slug: str
    name: str
    municipality: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the database has it."""

    id: int
    slug: str
    name: str
    municipality: str
    settings: dict[str, Any]
    live: bool = True


_COLUMNS: Final = (units.c.id, units.c.slug, units.c.name, units.c.municipality, units.c.settings, units.c.live)
_ALL: Final = Hot(select(*_COLUMNS).order_by(units.c.id))
_BY_ID: Final = Hot(select(*_COLUMNS).where(units.c.id == bindparam("wanted")))
_BY_SLUG: Final = Hot(select(*_COLUMNS).where(units.c.slug == bindparam("wanted")))
_ADD: Final = per_dialect(units, lambda insert: insert.on_conflict_do_nothing(index_elements=["slug"]))


def sync(tx: Tx, units_from_config: Iterable[UnitSeed], now: datetime) -> list[str]:
    """Add the units that the database has not seen, and leave the others as they are; give the slugs added."""
    known = {unit.slug for unit in list_units(tx)}
    added = []
    for seed in units_from_config:
        if seed.slug in known:
            continue
        row = {"id": new_id(now), "slug": seed.slug, "name": seed.name, "municipality": seed.municipality}
        row |= {"settings": dict(seed.settings), "live": True}
        if tx.execute(_ADD[tx.dialect].returning(units.c.id), row).first() is not None:
            added.append(seed.slug)
        known.add(seed.slug)
    return added


def list_units(tx: Tx) -> list[Unit]:
    """Give all units, in the order in which they came."""
    return [Unit(*row) for row in _ALL.all(tx)]


def find_by_slug(tx: Tx, slug: str) -> Unit | None:
    """Give the unit of that short name, or None."""
    row = _BY_SLUG.first(tx, {"wanted": slug})
    return None if row is None else Unit(*row)


def find_by_id(tx: Tx, unit_id: int) -> Unit | None:
    """Give the unit of that id, or None."""
    row = _BY_ID.first(tx, {"wanted": unit_id})
    return None if row is None else Unit(*row)


def get_unit(tx: Tx, wanted: int | str) -> Unit:
    """Give a unit by its id or its slug; NotFound when there is none."""
    unit = find_by_slug(tx, wanted) if isinstance(wanted, str) else find_by_id(tx, wanted)
    if unit is None:
        raise NotFound("unit", wanted)
    return unit


def set_settings(tx: Tx, unit_id: int, **changes: Any) -> None:
    """Change some of a unit's settings and leave the rest; NotFound when there is no such unit.

    Plans of meetings read them: whoever changes them calls appointments.look_again too.
    """
    settings = get_to_change(tx, unit_id).settings | changes
    tx.execute(update(units).where(units.c.id == unit_id).values(settings=settings))


def set_name(tx: Tx, unit_id: int, name: str) -> None:
    """Change what participants know a unit as; NotFound when there is no such unit."""
    get_unit(tx, unit_id)
    tx.execute(update(units).where(units.c.id == unit_id).values(name=name))


def raise_count(tx: Tx, unit_id: int, name: str) -> int:
    """Add one to a number among a unit's settings; give what it is then."""
    settings = get_to_change(tx, unit_id).settings
    count = int(settings.get(name, 0)) + 1
    tx.execute(update(units).where(units.c.id == unit_id).values(settings=settings | {name: count}))
    return count


def get_to_change(tx: Tx, unit_id: int) -> Unit:
    """Give a unit, kept from other writers until the commit: its settings are one value, and a change writes it all."""
    row = tx.execute(select(*_COLUMNS).where(units.c.id == unit_id).with_for_update()).first()
    if row is None:
        raise NotFound("unit", unit_id)
    return Unit(*row)


def set_live(tx: Tx, unit_id: int, live: bool) -> bool:
    """Open or close a unit to those who sign up by themselves; False when it stood so already."""
    here = units.c
    return tx.execute(update(units).where(here.id == unit_id, here.live.is_not(live)).values(live=live)).rowcount > 0
