"""The state of the tables against the migrations, and the way from one to the other (Alembic, set up in code)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import Connection, inspect, text

from storage.errors import SchemaMismatch, StoreError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS: Final = Path(__file__).parent / "migrations"
ADVISORY_LOCK: Final = 0x1A6A46  # PostgreSQL: whoever holds it is changing the tables

State = Literal["empty", "older", "current", "newer"]


def revisions() -> list[str]:
    """Give the names of all migrations, oldest first: they are numbered, and each follows the one before."""
    return sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def has_tables(conn: Connection) -> bool:
    """Tell whether the database has been migrated at all."""
    return inspect(conn).has_table("alembic_version")


def revision(conn: Connection) -> str | None:
    """Give the name of the last migration that was applied."""
    if not has_tables(conn):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def state(conn: Connection) -> State:
    """Tell how the tables stand to this program: empty, older, current, newer."""
    found, known = revision(conn), revisions()
    if found is None:
        return "empty"
    if found == known[-1]:
        return "current"
    return "older" if found in known else "newer"


def refuse_newer(conn: Connection) -> None:
    """Raise SchemaMismatch when a newer Ingång has been at work on these tables."""
    if state(conn) == "newer":
        raise SchemaMismatch("the database was made by a newer Ingång", "run that one, or restore a backup")


def upgrade(conn: Connection) -> None:
    """Apply what is missing, in the transaction that `conn` is in; SchemaMismatch when the tables are too new."""
    from alembic import command

    refuse_newer(conn)
    command.upgrade(config(conn), "head")
    if conn.dialect.name == "sqlite":
        broken = conn.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise StoreError(f"{len(broken)} rows point at rows that are gone", "restore the latest backup")


def config(conn: Connection) -> Config:
    """Give Alembic's configuration, to work on that connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = conn
    return made
