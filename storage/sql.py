"""The same words for each database: inserts that give way to a row that is there, and rows among many ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, Table, bindparam, column, func, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from storage.db import Tx

Insert = sqlite.Insert | postgresql.Insert

_INSERTS: Final[Mapping[str, Callable[[Table], Insert]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def per_dialect(table: Table, finish: Callable[[Insert], Insert]) -> Mapping[str, Insert]:
    """Give the statement for each database, by `Tx.dialect`; `finish` says what happens when the row is there."""
    return {name: finish(begin(table)) for name, begin in _INSERTS.items()}


def among(row_id: ColumnElement[int], dialect: str) -> ColumnElement[bool]:
    """The row is one of `:ids`: a list on PostgreSQL, the same as JSON on SQLite."""
    if dialect == "postgresql":
        return row_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
    return row_id.in_(select(column("value")).select_from(func.json_each(bindparam("ids", type_=String))))


def ids_for(tx: Tx, ids: Iterable[int]) -> list[int] | str:
    """`:ids` as `among` takes them."""
    return list(ids) if tx.dialect == "postgresql" else json.dumps(list(ids))
