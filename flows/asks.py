"""The kinds of answer that a question can have, and how each is read.

An answer kind turns what a person typed into a value, or says that it could not. It reads through the word lists of the
`Context`, and turns its value to and from plain JSON for the journal. It never sees a clock or a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from flows.answers import Reply, read_reply
from flows.lexicon import Lexicon
from flows.phone import read_phone
from flows.text import fold, squeeze, words
from flows.values import mask_personnummer, read_birth_year, read_choices, read_name
from flows.wishes import A_QUESTION, is_question, says_goodbye, says_nothing


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs: the word lists, and this year (the unit's local calendar).

    `known` is a reading that was made already, as (text, question, reply), so that it is not made twice. `now` (UTC) is
    when the words are read: only what reads times needs it.
    """

    lexicon: Lexicon
    this_year: int
    known: tuple[str, str | None, Reply] | None = None
    now: datetime | None = None

    def reply(self, text: str, question: str | None) -> Reply:
        """The short-answer reading of `text` for a question of that sort."""
        if self.known is not None and self.known[:2] == (text, question):
            return self.known[2]
        return read_reply(text, question, self.lexicon)


@dataclass(frozen=True, slots=True)
class Understood:
    """The text was read: `value` is what the flow gets."""

    value: Any


@dataclass(frozen=True, slots=True)
class Change:
    """The person wants to change an earlier answer: the slot, and what they wrote beside its name."""

    slot: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The text was not read; `why` is for the log and for `ingang explain`."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: the talk rests, and the door stays open."""


@dataclass(frozen=True, slots=True)
class Wondering:
    """No answer yet, but a question: what an option means ("vad betyder hos oss")."""

    option: str
    why: ClassVar[str] = "a question about the choices"


@dataclass(frozen=True, slots=True)
class Declined:
    """A plain no where that is no answer: where the question may be skipped, they skip it."""

    why: ClassVar[str] = "a no, and no answer"


@dataclass(frozen=True, slots=True)
class Telling:
    """They tell of it and answer nothing yet: thanked for, and asked once more."""

    why: str


Reading = Understood | Change | Later | Wondering | Telling | Declined | Unclear


class AnswerKind(Protocol):
    """How one sort of question is answered."""

    question: ClassVar[str]  # the sort of question that flows.answers knows
    hears_enough: ClassVar[bool]  # whether "orkar inte svara" is an answer to it, and not to the whole talk
    took_over: ClassVar[tuple[str, ...]]  # the kinds that stood in its place before, whose answers it reads too

    @property
    def option_set(self) -> str:
        """The set that the options belong to; "" where there are none."""

    @property
    def several(self) -> bool:
        """Whether more than one option may be chosen."""

    def read(self, text: str, context: Context) -> Reading:
        """Read what was typed."""

    def dump(self, value: Any) -> Any:
        """The value as plain JSON."""

    def load(self, data: Any) -> Any:
        """The value back from JSON."""

    def add(self, value: Any, text: str) -> Any | None:
        """The value with a late line added, or None where this kind takes no more words."""

    def options(self) -> tuple[str, ...]:
        """The keys that the person chooses among, in the order shown."""

    def pressed(self, option: str) -> Reading:
        """What a button for one of the options means."""


class Plain:
    """Values that are JSON as they are, with nothing to choose among."""

    question: ClassVar[str] = "free"
    hears_enough: ClassVar[bool] = False
    took_over: ClassVar[tuple[str, ...]] = ()

    @property
    def option_set(self) -> str:
        """None."""
        return ""

    @property
    def several(self) -> bool:
        """One answer."""
        return False

    def dump(self, value: Any) -> Any:
        """As it is."""
        return value

    def load(self, data: Any) -> Any:
        """As it was."""
        return data

    def add(self, value: Any, text: str) -> Any | None:
        """No more words."""
        return None

    def options(self) -> tuple[str, ...]:
        """None."""
        return ()

    def pressed(self, option: str) -> Reading:
        """No button is an answer."""
        return Unclear("this question has no buttons")


@dataclass(frozen=True, slots=True)
class YesNo(Plain):
    """A yes or a no; the value is a bool. Where a goodbye `ends` it, "ok hej då" is a no."""

    ends: bool = False
    question: ClassVar[str] = "yesno"

    @property
    def option_set(self) -> str:
        """Yes and no."""
        return "yesno"

    def read(self, text: str, context: Context) -> Reading:
        """Only a plain yes or no counts: a wrong yes is worse than a question back."""
        reply = context.reply(text, self.question)
        if reply.meaning in ("yes", "no"):
            leaves = self.ends and says_goodbye(text, context.lexicon)
            return Understood(reply.meaning == "yes" and not leaves)
        return Later() if reply.meaning == "not_now" else Unclear(reply.why)

    def options(self) -> tuple[str, ...]:
        """Yes first, as the texts say it."""
        return ("yes", "no")

    def pressed(self, option: str) -> Reading:
        """The buttons are the options."""
        return Understood(option == "yes") if option in self.options() else Unclear("a button of another question")


def _asks_us(text: str, context: Context) -> bool:
    """Whether words that choose nothing are a question: as they are read, or as they start and end."""
    reply = context.reply(text, None)
    return reply.meaning == "help" or (reply.meaning == "unclear" and is_question(text, context.lexicon))


def _no_answer(text: str, context: Context, why: str) -> Reading:
    return Declined() if context.reply(text, None).meaning == "no" else Unclear(why)


@dataclass(frozen=True, slots=True)
class Name(Plain):
    """What we shall call the person; the value is a string of at most 60 characters."""

    question: ClassVar[str] = "name"

    def read(self, text: str, context: Context) -> Reading:
        """A name, also out of "jag heter Kim"."""
        name = read_name(text, context.lexicon)
        return Understood(name) if name else _no_answer(text, context, "no name in it")


@dataclass(frozen=True, slots=True)
class BirthYear(Plain):
    """The value is a year. A personal identity number is read for its year alone."""

    question: ClassVar[str] = "year"

    def read(self, text: str, context: Context) -> Reading:
        """A year of four or two digits, or one's age."""
        born = read_birth_year(text, context.this_year, context.lexicon)
        return Understood(born.year) if born.year else _no_answer(text, context, born.why)


@dataclass(frozen=True, slots=True)
class Words(Plain):
    """Free words, kept as they are up to `longest` characters; with `nothing_counts` a NEJ is the answer ""."""

    longest: int = 1000
    nothing_counts: bool = False
    question: ClassVar[str] = "free"

    def read(self, text: str, context: Context) -> Reading:
        """Anything with a letter or digit in it."""
        said = clean(text, self.longest)
        meaning = context.reply(text, "yesno").meaning if self.nothing_counts else ""
        if meaning in ("no", "not_now") or (self.nothing_counts and says_nothing(text, context.lexicon)):
            return Understood("")
        if meaning == "yes" and _is_bare(text, context):
            return Unclear("a yes, and not to what")
        if not any(ch.isalnum() for ch in said):
            return Unclear("no words in it")
        return Understood(said)

    def add(self, value: Any, text: str) -> Any | None:
        """A line sent just after belongs to the same answer."""
        return f"{value}\n{clean(text, self.longest)}".strip()


def _is_bare(text: str, context: Context) -> bool:
    """Whether a text is one word and no more, but for polite ones: "ja tack"."""
    said = [word for word in squeeze(fold(text)).strip(" ,.!").split() if word not in context.lexicon.polite]
    return len(said) <= 1


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen: option keys in the order shown, and any words beside them."""

    keys: tuple[str, ...]
    words: str = ""

    @property
    def key(self) -> str | None:
        """The first choice, or none when the person only wrote words of their own."""
        return self.keys[0] if self.keys else None


@dataclass(frozen=True, slots=True)
class Choose:
    """Numbered choices out of the option set `of`; the value is `Picked`.

    With `several` more than one may be chosen; with `own_words` an answer that is no choice is kept as it is written.
    `also` gives, by option, more names that choose it where nothing else does.
    """

    of: str
    among: tuple[str, ...]
    several: bool = False
    own_words: bool = False
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)
    question: ClassVar[str] = "choice"
    hears_enough: ClassVar[bool] = False
    took_over: ClassVar[tuple[str, ...]] = ()

    @property
    def option_set(self) -> str:
        """As named."""
        return self.of

    def read(self, text: str, context: Context) -> Reading:
        """Numbers count from 1 in the order shown; words choose by the option set's word list."""
        read = read_choices(text, self.of, context.lexicon, self.among)
        if not read.chosen and (named := self._named(text)):
            return Understood(Picked((named,)))
        beyond = len(read.chosen) > 1 and not self.several
        about = not self.own_words and text.rstrip().endswith("?") and len(read.rest.split()) >= MUCH_BESIDE
        if read.asks or (read.chosen and about):
            return Wondering(read.chosen[0])
        guessed = read.unsure and (not self.own_words or "?" in text)  # "får man ändra sig?" is no second choice
        if read.chosen and not beyond and not guessed:
            return Understood(Picked(read.chosen, clean(read.rest, 300)))
        if len(text.split()) >= A_QUESTION and _asks_us(text, context):
            return Unclear("a question to us")
        if self.own_words and not beyond and any(ch.isalpha() for ch in text):
            return Understood(Picked((), clean(text, 1000)))
        return Unclear("more than one choice" if beyond else "none of the choices")

    def _named(self, text: str) -> str | None:
        """The one option that one of its further names in the text chooses."""
        said = f" {' '.join(words(text[:300]))} "
        hits = {key for key, names in self.also.items() for each in names if f" {' '.join(words(each))} " in said}
        return hits.pop() if len(hits) == 1 else None

    def dump(self, value: Any) -> Any:
        """Keys and words apart."""
        return {"keys": list(value.keys), "words": value.words}

    def load(self, data: Any) -> Any:
        """`Picked` again."""
        return Picked(tuple(data["keys"]), data["words"])

    def add(self, value: Any, text: str) -> Any | None:
        """A late line is kept beside the choice where own words are welcome."""
        if not self.own_words:
            return None
        return Picked(value.keys, f"{value.words}\n{clean(text, 300)}".strip())

    def options(self) -> tuple[str, ...]:
        """As shown."""
        return self.among

    def pressed(self, option: str) -> Reading:
        """A button is one choice."""
        return Understood(Picked((option,))) if option in self.among else Unclear("a choice of another question")


@dataclass(frozen=True, slots=True)
class PhoneNumber(Plain):
    """A number that can be reached from Sweden; the value is E.164."""

    question: ClassVar[str] = "phone"

    def read(self, text: str, context: Context) -> Reading:
        """Short numbers and special numbers are never valid."""
        phone = read_phone(text)
        return Understood(phone.e164) if phone.e164 else _no_answer(text, context, "no number that can be called")


MUCH_BESIDE = 3
"""Words beside a choice that make a question of it, where it ends as one ("räknas jag om jag bor i Luleå ibland?")."""


def clean(text: str, longest: int) -> str:
    """Free words as they are kept: no control characters, no identity numbers, cut visibly at `longest` characters."""
    kept = "".join(ch for ch in text if ch in "\n\t" or ch.isprintable())
    kept = mask_personnummer(kept.strip())
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"
