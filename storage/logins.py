"""How a staff member proves who they are: a password, a second factor, recovery codes, a municipal account.

What is stored can be checked against and not read back; the secret of the second factor is sealed. An invitation lets
somebody choose their password, once, within its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from storage.db import Tx
from storage.sql import Insert, per_dialect
from storage.tables import staff_members
from storage.tables_staff import recovery_codes, staff_devices, staff_logins


@dataclass(frozen=True, slots=True)
class Login:
    """What a staff member's log-in stands on. `totp_since` None: the second factor is not proved yet."""

    staff_id: int
    password_hash: str | None
    totp_secret: str | None
    totp_since: datetime | None
    outside: bool
    invited_until: datetime | None
    last_at: datetime | None

    @property
    def is_ready(self) -> bool:
        """Whether they can log in with a password and a code."""
        return self.password_hash is not None and self.totp_since is not None


def _nothing(made: Insert) -> Insert:
    return made.on_conflict_do_nothing(index_elements=["staff_id"])


_KEEP: Final = per_dialect(staff_logins, _nothing)


def hashed(token: str) -> bytes:
    """Give what is stored of a random token: it is long enough that a plain hash cannot be guessed back."""
    return sha256(token.encode("utf-8", "replace")).digest()


def find(tx: Tx, staff_id: int) -> Login | None:
    """Give how they log in, or None when they were never invited."""
    row = tx.execute(select(staff_logins).where(staff_logins.c.staff_id == staff_id)).one_or_none()
    return None if row is None else _login(tx, row)


def list_all(tx: Tx) -> dict[int, Login]:
    """Give everybody's, by staff id."""
    return {row.staff_id: _login(tx, row) for row in tx.execute(select(staff_logins)).all()}


def _login(tx: Tx, row: Any) -> Login:
    own = tx.vault.own(tx)
    secret = None if row.totp_enc is None else own.open("staff_logins", "totp_enc", row.staff_id, row.totp_enc)
    outside = row.outside_hash is not None
    return Login(row.staff_id, row.password_hash, secret, row.totp_since, outside, row.invite_until, row.last_at)


def _change(tx: Tx, staff_id: int, **values: Any) -> None:
    tx.execute(_KEEP[tx.dialect], {"staff_id": staff_id})
    tx.execute(update(staff_logins).where(staff_logins.c.staff_id == staff_id).values(values))


# --- an invitation ----------------------------------------------------------------------------------------------------


def invite(tx: Tx, staff_id: int, token: str, until: datetime) -> None:
    """Let whoever has `token` choose a password for them until then (UTC). An earlier invitation no longer holds."""
    _change(tx, staff_id, invite_hash=hashed(token), invite_until=until)


def find_invited(tx: Tx, token: str, now: datetime) -> int | None:
    """Give whom an invitation is for; None when it is unknown, used, too old, or they have left."""
    here = staff_logins.c
    wanted = select(here.staff_id).join(staff_members, staff_members.c.id == here.staff_id)
    wanted = wanted.where(here.invite_hash == hashed(token), here.invite_until > now)
    found: int | None = tx.execute(wanted.where(staff_members.c.disabled_at.is_(None))).scalar()
    return found


def end_invitation(tx: Tx, staff_id: int) -> None:
    """It was used."""
    _change(tx, staff_id, invite_hash=None, invite_until=None)


def forget(tx: Tx, staff_id: int) -> None:
    """Take away everything that they log in with, and the browsers that were theirs."""
    values = {"password_hash": None, "totp_enc": None, "totp_since": None, "outside_hash": None}
    _change(tx, staff_id, **values)
    for table in (recovery_codes, staff_devices):
        tx.execute(delete(table).where(table.c.staff_id == staff_id))


# --- password and second factor ---------------------------------------------------------------------------------------


def set_password(tx: Tx, staff_id: int, password_hash: str) -> None:
    """Keep the hash of a password."""
    _change(tx, staff_id, password_hash=password_hash)


def set_totp(tx: Tx, staff_id: int, secret: str) -> None:
    """Keep a secret that is shown to them now; it counts when `prove_totp` says so."""
    sealed = tx.vault.own(tx).seal("staff_logins", "totp_enc", staff_id, secret)
    _change(tx, staff_id, totp_enc=sealed, totp_since=None)


def prove_totp(tx: Tx, staff_id: int, now: datetime) -> None:
    """They have typed a right code: from now on it is asked for."""
    _change(tx, staff_id, totp_since=now)


def use_step(tx: Tx, staff_id: int, step: int) -> bool:
    """Use up a code's time step; False when that step, or a later one, was used before."""
    here = staff_logins.c
    mine = update(staff_logins).where(here.staff_id == staff_id, here.totp_step < step)
    return bool(tx.execute(mine.values(totp_step=step)).rowcount)


def set_outside(tx: Tx, staff_id: int, issuer: str, subject: str) -> bool:
    """Bind a municipal account to them; False when it is another's."""
    mark = _outside(tx, issuer, subject)
    taken = tx.execute(select(staff_logins.c.staff_id).where(staff_logins.c.outside_hash == mark)).scalar()
    if taken not in (None, staff_id):
        return False
    _change(tx, staff_id, outside_hash=mark)
    return True


def find_outside(tx: Tx, issuer: str, subject: str) -> int | None:
    """Give whose municipal account that is, None when nobody's who works here."""
    wanted = select(staff_logins.c.staff_id).join(staff_members, staff_members.c.id == staff_logins.c.staff_id)
    wanted = wanted.where(staff_logins.c.outside_hash == _outside(tx, issuer, subject))
    found: int | None = tx.execute(wanted.where(staff_members.c.disabled_at.is_(None))).scalar()
    return found


def _outside(tx: Tx, issuer: str, subject: str) -> bytes:
    return tx.vault.address_hash("outside", f"{issuer}|{subject}")


def note_login(tx: Tx, staff_id: int, now: datetime) -> None:
    """They are in."""
    _change(tx, staff_id, last_at=now)


# --- recovery codes ---------------------------------------------------------------------------------------------------


def set_recovery(tx: Tx, staff_id: int, codes: Iterable[str]) -> None:
    """Let these be their recovery codes, instead of those before."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == staff_id))
    tx.execute(insert(recovery_codes), [{"staff_id": staff_id, "code_hash": _code(tx, staff_id, one)} for one in codes])


def use_recovery(tx: Tx, staff_id: int, code: str, now: datetime) -> bool:
    """Use up a recovery code; False when it is none of theirs, or was used."""
    here = recovery_codes.c
    mine = update(recovery_codes).where(here.staff_id == staff_id, here.used_at.is_(None))
    return bool(tx.execute(mine.where(here.code_hash == _code(tx, staff_id, code)).values(used_at=now)).rowcount)


def count_recovery(tx: Tx, staff_id: int) -> int:
    """Count the codes that are left."""
    here = recovery_codes.c
    left = select(func.count()).select_from(recovery_codes).where(here.staff_id == staff_id, here.used_at.is_(None))
    return int(tx.execute(left).scalar_one())


def _code(tx: Tx, staff_id: int, code: str) -> bytes:
    return tx.vault.address_hash("recovery", f"{staff_id}|{code}")


# --- browsers that have been here -------------------------------------------------------------------------------------


def know_device(tx: Tx, staff_id: int, token: str, now: datetime) -> None:
    """Remember a browser that they have logged in with: guesses from elsewhere do not slow it down."""
    tx.execute(delete(staff_devices).where(staff_devices.c.token_hash == hashed(token)))
    tx.execute(insert(staff_devices), {"staff_id": staff_id, "token_hash": hashed(token), "seen_at": now})


def is_known_device(tx: Tx, staff_id: int, token: str) -> bool:
    """Tell whether they have logged in with that browser before."""
    here = staff_devices.c
    wanted = select(here.id).where(here.token_hash == hashed(token), here.staff_id == staff_id)
    return tx.execute(wanted).first() is not None
