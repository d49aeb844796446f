"""What is wrong with the running of it, each told once until it is mended. Rows of `control`, none about a person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from storage.db import Tx
from storage.sql import per_dialect
from storage.tables import control

_PREFIX: Final = "trouble:"
_ONCE: Final = per_dialect(control, lambda insert: insert.on_conflict_do_nothing(index_elements=["name"]))
_ALL: Final = select(control.c.name, control.c.value).where(control.c.name.like(f"{_PREFIX}%")).order_by(control.c.name)
_SET: Final = update(control).where(control.c.name == bindparam("trouble"))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong: its short name, since when, a word or number about it, and the inbox item that tells staff."""

    name: str
    since: datetime
    detail: str = ""
    item: int | None = None


def begin(tx: Tx, name: str, now: datetime, detail: str = "") -> bool:
    """Note that something is wrong; False when that is known already."""
    value = _dump(Trouble(name, now, detail))
    fresh = _ONCE[tx.dialect].returning(control.c.name)  # a count of rows is not told by every driver
    return tx.execute(fresh, {"name": _PREFIX + name, "value": value}).first() is not None


def tie(tx: Tx, trouble: Trouble, item: int) -> None:
    """Remember the inbox item that tells staff, to close it when all is well."""
    value = _dump(Trouble(trouble.name, trouble.since, trouble.detail, item))
    tx.execute(_SET, {"trouble": _PREFIX + trouble.name, "value": value})


def end(tx: Tx, name: str) -> Trouble | None:
    """It is mended: forget it, and give what was known; None when another has done so."""
    gone = delete(control).where(control.c.name == _PREFIX + name).returning(control.c.value)
    value = tx.execute(gone).scalar_one_or_none()
    return None if value is None else _load(name, value)


def list_all(tx: Tx) -> list[Trouble]:
    """Give what is wrong now, by name."""
    return [_load(row.name.removeprefix(_PREFIX), row.value) for row in tx.execute(_ALL)]


def _dump(trouble: Trouble) -> str:
    return json.dumps({"since": trouble.since.isoformat(), "detail": trouble.detail[:100], "item": trouble.item})


def _load(name: str, value: str) -> Trouble:
    kept = json.loads(value)
    return Trouble(name, datetime.fromisoformat(kept["since"]), kept["detail"], kept["item"])
