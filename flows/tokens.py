"""Words, numbers and signs of a text with their places, for the readers that need digits and punctuation as typed.

`flows.text.fold` is for comparing words and throws places away; this keeps them, so that what was not understood can be
handed back as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flows.text import fold

LIMIT: Final = 600
"""An answer that is a time, a number, a choice or a name is never longer; what comes after is not looked at."""

_UNSEEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0e\ufe0f\ufeff\u20e3\ud800-\udfff]"
)
_DASHES: Final = re.compile("[‐‑‒–—―−﹘﹣－⁻]")
_APOSTROPHES: Final = re.compile("[’‘`´ʼ′]")
_OTHER_DIGITS: Final = re.compile(r"(?![0-9])\d")
_TOKEN: Final = re.compile(r"(?P<number>[0-9]+)|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<sign>[^\w\s]|_|\n)")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece: kind "number", "word" or "sign"; `text` folded; `start` and `end` are places in the tidied text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def value(self) -> int:
        """What a number token counts; -1 for others and for numbers that nobody types."""
        return int(self.text) if self.kind == "number" and len(self.text) <= 12 else -1


def tidy(text: str, limit: int = LIMIT) -> str:
    """The text cut at `limit`: digits of every script as 0-9, one kind of dash and apostrophe, nothing invisible."""
    text = text[:limit]
    if text.isascii():
        return text.replace("\r", "\n")
    text = _UNSEEN.sub("", text).replace("½", ",5")
    text = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    return _APOSTROPHES.sub("'", _DASHES.sub("-", plain_digits(text)))


def plain_digits(text: str) -> str:
    """The text with every digit of another script as 0-9, sign for sign: places stay where they are."""
    return _OTHER_DIGITS.sub(lambda match: str(unicodedata.decimal(match.group())), text)


def tokenise(tidied: str) -> list[Token]:
    """The pieces of a tidied text in order, spaces left out."""
    pieces: list[Token] = []
    for match in _TOKEN.finditer(tidied):
        kind = match.lastgroup or "sign"
        piece = match.group()
        pieces.append(Token(kind, plain(piece) if kind == "word" else piece, match.start(), match.end()))
    return pieces


def plain(word: str) -> str:
    """One word in its plain form: lower case, no dots over letters."""
    return word.replace("'", "").lower() if word.isascii() else fold(word)


def remembered(build: Callable[[Mapping[str, Any]], _T]) -> Callable[[Mapping[str, Any]], _T]:
    """Compile word lists once per mapping handed in; the mapping must not change afterwards."""
    kept: dict[int, tuple[Mapping[str, Any], _T]] = {}

    def get(data: Mapping[str, Any]) -> _T:
        found = kept.get(id(data))
        if found is None or found[0] is not data:
            if len(kept) >= 16:
                kept.clear()
            found = kept[id(data)] = (data, build(data))
        return found[1]

    return get
