"""A form that was sent is done once: a double click, or a page sent again, finds that it is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from storage.db import Tx
from storage.sql import per_dialect
from storage.tables_desk import used_forms

KEPT: Final = timedelta(days=2)
"""How long a used form is remembered. Our choice: longer than any page stands open and is sent again."""

_USE: Final = per_dialect(used_forms, lambda insert: insert.on_conflict_do_nothing(index_elements=["once"]))


def first_time(tx: Tx, now: datetime, whose: str, once: str) -> bool:
    """Tell whether the form `once` of one person (`whose`) is used for the first time; an empty one always is.

    It counts as used when this transaction is committed. One who sends it at the same moment waits for that.
    """
    if not once:
        return True
    tx.execute(delete(used_forms).where(used_forms.c.at < now - KEPT))
    row = {"once": f"{whose[:55]}:{once[:64]}", "at": now}
    return tx.execute(_USE[tx.dialect].returning(used_forms.c.once), row).first() is not None
