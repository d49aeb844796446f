"""How many messages that count against the weekly budget reached people lately."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, or_, select, text

from rules.kinds import KINDS
from storage.bulk import Bulk
from storage.columns import UtcDateTime
from storage.db import Tx
from storage.sql import among, ids_for
from storage.tables import outbox

_COUNTING: Final = [name for name, each in KINDS.items() if each.budget]


def reached_lately(tx: Tx, participant_ids: Iterable[int], since: datetime, now: datetime) -> dict[int, list[datetime]]:
    """When messages that count against the budget reached these people since then; what is on its way counts as now."""
    asked = {"ids": ids_for(tx, set(participant_ids)), "since": since}
    reached: dict[int, list[datetime]] = {}
    for row in _REACHED[tx.dialect].all(tx, asked):
        reached.setdefault(row.participant_id, []).append(row.accepted_at or now)
    return reached


def _reached(dialect: str) -> Any:
    here = outbox.c
    theirs = select(here.participant_id, here.accepted_at).where(
        among(here.participant_id, dialect), or_(*(here.kind == name for name in _COUNTING))
    )
    under_way = theirs.where(text("outbox.state in ('sending','uncertain')"))
    return theirs.where(here.accepted_at >= bindparam("since", type_=UtcDateTime)).union_all(under_way)


_REACHED: Final = {dialect: Bulk(_reached(dialect)) for dialect in ("sqlite", "postgresql")}
