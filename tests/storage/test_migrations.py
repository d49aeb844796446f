from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage import schema
from storage.check_migrations import differences, fresh_database
from storage.crypto import KeyRing
from storage.db import Store
from storage.errors import SchemaMismatch
from storage.tables import metadata
from tests.databases import Server


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, key_ring: KeyRing) -> Iterator[Store]:
    """A store with no tables yet."""
    server: Server | None = None if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    name = server.make() if server else ""
    store = Store.open(server.named(name) if server else f"sqlite:///{tmp_path / 'empty.db'}", key_ring)
    yield store
    store.close()
    if server:
        server.drop(name)


def test_the_migrations_make_the_tables_described(store: Store) -> None:
    with store.read() as tx:
        assert differences(tx.conn) == []
        made = set(inspect(tx.conn).get_table_names()) - {"alembic_version"}
    assert made == set(metadata.tables)


def test_the_indexes_are_those_described(store: Store) -> None:
    with store.read() as tx:
        look = inspect(tx.conn)
        for name, table in metadata.tables.items():
            made = {index["name"] for index in look.get_indexes(name) if not index.get("duplicates_constraint")}
            assert made == {index.name for index in table.indexes}, name


def test_an_empty_database_comes_all_the_way(empty: Store) -> None:
    assert not empty.schema_is_current()
    with pytest.raises(SchemaMismatch, match="missing or old"):
        empty.check_ready()
    empty.upgrade()
    assert empty.schema_is_current()
    empty.check_ready()


def test_running_it_again_changes_nothing(store: Store) -> None:
    with store.read() as tx:
        own = tx.vault.key_by_id(tx, 1).seal("t", "c", 1, "x")
    store.upgrade()
    with store.read() as tx:
        assert tx.vault.key_by_id(tx, 1).open("t", "c", 1, own) == "x"


def test_broken_off_it_leaves_nothing_and_may_rerun(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("storage.keys.note_keys", break_off)
        with pytest.raises(KeyboardInterrupt):
            empty.upgrade()
    with empty.read() as tx:
        assert inspect(tx.conn).get_table_names() == []
    empty.upgrade()
    empty.check_ready()


@pytest.mark.parametrize("revision", schema.revisions())
def test_broken_off_in_any_migration_it_may_rerun(empty: Store, monkeypatch: pytest.MonkeyPatch, revision: str) -> None:
    from alembic.runtime.migration import MigrationContext

    whole = MigrationContext.configure

    def breaking(*args: object, **kw: object) -> MigrationContext:
        context = whole(*args, **kw)  # type: ignore[arg-type]

        def break_off(**told: object) -> None:
            if told["step"].up_revision_id == revision:  # type: ignore[attr-defined]
                raise KeyboardInterrupt

        context.on_version_apply_callbacks = (break_off,)
        return context

    with monkeypatch.context() as patched:
        patched.setattr(MigrationContext, "configure", staticmethod(breaking))
        with pytest.raises(KeyboardInterrupt):
            empty.upgrade()
    with empty.read() as tx:
        assert schema.state(tx.conn) == "empty"
    empty.upgrade()
    empty.check_ready()


def test_killed_in_the_middle_it_may_rerun(tmp_path: Path, key_ring: KeyRing) -> None:
    file = tmp_path / "killed.db"
    script = (
        "import os, sys; sys.path.insert(0, '.')\n"
        "from storage import keys; from storage.crypto import KeyRing; from storage.db import Store\n"
        "keys.note_keys = lambda tx: os.kill(os.getpid(), 9)\n"
        f"Store.open('sqlite:///{file}', KeyRing.load(sys.stdin.read())).upgrade()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=key_ring.dump(), text=True, check=False)
    assert done.returncode == -9
    store = Store.open(f"sqlite:///{file}", key_ring)
    store.upgrade()
    store.check_ready()
    store.close()


def test_newer_tables_are_refused(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert schema.state(tx.conn) == "newer"
    for refused in (store.upgrade, store.check_ready):
        with pytest.raises(SchemaMismatch, match="newer"):
            refused()


def test_older_tables_are_told_as_older(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert schema.state(tx.conn) == "older"
    with pytest.raises(SchemaMismatch, match="ingang db upgrade"):
        store.check_ready()


def test_the_files_are_numbered_in_their_order() -> None:
    with fresh_database() as conn:
        scripts = ScriptDirectory.from_config(schema.config(conn))
        in_order = [script.revision for script in scripts.walk_revisions()][::-1]
    assert in_order == schema.revisions()
    assert scripts.get_heads() == [in_order[-1]]


def test_the_check_tells_a_missing_column(capsys: pytest.CaptureFixture[str]) -> None:
    with fresh_database() as conn:
        conn.exec_driver_sql("ALTER TABLE units DROP COLUMN municipality")
        told = str(differences(conn))
    assert "municipality" in told


def test_the_check_passes_today(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storage.check_migrations"], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_rows_that_point_nowhere_stop_a_migration(sqlite_store: Store) -> None:
    raw = sqlite3.connect(str(sqlite_store.url.database))
    raw.execute("INSERT INTO person_keys VALUES (5, 404, x'00', '2026-11-23 08:30:00.000000')")
    raw.commit()
    raw.close()
    with pytest.raises(Exception, match="point at rows that are gone"):
        sqlite_store.upgrade()
