"""Made-up staff of the demo who belong to no unit: one for each role whose work is the whole municipality's."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from storage import staff
from storage.db import Tx

WHOLE: Final = {"administrator": "Mona", "dataskydd": "Dag", "drift": "Nils"}


def ready(tx: Tx, now: datetime) -> None:
    """Add those who are not there yet."""
    there = {each.role for each in staff.list_staff(tx)}
    for role, name in WHOLE.items():
        if role not in there:
            staff.add(tx, now, name, role=role)
