"""Answers to "does the time suit you?", "do you want a new one?" and "how long?"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from flows.asks import Choose, Context, Plain, Reading, Unclear, Understood, YesNo
from flows.asks_times import but_not_in, lies_in, names_a_day, wanted_in
from flows.choices import read_choices
from flows.meeting_words import read_meeting_words
from flows.text import words
from flows.wishes import opens_as_question, without_hold_on

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
class YesOrTime(YesOrLater):
    """A yes, not now, or at once when: "hellre på fredag", "nästa vecka kanske" and "en annan dag" are answers.

    The value is {"wish": yes, move (another time, or only a time) or no, "wanted": the time that was named, as
    FindTimes takes it, or None, "said": the words}. Nothing is booked by it: the time is looked for and offered.
    """

    took_over: ClassVar[tuple[str, ...]] = ("YesOrLater",)

    def read(self, text: str, context: Context) -> Reading:
        """As for a meeting where another time is asked for; else a plain yes or no."""
        reply = context.reply(text, self.question)
        wanted = None if text.strip().isdecimal() else wanted_in(text, context)
        if reply.meaning == "yes":
            return _wishes("yes", text, wanted)
        if wanted is None and read_meeting_words(text, context).wish == "plan_b":
            return Unclear("another place, and no time")  # "inte min grej, men kan vi ses inne nån gång"
        if context.reply(text, "confirm").meaning == "rebook" or (reply.meaning == "unclear" and wanted is not None):
            return _wishes("move", text, wanted)
        return _wishes("no", text) if reply.meaning in ("no", "not_now") else Unclear(reply.why)

    def pressed(self, option: str) -> Reading:
        """The buttons are the options."""
        if option not in self.options():
            return Unclear("a button of another question")
        return _wishes("yes" if option == "yes" else "no", "")


def _wishes(wish: str, said: str, wanted: Mapping[str, Any] | None = None) -> Understood:
    return Understood({"wish": wish, "wanted": wanted, "said": said[:300]})


def wished(answer: Mapping[str, Any] | bool) -> Mapping[str, Any]:
    """What YesOrTime gives. In talks that began when that was only a yes or a no, the same of those."""
    return _wishes("yes" if answer else "no", "").value if isinstance(answer, bool) else answer


@dataclass(frozen=True, slots=True)
class Length(Plain):
    """How long the walk shall be; the value is minutes, one of LENGTHS, or a wish for another time than was chosen."""

    question: ClassVar[str] = "choice"

    @property
    def option_set(self) -> str:
        """Short, usual, long."""
        return "length"

    def read(self, text: str, context: Context) -> Reading:
        """Minutes before places in a list: "40" is forty minutes, and so is "45"; "30" is the shorter of two."""
        numbered = any(ch.isdigit() for ch in text) and not _LENGTHS.fullmatch(text)
        if numbered and names_a_day(text, context) and (other := _not_then(text, context)):
            return other  # "fredag 10" is another time, and no ten minutes
        numbers = {int(word) for word in words(text[:200]) if word.isdecimal() and len(word) < 4}
        if len(numbers) == 1 and SHORTEST <= (minutes := numbers.pop()) <= LONGEST:
            return Understood(min(LENGTHS.values(), key=lambda length: (abs(length - minutes), length)))
        read = read_choices(text, "length", context.lexicon, self.options())
        if read.asks or opens_as_question(text, context.lexicon):
            return Unclear("a question about the lengths")
        if len(read.chosen) == 1:
            return self.pressed(read.chosen[0])
        return _not_then(text, context) or Unclear("none of the lengths")

    def options(self) -> tuple[str, ...]:
        """The shortest first."""
        return tuple(LENGTHS)

    def pressed(self, option: str) -> Reading:
        """A button is a length."""
        return Understood(LENGTHS[option]) if option in LENGTHS else Unclear("a choice of another question")


@dataclass(frozen=True, slots=True)
class ChooseOrTime(Choose):
    """Choices about a time that was just chosen; the value is `Picked`, or a wish for another time than that."""

    took_over: ClassVar[tuple[str, ...]] = ("Choose",)

    def read(self, text: str, context: Context) -> Reading:
        """A choice first."""
        reading = Choose.read(self, text, context)
        return (_not_then(text, context) or reading) if isinstance(reading, Unclear) else reading

    def dump(self, value: Any) -> Any:
        """A wish as it is."""
        return dict(value) if isinstance(value, Mapping) else Choose.dump(self, value)

    def load(self, data: Any) -> Any:
        """The wish, or `Picked`, again."""
        return data if "wish" in data else Choose.load(self, data)


_LENGTHS: Final = re.compile(r"(?:\d+|[ ,.-]|eller|or|till|to|min\w*)*", re.IGNORECASE)
"""Two lengths, which are no day: "20 eller 40 min"."""

_SOME_WORDS: Final = 3
"""Words of a no that is about a time, where something else was asked: "kan inte den dagen", and no bare "nej"."""


def _not_then(text: str, context: Context) -> Understood | None:
    """The wish for another time, of who thinks better of the one that they chose; None for other words."""
    said = without_hold_on(text, context.lexicon)
    if _LENGTHS.fullmatch(said):
        return None
    wanted = wanted_in(said, context) if names_a_day(said, context) else None
    meaning = context.reply(said, "confirm").meaning
    refuses = meaning == "no" and len(words(said)) >= _SOME_WORDS
    if meaning == "rebook" or refuses or (wanted is not None and meaning == "unclear"):
        return _wishes("move", text, wanted)
    return None


OF_REMINDERS: Final = ("remind", "no_reminders")


@dataclass(frozen=True, slots=True)
class RightTime(YesNo):
    """Is it the time that begins at `starts` (UTC)? The value is a bool, or {"wanted", "said"} of another time."""

    starts: str = ""
    took_over: ClassVar[tuple[str, ...]] = ("YesNo",)

    def read(self, text: str, context: Context) -> Reading:
        """Another time goes before a yes or a no: "nä halv tolv" is that day at half past eleven."""
        said = without_hold_on(text, context.lexicon)
        named = None if said.strip().isdecimal() else wanted_in(said, context, datetime.fromisoformat(self.starts))
        named = named or but_not_in(said, context)
        if named is not None and read_meeting_words(said, context).wish in OF_REMINDERS:
            return Unclear("a wish about reminders, and no time")  # "en påminnelse på morgonen"
        if named is not None and not lies_in(self.starts, named):
            return Understood({"wanted": named, "said": text[:300]})
        reading = YesNo.read(self, text, context)
        return Understood(True) if named is not None and isinstance(reading, Unclear) else reading
