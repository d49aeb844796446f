"""Reading a code: six digits and nothing more that means anything."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import ClassVar, Final

from flows.answers import command
from flows.asks import Context, Plain, Reading, Unclear, Understood
from flows.lexicon import Lexicon
from flows.text import fold, squeeze
from flows.tokens import Token, tidy, tokenise
from rules.codes import LENGTH

LONGEST: Final = 60
"""Characters: a longer text says more than a code."""

_GROUPS: Final = ((6,), (3, 3), (2, 2, 2))
"""How people group six digits."""

_NOT_BESIDE: Final = frozenset("+?*%=<>@#")
"""A sign that makes of the digits something else, or a question."""


def read_code(text: str, lexicon: Lexicon) -> str | None:
    """Give the six digits of a text that is a code and nothing more, or None.

    "486213", "486 213", "48-62-13", "koden är 486213", "/start 486213". Any other word, another number, or another
    count of digits makes it an ordinary text. Never raises.
    """
    digits = six_digits(text)
    if digits is None:
        return None
    pieces, fill = tokenise(tidy(text, LONGEST)), _fill(lexicon)
    fits = all(
        piece.text in fill if piece.kind == "word" else piece.kind == "number" or piece.text not in _NOT_BESIDE
        for piece in pieces
    )
    return digits if fits else None


def six_digits(text: str) -> str | None:
    """Give the digits of a short text that has exactly six of them, side by side; whatever words stand around them."""
    if len(text) > LONGEST or sum(map(str.isdecimal, text)) != LENGTH:
        return None
    tidied = tidy(text, LONGEST)
    numbers = [piece for piece in tokenise(tidied) if piece.kind == "number"]
    digits = "".join(piece.text for piece in numbers)
    if len(digits) != LENGTH or tuple(len(piece.text) for piece in numbers) not in _GROUPS:
        return None
    return digits if all(_side_by_side(tidied, *two) for two in pairwise(numbers)) else None


def _side_by_side(text: str, one: Token, other: Token) -> bool:
    between = text[one.end : other.start]
    return bool(between) and len(between) <= 3 and between.strip(" ") in ("", "-") and "\n" not in between


def _fill(lexicon: Lexicon) -> frozenset[str]:
    return _plain(tuple(lexicon.extra.get("codes", {}).get("fill", ())))


@cache
def _plain(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(form for word in words for form in (fold(word), squeeze(fold(word))))


class Code(Plain):
    """The code of an SMS; the value is its six digits, or "" when none has come and a new one is wanted."""

    question: ClassVar[str] = "code"

    def read(self, text: str, context: Context) -> Reading:
        """Six digits, whatever is said around them; or that none came."""
        if command(text, context.lexicon) == "new_code":
            return Understood("")
        code = six_digits(text)
        return Understood(code) if code else Unclear("no six digits")
