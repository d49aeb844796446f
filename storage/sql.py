"""Inserts that give way to a row that is already there: the same words, one construct for each database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert

_INSERTS: Final[Mapping[str, Callable[[Table], Insert]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def per_dialect(table: Table, finish: Callable[[Insert], Insert]) -> Mapping[str, Insert]:
    """Give the statement for each database, by `Tx.dialect`; `finish` says what happens when the row is there."""
    return {name: finish(begin(table)) for name, begin in _INSERTS.items()}
