"""Units' own texts, each with its history. How many changes a unit has made stands with the unit's settings.

So whoever has loaded the unit knows whether there are any, and whether those that it remembers are the newest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from storage import units
from storage.db import Tx
from storage.sql import per_dialect
from storage.tables_texts import unit_texts
from storage.units import Unit

CHANGES: Final = "texts_changed"
"""In the unit's settings: how many times its texts have been changed."""

_HERE: Final = unit_texts.c
_ADD: Final = per_dialect(
    unit_texts, lambda insert: insert.on_conflict_do_nothing(index_elements=["unit_id", "name", "number"])
)


@dataclass(frozen=True, slots=True)
class OwnText:
    """A unit's words for a message at some time; `text` None: the project's own words again."""

    name: str
    number: int
    text: str | None
    version: str
    written_at: datetime
    written_by: str


_COLUMNS: Final = (_HERE.name, _HERE.number, _HERE.text, _HERE.version, _HERE.written_at, _HERE.written_by)


def changes(unit: Unit) -> int:
    """Give how many times a unit's texts have been changed; 0: it has none of its own."""
    return int(unit.settings.get(CHANGES, 0))


def current(tx: Tx, unit_id: int) -> dict[str, OwnText]:
    """Give the latest of each text that a unit has ever changed, by name; also those whose `text` is None."""
    last = select(_HERE.name, func.max(_HERE.number).label("number")).where(_HERE.unit_id == unit_id)
    newest = last.group_by(_HERE.name).subquery()
    both = unit_texts.join(newest, (newest.c.name == _HERE.name) & (newest.c.number == _HERE.number))
    rows = tx.execute(select(*_COLUMNS).select_from(both).where(_HERE.unit_id == unit_id))
    return {row.name: OwnText(*row) for row in rows}


def history(tx: Tx, unit_id: int, name: str) -> list[OwnText]:
    """Give every text that a unit has had for a message, newest first."""
    wanted = select(*_COLUMNS).where(_HERE.unit_id == unit_id, _HERE.name == name)
    return [OwnText(*row) for row in tx.execute(wanted.order_by(_HERE.number.desc()))]


def find(tx: Tx, unit_id: int, name: str) -> OwnText | None:
    """Give the latest text of a unit for a message, or None when it has never had one."""
    return next(iter(history(tx, unit_id, name)), None)


def write(
    tx: Tx, now: datetime, unit_id: int, name: str, text: str | None, version: str, *, by: str, after: int
) -> bool:
    """Keep a unit's new words for a message, None for the project's own; False when somebody else was before.

    `after` is the number of the text that the writer had before them, 0 for none.
    """
    row: dict[str, Any] = {"unit_id": unit_id, "name": name, "number": after + 1, "text": text, "version": version}
    row |= {"written_at": now, "written_by": by}
    if tx.execute(_ADD[tx.dialect].returning(_HERE.id), row).first() is None:
        return False
    units.raise_count(tx, unit_id, CHANGES)
    return True


def texts(tx: Tx, unit_id: int) -> Mapping[str, str]:
    """Give the words that a unit has of its own now, by the message's name."""
    return {name: own.text for name, own in current(tx, unit_id).items() if own.text is not None}
