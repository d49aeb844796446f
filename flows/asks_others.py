"""What is asked of somebody who writes about another person."""

from __future__ import annotations

from dataclasses import dataclass

from flows.asks import Context, Later, Reading, Understood, YesNo
from flows.text import fold, squeeze


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
        return Understood(False) if isinstance(reading, Later) else reading
