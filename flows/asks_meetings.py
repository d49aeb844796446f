"""Answers to "does the time suit you?", "do you want a new one?" and "how long?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from flows.asks import Context, Plain, Reading, Unclear, Understood
from flows.choices import read_choices
from flows.meeting_words import read_meeting_words
from flows.text import words

ANSWERS = ("yes", "no", "move")
LENGTHS: Final = {"short": 20, "usual": 40, "long": 60}
SHORTEST, LONGEST = 10, 90
"""What is taken for minutes, and for the nearest of the lengths. Our choice."""
"""Minutes of a walk, by the option that chooses them."""


@dataclass(frozen=True, slots=True)
class Fits(Plain):
    """Does the time suit you? The value is {"wish": what meeting_words reads, "said", "wanted", "minutes"}."""

    question: ClassVar[str] = "confirm"

    @property
    def option_set(self) -> str:
        """Yes, no, another time."""
        return "confirm"

    def read(self, text: str, context: Context) -> Reading:
        """All that can be said of a meeting is an answer to it, save what nobody can read."""
        read = read_meeting_words(text, context)
        if read.wish in ("free", "puzzled", ""):
            return Unclear(read.why)
        return Understood({"wish": read.wish, "said": text[:300], "wanted": read.wanted, "minutes": read.minutes})

    def options(self) -> tuple[str, ...]:
        """Yes first, as the texts say it."""
        return ANSWERS

    def pressed(self, option: str) -> Reading:
        """The buttons are the answers."""
        if option not in ANSWERS:
            return Unclear("a button of another question")
        return Understood({"wish": option, "said": "", "wanted": None, "minutes": None})


@dataclass(frozen=True, slots=True)
class YesOrLater(Plain):
    """A yes, or not now; a no is as good. The value is a bool."""

    question: ClassVar[str] = "yesno"

    @property
    def option_set(self) -> str:
        """Yes, not now."""
        return "go_on"

    def read(self, text: str, context: Context) -> Reading:
        """Not now is an answer here, and no wish to rest the talk."""
        reply = context.reply(text, self.question)
        if reply.meaning in ("yes", "no", "not_now"):
            return Understood(reply.meaning == "yes")
        return Unclear(reply.why)

    def options(self) -> tuple[str, ...]:
        """Yes first."""
        return ("yes", "not_now")

    def pressed(self, option: str) -> Reading:
        """The buttons are the options."""
        return Understood(option == "yes") if option in self.options() else Unclear("a button of another question")


@dataclass(frozen=True, slots=True)
class Length(Plain):
    """How long the walk shall be; the value is minutes, one of LENGTHS."""

    question: ClassVar[str] = "choice"

    @property
    def option_set(self) -> str:
        """Short, usual, long."""
        return "length"

    def read(self, text: str, context: Context) -> Reading:
        """Minutes before places in a list: "40" is forty minutes, and so is "45"; "30" is the shorter of two."""
        numbers = {int(word) for word in words(text[:200]) if word.isdecimal() and len(word) < 4}
        if len(numbers) == 1 and SHORTEST <= (minutes := numbers.pop()) <= LONGEST:
            return Understood(min(LENGTHS.values(), key=lambda length: (abs(length - minutes), length)))
        chosen = read_choices(text, "length", context.lexicon, self.options()).chosen
        return self.pressed(chosen[0]) if len(chosen) == 1 else Unclear("none of the lengths")

    def options(self) -> tuple[str, ...]:
        """The shortest first."""
        return tuple(LENGTHS)

    def pressed(self, option: str) -> Reading:
        """A button is a length."""
        return Understood(LENGTHS[option]) if option in LENGTHS else Unclear("a choice of another question")
