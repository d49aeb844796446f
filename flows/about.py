"""Whom a first message is about: the one who writes, or somebody else.

A third small linear model, after the word lists: these know "min son sitter hemma", and people also write "jag har
varit hans klassföreståndare i tre år". Taught from first messages of relatives, friends, schools and agencies, and of
young people who write for themselves (benchmarks/teach.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flows.answers import signals
from flows.lexicon import Lexicon
from flows.net import pauses_in
from flows.second import VALUES, clues_of
from flows.text import cut, words
from flows.themes import Themes
from flows.tokens import remembered
from flows.weights import Weights

KINDS: Final = ("other",)
LABELS: Final = frozenset({"other", "self"})

SHORTEST: Final = 4
"""Of fewer words, what the lists know counts and nothing else."""

SURE: Final = 0.2
"""So much over what it needs: a young person taken for a relative is worse than a relative taken for a newcomer, who is
asked about themself and can say so."""

_OTHERS: Final = frozenset({"someone_else", "partner"})


class About:
    """What was taught, ready to weigh with."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """In: {"themes", "spelling", "about": bytes}, from a language folder; without, no message is about another."""
        self._themes = Themes(data)
        self._weights = Weights(KINDS, VALUES, data.get("about", b""))

    def points(self, plain: list[str], pauses: frozenset[int]) -> float:
        """How much a message speaks of somebody else, over what is needed: 0 or more is enough."""
        if not self._weights or len(plain) < SHORTEST:
            return -1.0
        return self._weights.points(clues_of([self._themes.spelt(word) for word in plain], pauses))[0]


def names_another(text: str, lexicon: Lexicon) -> bool:
    """Whether the word lists hear somebody else in a text: a relative, a friend, somebody met in their work."""
    return not _OTHERS.isdisjoint(signals(text, lexicon))


def is_about_another(text: str, lexicon: Lexicon) -> bool:
    """Whether somebody's first message is about another person. Never raises."""
    if names_another(text, lexicon):
        return True
    plain, pauses = pauses_in(words(cut(text, lexicon.beacons)))
    return about(lexicon.extra).points([lexicon.typos.mend(word) for word in plain], pauses) >= SURE


@remembered
def about(data: Mapping[str, Any]) -> About:
    """What a lexicon's data (Lexicon.extra) knows about it, built when first needed."""
    return About(data.get("second", {}))
