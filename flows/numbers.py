"""Numbers in words and digits, and the reading of a rating."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.lexicon import Lexicon
from flows.tokens import Token, plain, remembered, tidy, tokenise

LOWEST: Final = 0
HIGHEST: Final = 10


@dataclass(frozen=True, slots=True)
class Number:
    """A rating; `unsure` when it should be read back before it counts ("typ en åtta")."""

    value: float
    unsure: bool


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Folded number words and what they count: cardinal (fem, tjugofem) and ordinal (femte)."""

    cardinal: Mapping[str, int]
    ordinal: Mapping[str, int]
    article: frozenset[str]


@remembered
def number_words(data: Mapping[str, Any]) -> NumberWords:
    """Compile `numbers` and `ordinals` of the word lists, with tens and units put together up to 99."""
    cardinal = _by_word(data.get("numbers", {}))
    ordinal = _by_word(data.get("ordinals", {}))
    tens = [(word, value) for word, value in cardinal.items() if value in range(20, 100, 10)]
    for ten, value in tens:
        for word, unit in [(word, unit) for word, unit in cardinal.items() if 1 <= unit <= 9]:
            cardinal.setdefault(ten + word, value + unit)
        for word, unit in [(word, unit) for word, unit in ordinal.items() if 1 <= unit <= 9]:
            ordinal.setdefault(ten + word, value + unit)
    return NumberWords(cardinal, ordinal, frozenset(word for word, value in cardinal.items() if value == 1))


def _by_word(table: Mapping[str, Iterable[str]]) -> dict[str, int]:
    values: dict[str, int] = {}
    for value, words in table.items():
        for word in words:
            values.setdefault(plain(word), int(value))
    return values


def phrases(words: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Phrases of word lists as folded words, for matching against tokens."""
    split = (tuple(token.text for token in tokenise(tidy(word))) for word in words)
    return frozenset(phrase for phrase in split if phrase)


@dataclass(frozen=True, slots=True)
class _Ratings:
    numbers: NumberWords
    fill: frozenset[str]
    unsure: frozenset[str]
    unsure_phrases: frozenset[tuple[str, ...]]
    minus: frozenset[str]
    half: frozenset[tuple[str, ...]]
    comma: frozenset[str]
    out_of: frozenset[str]
    because: frozenset[str]


@remembered
def _ratings(data: Mapping[str, Any]) -> _Ratings:
    table = data.get("ratings", {})

    def words(key: str) -> frozenset[str]:
        return frozenset(plain(word) for word in table.get(key, ()))

    return _Ratings(
        numbers=number_words(data),
        fill=words("fill"),
        unsure=words("unsure"),
        unsure_phrases=frozenset(phrase for phrase in phrases(table.get("unsure", ())) if len(phrase) > 1),
        minus=words("minus"),
        half=phrases(table.get("half", ())),
        comma=words("comma"),
        out_of=words("out_of"),
        because=words("because"),
    )


def read_number(text: str, lexicon: Lexicon, highest: int = HIGHEST) -> Number | None:
    """A rating from 0 to `highest`, whole or half; None when there is no number, two, or one outside the scale."""
    known = _ratings(lexicon.extra)
    tokens = tokenise(tidy(text))
    if len(tokens) > 40:
        return None
    found: list[tuple[float, int, int]] = []
    place = 0
    while place < len(tokens):
        read = _number_at(tokens, place, known, highest)
        if read is None:
            place += 1
            continue
        found.append((read[0], place, read[1]))
        place = read[1]
    if len(found) != 1:
        return None
    value, begin, end = found[0]
    if not LOWEST <= value <= highest or _negative(tokens, begin, known):
        return None
    return Number(value, _unsure(tokens, begin, end, known))


def _number_at(tokens: list[Token], place: int, known: _Ratings, highest: int) -> tuple[float, int] | None:
    """The number that begins here and the place after it, "10/10" and "sju och en halv" taken whole."""
    token = tokens[place]
    value: float
    if token.kind == "number":
        value = float(token.value) if token.value >= 0 else 1e9
    elif token.text in known.numbers.cardinal:
        if _is_article(tokens, place, known):
            return None
        value = float(known.numbers.cardinal[token.text])
    elif token.text == "," and _decimal(tokens, place):
        return float(f"0.{tokens[place + 1].text}"), place + 2
    else:
        return None
    place += 1
    if place + 1 < len(tokens) and tokens[place].text in {",", ".", *known.comma} and _decimal(tokens, place):
        value, place = value + float(f"0.{tokens[place + 1].text}"), place + 2
    for phrase in sorted(known.half, key=len, reverse=True):
        if tuple(token.text for token in tokens[place : place + len(phrase)]) == phrase:
            value, place = value + 0.5, place + len(phrase)
            break
    return value, _past_scale(tokens, place, known, highest)


def _decimal(tokens: list[Token], place: int) -> bool:
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following is None or following.kind != "number" or len(following.text) > 2:
        return False
    return following.start == tokens[place].end or tokens[place].kind == "word"


def _is_article(tokens: list[Token], place: int, known: _Ratings) -> bool:
    """Such as "en åtta" and "en 8": the first word counts nothing."""
    if tokens[place].text not in known.numbers.article or place + 1 >= len(tokens):
        return False
    after = tokens[place + 1]
    return after.kind == "number" or (after.kind == "word" and after.text not in known.out_of | known.unsure)


def _past_scale(tokens: list[Token], place: int, known: _Ratings, highest: int) -> int:
    """The place after "/10" or "av 10", when that is what follows."""
    if place + 1 >= len(tokens) or tokens[place].text not in {"/", *known.out_of}:
        return place
    scale = tokens[place + 1]
    value = scale.value if scale.kind == "number" else known.numbers.cardinal.get(scale.text, -1)
    return place + 2 if value == highest else place


def _negative(tokens: list[Token], begin: int, known: _Ratings) -> bool:
    if begin == 0:
        return False
    before = tokens[begin - 1]
    if before.text in known.minus:
        return True
    alone = begin < 2 or tokens[begin - 2].end < before.start
    return before.text == "-" and before.end == tokens[begin].start and alone


_OPEN_SIGNS: Final = frozenset("?~+/±")


def _unsure(tokens: list[Token], begin: int, end: int, known: _Ratings) -> bool:
    around = tokens[:begin] + tokens[end:]
    if any(token.text in known.unsure or token.text in _OPEN_SIGNS for token in around):
        return True
    said = tuple(token.text for token in around)
    if any(said[at : at + len(phrase)] == phrase for phrase in known.unsure_phrases for at in range(len(said))):
        return True
    before = [token for token in tokens[:begin] if token.kind == "word" and token.text not in known.fill]
    after = [token for token in tokens[end:] if token.kind == "word" and token.text not in known.fill]
    # "7 för det var bra" is clear; "det var 2 som pratade" and "2 timmar" may count something else.
    explained = bool(after) and (after[0].text in known.because or _pause(tokens, end))
    return bool(before) or (bool(after) and not explained)


def _pause(tokens: list[Token], place: int) -> bool:
    return re.fullmatch(r"[.,!:;\n]", tokens[place].text) is not None
