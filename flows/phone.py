"""Phone numbers as people type them, read with Sweden as the home country.

A number must be one that an SMS or a call could go to: short numbers (112, 1177, 90101) and premium numbers are never
valid, and a text with two different numbers is not guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from flows.tokens import plain_digits

REGION: Final = "SE"
# An international number has at most 15 digits, with prefix and signs between them some 30.
_LONGEST_TEXT: Final = 1000

_DASHES: Final = re.compile("[‐‑‒–—―−﹘﹣－\\-./·]")
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff\u20e3]")
# A plus or a bracket, then digits with at most a few separators between each two.
_CANDIDATE: Final = re.compile(r"(?<![\d\w])[+(]*\d(?:[ ()\-]{0,3}\d){5,19}(?!\w)")
_TRUNK_ZERO: Final = re.compile(r"\(\s*0\s*\)")
# National numbers begin with a zero; a bare Swedish mobile number may have lost its zero or its plus (46).
_HOME_START: Final = re.compile(r"0|(?:46)?7[02369]\d{7}$|46\d{7,9}$")
# A personal identity number written as such (yymmdd-nnnn) would pass for an old area code.
_PERSONNUMMER: Final = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-\d{4}")
_NOT_REACHABLE: Final = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.VOICEMAIL})


@dataclass(frozen=True, slots=True)
class Phone:
    """`e164` is None when no single valid number was read; `mobile` is whether a text message can go there."""

    e164: str | None
    mobile: bool


NO_PHONE: Final = Phone(None, False)


def read_phone(text: str) -> Phone:
    """The one phone number in `text`, or `NO_PHONE` when there is none, or more than one."""
    found = {phone for candidate in _CANDIDATE.findall(_tidy(text[:_LONGEST_TEXT])) if (phone := _read(candidate))}
    return found.pop() if len(found) == 1 else NO_PHONE


def _tidy(text: str) -> str:
    """Digits of every script as 0-9, every dash as a hyphen, every space as one space; line ends still part numbers."""
    tidy = _DASHES.sub("-", plain_digits(unicodedata.normalize("NFKC", _UNSEEN.sub("", text))))
    tidy = re.sub(r"[^\S\n\r]+", " ", tidy)
    tidy = re.sub(r"\+ ?(?=[\d(])", "+", tidy)
    return _TRUNK_ZERO.sub(" ", tidy)


def _read(candidate: str) -> Phone | None:
    """The number in a run of digits; groups at its end ("070 123 45 67 15") are let go of until a number is left."""
    groups = candidate.split(" ")
    for end in range(len(groups), 0, -1):
        phone = _valid(" ".join(groups[:end]))
        if phone:
            return phone
    return None


def _valid(written: str) -> Phone | None:
    digits = re.sub(r"[^\d+]", "", written)
    if _PERSONNUMMER.fullmatch(written):
        return None
    if len(digits) < 7 or not (digits.startswith("+") or _HOME_START.match(digits)):
        return None
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    if not phonenumbers.is_valid_number(number) or kind in _NOT_REACHABLE:
        return None
    mobile = kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), mobile)
