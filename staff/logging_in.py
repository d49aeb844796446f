"""Logging in: password, then a code, then a session. Guessing is slowed down, and locks nobody out.

Wrong guesses are counted by account and address, by account over all browsers that were never theirs, and by address.
A browser that they have logged in with before is counted by itself, so that somebody who guesses from elsewhere cannot
keep them out. Times here are lease time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from staff import codes, passwords
from storage import audit, logins, sessions, staff, tries
from storage.db import Store, Tx
from storage.sessions import Session

LASTS: Final = timedelta(hours=10)  # a working day
IDLE: Final = timedelta(minutes=30)
HALF_WAY: Final = timedelta(minutes=10)  # between the password and the code
INVITED: Final = timedelta(days=3)
FRESH: Final = timedelta(minutes=5)
SHARED: Final = timedelta(minutes=10)
"""How long an address's wrong guesses count: a whole town hall may come from one, and mistypes now and then."""

MOST_MISSES: Final = 5  # wrong codes before the password is asked for again


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a try: a session's token and its stage, or until when there is no use in trying (`waits`)."""

    token: str = ""
    stage: str = ""
    waits: timedelta | None = None
    device: str = ""  # what the browser is to remember, when it is new


@dataclass(frozen=True, slots=True)
class From:
    """Where a try comes from: the network address, what the browser remembers, what it calls itself."""

    address: str
    remembered: str = ""
    browser: str = ""


CLOSED: Final = timedelta(minutes=15)
"""The longest pause after wrong guesses. Never a lock: OWASP ASVS 6.1.1."""


def slow_down(free: int) -> Callable[[int], timedelta | None]:
    """Give a counter's rule: no pause for the first `free` wrong guesses, then 1, 2, 4 ... seconds up to CLOSED."""

    def pause(misses: int) -> timedelta | None:
        return None if misses <= free else min(timedelta(seconds=2 ** min(misses - free - 1, 12)), CLOSED)

    return pause


def new_token() -> str:
    """Give 256 random bits."""
    return secrets.token_urlsafe(32)


# --- the password -----------------------------------------------------------------------------------------------------


def give_password(store: Store, at: datetime, whence: From, email: str, password: str) -> Came:
    """Try a work address and a password; a right one opens a session that only takes a code."""
    account = email.strip().casefold()
    with store.read() as tx:
        member = staff.find_by_email(tx, account) if account else None
        working = member is not None and member.disabled_at is None
        login = logins.find(tx, member.id) if member is not None and working else None
        known = member is not None and logins.is_known_device(tx, member.id, whence.remembered)
        counters = _counters(account, whence, known=known)
        closed = tries.closed_until(tx, counters, at)
    if closed is not None:
        return Came(waits=closed - at)
    right = passwords.is_right(password, login.password_hash if login else None)
    fresh = passwords.hash_of(password) if right and login and passwords.is_old(login.password_hash or "") else None
    with store.begin() as tx:
        who = f"staff:{member.id}" if member is not None else "staff:unknown"
        if not right or login is None:
            audit.write(tx, at, who, "staff.login", who, "refused: password")
            for key, rule in counters.items():
                tries.miss(tx, key, at, rule, SHARED if key.startswith("address|") else tries.FORGOTTEN)
            return Came()
        if fresh is not None:
            logins.set_password(tx, login.staff_id, fresh)
        tries.forget(tx, [key for key in counters if key.startswith(("pair|", "known|"))])
        stage = "password" if login.is_ready else "set_up"
        return _open(tx, at, login.staff_id, stage, whence, HALF_WAY)


def _counters(account: str, whence: From, *, known: bool) -> dict[str, Callable[[int], timedelta | None]]:
    if known:
        return {f"known|{whence.remembered}": slow_down(5)}
    return {
        f"pair|{account}|{whence.address}": slow_down(5),
        f"account|{account}": slow_down(30),
        f"address|{whence.address}": slow_down(60),
    }


def _open(tx: Tx, at: datetime, staff_id: int, stage: str, whence: From, lasts: timedelta) -> Came:
    token = new_token()
    sessions.start(tx, at, token, staff_id, stage, whence.browser, lasts=lasts, proved=True)
    return Came(token, stage)


# --- the code ---------------------------------------------------------------------------------------------------------


def give_code(store: Store, at: datetime, whence: From, session: Session, typed: str) -> Came:
    """Try a code, or a recovery code, after the password: a right one ends that session and opens a full one."""
    assert session.staff_id is not None  # noqa: S101 - the stage `password` is somebody's
    key = f"code|{session.staff_id}"
    with store.begin() as tx:
        closed = tries.closed_until(tx, [key], at)
        if closed is not None:
            return Came(waits=closed - at)
        how = _proof(tx, at, session.staff_id, typed)
        if how is None:
            audit.write(tx, at, _ref(session), "staff.login", _ref(session), "refused: code")
            tries.miss(tx, key, at, slow_down(10))
            if sessions.miss(tx, session.id) >= MOST_MISSES:
                sessions.end(tx, session.id)
            return Came()
        tries.forget(tx, [key])
        audit.write(tx, at, _ref(session), "staff.login", _ref(session), f"ok {how}")
        return enter(tx, at, session.staff_id, whence, instead_of=session)


def _proof(tx: Tx, at: datetime, staff_id: int, typed: str) -> str | None:
    login = logins.find(tx, staff_id)
    if login is None or login.totp_secret is None or login.totp_since is None:
        return None
    step = codes.step_of(login.totp_secret, typed, at)
    if step is not None:
        return "code" if logins.use_step(tx, staff_id, step) else None
    recovery = codes.read_recovery(typed)
    return "recovery" if recovery is not None and logins.use_recovery(tx, staff_id, recovery, at) else None


def enter(tx: Tx, at: datetime, staff_id: int, whence: From, *, instead_of: Session | None = None) -> Came:
    """Open a full session under a token of its own, and let the browser be known from now on."""
    if instead_of is not None:
        sessions.end(tx, instead_of.id)
    logins.note_login(tx, staff_id, at)
    came = _open(tx, at, staff_id, "full", whence, LASTS)
    if logins.is_known_device(tx, staff_id, whence.remembered):
        return came
    device = new_token()
    logins.know_device(tx, staff_id, device, at)
    return replace(came, device=device)


def _ref(session: Session) -> str:
    return f"staff:{session.staff_id}"


# --- invited: a password, then the app --------------------------------------------------------------------------------


def invite(tx: Tx, at: datetime, staff_id: int) -> str:
    """Give the token of a link by which they choose a password; what they logged in with before no longer works."""
    token = new_token()
    logins.forget(tx, staff_id)
    logins.invite(tx, staff_id, token, at + INVITED)
    sessions.end_all(tx, staff_id)
    return token


def choose_password(store: Store, at: datetime, whence: From, invitation: str, password: str) -> Came | str:
    """Use an invitation: keep the password and go on to the app; or say what is wrong with it."""
    with store.read() as tx:
        staff_id = logins.find_invited(tx, invitation, at)
        member = None if staff_id is None else staff.find_by_id(tx, staff_id)
    if staff_id is None or member is None:
        return "Inbjudan gäller inte längre. Be en administratör om en ny."
    wrong = passwords.fault_of(password, (member.first_name, *(member.email or "").split("@")))
    if wrong is not None:
        return wrong
    stored = passwords.hash_of(password)
    with store.begin() as tx:
        if logins.find_invited(tx, invitation, at) is None:
            return "Inbjudan är redan använd. Logga in i stället."
        logins.set_password(tx, staff_id, stored)
        logins.set_totp(tx, staff_id, codes.new_secret())
        logins.end_invitation(tx, staff_id)
        audit.write(tx, at, f"staff:{staff_id}", "staff.password", f"staff:{staff_id}")
        return _open(tx, at, staff_id, "set_up", whence, HALF_WAY * 2)


def secret_to_show(store: Store, session: Session) -> tuple[str, str]:
    """Give the secret and the otpauth address to show while the app is being set up, made when there is none."""
    assert session.staff_id is not None  # noqa: S101 - the stage `set_up` is somebody's
    with store.begin() as tx:
        member = staff.find_by_id(tx, session.staff_id)
        login = logins.find(tx, session.staff_id)
        secret = login.totp_secret if login else None
        if secret is None:
            secret = codes.new_secret()
            logins.set_totp(tx, session.staff_id, secret)
    return secret, codes.address_of(secret, (member.email if member else None) or str(session.staff_id))


def prove_app(store: Store, at: datetime, whence: From, session: Session, typed: str) -> tuple[Came, list[str]]:
    """Take the first code of the app: give the full session, and the recovery codes that are shown this once."""
    assert session.staff_id is not None  # noqa: S101 - the stage `set_up` is somebody's
    with store.begin() as tx:
        login = logins.find(tx, session.staff_id)
        step = codes.step_of(login.totp_secret, typed, at) if login and login.totp_secret else None
        if login is None or login.totp_since is not None or step is None:
            if sessions.miss(tx, session.id) >= MOST_MISSES * 2:
                sessions.end(tx, session.id)
            return Came(), []
        logins.use_step(tx, session.staff_id, step)
        logins.prove_totp(tx, session.staff_id, at)
        fresh = codes.new_recovery_codes()
        logins.set_recovery(tx, session.staff_id, fresh)
        audit.write(tx, at, _ref(session), "staff.second_factor", _ref(session))
        return enter(tx, at, session.staff_id, whence, instead_of=session), fresh


# --- later ------------------------------------------------------------------------------------------------------------


def prove_again(store: Store, at: datetime, whence: From, session: Session, password: str) -> Came:
    """Give the password once more before something heavy: then `stage` is full and the token is as it was."""
    assert session.staff_id is not None  # noqa: S101 - a full session is somebody's
    key = f"again|{session.staff_id}|{session.id}"
    with store.read() as tx:
        login, closed = logins.find(tx, session.staff_id), tries.closed_until(tx, [key], at)
    if closed is not None:
        return Came(waits=closed - at)
    right = passwords.is_right(password, login.password_hash if login else None)
    with store.begin() as tx:
        audit.write(tx, at, _ref(session), "staff.prove", _ref(session), "ok" if right else "refused: password")
        if not right:
            tries.miss(tx, key, at, slow_down(5))
            return Came()
        sessions.prove(tx, session.id, at)
        return Came(stage="full")


def change_password(store: Store, at: datetime, session: Session, before: str, after: str) -> str | None:
    """Change one's own password and end one's other sessions; or say what is wrong, the first word telling the field.

    Gives None when it is done, else "before: ..." or "after: ..." in Swedish.
    """
    assert session.staff_id is not None  # noqa: S101 - a full session is somebody's
    with store.read() as tx:
        login, member = logins.find(tx, session.staff_id), staff.find_by_id(tx, session.staff_id)
    if not passwords.is_right(before, login.password_hash if login else None):
        return "before: Det är inte ditt lösenord nu."
    wrong = passwords.fault_of(after, (member.first_name, *(member.email or "").split("@")) if member else ())
    if wrong is not None:
        return f"after: {wrong}"
    stored = passwords.hash_of(after)
    with store.begin() as tx:
        logins.set_password(tx, session.staff_id, stored)
        sessions.end_all(tx, session.staff_id, but=session.id)
        audit.write(tx, at, _ref(session), "staff.password", _ref(session))
    return None


def log_out(store: Store, at: datetime, session: Session) -> None:
    """End the session."""
    with store.begin() as tx:
        sessions.end(tx, session.id)
        if session.staff_id is not None:
            audit.write(tx, at, _ref(session), "staff.logout", _ref(session))
