"""`metadata` with every table in it: what migrations, checks and joins of two persons go by."""

from __future__ import annotations

from storage import (
    tables_activities,
    tables_audit,
    tables_calendar,
    tables_desk,
    tables_joining,
    tables_meetings,
    tables_ratings,
    tables_recalls,
    tables_staff,
    tables_texts,
)
from storage.tables import metadata

__all__ = [
    "metadata",
    "tables_activities",
    "tables_audit",
    "tables_calendar",
    "tables_desk",
    "tables_joining",
    "tables_meetings",
    "tables_ratings",
    "tables_recalls",
    "tables_staff",
    "tables_texts",
]
