"""How heavy a text is to read: LIX, and the sentences and words that it counts.

LIX (Björnsson 1968) = words per sentence + the share of words longer than six letters, in per cent. Below 25 is the
language of children's books; an official text lies at 50-60.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONG = 6
_WORD = re.compile(r"[^\W_]+(?:[-'’./:@][^\W_]+)*")
_ABBREVIATION = re.compile(r"\b(kl)\.")
_DIGITS_APART = re.compile(r"(?<=\d) (?=\d)")
_END = re.compile(r"[.!?](?=\s|$)|\n")
_END_OR_COLON = re.compile(r"[.!?:](?=\s|$)|\n")
_CHOICE = re.compile(r"^\d+ .*$", re.MULTILINE)


def sentences(text: str) -> list[str]:
    """The sentences of a text. A line break ends one; numbered choices are no sentences and are left out."""
    return _split(text, _END)


def words(sentence: str) -> list[str]:
    """The words of a sentence; a number written in groups ("0911-00 00 00") and an address are one word each."""
    return _WORD.findall(_DIGITS_APART.sub("", sentence))


def lix(texts: Iterable[str]) -> float:
    """The LIX of texts taken together; 0 when there are no words. As Björnsson counts, a colon ends a sentence too."""
    counted = [words(sentence) for text in texts for sentence in _split(text, _END_OR_COLON)]
    total = sum(map(len, counted))
    if not total:
        return 0.0
    long = sum(len(word) > LONG for sentence in counted for word in sentence)
    return total / len(counted) + 100 * long / total


def _split(text: str, end: re.Pattern[str]) -> list[str]:
    running = _ABBREVIATION.sub(r"\1", _CHOICE.sub("", text))
    return [part.strip() for part in end.split(running) if words(part)]
