from __future__ import annotations

import json
import os
import sqlite3
import stat
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from storage import audit, audit_chain, audit_check, backup, contacts, control, inbox, participants, referrals, staff
from storage.crypto import KeyRing
from storage.db import Store
from storage.errors import BackupRefused, KeysUnusable, SchemaMismatch, StoreError, Unreadable
from storage.tables import erased_keys, person_keys

NAME, NUMBER, SENTENCE, DEVICE = "Kimberly", "+46701740605", "jobbigt med folk på morgonen", "+46701740606"
SECRETS = [
    form for word in (NAME, NUMBER, SENTENCE, DEVICE, "Annabella") for form in (word.encode(), word.encode("utf-16-le"))
]


@pytest.fixture
def kim(sqlite_store: Store, now: datetime) -> int:
    """Somebody who has signed up, and somebody who reads it."""
    with sqlite_store.begin() as tx:
        who = contacts.create(tx, now, "sms", NUMBER)
        person = who.participant_id
        participants.set_profile(tx, person, name=NAME, phone=NUMBER)
        referrals.register(tx, now, person, None, "self", None, "sms", {"easier": SENTENCE}, True, None)
        inbox.open_item(tx, now, "message", 3, None, person, now, SENTENCE)
        staff.add(tx, now, "Annabella", device_channel="sms", device=DEVICE)
    return person


def _url(store: Store) -> str:
    return store.url.render_as_string()


def _files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


def test_no_file_shows_a_name_number_or_sentence(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    backup.backup(sqlite_store, tmp_path / "backups", now)
    files = _files(tmp_path)
    assert len(files) >= 5  # the database, its WAL and shared memory, the two of the backup
    assert not [secret for secret in SECRETS for content in files if secret in content]
    sqlite_store.close()
    assert not [secret for secret in SECRETS for content in _files(tmp_path) if secret in content]


def test_the_data_file_holds_no_key(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    with sqlite_store.read() as tx:
        wrapped = [row[0] for row in tx.execute(select(person_keys.c.wrapped))]
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    assert len(wrapped) == 2
    content = data.read_bytes()
    assert not [key for key in wrapped if key in content or key[-48:] in content]
    lines = [json.loads(line) for line in keys.read_text().splitlines()]
    assert [bytes.fromhex(line["wrapped"]) for line in lines[1:]] == sorted(wrapped, key=wrapped.index)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (data, keys)} == {0o600}
    assert sorted(file.name for file in data.parent.iterdir()) == [data.name, keys.name]


def test_a_backup_comes_back_as_it_was(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    target = f"sqlite:///{tmp_path / 'new' / 'ingang.db'}"
    done = backup.restore(data, keys, target, sqlite_store.vault.keys, [], now)
    assert (done.keys, done.erased, done.without_key, done.people_erased, done.before) == (2, 0, 0, 0, None)
    restored = Store.open(target, sqlite_store.vault.keys)
    restored.check_ready()
    with restored.read() as tx:
        assert participants.profile(tx, kim) == {"name": NAME, "phone": NUMBER}
        assert [item.note for item in inbox.list_open(tx)] == [SENTENCE]
        assert [one.first_name for one in staff.list_staff(tx)] == ["Annabella"]
        assert control.find(tx, control.SENDING_HOLD) is not None
        assert control.find(tx, "backup.pair") is None
    restored.close()
    assert stat.S_IMODE((tmp_path / "new" / "ingang.db").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["ingang.db"]


def test_a_backup_is_made_while_others_write(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    with sqlite_store.begin() as tx:
        control.put(tx, "uncommitted", "1")
        data, _ = backup.backup(sqlite_store, tmp_path / "backups", now)
    raw = sqlite3.connect(data)
    assert raw.execute("SELECT count(*) FROM control WHERE name = 'uncommitted'").fetchone() == (0,)
    assert raw.execute("SELECT count(*) FROM participants").fetchone() == (1,)
    raw.close()


# --- erased is erased -------------------------------------------------------------------------------------------------


def test_the_erased_stay_unreadable_after_a_restore(
    sqlite_store: Store, kim: int, tmp_path: Path, now: datetime
) -> None:
    with sqlite_store.begin() as tx:
        sam, _ = participants.create(tx, now)
        participants.set_profile(tx, sam, name="Sam")
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    with sqlite_store.begin() as tx:
        participants.erase(tx, kim, now)
    url, ring = _url(sqlite_store), sqlite_store.vault.keys
    sqlite_store.close()
    done = backup.restore(data, keys, url, ring, [], now, replace=True)
    assert (done.keys, done.erased, done.people_erased, done.without_key) == (2, 1, 1, 0)
    restored = Store.open(url, ring)
    with restored.read() as tx:
        assert participants.find(tx, kim) is None
        assert participants.profile(tx, sam) == {"name": "Sam"}
        assert referrals.list_open(tx) == []
        assert tx.execute(select(func.count()).select_from(erased_keys)).scalar_one() == 1
        with pytest.raises(Unreadable):
            tx.vault.key_for(tx, kim)
    restored.close()


def test_a_later_backup_tells_who_was_erased(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    with sqlite_store.begin() as tx:
        participants.erase(tx, kim, now)
    later, _ = backup.backup(sqlite_store, tmp_path / "backups", now + timedelta(days=1))
    erased = backup.read_erased(later)
    as_text = tmp_path / "erased.txt"
    as_text.write_text("\n".join(str(key) for key in erased))
    assert len(erased) == 1
    assert backup.read_erased(as_text) == erased
    target = f"sqlite:///{tmp_path / 'elsewhere.db'}"  # the machine burnt down
    done = backup.restore(data, keys, target, sqlite_store.vault.keys, erased, now)
    assert (done.keys, done.people_erased) == (1, 1)
    for wrong in (tmp_path / "missing", keys):
        with pytest.raises(BackupRefused, match="not a list of erased keys"):
            backup.read_erased(wrong)


def test_an_erased_key_leaves_no_trace_in_the_file(sqlite_store: Store, kim: int, now: datetime) -> None:
    with sqlite_store.begin() as tx:
        for _ in range(200):
            participants.create(tx, now)
        (wrapped,) = (
            tx.execute(select(person_keys.c.wrapped).where(person_keys.c.participant_id == kim)).scalars().all()
        )
    file = Path(sqlite_store.url.database or "")
    sqlite_store.empty_wal()
    assert wrapped in file.read_bytes()
    with sqlite_store.begin() as tx:
        participants.erase(tx, kim, now)
    sqlite_store.empty_wal()
    assert not [content for content in _files(file.parent) if wrapped[-48:] in content]


def test_key_files_go_after_thirty_days(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "backups"
    made = [backup.backup(sqlite_store, folder, now + timedelta(days=day)) for day in (0, 1, 30)]
    assert all(keys.exists() for _, keys in made)
    _, latest = backup.backup(sqlite_store, folder, now + timedelta(days=31, seconds=-1))
    assert [keys.exists() for _, keys in made] == [False, True, True]
    assert all(data.exists() for data, _ in made)
    assert latest.exists()
    assert backup.prune_key_files(folder, now + timedelta(days=31), keep_days=1) == [made[1][1]]


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_database_is_never_overwritten_unasked(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    with pytest.raises(BackupRefused, match="there is a database"):
        backup.restore(data, keys, _url(sqlite_store), sqlite_store.vault.keys, [], now)
    with pytest.raises(BackupRefused, match="is using that database"):
        backup.restore(data, keys, _url(sqlite_store), sqlite_store.vault.keys, [], now, replace=True)
    with sqlite_store.begin() as tx:
        control.put(tx, "still", "here")
    ring, url = sqlite_store.vault.keys, _url(sqlite_store)
    sqlite_store.close()
    done = backup.restore(data, keys, url, ring, [], now, replace=True)
    assert done.before is not None
    before = Store.open(f"sqlite:///{done.before}", ring)
    with before.read() as tx:
        assert control.find(tx, "still") == "here"
    before.close()


def test_two_halves_of_different_backups_are_refused(
    sqlite_store: Store, kim: int, tmp_path: Path, now: datetime
) -> None:
    one, _ = backup.backup(sqlite_store, tmp_path / "backups", now)
    _, other = backup.backup(sqlite_store, tmp_path / "backups", now + timedelta(hours=1))
    _refused(one, other, sqlite_store, tmp_path, now, "of two backups")


def test_files_that_are_no_backup_are_refused(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(os.urandom(9000))
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    cut = tmp_path / "cut.keys.jsonl"
    cut.write_text("\n".join(keys.read_text().splitlines()[:-1]))
    for wrong in (rubbish, empty, tmp_path / "missing", Path(sqlite_store.url.database or "")):
        _refused(wrong, keys, sqlite_store, tmp_path, now, "not a backup|two backups")
    for wrong in (rubbish, empty, tmp_path / "missing", data):
        _refused(data, wrong, sqlite_store, tmp_path, now, "not a key file")
    _refused(data, cut, sqlite_store, tmp_path, now, "cut short")


def test_a_damaged_data_file_is_refused(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    with sqlite_store.begin() as tx:
        for at in range(500):
            control.put(tx, f"n{at}", "x" * 300)
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    content = bytearray(data.read_bytes())
    for page in range(20, 40):
        content[page * 4096 : page * 4096 + 100] = os.urandom(100)
    data.write_bytes(content)
    _refused(data, keys, sqlite_store, tmp_path, now, "damaged|not a backup")


def test_other_keys_are_refused_by_name(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    target = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(BackupRefused, match=sqlite_store.vault.keys.active.id.hex()):
        backup.restore(data, keys, target, KeyRing.new(), [], now)
    assert not (tmp_path / "new.db").exists()


def test_a_backup_from_before_a_rotation_comes_back(
    sqlite_store: Store, kim: int, tmp_path: Path, now: datetime
) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    newer = sqlite_store.vault.keys.rotated(date(2026, 11, 24))
    target = f"sqlite:///{tmp_path / 'new.db'}"
    assert backup.restore(data, keys, target, newer, [], now).keys == 2
    restored = Store.open(target, newer)
    with restored.read() as tx:
        assert participants.profile(tx, kim)["name"] == NAME
    restored.close()


def test_a_backup_of_a_newer_program_is_refused(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    with sqlite_store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    with pytest.raises(SchemaMismatch, match="newer"):
        backup.restore(data, keys, f"sqlite:///{tmp_path / 'new.db'}", sqlite_store.vault.keys, [], now)


def test_a_damaged_database_can_be_replaced(sqlite_store: Store, kim: int, tmp_path: Path, now: datetime) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    ring, url = sqlite_store.vault.keys, _url(sqlite_store)
    sqlite_store.close()
    Path(sqlite_store.url.database or "").write_bytes(os.urandom(50_000))
    assert backup.restore(data, keys, url, ring, [], now, replace=True).keys == 2
    restored = Store.open(url, ring)
    restored.check_ready()
    restored.close()


def test_a_failed_restore_changes_nothing(
    sqlite_store: Store, kim: int, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    ring, url = sqlite_store.vault.keys, _url(sqlite_store)
    sqlite_store.close()
    before = {file.name for file in tmp_path.iterdir()}

    def break_off(*_: object) -> None:
        raise KeysUnusable("broken", "off")

    monkeypatch.setattr("storage.keys.note_keys", break_off)
    with pytest.raises(KeysUnusable):
        backup.restore(data, keys, url, ring, [], now, replace=True)
    assert {file.name for file in tmp_path.iterdir()} == before
    again = Store.open(url, ring)
    with again.read() as tx:
        assert participants.profile(tx, kim)["name"] == NAME
    again.close()


def test_a_failed_backup_leaves_no_file(
    sqlite_store: Store, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, "_write_keys", break_off)
    with pytest.raises(KeyboardInterrupt):
        backup.backup(sqlite_store, tmp_path / "backups", now)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_killed_backup_is_cleared_away_next_time(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "backups"
    folder.mkdir(mode=0o700)
    (folder / "ingang-20261101T000000Z.db.half-made").write_bytes(b"x")
    (folder / "ingang-20261101T000000Z.db.half-made-journal").write_bytes(b"x")
    data, keys = backup.backup(sqlite_store, folder, now)
    assert sorted(file.name for file in folder.iterdir()) == [data.name, keys.name]


def test_a_folder_open_to_others_is_refused(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(BackupRefused, match="others may look into") as refused:
        backup.backup(sqlite_store, folder, now)
    assert refused.value.way_out == f"run: chmod 700 {folder}"


def test_two_backups_in_a_second_are_refused(sqlite_store: Store, tmp_path: Path, now: datetime) -> None:
    backup.backup(sqlite_store, tmp_path / "backups", now)
    with pytest.raises(BackupRefused, match="there already"):
        backup.backup(sqlite_store, tmp_path / "backups", now)


def test_postgres_is_backed_up_by_its_own_tool(key_ring: KeyRing, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(StoreError) as refused:
        backup.restore(tmp_path / "a", tmp_path / "b", "postgresql://u@h/d", key_ring, [], now)
    assert "pg_dump" in refused.value.way_out


def _refused(data: Path, keys: Path, store: Store, folder: Path, now: datetime, told: str) -> None:
    target = folder / "never.db"
    with pytest.raises(BackupRefused, match=told) as refused:
        backup.restore(data, keys, f"sqlite:///{target}", store.vault.keys, [], now)
    assert refused.value.way_out
    assert not list(folder.glob("never.db*"))


def test_the_chain_of_the_audit_log_goes_on_after_a_restore(
    sqlite_store: Store, kim: int, tmp_path: Path, now: datetime
) -> None:
    with sqlite_store.begin() as tx:
        audit.write(tx, now, "staff:1", "inbox.take", "inbox:1")
        audit.write(tx, now, "staff:1", "participant.show", f"participant:{kim}")
    data, keys = backup.backup(sqlite_store, tmp_path / "backups", now)
    ring = sqlite_store.vault.keys
    backup.restore(data, keys, f"sqlite:///{tmp_path / 'again.db'}", ring, [], now)
    store = Store.open(f"sqlite:///{tmp_path / 'again.db'}", ring)
    with store.begin() as tx:
        audit_chain.seal(tx)
    with store.read() as tx:
        found = audit_check.verify(tx)
        assert (found.links, found.whole) == (3, True)
        assert audit.list_latest(tx, 1)[0].action == "db.restore"
    store.close()
