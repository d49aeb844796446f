"""The inbox is asked by the index of what is not closed, however much has been closed in years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import inbox_board
from storage.db import Store, Tx
from storage.inbox_board import Scope

ASKED: dict[str, Callable[[Tx, Scope], Any]] = {
    "all": lambda tx, scope: inbox_board.page_of(tx, scope, "alla", 25, 0),  # nothing there: the counts are asked too
    "mine": lambda tx, scope: inbox_board.page_of(tx, scope, "mina", 25, 0),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("units", [None, (1,), (1, 2, 3)])
def test_what_is_closed_is_not_read(
    sqlite_store: Store, now: datetime, name: str, units: tuple[int, ...] | None
) -> None:
    scope = Scope(units, units is not None, 1, now, now + timedelta(hours=12), 20)
    plans: list[str] = []
    with sqlite_store.read() as tx:
        asked: list[str] = []
        driver: Any = tx.conn.connection.dbapi_connection
        driver.set_trace_callback(asked.append)  # what is asked past SQLAlchemy too, with its values in it
        ASKED[name](tx, scope)
        driver.set_trace_callback(None)
        for statement in asked:
            plans.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}"))
    assert sum("ix_inbox_items_open" in each for each in plans) == 2, plans
    assert not any("ix_inbox_items_unit_id" in each for each in plans), plans
