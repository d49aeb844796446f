"""The turn's road: Core statements compiled once, and run straight on SQLite's own driver.

A turn is some ten small statements, and SQLAlchemy's work around each costs more than the statement. A `Hot` is an
ordinary Core statement; on SQLite its text and its converters are worked out the first time, and after that it runs on
the driver's connection, inside the same transaction. On PostgreSQL it is executed as any other.
"""

from __future__ import annotations

import re
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import LargeBinary
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import UpdateBase

from storage.columns import UtcDateTime
from storage.errors import unavailable

if TYPE_CHECKING:
    from storage.db import Tx

_DIALECT: Final = sqlite.dialect()
_LIST: Final = re.compile(r"__\[POSTCOMPILE_(\w+)\]")  # where SQLAlchemy would write a list's marks
_COUNTED: Final = {"preserve_rowcount": True}  # SQLAlchemy tells an insert's only when asked to

Converter = Callable[[Any], Any]
NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})


class Hot:
    """A statement of the turn's road. Made once, at import; `columns` are an insert's own.

    `row` makes what is given for a row of a select, from its values in order; else it is a tuple with names. A
    parameter made with `bindparam(..., expanding=True)` takes a list of numbers, of any length.
    """

    def __init__(self, statement: Any, columns: Iterable[str] | None = None, row: Converter | None = None) -> None:
        self._statement = statement
        self._made = row
        self._columns = tuple(columns) if columns is not None else None
        self._text = ""
        self._names: tuple[str, ...] = ()
        self._fixed: dict[str, Any] = {}  # values that stand in the statement itself
        self._binders: tuple[tuple[int, Converter], ...] = ()
        self._row: Any = None
        self._readers: tuple[tuple[int, Converter], ...] = ()
        self._lists: frozenset[str] = frozenset()
        self._blobs: tuple[int, ...] = ()  # the places of values that are bytes

    def run(self, tx: Tx, params: Mapping[str, Any]) -> int:
        """Run it once; return how many rows it changed."""
        if tx.dialect != "sqlite":
            told = tx.conn.execute(self._statement, dict(params), execution_options=_COUNTED)
            return int(told.rowcount)
        return int(self._execute(tx, params).rowcount)

    def first(self, tx: Tx, params: Mapping[str, Any]) -> Any:
        """Run a select; return its first row, by column name, or None."""
        if tx.dialect != "sqlite":
            found = tx.conn.execute(self._statement, dict(params)).first()
            return found if found is None or self._made is None else self._made(found)
        found = self._execute(tx, params).fetchone()
        return None if found is None else self._read(found)

    def all(self, tx: Tx, params: Mapping[str, Any] = NO_PARAMS) -> Sequence[Any]:
        """Run a select; return its rows, by column name."""
        if tx.dialect != "sqlite":
            found = tx.conn.execute(self._statement, dict(params)).all()
            return found if self._made is None else [self._made(each) for each in found]
        return [self._read(found) for found in self._execute(tx, params).fetchall()]

    def _read(self, found: Sequence[Any]) -> Any:
        values = list(found)
        for place, read in self._readers:
            if values[place] is not None:
                values[place] = read(values[place])
        return self._row(values)

    def _execute(self, tx: Tx, params: Mapping[str, Any]) -> sqlite3.Cursor:
        if not self._text:
            self._compile()
        text, values = self._text, self._values(params)
        if self._lists:
            text, values = self._spread(values)
        try:
            cursor: sqlite3.Cursor = tx.conn.connection.dbapi_connection.execute(text, values)  # type: ignore[union-attr]
        except sqlite3.Error as fault:
            raise unavailable(fault) or fault from fault
        return cursor

    def _values(self, params: Mapping[str, Any]) -> list[Any]:
        if self._fixed:
            params = {**self._fixed, **params}
        values = [params[name] for name in self._names]
        for place, bind in self._binders:
            values[place] = bind(values[place])
        return values

    def _spread(self, values: Sequence[Any]) -> tuple[str, list[Any]]:
        """Put a mark for each number of each list in the text, and the numbers among the values."""
        flat: list[Any] = []
        marks: dict[str, str] = {}
        for name, value in zip(self._names, values, strict=True):
            if name in self._lists:
                flat += value
                marks[name] = ",".join("?" * len(value)) or "SELECT 1 WHERE 1!=1"
            else:
                flat.append(value)
        return _LIST.sub(lambda found: marks[found.group(1)], self._text), flat

    def _compile(self) -> None:
        keys = list(self._columns) if self._columns else None
        compiled: Any = self._statement.compile(dialect=_DIALECT, column_keys=keys)
        self._names = tuple(compiled.positiontup or ())
        self._fixed = {name: compiled.binds[name].value for name in self._names if not compiled.binds[name].required}
        types = [compiled.binds[name].type for name in self._names]
        self._binders = _converters([binder(each) for each in types])
        self._blobs = tuple(place for place, each in enumerate(types) if isinstance(each, LargeBinary))
        if not isinstance(self._statement, UpdateBase):
            columns = list(self._statement.selected_columns)
            self._row = self._made or _row_of([column.key for column in columns])
            self._readers = _converters([_reader(column.type) for column in columns])
        self._lists = frozenset(name for name in self._names if compiled.binds[name].expanding)
        self._text = str(compiled)


def binder(kind: Any) -> Converter | None:
    """What turns a value into what SQLite is given. Times are on every row, and have a way of their own."""
    if isinstance(kind, UtcDateTime):
        return _time_to_text
    bind: Converter | None = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return bind


def _reader(kind: Any) -> Converter | None:
    if isinstance(kind, UtcDateTime):
        return _text_to_time
    read: Converter | None = kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
    return read


@lru_cache(maxsize=64)
def _time_to_text(value: datetime | None) -> str | None:
    """As `UtcDateTime` and SQLAlchemy write it: 2026-11-23 09:00:00.000000, in UTC. A turn has one `now`."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _text_to_time(value: str) -> datetime:
    return datetime.fromisoformat(value + "+00:00")  # a fifth of the time that .replace(tzinfo=UTC) takes


def _row_of(names: Sequence[str]) -> Converter:
    made = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - the columns are not known before
    return made._make


def _converters(found: Sequence[Converter | None]) -> tuple[tuple[int, Converter], ...]:
    return tuple((place, convert) for place, convert in enumerate(found) if convert is not None)
