"""Ratings for an export, page after page in the order in which they were asked for, as storage/reports.py does it.

What belongs to somebody with protected identity is never opened, nor what a person keeps from the one who reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.db import Tx
from storage.reports import Keys, Scope, keys_of, opened, pages, within
from storage.tables import participants
from storage.tables_meetings import appointments
from storage.tables_ratings import ratings


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A rating and its session. `items` and `comment` are None where they are hidden, or can't be read.

    `session_at` is when the session began (UTC), None for a check-in. `kept` says that the person keeps it from the
    reader: then it has no numbers either. Totals and marks are in points.
    """

    id: int
    participant_id: int
    unit_id: int
    protected: bool
    kept: bool
    session_at: datetime | None
    role: str
    scale: str
    version: str
    instrument: str
    mode: str | None
    state: str
    asked_at: datetime
    answered_at: datetime | None
    items: Mapping[str, float | None] | None
    comment: str | None
    total: float | None
    first_total: float | None
    mark: float | None
    outcome: str | None
    straight: bool
    marks: Mapping[str, Any]


def list_ratings(tx: Tx, scope: Scope) -> Iterator[RatingRow]:
    """Give the ratings of the scope, whatever became of them, in the order in which they were asked for."""
    wanted = select(ratings, participants.c.protected, appointments.c.starts.label("session_at"))
    wanted = wanted.join(participants, participants.c.id == ratings.c.participant_id)
    wanted = wanted.outerjoin(appointments, appointments.c.id == ratings.c.appointment_id)
    wanted = within(wanted, scope, ratings.c.unit_id, ratings.c.asked_at)
    for page in pages(tx, wanted, ratings.c.id):
        keys = keys_of(tx, page, "answers_enc")
        yield from (_row(keys, row, scope.for_staff) for row in page)


def _row(keys: Keys, row: Any, reader: int | None) -> RatingRow:
    kept = row.hidden_from is not None and row.hidden_from == reader
    shut = kept or row.protected
    told = None if shut else _answers(keys, row)
    return RatingRow(
        id=row.id, participant_id=row.participant_id, unit_id=row.unit_id, protected=row.protected, kept=kept,
        session_at=row.session_at, role=row.role, scale=row.scale, version=row.version, instrument=row.instrument,
        mode=row.mode, state=row.state, asked_at=row.asked_at, answered_at=row.answered_at,
        items=None if told is None else told["items"], comment=None if told is None else told["comment"],
        total=None if shut else _points(row.total), first_total=None if shut else _points(row.first_total),
        mark=_points(row.mark), outcome=None if shut else row.outcome, straight=row.straight and not shut,
        marks=row.marks,
    )  # fmt: skip


def _answers(keys: Keys, row: Any) -> Mapping[str, Any] | None:
    if row.answers_enc is None:
        return {"items": {}, "comment": None}
    text = opened(keys, "ratings", "answers_enc", row.id, row.answers_enc)
    return None if text is None else dict(json.loads(text))


def _points(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10
