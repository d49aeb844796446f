"""What a person wants to be called, out of a name alone or a sentence that says it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.lexicon import Lexicon
from flows.numbers import phrases
from flows.tokens import LIMIT, plain, remembered

LONGEST: Final = 60
_MOST_WORDS: Final = 4
_MOST_WORDS_SAID: Final = 6  # after "jag heter" a longer name is believed
_MOST_MARKS: Final = 2  # accents on one letter; more is decoration

_TAG: Final = re.compile(r"<[^<>]{0,200}>")
_CODE: Final = re.compile(r"[{}<>\[\]$\\=|]|://|www\.|@\w+\.|\bscript\b", re.IGNORECASE)
_UNSEEN: Final = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_APART: Final = re.compile(r"[\n.!?,;()\"/&+]+")
_EDGE: Final = "'-_*~@#^°·•"


@dataclass(frozen=True, slots=True)
class _Words:
    before: Mapping[str, list[tuple[str, ...]]]
    first: Mapping[str, list[tuple[str, ...]]]
    weak: Mapping[str, list[tuple[str, ...]]]
    after: Mapping[str, list[tuple[str, ...]]]
    greetings: frozenset[tuple[str, ...]]
    stop: frozenset[str]
    particles: frozenset[str]
    never: frozenset[str]
    states: frozenset[str]
    state_endings: tuple[str, ...]
    not_first: frozenset[str]
    places: frozenset[str]


@remembered
def _compiled(data: Mapping[str, Any]) -> _Words:
    table = data.get("names", {})

    def longest_first(key: str) -> dict[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(phrases(table.get(key, ())), key=lambda phrase: (-len(phrase), phrase)):
            found.setdefault(phrase[0], []).append(phrase)
        return found

    def words(key: str) -> frozenset[str]:
        return frozenset(plain(word) for word in table.get(key, ()))

    return _Words(
        before=longest_first("before"),
        first=longest_first("before_first"),
        weak=longest_first("before_weak"),
        after=longest_first("after"),
        greetings=phrases(table.get("greetings", ())),
        stop=words("stop"),
        particles=words("particles"),
        never=words("never"),
        states=words("states"),
        state_endings=tuple(words("state_endings")),
        not_first=words("not_first"),
        places=words("places"),
    )


def read_name(text: str, lexicon: Lexicon) -> str | None:
    """The name in `text`, at most 60 characters on one line, or None when it holds none ("vet inte", "varför?").

    First letters become capitals when nothing was typed with one; names in other scripts stay as they are.
    """
    known = _compiled(lexicon.extra)
    if len(text) > LIMIT or (_CODE.search(_TAG.sub("", text)) and not _TAG.search(text)) or "script" in text.lower():
        return None
    clauses = [words for clause in _APART.split(_clean(text)) if (words := clause.split())]
    if len(clauses) == 1 and len(clauses[0]) == 1 and plain(clauses[0][0]) in known.places:
        return None
    for said in clauses:
        if name := _said_to_be(said, known):
            return name
    plain_clauses = [words for said in clauses if (words := _without_greeting(said, known))]
    if not plain_clauses or any(_is_sentence(said, known) for said in plain_clauses[:1]):
        return None
    if "?" in text and len(plain_clauses) > 1:
        return None
    return _finish(_until_stop(plain_clauses[0], known), known, _MOST_WORDS)


def _clean(text: str) -> str:
    """NFC, without tags, control signs, emoji or heaps of accents; line ends kept as separators."""
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", _TAG.sub(" ", text)))
    out: list[str] = []
    marks = 0
    for sign in re.sub("[’‘`´ʼ′]", "'", re.sub("[‐‑–—−]", "-", text)):
        kind = unicodedata.category(sign)
        marks = marks + 1 if kind[0] == "M" else 0
        if marks > _MOST_MARKS or (kind[0] == "M" and (not out or out[-1] == " ")):
            continue
        kept = kind[0] in "LM" or kind == "Nd" or sign in "'-_" or sign in '\n.!?,;()"/&+' or sign in "\u200c\u200d"
        out.append(sign if kept else "\n" if sign in "\r\x0b\x0c" else " ")
    return "".join(out)


def _said_to_be(said: list[str], known: _Words) -> str | None:
    """The name in "jag heter Kim" or "Kim heter jag"; the last such phrase counts ("Kim men kalla mig Kimpan")."""
    folded = [plain(word) for word in said]
    for start in range(len(said) - 1, -1, -1):
        rest = _rest(known.before, said, folded, start)
        if rest is None and _begins_anew(folded, start, known):
            rest = _rest(known.first, said, folded, start)
        name = _finish(_until_stop(rest or [], known), known, _MOST_WORDS_SAID)
        if name:
            return name
    for start in range(len(said)):
        rest = _until_stop(_rest(known.weak, said, folded, start) or [], known)
        if rest and _greets(folded[:start], known) and not any(_is_state(plain(word), known) for word in rest):
            return _finish(rest, known, 3)
    for end in range(1, len(said)):
        if _rest(known.after, said, folded, end) is not None:
            return _finish(_without_greeting(said[:end], known), known, _MOST_WORDS)
    return None


def _is_state(word: str, known: _Words) -> bool:
    """How somebody or something is: "trött", "krångligt"."""
    return word in known.states or word.endswith(known.state_endings)


def _rest(
    phrases: Mapping[str, list[tuple[str, ...]]], said: list[str], folded: list[str], start: int
) -> list[str] | None:
    """What follows the longest of the phrases that stands at `start`; None when none does."""
    for phrase in phrases.get(folded[start], ()):
        if tuple(folded[start : start + len(phrase)]) == phrase:
            return said[start + len(phrase) :]
    return None


def _begins_anew(folded: list[str], start: int, known: _Words) -> bool:
    """Nothing stands before it but a greeting, or a word that begins something else ("Kim men säg Kimpan")."""
    return _greets(folded[:start], known) or folded[start - 1] in known.stop


def _greets(folded: list[str], known: _Words) -> bool:
    return not folded or all((word,) in known.greetings for word in folded) or tuple(folded) in known.greetings


def _without_greeting(said: list[str], known: _Words) -> list[str]:
    folded = [plain(word) for word in said]
    start = 0
    while start < len(said):
        for length in (2, 1):
            if tuple(folded[start : start + length]) in known.greetings and length <= len(said) - start:
                start += length
                break
        else:
            break
    return said[start:]


def _until_stop(said: list[str], known: _Words) -> list[str]:
    """The words up to one that goes on with something else ("Kim och jag är 19")."""
    for place, word in enumerate(said):
        if place and plain(word) in known.stop and plain(word) not in known.particles:
            return said[:place]
        if place and plain(word) in known.particles & known.stop and not said[place + 1 : place + 2]:
            return said[:place]
    return said


def _is_sentence(said: list[str], known: _Words) -> bool:
    return bool({plain(word.strip(_EDGE)) for word in _until_stop(said, known)} & known.never)


def _finish(said: list[str], known: _Words, most: int) -> str | None:
    """The words as one name, or None when they cannot be one."""
    words = [word.strip(_EDGE) for word in said]
    words = [word for word in words if any(unicodedata.category(sign)[0] == "L" for sign in word)]
    if not words or len(words) > most or plain(words[0]) in known.not_first:
        return None
    if {plain(word) for word in words} & known.never:
        return None
    name = " ".join(words)
    if len(name) > LONGEST:
        return None
    return _with_capitals(words, known) if name == name.lower() else name


def _with_capitals(words: list[str], known: _Words) -> str:
    capped = [
        word if place and plain(word) in known.particles else re.sub(r"(^|[-'])(\w)", _capital, word)
        for place, word in enumerate(words)
    ]
    return " ".join(capped)


def _capital(match: re.Match[str]) -> str:
    first = match.group(2)
    upper = first.upper()
    # A letter whose capital is two letters (ß) would change the name.
    return match.group(1) + (upper if len(upper) == 1 else first)
