"""The words that the bot knows, compiled once from data.

The data are written in a small pattern language, explained in docs/understanding.md:

    vill inte leva          these words, in this order, with or without a pause between
    (vill|orkar) inte       one of these
    [snälla] sluta          with or without
    * **                    up to three, up to eight other words
    självm~                 a word that starts so (four letters or more)
    {me}                    one of the words of a set
    #                       a number
    < >                     the start of the text or of a clause; the end of either

Words are folded and squeezed (see flows/text.py) when compiled, so data are written as people spell.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from flows.net import Mark, Node, add
from flows.patterns import Element, Sets, core, expand, forget, parse
from flows.text import fold, forms_of, squeeze
from flows.typos import Typos

KINDS = (
    "distress",
    "distress_last",
    "violence",
    "violence_last",
    "stop",
    "stop_loose",
    "stop_last",
    "stop_told",
    "start",
    "human",
    "human_loose",
    "help",
    "someone_else",
    "partner",
    "protected",
)
"""Kinds of pattern. What is loose does not count where free words were asked for; what is last, only when nothing
else was understood; what is told takes back a stop beside a wish to start again."""


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
    as_spelt: frozenset[str] = field(repr=False)  # the words of the patterns with their dots
    exact: frozenset[str] = field(repr=False)  # commands, choices and the names of answers: read surely, as they stand
    cues: Node = field(repr=False)
    says: Node = field(repr=False)
    innocent: Node = field(repr=False)
    typos: Typos = field(repr=False)
    beacons: tuple[str, ...] = field(repr=False)
    extra: Mapping[str, Any] = field(repr=False)  # the data as given: sections that other readers keep their words in

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Lexicon":
        """Compile the word lists of one language.

        In: what messages.words.load_words returns. Raises ValueError, with the faulty line, for a pattern that cannot
        be read.
        """
        try:
            return _compile(data)
        finally:
            forget()

    def with_our(self, names: Iterable[str]) -> "Lexicon":
        """The same lists, for a place where people of these first names work: "är sara sjuk" is about one of us."""
        ours = {_plain(name) for name in names if name.isalpha() and name.lower() not in self.as_spelt}
        return replace(self, typos=self.typos.knowing(ours))

    def says_it_is_hard(self, text: str) -> bool:
        """Whether the whole text is one that gets the two-way question ("orkar inte"), whatever was asked."""
        return self.whole.get(_plain(text), ("", None))[0] == "hard"


def _plain(text: str) -> str:
    return squeeze(fold(text)).replace(" ,", "")


def _patterns(
    lines: list[tuple[str, str | None, str]], sets: Sets, whole_phrase: bool, spelling: Mapping[str, str]
) -> Node:
    """A net of lines. Where only matching or not counts, what may be left out at the ends of a line is left out."""
    net = Node()
    for place, (kind, value, line) in enumerate(lines):
        elements = parse(line, sets)
        add(net, elements if whole_phrase else core(elements), Mark(kind, value, place), line, spelling)
    return net


_shared: dict[str, Node] = {}
_MOST_SHARED, _WORTH_IT = 4, 500
"""Nets that are kept to be shared, and the lines that one must have for it."""


def _net_of(data: Mapping[str, Any], part: str, sets: Sets, whole_phrase: bool) -> Node:
    """The net of every alarm's lines. Languages that hold the same ones share it: it is the largest thing there is.

    The lines are put in an order of their own, so that it is one net whichever language came first.
    """
    lines = sorted(_pattern_lines(data, part), key=str)
    spelling = forms_of(data.get("spelling", {})) if part == "says" else {}  # what is harmless is known as it stands
    if len(lines) < _WORTH_IT:
        return _patterns(lines, sets, whole_phrase, spelling)
    members = {name: sorted(rows) for name, rows in data.get("sets", {}).items()}
    said = json.dumps([lines, members, spelling, whole_phrase], sort_keys=True, ensure_ascii=False)
    key = hashlib.sha256(said.encode()).hexdigest()
    found = _shared.get(key)
    if found is None:
        while len(_shared) >= _MOST_SHARED:
            _shared.pop(next(iter(_shared)), None)
        found = _shared[key] = _patterns(lines, sets, whole_phrase, spelling)
    return found


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


def _cues(table: Mapping[str, list[str]], sets: Sets) -> Node:
    """The net of cues. They are matched word by word: no gaps, stems or anchors."""
    return _patterns([(kind, None, line) for kind, lines in table.items() for line in lines], sets, True, {})


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


def _as_spelt(data: Mapping[str, Any]) -> frozenset[str]:
    """The words of the patterns as they are spelt, but for the names that stand for those who work here."""
    lines = [line for part in ("says", "innocent") for *_, line in _pattern_lines(data, part)]
    lines += [
        line for table in (data.get("whole", {}), data.get("cues", {})) for rows in table.values() for line in rows
    ]
    lines += [line for rows in data.get("sets", {}).values() for line in rows]
    return frozenset(re.findall(r"[^\W\d_]+", " ".join(lines).lower()))


def _compile(data: Mapping[str, Any]) -> Lexicon:
    sets: dict[str, Element] = {}
    for name, members in data.get("sets", {}).items():
        sets[name] = Element(ways=tuple(parse(member, sets) for member in members))
    cues = data.get("cues", {})
    whole = _whole(data.get("whole", {}), sets)
    everything = _vocabulary(data, sets, ("says", "innocent"), ())
    own = _vocabulary(data.get("own", data), sets, ("says",), ("soft", "time"))
    known = {word for line in data.get("known", {}).get("words", ()) for word in _plain(line).split()}
    options = {
        name: MappingProxyType({key: _words_of(row) for key, row in keys.items()})
        for name, keys in data.get("options", {}).items()
    }
    slots = {name: _words_of(row) for name, row in data.get("slots", {}).items()}
    blob = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return Lexicon(
        version=hashlib.sha256(blob.encode()).hexdigest()[:10],
        language=str(data.get("language", "sv")),
        options=MappingProxyType(options),
        slots=MappingProxyType(slots),
        whole=MappingProxyType(whole),
        plain_answers=frozenset(_plain(x) for x in data.get("plain_answers", {}).get("words", ())),
        polite=frozenset(_plain(x) for x in data.get("polite", {}).get("words", ())),
        stop_words=tuple(_plain(x) for x in data.get("stop_words", {}).get("words", ())),
        digits=MappingProxyType({_plain(x): key for key, xs in data.get("digits", {}).items() for x in xs}),
        commands=MappingProxyType({_plain(x): key for key, xs in data.get("commands", {}).items() for x in xs}),
        closing=frozenset(_plain(x) for x in data.get("closing", {}).get("words", ())),
        as_spelt=_as_spelt(data),
        exact=_exact(data, [words for keys in options.values() for words in keys.values()], list(slots.values())),
        cues=_cues(cues, sets),
        says=_net_of(data, "says", sets, False),
        innocent=_net_of(data, "innocent", sets, True),
        typos=Typos.build(own, everything | known, everything),
        beacons=tuple(data.get("beacons", {}).get("stems", ())),
        extra=data,
    )


def _exact(data: Mapping[str, Any], *rows: list[tuple[str, ...]]) -> frozenset[str]:
    """Every command, number and option word, as plain text: whatever else it may sound like, it is that."""
    tables = [list(data.get(name, {}).values()) for name in ("commands", "digits")]
    return frozenset(_plain(word) for table in (*tables, *rows) for words in table for word in words)


def _words_of(row: Any) -> tuple[str, ...]:
    """The words that choose an option or name a slot: its label and its words, or a plain list of words."""
    if isinstance(row, Mapping):
        return tuple(dict.fromkeys((row.get("label", ""), *row.get("words", ()))))
    return tuple(row)
