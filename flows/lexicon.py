"""The words that the bot knows, compiled once from data.

The data are written in a small pattern language, explained in docs/understanding.md:

    vill inte leva          these words, in this order, with or without a pause between
    (vill|orkar) inte       one of these
    [snälla] sluta          with or without
    * **                    up to three, up to eight other words
    självm~                 a word that starts so (four letters or more)
    {me}                    one of the words of a set
    < >                     the start of the text or of a clause; the end of either

Words are folded and squeezed (see flows/text.py) when compiled, so data are written as people spell.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from flows.patterns import Element, Sets, compile_regex, expand, parse, triggers
from flows.text import fold, squeeze
from flows.typos import Typos

KINDS = ("distress", "violence", "stop", "stop_loose", "stop_last", "start", "human", "human_loose", "help", "someone_else", "protected")
"""Kinds of pattern. What is loose does not count where free words were asked for; what is last, only when nothing
else was understood."""


@dataclass(frozen=True)
class Entry:
    """One pattern: the kind of thing it says, its value if any, and its elements. Compiled when first needed."""

    kind: str
    value: str | None
    elements: tuple[Element, ...] = field(repr=False)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern for a text of the form " word word , word "."""
        return compile_regex(self.elements)


@dataclass(frozen=True, slots=True)
class Finder:
    """Patterns indexed by a word that each cannot do without, so that a short text tries only a few of them."""

    by_word: Mapping[str, tuple[Entry, ...]]
    by_stem: Mapping[str, tuple[Entry, ...]]

    def candidates(self, words: Iterable[str]) -> list[Entry]:
        """The entries that can match a text of these words, each once, in the order of the data."""
        found: dict[int, Entry] = {}
        for word in words:
            for entry in self.by_word.get(word, ()):
                found[id(entry)] = entry
            for entry in self.by_stem.get(word[:4], ()):
                found[id(entry)] = entry
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Cue:
    """A short phrase that says something about the answer: its kind ("yes", "not", "time"), the line of data, its place.

    Of two phrases of one length the one that stands first in the data counts.
    """

    kind: str
    source: str
    place: int = 0


class Node(dict[str, "list[Node]"]):
    """One step in the net of cues: the words that may come next, and the cue that ends here, if any.

    A net and not a list of phrases: one line such as "[jag] (kan|vill|hinner) {not} [komma]" stands for many thousands.
    """

    __slots__ = ("cue",)

    def __init__(self) -> None:
        super().__init__()
        self.cue: Cue | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that reading needs to know about words. Built by `from_data`, never changed."""

    version: str
    language: str
    options: Mapping[str, Mapping[str, tuple[str, ...]]]
    slots: Mapping[str, tuple[str, ...]]
    whole: Mapping[str, tuple[str, str | None]] = field(repr=False)
    plain_answers: frozenset[str] = field(repr=False)
    digits: Mapping[str, str] = field(repr=False)
    stop_words: tuple[str, ...] = field(repr=False)
    polite: frozenset[str] = field(repr=False)
    commands: Mapping[str, str] = field(repr=False)
    closing: frozenset[str] = field(repr=False)
    cues: Node = field(repr=False)
    finder: Finder = field(repr=False)
    innocent: Finder = field(repr=False)
    typos: Typos = field(repr=False)
    beacons: tuple[str, ...] = field(repr=False)
    extra: Mapping[str, Any] = field(repr=False)  # the data as given: sections that other readers keep their words in

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Lexicon":
        """Compile the word lists of one language.

        In: what messages.words.load_words returns. Raises ValueError with the faulty line when a pattern cannot be read.
        """
        return _compile(data)

    def says_it_is_hard(self, text: str) -> bool:
        """Whether the whole text is one that gets the two-way question ("orkar inte"), whatever was asked."""
        return self.whole.get(_plain(text), ("", None))[0] == "hard"


def _plain(text: str) -> str:
    return squeeze(fold(text)).replace(" ,", "")


def _frozen(index: Mapping[str, list[Entry]]) -> Mapping[str, tuple[Entry, ...]]:
    return MappingProxyType({word: tuple(entries) for word, entries in index.items()})


def _finder(lines: list[tuple[str, str | None, str]], sets: Sets) -> Finder:
    parsed = [(kind, value, source, parse(source, sets)) for kind, value, source in lines]
    use: dict[str, int] = {}
    for *_, elements in parsed:
        for element in elements:
            for word in element.words:
                use[word] = use.get(word, 0) + 1
    by_word: dict[str, list[Entry]] = {}
    by_stem: dict[str, list[Entry]] = {}
    for kind, value, source, elements in parsed:
        entry = Entry(kind, value, elements)
        for word in triggers(elements, use, source):
            index = by_stem if word.endswith("~") else by_word
            index.setdefault(word[:4] if word.endswith("~") else word, []).append(entry)
    return Finder(_frozen(by_word), _frozen(by_stem))


def _pattern_lines(data: Mapping[str, Any], part: str) -> list[tuple[str, str | None, str]]:
    """The pattern lines of every alarm as (kind, value, line). Help lines lie one level deeper, under what is asked."""
    lines: list[tuple[str, str | None, str]] = []
    for kind in KINDS:
        table = data.get(kind, {})
        lines.extend((kind, None, line) for line in table.get(part, ()))
        for value, asked in table.items():
            if isinstance(asked, Mapping):
                lines.extend((kind, value, line) for line in asked.get(part, ()))
    return lines


def _linked(elements: Iterable[Element], starts: list[Node], line: str) -> list[Node]:
    """Lead from each of `starts` through the elements; out come the nodes where they end."""
    for element in elements:
        if element.gap or element.anchor or element.word.endswith("~"):
            raise ValueError(f"a gap, stem or anchor cannot stand in a cue: {line!r}")
        ends = list(starts) if element.optional else []
        single = Node()
        for way in element.ways or ((element,),):
            if len(way) == 1 and way[0].word:
                for node in starts:
                    node.setdefault(way[0].word, []).append(single)
            else:
                ends.extend(_linked(way, starts, line))
        starts = [*ends, single]
    return starts


def _cues(table: Mapping[str, list[str]], sets: Sets) -> Node:
    net = Node()
    for place, (kind, line) in enumerate((kind, line) for kind, lines in table.items() for line in lines):
        for node in _linked(parse(line, sets), [net], line):
            if node is net:
                raise ValueError(f"a cue needs a word: {line!r}")
            node.cue = Cue(kind, line, place)
    return net


def _whole(table: Mapping[str, Any], sets: Sets) -> dict[str, tuple[str, str | None]]:
    """Whole replies: folded text -> (meaning, value). The first line that claims a text keeps it."""
    out: dict[str, tuple[str, str | None]] = {}
    for meaning, lines in table.items():
        kind, _, value = meaning.partition("_") if meaning.startswith("help_") else (meaning, "", "")
        for line in lines:
            for phrase in expand(parse(line, sets), line):
                out.setdefault(" ".join(phrase), (kind, value or None))
    return out


def _vocabulary(data: Mapping[str, Any], sets: Sets, parts: tuple[str, ...], without: tuple[str, ...]) -> set[str]:
    """Every word and stem in the lists, of these parts of the patterns and without these kinds of cue."""
    lines = [line for part in parts for *_, line in _pattern_lines(data, part)]
    for table in (data.get("whole", {}), data.get("cues", {})):
        lines.extend(line for kind, lines_of_kind in table.items() if kind not in without for line in lines_of_kind)
    return {word for line in lines for element in parse(line, sets) for word in element.words}


def _compile(data: Mapping[str, Any]) -> Lexicon:
    sets: dict[str, Element] = {}
    for name, members in data.get("sets", {}).items():
        sets[name] = Element(ways=tuple(parse(member, sets) for member in members))
    cues = data.get("cues", {})
    whole = _whole(data.get("whole", {}), sets)
    everything = _vocabulary(data, sets, ("says", "innocent"), ())
    own = _vocabulary(data.get("own", data), sets, ("says",), ("soft", "time"))
    known = {word for line in data.get("known", {}).get("words", ()) for word in _plain(line).split()}
    blob = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return Lexicon(
        version=hashlib.sha256(blob.encode()).hexdigest()[:10],
        language=str(data.get("language", "sv")),
        options=MappingProxyType(
            {
                name: MappingProxyType({key: _words_of(row) for key, row in keys.items()})
                for name, keys in data.get("options", {}).items()
            }
        ),
        slots=MappingProxyType({name: _words_of(row) for name, row in data.get("slots", {}).items()}),
        whole=MappingProxyType(whole),
        plain_answers=frozenset(_plain(x) for x in data.get("plain_answers", {}).get("words", ())),
        polite=frozenset(_plain(x) for x in data.get("polite", {}).get("words", ())),
        stop_words=tuple(_plain(x) for x in data.get("stop_words", {}).get("words", ())),
        digits=MappingProxyType({_plain(x): key for key, xs in data.get("digits", {}).items() for x in xs}),
        commands=MappingProxyType({_plain(x): key for key, xs in data.get("commands", {}).items() for x in xs}),
        closing=frozenset(_plain(x) for x in data.get("closing", {}).get("words", ())),
        cues=_cues(cues, sets),
        finder=_finder(_pattern_lines(data, "says"), sets),
        innocent=_finder(_pattern_lines(data, "innocent"), sets),
        typos=Typos.build(own, everything | known),
        beacons=tuple(data.get("beacons", {}).get("stems", ())),
        extra=data,
    )


def _words_of(row: Any) -> tuple[str, ...]:
    """The words that choose an option or name a slot: its label and its words, or a plain list of words."""
    if isinstance(row, Mapping):
        return tuple(dict.fromkeys((row.get("label", ""), *row.get("words", ()))))
    return tuple(row)
