"""How each database's transactions are opened and ended: what `storage.db` stands on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, get_ident
from typing import Any, Final, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.pool import NullPool

from storage import schema
from storage.errors import StoreError, StoreUnavailable, unavailable

WAIT_S: Final = 10.0  # for another writer, before a door answers 503: a provider gives up after 15
_KEPT_READERS: Final = 8

_PRAGMAS: Final = (
    "journal_mode = wal",
    "synchronous = full",  # what was acknowledged is there after a power cut
    "foreign_keys = on",
    "temp_store = memory",
    "secure_delete = on",  # an erased key leaves no trace in the file
    "journal_size_limit = 67108864",
    "wal_autocheckpoint = 4000",  # pages, 16 MB: at the default 1,000 every sixtieth turn takes five times as long
)


class Lane(Protocol):
    """A database's way of opening and ending transactions."""

    dialect: str

    def open_write(self) -> Connection:
        """Begin a write transaction."""
        ...

    def open_for_changes(self) -> Connection:
        """Begin a write transaction that changes the tables themselves, the only one at it."""
        ...

    def close_write(self, conn: Connection, *, commit: bool) -> None:
        """Commit or roll back, and let the next writer in."""
        ...

    def open_read(self) -> Connection:
        """Begin to read one moment of the database."""
        ...

    def close_read(self, conn: Connection, *, sound: bool) -> None:
        """End the reading; `sound` False when the connection is not to be used again."""
        ...

    def empty_wal(self) -> None:
        """Let nothing that was erased linger beside the database, as far as that is in our hands."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


def run_raw(conn: Connection, statement: str) -> None:
    """Run a statement of ours on the driver's own connection, past SQLAlchemy."""
    _on_driver(conn, lambda driver: driver.execute(statement))


def end_raw(conn: Connection, *, commit: bool) -> None:
    """End the transaction on the driver's own connection; one that the database has ended itself needs no rollback."""
    _on_driver(conn, lambda driver: driver.commit() if commit else driver.rollback())


def _on_driver(conn: Connection, act: Callable[[Any], Any]) -> None:
    try:
        act(conn.connection.dbapi_connection)
    except Exception as fault:
        found = unavailable(fault)
        if found:
            raise found from fault
        raise


def _translate(context: Any) -> StoreUnavailable | None:
    return unavailable(context.original_exception)


# --- SQLite -----------------------------------------------------------------------------------------------------------


class SqliteLane:
    """One writer of this process at a time, on a kept connection; readers on kept connections of their own."""

    dialect = "sqlite"

    def __init__(self, url: URL) -> None:
        make_private_file(Path(url.database or ""))
        self._engine = create_engine(
            url,
            poolclass=NullPool,  # the connections are kept here
            hide_parameters=True,
            connect_args={
                "isolation_level": None,
                "check_same_thread": False,
                "timeout": WAIT_S,
                "cached_statements": 512,
            },
        )
        event.listen(self._engine, "handle_error", _translate)
        self._writing = Lock()
        self._writing_thread = 0
        self._writer: Connection | None = None
        self._readers: list[Connection] = []

    def open_write(self) -> Connection:
        """See Lane.open_write."""
        left = self._wait_for_turn()
        try:
            if self._writer is None:
                self._writer = self._connect(cache_kib=16_000)
            self._begin(self._writer, left)
        except BaseException:
            self._drop_writer()
            self._end_turn()
            raise
        return self._writer

    def open_for_changes(self) -> Connection:
        """Begin without foreign keys: a migration may make a table anew under the others' feet."""
        left = self._wait_for_turn()
        conn: Connection | None = None
        try:
            conn = self._connect(cache_kib=16_000)
            run_raw(conn, "PRAGMA foreign_keys = off")
            self._begin(conn, left)
        except BaseException:
            if conn is not None:
                conn.close()
            self._end_turn()
            raise
        return conn

    @staticmethod
    def _begin(conn: Connection, left: float) -> None:
        if left < WAIT_S - 1:  # what is left of the ten seconds, not ten more
            run_raw(conn, f"PRAGMA busy_timeout = {int(max(left, 0.1) * 1000)}")
        run_raw(conn, "BEGIN IMMEDIATE")
        if left < WAIT_S - 1:
            run_raw(conn, f"PRAGMA busy_timeout = {int(WAIT_S * 1000)}")

    def close_write(self, conn: Connection, *, commit: bool) -> None:
        """See Lane.close_write."""
        sound = False
        try:
            end_raw(conn, commit=commit)
            sound = True
        finally:
            if conn is not self._writer:
                conn.close()
            elif not sound:
                self._drop_writer()
            self._end_turn()

    def _wait_for_turn(self) -> float:
        """Wait for the process's other writers; give the seconds left to wait for other processes."""
        if self._writing_thread == get_ident():
            raise RuntimeError("this thread is in a write transaction already: hand its tx on instead")
        if self._writing.acquire(blocking=False):
            left = WAIT_S
        else:
            started = time.monotonic()
            if not self._writing.acquire(timeout=WAIT_S):
                raise StoreUnavailable("locked")
            left = WAIT_S - (time.monotonic() - started)
        self._writing_thread = get_ident()
        return left

    def _end_turn(self) -> None:
        self._writing_thread = 0
        self._writing.release()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def open_read(self) -> Connection:
        """See Lane.open_read."""
        try:
            conn = self._readers.pop()
        except IndexError:
            conn = self._connect(cache_kib=4_000)
            run_raw(conn, "PRAGMA query_only = on")
        try:
            run_raw(conn, "BEGIN")
        except BaseException:
            conn.close()
            raise
        return conn

    def close_read(self, conn: Connection, *, sound: bool) -> None:
        """See Lane.close_read."""
        try:
            end_raw(conn, commit=False)
        except BaseException:
            conn.close()
            raise
        if sound and len(self._readers) < _KEPT_READERS:
            self._readers.append(conn)
        else:
            conn.close()

    def _connect(self, *, cache_kib: int) -> Connection:
        conn = self._engine.connect()
        conn.begin()  # SQLAlchemy's own transaction is never ended: ours are, with less to do, on the driver below it
        for pragma in (*_PRAGMAS, f"cache_size = -{cache_kib}"):
            run_raw(conn, f"PRAGMA {pragma}")
        return conn

    def empty_wal(self) -> None:
        """Write what the WAL holds into the database file and empty it."""
        self._wait_for_turn()
        try:
            with self._connect(cache_kib=1_000) as conn:
                run_raw(conn, "PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._end_turn()

    def close(self) -> None:
        """See Lane.close."""
        while self._readers:
            self._readers.pop().close()
        self._drop_writer()
        self._engine.dispose()


def make_private_file(path: Path) -> None:
    """Make an empty database file that only its owner may read, unless it is there; its WAL gets the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as fault:
        raise StoreError(f"{path} cannot be made ({fault.strerror})", "name a file in a folder of yours") from None


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


class PostgresLane:
    """Two pools: one for writing, and one whose transactions are read-only and see one moment."""

    dialect = "postgresql"

    def __init__(self, url: URL) -> None:
        waiting = f"-c lock_timeout={int(WAIT_S * 1000)} -c timezone=UTC"
        steady = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
        self._writers = self._engine(url, waiting)
        self._readers = self._engine(url, f"{waiting} {steady}")

    @staticmethod
    def _engine(url: URL, options: str) -> Engine:
        given = url.query.get("options", "")
        engine = create_engine(
            url.difference_update_query(["options"]),
            pool_size=8,
            max_overflow=8,
            pool_timeout=WAIT_S,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={"options": f"{given} {options}".strip(), "connect_timeout": int(WAIT_S)},
        )
        event.listen(engine, "handle_error", _translate)
        return engine

    @staticmethod
    def _open(engine: Engine) -> Connection:
        try:
            conn = engine.connect()
        except exc.TimeoutError as fault:
            raise StoreUnavailable("locked") from fault
        try:
            conn.begin()
        except BaseException:
            conn.close()
            raise
        return conn

    def open_write(self) -> Connection:
        """See Lane.open_write."""
        return self._open(self._writers)

    def close_write(self, conn: Connection, *, commit: bool) -> None:
        """See Lane.close_write."""
        with conn:
            if commit:
                conn.commit()

    def open_read(self) -> Connection:
        """See Lane.open_read."""
        return self._open(self._readers)

    def close_read(self, conn: Connection, *, sound: bool) -> None:
        """See Lane.close_read. Committed though nothing was written: at a rollback psycopg forgets what it prepared."""
        with conn:
            if sound:
                conn.commit()
            else:
                conn.invalidate()

    def open_for_changes(self) -> Connection:
        """See Lane.open_for_changes."""
        conn = self._open(self._writers)
        conn.exec_driver_sql("SET LOCAL lock_timeout = '10min'")  # another process may be at it
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({schema.ADVISORY_LOCK})")
        return conn

    def empty_wal(self) -> None:
        """Nothing: PostgreSQL's log is the operator's, and its WAL is reused in days."""

    def close(self) -> None:
        """See Lane.close."""
        self._writers.dispose()
        self._readers.dispose()
