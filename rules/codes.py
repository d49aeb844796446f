"""Codes that join two ways to reach one person: how they look, how long they live, and how many there may be.

All numbers here are our choice; the reason stands beside each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

LENGTH: Final = 6

LIVES: Final = timedelta(minutes=15)
"""How long a code holds. An SMS is nearly always there within a minute, but not where the signal is poor, and some read
with effort or have to find the other phone. More time than that mostly serves one who guesses."""

KEPT: Final = timedelta(days=2)
"""How long it is remembered that a code was made: the limits look back a day. After that nothing is left of it, nor of
a number that nobody has shown to be theirs."""

A_DAY: Final = timedelta(days=1)
AN_HOUR: Final = timedelta(hours=1)

MOST_WRONG: Final = 3
"""So many wrong answers to a code sent to a number; then a person looks."""

MOST_SENT: Final = 2
"""Codes to one number in one go: the first, and one more when it did not come."""

BY_ONE: Final = 4
"""Codes that one contact may have sent in a day, to whichever numbers: two numbers, and a new code to each."""

TO_ONE: Final = 3
"""Codes that one number gets in a day, whoever asks: it may be a stranger's."""

IN_A_DAY: Final = 100
"""Codes to numbers in a day in all. A unit meets some tens of people a year: more than this is somebody's game."""

SHOWN_TO_ONE: Final = 5
"""Codes shown to one contact in a day, to be written somewhere else."""

MISSES_BY_ONE: Final = 5
MISSES_IN_AN_HOUR: Final = 100
"""Codes that were none, from one contact in a day and from all in an hour; what comes after is not looked up. With ten
codes alive a stranger's hour of guessing then hits once in 390."""

SMS_COUNTRIES: Final = ("+46",)
"""Where codes go: numbers abroad are dear, and are what those are after who let strangers' forms send SMS."""

_FIRST, _MIDDLE, _LAST = range(21, 100), range(50, 100), range(100)
"""The three pairs of digits. So a code is never a date of birth, in whichever order (a month or a day stands in the
middle), nor a year and a month, nor an answer such as 123456 or 654321: it cannot be meant as the answer to any."""

HOW_MANY: Final = len(_FIRST) * len(_MIDDLE) * len(_LAST)


def code_of(number: int) -> str:
    """Give the code with that number, 0 to HOW_MANY - 1; the caller draws it. Raises ValueError for another number."""
    if not 0 <= number < HOW_MANY:
        raise ValueError(f"codes are numbered 0 to {HOW_MANY - 1}, not {number}")
    rest, last = divmod(number, len(_LAST))
    first, middle = divmod(rest, len(_MIDDLE))
    return f"{_FIRST[first]}{_MIDDLE[middle]}{_LAST[last]:02}"


def is_code(digits: str) -> bool:
    """Say whether six digits could be a code of ours at all."""
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        return False
    return int(digits[:2]) in _FIRST and int(digits[2:4]) in _MIDDLE


def may_be_sent_to(number: str) -> bool:
    """Say whether a code may go to this number (E.164) for its country's sake."""
    return number.startswith(SMS_COUNTRIES)


def outcome_of(wrong: int, sent: int, *, matches: bool, alive: bool) -> str:
    """What an answer to a code sent to a number comes to.

    `wrong` answers were given before it, and `sent` codes were sent. joined; wrong (try again); late (right, but too
    old: a new one is sent); over (a person looks).
    """
    if wrong >= MOST_WRONG:
        return "over"
    if matches:
        if alive:
            return "joined"
        return "late" if sent < MOST_SENT else "over"
    return "over" if wrong + 1 >= MOST_WRONG else "wrong"


def is_enough(counts: Sequence[tuple[int, int]]) -> bool:
    """Say whether any count has come to its limit: pairs of (how many there were, how many there may be)."""
    return any(count >= limit for count, limit in counts)
