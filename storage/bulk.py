"""The dispatcher's road: statements about many rows, each one step of SQLite however many rows there are.

Python's sqlite3 lets go of the interpreter's lock for each row that it reads or writes, and while the event loop is
busy with a hundred requests, a thread that has let go waits milliseconds to get on. So the rows go in, and come out, as
one piece of JSON. On PostgreSQL many rows are written as SQLAlchemy does it, and read as by a `Hot`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import LargeBinary
from sqlalchemy.sql.dml import Insert, Update

from storage.db import Tx
from storage.errors import unavailable
from storage.hot import NO_PARAMS, Hot, Ready

_GIVEN: Final = "FROM json_each(?1) AS given"


class Bulk(Hot):
    """An insert or an update by id with `many`, or a select with `all`. Made once, at import."""

    _in_one_step = ""

    def many(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it for each of these; return how many rows it changed, on SQLite."""
        if not rows:
            return 0
        if tx.dialect != "sqlite":
            tx.conn.execute(self._statement, [dict(row) for row in rows])
            return -1
        ready = self._ready.get("sqlite") or self._compile("sqlite")
        self._in_one_step = self._in_one_step or _from_json(ready.text, self._statement, ready.blobs)
        values = [ready.values(row) for row in rows]
        if not ready.blobs:
            return int(self._step(tx, [json.dumps(values)]).rowcount)
        whole = _aside(values, ready.blobs)
        return int(self._step(tx, [json.dumps(values), whole]).rowcount)

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
        try:
            return tx.conn.connection.dbapi_connection.execute(self._in_one_step, values)  # type: ignore[union-attr]
        except Exception as fault:
            raise unavailable(fault) or fault from fault


def _from_json(text: str, statement: Insert | Update, blobs: Collection[int]) -> str:
    """The statement, taking its values from the rows of a JSON array; bytes from where they stand in a blob beside."""
    text, conflict, otherwise = text.partition(" ON CONFLICT ")
    start, *rest = text.split("?")
    text = start + "".join(f"{_value(place, place in blobs)}{part}" for place, part in enumerate(rest))
    if isinstance(statement, Update):
        return text.replace(" WHERE ", f" {_GIVEN} WHERE ")
    # Without its WHERE, "on conflict" would be read as the condition of a join.
    return text.replace(" VALUES (", " SELECT ").removesuffix(")") + f" {_GIVEN} WHERE true{conflict}{otherwise}"


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


def _to_json(text: str, statement: Any) -> str:
    """The select, giving one JSON array of its rows; a blob as hexadecimal digits."""
    columns = [
        f"iif({column.key} IS NULL, NULL, hex({column.key}))" if isinstance(column.type, LargeBinary) else column.key
        for column in statement.selected_columns
    ]
    return f"SELECT json_group_array(json_array({', '.join(columns)})) FROM ({text})"  # noqa: S608 - our own names
