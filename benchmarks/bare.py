"""The database itself, without our program: what a benchmark compares with, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool


@contextmanager
def new_database(server: str | None, folder: Path, name: str) -> Iterator[str]:
    """Give the address of an empty database: a file in `folder`, or one beside that of `server`, dropped at the end."""
    if server is None:
        yield f"sqlite:///{folder / name}.db"
        return
    url = make_url(server).set(drivername="postgresql+psycopg")
    database = f"ingang_bench_{os.getpid()}_{name}"
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {database}")
    try:
        yield url.set(database=database).render_as_string(hide_password=False)
    finally:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE {database} WITH (FORCE)")


class Bare:
    """A kept connection of the driver's own; the caller begins and ends transactions by statements."""

    def __init__(self, url: str) -> None:
        where = make_url(url)
        self.is_sqlite = where.get_backend_name() == "sqlite"
        self._conn: Any
        if self.is_sqlite:
            self._conn = sqlite3.connect(where.database or "", isolation_level=None, check_same_thread=False)
            self._conn.execute("PRAGMA synchronous = FULL")
        else:
            import psycopg

            plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
            self._conn = psycopg.connect(plain, autocommit=True)

    def run(self, statement: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement, its places written `?`; give the driver's cursor."""
        return self._conn.execute(statement if self.is_sqlite else statement.replace("?", "%s"), params)

    def many(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert whole rows as the driver does it fastest: executemany on SQLite, COPY on PostgreSQL."""
        if self.is_sqlite:
            self._conn.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
            return
        with self._conn.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def moment(self, at: Any) -> Any:
        """Give a time as this database's driver takes it."""
        return at.replace(tzinfo=None).isoformat(" ", "microseconds") if self.is_sqlite else at

    def close(self) -> None:
        """Close the connection."""
        self._conn.close()
