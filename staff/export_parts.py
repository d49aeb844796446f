"""What an export is made of: its columns, its rows, and what may stand in a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.db import Tx
from storage.reports import Scope

Value = str | int | float | bool | datetime | None
Row = Mapping[str, Value]
Places = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in JSON, its heading in a spreadsheet, and what stands in it (for docs/export.md)."""

    key: str
    heading: str
    about: str
    width: int = 16


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its columns, and its rows in a scope, in the order in which they came."""

    name: str
    sheet: str
    columns: tuple[Column, ...]
    rows: Callable[[Tx, Scope, Places], Iterator[Row]]
