"""Is it right? What was read is read back, and a line of it is changed by its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from flows.asks import Change, Context, Plain, Reading, Unclear, Understood
from flows.text import fold, squeeze

JOINING = frozenset(
    squeeze(fold(word)) for word in ("till", "ska", "skall", "vara", "är", "i", "stället", "fel", "blev")
)
"""Words between the name of a line and what it is to be."""


@dataclass(frozen=True, slots=True)
class ReadBack(Plain):
    """Is it right? The value is True; anything that names a slot is a wish to change that slot."""

    slots: tuple[str, ...]
    question: ClassVar[str] = "yesno"

    @property
    def option_set(self) -> str:
        """A yes, or a line to change."""
        return "read_back"

    def read(self, text: str, context: Context) -> Reading:
        """A yes, or the name of a line to change ("namnet", "ändra år till 2004")."""
        change = find_change(text, self.slots, context)
        if change:
            return change
        reply = context.reply(text, self.question)
        if reply.meaning == "yes":
            return Understood(True)
        return Unclear("wants a change, but not which" if reply.meaning == "no" else reply.why)

    def options(self) -> tuple[str, ...]:
        """A yes, then each line that can be changed."""
        return ("yes", *self.slots)

    def pressed(self, option: str) -> Reading:
        """Yes, or the line to change."""
        return Understood(True) if option == "yes" else Change(option)


def find_change(text: str, slots: tuple[str, ...], context: Context) -> Change | None:
    """The slot that the text names, with the words beside it; None when it names none or several."""
    said = f" {squeeze(fold(text))} "
    hits: dict[str, str] = {}
    for slot in slots:
        for word in context.lexicon.slots.get(slot, ()):
            folded = _plain(word)
            if folded and f" {folded} " in said:
                hits[slot] = folded
                break
    if len(hits) != 1:
        return None
    slot, folded = next(iter(hits.items()))
    return Change(slot, words_after(text, folded.split()[-1]))


@cache
def _plain(word: str) -> str:
    """A word of the lists, folded; there are some hundreds, and each is asked for again and again."""
    return squeeze(fold(word))


def words_after(text: str, word: str) -> str:
    """What is written after `word` ("ändra namn till Alex" -> "Alex"), small joining words taken off."""
    parts = text.split()
    for index, part in enumerate(parts):
        if squeeze(fold(part)) == word:
            rest = parts[index + 1 :]
            while rest and squeeze(fold(rest[0])) in JOINING:
                rest = rest[1:]
            return " ".join(rest)
    return ""
