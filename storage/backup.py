"""Backups in two files, data and wrapped keys, and the way back.

What is personal in the data file cannot be read without the key file beside it; and neither without the installation's
keys, which are in no backup. The key file is kept 30 days at most. A restore is told first whose keys have been erased
since: so somebody who is erased today cannot be read from any backup in 30 days, and from none that is restored
here at once. That much can be promised, and no more.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, func, select

from storage import audit, control, participants, schema
from storage.crypto import KeyRing, wrapping_key_of
from storage.db import Store, read_url
from storage.errors import BackupRefused, SchemaMismatch, StoreUnavailable, unavailable
from storage.tables import person_keys

KEEP_KEY_FILES_DAYS: Final = 30
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_DATA: Final = ".db"
_KEYS: Final = ".keys.jsonl"
_HALF_MADE: Final = ".half-made"
_PAIR: Final = "backup.pair"  # control, in the copy: the random name that both files carry

FOR_POSTGRES: Final = (
    "let PostgreSQL do it: pg_dump --format=custom --exclude-table-data=person_keys --file=data.dump DATABASE, then "
    "pg_dump --data-only --table=person_keys --file=keys.sql DATABASE; keep keys.sql at most 30 days"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    keys: int  # put back
    erased: int  # known to be erased, and left out
    without_key: int  # in neither list: what they seal cannot be read
    people_erased: int  # were in the backup, and are no more
    before: Path | None  # where the database from before lies now; None: there was none


# --- making one -------------------------------------------------------------------------------------------------------


def backup(store: Store, folder: Path, now: datetime) -> tuple[Path, Path]:
    """Write a backup of a running SQLite database; give the data file and the key file, both of mode 0600.

    Key files older than 30 days are removed. Raises BackupRefused for PostgreSQL and for a folder that others may read.
    """
    source = sqlite_file(store.url)
    _private_folder(folder)
    for leftover in folder.glob(f"*{_HALF_MADE}*"):
        leftover.unlink()
    stem = f"ingang-{now.astimezone(UTC):{_STAMP}}"
    data, keys = folder / f"{stem}{_DATA}", folder / f"{stem}{_KEYS}"
    if data.exists() or keys.exists():
        raise BackupRefused(f"{data} is there already", "try again in a second")
    half = [file.with_name(file.name + _HALF_MADE) for file in (data, keys)]
    try:
        _copy(source, half[0])
        taken = _take_keys_out(half[0])
        _write_keys(half[1], taken, now)
        half[1].replace(keys)
        half[0].replace(data)
    except sqlite3.Error as fault:
        raise unavailable(fault) or StoreUnavailable("io") from fault
    finally:
        for file in half:
            file.unlink(missing_ok=True)
    _sync(folder)
    prune_key_files(folder, now)
    return data, keys


def prune_key_files(folder: Path, now: datetime, keep_days: int = KEEP_KEY_FILES_DAYS) -> list[Path]:
    """Remove the key files of backups made more than `keep_days` days ago, by the time in their names; give them."""
    oldest = f"ingang-{now.astimezone(UTC) - timedelta(days=keep_days):{_STAMP}}"
    old = sorted(file for file in folder.glob(f"ingang-*{_KEYS}") if file.name.removesuffix(_KEYS) < oldest)
    for file in old:
        file.unlink()
    return old


def sqlite_file(url: URL) -> Path:
    """Give the file of a SQLite database; BackupRefused, with the way to do it, for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise BackupRefused("ingang db backup is for SQLite", FOR_POSTGRES)
    return Path(url.database)


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        raise BackupRefused(f"others may look into {folder}", f"run: chmod 700 {folder}")


def _copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use; what is copied is one moment of it."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    here, there = _open_raw(source), _open_raw(target)
    try:
        here.backup(there)
        there.execute("PRAGMA journal_mode = delete")  # one file, that may be read from where nothing can be written
    finally:
        there.close()
        here.close()


def _open_raw(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=10)


def _take_keys_out(copy: Path) -> list[dict[str, Any]]:
    """Empty the wrapped keys of a copy, down to the last trace in the file, and give them; the first entry names it."""
    raw = _open_raw(copy)
    try:
        pair = secrets.token_hex(16)
        rows = raw.execute("SELECT id, wrapped FROM person_keys ORDER BY id").fetchall()
        version = raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        raw.execute("PRAGMA secure_delete = on")
        raw.execute("PRAGMA journal_mode = memory")
        raw.execute("UPDATE person_keys SET wrapped = x''")
        raw.execute("INSERT OR REPLACE INTO control (name, value) VALUES (?, ?)", (_PAIR, pair))
        raw.execute("VACUUM")
        _check_sound(raw)
    finally:
        raw.close()
    head = {"ingang_keys": pair, "schema": version, "keys": len(rows)}
    return [head, *({"id": key_id, "wrapped": wrapped.hex()} for key_id, wrapped in rows)]


def _write_keys(file: Path, taken: list[dict[str, Any]], now: datetime) -> None:
    taken[0]["made"] = now.astimezone(UTC).isoformat(timespec="seconds")
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in taken)
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_sound(raw: sqlite3.Connection) -> None:
    if (
        raw.execute("PRAGMA integrity_check").fetchone()[0] != "ok"
        or raw.execute("PRAGMA foreign_key_check").fetchone()
    ):
        raise BackupRefused("that database file is damaged", "use another backup")


# --- the way back -----------------------------------------------------------------------------------------------------


def restore(
    data_file: Path,
    keys_file: Path,
    url: str,
    keys: KeyRing,
    erased: Iterable[int],
    now: datetime,
    *,
    replace: bool = False,
) -> Restored:
    """Put a backup in the place of the SQLite database at `url`, which no program may be using.

    Keys erased in the database that is replaced, and those in `erased`, are left out before anything else, and their
    persons are erased anew. Sending is held (control.SENDING_HOLD) until somebody releases it: what the backup believes
    to be unsent may have gone out since. With `replace` an existing database is moved aside, else BackupRefused.
    """
    target = sqlite_file(read_url(url))
    head, wrapped = _read_keys_file(keys_file)
    if target.exists() and target.stat().st_size and not replace:
        way_out = "stop Ingång, and say --replace to put the backup in its place"
        raise BackupRefused(f"there is a database at {target}", way_out)
    gone = set(erased) | _erased_in(target)
    beside = target.with_name(target.name + ".restoring")
    try:
        _bring_in(data_file, beside, head)
        kept = _put_keys_back(beside, wrapped, gone, {key.id for key in keys.all})
        people, without_key = _settle(beside, keys, gone, now)
        before = _move_aside(target, now) if target.exists() else None
        beside.replace(target)
    finally:
        for suffix in ("", "-wal", "-shm"):
            beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    _sync(target.absolute().parent)
    return Restored(kept, len(gone), without_key, people, before)


def _read_keys_file(file: Path) -> tuple[dict[str, Any], dict[int, bytes]]:
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        head = lines[0]
        wrapped = {int(line["id"]): bytes.fromhex(line["wrapped"]) for line in lines[1:]}
        if not head["ingang_keys"] or head["keys"] != len(wrapped):
            raise BackupRefused(f"{file} has been cut short", "use a whole one")
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        raise BackupRefused(f"{file} is not a key file of a backup", f"name the file that ends in {_KEYS}") from None
    return head, wrapped


def read_erased(file: Path) -> set[int]:
    """Read which keys were erased, from the data file of a later backup or from a text of one key id a line."""
    try:
        if file.read_bytes()[:15] == b"SQLite format 3":
            return _erased_in(file)
        return {int(line) for line in file.read_text(encoding="utf-8").split()}
    except (OSError, ValueError):
        raise BackupRefused(f"{file} is not a list of erased keys", "name a later backup's data file") from None


def _erased_in(target: Path) -> set[int]:
    """Give the erased keys that the database to be replaced knows of; none when it cannot be read any more."""
    if not target.exists() or not target.stat().st_size:
        return set()
    raw = _open_raw(target)
    try:
        return {row[0] for row in raw.execute("SELECT key_id FROM erased_keys")}
    except sqlite3.OperationalError as fault:
        if unavailable(fault):
            raise BackupRefused(f"{target} cannot be read ({fault})", "stop Ingång and try again") from None
        return set()  # a database without our tables
    except sqlite3.DatabaseError:
        return set()  # damaged: the reason for restoring
    finally:
        raw.close()


def _bring_in(data_file: Path, beside: Path, head: dict[str, Any]) -> None:
    """Copy the data file in, and see that it is whole, of a version we know, and the key file's own."""
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        _copy(data_file, beside)
        raw = _open_raw(beside)
    except (OSError, sqlite3.Error):
        raise BackupRefused(f"{data_file} is not a backup", f"name the file that ends in {_DATA}") from None
    try:
        _check_sound(raw)
        pair = raw.execute("SELECT value FROM control WHERE name = ?", (_PAIR,)).fetchone()
        version = raw.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.Error, TypeError):
        raise BackupRefused(f"{data_file} is not a backup", f"name the file that ends in {_DATA}") from None
    finally:
        raw.close()
    if pair is None or pair[0] != head["ingang_keys"]:
        raise BackupRefused("the data file and the key file are of two backups", "name two that were made together")
    if version not in schema.revisions():
        raise SchemaMismatch("the backup was made by a newer Ingång", "restore it with that one")


def _put_keys_back(beside: Path, wrapped: dict[int, bytes], gone: set[int], known: set[bytes]) -> int:
    """Put the keys back that nobody has erased; give how many."""
    foreign = {wrapping_key_of(blob) for blob in wrapped.values()} - known
    if foreign:
        names = ", ".join(sorted(key.hex() for key in foreign))
        raise BackupRefused(
            f"the backup's keys are wrapped with {names}, which is not at hand",
            "use the file of keys from that time: ingang keys rotate keeps old keys for 31 days",
        )
    rows = [(blob, key_id) for key_id, blob in wrapped.items() if key_id not in gone]
    raw = _open_raw(beside)
    try:
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("UPDATE person_keys SET wrapped = ? WHERE id = ?", rows)
        raw.execute("DELETE FROM control WHERE name = ?", (_PAIR,))
        raw.execute("COMMIT")
    finally:
        raw.close()
    return len(rows)


def _settle(beside: Path, keys: KeyRing, gone: set[int], now: datetime) -> tuple[int, int]:
    """Bring the tables up to date, erase again who was erased, hold sending.

    Give how many persons were erased, and how many keys no file had.
    """
    store = Store.open(URL.create("sqlite", database=str(beside)).render_as_string(), keys)
    try:
        store.upgrade()
        with store.begin() as tx:
            theirs = select(person_keys.c.participant_id).where(person_keys.c.id.in_(gone))
            people = {row[0] for row in tx.execute(theirs) if row[0] is not None}
            erased = sum(participants.erase(tx, person, now) for person in sorted(people))
            participants.note_erased(tx, sorted(gone), now)
            empty = select(func.count()).select_from(person_keys).where(person_keys.c.wrapped == b"")
            without_key = int(tx.execute(empty).scalar_one())
            control.put(tx, control.SENDING_HOLD, "återställd ur säkerhetskopia")
            audit.write(tx, now, "operator", "db.restore", "database")  # why the chain goes on from an older end
        store.empty_wal()
    finally:
        store.close()
    return erased, without_key


def _move_aside(target: Path, now: datetime) -> Path:
    """Move the database away, whole in one file; BackupRefused when somebody is using it."""
    raw = _open_raw(target)
    try:
        raw.execute("PRAGMA busy_timeout = 0")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA locking_mode = exclusive")
        raw.execute("BEGIN EXCLUSIVE")
        raw.execute("ROLLBACK")
    except sqlite3.DatabaseError as fault:
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise BackupRefused("Ingång is using that database", "stop it first") from None
        # damaged: it is moved as it is
    finally:
        raw.close()
    before = target.with_name(f"{target.name}.before-{now.astimezone(UTC):{_STAMP}}")
    target.rename(before)
    for suffix in ("-wal", "-shm"):
        rest = target.with_name(target.name + suffix)
        if rest.exists():
            rest.rename(before.with_name(before.name + suffix))
    return before
