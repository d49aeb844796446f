"""From text to terms: each word or number with every meaning that it can have among words about time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from flows.near import Near
from flows.numbers import number_words
from flows.text import squeeze
from flows.tokens import Token, plain, remembered, tidy, tokenise

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
DAYS: Final = ("today", "tomorrow", "day_after_tomorrow")

Meanings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Term:
    """One or more tokens that go together: what they can mean (kind -> value), and how they were typed."""

    means: Meanings
    said: str
    glued: bool = False  # no space before it

    def get(self, kind: str) -> Any:
        """The value of one meaning, None when the term cannot mean that."""
        return self.means.get(kind)

    def is_a(self, *kinds: str) -> bool:
        """Whether the term can mean one of these."""
        return not self.means.keys().isdisjoint(kinds)

    @property
    def unknown(self) -> bool:
        """A word that says nothing about time."""
        return not self.means


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: its hours when it stands alone."""

    key: str
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of one language, folded and indexed."""

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Meanings], ...]]  # by their first word, longest first
    dotted: Mapping[str, Meanings]
    near: Near[int]
    meanings: tuple[Meanings, ...]  # what the numbers in `near` stand for
    ordinary: frozenset[str]  # words of the language: what is near is no slip of the finger there
    numbers: Mapping[str, int]
    marks: frozenset[str]
    about_endings: tuple[str, ...]
    day_endings: tuple[str, ...]
    halves: tuple[str, ...]
    parts: Mapping[str, Part]
    past_before: frozenset[str]
    half_before: bool


class _Index:
    """Collects meanings by phrase while a grammar is compiled."""

    def __init__(self, dotted: frozenset[str]) -> None:
        self.only_dotted = dotted
        self.said: dict[tuple[str, ...], dict[str, Any]] = {}
        self.dotted: dict[str, dict[str, Any]] = {}

    def add(self, phrase: str, kind: str, value: Any) -> None:
        if phrase in self.only_dotted:
            self.dotted.setdefault(phrase, {}).setdefault(kind, value)
            return
        self.add_words(tuple(token.text for token in tokenise(tidy(phrase))), kind, value)

    def add_words(self, words: tuple[str, ...], kind: str, value: Any) -> None:
        self.said.setdefault(words, {}).setdefault(kind, value)

    def singles(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        """Single words of these kinds that are long enough to be told apart."""
        return [
            (words[0], means)
            for words, means in self.said.items()
            if len(words) == 1 and any(k in means for k in kinds)
        ]


@remembered
def grammar(data: Mapping[str, Any]) -> Grammar:
    """Compile `times`, `numbers` and `ordinals` of the word lists."""
    times = data.get("times", {})
    index = _Index(frozenset(times.get("dotted", ())))
    parts = {
        key: Part(key, time.fromisoformat(part["from"]), time.fromisoformat(part["to"]))
        for key, part in times.get("parts", {}).items()
    }
    for kind, value, phrase in _entries(times):
        index.add(phrase, kind, value)
    _add_numbers(index, data)
    _add_compounds(index, times)
    _add_endings(index, times)
    near, meanings = _near(index)
    by_first: dict[str, list[tuple[tuple[str, ...], Meanings]]] = {}
    for words, means in sorted(index.said.items(), key=lambda item: -len(item[0])):
        by_first.setdefault(words[0], []).append((words, means))
    return Grammar(
        phrases={first: tuple(found) for first, found in by_first.items()},
        dotted=index.dotted,
        near=near,
        meanings=meanings,
        ordinary=frozenset(plain(word) for line in data.get("known", {}).get("words", ()) for word in line.split()),
        numbers={word: value for word, value in number_words(data).cardinal.items() if value < 60},
        marks=frozenset(times.get("ordinal_marks", ())),
        about_endings=tuple(plain(word) for word in times.get("about_endings", ())),
        day_endings=tuple(plain(word) for word in times.get("day_endings", ())),
        halves=tuple(plain(word) for word in times.get("links", {}).get("half", ())),
        parts=parts,
        past_before=frozenset(plain(word) for word in times.get("past_before", ())),
        half_before=times.get("half") == "before",
    )


def _entries(times: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Every phrase of the lists with its kind and value."""
    for table, kind, values in _TABLES:
        for key, words in times.get(table, {}).items():
            for word in words if isinstance(words, list) else words.get("words", ()):
                yield kind, values.get(key, key), word
    for key, words in times.get("links", {}).items():
        for word in words:
            yield key, True, word
    for word in times.get("about_endings", ()):
        yield "about_ending", True, word
    for word in times.get("filler", {}).get("words", ()):
        yield "filler", True, word


_TABLES: Final[tuple[tuple[str, str, Mapping[str, int]], ...]] = (
    ("weekdays", "weekday", {key: number for number, key in enumerate(WEEKDAYS)}),
    ("months", "month", {key: number for number, key in enumerate(MONTHS, start=1)}),
    ("days", "day", {key: number for number, key in enumerate(DAYS)}),
    ("parts", "part", {}),
    ("today_parts", "today_part", {}),
    ("units", "unit", {}),
    ("whole", "whole", {}),
    ("holidays", "feast", {}),
)


def _add_numbers(index: _Index, data: Mapping[str, Any]) -> None:
    numbers = number_words(data)
    for word, value in numbers.cardinal.items():
        if value < 60:
            index.add_words((word,), "number", value)
    for word, value in numbers.ordinal.items():
        index.add_words((word,), "ordinal", value)


def _add_compounds(index: _Index, times: Mapping[str, Any]) -> None:
    """Such as "torsdagskväll", "torsdagkväll", "imorgonkväll"."""
    parts = [(word, means["part"]) for word, means in index.singles("part") if len(word) > 3]
    days = [(word, means) for word, means in index.singles("weekday", "day") if len(word) > 3]
    for word, means in days:
        for part_word, part in parts:
            for joint in ("", *times.get("joints", ())):
                kind = "weekday" if "weekday" in means else "day"
                index.add_words((word + joint + part_word,), kind, means[kind])
                index.add_words((word + joint + part_word,), "with_part", part)
    weeks = [word for word, means in index.singles("unit") if means["unit"] == "week" and len(word) > 3]
    for word, means in index.singles("feast"):
        for joint in ("", *times.get("joints", ())):
            for week in weeks:
                index.add_words((word + joint + week,), "feast_week", means["feast"])


_BENDING: Final = ("weekday", "part", "unit", "feast", "month")


def _add_endings(index: _Index, times: Mapping[str, Any]) -> None:
    """Such as "torsdagen", "kvällar"; and "torsdags", which is past after "i"."""
    past = plain(times.get("past_ending", ""))
    for word, means in index.singles(*_BENDING):
        if len(word) < 4 or "with_part" in means:
            continue
        bent: dict[str, Any] = {kind: means[kind] for kind in _BENDING if kind in means}
        for ending in times.get("endings", ()):
            found = index.said.setdefault((word + plain(ending),), {})
            if not found:
                found.update(bent)
                if ending == past and "weekday" in bent:
                    found["past_form"] = True


def _near(index: _Index) -> tuple[Near[int], tuple[Meanings, ...]]:
    """Words that may be typed with one slip. Equal meanings share a number, so that they do not quarrel."""
    meanings: list[Meanings] = []
    numbered: dict[str, int] = {}
    wanted = (
        "weekday",
        "month",
        "day",
        "part",
        "unit",
        "feast",
        "next",
        "after",
        "before",
        "between",
        "coming",
        "number",
    )
    for word, means in index.singles(*wanted):
        if len(word) < 5 or "with_part" in means or "past_form" in means or ("number" in means and len(word) < 6):
            continue
        if means not in meanings:
            meanings.append(means)
        numbered[word] = meanings.index(means)
    return Near.build(numbered), tuple(meanings)


def read_terms(text: str, words: Grammar) -> list[Term]:
    """The terms of a text in order; signs that mean nothing are left out."""
    tidied = tidy(text)
    tokens = tokenise(tidied)
    terms: list[Term] = []
    place = 0
    while place < len(tokens):
        means, after = _meaning(tokens, place, tidied, words)
        if means is not None:
            glued = place > 0 and tokens[place - 1].end == tokens[place].start
            terms.append(Term(means, tidied[tokens[place].start : tokens[after - 1].end], glued))
        place = after
    return terms


def _meaning(tokens: list[Token], place: int, tidied: str, words: Grammar) -> tuple[Meanings | None, int]:
    token = tokens[place]
    if token.kind == "number":
        return _digits(tokens, place, words)
    raw = tidied[token.start : token.end].lower()
    if raw in words.dotted:
        return {**words.dotted[raw]}, place + 1
    for phrase, means in words.phrases.get(token.text, ()):
        if len(phrase) == 1 or tuple(later.text for later in tokens[place : place + len(phrase)]) == phrase:
            return means, place + len(phrase)
    if token.kind == "sign":
        kind = _SIGNS.get(token.text)
        return ({kind: True} if kind else None), place + 1
    return _guess(token.text, words), place + 1


_SIGNS: Final = {
    "(": "comma",
    ")": "comma",
    "-": "dash",
    ",": "comma",
    ".": "stop",
    "!": "stop",
    ";": "stop",
    "\n": "stop",
    "/": "slash",
    "~": "about",
}


def _guess(word: str, words: Grammar) -> Meanings:
    """The meaning of a word that is not in the lists: a joined number ("tretiden"), a doubled letter, a slip."""
    for ending in words.about_endings:
        head = word.removesuffix(ending)
        for stem in (head, head.removesuffix("s")):
            if head != word and stem in words.numbers:
                return {"about_number": words.numbers[stem]}
    for half in words.halves:
        if word.startswith(half) and word[len(half) :] in words.numbers:
            return {"half_number": words.numbers[word[len(half) :]]}
    if word not in words.ordinary:
        found = words.phrases.get(squeeze(word), ())
        if found and len(found[-1][0]) == 1:
            return found[-1][1]
        number = words.near.find(word)
        if number is not None:
            return words.meanings[number]
    return {"unknown_day": True} if len(word) > 4 and word.endswith(words.day_endings) else {}


def _digits(tokens: list[Token], place: int, words: Grammar) -> tuple[Meanings, int]:
    """A clock ("14.30"), a date ("3/12", "2026-12-03", "3.12.2026"), "3:e" or a bare number."""
    numbers = _run(tokens, place)
    for reader in (_iso_date, _dotted_date, _clock, _slashed_date):
        read = reader(numbers, tokens, place)
        if read is not None:
            return read
    token = tokens[place]
    marked = _marked(tokens, place, words)
    if marked:
        return {"ordinal": token.value, "marked": True}, marked
    return {"number": token.value, "digits": len(token.text), "zero": token.text[0] == "0"}, place + 1


def _run(tokens: list[Token], place: int) -> list[tuple[str, int]]:
    """Up to three numbers with single signs between, none or one space beside them: (sign before, value)."""
    run = [("", tokens[place].value)]
    while len(run) < 3 and place + 2 < len(tokens):
        sign, number = tokens[place + 1], tokens[place + 2]
        apart = (sign.start - tokens[place].end, number.start - sign.end)
        if sign.kind != "sign" or number.kind != "number" or max(apart) > (sign.text == "/"):
            break
        run.append((sign.text, number.value))
        place += 2
    return run


Read = tuple[Meanings, int] | None
_Run = list[tuple[str, int]]


def _iso_date(run: _Run, tokens: list[Token], place: int) -> Read:
    first = tokens[place]
    if len(run) == 3 and len(first.text) == 4 and run[1][0] == run[2][0] and run[1][0] in "-/.":
        return {"date": (first.value, run[1][1], run[2][1])}, place + 5
    if len(first.text) == 8 and first.text.startswith("20"):
        return {"date": (first.value // 10000, first.value // 100 % 100, first.value % 100)}, place + 1
    return None


def _dotted_date(run: _Run, tokens: list[Token], place: int) -> Read:
    if len(run) == 3 and run[1][0] == run[2][0] == "." and len(tokens[place + 4].text) in (2, 4) and run[2][1] > 23:
        year = run[2][1] + (2000 if run[2][1] < 100 else 0)
        return {"date": (year, run[1][1], run[0][1])}, place + 5
    return None


def _clock(run: _Run, tokens: list[Token], place: int) -> Read:
    """14.30, 14:30, and 14,30 when the minutes look like a clock's."""
    if len(run) < 2 or run[1][0] not in (".", ":", ",") or len(tokens[place + 2].text) != 2:
        return None
    hour, minute = run[0][1], run[1][1]
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and len(tokens[place].text) <= 2):
        return None
    if run[1][0] == "," and minute not in (0, 15, 30, 45):
        return None
    end = place + 5 if len(run) == 3 and run[2] == (":", 0) else place + 3
    means: dict[str, Any] = {"clock": (hour, minute), "zero": tokens[place].text[0] == "0"}
    if run[1][0] == "." and 1 <= minute <= 12 and minute % 5 and hour:
        means["maybe_date"] = (hour, minute)  # meetings begin at whole five minutes: "3.12" is rather a date
    return means, end


def _slashed_date(run: _Run, tokens: list[Token], place: int) -> Read:
    """Day first, month second; a year only after the same sign or a dash, and never one that is a clock's hour."""
    if len(run) < 2 or run[1][0] != "/":
        return None
    day, month = run[0][1], run[1][1]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        hours = 8 <= day <= 23 and 8 <= month <= 23
        return None if hours else ({}, place + 3)  # "14/15" are two hours; "32/1" is nothing
    if len(run) == 3 and run[2][0] in "-/" and run[2][1] >= 26 and len(tokens[place + 4].text) in (2, 4):
        return {"date": (run[2][1] + (2000 if run[2][1] < 100 else 0), month, day)}, place + 5
    following = tokens[place + 3] if place + 3 < len(tokens) else None
    if following is not None and following.kind == "number" and len(following.text) == 4 and following.text[:2] == "20":
        return {"date": (following.value, month, day)}, place + 4
    return {"date": (None, month, day)}, place + 3


def _marked(tokens: list[Token], place: int, words: Grammar) -> int:
    """The place after an ordinal mark glued to the number ("3:e", "3e"), 0 when there is none."""
    following = tokens[place + 1 : place + 3]
    if not following or following[0].start != tokens[place].end or len(tokens[place].text) > 2:
        return 0
    if following[0].text in words.marks:
        return place + 2
    if following[0].text == ":" and len(following) == 2 and following[1].text in words.marks:
        return place + 3
    return 0
