from __future__ import annotations

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from storage import control, lanes
from storage.crypto import KeyRing
from storage.db import Store, read_url
from storage.errors import StoreError, StoreUnavailable
from storage.tables import heartbeats
from tests.databases import ON_POSTGRES, PRAGMAS


def _value(store: Store, name: str = "a") -> str | None:
    with store.read() as tx:
        return control.find(tx, name)


def fail() -> NoReturn:
    raise ZeroDivisionError


def test_what_was_written_is_there_afterwards(store: Store) -> None:
    with store.begin() as tx:
        control.put(tx, "a", "1")
        assert control.find(tx, "a") == "1"
    assert _value(store) == "1"


def test_an_exception_takes_everything_back(store: Store) -> None:
    def write_and_fail() -> None:
        with store.begin() as tx:
            control.put(tx, "a", "1")
            fail()

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert _value(store) is None
    with store.begin() as tx:
        control.put(tx, "a", "2")
    assert _value(store) == "2"


def test_a_savepoint_takes_back_its_own_part(store: Store) -> None:
    with store.begin() as tx:
        control.put(tx, "a", "outer")
        with suppress(ZeroDivisionError), tx.savepoint():
            control.put(tx, "a", "inner")
            with tx.savepoint():
                control.put(tx, "b", "innermost")
            fail()
        with tx.savepoint():
            control.put(tx, "c", "kept")
    assert (_value(store, "a"), _value(store, "b"), _value(store, "c")) == ("outer", None, "kept")


def test_a_failed_statement_stays_in_its_savepoint(store: Store) -> None:
    with store.begin() as tx:
        control.put(tx, "a", "1")
        with pytest.raises(IntegrityError), tx.savepoint():
            tx.execute(text("INSERT INTO control (name, value) VALUES ('a', '2')"))
        control.put(tx, "b", "1")
    assert (_value(store, "a"), _value(store, "b")) == ("1", "1")


def test_an_inner_savepoint_may_fail_alone(store: Store) -> None:
    with store.begin() as tx, tx.savepoint():
        control.put(tx, "a", "1")
        with suppress(ZeroDivisionError), tx.savepoint():
            control.put(tx, "a", "2")
            fail()
        control.put(tx, "b", "1")
    assert (_value(store, "a"), _value(store, "b")) == ("1", "1")


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((StoreUnavailable, DBAPIError)), store.read() as tx:
        control.put(tx, "a", "1")
    assert _value(store) is None


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.begin() as tx:
        control.put(tx, "a", "before")
    with store.read() as reading:
        assert control.find(reading, "a") == "before"
        with store.begin() as tx:
            control.put(tx, "a", "after")
        assert control.find(reading, "a") == "before"
    assert _value(store) == "after"


def test_many_threads_write_one_after_the_other(store: Store) -> None:
    def add(_: int) -> None:
        with store.begin() as tx:
            tx.execute(text("UPDATE control SET value = CAST(value AS INTEGER) + 1 WHERE name = 'n'"))

    with store.begin() as tx:
        control.put(tx, "n", "0")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(200)))
    assert _value(store, "n") == "200"


def test_a_second_writer_in_a_thread_is_refused(sqlite_store: Store) -> None:
    with sqlite_store.begin(), pytest.raises(RuntimeError, match="already"), sqlite_store.begin():
        pass
    with sqlite_store.begin() as tx:
        control.put(tx, "a", "1")
    assert _value(sqlite_store) == "1"


def test_a_naive_time_never_reaches_a_table(store: Store) -> None:
    naive = datetime(2026, 11, 23, 8, 30)  # noqa: DTZ001 - the point of the test
    with pytest.raises(StatementError, match="without a zone"), store.begin() as tx:
        control.beat(tx, "sweep", naive)
    with pytest.raises(StatementError, match="without a zone"), store.begin() as tx:
        tx.execute(insert(heartbeats).values(component="x", at=naive))
    with store.read() as tx:
        assert tx.execute(select(heartbeats)).all() == []


def test_a_time_comes_back_as_utc(store: Store, now: datetime) -> None:
    from zoneinfo import ZoneInfo

    with store.begin() as tx:
        control.beat(tx, "sweep", now.astimezone(ZoneInfo("Europe/Stockholm")))
    with store.read() as tx:
        back = control.beats(tx)["sweep"]
    assert back == now
    assert back.utcoffset() is not None
    assert not back.utcoffset()


def test_what_a_statement_held_is_not_told(store: Store) -> None:
    secret = "+46701740605"
    twice = [{"v": secret}, {"v": secret}]
    with pytest.raises(IntegrityError) as told, store.begin() as tx:
        tx.execute(text("INSERT INTO control (name, value) VALUES ('a', :v)"), twice)
    assert secret not in str(told.value)


# --- when the database cannot be used ---------------------------------------------------------------------------------


def test_a_locked_database_is_told_as_such(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WAIT_S", 0.05)
    store = Store.open(sqlite_store.url.render_as_string(), sqlite_store.vault.keys)
    other = sqlite3.connect(str(store.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable) as refused, store.begin():
        pass
    assert (refused.value.why, refused.value.fatal) == ("locked", False)
    other.execute("ROLLBACK")
    other.close()
    with store.begin() as tx:
        control.put(tx, "a", "1")
    assert _value(store) == "1"
    store.close()


def test_waiting_behind_a_stuck_writer_ends(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WAIT_S", 0.05)

    def write() -> None:
        with sqlite_store.begin():
            pass

    with sqlite_store.begin(), ThreadPoolExecutor(1) as pool, pytest.raises(StoreUnavailable):
        pool.submit(write).result()
    write()


def test_a_full_disk_is_told_and_healed(sqlite_store: Store) -> None:
    with sqlite_store.begin() as tx:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))

    def fill() -> None:
        with sqlite_store.begin() as tx, tx.savepoint():
            for at in range(2000):
                control.put(tx, f"n{at}", "x" * 400)

    with pytest.raises(StoreUnavailable) as refused:
        fill()
    assert refused.value.why == "full"
    with sqlite_store.begin() as tx:
        tx.execute(text("PRAGMA max_page_count = 100000"))
        control.put(tx, "a", "1")
    assert _value(sqlite_store) == "1"
    assert _value(sqlite_store, "n0") is None


def test_a_write_that_may_not_be_made_is_told(sqlite_store: Store) -> None:
    with pytest.raises(StoreUnavailable) as refused, sqlite_store.read() as tx:
        control.put(tx, "a", "1")
    assert refused.value.why == "read_only"


def test_a_file_that_is_no_database_is_told(tmp_path: Path, key_ring: KeyRing) -> None:
    file = tmp_path / "other.db"
    file.write_bytes(os.urandom(8192))
    with pytest.raises(StoreUnavailable) as refused:
        Store.open(f"sqlite:///{file}", key_ring)
    assert (refused.value.why, refused.value.fatal) == ("damaged", True)


def test_a_server_that_is_not_there_is_told(key_ring: KeyRing) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreUnavailable) as refused:
        Store.open("postgresql://nobody@127.0.0.1:1/none", key_ring)
    assert refused.value.why == "gone"


@ON_POSTGRES
def test_a_cut_connection_is_told_and_replaced(store: Store) -> None:

    def write_while_cut_off() -> None:
        with store.begin() as tx, tx.savepoint():
            mine = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with store.begin() as other:
                other.execute(text(f"SELECT pg_terminate_backend({mine})"))
            control.put(tx, "a", "1")

    with pytest.raises(StoreUnavailable) as refused:
        write_while_cut_off()
    assert refused.value.why == "gone"
    with store.begin() as tx:
        control.put(tx, "a", "2")
    assert _value(store) == "2"


@ON_POSTGRES
def test_a_deadlock_is_told_as_a_lock(store: Store) -> None:

    def crossing(first: str, second: str) -> str:
        try:
            with store.begin() as tx:
                control.put(tx, first, "1")
                tx.execute(text("SELECT pg_advisory_xact_lock_shared(7)"))
                met.wait(5)
                control.put(tx, second, "1")
        except StoreUnavailable as fault:
            return fault.why
        return "ok"

    from threading import Barrier

    met = Barrier(2)
    with store.begin() as tx:
        control.put(tx, "x", "0")
        control.put(tx, "y", "0")
    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(each.result() for each in (pool.submit(crossing, "x", "y"), pool.submit(crossing, "y", "x")))
    assert outcomes == ["locked", "ok"]


# --- addresses and files ----------------------------------------------------------------------------------------------


def test_a_new_database_is_for_its_owner_only(tmp_path: Path, key_ring: KeyRing) -> None:
    file = tmp_path / "new" / "ingang.db"
    store = Store.open(f"sqlite:///{file}", key_ring)
    store.upgrade()
    with store.begin() as tx:
        control.put(tx, "a", "1")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {"ingang.db": 0o600, "ingang.db-wal": 0o600, "ingang.db-shm": 0o600}
    store.close()


def test_the_settings_that_keep_data_are_on(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_PRAGMAS", PRAGMAS)
    with sqlite_store.begin() as tx:
        found = {
            name: tx.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro", "mysql://u:secret@h/d", "http://h"],
)
def test_other_addresses_are_refused_kindly(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        read_url(url)
    assert refused.value.way_out
    assert "secret" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, key_ring: KeyRing) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(f"sqlite:///{tmp_path}/file/a.db", key_ring)
