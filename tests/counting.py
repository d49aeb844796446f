"""How many questions something puts to the database: constant in the data's size, or a page will be slow one day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage.hot import Hot


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give a list that fills with each statement run in the block, by SQLAlchemy or straight on the driver."""
    asked: list[str] = []
    execute = Hot._execute

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    def straight(self: Hot, *rest: Any) -> Any:
        asked.append(str(self._statement))
        return execute(self, *rest)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with patch.object(Hot, "_execute", straight):
            yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
