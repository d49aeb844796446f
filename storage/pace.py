"""How fast each channel may be used, shared by every worker: one row a channel, in lease time. See rules.rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from storage.db import Tx
from storage.hot import Hot
from storage.sql import Insert, per_dialect
from storage.tables import channel_pace


@dataclass(slots=True)
class State:
    """How a channel stands: when its next message would go at an even pace, until when it rests, whether it is down."""

    next_at: datetime | None = None
    paused_until: datetime | None = None
    failing: bool = False


def of_channels(tx: Tx) -> dict[str, State]:
    """How the channels stand that have anything to tell."""
    return _states(_ALL.all(tx))


def hold(tx: Tx) -> dict[str, State]:
    """`of_channels`, to be changed: until the commit no other worker gets an answer."""
    return _states((_HELD if tx.dialect == "postgresql" else _ALL).all(tx))


def keep(tx: Tx, channel: str, state: State) -> None:
    """Write down how a channel stands."""
    values = {"channel": channel, "next_at": state.next_at, "paused_until": state.paused_until}
    _KEEP[tx.dialect].run(tx, {**values, "failing": state.failing})


def _newest(insert: Insert) -> Insert:
    given: Mapping[str, Any] = {name: insert.excluded[name] for name in ("next_at", "paused_until", "failing")}
    return insert.on_conflict_do_update(index_elements=["channel"], set_=given)


def _states(rows: Iterable[Any]) -> dict[str, State]:
    return {row.channel: State(row.next_at, row.paused_until, bool(row.failing)) for row in rows}


_ALL: Final = Hot(select(channel_pace))
_HELD: Final = Hot(select(channel_pace).order_by(channel_pace.c.channel).with_for_update())
_COLUMNS: Final = ("channel", "next_at", "paused_until", "failing")
_KEEP: Final = {dialect: Hot(made, _COLUMNS) for dialect, made in per_dialect(channel_pace, _newest).items()}
