"""The second net: a small linear model that hears distress, violence and stop where no phrase and no frame did.

It was taught from the labelled replies (benchmarks/teach.py) and lies as data in the language folder: what words are
about (themes), and how much each clue speaks for each kind (weights). A clue is a word, a piece of a word, two words
side by side in a clause, a theme, two themes near each other, or a word with a theme before or after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from flows.themes import Spelt, Themes
from flows.tokens import remembered
from flows.weights import Clues, Weights, pieces, square, unpacked

KINDS: Final = ("distress", "violence", "stop")
Sound = tuple[float, ...]
"""How much a text sounds like each of KINDS, over what is needed: 0 or more is heard."""

NEVER: Final = -9.0
"""The points of everything when nothing was taught."""

QUIET: Final[Sound] = (NEVER,) * len(KINDS)

VALUES: Final = {
    "word": 1.0,
    "piece": 0.5,
    "beside": 1.0,
    "theme": 0.7,
    "themes": 0.4,
    "before": 0.4,
    "after": 0.4,
}
"""What a clue counts before a text's clues are brought to one length: a word has many pieces, and they say less."""

_PIECES: Final = (3, 4)
_BY: Final = 3
_THEMES_NEAR: Final = 6
_WINDOW: Final = 64
"""So many words are heard at once: of a longer text, piece by piece, else its chatter would drown the rest."""

_ROOM: Final = 8000
_TOLD: Final = 3


def clues_of(words: list[Spelt], pauses: frozenset[int]) -> Clues:
    """All clues of a text, one by one. For teaching; `SecondNet` reads with what it keeps, and to the same points."""
    out: dict[str, list[str]] = {sort: [] for sort in VALUES}
    for place, (word, themes) in enumerate(words):
        out["word"].append(word)
        out["piece"].extend(pieces(word, _PIECES))
        out["theme"].extend(themes)
        if place + 1 < len(words) and place + 1 not in pauses:
            out["beside"].append(f"{word} {words[place + 1].word}")
        out["before"].extend(f"{theme} {word}" for one in words[max(0, place - _BY) : place] for theme in one.themes)
        out["after"].extend(f"{word} {theme}" for one in words[place + 1 : place + 1 + _BY] for theme in one.themes)
        later = [theme for one in words[place + 1 : place + _THEMES_NEAR] for theme in one.themes]
        out["themes"].extend(f"{theme} {other}" for theme in themes for other in later)
    return out


class _Known(NamedTuple):
    """A word with all that it says: by itself, and beside the words and themes that it says something with."""

    word: str
    themes: tuple[str, ...]
    is_strange: bool
    alone: int
    square: float
    beside: Mapping[str, int]
    before: Mapping[str, int]
    after: Mapping[str, int]
    pairs: Mapping[str, int]


_NOTHING: Final[Mapping[str, int]] = {}


class SecondNet:
    """Themes and weights, ready to hear with. What is worked out for a word is kept while there is room."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """In: {"themes", "spelling", "alarms": bytes}, from a language folder; without, nothing is ever heard."""
        self._themes = Themes(data)
        self._weights = Weights(KINDS, VALUES, data.get("alarms", b""))
        tables = self._weights.tables
        self._beside, self._after, self._pairs = (_nested(tables.pop(sort)) for sort in ("beside", "after", "themes"))
        self._before = _nested(tables.pop("before"), first=1)
        self._known: dict[str, _Known] = {}
        self._together: dict[tuple[str, ...], Mapping[str, int]] = {}

    def points(self, words: list[str], pauses: frozenset[int]) -> Sound:
        """How much a text sounds like each of KINDS.

        In: folded words without pauses, and the places before which one stands.
        """
        if not self._weights or not words:
            return QUIET
        known = [self._known.get(word) or self._learn(word) for word in words]
        if len(words) <= _WINDOW:
            return self._points(known, pauses)
        found = [
            self._points(known[at : at + _WINDOW], frozenset(place - at for place in pauses))
            for at in range(0, len(words) - _WINDOW // 2, _WINDOW // 2)
        ]
        return tuple(max(column) for column in zip(*found, strict=True))

    def _points(self, known: list[_Known], pauses: frozenset[int]) -> Sound:
        said = sum([one.alone for one in known])
        square = sum([one.square for one in known])
        beside = 0
        for place, (one, other) in enumerate(pairwise(known), 1):
            if place not in pauses:
                beside += 1
                if other.word in one.beside:
                    said += one.beside[other.word]
        more, squared = self._with_themes(known)
        return self._weights.weighed(said + more, square + beside * VALUES["beside"] ** 2 + squared)

    def _with_themes(self, known: list[_Known]) -> tuple[int, float]:
        """What words say with themes close by, and themes with each other; and what these clues square to."""
        flat: list[str] = []
        starts = [0] * _BY  # where the themes of each word begin in `flat`, with room before and after
        for one in known:
            starts.append(len(flat))
            flat += one.themes
        starts += [len(flat)] * _THEMES_NEAR
        said = by = pairs = 0
        for place, one in enumerate(known, _BY):
            start, end = starts[place], starts[place + 1]
            first, last = starts[place - _BY], starts[place + 1 + _BY]
            by += last - first - (end - start)
            if (table := one.before) and first < start:
                said += sum([table[theme] for theme in flat[first:start] if theme in table])
            if (table := one.after) and end < last:
                said += sum([table[theme] for theme in flat[end:last] if theme in table])
            if start < end and (later := flat[end : starts[place + _THEMES_NEAR]]):
                pairs += (end - start) * len(later)
                table = one.pairs
                said += sum([table[other] for other in later if other in table])
        return said, by * VALUES["before"] ** 2 + pairs * VALUES["themes"] ** 2

    def _learn(self, word: str) -> _Known:
        if len(self._known) >= _ROOM:
            self._known = {}
        spelt, themes = self._themes.spelt(word)
        alone, square = self._alone(spelt, themes)
        is_strange = not themes and spelt not in self._weights.tables["word"]
        beside, before, after = (table.get(spelt, _NOTHING) for table in (self._beside, self._before, self._after))
        pairs = self._pairs_of(themes)
        found = _Known(spelt, themes, is_strange, alone, square, beside, before, after, pairs)
        self._known[word] = found
        return found

    def _pairs_of(self, themes: tuple[str, ...]) -> Mapping[str, int]:
        """What a word's themes together say beside each theme that comes later; kept once for each set of themes."""
        if len(themes) < 2:
            return self._pairs.get(themes[0], _NOTHING) if themes else _NOTHING
        found = self._together.get(themes)
        if found is None:
            out: Counter[str] = Counter()
            for theme in themes:
                out.update(self._pairs.get(theme, _NOTHING))
            found = self._together[themes] = dict(out)
        return found

    def _alone(self, word: str, themes: tuple[str, ...]) -> tuple[int, float]:
        """What a word says by itself, as it stands, in its pieces and by its themes; and what its clues square to."""
        clues = {"word": [word], "piece": list(pieces(word, _PIECES)), "theme": themes}
        return self._weights.said(clues), square(clues, VALUES)

    def strange(self, words: list[str]) -> int:
        """How many of these words stood in no reply that it was taught from, nor in a theme, and are no numbers."""
        return sum([(self._known.get(word) or self._learn(word)).is_strange for word in words])

    def strange_share(self, words: list[str]) -> float:
        """What share of these words is strange. In another language most are, and what was taught says little of it."""
        return self.strange(words) / len(words) if words else 0.0

    def phrase(self, words: list[str], kind: str) -> str:
        """The words of a text that weigh most for a kind, in their order, for people to read."""
        at = KINDS.index(kind)
        weights = [unpacked((self._known.get(word) or self._learn(word)).alone, len(KINDS))[at] for word in words]
        most = sorted(range(len(words)), key=lambda place: -weights[place])[:_TOLD]
        return " .. ".join(words[place] for place in sorted(most))


def _nested(table: Mapping[str, int], first: int = 0) -> dict[str, dict[str, int]]:
    """A table of clues of two parts, by the first part or by the second."""
    out: dict[str, dict[str, int]] = {}
    same: dict[str, str] = {}  # each word once in memory
    for clue, said in table.items():
        parts = clue.split(" ")
        key, other = parts[first], parts[1 - first]
        out.setdefault(key, {})[same.setdefault(other, other)] = said
    return out


@remembered
def second_net(data: Mapping[str, Any]) -> SecondNet:
    """The second net of a lexicon's data (Lexicon.extra), built when first needed."""
    return SecondNet(data.get("second", {}))
