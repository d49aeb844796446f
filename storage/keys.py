"""Where the installation's keys are kept, and that they are the right ones.

They stand in one file that only its owner may read (mode 0600 or 0400), or in the environment variable INGANG_KEYS.
They are never in the database or its backups: whoever has both the keys and the database can read it all, and whoever
loses the keys can read nothing.
"""

from __future__ import annotations

import hmac
import os
import stat
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from storage import control
from storage.crypto import KeyRing, wrapping_key_of
from storage.errors import KeysUnusable
from storage.tables import person_keys

if TYPE_CHECKING:
    from storage.db import Store, Tx

KEPT_AFTER_RETIREMENT: Final = timedelta(days=31)  # a day longer than the key files of backups
ENVIRONMENT: Final = "INGANG_KEYS"
_CHECK: Final = "keys.check"  # control: which keys this database was sealed with


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> KeyRing:
    """Give the installation's keys, from INGANG_KEYS if it is set, else from the file.

    Raises KeysUnusable when they are missing, broken, or in a file that others may use.
    """
    held = environment.get(ENVIRONMENT)
    if held:
        return KeyRing.load(held)
    if path is None:
        raise KeysUnusable("there are no keys", f"set {ENVIRONMENT}, or make a file with: ingang keys new")
    return read_file(path)


def read_file(path: Path) -> KeyRing:
    """Read a file of keys. KeysUnusable when it is missing, not one, or may be read by others than its owner."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise KeysUnusable(f"there is no file of keys at {path}", f"make one: ingang keys new {path}") from None
    except OSError as fault:
        raise KeysUnusable(f"{path} cannot be opened ({fault.strerror})", "point at a file of your own") from None
    try:
        _check_private(path, os.fstat(handle))
        text = os.read(handle, 1_000_000).decode("utf-8", "replace")
    finally:
        os.close(handle)
    ring = KeyRing.load(text)
    return KeyRing(ring.active, ring.retired, ring.index_key, partial(read_file, path))


def _check_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeysUnusable(f"{path} is not a file", "point at the file that ingang keys new made")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o177:
        raise KeysUnusable(f"{path} can be used by others than its owner (mode {mode:04o})", f"run: chmod 600 {path}")


def write_new(path: Path, today: date | None = None) -> KeyRing:
    """Make keys and write them to a new file of mode 0600; KeysUnusable when there is a file already."""
    ring = KeyRing.new(today)
    _write(path, ring)
    return KeyRing(ring.active, ring.retired, ring.index_key, partial(read_file, path))


def _write(path: Path, ring: KeyRing) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise KeysUnusable(
            f"{path} is there already, and keys are never overwritten", "name another file, or use that one"
        ) from None
    except OSError as fault:
        raise KeysUnusable(f"{path} cannot be written ({fault.strerror})", "name a file in a folder of yours") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)
        file.write(ring.dump())
        file.flush()
        os.fsync(handle)
    _sync_folder(path.parent)


def _replace(path: Path, ring: KeyRing) -> None:
    """Put another ring in the file's place, so that at every moment one whole file of keys is there."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    _write(beside, ring)
    beside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- the right keys for this database ---------------------------------------------------------------------------------


def note_keys(tx: Tx) -> None:
    """Write down which keys this database is sealed with: names and a fingerprint, nothing to open with."""
    ring = tx.vault.keys
    control.put(tx, _CHECK, f"{ring.active.id.hex()} {_fingerprint(ring, ring.active.id)}")


def check(tx: Tx) -> None:
    """Raise KeysUnusable unless the keys in hand are those of this database. A new database takes any."""
    noted = control.find(tx, _CHECK)
    if noted is None:
        return
    name, _, fingerprint = noted.partition(" ")
    ring = tx.vault.keys
    known = {key.id.hex() for key in ring.all}
    if name not in known or not hmac.compare_digest(fingerprint, _fingerprint(ring, bytes.fromhex(name))):
        raise KeysUnusable(
            f"these are not the keys of this database (it was sealed with {name}; at hand: {', '.join(sorted(known))})",
            "use the file of keys that belongs to it",
        )


def check_all(tx: Tx) -> None:
    """Raise KeysUnusable when any person's key is wrapped by an installation's key that is not in hand."""
    check(tx)
    missing = sorted(key.hex() for key in wrapping_keys(tx) - {key.id for key in tx.vault.keys.all})
    if missing:
        raise KeysUnusable(
            f"the database needs keys that are not in the file: {', '.join(missing)}",
            "use the newest file of keys, as ingang keys rotate left it",
        )


def wrapping_keys(tx: Tx) -> set[bytes]:
    """Give the ids of the installation's keys that persons' keys are wrapped with."""
    head = func.substr(person_keys.c.wrapped, 1, 9, type_=person_keys.c.wrapped.type)
    rows = tx.execute(select(head).distinct())
    return {wrapping_key_of(row[0]) for row in rows if row[0]}


def _fingerprint(ring: KeyRing, key_id: bytes) -> str:
    secret = next(key.secret for key in ring.all if key.id == key_id)
    return hmac.digest(secret, b"ingang keys check|" + hmac.digest(ring.index_key, b"index", "sha256"), "sha256").hex()


# --- another key ------------------------------------------------------------------------------------------------------


def rotate(store: Store, path: Path, today: date) -> tuple[int, list[str]]:
    """Put a fresh key in use and wrap every person's key with it; give how many, and the ids of keys thrown away.

    Goes on where it was when it is broken off: a key made today is not made again. Keys replaced more than 31 days ago,
    with which nothing is wrapped, are thrown away. A running service picks the new key up by itself.
    """
    ring = read_file(path)
    begun_today = ring.active.created == today.isoformat() and ring.retired
    if not begun_today:
        ring = ring.rotated(today)
        _replace(path, ring)
    store.use_keys(read_file(path))
    wrapped = rewrap_all(store)
    with store.read() as tx:
        needed = wrapping_keys(tx)
    old = (today - KEPT_AFTER_RETIREMENT).isoformat()
    gone = [key.id for key in ring.retired if key.id not in needed and key.retired < old]
    if gone:
        _replace(path, ring.without(gone))
    return wrapped, [key.hex() for key in gone]


def rewrap_all(store: Store) -> int:
    """Wrap every person's key with the active key, 500 to a transaction; give how many were changed."""
    after, changed = 0, 0
    while True:
        with store.begin() as tx:
            after, some = tx.vault.rewrap_some(tx, after)
            changed += some
            if not after:
                note_keys(tx)
                return changed
