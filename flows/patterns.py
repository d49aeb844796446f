"""The pattern language of the word lists: parsing, and expanding to plain phrases."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from flows.text import fold, squeeze

_PIECE = re.compile(r"\*\*|\*|<|>|#|\(|\)|\[|\]|\||\{\w+\}|[^\s*<>#()\[\]|{}]+")
_GAPS = {"*": 3, "**": 8}
_MOST_PHRASES = 20_000
_ANCHORS = frozenset("<>")


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a pattern: its alternatives (each a pattern), a gap of `gap` words at most, or an anchor."""

    ways: tuple[tuple["Element", ...], ...] = ()
    word: str = ""
    optional: bool = False
    gap: int = 0
    anchor: str = ""
    _words: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def words(self) -> frozenset[str]:
        """Every word (or stem, ending with ~) that stands anywhere in it. Worked out once, for sets are shared."""
        if not self.ways:
            return frozenset((self.word,) if self.word else ())
        found = self._words
        if found is None:
            found = frozenset(word for way in self.ways for each in way for word in each.words)
            object.__setattr__(self, "_words", found)
        return found


Sets = Mapping[str, Element]
"""Named sets, parsed. A set may name the sets before it."""


@dataclass(frozen=True)
class _Read:
    """The lines read with one table of sets. A line is needed for its net and for the vocabulary: it is read once."""

    sets: Sets
    lines: dict[str, tuple[Element, ...]]


_last = [_Read({}, {})]


def parse(line: str, sets: Sets) -> tuple[Element, ...]:
    """Read one line of data. Raises ValueError naming the line when brackets or set names do not fit."""
    read = _last[0]
    if read.sets is not sets:
        read = _last[0] = _Read(sets, {})
    found = read.lines.get(line)
    if found is None:
        pieces = _PIECE.findall(line)[::-1]
        ways = _ways(pieces, sets, line, closing="")
        if pieces or len(ways) != 1 or not ways[0]:
            raise ValueError(f"pattern cannot be read: {line!r}")
        found = read.lines[line] = ways[0]
    return found


def forget() -> None:
    """Let go of the lines that were read, when what they were read for is made: they are eight megabytes."""
    _last[0] = _Read({}, {})
    _words.cache_clear()


def _ways(pieces: list[str], sets: Sets, line: str, closing: str) -> tuple[tuple[Element, ...], ...]:
    """The alternatives up to `closing`; `pieces` lie in reverse order and are used up."""
    ways: list[tuple[Element, ...]] = []
    now: list[Element] = []
    while pieces:
        piece = pieces.pop()
        if piece == closing:
            return (*ways, tuple(now))
        if piece == "|":
            ways.append(tuple(now))
            now = []
        elif piece in "([":
            inner = _ways(pieces, sets, line, ")" if piece == "(" else "]")
            now.append(Element(ways=inner, optional=piece == "["))
        else:
            now.extend(_single(piece, sets, line))
    if closing:
        raise ValueError(f"pattern is missing {closing!r}: {line!r}")
    return (*ways, tuple(now))


def _single(piece: str, sets: Sets, line: str) -> tuple[Element, ...]:
    if piece in _GAPS:
        return (Element(gap=_GAPS[piece]),)
    if piece == "#":
        return (Element(word="#"),)
    if piece in _ANCHORS:
        return (Element(anchor=piece),)
    if piece[0] == "{":
        if piece[1:-1] not in sets:
            raise ValueError(f"pattern names an unknown set {piece}: {line!r}")
        return (sets[piece[1:-1]],)
    if piece in ")]":
        raise ValueError(f"pattern has a stray {piece!r}: {line!r}")
    return _words(piece)


@cache
def _words(piece: str) -> tuple[Element, ...]:
    """A word of the data, folded; more than one element when folding splits it."""
    stem = piece.endswith("~")
    folded = squeeze(fold(piece)).split()
    if not folded or (stem and len(folded[-1]) < 4):
        raise ValueError(f"an empty word or a stem under four letters: {piece!r}")
    if stem:
        folded[-1] += "~"
    return tuple(Element(word=word) for word in folded)


def core(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """The elements without what may be left out at either end."""
    needed = [place for place, element in enumerate(elements) if not element.optional]
    return elements[needed[0] : needed[-1] + 1] if needed else elements


def expand(elements: tuple[Element, ...], line: str) -> list[tuple[str, ...]]:
    """Every plain phrase that a pattern stands for. Raises ValueError for one with a gap, a stem or an anchor."""
    phrases = [
        tuple(word for part in parts for word in part) for parts in product(*(_choices(e, line) for e in elements))
    ]
    if len(phrases) > _MOST_PHRASES:
        raise ValueError(f"pattern stands for too many phrases: {line!r}")
    return [phrase for phrase in phrases if phrase]


def _choices(element: Element, line: str) -> list[tuple[str, ...]]:
    if element.gap or element.anchor or element.word.endswith("~"):
        raise ValueError(f"a gap, stem or anchor cannot stand in a plain phrase: {line!r}")
    if element.word:
        return [(element.word,)]
    found = [phrase for way in element.ways for phrase in (expand(way, line) if way else [()])]
    return [*found, ()] if element.optional else found
