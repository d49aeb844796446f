"""The database: opened once, written in short transactions, read in steady ones.

    with store.begin() as tx:            everything in here is written, or nothing
        with tx.savepoint():             an exception takes back what was written in here, and goes on up
            ...
    with store.read() as tx:             sees one moment of the database, writes nothing

SQLite: one process-wide lock and BEGIN IMMEDIATE, so that the writers of this process queue instead of spinning; kept
connections, because a turn is taken a thousand times a second. PostgreSQL: a pool, and any number of writers.
A database that cannot be used raises `storage.errors.StoreUnavailable`, whichever driver said so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, Connection, CursorResult, Executable, exc, make_url

from storage import audit_chain, schema
from storage import keys as keeping
from storage.crypto import KeyRing, Vault
from storage.errors import SchemaMismatch, StoreError, StoreUnavailable
from storage.lanes import Lane, PostgresLane, SqliteLane, run_raw


class Tx:
    """One transaction: the connection, and what seals and opens within it."""

    __slots__ = ("conn", "dialect", "last_acts", "vault")

    def __init__(self, conn: Connection, vault: Vault, dialect: str) -> None:
        self.conn = conn
        self.vault = vault
        self.dialect = dialect  # sqlite | postgresql
        self.last_acts: list[LastAct] | None = None

    def execute(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement with its parameters, or once for each of a list of them."""
        return self.conn.execute(statement, params)

    def at_the_end(self, act: LastAct) -> None:
        """Do `act(tx)` as the last thing before the commit, once; when it raises, nothing of the transaction is kept.

        For what takes a lock that everybody wants: it is held no longer than the commit takes, and whoever has it waits
        for nobody, so that no two can wait for each other.
        """
        if self.last_acts is None:
            self.last_acts = []
        if act not in self.last_acts:
            self.last_acts.append(act)

    def savepoint(self) -> Savepoint:
        """Give a `with` block that takes back its own writes when an exception leaves it, and lets that go on up."""
        return Savepoint(self.conn)


LastAct = Callable[[Tx], None]


class Savepoint:
    """See Tx.savepoint. May be nested."""

    __slots__ = ("_conn",)

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def __enter__(self) -> None:
        run_raw(self._conn, "SAVEPOINT inner_part")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            run_raw(self._conn, "RELEASE SAVEPOINT inner_part")
        elif not isinstance(error, StoreUnavailable):  # then the whole transaction is lost, and says so itself
            run_raw(self._conn, "ROLLBACK TO SAVEPOINT inner_part")
            run_raw(self._conn, "RELEASE SAVEPOINT inner_part")


class _Write:
    __slots__ = ("_store", "_tx")

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Tx:
        self._tx = Tx(self._store.lane.open_write(), self._store.vault, self._store.lane.dialect)
        return self._tx

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        tx = self._tx
        if error is None and tx.last_acts is not None:
            try:
                for act in tx.last_acts:
                    act(tx)
            except BaseException:
                self._store.lane.close_write(tx.conn, commit=False)
                raise
        self._store.lane.close_write(tx.conn, commit=error is None)


class _Read:
    __slots__ = ("_conn", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Tx:
        self._conn = self._store.lane.open_read()
        return Tx(self._conn, self._store.vault, self._store.lane.dialect)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._store.lane.close_read(self._conn, sound=not isinstance(error, StoreUnavailable))


class Store:
    """The open database and the keys to it. Threads may share one; a process should have one."""

    def __init__(self, lane: Lane, vault: Vault, url: URL) -> None:
        self.lane = lane
        self.vault = vault
        self.url = url

    @classmethod
    def open(cls, url: str, keys: KeyRing) -> Self:
        """Open the database at `url`: sqlite:///path/to/file.db, or postgresql://user@host/name.

        Raises StoreError for an address of another kind, StoreUnavailable when it cannot be reached, and KeysUnusable
        when the keys are not those that it was sealed with. The tables may be missing still: see `upgrade`.
        """
        where = read_url(url)
        store = cls(
            SqliteLane(where) if where.get_backend_name() == "sqlite" else PostgresLane(where), Vault(keys), where
        )
        try:
            with store.read() as tx:
                if schema.has_tables(tx.conn):
                    keeping.check(tx)
        except BaseException:
            store.close()
            raise
        return store

    def begin(self) -> _Write:
        """Give a `with` block that is one write transaction: committed at its end, rolled back by an exception."""
        return _Write(self)

    def read(self) -> _Read:
        """Give a `with` block that reads one moment of the database and cannot write."""
        return _Read(self)

    def use_keys(self, keys: KeyRing) -> None:
        """Seal and open with these keys from now on."""
        self.vault.use(keys)

    def upgrade(self) -> None:
        """Bring the tables to what this program was written for; SchemaMismatch when they are newer than it.

        One transaction and one process at a time: broken off, it leaves the tables as they were, and may be run again.
        """
        conn = self.lane.open_for_changes()
        try:
            schema.upgrade(conn)
            tx = Tx(conn, self.vault, self.lane.dialect)
            keeping.check_all(tx)
            self.vault.make_own(tx)
            keeping.note_keys(tx)
            audit_chain.begin(tx)
        except BaseException:
            self.lane.close_write(conn, commit=False)
            raise
        self.lane.close_write(conn, commit=True)

    def schema_is_current(self) -> bool:
        """Tell whether the tables are those that this program was written for."""
        with self.read() as tx:
            return schema.state(tx.conn) == "current"

    def check_ready(self) -> None:
        """Raise SchemaMismatch or KeysUnusable unless the service may start on this database."""
        with self.read() as tx:
            schema.refuse_newer(tx.conn)
            if schema.state(tx.conn) != "current":
                raise SchemaMismatch("the database's tables are missing or old", "run: ingang db upgrade")
            keeping.check_all(tx)

    def empty_wal(self) -> None:
        """After somebody was erased: let nothing of theirs linger beside the database file."""
        self.lane.empty_wal()

    def close(self) -> None:
        """Close every connection."""
        self.lane.close()


def read_url(url: str) -> URL:
    """Read a database's address; StoreError, which shows nothing of it, when it is not one that Ingång can use."""
    try:
        where = make_url(url)
    except exc.ArgumentError:
        raise StoreError("that is not the address of a database", "write sqlite:///ingang.db") from None
    if where.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not where.database or where.database == ":memory:" or where.query:
            raise StoreError("the database must be a file", "write sqlite:///ingang.db, with no options after it")
        return where
    if where.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return where.set(drivername="postgresql+psycopg")
    raise StoreError(f"databases of the kind {where.drivername} are not known", "use sqlite:/// or postgresql://")
