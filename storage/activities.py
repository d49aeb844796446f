"""Group activities: planned, changed, called off, held. What is next to be done about one stands in its `look_at`.

A change of what people are told raises the version: whoever is invited is told, and what was queued for the old one can
be told apart. All that was to be done before `look_at` has been done. Nothing of any person stands here.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from storage.db import Tx
from storage.errors import NotFound
from storage.hot import Hot
from storage.ids import new_id
from storage.tables_activities import activities, activity_series

_HERE: Final = activities.c


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An activity to plan; times are UTC."""

    unit_id: int
    title: str
    starts: datetime
    ends: datetime
    last_answer: datetime
    place: str | None = None
    where: str | None = None
    how: str | None = None
    places: int = 7
    least: int = 3
    leader: int | None = None
    series_id: int | None = None


class Activity(NamedTuple):
    """An activity as it stands. `where` are words of its own where it is at none of the unit's places."""

    id: int
    unit_id: int
    series_id: int | None
    title: str
    starts: datetime
    ends: datetime
    place: str | None
    where: str | None
    how: str | None
    places: int
    least: int
    last_answer: datetime
    leader: int | None
    state: str  # planned | cancelled | held
    version: int
    code: str
    made_at: datetime
    changed_at: datetime | None
    look_at: datetime | None

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.ends - self.starts).total_seconds() // 60)


_COLUMNS: Final = (
    _HERE.id, _HERE.unit_id, _HERE.series_id, _HERE.title, _HERE.starts, _HERE.ends, _HERE.place, _HERE.where_words,
    _HERE.how, _HERE.places, _HERE.least, _HERE.last_answer, _HERE.leader, _HERE.state, _HERE.version, _HERE.code,
    _HERE.made_at, _HERE.changed_at, _HERE.look_at,
)  # fmt: skip
_NAMES: Final = {"where": "where_words"}

TOLD: Final = frozenset({"title", "starts", "ends", "place", "where"})
"""What people know of an activity: when it changes, whoever was invited is told, and asked again."""


def add(tx: Tx, now: datetime, new: NewActivity) -> int:
    """Plan an activity; give its id. Its door's code is drawn here."""
    row_id = new_id(now)
    row = {
        "id": row_id, "unit_id": new.unit_id, "series_id": new.series_id, "title": new.title,
        "starts": new.starts, "ends": new.ends, "place": new.place, "where_words": new.where, "how": new.how,
        "places": new.places, "least": new.least, "last_answer": new.last_answer, "leader": new.leader,
        "code": f"{secrets.randbelow(9_000) + 1_000}", "made_at": now, "look_at": now,
    }  # fmt: skip
    tx.execute(insert(activities), row)
    return row_id


def change(tx: Tx, now: datetime, activity_id: int, **values: Any) -> int:
    """Change an activity and give its version; what is to be done about it is looked at now.

    The version rises when something changes that people are told, and an answer belongs to what was told: more places,
    or another leader, ask nobody to answer anew.
    """
    before = get(tx, activity_id, to_change=True)
    told = any(name in TOLD and value != getattr(before, name) for name, value in values.items())
    stored = {_NAMES.get(name, name): value for name, value in values.items()}
    stored["look_at"] = now if before.look_at is None else min(before.look_at, now)
    if told:
        stored |= {"version": before.version + 1, "changed_at": now}
    tx.execute(update(activities).where(_HERE.id == activity_id).values(stored))
    return before.version + told


def cancel(tx: Tx, now: datetime, activity_id: int) -> bool:
    """Call an activity off; False when it was, or has been held."""
    still = update(activities).where(_HERE.id == activity_id, _HERE.state == "planned")
    values = {"state": "cancelled", "version": _HERE.version + 1, "changed_at": now, "look_at": None}
    return tx.execute(still.values(values)).rowcount == 1


def set_held(tx: Tx, activity_id: int) -> None:
    """It took place."""
    tx.execute(update(activities).where(_HERE.id == activity_id, _HERE.state == "planned").values(state="held"))


def look_next(tx: Tx, activity_id: int, when: datetime | None) -> None:
    """Set when it is next looked at (UTC); None: never."""
    tx.execute(update(activities).where(_HERE.id == activity_id).values(look_at=when))


def look_soon(tx: Tx, now: datetime, activity_id: int) -> None:
    """Let it be looked at now, unless that was to be done earlier still: what was due then has not been done."""
    later = (_HERE.id == activity_id) & ((_HERE.look_at > now) | _HERE.look_at.is_(None))
    tx.execute(update(activities).where(later).values(look_at=now))


# --- reading ----------------------------------------------------------------------------------------------------------

_ONE: Final = Hot(select(*_COLUMNS).where(_HERE.id == bindparam("activity")))


def find(tx: Tx, activity_id: int, *, to_change: bool = False) -> Activity | None:
    """Give an activity, kept from other writers `to_change`; None when there is none."""
    if to_change:
        row = tx.execute(select(*_COLUMNS).where(_HERE.id == activity_id).with_for_update()).first()
    else:
        row = _ONE.first(tx, {"activity": activity_id})
    return None if row is None else Activity(*row)


def get(tx: Tx, activity_id: int, *, to_change: bool = False) -> Activity:
    """Give an activity; NotFound when there is none."""
    found = find(tx, activity_id, to_change=to_change)
    if found is None:
        raise NotFound("activity", activity_id)
    return found


def list_between(tx: Tx, unit_ids: Collection[int] | None, since: datetime, until: datetime) -> list[Activity]:
    """Give the activities of some units (None: of all) that begin in a span, the soonest first, called off ones too."""
    wanted = select(*_COLUMNS).where(_HERE.starts >= since, _HERE.starts < until)
    if unit_ids is not None:
        wanted = wanted.where(_HERE.unit_id.in_(sorted(unit_ids)))
    return [Activity(*row) for row in tx.execute(wanted.order_by(_HERE.starts, _HERE.id))]


def list_many(tx: Tx, activity_ids: Collection[int]) -> dict[int, Activity]:
    """Give some activities by their ids."""
    return {row.id: Activity(*row) for row in _SOME.all(tx, {"activities": sorted(activity_ids)})}


_SOME: Final = Hot(select(*_COLUMNS).where(_HERE.id.in_(bindparam("activities", expanding=True))))


def any_due(tx: Tx, now: datetime) -> bool:
    """Whether something is to be done about an activity."""
    wanted = select(_HERE.id).where(_HERE.look_at.is_not(None), _HERE.look_at <= now)
    return tx.execute(wanted.limit(1)).first() is not None


def take_due(tx: Tx, now: datetime, limit: int) -> list[Activity]:
    """Give the activities that are to be looked at, kept from other workers."""
    wanted = select(*_COLUMNS).where(_HERE.look_at.is_not(None), _HERE.look_at <= now).order_by(_HERE.look_at, _HERE.id)
    return [Activity(*row) for row in tx.execute(wanted.limit(limit).with_for_update(skip_locked=True))]


# --- series -----------------------------------------------------------------------------------------------------------


def add_series(tx: Tx, now: datetime, unit_id: int, title: str, rule: str, starts: datetime) -> int:
    """Keep a series; give its id. Its occasions are activities of their own."""
    row_id = new_id(now)
    row = {"id": row_id, "unit_id": unit_id, "title": title, "rule": rule, "starts": starts, "made_at": now}
    tx.execute(insert(activity_series), row)
    return row_id


def list_of_series(tx: Tx, series_ids: Sequence[int]) -> list[Activity]:
    """Give every occasion of some series, the soonest first."""
    wanted = select(*_COLUMNS).where(_HERE.series_id.in_(series_ids))
    return [Activity(*row) for row in tx.execute(wanted.order_by(_HERE.starts, _HERE.id))]
