"""Answers to one item of a short scale, to its read-back, and to "may I ask?"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from flows.answers import command
from flows.asks import Context, Declined, Later, Plain, Reading, Telling, Unclear, Understood, Words
from flows.lexicon import Lexicon
from flows.numbers import HIGHEST, LOWEST, Number, read_number
from flows.text import fold, squeeze
from flows.wishes import cannot_say, tells_of_the_past

VALUES: Final = tuple(str(value) for value in range(LOWEST, HIGHEST + 1))
SKIP: Final = "skip"
TENTHS: Final = 10
ANSWERS: Final = ("yes", "no", "other")
_GRADE: Final = re.compile(r"\b(10|\d):?an?\b", re.IGNORECASE)
"""A number as it is spoken of: "en 7a", "8:an"."""


@dataclass(frozen=True, slots=True)
class Rating(Plain):
    """One item from 0 to 10. The value is {"value": a number, None where a button skips it, "sure": whether it counts}.

    What is not `sure` ("5 kanske") is to be read back first. Without `echo` it is unclear instead: a number is never
    repeated on a phone that somebody else reads.
    """

    echo: bool = True
    question: ClassVar[str] = "rating"

    @property
    def option_set(self) -> str:
        """The numbers, and a way past them."""
        return "rating"

    def read(self, text: str, context: Context) -> Reading:
        """One number on the scale, with at most one decimal; never a guess."""
        number = read_item(text, context.lexicon)
        if number is None:
            # A "nej" or "inte alls" is an opinion, and would be lost: only who cannot say leaves the item out.
            return Declined() if cannot_say(text, context.lexicon) else Unclear("not one number from 0 to 10")
        if number.unsure and not self.echo:
            return Unclear("a number, but not a sure one")
        return Understood({"value": number.value, "sure": not number.unsure})

    def options(self) -> tuple[str, ...]:
        """The whole numbers in order; a half is typed."""
        return (*VALUES, SKIP)

    def pressed(self, option: str) -> Reading:
        """A button is its number."""
        if option in VALUES:
            return Understood({"value": float(option), "sure": True})
        if option == SKIP:
            return Understood({"value": None, "sure": True})
        return Unclear("a button of another question")


@dataclass(frozen=True, slots=True)
class RightNumber(Plain):
    """Is it the number that we read? The value is as `Rating`'s: a yes makes it sure, another number replaces it."""

    read_as: float
    question: ClassVar[str] = "yesno"

    @property
    def option_set(self) -> str:
        """A yes; another number is typed."""
        return "yesno"

    def read(self, text: str, context: Context) -> Reading:
        """A number goes before a yes: "ja 7" is 7."""
        number = read_item(text, context.lexicon)
        if number is not None:
            return Understood({"value": number.value, "sure": not number.unsure or number.value == self.read_as})
        if context.reply(text, self.question).meaning == "yes":
            return Understood({"value": self.read_as, "sure": True})
        return Unclear("neither a yes nor one number")

    def options(self) -> tuple[str, ...]:
        """Yes."""
        return ("yes",)

    def pressed(self, option: str) -> Reading:
        """The one button."""
        return Understood({"value": self.read_as, "sure": True}) if option == "yes" else Unclear("another question's")


@dataclass(frozen=True, slots=True)
class MayAsk(Plain):
    """May we ask? The value is yes, no, or other: they want somebody else to read. A button says so where one does."""

    others: bool = False
    question: ClassVar[str] = "yesno"
    hears_enough: ClassVar[bool] = True

    @property
    def option_set(self) -> str:
        """Yes, no, somebody else."""
        return "may_rate"

    def read(self, text: str, context: Context) -> Reading:
        """A no goes before everything; "ja men annan" is a wish for somebody else."""
        meaning = context.reply(text, self.question).meaning
        if meaning == "no" or command(text, context.lexicon) == "enough":
            return Understood("no")
        if meaning == "not_now":
            return Later()
        if _names_another(text, context.lexicon):
            return Understood("other")
        if meaning == "yes" and tells_of_the_past(text, context.lexicon):
            return Telling("how it was, and no yes to questions")  # "det var bra"
        return Understood("yes") if meaning == "yes" else Unclear("neither yes, no nor somebody else")

    def options(self) -> tuple[str, ...]:
        """Yes first, as the texts say it."""
        return ANSWERS if self.others else ANSWERS[:2]

    def pressed(self, option: str) -> Reading:
        """The buttons are the answers."""
        return Understood(option) if option in ANSWERS else Unclear("a button of another question")


@dataclass(frozen=True, slots=True)
class OpenAnswer(Words):
    """The open question; "" is no. Only what is a no from end to end is one: a wish that holds a "not" is kept."""

    question: ClassVar[str] = "free"

    def read(self, text: str, context: Context) -> Reading:
        """A plain no, or one of the list, is ""; anything else with a letter or digit in it is kept as it is."""
        said = _plain(text)
        whole = context.lexicon.whole.get(said)
        nothing = context.lexicon.extra.get("ratings", {}).get("nothing", ())
        if (whole is not None and whole[0] == "no") or said in {_plain(word) for word in nothing}:
            return Understood("")
        return Words.read(self, text, context)


def read_item(text: str, lexicon: Lexicon) -> Number | None:
    """One number from 0 to 10 with at most one decimal, or None: two numbers, none, 11, -1, 7.25."""
    number = read_number(_GRADE.sub(r"\1", text), lexicon)
    if number is None:
        return None
    tenths = round(number.value * TENTHS)
    return Number(tenths / TENTHS, number.unsure) if abs(number.value * TENTHS - tenths) < 1e-6 else None


def _names_another(text: str, lexicon: Lexicon) -> bool:
    said = f" {_plain(text[:200])} "
    wanted = lexicon.options.get("may_rate", {}).get("other", ())
    return any(f" {folded} " in said for word in wanted if (folded := _plain(word)))


def _plain(text: str) -> str:
    return " ".join(squeeze(fold(text)).replace(",", " ").replace(".", " ").split())
