"""The quick road: Core statements compiled once, and run straight on the database's own driver.

A turn is some ten small statements and a page twice as many, and SQLAlchemy's work around each costs more than the
statement. A `Hot` is an ordinary Core statement: its text and its converters are worked out the first time, once for
each kind of database, and after that it runs on the driver's connection, inside the same transaction. A fault is handed
to SQLAlchemy as if it had run the statement: it raises what it would have, and gives up a connection that broke.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, Integer, LargeBinary
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.dml import UpdateBase

from storage.columns import UtcDateTime

if TYPE_CHECKING:
    from storage.db import Tx

Converter = Callable[[Any], Any]
Converters = tuple[tuple[int, Converter], ...]  # each with the place that it is for
NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})


class Hot:
    """A statement of the quick road. Made once, at import; `columns` are an insert's own.

    `row` makes what is given for a row of a select, from its values in order; else it is a tuple with names. A
    parameter made with `bindparam(..., expanding=True)` takes a list of numbers, of any length.
    """

    def __init__(self, statement: Any, columns: Iterable[str] | None = None, row: Converter | None = None) -> None:
        self._statement = statement
        self._made = row
        self._columns = tuple(columns) if columns is not None else None
        self._ready: dict[str, Ready] = {}  # by `Tx.dialect`

    def run(self, tx: Tx, params: Mapping[str, Any]) -> int:
        """Run it once; return how many rows it changed."""
        return int(self._execute(tx, params).rowcount)

    def first(self, tx: Tx, params: Mapping[str, Any]) -> Any:
        """Run a select; return its first row, by column name, or None."""
        found = self._execute(tx, params).fetchone()
        return None if found is None else self._ready[tx.dialect].read(found)

    def all(self, tx: Tx, params: Mapping[str, Any] = NO_PARAMS) -> Sequence[Any]:
        """Run a select; return its rows, by column name."""
        found = self._execute(tx, params).fetchall()
        read = self._ready[tx.dialect].read
        return [read(row) for row in found]

    def _execute(self, tx: Tx, params: Mapping[str, Any]) -> Any:
        ready = self._ready.get(tx.dialect) or self._compile(tx.dialect)
        text, values = ready.text, ready.values(params)
        if ready.lists:
            text, values = _spread(ready, values)
        return run_on_driver(tx, text, values, **ready.options)

    def _compile(self, dialect: str) -> Ready:
        database = _DATABASES[dialect]
        compiled: Any = self._statement.compile(
            dialect=database.dialect, column_keys=list(self._columns) if self._columns else None
        )
        names = tuple(compiled.positiontup or ())
        binds = [compiled.binds[name] for name in names]
        lists = {name: bind.type for name, bind in zip(names, binds, strict=True) if bind.expanding}
        ready = Ready(
            text=database.write_lists(str(compiled), lists),
            options=database.options,
            names=names,
            fixed={name: bind.value for name, bind in zip(names, binds, strict=True) if not bind.required},
            binders=_converters([database.binder(bind.type, many=bind.expanding) for bind in binds]),
            blobs=tuple(place for place, bind in enumerate(binds) if isinstance(bind.type, LargeBinary)),
            lists=frozenset() if database.has_arrays else frozenset(lists),
        )
        if not isinstance(self._statement, UpdateBase):
            columns = list(self._statement.selected_columns)
            ready.row = self._made or _row_of([column.key for column in columns])
            ready.readers = _converters([database.reader(column.type) for column in columns])
        self._ready[dialect] = ready
        return ready


def run_on_driver(tx: Tx, text: str, values: Sequence[Any] | Mapping[str, Any], **options: Any) -> Any:
    """Run a statement on the driver's own connection; give its cursor. `options` are the driver's.

    A fault is handed to SQLAlchemy: it raises what it would have, and gives up a connection that broke.
    """
    driver: Any = tx.conn.connection.dbapi_connection
    try:
        return driver.execute(text, values, **options)
    except tx.conn.dialect.loaded_dbapi.Error as fault:
        tx.conn._handle_dbapi_exception(fault, text, None, None, None)  # noqa: SLF001 - no other way is as exact


@dataclass(slots=True)
class Ready:
    """A statement as one kind of database is given it, and what its values and its rows pass through."""

    text: str
    options: Mapping[str, Any]
    names: tuple[str, ...]  # of the values, in the order of their marks
    fixed: Mapping[str, Any]  # values that stand in the statement itself
    binders: Converters
    blobs: tuple[int, ...]  # the places of values that are bytes
    lists: frozenset[str]  # those whose marks are written at each run
    row: Any = None
    readers: Converters = ()

    def values(self, params: Mapping[str, Any]) -> list[Any]:
        """Give the values in order, as the driver takes them."""
        if self.fixed:
            params = {**self.fixed, **params}
        values = [params[name] for name in self.names]
        for place, bind in self.binders:
            values[place] = bind(values[place])
        return values

    def read(self, found: Sequence[Any]) -> Any:
        """Give a row of the driver's, as the caller takes it."""
        values = list(found)
        for place, read in self.readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return self.row(values)


def _row_of(names: Sequence[str]) -> Converter:
    made = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - the columns are not known before
    return partial(tuple.__new__, made)


def _converters(found: Sequence[Converter | None]) -> Converters:
    return tuple((place, convert) for place, convert in enumerate(found) if convert is not None)


# --- the kinds of database --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Database:
    """What differs from one kind to another. Times are on every row, and have a way of their own."""

    dialect: Any
    bind_time: Converter
    read_time: Converter
    has_arrays: bool
    options: Mapping[str, Any]  # for the driver, with each statement
    number: int | None = None  # the driver's code for a NUMERIC: psycopg gives it as a Decimal already

    def binder(self, kind: Any, *, many: bool = False) -> Converter | None:
        """Give what turns a value of this type, or a list of `many`, into what the driver is given."""
        if isinstance(kind, ARRAY) or (many and self.has_arrays and isinstance(kind, Integer)):
            return _in_one
        if many:
            return list
        if isinstance(kind, UtcDateTime):
            return self.bind_time
        bind: Converter | None = kind.dialect_impl(self.dialect).bind_processor(self.dialect)
        return bind

    def reader(self, kind: Any) -> Converter | None:
        """Give what turns a value that the driver gives, when it is not None, into one of this type."""
        if isinstance(kind, UtcDateTime):
            return self.read_time
        read: Converter | None = kind.dialect_impl(self.dialect).result_processor(self.dialect, self.number)
        return read

    def write_lists(self, text: str, lists: Mapping[str, Any]) -> str:
        """Let a list be one value where there are arrays: the text stays the same, and the server keeps its plan."""
        if not self.has_arrays:
            return text

        def one(found: re.Match[str]) -> str:
            kind = lists[found.group(2)].compile(self.dialect)
            return f"{'<> ALL' if found.group(1) else '= ANY'} (%s::{kind}[])"

        return _AMONG.sub(one, text)


_LIST: Final = re.compile(r"__\[POSTCOMPILE_(\w+)\]")  # where SQLAlchemy would write a list's marks
_AMONG: Final = re.compile(rf"(NOT )?IN \({_LIST.pattern}\)")


def _in_one(numbers: Iterable[int]) -> str:
    """The server's own words for an array: psycopg would look at each number to choose a type for all."""
    return f"{{{','.join(map(str, numbers))}}}"


def _spread(ready: Ready, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """Put a mark for each number of each list in the text, and the numbers among the values."""
    flat: list[Any] = []
    marks: dict[str, str] = {}
    for name, value in zip(ready.names, values, strict=True):
        if name in ready.lists:
            flat += value
            marks[name] = ",".join("?" * len(value)) or "SELECT 1 WHERE 1!=1"
        else:
            flat.append(value)
    return _LIST.sub(lambda found: marks[found.group(1)], ready.text), flat


@lru_cache(maxsize=64)
def _time_to_text(value: datetime | None) -> str | None:
    """As `UtcDateTime` and SQLAlchemy write it: 2026-11-23 09:00:00.000000, in UTC. A turn has one `now`."""
    known = _with_zone(value)
    return None if known is None else known.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _text_to_time(value: str) -> datetime:
    return datetime.fromisoformat(value + "+00:00")  # a fifth of the time that .replace(tzinfo=UTC) takes


def _with_zone(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)  # it is, by the connection's own setting


SQLITE: Final = Database(sqlite.dialect(), _time_to_text, _text_to_time, has_arrays=False, options={})
_DATABASES: Final[Mapping[str, Database]] = {
    "sqlite": SQLITE,
    "postgresql": Database(
        psycopg.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
        _with_zone, _in_utc, has_arrays=True, number=1700,
        options={"binary": True},  # of the rows: times and bytes are read in two thirds of the time
    ),
}  # fmt: skip
