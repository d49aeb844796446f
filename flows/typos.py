"""Mending words that are one slip of the thumb away from a word that the bot knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from flows.text import look_alike

SHORTEST = 5
"""Shorter words are never mended: one letter turns "jag" into "ja" and "nu" into "nej"."""


STAND_IN: Final = "ana"
"""Anna, as she is folded: she stands in the word lists for all of ours. "Kommer sara?" is read as "kommer anna?"."""


@dataclass(frozen=True, slots=True)
class Typos:
    """An index from every known word with one letter left out to that word, or those words with a space between.

    `listed` are the words that stand in the lists themselves; `ours` the first names of those who work here, folded.
    """

    known: frozenset[str]
    shortened: Mapping[str, str]
    listed: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()

    @classmethod
    def build(cls, vocabulary: Iterable[str], known: Iterable[str], listed: Iterable[str] = ()) -> "Typos":
        """Index a vocabulary. `known` are ordinary words that must be left as they are, `listed` more of the lists."""
        shortened: dict[str, str] = {}
        everything = frozenset(vocabulary) | frozenset(known)
        for word in sorted(vocabulary):
            if len(word) >= SHORTEST and word.isalpha():
                for short in {word, *_shorter(word)}:
                    shortened[short] = f"{shortened[short]} {word}" if short in shortened else word
        return cls(everything, shortened, frozenset(vocabulary) | frozenset(listed))

    def knowing(self, names: Iterable[str]) -> "Typos":
        """The same, where these first names, folded, are those of our own."""
        return replace(self, ours=frozenset(names))

    def may_be_another_word(self, words: Iterable[str]) -> bool:
        """Whether one of the names stands in a text that is a word of the lists when its dots are left out."""
        return not self.ours.isdisjoint(words) and not (self.ours & self.listed).isdisjoint(words)

    def mend(self, word: str) -> str:
        """The known word that this one was meant to be, or the word itself.

        Mends one letter too many, too few, wrong, or two that changed places, in words of five letters or more. Of many
        known words equally near the one of the same length counts; if that leaves no single one, nothing is changed.
        """
        if word in self.ours:
            return STAND_IN
        if word in self.known:
            return word
        if not word.isascii():
            plain = look_alike(word)
            return plain if plain in self.known else word
        if len(word) < SHORTEST - 1 or not word.isalpha():
            return word
        near = {*self.shortened.get(word, "").split()}
        for short in _shorter(word):
            if short in self.shortened:
                near.update(self.shortened[short].split())
        near = {known for known in near if _one_slip(word, known)}
        if len(near) > 1:
            near = {known for known in near if len(known) == len(word)}
        return near.pop() if len(near) == 1 else word

    def mend_alone(self, word: str, goals: Iterable[str]) -> str:
        """The one of `goals` that a word standing all alone was meant to be ("sropp"), or the word itself.

        For the few words that must not be missed: also short ones, and with a wrong first letter.
        """
        if word in self.known or not 3 <= len(word) <= 9 or not word.isalpha():
            return word
        return next((goal for goal in goals if _edited(word, goal) or _jumbled(word, goal)), word)


def _jumbled(typed: str, meant: str) -> bool:
    """Whether it is the same letters in another order, from the same first one on ("soptp")."""
    return typed[0] == meant[0] and sorted(typed) == sorted(meant)


def _shorter(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one edit makes `typed` into `meant`; the first letter must be right, save in words of eight or more."""
    if len(meant) < 8 and typed[0] != meant[0] and typed[:2] != meant[1::-1]:
        return False
    return _edited(typed, meant)


def _edited(typed: str, meant: str) -> bool:
    """Whether the two are one letter apart: added, left out, wrong, or two that changed places."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    rest, goal = typed[start:], meant[start:]
    return (
        rest[1:] == goal[1:]
        or rest[1:] == goal
        or rest == goal[1:]
        or (rest[:2] == goal[1::-1] and rest[2:] == goal[2:])
    )
