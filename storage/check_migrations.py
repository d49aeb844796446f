"""Do the migrations make the tables that storage/tables.py describes? Run as `python -m storage.check_migrations`.

Exit code 1, with what differs, when they do not. With --new "what changes" it writes the next migration from the
difference, to be read and mended by hand. Both work on a SQLite database made for the purpose; the tests ask the same
of PostgreSQL.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from storage import schema
from storage.every_table import metadata


def differences(conn: Connection) -> list[Any]:
    """Give what Alembic would change to make the tables at `conn` those of storage/tables.py; empty when nothing."""
    opts = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(conn, opts=opts), metadata))


@contextmanager
def fresh_database() -> Iterator[Connection]:
    """Give a connection to a SQLite database that all migrations have been applied to."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder, 'check.db')}", poolclass=NullPool)
        with engine.begin() as conn:
            schema.upgrade(conn)
            yield conn


def main() -> int:
    """Check, or write the next migration; give the exit code."""
    parser = argparse.ArgumentParser(description="Compare storage/tables.py with the migrations.")
    parser.add_argument("--new", metavar="WHAT", help="write the next migration, named by what it changes")
    wanted = parser.parse_args().new
    with fresh_database() as conn:
        found = differences(conn)
        if wanted:
            number = f"{len(schema.revisions()) + 1:04d}"
            command.revision(schema.config(conn), message=wanted, rev_id=number, autogenerate=True)
            return 0
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    if found:
        sys.stdout.write("The migrations do not make storage/tables.py. Write one: see --new.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
