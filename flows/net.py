"""Patterns as one net of words, walked once over a text.

A net and not regular expressions: some hundred patterns, each with dozens of choices and gaps, are followed side by
side in one pass, in a time that grows with the text and not with the number of patterns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flows.patterns import Element

NUMBER = "#"
STEM = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """What a pattern says: its kind, a value if any, and its place in the data (the first one counts)."""

    kind: str
    value: str | None
    place: int


class Hit(NamedTuple):
    """A mark and the words from `start` to `end` that said it."""

    mark: Mark
    start: int
    end: int


_NO_STEMS: dict[str, tuple[tuple[str, Node], ...]] = {}


class Node:
    """One step: which words lead on and where to; any word (a gap); the start or end of a clause; what ends here.

    Tuples and not lists, shared where they can be: there are seventeen thousand steps and eighty thousand ways between.
    """

    __slots__ = ("any", "begin", "end", "is_plain", "mark", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, tuple[Node, ...]] = {}
        self.stems: dict[str, tuple[tuple[str, Node], ...]] = _NO_STEMS  # one of its own where there is any
        self.any: tuple[Node, ...] = ()
        self.begin: tuple[Node, ...] = ()
        self.end: tuple[Node, ...] = ()
        self.mark: Mark | None = None
        self.is_plain = True  # only words lead on

    def after(self, word: str) -> list[Node]:
        """Where a word leads."""
        found = list(self.words.get(word, _NOWHERE))
        self.also_after(word, found)
        return found

    def also_after(self, word: str, found: list[Node]) -> None:
        """Add to `found` where a word leads by a gap, by how it starts, or because it is a number."""
        found += self.any
        if self.stems and (stems := self.stems.get(word[:STEM])):
            found += [node for stem, node in stems if word.startswith(stem)]
        if word[0] in _DIGITS and (numbers := self.words.get(NUMBER)):
            found += numbers


_DIGITS = frozenset("0123456789")
_NOWHERE: tuple[Node, ...] = ()


_AS_THEY_STAND: Mapping[str, str] = {}


def add(
    net: Node, elements: tuple[Element, ...], mark: Mark, line: str, spelling: Mapping[str, str] = _AS_THEY_STAND
) -> None:
    """Add a pattern to a net. Raises ValueError, naming the line, for one that needs no word at all.

    `spelling` is what will be done to the words of a text before they are looked for ("mä" to "med"): the pattern's own
    are spelt alike, or it would never be found.
    """
    for node in _linked(elements, [net], Node(), spelling):
        if node is net:
            raise ValueError(f"pattern has no word that it needs: {line!r}")
        node.mark = mark


def _linked(elements: tuple[Element, ...], starts: list[Node], target: Node, spelling: Mapping[str, str]) -> list[Node]:
    """Lead from each of `starts` through the elements to `target`; out come all nodes where the elements can end."""
    for place, element in enumerate(elements):
        goal = target if place == len(elements) - 1 else Node()
        starts = [*_link(element, starts, goal, spelling), *(starts if element.optional else ())]
    return starts


def _link(element: Element, starts: list[Node], goal: Node, spelling: Mapping[str, str]) -> list[Node]:
    if element.gap:
        return _gap(element.gap, starts)
    if element.word == NUMBER or element.word.endswith("~"):
        for node in starts:
            node.is_plain = False
    if element.ways:
        ends = [node for way in element.ways for node in _linked(way, starts, goal, spelling)]
        return list(dict.fromkeys(ends))
    alone, word = (goal,), spelling.get(element.word, element.word)
    for node in starts:
        if element.anchor == "<":
            node.begin += alone
        elif element.anchor:
            node.end += alone
        elif element.word.endswith("~"):
            first, stem = element.word[:STEM], (element.word[:-1], goal)
            node.stems = {**node.stems, first: (*node.stems.get(first, ()), stem)}
        else:
            node.words[word] = (*found, goal) if (found := node.words.get(word)) else alone
    return [goal]


def _gap(size: int, starts: list[Node]) -> list[Node]:
    ends = list(starts)
    for _ in range(size):
        passed = Node()
        for node in starts:
            node.any += (passed,)
            node.is_plain = False
        ends.append(passed)
        starts = [passed]
    return ends


def find(net: Node, words: list[str], pauses: frozenset[int]) -> list[Hit]:
    """Every pattern that a text holds, as it ends, from left to right; of several starts, the latest.

    In: the words without pauses, and the places before which one stands; the start and the end of the text are pauses.
    """
    hits: list[Hit] = []
    active: dict[Node, int] = {}
    for place, word in enumerate(words):
        reached: dict[Node, int] = {}
        for node, start in active.items():
            if targets := (node.words.get(word) if node.is_plain else node.after(word)):
                for after in targets:
                    if reached.get(after, -1) < start:
                        reached[after] = start
        for node in (net, *net.begin) if place in pauses else (net,):
            for after in node.words.get(word, _NOWHERE) if node.is_plain else node.after(word):
                reached[after] = place
        if place + 1 in pauses:
            _close(reached)
        hits.extend(Hit(node.mark, start, place + 1) for node, start in reached.items() if node.mark is not None)
        active = reached
    return hits


def _close(reached: dict[Node, int]) -> None:
    """At the end of a clause, also go on over an end sign."""
    for node, start in list(reached.items()):
        for after in node.end:
            reached.setdefault(after, start)


def longest(
    net: Node, words: list[str], at: int, pauses: frozenset[int], final: frozenset[str]
) -> tuple[int, Mark | None]:
    """The longest pattern that starts at a word, and its mark; of two of one length, the one first in the data.

    A phrase that has said something of a `final` kind never runs on over a pause ("ja, kan inte").
    """
    size, found, nodes = 1, None, [net]
    for place in range(at, len(words)):
        if found is not None and place in pauses and size == place - at and found.kind in final:
            break
        word = words[place]
        nodes = [after for node in nodes if word in node.words for after in node.words[word]]
        if not nodes:
            break
        if marks := [node.mark for node in nodes if node.mark is not None]:
            size, found = place + 1 - at, min(marks, key=_place)
    return size, found


def _place(mark: Mark) -> int:
    return mark.place


def pauses_in(pieces: Iterable[str]) -> tuple[list[str], frozenset[int]]:
    """The words of a folded text without its commas, and the places before which a pause stands, with both ends."""
    words: list[str] = []
    pauses = {0}
    for piece in pieces:
        if piece == ",":
            pauses.add(len(words))
        else:
            words.append(piece)
    pauses.add(len(words))
    return words, frozenset(pauses)
