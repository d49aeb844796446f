"""The inbox is asked by the index of what is not closed, however much has been closed in years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

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

        def explain(conn: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
            plans.extend(row[3] for row in cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))

        event.listen(tx.conn, "before_cursor_execute", explain)
        ASKED[name](tx, scope)
        event.remove(tx.conn, "before_cursor_execute", explain)
    assert sum("ix_inbox_items_open" in each for each in plans) == 2, plans
    assert not any("ix_inbox_items_unit_id" in each for each in plans), plans
