"""What can go wrong in the store.

StoreError           what is wrong and the way out; nothing that a person wrote stands in it
  StoreUnavailable   it cannot be read or written now: a door answers 503 and acknowledges nothing
  SchemaMismatch     the tables are older or newer than this program
  KeysUnusable       the file of keys is missing, open to others, broken, or not the one the database was sealed with
  BackupRefused      a backup or a restore that would do harm
NotFound             no such row
Unreadable           one sealed value cannot be opened
"""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

Why = Literal["locked", "full", "read_only", "gone", "io", "damaged"]

FATAL: Final[frozenset[Why]] = frozenset({"io", "damaged"})

_WAY_OUT: Final[dict[Why, str]] = {
    "locked": "another process holds the database; it is tried again",
    "full": "make room on the disk",
    "read_only": "make the database writable again",
    "gone": "see that the database is running and that its address is right",
    "io": "the disk failed; stop, look at the machine's log, and check the database before going on",
    "damaged": "stop and restore the latest backup: ingang db restore",
}

_SQLITE: Final[dict[int, Why]] = {  # primary result codes, sqlite.org/rescode.html
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_NOMEM: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "gone",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_NOTADB: "damaged",
}

_POSTGRES: Final[tuple[tuple[str, Why], ...]] = (  # starts of SQLSTATE, postgresql.org/docs/current/errcodes-appendix
    ("08", "gone"),
    ("25006", "read_only"),
    ("40", "locked"),  # serialization failure, deadlock
    ("53", "full"),  # disk, memory or connections used up
    ("55P03", "locked"),
    ("57P", "gone"),  # shut down, starting up
    ("58", "io"),
    ("XX001", "damaged"),
    ("XX002", "damaged"),
)


class StoreError(Exception):
    """A fault of the store as a whole: what is wrong, and the way out."""

    def __init__(self, what: str, way_out: str) -> None:
        super().__init__(f"{what}: {way_out}")
        self.what = what
        self.way_out = way_out


class StoreUnavailable(StoreError):
    """The database cannot be read or written now. `fatal`: this process should stop rather than try again."""

    def __init__(self, why: Why) -> None:
        super().__init__(f"the database cannot be used now ({why})", _WAY_OUT[why])
        self.why: Why = why
        self.fatal = why in FATAL


class SchemaMismatch(StoreError):
    """The tables are not those that this program was written for."""


class KeysUnusable(StoreError):
    """The installation's keys cannot be used."""


class BackupRefused(StoreError):
    """A backup or a restore was refused, and nothing was changed."""


class NotFound(LookupError):
    """There is no such row."""

    def __init__(self, thing: str, wanted: object) -> None:
        super().__init__(f"no {thing} {wanted}")
        self.thing = thing
        self.wanted = wanted


class Unreadable(Exception):
    """A sealed value cannot be opened: its key is gone, it was moved, or it was changed. Names the place only."""

    def __init__(self, table: str, column: str, row_id: int, why: str) -> None:
        super().__init__(f"{table}.{column} of row {row_id} cannot be opened: {why}")
        self.table = table
        self.column = column
        self.row_id = row_id
        self.why = why


def unavailable(error: BaseException | None) -> StoreUnavailable | None:
    """Give the StoreUnavailable that a driver's error stands for; None when the fault is in a statement."""
    if isinstance(error, sqlite3.Error):
        why = _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return StoreUnavailable(why) if why else None
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        found = next((why for start, why in _POSTGRES if state.startswith(start)), None)
        return StoreUnavailable(found) if found else None
    if type(error).__name__ == "OperationalError":  # psycopg: the connection broke before a state could be told
        return StoreUnavailable("gone")
    return None
