"""A unit's ratings in numbers that name nobody: what became of those that were asked for, and how the ORS has changed.

Two questions to the database, both answered by it: no rating is opened and none is brought here. Ratings that a person
keeps from a staff member count as all others; so do those of people with protected identity, who are a number here.
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
    """So many ratings of one state and mode, on one scale in one version; of so many people."""

    role: str
    instrument: str
    scale: str
    version: str
    state: str
    mode: str | None
    ratings: int
    people: int


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


def _counts() -> Select[Any]:
    by = (_HERE.scale, _HERE.version, _HERE.state, _HERE.mode)
    # A scale has one role and one instrument: to group by fewer columns is a third faster.
    same = (func.min(_HERE.role), func.min(_HERE.instrument))
    columns: tuple[Any, ...] = (*same, *by, func.count(), func.count(_HERE.participant_id.distinct()))
    return select(*columns).where(*_PERIOD).group_by(*by)


def _changes() -> Select[Any]:
    """One row a person and form: the latest in the period that has something to be compared with."""
    newest = func.row_number().over(
        partition_by=(_HERE.participant_id, _HERE.form), order_by=(_HERE.asked_at.desc(), _HERE.id.desc())
    )
    below = case((_HERE.mark.is_(None), None), else_=_HERE.first_total < _HERE.mark)
    given = select(_HERE.form, _HERE.outcome, below.label("below"), newest.label("place")).where(
        *_PERIOD, _HERE.instrument == "ORS", _HERE.outcome.is_not(None)
    )
    last = given.subquery()
    by = (last.c.form, last.c.outcome, last.c.below)
    return select(*by, func.count()).where(last.c.place == 1).group_by(*by)


def _people(*by: Any) -> Select[Any]:
    columns = [*by, func.count(_HERE.participant_id.distinct())]
    return select(*columns).where(*_PERIOD).group_by(*by)


_COUNTS: Final = Hot(_counts())
_PEOPLE: Final = Hot(_people(_HERE.scale, _HERE.version, _HERE.state))
_PEOPLE_IN_ALL: Final = Hot(_people(_HERE.scale, _HERE.version))
_CHANGES: Final = Hot(_changes())


def counts(tx: Tx, unit_id: int, since: datetime, until: datetime) -> list[Count]:
    """Count what was asked for from `since` to before `until` (UTC), by scale, version, state and mode."""
    return [Count(*row) for row in _COUNTS.all(tx, {"unit": unit_id, "since": since, "until": until})]


def changes(tx: Tx, unit_id: int, since: datetime, until: datetime) -> list[Changed]:
    """Count people by how their ORS has changed since the first, each person once in each form.

    The class is the one that was kept with the rating, by the marks that held then.
    """
    rows = _CHANGES.all(tx, {"unit": unit_id, "since": since, "until": until})
    return [Changed(row[0], row[1], None if row[2] is None else bool(row[2]), row[3]) for row in rows]


def people(tx: Tx, unit_id: int, since: datetime, until: datetime) -> dict[tuple[str, str, str], int]:
    """Count the people behind `counts` by (scale, version, state), and by (scale, version, "") for all states.

    One who has answered in two modes, or is there in two states, is one person: this can't be had by adding.
    """
    given = {"unit": unit_id, "since": since, "until": until}
    by_state = {(row[0], row[1], row[2]): int(row[3]) for row in _PEOPLE.all(tx, given)}
    return by_state | {(row[0], row[1], ""): int(row[2]) for row in _PEOPLE_IN_ALL.all(tx, given)}


def span(tx: Tx, unit_id: int) -> tuple[datetime, datetime] | None:
    """Give when the unit's first and latest ratings were asked for (UTC); None when none has been."""
    first, last = tx.execute(
        select(func.min(_HERE.asked_at), func.max(_HERE.asked_at)).where(_HERE.unit_id == unit_id)
    ).one()
    return None if first is None else (first, last)
