"""PostgreSQL databases that are emptied and used again: to make one and drop it takes twenty times as long.

What a test leaves behind is taken away and looked for: its connections are ended, the database gets another name (so
that whoever still knows the old one finds nothing), its rows go, what the migrations put there is put back, and the
counters start over. A database whose tables are no longer the same, or which is full, is dropped instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, LiteralString, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url

FULL: Final = 3_000
"""Rows: emptied of more than that, a database is slow until it is swept."""
TIMES: Final = 5_000
"""How often it is asked whether all are gone: some seconds. Then the renaming waits too, and fails."""

_TABLES: Final = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
"""Those that have ever held a row: most tests write to a few, and to empty the others takes as long as all the rest."""
_COUNTERS: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
_SHAPE: Final[LiteralString] = """
SELECT md5(string_agg(told, '|' ORDER BY told)) FROM (
    SELECT concat_ws(' ', c.oid, c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull, d.adbin) AS told
    FROM pg_class c
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'trigger', oid, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', 'constraint', oid) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', 'function', oid, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'schema', oid) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)'
    UNION ALL SELECT concat_ws(' ', 'set', setconfig) FROM pg_db_role_setting
    UNION ALL SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
) AS shape"""


class Maker(Protocol):
    """Who makes and drops databases: tests.databases.Server."""

    url: str

    def make(self, template: str = "template1") -> str:
        """Make a database and give its name."""

    def drop(self, database: str) -> None:
        """Take a database away, whoever uses it."""

    def named(self, database: str) -> str:
        """Give the address of one of its databases."""

    def new_name(self) -> str:
        """A name that no database has had."""

    def run(self, statement: str) -> int:
        """Run one statement outside any transaction; give the number of its rows."""


@dataclass
class Reused:
    """The copies of one migrated database, lent to a test at a time."""

    server: Maker
    template: str
    ready: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # the shape of each, by its name
    first_rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    counters: dict[str, int | None] = field(default_factory=dict)

    def lend(self) -> str:
        """Give the name of a migrated database that nobody else has."""
        if self.ready:
            return self.ready.pop()
        name = self.server.make(self.template)
        with self._connect(name) as conn:
            self.known[name] = _one(conn, _SHAPE)
            if not self.counters:
                self.counters = {row[0]: row[1] for row in conn.execute(_COUNTERS)}
                self.first_rows = {table: rows for table in _tables(conn) if (rows := _rows(conn, table))}
        return name

    def take_back(self, name: str) -> None:
        """Empty a database for the next one, or drop it where that cannot be done."""
        shape, fresh = self.known.pop(name), self.server.new_name()
        try:
            self._put_out(name)
            self.server.run(f"ALTER DATABASE {name} RENAME TO {fresh}")
        except psycopg.Error:
            self.server.drop(name)
            return
        if self._empty(fresh, shape):
            self.known[fresh] = shape
            self.ready.append(fresh)
        else:
            self.server.drop(fresh)

    def _put_out(self, name: str) -> None:
        """End whoever holds on to it, asking till they are gone: PostgreSQL itself looks every tenth of a second."""
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        for _ in range(TIMES):
            if not self.server.run(ended):
                return

    def drop_all(self) -> None:
        """Take away those that are not lent."""
        while self.ready:
            self.server.drop(self.ready.pop())

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        where = make_url(self.server.url).set(database=name, drivername="postgresql")
        return psycopg.connect(where.render_as_string(hide_password=False), autocommit=True)

    def _empty(self, name: str, shape: str) -> bool:
        with self._connect(name) as conn:
            if _one(conn, _SHAPE) != shape:
                return False
            conn.execute("SET session_replication_role = replica")  # neither references nor triggers stand in the way
            gone = 0
            with conn.transaction():
                for table in _tables(conn):
                    gone += conn.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table))).rowcount
                for table, rows in self.first_rows.items():
                    _put_back(conn, table, rows)
                conn.execute(sql.SQL("SELECT ") + sql.SQL(", ").join(_set_to(*each) for each in self.counters.items()))
        return gone < FULL


def _one(conn: psycopg.Connection[Any], statement: LiteralString) -> str:
    row = conn.execute(statement).fetchone()
    assert row is not None
    return str(row[0])


def _tables(conn: psycopg.Connection[Any]) -> list[str]:
    return [row[0] for row in conn.execute(_TABLES)]


def _rows(conn: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    return conn.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()


def _set_to(counter: str, at: int | None) -> sql.Composed:
    return sql.SQL("setval({}::regclass, {}, {})").format(counter, at or 1, at is not None)


def _put_back(conn: psycopg.Connection[Any], table: str, rows: list[tuple[Any, ...]]) -> None:
    places = sql.SQL(", ").join(sql.Placeholder() * len(rows[0]))
    with conn.cursor() as cursor:
        cursor.executemany(sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), places), rows)
