"""How the database itself is: can it be written, is it whole, what does its clock say, how much room is there."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from storage import control
from storage.db import Store
from storage.errors import StoreUnavailable

_PROBE: Final = "readyz"
_STEPS: Final = 100_000  # of SQLite's machine between two looks at the clock


class _PutBack(Exception):
    """Ends the trial write without keeping it."""


def try_write(store: Store) -> None:
    """Write something and put it back. Raises StoreUnavailable when it cannot be written."""
    with suppress(_PutBack), store.begin() as tx:
        control.put(tx, _PROBE, "")
        raise _PutBack


def quick_check(store: Store, most_seconds: float = 20.0) -> list[str]:
    """Give what SQLite finds broken in its file, at most ten lines; nothing when it is whole.

    Stops looking after `most_seconds`, with what was found by then. PostgreSQL has no such question: nothing.
    """
    if store.lane.dialect != "sqlite":
        return []
    found: list[str] = []
    end = time.monotonic() + most_seconds
    with store.read() as tx:
        driver: Any = tx.conn.connection.dbapi_connection
        driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            found += [str(row[0]) for row in driver.execute("PRAGMA quick_check(10)") if row[0] != "ok"]
        except Exception as error:
            if "interrupted" not in str(error):
                raise StoreUnavailable("damaged") from error
        finally:
            driver.set_progress_handler(None, 0)
    return found


def clock(store: Store) -> datetime | None:
    """Give what time it is on the database's server, UTC; None for SQLite, which has no clock of its own."""
    if store.lane.dialect == "sqlite":
        return None
    with store.read() as tx:
        at: datetime = tx.conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    return at.astimezone(UTC)


def free_bytes(store: Store) -> int | None:
    """Give the room left on the disk that SQLite's file is on; None where the file is another machine's matter."""
    if store.lane.dialect != "sqlite" or not store.url.database:
        return None
    return shutil.disk_usage(Path(store.url.database).resolve().parent).free
