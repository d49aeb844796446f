"""Word lists as data: a word, a phrase, or a beginning with ~ after it ("psykiatri~")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping


def plain(text: str) -> str:
    """The form that lists and texts are compared in: composed letters, small letters."""
    return unicodedata.normalize("NFC", text).casefold()


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of `words` as whole words in plain text; with none, it finds nothing."""
    return re.compile(rf"(?<!\w)(?:{_alternatives(words)})")


def any_kind(lists: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """As `any_of`, over several lists at once: `match.lastgroup` is the name of the list."""
    kinds = "|".join(f"(?P<{kind}>{_alternatives(words)})" for kind, words in lists.items())
    return re.compile(rf"(?<!\w)(?:{kinds})")


def _alternatives(words: Iterable[str]) -> str:
    # The word's beginning is looked for once, outside: a pattern that asks at each word is five times slower.
    return "|".join(_pattern(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def _pattern(word: str) -> str:
    stem = re.escape(plain(word.removesuffix("~"))).replace(r"\ ", r"\s+")
    return rf"{stem}\w*" if word.endswith("~") else rf"{stem}(?!\w)"
