"""What is asked of somebody who writes about another person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flows.asks import Context, Later, Reading, Telling, Unclear, Understood, YesNo
from flows.text import fold, squeeze
from flows.wishes import may_ask_us, speaks_of_another

A_STORY = 4
"""Words that tell of somebody, also where no "han" or "hon" stands in them. Our choice."""


@dataclass(frozen=True, slots=True)
class MayAskWriter(YesNo):
    """Whether we may ask who writes about another; worried as they are, they may tell of it first."""

    took_over: ClassVar[tuple[str, ...]] = ("YesNo",)

    def read(self, text: str, context: Context) -> Reading:
        """A yes or a no, or what they tell."""
        return _or_told(YesNo.read(self, text, context), text, context)


@dataclass(frozen=True, slots=True)
class Knows(YesNo):
    """Whether the other person knows that they write; the value is a bool.

    "Nej, inte än" is a no here and puts nothing off. Who does not know whether they know is a no too: then no name of
    theirs is taken.
    """

    def read(self, text: str, context: Context) -> Reading:
        """A yes or a no, or what people say instead: "hen sitter bredvid", "har inte sagt nåt"."""
        reading = YesNo.read(self, text, context)
        if isinstance(reading, Understood):
            return reading
        said = f" {squeeze(fold(text)).replace(',', ' ')} "
        for answer in ("no", "yes"):
            phrases = context.lexicon.extra.get("knows", {}).get(answer, ())
            if any(f" {squeeze(fold(phrase))} " in said for phrase in phrases):
                return Understood(answer == "yes")
        return Understood(False) if isinstance(reading, Later) else _or_told(reading, text, context)


def _or_told(reading: Reading, text: str, context: Context) -> Reading:
    if not isinstance(reading, Unclear) or may_ask_us(text, context.lexicon):
        return reading
    size = sum(any(ch.isalpha() for ch in word) for word in text.split())
    tells = size >= A_STORY or (size > 1 and speaks_of_another(text, context.lexicon))
    return Telling(reading.why) if tells else reading
