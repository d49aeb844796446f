"""Which of the numbered options a person chose, by number or by word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.lexicon import Lexicon
from flows.near import Near
from flows.numbers import NumberWords, number_words, phrases
from flows.text import squeeze
from flows.tokens import Token, plain, remembered, tidy, tokenise

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Option keys in the order said, the words beside them as typed, and whether to read back before they count.

    `asks`: it is a question about the options ("vad betyder promenad?").
    """

    chosen: tuple[str, ...]
    rest: str
    unsure: bool
    asks: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    numbers: NumberWords
    phrases: Mapping[str, frozenset[Phrase]]
    kinds: Mapping[Phrase, str]
    first_words: frozenset[str]
    asks: frozenset[str]
    themself: frozenset[tuple[str, ...]]
    fill: frozenset[str]
    join: frozenset[str]
    endings: tuple[str, ...]
    known: frozenset[str]
    number_endings: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Item:
    """Something found: its sort (option, number, all, except, not ...), its keys, its first token and the one after."""

    kind: str
    keys: tuple[str, ...]
    begin: int
    end: int


@dataclass(slots=True)
class _Reading:
    tokens: list[Token]
    allowed: tuple[str, ...]
    words: _Words
    options: Mapping[Phrase, str]
    first_words: frozenset[str]
    near: Near[str]
    dont_know: str | None
    items: list[_Item] = field(default_factory=list)
    unsure: bool = False


THE_REST: Final = "elsewhere"
_KINDS: Final = ("except", "not", "all", "both", "first", "last", "unsure")
_REFUSING: Final = ("except", "not")
_LONGEST: Final = 8


@remembered
def _compiled(data: Mapping[str, Any]) -> _Words:
    table = data.get("choices", {})
    numbers = number_words(data)
    said = {kind: phrases(table.get(kind, ())) for kind in (*_KINDS, "to", "but", "asks_what")}
    fill = frozenset(plain(word) for word in table.get("fill", ()))
    join = frozenset(plain(word) for word in table.get("join", ()))
    return _Words(
        numbers=numbers,
        phrases=said,
        kinds={phrase: kind for kind in reversed(_KINDS) for phrase in said[kind]},
        first_words=frozenset(phrase[0] for kind in _KINDS for phrase in said[kind]),
        asks=frozenset(plain(word) for word in table.get("asks", ())),
        themself=frozenset((plain(word),) for word in table.get("themself", ())),
        fill=fill,
        join=join,
        known=fill.union(join, numbers.cardinal, *(phrase for group in said.values() for phrase in group)),
        endings=tuple(sorted((plain(word) for word in table.get("endings", ())), key=len, reverse=True)),
        number_endings=frozenset(plain(word) for word in table.get("number_endings", ())),
    )


def read_choices(text: str, set_name: str, lexicon: Lexicon, allowed: tuple[str, ...]) -> Choices:
    """The options of `allowed` that `text` names; numbers count from 1 in that order.

    `rest` is what was written beside them, as typed. Nothing chosen leaves everything in `rest`.
    """
    words = _compiled(lexicon.extra)
    tidied = tidy(text)
    table = lexicon.options.get(set_name, {})
    options, dont_know = _options(table, allowed, words)
    reading = _Reading(
        tokenise(tidied), allowed, words, options, frozenset(phrase[0] for phrase in options), _mender(table), dont_know
    )
    _find(reading)
    _check_numbers(reading)
    chosen = _decide(reading)
    if not chosen:
        return Choices((), text.strip(), reading.unsure)
    asks = _begins_to_ask(reading.tokens, words) or ("?" in text and reading.tokens[0].text in words.asks)
    return Choices(chosen, _rest(reading, tidied), reading.unsure, asks)


def asks_what_it_is(text: str, lexicon: Lexicon) -> bool:
    """Whether a few words ask what something means ("vad betyder ring mig"), with or without a question mark."""
    tokens = tokenise(tidy(text))
    return len(tokens) <= _LONGEST and _begins_to_ask(tokens, _compiled(lexicon.extra))


def _begins_to_ask(tokens: Sequence[Token], words: _Words) -> bool:
    """Whether it begins with "vad betyder" or the like; a greeting may stand before it."""
    said = tuple(token.text for token in tokens if token.kind == "word")
    begins = [(at, each) for at in range(2) for each in words.phrases["asks_what"] if said[at : at + len(each)] == each]
    # "Vet inte vad jag vill" is about themself.
    return any(said[at + len(each) :][:1] not in words.themself for at, each in begins)


@remembered
def _by_key(table: Mapping[str, Any]) -> dict[str, frozenset[Phrase]]:
    return {key: phrases(words) for key, words in table.items()}


@remembered
def _mender(table: Mapping[str, Any]) -> Near[str]:
    return Near.build({phrase[0]: key for key, said in _by_key(table).items() for phrase in said if len(phrase) == 1})


def _options(
    table: Mapping[str, Iterable[str]], allowed: tuple[str, ...], words: _Words
) -> tuple[dict[Phrase, str], str | None]:
    """Phrases that choose an option, and which option stands for not knowing."""
    options: dict[Phrase, str] = {}
    dont_know = None
    # "sms" is the option of that name where there is one, and else "skriv här"; what stands for all others comes last.
    order = [key for key in reversed(allowed) if key != THE_REST] + [key for key in allowed if key == THE_REST]
    for key in order:
        for phrase in _by_key(table).get(key, ()):
            options.setdefault(phrase, key)
            if phrase in words.phrases["unsure"] and key != THE_REST:  # who does not know lives nowhere else
                dont_know = key
    return options, dont_know


def _find(reading: _Reading) -> None:
    place = 0
    while place < len(reading.tokens):
        item = _option_at(reading, place) or _kind_at(reading, place) or _number_at(reading, place)
        if item is None:
            place += 1
        else:
            reading.items.append(item)
            place = item.end


def _option_at(reading: _Reading, place: int) -> _Item | None:
    first = reading.tokens[place].text
    if first in reading.first_words:
        for length in range(min(_LONGEST, len(reading.tokens) - place), 0, -1):
            said = tuple(token.text for token in reading.tokens[place : place + length])
            key = reading.options.get(said)
            if key is not None and not (first.isdigit() and length == 1):
                return _Item("option", (key,), place, place + length)
    near = _near(reading, first)
    return _Item("option", (near,), place, place + 1) if near is not None else None


def _near(reading: _Reading, word: str) -> str | None:
    """The option that a word means when an ending, a doubled letter or one slip of the finger is taken away."""
    if len(word) < 4:
        return None
    candidates = [word, squeeze(word)]
    candidates += [word[: -len(ending)] for ending in reading.words.endings if word.endswith(ending)]
    for candidate in candidates:
        if len(candidate) >= 3 and (key := reading.options.get((candidate,))):
            return key
    key = None if word in reading.words.known else reading.near.find(word)
    return key if key in reading.allowed else None


def _kind_at(reading: _Reading, place: int) -> _Item | None:
    """A word about the options: all, both, except, none; the longest phrase first."""
    if reading.tokens[place].text not in reading.words.first_words:
        return None
    for length in range(min(4, len(reading.tokens) - place), 0, -1):
        said = tuple(token.text for token in reading.tokens[place : place + length])
        kind = reading.words.kinds.get(said)
        if kind is not None:
            return _Item(kind, _meant(reading, kind), place, place + length)
    return None


def _meant(reading: _Reading, kind: str) -> tuple[str, ...]:
    real = tuple(key for key in reading.allowed if key != reading.dont_know)
    if kind == "all" or (kind == "both" and len(real) == 2):
        return real
    if kind == "first":
        return real[:1]
    if kind == "last":
        return reading.allowed[-1:]
    if kind == "unsure" and reading.dont_know is not None:
        return (reading.dont_know,)
    return ()


def _number_at(reading: _Reading, place: int) -> _Item | None:
    """A number, a range of them ("1-3"), or two typed in one ("13" where there are six)."""
    first = _value(reading, place)
    if first is None:
        return None
    end = _past_ending(reading, place + 1)
    last = _range_end(reading, end)
    if last is not None:
        value, end = last
        end = _past_ending(reading, end)
        low, high = (first, value) if first <= value else (value, first)
        if low >= 1 and high <= len(reading.allowed):
            span = range(low, high + 1) if first <= value else (first, value)
            return _Item("number", tuple(reading.allowed[number - 1] for number in span), place, end)
    return _Item("number", _by_number(reading, first, reading.tokens[place]), place, end)


def _value(reading: _Reading, place: int) -> int | None:
    if place >= len(reading.tokens):
        return None
    token = reading.tokens[place]
    if token.kind == "number":
        return token.value if token.value >= 0 else 10**9
    if token.text in reading.words.numbers.article and _more_words(reading, place):
        return None
    return reading.words.numbers.cardinal.get(token.text, reading.words.numbers.ordinal.get(token.text))


def _more_words(reading: _Reading, place: int) -> bool:
    """Whether "en" or "ett" is an article here: a word that is neither a number nor a joint follows."""
    following = reading.tokens[place + 1 : place + 2]
    if not following or following[0].kind != "word":
        return False
    return following[0].text not in reading.words.join and following[0].text not in reading.words.numbers.cardinal


def _past_ending(reading: _Reading, place: int) -> int:
    """Past "3:an", "2an", "1." and "1)"."""
    tokens = reading.tokens
    glued = place < len(tokens) and tokens[place].start == tokens[place - 1].end
    if glued and tokens[place].text == ":" and place + 1 < len(tokens):
        return place + 2 if tokens[place + 1].text in reading.words.number_endings else place
    return place + 1 if glued and tokens[place].text in reading.words.number_endings else place


def _range_end(reading: _Reading, place: int) -> tuple[int, int] | None:
    if place >= len(reading.tokens):
        return None
    joint = reading.tokens[place].text
    if joint != "-" and (joint,) not in reading.words.phrases["to"]:
        return None
    value = _value(reading, place + 1)
    return None if value is None else (value, place + 2)


def _by_number(reading: _Reading, number: int, token: Token) -> tuple[str, ...]:
    count = len(reading.allowed)
    if 1 <= number <= count:
        return (reading.allowed[number - 1],)
    digits = [int(digit) for digit in token.text] if token.kind == "number" else []
    if 2 <= len(digits) <= count <= 9 and len(set(digits)) == len(digits) and all(1 <= d <= count for d in digits):
        reading.unsure = True
        return tuple(reading.allowed[digit - 1] for digit in digits)
    return ()


def _check_numbers(reading: _Reading) -> None:
    """Numbers that count something else ("har sökt 3 jobb", "jag är 19") are let go, or make the choice unsure."""
    by_word = {key for item in reading.items if item.kind == "option" for key in item.keys}
    kept: list[_Item] = []
    for item in reading.items:
        if item.kind == "number":
            if not item.keys:
                continue
            if _beside_other_words(reading, item) and set(item.keys) - by_word:
                if by_word:
                    continue
                reading.unsure = True
            elif by_word and set(item.keys) - by_word:
                reading.unsure = reading.unsure or _names_next(reading, item)
        kept.append(item)
    reading.items = kept


def _beside_other_words(reading: _Reading, item: _Item) -> bool:
    """Whether a word that is nothing to us stands before the number in its sentence, or "4 år"-like right after it."""
    covered = {place for other in reading.items for place in range(other.begin, other.end)}
    for place in range(item.begin - 1, -1, -1):
        token = reading.tokens[place]
        if place in covered or token.kind != "word" or token.text in reading.words.join:
            if token.text in ".!?;\n," and place not in covered:
                break
            continue
        if token.text not in reading.words.fill:
            return True
    return False


def _names_next(reading: _Reading, item: _Item) -> bool:
    """Whether an option's word follows the number directly ("2 promenad") and is another option."""
    after = [other for other in reading.items if other.kind == "option" and other.begin == item.end]
    return bool(after) and not set(after[0].keys) & set(item.keys)


def _decide(reading: _Reading) -> tuple[str, ...]:
    chosen: list[str] = []
    refused: set[str] = set()
    take = True
    last_end = 0
    for item in reading.items:
        if not take and _clause_between(reading, last_end, item.begin):
            take = True
        last_end = item.end
        if item.kind in _REFUSING:
            take = False
            continue
        if not take:
            refused.update(item.keys)
            continue
        chosen += [key for key in item.keys if key not in chosen]
    if not take and not refused and chosen and not _new_thought(reading):
        # "telefon vill jag inte": the no comes last, so it may be about what was named.
        reading.unsure = True
    if refused and not chosen and any(item.kind == "except" for item in reading.items):
        chosen = [key for key in reading.allowed if key != reading.dont_know]
    return _without_doubt(reading, [key for key in chosen if key not in refused])


def _new_thought(reading: _Reading) -> bool:
    """Whether a "men" or an "om" stands between the choice and the last no ("1 men bara om det inte regnar")."""
    last = max(item.begin for item in reading.items if item.kind in _REFUSING)
    end = max((item.end for item in reading.items if item.keys and item.end <= last), default=0)
    return any((token.text,) in reading.words.phrases["but"] for token in reading.tokens[end:last])


def _without_doubt(reading: _Reading, chosen: Sequence[str]) -> tuple[str, ...]:
    """Not knowing, said in words beside a real choice, only makes that unsure; by number it is one of the choices."""
    by_number = {key for item in reading.items if item.kind == "number" for key in item.keys}
    real = tuple(key for key in chosen if key != reading.dont_know or key in by_number)
    if real and len(real) < len(chosen):
        reading.unsure = True
        return real
    return tuple(chosen)


def _clause_between(reading: _Reading, begin: int, end: int) -> bool:
    return any(token.text in {",", ".", "!", ";", "\n"} for token in reading.tokens[begin:end])


def _rest(reading: _Reading, tidied: str) -> str:
    """What was written beside the choices, as typed; joints and filling words alone are nothing."""
    following = [*reading.items[1:], None]
    covered = {
        place
        for item, after in zip(reading.items, following, strict=True)
        if item.keys or (item.kind in _REFUSING and after is not None and after.keys)
        for place in range(item.begin, item.end)
    }
    left = [token for place, token in enumerate(reading.tokens) if place not in covered]
    idle = reading.words.fill | reading.words.join
    while left and (left[0].kind == "sign" or left[0].text in idle):
        left.pop(0)
    while left and (left[-1].kind == "sign" or left[-1].text in idle):
        left.pop()
    if not any(token.kind != "sign" for token in left):
        return ""
    pieces: list[str] = []
    for before, token in zip([None, *left], left, strict=False):
        if before is not None and (token.start > before.end):
            pieces.append(" ")
        pieces.append(tidied[token.start : token.end])
    return "".join(pieces)
