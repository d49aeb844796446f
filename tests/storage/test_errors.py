from __future__ import annotations

import sqlite3

import pytest

from storage.errors import NotFound, unavailable


class _Postgres(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("told by the server")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "why", "fatal"),
    [
        ("SQLITE_BUSY", "locked", False),
        ("SQLITE_BUSY_SNAPSHOT", "locked", False),
        ("SQLITE_FULL", "full", False),
        ("SQLITE_READONLY_DBMOVED", "read_only", False),
        ("SQLITE_IOERR_FSYNC", "io", True),
        ("SQLITE_CANTOPEN", "gone", False),
        ("SQLITE_CORRUPT", "damaged", True),
    ],
)
def test_sqlites_codes_are_told_apart(code: str, why: str, fatal: bool) -> None:
    fault = sqlite3.OperationalError("…")
    fault.sqlite_errorcode = getattr(sqlite3, code)
    found = unavailable(fault)
    assert found is not None
    assert (found.why, found.fatal) == (why, fatal)
    assert found.way_out


@pytest.mark.parametrize(
    ("state", "why"),
    [("08006", "gone"), ("57P01", "gone"), ("53100", "full"), ("53300", "full"), ("25006", "read_only"),
     ("40001", "locked"), ("40P01", "locked"), ("55P03", "locked"), ("58030", "io")],
)  # fmt: skip
def test_postgres_states_are_told_apart(state: str, why: str) -> None:
    found = unavailable(_Postgres(state))
    assert found is not None
    assert found.why == why


def test_a_fault_in_a_statement_is_no_outage() -> None:
    assert unavailable(sqlite3.IntegrityError("UNIQUE")) is None
    assert unavailable(sqlite3.OperationalError("no such table")) is None
    assert unavailable(_Postgres("23505")) is None
    assert unavailable(_Postgres(None)) is None
    assert unavailable(ValueError()) is None
    assert unavailable(None) is None


def test_not_found_names_what_was_sought() -> None:
    assert str(NotFound("unit", "alvsbyn")) == "no unit alvsbyn"
