"""Sealing, field by field, so that a copied database shows no name, number or sentence.

Every person has a key of their own; it seals what is theirs and stands in `person_keys`, wrapped by the installation's
key. Without the wrapped key nothing of that person can be read, in the database or in any backup: that is how somebody
is erased. The installation's keys (`KeyRing`) live outside the database, see `storage.keys`.

A sealed value is  version 1 (1 byte) | key id (8) | nonce (12) | AES-256-GCM ciphertext and tag.  Its associated data
is `table|column|row id`: a value moved to another row or column cannot be opened.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, func, insert, select, update

from storage.errors import KeysUnusable, Unreadable
from storage.hot import Hot
from storage.ids import new_id
from storage.tables import person_keys

if TYPE_CHECKING:
    from storage.db import Tx

_VERSION: Final = b"\x01"
_HEAD: Final = 9  # version and key id
_NONCE: Final = 12
_TAG: Final = 16
_KEY_BYTES: Final = 32
OWN_KEY: Final = 1  # the installation's own row in person_keys; ids with a time in them are far larger

_BY_ID: Final = Hot(
    select(person_keys.c.participant_id, person_keys.c.wrapped).where(person_keys.c.id == bindparam("id"))
)
_SOME: Final = Hot(
    select(person_keys.c.id, person_keys.c.wrapped).where(person_keys.c.id.in_(bindparam("ids", expanding=True)))
)
_NEWEST: Final = Hot(
    select(person_keys.c.id, person_keys.c.wrapped)
    .where(person_keys.c.participant_id == bindparam("participant"))
    .order_by(person_keys.c.id.desc())
    .limit(1)
)

_NEW_KEY: Final = Hot(insert(person_keys), ("id", "participant_id", "wrapped", "created_at"))


# --- the installation's keys ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """One key that wraps persons' keys. `created` and `retired` are ISO dates, or empty."""

    id: bytes
    secret: bytes = field(repr=False)
    created: str = ""
    retired: str = ""

    @classmethod
    def new(cls, today: date | None = None) -> Self:
        """Give a fresh random key."""
        return cls(os.urandom(8), os.urandom(_KEY_BYTES), today.isoformat() if today else "")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The installation's keys: the one that seals now, those it replaced, and the one for look-up hashes.

    `refresh` reads the ring anew from where it came, so that a running service finds a key that was just rotated in.
    """

    active: InstallationKey
    retired: tuple[InstallationKey, ...]
    index_key: bytes = field(repr=False)
    refresh: Callable[[], KeyRing] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def new(cls, today: date | None = None) -> KeyRing:
        """Give a ring with one fresh key."""
        return cls(InstallationKey.new(today), (), os.urandom(_KEY_BYTES))

    @property
    def all(self) -> tuple[InstallationKey, ...]:
        """The active key, then those it replaced."""
        return (self.active, *self.retired)

    def rotated(self, today: date) -> KeyRing:
        """Give a ring with a fresh active key; the old one can still open."""
        old = replace(self.active, retired=today.isoformat())
        return replace(self, active=InstallationKey.new(today), retired=(old, *self.retired))

    def without(self, gone: Iterable[bytes]) -> KeyRing:
        """Give a ring without those retired keys."""
        names = set(gone)
        return replace(self, retired=tuple(key for key in self.retired if key.id not in names))

    def dump(self) -> str:
        """Give the ring as the text of a key file (JSON). It is the secret: write it nowhere else."""
        keys = [
            {"id": key.id.hex(), "created": key.created, "retired": key.retired, "secret": _to_text(key.secret)}
            for key in self.all
        ]
        return json.dumps({"ingang_keys": 1, "index_key": _to_text(self.index_key), "keys": keys}, indent=1) + "\n"

    @classmethod
    def load(cls, text: str) -> KeyRing:
        """Read the text of a key file; KeysUnusable when it is not one. The error shows nothing of the text."""
        try:
            data = json.loads(text)
            if data["ingang_keys"] != 1:
                raise KeysUnusable("the keys are of a newer kind", "use the Ingång that made them")
            keys = [_read_key(entry) for entry in data["keys"]]
            index_key = _from_text(data["index_key"])
        except (ValueError, KeyError, TypeError):
            raise KeysUnusable("this is not a file of keys", "use one made by: ingang keys new") from None
        active = [key for key in keys if not key.retired]
        if len(active) != 1 or len({key.id for key in keys}) != len(keys):
            raise KeysUnusable("the file must hold one key in use", "use it as ingang keys new or rotate wrote it")
        return cls(active[0], tuple(key for key in keys if key.retired), index_key)


def _to_text(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _from_text(text: str) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != _KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return secret


def _read_key(entry: dict[str, Any]) -> InstallationKey:
    key_id = bytes.fromhex(entry["id"])
    if len(key_id) != 8:
        raise ValueError("a key's id has 8 bytes")
    return InstallationKey(key_id, _from_text(entry["secret"]), str(entry["created"]), str(entry["retired"]))


# --- a person's key -------------------------------------------------------------------------------------------------


class PersonKey:
    """The key of one person: seals and opens what is theirs."""

    __slots__ = ("_cipher", "_head", "id")

    def __init__(self, key_id: int, secret: bytes) -> None:
        self.id = key_id
        self._cipher = AESGCM(secret)
        self._head = _VERSION + key_id.to_bytes(8, "big")

    def seal(self, table: str, column: str, row_id: int, value: str | bytes) -> bytes:
        """Give what is stored for `value` in that place. Any text goes, lone surrogates and NUL too."""
        plain = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        nonce = os.urandom(_NONCE)
        return self._head + nonce + self._cipher.encrypt(nonce, plain, f"{table}|{column}|{row_id}".encode())

    def open(self, table: str, column: str, row_id: int, blob: bytes) -> str:
        """Give the text that was sealed in that place; Unreadable when it cannot be opened."""
        return self.open_bytes(table, column, row_id, blob).decode("utf-8", "surrogatepass")

    def open_bytes(self, table: str, column: str, row_id: int, blob: bytes) -> bytes:
        """Give the bytes that were sealed in that place; Unreadable when they cannot be opened."""
        if blob[:_HEAD] != self._head:
            raise Unreadable(table, column, row_id, "it was sealed with another key")
        try:
            nonce, sealed = blob[_HEAD : _HEAD + _NONCE], blob[_HEAD + _NONCE :]
            return self._cipher.decrypt(nonce, sealed, f"{table}|{column}|{row_id}".encode())
        except (InvalidTag, ValueError):
            raise Unreadable(table, column, row_id, "it was changed, or moved from another place") from None


def key_id_of(blob: bytes) -> int | None:
    """Give the id of the key that a sealed value was sealed with; None when it is not a sealed value."""
    if len(blob) < _HEAD + _NONCE + _TAG or blob[:1] != _VERSION:
        return None
    return int.from_bytes(blob[1:_HEAD], "big")


def wrapping_key_of(wrapped: bytes) -> bytes:
    """Give the id of the installation's key that a person's key is wrapped with."""
    return bytes(wrapped[1:_HEAD])


# --- all keys -------------------------------------------------------------------------------------------------------


class Vault:
    """Makes, wraps and finds persons' keys, and hashes addresses to look up by."""

    def __init__(self, keys: KeyRing) -> None:
        self._own: PersonKey | None = None
        self.use(keys)

    def use(self, keys: KeyRing) -> None:
        """Seal and open with these keys from now on."""
        self.keys = keys
        self._hash = hmac.new(keys.index_key, digestmod="sha256")
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys.all}
        self._audit_key = hmac.digest(keys.index_key, b"ingang audit chain", "sha256")

    def address_hash(self, channel: str, address: str) -> bytes:
        """Give the 32 bytes to look an address up by. The caller normalises: +46701234567, a chat id, ..."""
        hashing = self._hash.copy()
        hashing.update(f"{channel}|{address}".encode("utf-8", "surrogatepass"))
        return hashing.digest()

    def audit_mark(self, told: bytes) -> bytes:
        """Give the 32 bytes that only who has the installation's keys can make of what the audit log tells.

        The key is made from the one for look-up hashes, which stays when another installation key is rotated in.
        """
        return hmac.digest(self._audit_key, told, "sha256")

    # A person's key, wrapped and unwrapped

    def wrap(self, key_id: int, secret: bytes) -> bytes:
        """Wrap a person's key with the active key of the installation."""
        active = self.keys.active.id
        nonce = os.urandom(_NONCE)
        return _VERSION + active + nonce + self._ciphers[active].encrypt(nonce, secret, _place(key_id))

    def unwrap(self, key_id: int, wrapped: bytes) -> PersonKey:
        """Give a person's key; Unreadable when it was erased or changed, or the installation's key is not there."""
        return PersonKey(key_id, self._secret(key_id, wrapped))

    def rewrap(self, key_id: int, wrapped: bytes) -> bytes:
        """Wrap a person's key anew, with the key that is active now."""
        return self.wrap(key_id, self._secret(key_id, wrapped))

    def _secret(self, key_id: int, wrapped: bytes) -> bytes:
        if not wrapped:
            raise Unreadable("person_keys", "wrapped", key_id, "the key was erased")
        cipher = self._ciphers.get(wrapped[1:_HEAD])
        if cipher is None and self.keys.refresh is not None:
            self.use(self.keys.refresh())
            cipher = self._ciphers.get(wrapped[1:_HEAD])
        if cipher is None or wrapped[:1] != _VERSION:
            raise Unreadable("person_keys", "wrapped", key_id, "the installation's key for it is not here")
        try:
            return cipher.decrypt(wrapped[_HEAD : _HEAD + _NONCE], wrapped[_HEAD + _NONCE :], _place(key_id))
        except (InvalidTag, ValueError):
            raise Unreadable("person_keys", "wrapped", key_id, "it was changed, or moved from another row") from None

    # In the database

    def new_key(self, tx: Tx, participant_id: int | None, now: datetime) -> PersonKey:
        """Make a key for a person, or for a contact whose person is not known yet (`participant_id` None)."""
        key_id = new_id(now)
        secret = AESGCM.generate_key(256)
        row = {"id": key_id, "participant_id": participant_id, "wrapped": self.wrap(key_id, secret), "created_at": now}
        _NEW_KEY.run(tx, row)
        return PersonKey(key_id, secret)

    def key_for(self, tx: Tx, participant_id: int) -> PersonKey:
        """Give the key to seal with for a person, the newest; Unreadable when they were erased."""
        row = _NEWEST.first(tx, {"participant": participant_id})
        if row is None:
            raise Unreadable("person_keys", "wrapped", participant_id, "this person has no key")
        return self.unwrap(row.id, row.wrapped)

    def key_by_id(self, tx: Tx, key_id: int) -> PersonKey:
        """Give one key; Unreadable when it was erased."""
        row = _BY_ID.first(tx, {"id": key_id})
        if row is None:
            raise Unreadable("person_keys", "wrapped", key_id, "the key was erased")
        return self.unwrap(key_id, row.wrapped)

    def keys_by_id(self, tx: Tx, key_ids: Iterable[int]) -> dict[int, PersonKey]:
        """Give those keys that can be used, by id, in as few questions as need be."""
        wanted, found = sorted(set(key_ids)), {}
        for start in range(0, len(wanted), 500):
            for key_id, wrapped in _SOME.all(tx, {"ids": wanted[start : start + 500]}):
                if wrapped:
                    found[key_id] = self.unwrap(key_id, wrapped)
        return found

    def add_keys(self, tx: Tx, known: dict[int, PersonKey], key_ids: Iterable[int]) -> None:
        """Put into `known` those keys that it lacks: two readings about the same people ask for them once."""
        missing = set(key_ids) - known.keys()
        if missing:
            known.update(self.keys_by_id(tx, missing))

    def open_any(self, tx: Tx, participant_id: int | None, table: str, column: str, row_id: int, blob: bytes) -> str:
        """Open a value with whichever of the person's keys it was sealed with; Unreadable when that is not theirs."""
        key_id = key_id_of(blob)
        row = None if key_id is None else _BY_ID.first(tx, {"id": key_id})
        if key_id is None or row is None:
            raise Unreadable(table, column, row_id, "its key was erased")
        if row.participant_id not in {None, participant_id}:
            raise Unreadable(table, column, row_id, "it was sealed for another person")
        return self.unwrap(key_id, row.wrapped).open(table, column, row_id, blob)

    def own(self, tx: Tx) -> PersonKey:
        """Give the installation's own key, which seals staff's names and devices."""
        if self._own is None:
            self._own = self.key_by_id(tx, OWN_KEY)
        return self._own

    def make_own(self, tx: Tx) -> None:
        """Make the installation's own key unless it is there. Store.upgrade does, in the transaction of the tables."""
        if _BY_ID.first(tx, {"id": OWN_KEY}) is None:
            wrapped = self.wrap(OWN_KEY, AESGCM.generate_key(256))
            tx.execute(insert(person_keys).values(id=OWN_KEY, wrapped=wrapped, created_at=func.current_timestamp()))

    def rewrap_some(self, tx: Tx, after: int, limit: int = 500) -> tuple[int, int]:
        """Wrap the keys after id `after` with the active key; give the last id seen (0: none) and how many."""
        page = select(person_keys.c.id, person_keys.c.wrapped).where(person_keys.c.id > after)
        rows = tx.execute(page.order_by(person_keys.c.id).limit(limit)).all()
        active = self.keys.active.id
        stale = [row for row in rows if row.wrapped and wrapping_key_of(row.wrapped) != active]
        change = update(person_keys).where(person_keys.c.id == bindparam("key"))
        for row in stale:
            tx.execute(change, {"key": row.id, "wrapped": self.rewrap(row.id, row.wrapped)})
        return (rows[-1].id if rows else 0), len(stale)


def _place(key_id: int) -> bytes:
    return b"person_keys|wrapped|%d" % key_id
