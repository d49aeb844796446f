"""Passwords: what one must be, and how it is kept (argon2id, RFC 9106's second recommended choice).

Hashing takes 64 MiB and a tenth of a second, so at most four are done at once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
LONGEST: Final = 128
_AT_ONCE: Final = BoundedSemaphore(4)
_COMMON: Final = Path(__file__).parent / "common_passwords.txt"


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("a password that nobody has")


@cache
def _too_common() -> tuple[str, ...]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    words = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))  # "kommunen" before "kommun"


def fault_of(password: str, about: tuple[str, ...] = ()) -> str | None:
    """Say in Swedish what is wrong with a new password, None when it will do.

    Length is what counts (NIST SP 800-63B-4); no signs are required. `about`: words too close to guess from, such as
    the name, the address, the municipality.
    """
    if len(password) < SHORTEST:
        return f"Lösenordet är för kort: minst {SHORTEST} tecken. Tre eller fyra ord efter varandra går bra."
    if len(password) > LONGEST:
        return f"Lösenordet är för långt: högst {LONGEST} tecken."
    plain = "".join(char for char in password.casefold() if char.isalnum())
    left = plain
    for word in (*about, *_too_common()):
        bare = "".join(char for char in word.casefold() if char.isalnum())
        left = left.replace(bare, "") if len(bare) >= 4 else left
    if len(set(plain)) < 5 or len(left.strip("0123456789")) < 4:
        return "Lösenordet är lätt att gissa: det bygger på vanliga ord eller på ditt namn. Välj andra ord."
    return None


def hash_of(password: str) -> str:
    """Give what is stored of a password."""
    with _AT_ONCE:
        return _hasher().hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Tell whether it is the password; takes as long when there is none stored (`stored` None: never right)."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            _hasher().verify(stored or _nobodys(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_old(stored: str) -> bool:
    """Tell whether a hash was made with less work than is asked for now."""
    return _hasher().check_needs_rehash(stored)
