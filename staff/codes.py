"""The second factor: six digits from an app (TOTP, RFC 6238), and ten recovery codes for when the phone is gone."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Final

STEP: Final = 30  # seconds, RFC 6238's default, and what every app assumes
ISSUER: Final = "Ingång"
RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def new_secret() -> str:
    """Give a new secret: 160 bits in base32, as RFC 4226 wants."""
    import pyotp

    return pyotp.random_base32()


def address_of(secret: str, who: str) -> str:
    """Give the otpauth address that an app reads from the QR code."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=who, issuer_name=ISSUER)


def step_of(secret: str, typed: str, at: datetime) -> int | None:
    """Give the time step that a typed code belongs to, the present one or its neighbours; None when it is wrong.

    A step is used once: the caller keeps the last one.
    """
    import pyotp

    code = re.sub(r"[\s-]", "", typed)
    if re.fullmatch(r"[0-9]{6}", code) is None:
        return None
    now = int(at.timestamp()) // STEP
    clock = pyotp.TOTP(secret)
    return next(
        (step for step in (now, now - 1, now + 1) if secrets.compare_digest(clock.generate_otp(step), code)), None
    )


def new_recovery_codes() -> list[str]:
    """Give ten codes of 60 bits, in groups that are easy to write down."""
    return ["-".join(_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def read_recovery(typed: str) -> str | None:
    """Give a recovery code as it is kept, however it was typed; None when it cannot be one."""
    letters = re.sub(r"[\s-]", "", typed).casefold()
    if len(letters) != 12 or any(letter not in _LETTERS for letter in letters):
        return None
    return "-".join(letters[at : at + 4] for at in (0, 4, 8))


def qr_picture(text: str) -> str:
    """Give a QR code as the address of a picture that lies within the page."""
    import segno

    return segno.make(text, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
