"""What somebody with a meeting ahead wants, from their words: to come, not to, another time, to say that they are late.

Built on the reading of short answers; what only a meeting makes sense of lies in words/meetings.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flows.answers import is_closing
from flows.asks import Context
from flows.asks_times import wanted_in
from flows.lexicon import Lexicon
from flows.near import Near
from flows.numbers import number_words
from flows.phrases import compiled, joined, sets_of, words_in
from flows.text import cut, fold, squeeze, words
from flows.tokens import remembered
from flows.typos import STAND_IN
from flows.wishes import is_puzzled
from rules.calendar import to_local

ORDER: Final = (
    "no_reminders", "remind", "not_with", "cancel", "plan_b", "sick", "late", "lost", "here", "shorter",
    "not_today", "when",
)  # fmt: skip
"""Wishes that the lists of meetings name, the first that is heard first."""

LONGEST_DELAY: Final = 240

MOST_UNSURE: Final = 8
"""Words of a "kanske" with no more to it; what is longer a person reads. Our choice."""

_GLUED: Final = re.compile(r"(\d)([^\W\d_])")
"""Such as "10min"."""

_HOUR: Final = re.compile(r"(?<![\w.:/])(?:[89]|1[0-9])(?![\w.:/]|\s*(?:d|min|tim|v|år|dec|jan|feb|st|pers))")
"""An hour of the day, bare, that counts nothing ("14 dagar")."""

_PLAIN: Final[Mapping[str, str]] = {"yes": "yes", "no": "no", "rebook": "move", "not_now": "not_today"}
_TIMED: Final = frozenset({"yes", "no", "move", "sick", "cancel", "not_today"})


@dataclass(frozen=True, slots=True)
class MeetingWords:
    """What was read.

    wish: yes, no, move, not_today, plan_b, late, lost, here (they are there), shorter, not_with (somebody else of us),
    sick, when, remind, no_reminders, cancel, free (a person should look), unsure (they cannot say yet), puzzled ("va?":
    what was asked is said once more), or "" for words that only close a talk. minutes: late by. wanted: the time that
    was named, as FindTimes takes it; with a yes, the talk compares it with the meeting. why: the words that decided,
    not for logs.
    """

    wish: str
    minutes: int | None
    why: str
    wanted: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Lists:
    says: Mapping[str, re.Pattern[str]]
    unless: Mapping[str, re.Pattern[str]]
    innocent: re.Pattern[str]
    delay: re.Pattern[str]
    unsure: re.Pattern[str]
    walk: re.Pattern[str]
    not_walk: re.Pattern[str]
    own: frozenset[str]
    near: Near[str]
    lengths: Mapping[str, int]


@remembered
def _lists(data: Mapping[str, Any]) -> _Lists:
    table, sets = data.get("meetings", {}), sets_of(data)
    kinds = {kind: table.get(kind, {}) for kind in (*ORDER, "walk")}
    own = {word for kind in kinds.values() for word in words_in(kind.get("says", ()), sets)}
    return _Lists(
        says={kind: compiled(kinds[kind].get("says", ()), sets) for kind in ORDER},
        unless={kind: compiled(kinds[kind].get("unless", ()), sets) for kind in ORDER},
        innocent=compiled(table.get("innocent", ()), sets),
        delay=compiled(table.get("delay", ()), sets),
        unsure=compiled(table.get("unsure", {}).get("says", ()), sets),
        walk=compiled(kinds["walk"].get("says", ()), sets),
        not_walk=compiled(kinds["walk"].get("unless", ()), sets),
        own=frozenset(own),
        near=Near.build({word: word for word in own}),
        lengths={squeeze(fold(word)): int(size) for size, said in table.get("lengths", {}).items() for word in said},
    )


def read_meeting_words(text: str, context: Context, agreed: datetime | None = None) -> MeetingWords:
    """Read a text of somebody who has a meeting ahead. `agreed` is its start, where there is but one. Never raises."""
    known = _lists(context.lexicon.extra)
    said = _words(text, context.lexicon, known)
    harmless = known.innocent.sub(" , ", said)
    heard = next((kind for kind in ORDER if _hears(kind, harmless, known)), None)
    if heard is None:
        return _plain(text, " ".join(harmless.split()) if harmless != said else text, context, agreed)
    match = known.says[heard].search(harmless)
    phrase = match[0].strip() if match else ""
    minutes = _delay(harmless, context.lexicon, known) if heard == "late" else None
    wanted = wanted_in(_without(text, phrase), context, agreed) if heard in _TIMED else None
    if wanted is not None and heard in ("sick", "not_today") and _is_today(wanted, context):
        wanted = None  # "är sjuk i dag" wishes for nothing today
    if heard == "not_today" and wanted is not None:
        heard = "move"
    return MeetingWords(heard, minutes, f'says "{phrase}" ({heard})', wanted)


def _is_today(wanted: Mapping[str, Any], context: Context) -> bool:
    if context.now is None:
        return False
    return to_local(datetime.fromisoformat(wanted["starts"])).date() == to_local(context.now).date()


def wants_a_walk(text: str, lexicon: Lexicon) -> bool:
    """Whether the text asks for a walk: "promenad", "kan vi ta en promenad", but not "promenaden var skön"."""
    known = _lists(lexicon.extra)
    said = _words(text, lexicon, known)
    return bool(known.walk.search(said)) and not known.not_walk.search(said)


def _plain(text: str, harmless: str, context: Context, agreed: datetime | None) -> MeetingWords:
    """A short answer: yes, no, another time, not today; else a question about when, or something for a person."""
    reply = context.reply(harmless, "confirm")
    wish = _PLAIN.get(reply.meaning)
    if wish is None and reply.meaning == "help":
        wish = "when" if reply.value in ("when", "where") else None
    if wish is None or wish == "not_today":
        wish = _no_answer_yet(text, context, wish)
    if wish is None:
        only_closes = reply.meaning == "unclear" and is_closing(text, context.lexicon)
        return MeetingWords("" if only_closes else "free", None, reply.why)
    wanted = wanted_in(harmless, context, agreed) if wish in _TIMED and not harmless.strip().isdecimal() else None
    hours = _HOUR.findall(harmless) if wish == "move" and wanted is None else []
    if len(hours) == 1:  # "kan vi ta 14": a wish to move holds no other number of that size
        wanted = wanted_in(f"kl {hours[0]}", context, agreed)
    return MeetingWords(wish, None, reply.why, wanted)


def _no_answer_yet(text: str, context: Context, wish: str | None) -> str | None:
    """The wish, but for who cannot say yet ("kanske", "ska kolla med mamma"), or asks what we mean ("va?", "?").

    Who is unsure and tells at length why (a mother in hospital) is for a person: None.
    """
    if is_puzzled(text, context.lexicon):
        return "puzzled"
    known = _lists(context.lexicon.extra)
    said = _words(text, context.lexicon, known)
    if not known.unsure.search(said):
        return wish
    return "unsure" if len(said.split()) <= MOST_UNSURE else None


def as_patterns_read(text: str, lexicon: Lexicon) -> str:
    """The text as the patterns of what somebody invited writes are looked for in: folded words, slips mended."""
    return _words(text, lexicon, _lists(lexicon.extra))


def _words(text: str, lexicon: Lexicon, known: _Lists) -> str:
    """The text as the patterns read it, slips of the thumb mended."""
    return joined(_mended(word, lexicon, known) for word in words(_GLUED.sub(r"\1 \2", cut(text))))


def _mended(word: str, lexicon: Lexicon, known: _Lists) -> str:
    if word in lexicon.typos.ours and word not in known.own:
        return STAND_IN
    if word in known.own or word in lexicon.typos.known:
        return word
    return known.near.find(word) or lexicon.typos.mend(word)


def _hears(kind: str, said: str, known: _Lists) -> bool:
    return bool(known.says[kind].search(said)) and not known.unless[kind].search(said)


def _delay(said: str, lexicon: Lexicon, known: _Lists) -> int | None:
    """By how many minutes, the most that was said."""
    match = known.delay.search(said)
    if match is None:
        return None
    cardinal = number_words(lexicon.extra).cardinal
    found = [known.lengths[word] for word in match[0].split() if word in known.lengths]
    for word in match[0].split():
        value = int(word) if word.isdecimal() and len(word) <= 3 else cardinal.get(word, 0)
        found += [value] if value > 1 else []
    return max(found) if found and max(found) <= LONGEST_DELAY else None


def _without(text: str, phrase: str) -> str:
    """The text without the words that decided: "feber" is no February."""
    gone = set(phrase.split())
    return " ".join(word for word in text.split() if not set(words(word)) & gone)
