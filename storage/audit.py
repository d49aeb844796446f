"""Who read and did what. Written in the transaction of the deed; never changed, never about a person by name.

Every line is marked as ours when it is written, and is a link of a chain: see storage/audit_chain.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, false, insert, not_, or_, select

from storage import audit_chain
from storage.audit_line import READS, Entry, may_wait, written_by_us
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.tables import audit
from storage.tables_audit import audit_waiting

__all__ = ["Entry", "Sort", "Wanted", "all_lines", "list_latest", "list_lines", "write"]

_WRITE: Final = Hot(insert(audit), ("id", "at", "actor", "action", "object_ref", "outcome", "mark"))
_WAIT: Final = Hot(insert(audit_waiting), ("audit_id",))
_PAGE: Final = 5_000
_COLUMNS: Final = (audit.c.id, audit.c.at, audit.c.actor, audit.c.action, audit.c.object_ref, audit.c.outcome)


def write(tx: Tx, now: datetime, actor: str, action: str, object_ref: str, outcome: str = "ok") -> None:
    """Add a line: `staff:17` did `participant.show` to `participant:812`. Ids only, so that erasing never breaks it.

    A change is linked into the chain with the commit, a read (see audit_line.READS) within seconds.
    """
    line = Entry(new_id(now), now, actor, action, object_ref, outcome)
    mark = tx.vault.audit_mark(written_by_us(line))
    row = {"id": line.id, "at": now, "actor": actor, "action": action, "object_ref": object_ref, "outcome": outcome}
    _WRITE.run(tx, {**row, "mark": mark})
    if may_wait(actor, action):
        _WAIT.run(tx, {"audit_id": line.id})
    else:
        _link_at_the_end(tx, line.id)


class _Linking:
    """What links a transaction's changes at its end, in one go. Ids of lines taken back by a savepoint do no harm."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def __call__(self, tx: Tx) -> None:
        audit_chain.link(tx, self.ids)


def _link_at_the_end(tx: Tx, line_id: int) -> None:
    acts: list[Callable[[Tx], None]] = tx.last_acts or []
    linking = next((act for act in acts if isinstance(act, _Linking)), None)
    if linking is None:
        linking = _Linking()
        tx.at_the_end(linking)
    linking.ids.append(line_id)


# --- to be read -------------------------------------------------------------------------------------------------------


Sort = Literal["reads", "changes", "refused"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: all that is given must hold. `actors` are names as written, each with or without ` via ...`."""

    since: datetime | None = None
    until: datetime | None = None  # before this
    refs: Collection[str] | None = None
    actors: Collection[str] | None = None
    sort: Sort | None = None


def list_latest(tx: Tx, limit: int = 100, *, object_ref: str | None = None) -> list[Entry]:
    """Give the latest lines, newest first, all or those about one object."""
    return list_lines(tx, Wanted(refs=None if object_ref is None else (object_ref,)), limit)


def list_lines(tx: Tx, wanted: Wanted, limit: int, *, before: int | None = None) -> list[Entry]:
    """Give the lines that fit, newest first; `before`: only those with a lower id, for the page after."""
    asked = _fitting(wanted)
    if before is not None:
        asked = asked.where(audit.c.id < before)
    return [Entry(*row) for row in tx.execute(asked.order_by(audit.c.id.desc()).limit(limit))]


def all_lines(tx: Tx, wanted: Wanted) -> Iterator[Entry]:
    """Give every line that fits, oldest first."""
    after = -1
    while rows := tx.execute(_fitting(wanted).where(audit.c.id > after).order_by(audit.c.id).limit(_PAGE)).all():
        yield from (Entry(*row) for row in rows)
        after = rows[-1].id


def _fitting(wanted: Wanted) -> Select[Any]:
    asked = select(*_COLUMNS)
    if wanted.since is not None:
        asked = asked.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(audit.c.at < wanted.until)
    if wanted.refs is not None:
        asked = asked.where(audit.c.object_ref.in_(sorted(wanted.refs)))
    if wanted.actors is not None:
        asked = asked.where(or_(false(), *(part for name in sorted(wanted.actors) for part in _is_actor(name))))
    if wanted.sort == "refused":
        asked = asked.where(audit.c.outcome.startswith("refused"))
    elif wanted.sort is not None:
        looks = or_(*(audit.c.action.like(f"%.{verb}") for verb in sorted(READS)), audit.c.action.in_(sorted(READS)))
        asked = asked.where(looks if wanted.sort == "reads" else not_(looks))
    return asked


def _is_actor(name: str) -> tuple[ColumnElement[bool], ...]:
    return audit.c.actor == name, audit.c.actor.startswith(f"{name} via ", autoescape=True)
