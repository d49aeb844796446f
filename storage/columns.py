"""Columns that the tables have in common: times with a zone, ids, and references to other tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, TypeDecorator, text


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC and given back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Turn an aware datetime into UTC; raise ValueError on a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give back an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Any, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Read SQLite's text at once: by way of a naive datetime it takes five times as long."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def row_id() -> Column[int]:
    """A time-ordered id that we make ourselves, because it is part of what is sealed."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


def counted_id() -> Column[int]:
    """An id that the database counts up."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def ref(column: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    """A reference to `column`, as the tables name it: participants.id is participant_id."""
    name = column.rsplit(".", 1)[0]
    names = {
        "participants": "participant_id",
        "staff_members": "staff_id",
        "person_keys": "key_id",
        "conversations": "conversation_id",
        "contacts": "contact_id",
        "units": "unit_id",
        "inbox_items": "inbox_item_id",
        "outbox": "outbox_id",
        "activities": "activity_id",
    }
    return Column(names[name], BigInteger, ForeignKey(column), nullable=nullable, index=index)


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that `where` holds for. A statement that goes by it says the same, word for word."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
