"""Very many new rows that differ in a few columns: one statement, to which each of the other values is given once.

As a `Bulk`, one step of SQLite; on PostgreSQL the columns go as arrays. The statements are our own words and columns,
and every value is a parameter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from storage.db import Tx
from storage.hot import SQLITE, run_on_driver

_POSTGRES: Final[Any] = postgresql.dialect()  # type: ignore[no-untyped-call]


class Mass:
    """An insert, made once at import: `each` are the columns that differ, `shared` those that all rows have alike.

    A row whose `unless` (a column with a unique index) is there already is left as it is.
    """

    def __init__(self, table: Table, each: Sequence[str], shared: Sequence[str], unless: str = "") -> None:
        self._each, self._shared = tuple(each), tuple(shared)
        names = ", ".join((*each, *shared))
        known = f" ON CONFLICT ({unless}) DO NOTHING" if unless else ""
        self._binders = {name: SQLITE.binder(table.c[name].type) for name in shared}
        said = [f"json_extract(given.value, '$[{place}]')" for place in range(len(each))]
        said += [f"?{place}" for place in range(2, len(shared) + 2)]
        begin = f"INSERT INTO {table.name} ({names}) SELECT "
        self._sqlite = f"{begin}{', '.join(said)} FROM json_each(?1) AS given WHERE true{known}"
        types = {name: table.c[name].type.compile(_POSTGRES) for name in (*each, *shared)}
        arrays = ", ".join(f"%s::{types[name]}[]" for name in each)
        alike = "".join(f", %s::{types[name]}" for name in shared)
        self._postgres = f"{begin}given.*{alike} FROM unnest({arrays}) AS given{known}"

    def add(self, tx: Tx, rows: Sequence[Sequence[Any]], shared: Mapping[str, Any]) -> int:
        """Add rows, each its values in the order of `each`; give how many there are now that were not before."""
        if not rows:
            return 0
        alike: list[Any] = [shared[name] for name in self._shared]
        if tx.dialect == "sqlite":
            told = [self._bound(name, value) for name, value in zip(self._shared, alike, strict=True)]
            return self.run(tx, self._sqlite, [json.dumps(rows), *told])
        return self.run(tx, self._postgres, [*alike, *(list(column) for column in zip(*rows, strict=True))])

    def _bound(self, name: str, value: Any) -> Any:
        bind = self._binders[name]
        return value if bind is None else bind(value)

    @staticmethod
    def run(tx: Tx, statement: str, values: Sequence[Any]) -> int:
        """Run a statement on the driver itself; give how many rows it made."""
        return int(run_on_driver(tx, statement, values).rowcount)
