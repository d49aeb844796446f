"""Ratings: asked once a session and role, given item by item, finished with the values that they were scored by.

What each item got and what was written is sealed with the person's key. A rating that was begun keeps every item that
was given, so that nothing is lost when a talk breaks off or a process dies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, or_, select, update

from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables_desk import exits
from storage.tables_ratings import ratings

OPEN: Final = ("asked", "begun")
"""States in which a rating can still be answered."""

GIVEN: Final = ("answered", "partly")
"""States of a rating that somebody has sent."""

_HERE: Final = ratings.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rating to ask for. `expires`: until when it can be answered (UTC). `mode` when it is known from the start."""

    participant_id: int
    unit_id: int
    appointment_id: int | None
    role: str  # before | after | check_in
    scale: str
    version: str
    instrument: str  # ORS | SRS | own
    expires: datetime
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished rating came to; points with one decimal. `form`: line or numbers. `marks`: the values used."""

    form: str
    total: float | None
    first_total: float | None
    mark: float | None
    outcome: str | None
    straight: bool
    low: int
    marks: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating as it stands. `items` are by the scale's keys; None is one that was skipped.

    When it cannot be read any more `readable` is False, and it has neither items nor a comment.
    """

    id: int
    participant_id: int
    unit_id: int
    appointment_id: int | None
    episode: int
    role: str
    scale: str
    version: str
    instrument: str
    mode: str | None
    form: str | None
    state: str
    asked_at: datetime
    answered_at: datetime | None
    expires_at: datetime
    items: Mapping[str, float | None]
    comment: str | None
    total: float | None
    first_total: float | None
    mark: float | None
    outcome: str | None
    straight: bool
    low: int
    marks: Mapping[str, Any] = field(default_factory=dict)
    hidden_from: int | None = None
    readable: bool = True

    @property
    def below(self) -> bool | None:
        """Whether its total lies below its mark; None where there is either not."""
        return None if self.total is None or self.mark is None else self.total < self.mark

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.state in OPEN


# --- asking and answering ---------------------------------------------------------------------------------------------

_ADD: Final = per_dialect(
    ratings, lambda insert: insert.on_conflict_do_nothing(index_elements=["appointment_id", "role"])
)


def ask(tx: Tx, now: datetime, wanted: Wanted) -> int | None:
    """Let a rating be asked for; give its id, or None when that of the meeting was asked for before, whatever came."""
    row: dict[str, Any] = {
        "id": new_id(now), "participant_id": wanted.participant_id, "unit_id": wanted.unit_id,
        "appointment_id": wanted.appointment_id, "role": wanted.role, "scale": wanted.scale,
        "version": wanted.version, "instrument": wanted.instrument, "mode": wanted.mode, "state": "asked",
        "asked_at": now, "expires_at": wanted.expires, "marks": {},
        "episode": episode_of(tx, wanted.participant_id),
    }  # fmt: skip
    added = tx.execute(_ADD[tx.dialect].returning(_HERE.id), row).first()
    return None if added is None else int(added[0])


def episode_of(tx: Tx, participant_id: int) -> int:
    """Count the times that a person has left and not been taken back: the number of the time that they are with us."""
    left = select(func.count()).select_from(exits)
    left = left.where(exits.c.participant_id == participant_id, exits.c.undone_at.is_(None))
    return int(tx.execute(left).scalar_one())


def keep_item(tx: Tx, now: datetime, rating_id: int, key: str, value: float | None, mode: str) -> bool:
    """Keep what one item got, None for one that was skipped; False when the rating can't be answered any more."""
    return _keep(tx, rating_id, mode, lambda told: told["items"].update({key: value}))


def keep_comment(tx: Tx, now: datetime, rating_id: int, text: str, mode: str) -> bool:
    """Keep the words of the open question; False when the rating can't be answered any more."""
    return _keep(tx, rating_id, mode, lambda told: told.update(comment=text))


def add_comment(tx: Tx, rating_id: int, text: str) -> bool:
    """Keep the words of the open question after the items were sent; False when it was sent another way, or ran out."""
    row = tx.execute(select(ratings).where(_HERE.id == rating_id).with_for_update()).first()
    if row is None or row.state == "expired":
        return False
    key = tx.vault.key_for(tx, row.participant_id)
    told = _opened(row, tx.vault.keys_by_id(tx, _key_ids([row]))) or {"items": {}, "comment": None}
    told["comment"] = "\n".join(filter(None, (told["comment"], text)))
    state = "partly" if row.state == "declined" else row.state
    values = {"answers_enc": _sealed(key, rating_id, told), "state": state}
    tx.execute(update(ratings).where(_HERE.id == rating_id).values(values))
    return True


def _keep(tx: Tx, rating_id: int, mode: str, change: Any) -> bool:
    row = tx.execute(select(ratings).where(_HERE.id == rating_id).with_for_update()).first()
    if row is None or row.state not in OPEN:
        return False
    key = tx.vault.key_for(tx, row.participant_id)
    told = _opened(row, tx.vault.keys_by_id(tx, _key_ids([row]))) or {"items": {}, "comment": None}
    change(told)
    values = {"answers_enc": _sealed(key, rating_id, told), "state": "begun", "mode": mode}
    tx.execute(update(ratings).where(_HERE.id == rating_id).values(values))
    return True


def hide_from(tx: Tx, rating_id: int, staff_id: int | None) -> None:
    """The person chose that another than this staff member reads it; None: anybody of the unit again."""
    tx.execute(update(ratings).where(_HERE.id == rating_id).values(hidden_from=staff_id))


def finish(tx: Tx, now: datetime, rating_id: int, mode: str, result: Result) -> str | None:
    """It is sent: keep what it came to. Give its state, or None when it could not be answered any more.

    answered with every item, partly with some of them or words alone, declined with nothing at all.
    """
    each = find(tx, rating_id, to_change=True)
    if each is None or not each.is_open:
        return None
    said = bool(each.comment) or any(value is not None for value in each.items.values())
    state = "answered" if result.total is not None else "partly" if said else "declined"
    values = {
        "state": state, "answered_at": now, "mode": mode, "form": result.form, "total": _tenths(result.total),
        "first_total": _tenths(result.first_total), "mark": _tenths(result.mark), "outcome": result.outcome,
        "straight": result.straight, "low": result.low, "marks": dict(result.marks),
    }  # fmt: skip
    tx.execute(update(ratings).where(_HERE.id == rating_id).values(values))
    return state


def decline(tx: Tx, now: datetime, rating_id: int) -> bool:
    """They do not want to; what was given before stays. False when it was sent or has run out."""
    values = {"state": "declined", "answered_at": now}
    still = update(ratings).where(_HERE.id == rating_id, _HERE.state.in_(OPEN))
    return bool(tx.execute(still.values(values)).rowcount)


def any_run_out(tx: Tx, now: datetime) -> bool:
    """Whether a rating that nobody sent can't be answered any more."""
    wanted = select(_HERE.id).where(_HERE.state.in_(OPEN), _HERE.expires_at <= now)
    return tx.execute(wanted.limit(1)).first() is not None


def list_run_out(tx: Tx, now: datetime, limit: int = 200) -> list[Rating]:
    """Give ratings that nobody sent before their time was out, kept from others: begun ones may be finished as are."""
    wanted = select(ratings).where(_HERE.state.in_(OPEN), _HERE.expires_at <= now).order_by(_HERE.id).limit(limit)
    return _read(tx, tx.execute(wanted.with_for_update(skip_locked=True)).all())


def expire(tx: Tx, rating_id: int) -> None:
    """Nobody answered in time."""
    tx.execute(update(ratings).where(_HERE.id == rating_id, _HERE.state.in_(OPEN)).values(state="expired"))


# --- reading ----------------------------------------------------------------------------------------------------------

_ONE: Final = Hot(select(ratings).where(_HERE.id == bindparam("rating")))
_ONE_TO_CHANGE: Final = select(ratings).where(_HERE.id == bindparam("rating")).with_for_update()


def find(tx: Tx, rating_id: int, *, to_change: bool = False) -> Rating | None:
    """Give a rating, kept from other writers `to_change`; None when there is none."""
    asked = {"rating": rating_id}
    row = tx.execute(_ONE_TO_CHANGE, asked).first() if to_change else _ONE.first(tx, asked)
    return None if row is None else _read(tx, [row])[0]


def find_of_session(tx: Tx, appointment_id: int, role: str) -> Rating | None:
    """Give the rating of a session and role, or None."""
    wanted = select(ratings).where(_HERE.appointment_id == appointment_id, _HERE.role == role)
    row = tx.execute(wanted).first()
    return None if row is None else _read(tx, [row])[0]


def list_check_ins(tx: Tx, participant_id: int) -> list[Rating]:
    """Give a person's check-ins of the time that they are with us, oldest first; not those whose time ran out."""
    mine = (_HERE.participant_id == participant_id, _HERE.episode == episode_of(tx, participant_id))
    wanted = select(ratings).where(*mine, _HERE.role == "check_in", _HERE.state != "expired")
    return _read(tx, tx.execute(wanted.order_by(_HERE.asked_at, _HERE.id)).all())


_OF_PERSON: Final = Hot(
    select(ratings)
    .where(
        _HERE.participant_id == bindparam("person"),
        or_(_HERE.hidden_from.is_(None), _HERE.hidden_from != bindparam("staff")),
    )
    .order_by(_HERE.asked_at, _HERE.id)
)


def list_of(tx: Tx, participant_id: int, *, for_staff: int | None = None) -> list[Rating]:
    """Give a person's ratings, oldest first, but for those that they chose to keep from this staff member."""
    return _read(tx, _OF_PERSON.all(tx, {"person": participant_id, "staff": for_staff or 0}))


def first_total(tx: Tx, participant_id: int, episode: int, scale: str, form: str) -> float | None:
    """Give the first total of a person in an episode on a scale in one form: what a change is counted from."""
    first = select(_HERE.total).where(
        _HERE.participant_id == participant_id, _HERE.episode == episode, _HERE.scale == scale, _HERE.form == form,
        _HERE.state == "answered",
    )  # fmt: skip
    found = tx.execute(first.order_by(_HERE.asked_at, _HERE.id).limit(1)).scalar()
    return _points(found)


def list_for_sessions(tx: Tx, appointment_ids: Sequence[int]) -> list[Rating]:
    """Give every rating of some sessions, in any order."""
    return _read(tx, tx.execute(select(ratings).where(_HERE.appointment_id.in_(appointment_ids))).all())


# --- what is sealed ---------------------------------------------------------------------------------------------------


def _sealed(key: PersonKey, rating_id: int, told: Mapping[str, Any]) -> bytes:
    return key.seal("ratings", "answers_enc", rating_id, json.dumps(told, ensure_ascii=False))


def _key_ids(rows: Iterable[Row[Any]]) -> list[int]:
    return [key_id_of(row.answers_enc) or 0 for row in rows if row.answers_enc is not None]


def _opened(row: Row[Any], keys: Mapping[int, PersonKey]) -> dict[str, Any] | None:
    """What was answered; an empty one for a rating that nobody has begun, None when it cannot be read."""
    if row.answers_enc is None:
        return {"items": {}, "comment": None}
    key = keys.get(key_id_of(row.answers_enc) or 0)
    return None if key is None else dict(json.loads(key.open("ratings", "answers_enc", row.id, row.answers_enc)))


def _read(tx: Tx, rows: Sequence[Any]) -> list[Rating]:
    keys = tx.vault.keys_by_id(tx, _key_ids(rows))
    return [_rating(row, _opened(row, keys)) for row in rows]


def _rating(row: Row[Any], told: Mapping[str, Any] | None) -> Rating:
    read = told or {"items": {}, "comment": None}
    return Rating(
        id=row.id, participant_id=row.participant_id, unit_id=row.unit_id, appointment_id=row.appointment_id,
        episode=row.episode, role=row.role, scale=row.scale, version=row.version, instrument=row.instrument,
        mode=row.mode, form=row.form, state=row.state, asked_at=row.asked_at, answered_at=row.answered_at,
        expires_at=row.expires_at, items=read["items"], comment=read["comment"], total=_points(row.total),
        first_total=_points(row.first_total), mark=_points(row.mark), outcome=row.outcome, straight=row.straight,
        low=row.low, marks=row.marks, hidden_from=row.hidden_from, readable=told is not None,
    )  # fmt: skip


def _tenths(points: float | None) -> int | None:
    return None if points is None else round(points * 10)


def _points(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10
