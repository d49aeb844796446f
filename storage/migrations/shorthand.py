"""Words that the migrations write tables with. They are part of every migration: add to them, never change one."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger
Int = sa.Integer
Str = sa.String
Bool = sa.Boolean
Blob = sa.LargeBinary
When: Final = sa.DateTime(timezone=True)  # UTC

Kind = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]


def own_id() -> sa.Column[int]:
    """An id that we make ourselves, see storage.ids."""
    return sa.Column("id", Big().with_variant(Int, "sqlite"), nullable=False, autoincrement=False)


def counted_id() -> sa.Column[int]:
    """An id that the database counts up."""
    return sa.Column("id", Big().with_variant(Int, "sqlite"), nullable=False, autoincrement=True)


def col(name: str, kind: Kind, default: str | sa.TextClause | None = None) -> sa.Column[Any]:
    """A column that always has a value."""
    return sa.Column(name, kind, nullable=False, server_default=default)


def maybe(name: str, kind: Kind) -> sa.Column[Any]:
    """A column that may be empty."""
    return sa.Column(name, kind, nullable=True)


def pk(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """The table's primary key."""
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """The column points at a row of the other table."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    """No two rows have the same in these columns."""
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def index(table: str, *columns: str) -> None:
    """Make an index of these columns."""
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    """Make an index of the rows that `where` holds for."""
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
