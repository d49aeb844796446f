"""What only one process at a time may do, on however many hosts: whoever holds the lock does it.

PostgreSQL: an advisory lock on a connection of its own. SQLite: a lock on a file beside the database, for all its
processes are on one machine. Either is let go by itself when its holder dies.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from storage.db import Store
from storage.errors import unavailable


class Alone(Protocol):
    """A lock by name."""

    def take(self) -> bool:
        """Take it, or see that it is held still; False when another has it. StoreUnavailable when none can tell."""
        ...

    def leave(self) -> None:
        """Let it go, if it is held."""
        ...


def alone(store: Store, name: str) -> Alone:
    """Give the lock of that name (a short word) on this database."""
    return _FileLock(store, name) if store.lane.dialect == "sqlite" else _AdvisoryLock(store, name)


class _FileLock:
    def __init__(self, store: Store, name: str) -> None:
        file = Path(store.url.database or "")
        self._path = file.with_name(f"{file.name}.{name}.lock")
        self._handle: int | None = None

    def take(self) -> bool:
        """See Alone.take."""
        if self._handle is not None:
            return True
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def leave(self) -> None:
        """See Alone.leave."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class _AdvisoryLock:
    def __init__(self, store: Store, name: str) -> None:
        self._engine = create_engine(
            store.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10}
        )
        event.listen(self._engine, "handle_error", lambda context: unavailable(context.original_exception))
        self._number = int.from_bytes(hashlib.sha256(f"ingang {name}".encode()).digest()[:8], signed=True)
        self._conn: Connection | None = None

    def take(self) -> bool:
        """See Alone.take. A connection that broke has lost the lock: then it is taken anew, or another has it."""
        try:
            if self._conn is not None:
                self._conn.execute(text("SELECT 1"))
                return True
            self._conn = self._engine.connect()
            taken = self._conn.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": self._number}).scalar()
        except BaseException:
            self.leave()
            raise
        if not taken:
            self.leave()
        return bool(taken)

    def leave(self) -> None:
        """See Alone.leave."""
        if self._conn is not None:
            conn, self._conn = self._conn, None
            try:
                conn.close()
            except Exception:  # noqa: BLE001 - a connection that is broken has let go already
                conn.invalidate()
