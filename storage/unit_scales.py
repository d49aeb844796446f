"""Licensed texts that a unit has put into a scale's empty place, with who holds the licence and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, select

from storage.db import Tx
from storage.ids import new_id
from storage.sql import Insert, per_dialect
from storage.tables_ratings import unit_scales

_HERE: Final = unit_scales.c


@dataclass(frozen=True, slots=True)
class Licensed:
    """The texts of a scale that a unit may use."""

    scale: str
    holder: str
    licensed_on: date
    texts: Mapping[str, Any]
    version: str
    set_at: datetime
    set_by: str


def _anew(made: Insert) -> Insert:
    new = made.excluded
    changed = ("holder", "licensed_on", "texts", "version", "set_at", "set_by")
    return made.on_conflict_do_update(index_elements=["unit_id", "scale"], set_={name: new[name] for name in changed})


_KEEP: Final = per_dialect(unit_scales, _anew)
_COLUMNS: Final = (
    _HERE.scale, _HERE.holder, _HERE.licensed_on, _HERE.texts, _HERE.version, _HERE.set_at, _HERE.set_by
)  # fmt: skip


def find(tx: Tx, unit_id: int, scale: str) -> Licensed | None:
    """Give a unit's licensed texts for a scale, or None."""
    row = tx.execute(select(*_COLUMNS).where(_HERE.unit_id == unit_id, _HERE.scale == scale)).first()
    return None if row is None else Licensed(*row)


def list_of(tx: Tx, unit_id: int) -> dict[str, Licensed]:
    """Give all licensed texts of a unit, by the scale's name."""
    rows = tx.execute(select(*_COLUMNS).where(_HERE.unit_id == unit_id).order_by(_HERE.scale))
    return {row.scale: Licensed(*row) for row in rows}


def keep(
    tx: Tx, now: datetime, unit_id: int, scale: str, holder: str, licensed_on: date, texts: Mapping[str, Any],
    version: str, *, by: str,
) -> None:  # fmt: skip
    """Keep a unit's licensed texts for a scale, in the place of those it had."""
    row = {
        "id": new_id(now), "unit_id": unit_id, "scale": scale, "holder": holder, "licensed_on": licensed_on,
        "texts": dict(texts), "version": version, "set_at": now, "set_by": by,
    }  # fmt: skip
    tx.execute(_KEEP[tx.dialect], row)


def remove(tx: Tx, unit_id: int, scale: str) -> bool:
    """Take a unit's licensed texts away; False when it had none. Ratings given with them stay as they are."""
    mine = (_HERE.unit_id == unit_id, _HERE.scale == scale)
    return bool(tx.execute(delete(unit_scales).where(*mine)).rowcount)
