"""`ingang keys ...` and `ingang db ...`, as somebody types them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ingang.commands import db, keys
from storage.crypto import KeyRing
from storage.db import Store
from storage.errors import StoreError

ROOT = typer.Typer()
keys.register(ROOT)
db.register(ROOT)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("INGANG_CONFIG", "INGANG_KEYS", "INGANG_DATABASE__URL"):
        monkeypatch.delenv(name, raising=False)


def ingang(*words: str) -> Result:
    return CliRunner().invoke(ROOT, words, catch_exceptions=False)


def refused(*words: str) -> StoreError:
    with pytest.raises(StoreError) as told:
        ingang(*words)
    return told.value


def test_keys_then_tables_then_backup_and_back(tmp_path: Path) -> None:
    assert "only you can read" in ingang("keys", "new").output
    assert stat.S_IMODE((tmp_path / "ingang.keys").stat().st_mode) == 0o600
    assert "up to date" in ingang("db", "upgrade").output
    told = ingang("db", "backup", "copies").output
    data, key_file = (line.partition(": ")[2] for line in told.splitlines()[:2])
    assert "--replace" in refused("db", "restore", data, key_file).way_out
    told = ingang("db", "restore", data, key_file, "--replace").output
    assert "Restored, with the keys of 1." in told
    assert "ingang db release" in told
    assert "go out again" in ingang("db", "release").output
    assert "not held" in ingang("db", "release").output
    assert "up to date" in ingang("db", "upgrade").output


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    ingang("keys", "new", "mine.keys")
    before = (tmp_path / "mine.keys").read_text()
    assert "never overwritten" in refused("keys", "new", "mine.keys").what
    assert (tmp_path / "mine.keys").read_text() == before


def test_without_keys_the_way_out_is_told() -> None:
    assert "ingang keys new" in refused("db", "upgrade").way_out


def test_rotation_tells_how_many(tmp_path: Path) -> None:
    ingang("keys", "new")
    ingang("db", "upgrade")
    before = KeyRing.load((tmp_path / "ingang.keys").read_text())
    assert "keys wrapped with it: 1." in ingang("keys", "rotate").output
    after = KeyRing.load((tmp_path / "ingang.keys").read_text())
    assert after.active != before.active
    assert [key.id for key in after.retired] == [before.active.id]
    store = Store.open("sqlite:///ingang.db", after)
    store.check_ready()
    store.close()


def test_keys_in_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingang.errors import UserError

    monkeypatch.setenv("INGANG_KEYS", KeyRing.new().dump())
    assert "up to date" in ingang("db", "upgrade").output
    with pytest.raises(UserError, match="put them in a file"):
        ingang("keys", "rotate")
    monkeypatch.setenv("INGANG_KEYS", KeyRing.new().dump())
    assert "not the keys of this database" in refused("db", "upgrade").what
