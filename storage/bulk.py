"""The dispatcher's road: statements about many rows, each one step of the database however many rows there are.

Python's sqlite3 lets go of the interpreter's lock for each row that it reads or writes, and while the event loop is
busy with a hundred requests, a thread that has let go waits milliseconds to get on. So the rows go in, and come out, as
one piece of JSON. On PostgreSQL they go in as one piece, too: one statement for all of them takes a third of the time.
They come out as those of a `Hot` do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.dml import Insert, Update

from storage.db import Tx
from storage.hot import NO_PARAMS, Hot, Ready, run_on_driver

_POSTGRES: Final[Any] = psycopg.dialect()  # type: ignore[no-untyped-call]
_MARK: Final = re.compile(r"%\((\w+)\)s(?:::(?:TIMESTAMP WITH TIME ZONE|[A-Z]+))?")  # a value, and its type


class Bulk(Hot):
    """An insert or an update by id with `many`, or a select with `all`. Made once, at import."""

    _in_one_step = ""
    _from_records = ""
    _beside: Mapping[str, Any] = NO_PARAMS  # values that are the same for all rows

    def many(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it for each of these; return how many rows it changed."""
        if not rows:
            return 0
        if tx.dialect != "sqlite":
            return self._many_on_postgres(tx, rows)
        ready = self._ready.get("sqlite") or self._compile("sqlite")
        self._in_one_step = self._in_one_step or _from_json(ready.text, self._statement, ready.blobs)
        values = [ready.values(row) for row in rows]
        if not ready.blobs:
            return int(self._step(tx, [json.dumps(values)]).rowcount)
        whole = _aside(values, ready.blobs)
        return int(self._step(tx, [json.dumps(values), whole]).rowcount)

    def _many_on_postgres(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> int:
        if not self._from_records:
            self._from_records, self._beside = _from_records(self._statement, self._columns)
        told = {**self._beside, "rows": json.dumps(rows, default=_in_json)}
        return int(run_on_driver(tx, self._from_records, told).rowcount)

    def all(self, tx: Tx, params: Mapping[str, Any] = NO_PARAMS) -> Sequence[Any]:
        """Run a select; return its rows, by column name, in no certain order."""
        if tx.dialect != "sqlite":
            return super().all(tx, params)
        ready = self._ready.get("sqlite") or self._compile("sqlite")
        self._in_one_step = self._in_one_step or _to_json(ready.text, self._statement)
        told: str = self._step(tx, ready.values(params)).fetchone()[0]
        return [ready.read(row) for row in json.loads(told)]

    def _compile(self, dialect: str) -> Ready:
        ready = super()._compile(dialect)
        if dialect == "sqlite":
            ready.binders = tuple(each for each in ready.binders if each[0] not in ready.blobs)
            if not isinstance(self._statement, Insert | Update):
                columns = list(self._statement.selected_columns)
                blobs = [(n, bytes.fromhex) for n, each in enumerate(columns) if isinstance(each.type, LargeBinary)]
                ready.readers = tuple(each for each in ready.readers if each[0] not in dict(blobs)) + tuple(blobs)
        return ready

    def _step(self, tx: Tx, values: Sequence[Any]) -> Any:
        return run_on_driver(tx, self._in_one_step, values)


def _from_json(text: str, statement: Insert | Update, blobs: Collection[int]) -> str:
    """The statement, taking its values from the rows of a JSON array; bytes from where they stand in a blob beside."""
    start, *rest = text.split("?")
    text = start + "".join(f"{_value(place, place in blobs)}{part}" for place, part in enumerate(rest))
    return _taking(text, statement, "FROM json_each(?1) AS given")


def _taking(text: str, statement: Insert | Update, given: str) -> str:
    """The statement, run for each row of `given`."""
    if isinstance(statement, Update):
        return text.replace(" WHERE ", f" {given} WHERE ")
    text, conflict, otherwise = text.partition(" ON CONFLICT ")
    # Without its WHERE, "on conflict" would be read as the condition of a join.
    return text.replace(" VALUES (", " SELECT ").removesuffix(")") + f" {given} WHERE true{conflict}{otherwise}"


def _value(place: int, blob: bool) -> str:
    if blob:
        return f"substr(?2, json_extract(given.value, '$[{place}][0]'), json_extract(given.value, '$[{place}][1]'))"
    return f"json_extract(given.value, '$[{place}]')"


def _aside(rows: Sequence[list[Any]], places: Sequence[int]) -> bytes:
    """Give the bytes of all rows as one, and leave in each row where its own stand: (start from 1, length)."""
    parts, at = list[bytes](), 1
    for row in rows:
        for place in places:
            if row[place] is not None:
                parts.append(row[place])
                row[place] = (at, len(row[place]))
                at += len(parts[-1])
    return b"".join(parts)


def _from_records(statement: Insert | Update, columns: Collection[str] | None) -> tuple[str, Mapping[str, Any]]:
    """The statement on PostgreSQL, taking its values from a JSON array of objects; and those that stand in itself."""
    keys = list(columns) if columns else None
    compiled: Any = statement.compile(dialect=_POSTGRES, column_keys=keys, for_executemany=True)
    kinds = {name: bind.type.compile(_POSTGRES) for name, bind in compiled.binds.items() if bind.required}
    text = _MARK.sub(lambda mark: f'given."{mark[1]}"' if mark[1] in kinds else mark[0], str(compiled))
    shape = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    text = _taking(text, statement, f"FROM json_to_recordset(%(rows)s::json) AS given ({shape})")
    return text, {name: bind.value for name, bind in compiled.binds.items() if f"%({name})s" in text}


def _in_json(value: datetime | bytes) -> str:
    """A value that JSON does not know, as PostgreSQL reads it."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else _in_iso(value)


@lru_cache(maxsize=64)
def _in_iso(value: datetime) -> str:
    """A time in words. A beat has a few, which stand in every row."""
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value.isoformat()


def _to_json(text: str, statement: Any) -> str:
    """The select, giving one JSON array of its rows; a blob as hexadecimal digits."""
    columns = [
        f"iif({column.key} IS NULL, NULL, hex({column.key}))" if isinstance(column.type, LargeBinary) else column.key
        for column in statement.selected_columns
    ]
    return f"SELECT json_group_array(json_array({', '.join(columns)})) FROM ({text})"  # noqa: S608 - our own names
