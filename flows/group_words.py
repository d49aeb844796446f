"""What somebody who is invited to a group activity wants, from their words, and the question that asks for it.

Numbers and the options' own words count where they were shown; the rest is read as words about a meeting are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from flows.asks import Context, Plain, Reading, Unclear, Understood
from flows.choices import read_choices
from flows.lexicon import Lexicon
from flows.meeting_words import as_patterns_read, read_meeting_words
from flows.phrases import compiled, sets_of
from flows.text import cut, fold, words
from flows.tokens import remembered
from flows.wishes import is_daunted

GROUP: Final = ("yes", "maybe", "hard", "no")
"""The answers to an invitation, in the order shown."""

YES_NO: Final = ("yes", "no")
MARKS: Final = ("h1", "h2", "h3", "h4", "h5")
"""The answers to "how was it?", from 1 to 5."""

ABOUT: Final = ("many", "home", "mind", "who", "worry")
"""What is asked or said of a group only, the first that is heard first: how many come, whether one may go home early,
whether one may think better of it, who comes, and that it feels hard to come."""

_SAME: Final[Mapping[str, str]] = {
    "yes": "yes", "no": "no", "cancel": "no", "move": "move", "sick": "sick", "late": "late", "lost": "lost",
    "here": "lost", "when": "when", "not_today": "no", "": "",
}  # fmt: skip
_OPTION: Final = re.compile(r"(?<![\d.:])[1-4](?![\d.:]|\s*(?:min|dag|år|pers))")
_DOOR: Final = re.compile(r"(?:(?:jag )?ar )?(?:har|here) ?(\d{4})")
_DOOR_LINK: Final = re.compile(r"/start(?:@\w+)? (?:har|here)[_-](\d{4})")
_MARK: Final = re.compile(r"[1-5]")
_MOST_ABOUT: Final = 12
"""Words of such a question or worry; who tells more than that tells it to a person. Our choice."""

_BESIDE: Final = 6
"""Words and pauses beside a number that are still too few to be another answer."""

_SOUND: Final = 3
"""Letters of a "hm" or "öhm", which says nothing yet."""

_FEW: Final = 3
"""Words beside a number that still only say the number: "en 4 kanske"."""


@dataclass(frozen=True, slots=True)
class GroupWords:
    """What was read.

    wish: yes, maybe, hard, no, not_now, move, sick, late, lost, when, one of ABOUT, free (a person should look), or ""
    for what is no answer. wanted: the time that was named. minutes: late by. why: the words that decided (not for
    logs).
    """

    wish: str
    why: str
    wanted: Mapping[str, Any] | None = None
    minutes: int | None = None


def read_group_words(text: str, context: Context, shown: Sequence[str]) -> GroupWords:
    """Read a text of somebody who is invited; `shown` are the options that stood before them. Never raises."""
    if tuple(shown) == GROUP and (chosen := _chosen(text, context.lexicon)):
        return chosen
    if is_daunted(text, context.lexicon):
        return GroupWords("worry", "wants to, and does not dare")
    if tuple(shown) == YES_NO and text.strip(" .") == "1":
        return GroupWords("yes", "the first answer, here and in the invitation")
    if not any(ch.isalpha() for ch in text) and any(ch.isdigit() for ch in text):
        return GroupWords("", "a number that stands for nothing here")
    reply = context.reply(text, "confirm")
    if about := _about(text, context.lexicon):
        return GroupWords("hard", about.why) if about.wish == "worry" and reply.meaning == "yes" else about
    if reply.meaning == "not_now":
        return GroupWords("not_now", "not now")
    read = read_meeting_words(text, context)
    if read.wish == "when" and reply.value == "who":
        return GroupWords("who", "asks who comes")
    if read.wish == "unsure" and any(len(word) > _SOUND for word in words(text)):
        return GroupWords("maybe", read.why)
    return GroupWords(_SAME.get(read.wish, "free"), read.why, read.wanted, read.minutes)


def _chosen(text: str, lexicon: Lexicon) -> GroupWords | None:
    """The option that a text names; None where it names none, or says more than that."""
    chosen = read_choices(text, "group", lexicon, GROUP)
    if len(chosen.chosen) > 1:
        return GroupWords("free", "more than one of the options")
    if not chosen.chosen:
        return None
    if not chosen.rest and not chosen.unsure:
        return GroupWords(chosen.chosen[0], "one of the options")
    # In "ok. 4 kanske" the number counts, and no word beside it may say another thing.
    said_by_number = len(words(text)) <= _BESIDE and _OPTION.search(text)
    return GroupWords("free", "one of the numbers, but not a sure one") if said_by_number else None


@remembered
def _patterns(data: Mapping[str, Any]) -> Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    lists, sets = data.get("groups", {}), sets_of(data)
    named = {kind: lists.get(kind, {}) for kind in ABOUT}
    return {
        kind: (compiled(each.get("says", ()), sets), compiled(each.get("unless", ()), sets))
        for kind, each in named.items()
    }


def _about(text: str, lexicon: Lexicon) -> GroupWords | None:
    """What only of a group is asked or said; None for other words, and for what is long enough for a person."""
    said = as_patterns_read(text, lexicon)
    if len(said.split()) > _MOST_ABOUT:
        return None
    for kind, (says, unless) in _patterns(lexicon.extra).items():
        if (found := says.search(said)) and not unless.search(said):
            return GroupWords(kind, f'says "{found[0].strip()}" ({kind})')
    return None


def answers_and_asks(text: str, context: Context, shown: Sequence[str]) -> GroupWords | None:
    """The answer that a text begins with, where a question to us follows: "kanske, vilka kommer?". Else None."""
    first, comma, rest = text.strip().partition(",")
    if not comma or "?" in first or not rest.endswith("?"):
        return None
    read = read_group_words(first, context, shown)
    return read if read.wish in GROUP else None


def is_hard(text: str, lexicon: Lexicon) -> bool:
    """Whether the whole text is the option "yes, but it feels hard" in its own words, as we had written them."""
    said = " ".join(words(cut(text)))
    return said in {" ".join(words(phrase)) for phrase in lexicon.options.get("group", {}).get("hard", ())}


def door_code(text: str) -> str | None:
    """The code of "här 4711", which stands at the door and in its QR code; None for other words."""
    said = " ".join(fold(text.replace(":", " ")).split()).strip(" .!")
    match = _DOOR.fullmatch(said) or _DOOR_LINK.fullmatch(text.strip().lower())
    return None if match is None else match.group(1)


def mark_in(text: str) -> int | None:
    """The mark, 1 to 5, that a short text says; None where it says none, or more than one."""
    found = re.findall(r"\d+", text)
    if len(found) != 1 or not _MARK.fullmatch(found[0]) or len(words(cut(text))) > _FEW:
        return None
    return int(found[0])


@dataclass(frozen=True, slots=True)
class GroupAnswer(Plain):
    """Do you want to come? The value is {"wish": what group_words reads, "said", "minutes"}."""

    question: ClassVar[str] = "choice"

    @property
    def option_set(self) -> str:
        """Yes, maybe, yes but hard, no."""
        return "group"

    def read(self, text: str, context: Context) -> Reading:
        """All that can be said of an activity is an answer, save what nobody can read."""
        read = read_group_words(text, context, GROUP)
        if read.wish in ("free", ""):
            return Unclear(read.why)
        return Understood({"wish": read.wish, "said": text[:300], "minutes": read.minutes})

    def options(self) -> tuple[str, ...]:
        """As shown."""
        return GROUP

    def pressed(self, option: str) -> Reading:
        """The buttons are the answers."""
        if option not in GROUP:
            return Unclear("a button of another question")
        return Understood({"wish": option, "said": "", "minutes": None})
