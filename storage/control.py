"""Small things about the running of it all: switches, heartbeats, and the day's counts, none of them about a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, select

from storage.sql import Insert, per_dialect
from storage.tables import control, counters, heartbeats

if TYPE_CHECKING:
    from storage.db import Tx

TELEGRAM_BOT: Final = "telegram_bot"  # the bot's name, as Telegram said it last
SENDING_HOLD: Final = "sending_hold"  # the value says why nothing is sent; no row: sending goes on

_GET: Final = select(control.c.value).where(control.c.name == bindparam("name"))


def _replace_value(insert: Insert) -> Insert:
    return insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})


def _replace_at(insert: Insert) -> Insert:
    return insert.on_conflict_do_update(index_elements=["component"], set_={"at": insert.excluded.at})


def _add_up(insert: Insert) -> Insert:
    more = counters.c.count + insert.excluded.count
    return insert.on_conflict_do_update(index_elements=["day", "unit_slug", "name"], set_={"count": more})


_PUT: Final = per_dialect(control, _replace_value)
_BEAT: Final = per_dialect(heartbeats, _replace_at)
_COUNT: Final = per_dialect(counters, _add_up)


def find(tx: Tx, name: str) -> str | None:
    """Give a control value, or None."""
    value: str | None = tx.execute(_GET, {"name": name}).scalar_one_or_none()
    return value


def put(tx: Tx, name: str, value: str) -> None:
    """Set a control value (at most 400 characters)."""
    tx.execute(_PUT[tx.dialect], {"name": name, "value": value})


def clear(tx: Tx, name: str) -> None:
    """Take a control value away, if it is there."""
    tx.execute(delete(control).where(control.c.name == name))


def beat(tx: Tx, component: str, at: datetime) -> None:
    """Note that a component was alive at `at` (UTC, lease time)."""
    tx.execute(_BEAT[tx.dialect], {"component": component, "at": at})


def beats(tx: Tx) -> dict[str, datetime]:
    """Give when each component was last alive, UTC."""
    return {row.component: row.at for row in tx.execute(select(heartbeats))}


def count(tx: Tx, day: date, unit_slug: str, name: str, by: int = 1) -> None:
    """Add to a day's count; a count is of events, never tied to a person. `unit_slug` may be empty."""
    tx.execute(_COUNT[tx.dialect], {"day": day, "unit_slug": unit_slug, "name": name, "count": by})


def list_counts(tx: Tx, since: date, until: date) -> list[tuple[date, str, str, int]]:
    """Give (day, unit slug, name, count) for the days from `since` through `until`, in order."""
    wanted = select(counters).where(counters.c.day.between(since, until))
    rows = tx.execute(wanted.order_by(counters.c.day, counters.c.unit_slug, counters.c.name))
    return [(row[0], row[1], row[2], row[3]) for row in rows]
