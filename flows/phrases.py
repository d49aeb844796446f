"""Phrases of the word lists as one regular expression over folded words.

For short lists that belong to one question. The pattern language is that of the other lists (docs/understanding.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flows.patterns import Element, Sets, parse

_GAP = r"(?:[^\s,]+ (?:, )?)"
_NEVER = re.compile(r"(?!)")


def sets_of(data: Mapping[str, Any]) -> Sets:
    """The named sets of the word lists. A set may name the sets before it."""
    sets: dict[str, Element] = {}
    for name, members in data.get("sets", {}).items():
        sets[name] = Element(ways=tuple(parse(member, sets) for member in members))
    return sets


def compiled(lines: Iterable[str], sets: Sets) -> re.Pattern[str]:
    """A pattern that finds any of the lines in a text from `joined`. Raises ValueError for a faulty line."""
    ways = [_way(parse(line, sets)) for line in lines]
    return re.compile("|".join(f"(?:{way})" for way in ways)) if ways else _NEVER


def words_in(lines: Iterable[str], sets: Sets) -> set[str]:
    """Every whole word that stands in the lines."""
    return {word for line in lines for element in parse(line, sets) for word in element.words if word.isalpha()}


def joined(words: Iterable[str]) -> str:
    """Folded words as the patterns expect them: a space before and after, a comma for each pause."""
    return f" {' '.join(words)} "


def _way(elements: tuple[Element, ...]) -> str:
    return "(?<= )" + "".join(_one(element) for element in elements)


def _one(element: Element) -> str:
    if element.anchor:
        return r"(?:(?<=^ )|(?<=, ))" if element.anchor == "<" else r"(?=$|, )"
    if element.gap:
        return f"{_GAP}{{0,{element.gap}}}"
    if element.word:
        return f"{_word(element.word)} (?:, )?" if element.word != "," else ""
    ways = "|".join("".join(_one(each) for each in way) for way in element.ways)
    return f"(?:{ways})?" if element.optional else f"(?:{ways})"


def _word(word: str) -> str:
    if word == "#":
        return r"\d[\d.]*"
    return re.escape(word.removesuffix("~")) + (r"[^\s,]*" if word.endswith("~") else "")
