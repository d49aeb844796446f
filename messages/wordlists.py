"""Word lists as data: a word, a phrase, or a beginning with ~ after it ("psykiatri~")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def plain(text: str) -> str:
    """The form that lists and texts are compared in: composed letters, small letters."""
    return unicodedata.normalize("NFC", text).casefold()


def any_of(words: Iterable[str]) -> str:
    """A pattern that finds any of `words` as whole words in plain text; with none, it finds nothing."""
    return "|".join(_pattern(word) for word in words) or r"(?!)"


def _pattern(word: str) -> str:
    stem = re.escape(plain(word.removesuffix("~"))).replace(r"\ ", r"\s+")
    return rf"(?<!\w){stem}\w*" if word.endswith("~") else rf"(?<!\w){stem}(?!\w)"
