from __future__ import annotations

import os
import stat
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from storage import control, keys, participants
from storage.crypto import KeyRing, Vault, wrapping_key_of
from storage.db import Store
from storage.errors import KeysUnusable
from storage.tables import person_keys

DAY = date(2026, 11, 23)


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "ingang.keys"
    os.umask(before := os.umask(0))
    ring = keys.write_new(file, DAY)
    assert os.umask(before) == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.read_file(file) == ring
    assert ring.active.created == "2026-11-23"


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "ingang.keys"
    keys.write_new(file, DAY)
    before = file.read_bytes()
    with pytest.raises(KeysUnusable, match="never overwritten"):
        keys.write_new(file, DAY)
    assert file.read_bytes() == before


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o700, 0o777])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "ingang.keys"
    keys.write_new(file, DAY)
    file.chmod(mode)
    with pytest.raises(KeysUnusable, match=f"mode {mode:04o}") as refused:
        keys.read_file(file)
    assert refused.value.way_out == f"run: chmod 600 {file}"


def test_a_read_only_file_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "ingang.keys"
    ring = keys.write_new(file, DAY)
    file.chmod(0o400)
    assert keys.read_file(file) == ring


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    keys.write_new(tmp_path / "real", DAY)
    link.symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert keys.read_file(link) == keys.read_file(tmp_path / "real")  # as secrets are often mounted
    for wrong in (tmp_path / "pipe", tmp_path, tmp_path / "missing", tmp_path / "none" / "missing"):
        with pytest.raises(KeysUnusable) as refused:
            keys.read_file(wrong)
        assert refused.value.way_out
    with pytest.raises(KeysUnusable, match="cannot be written"):
        keys.write_new(tmp_path / "none" / "missing", DAY)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "ingang.keys"
    file.write_bytes(os.urandom(500))
    file.chmod(0o600)
    with pytest.raises(KeysUnusable, match="not a file of keys"):
        keys.read_file(file)


def test_the_environment_goes_before_the_file(tmp_path: Path, key_ring: KeyRing) -> None:
    file = tmp_path / "ingang.keys"
    written = keys.write_new(file, DAY)
    assert keys.load(file, {"INGANG_KEYS": key_ring.dump()}) == key_ring
    assert keys.load(file, {"INGANG_KEYS": ""}) == written
    with pytest.raises(KeysUnusable, match="no keys"):
        keys.load(None, {})


def test_other_keys_than_the_databases_are_refused(store: Store, key_ring: KeyRing) -> None:
    url = store.url.render_as_string(hide_password=False)
    with pytest.raises(KeysUnusable, match="not the keys of this database"):
        Store.open(url, KeyRing.new())
    other_index = KeyRing(key_ring.active, key_ring.retired, os.urandom(32))
    with pytest.raises(KeysUnusable, match="not the keys of this database"):
        Store.open(url, other_index)


def test_a_key_that_is_missing_is_named(store: Store, key_ring: KeyRing, now: datetime) -> None:
    newer = key_ring.rotated(DAY)
    store.use_keys(newer)
    with store.begin() as tx:
        participants.create(tx, now)
    store.use_keys(key_ring)
    with pytest.raises(KeysUnusable, match=newer.active.id.hex()):
        store.check_ready()
    store.use_keys(newer)
    store.check_ready()


def test_a_database_without_note_takes_any_keys(store: Store) -> None:
    with store.begin() as tx:
        control.clear(tx, "keys.check")
        tx.execute(delete(person_keys))
        store.use_keys(KeyRing.new())
        keys.check_all(tx)


def test_rotation_wraps_every_key_anew(sqlite_store: Store, tmp_path: Path, key_ring: KeyRing, now: datetime) -> None:
    file = _file(tmp_path, key_ring)
    people = _people(sqlite_store, now, 1203)
    changed, dropped = keys.rotate(sqlite_store, file, DAY)
    assert (changed, dropped) == (1204, [])  # and the installation's own
    ring = keys.read_file(file)
    assert ring.active.id != key_ring.active.id
    assert _wrapped_with(sqlite_store) == {ring.active.id}
    _all_readable(sqlite_store, people)
    Store.open(sqlite_store.url.render_as_string(), ring).close()


def test_rotation_goes_on_where_it_was_broken_off(
    store: Store, tmp_path: Path, key_ring: KeyRing, now: datetime
) -> None:
    file = _file(tmp_path, key_ring)
    people = _people(store, now, 40)
    halfway = key_ring.rotated(DAY)
    keys._replace(file, halfway)
    store.use_keys(halfway)
    with store.begin() as tx:
        tx.vault.rewrap_some(tx, 0, limit=15)
    assert _wrapped_with(store) == {key_ring.active.id, halfway.active.id}
    _all_readable(store, people)
    changed, _ = keys.rotate(store, file, DAY)
    assert keys.read_file(file).active.id == halfway.active.id
    assert changed == 41 - 15
    assert _wrapped_with(store) == {halfway.active.id}
    _all_readable(store, people)


def test_a_running_service_follows_the_rotation(store: Store, tmp_path: Path, key_ring: KeyRing, now: datetime) -> None:
    file = _file(tmp_path, key_ring)
    people = _people(store, now, 3)
    running = Store.open(store.url.render_as_string(hide_password=False), keys.read_file(file))
    keys.rotate(store, file, DAY)
    _all_readable(running, people)
    running.close()


def test_old_keys_go_when_nothing_needs_them(store: Store, tmp_path: Path, key_ring: KeyRing) -> None:
    file = _file(tmp_path, key_ring)
    keys.rotate(store, file, date(2026, 11, 1))
    assert len(keys.read_file(file).all) == 2
    _, dropped = keys.rotate(store, file, date(2026, 12, 24))
    assert dropped == [key_ring.active.id.hex()]
    assert len(keys.read_file(file).all) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def _file(folder: Path, ring: KeyRing) -> Path:
    file = folder / "ingang.keys"
    keys._write(file, ring)
    return file


def _people(store: Store, now: datetime, number: int) -> list[int]:
    made = []
    with store.begin() as tx:
        for at in range(number):
            person, key = participants.create(tx, now)
            made.append(person)
            if at % 100 == 0:
                participants.set_profile(tx, person, name="Kim")
            assert key.id
    return made


def _all_readable(store: Store, people: list[int]) -> None:
    with store.read() as tx:
        assert participants.profile(tx, people[0]) == {"name": "Kim"}
        for person in people:
            assert tx.vault.key_for(tx, person).id


def _wrapped_with(store: Store) -> set[bytes]:
    with store.read() as tx:
        return {wrapping_key_of(row[0]) for row in tx.execute(select(person_keys.c.wrapped))}


def test_the_vault_takes_new_keys_at_once(key_ring: KeyRing) -> None:
    vault, newer = Vault(key_ring), key_ring.rotated(DAY)
    vault.use(newer)
    assert wrapping_key_of(vault.wrap(1, os.urandom(32))) == newer.active.id
