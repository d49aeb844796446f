"""How the database itself is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import control, health
from storage.db import Store
from storage.errors import StoreUnavailable


def test_a_trial_write_leaves_nothing(store: Store) -> None:
    health.try_write(store)
    with store.read() as tx:
        assert control.find(tx, "readyz") is None


def test_a_whole_database_has_nothing_to_tell(store: Store) -> None:
    assert health.quick_check(store) == []


def test_a_broken_page_is_found(sqlite_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "only.db"
    sqlite_store.empty_wal()
    sqlite_store.close()
    data = bytearray(file.read_bytes())
    for page in range(10, len(data) // 4096, 3):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    file.write_bytes(data)
    try:
        found = health.quick_check(sqlite_store)
    except StoreUnavailable as fault:
        found = [fault.why]
    assert found


def test_a_check_stops_when_its_time_is_up(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_STEPS", 1)
    assert health.quick_check(sqlite_store, most_seconds=0) == []
    assert health.quick_check(sqlite_store) == []


def test_only_a_server_has_a_clock(store: Store) -> None:
    at = health.clock(store)
    if store.lane.dialect == "sqlite":
        assert at is None
        return
    assert at is not None
    with store.read() as tx:
        again: datetime = tx.conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    assert timedelta() <= again.astimezone(UTC) - at < timedelta(seconds=30)


def test_only_a_file_has_room(store: Store) -> None:
    free = health.free_bytes(store)
    assert (free is None) == (store.lane.dialect == "postgresql")
    assert free is None or free > 0
