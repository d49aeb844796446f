"""A unit's ratings in numbers that name nobody: what became of those that were asked for, and how the ORS has changed.

The database counts; no rating is opened. Ratings that a person keeps from a staff member count as all others; so do
those of people with protected identity, who are a number here.

How many people are behind a number is asked apart, of the first few thousand ratings of a period: that is all there is
for most units, and for a large one it is enough to know that they are many.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, func, select

from storage.db import Tx
from storage.hot import Hot
from storage.tables_ratings import ratings

_HERE: Final = ratings.c


@dataclass(frozen=True, slots=True)
class Count:
    """So many ratings of one state and mode, on one scale in one version."""

    role: str
    instrument: str
    scale: str
    version: str
    state: str
    mode: str | None
    ratings: int


@dataclass(frozen=True, slots=True)
class Behind:
    """Somebody who has a rating of that state and mode, on that scale in that version."""

    scale: str
    version: str
    state: str
    mode: str | None
    participant_id: int


@dataclass(frozen=True, slots=True)
class Changed:
    """So many people whose latest ORS of the period, in one form, has one class against their first.

    `from_below` says on which side of the mark they began, None where no mark applied.
    """

    form: str
    outcome: str
    from_below: bool | None
    people: int


_PERIOD: Final = (
    _HERE.unit_id == bindparam("unit"),
    _HERE.asked_at >= bindparam("since"),
    _HERE.asked_at < bindparam("until"),
)


_CELL: Final = (_HERE.scale, _HERE.version, _HERE.state, _HERE.mode)
FIRST: Final = 2_000
"""So many ratings of a period are looked at to see who is behind the numbers, before more is asked."""


def _counts() -> Select[Any]:
    # One of them tells the scale's role and instrument: to group by those too, or to take their least, is slower.
    return select(func.min(_HERE.id), *_CELL, func.count()).where(*_PERIOD).group_by(*_CELL)


def _first_behind() -> Select[Any]:
    """Of the first ratings, in the index's own order: to look through them costs little however many there are."""
    seen = select(*_CELL, _HERE.participant_id).where(*_PERIOD).order_by(_HERE.asked_at)
    first = seen.limit(bindparam("first")).subquery()
    return select(first.c.scale, first.c.version, first.c.state, first.c.mode, first.c.participant_id).distinct()


def _behind() -> Select[Any]:
    this = (_HERE.scale == bindparam("scale"), _HERE.version == bindparam("version"), _HERE.state == bindparam("state"))
    return select(*_CELL, _HERE.participant_id).where(*_PERIOD, *this).distinct()


def _changes() -> Select[Any]:
    """Of each person and form the latest in the period that has something to be compared with: ids rise with time."""
    known = (*_PERIOD, _HERE.instrument == "ORS", _HERE.outcome.is_not(None))
    latest = select(func.max(_HERE.id)).where(*known).group_by(_HERE.participant_id, _HERE.form)
    below = case((_HERE.mark.is_(None), None), else_=_HERE.first_total < _HERE.mark)
    by = (_HERE.form, _HERE.outcome, below)
    return select(*by, func.count()).where(_HERE.id.in_(latest)).group_by(*by)


_COUNTS: Final = Hot(_counts())
_KINDS: Final = Hot(
    select(_HERE.id, _HERE.role, _HERE.instrument).where(_HERE.id.in_(bindparam("ids", expanding=True)))
)
_FIRST_BEHIND: Final = Hot(_first_behind())
_BEHIND: Final = Hot(_behind())
_CHANGES: Final = Hot(_changes())


def counts(tx: Tx, unit_id: int, since: datetime, until: datetime) -> list[Count]:
    """Count what was asked for from `since` to before `until` (UTC), by scale, version, state and mode."""
    rows = _COUNTS.all(tx, {"unit": unit_id, "since": since, "until": until})
    kinds = {row[0]: row[1:] for row in _KINDS.all(tx, {"ids": [row[0] for row in rows]})} if rows else {}
    return [Count(*kinds[row[0]], *row[1:]) for row in rows]


def changes(tx: Tx, unit_id: int, since: datetime, until: datetime) -> list[Changed]:
    """Count people by how their ORS has changed since the first, each person once in each form.

    The class is the one that was kept with the rating, by the marks that held then.
    """
    rows = _CHANGES.all(tx, {"unit": unit_id, "since": since, "until": until})
    return [Changed(row[0], row[1], None if row[2] is None else bool(row[2]), row[3]) for row in rows]


def first_behind(tx: Tx, unit_id: int, since: datetime, until: datetime) -> list[Behind]:
    """Give who is behind the FIRST ratings of a period, each once in each state and mode of a scale's version."""
    rows = _FIRST_BEHIND.all(tx, {"unit": unit_id, "since": since, "until": until, "first": FIRST})
    return [Behind(*row) for row in rows]


def behind(
    tx: Tx, unit_id: int, since: datetime, until: datetime, scale: str, version: str, state: str
) -> list[Behind]:
    """Give everybody who is behind the ratings of one state on one scale in one version, once for each mode."""
    which = {"scale": scale, "version": version, "state": state}
    rows = _BEHIND.all(tx, {"unit": unit_id, "since": since, "until": until, **which})
    return [Behind(*row) for row in rows]


def span(tx: Tx, unit_id: int) -> tuple[datetime, datetime] | None:
    """Give when the unit's first and latest ratings were asked for (UTC); None when none has been."""
    first, last = tx.execute(
        select(func.min(_HERE.asked_at), func.max(_HERE.asked_at)).where(_HERE.unit_id == unit_id)
    ).one()
    return None if first is None else (first, last)
