"""Known words that a typed word is one slip of the finger away from, with what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

SHORTEST: Final = 5
"""Shorter known words are never guessed at: too many words of four letters lie one letter apart."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Near(Generic[_T]):
    """Every known word by itself with each letter left out, so that a look-up touches only a few."""

    shortened: Mapping[str, tuple[tuple[str, _T], ...]]

    @classmethod
    def build(cls, meanings: Mapping[str, _T]) -> Near[_T]:
        """Index folded words of five letters or more by what they mean."""
        index: dict[str, list[tuple[str, _T]]] = {}
        for word, meaning in meanings.items():
            if len(word) >= SHORTEST and word.isalpha():
                for short in {word, *_shorter(word)}:
                    index.setdefault(short, []).append((word, meaning))
        return cls({short: tuple(found) for short, found in index.items()})

    def find(self, word: str) -> _T | None:
        """The one meaning that is a slip away: a letter too many, too few, wrong, or two changed over; else None.

        The first letter must be right, or have changed places with the second. Words that mean the same do not quarrel.
        """
        if not SHORTEST - 1 <= len(word) <= 30 or not word.isalpha():
            return None
        found: list[_T] = []
        for short in (word, *_shorter(word)):
            for known, meaning in self.shortened.get(short, ()):
                if meaning not in found and one_slip(word, known):
                    found.append(meaning)
        return found[0] if len(found) == 1 else None


def _shorter(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def one_slip(typed: str, meant: str) -> bool:
    """Whether one slip makes `meant` into `typed`, the first letter kept or swapped with the second."""
    if typed[0] != meant[0] and typed[:2] != meant[1::-1]:
        return False
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    rest, goal = typed[start:], meant[start:]
    swapped = rest[:2] == goal[1::-1] and rest[2:] == goal[2:]
    return rest == goal or rest[1:] == goal[1:] or rest[1:] == goal or rest == goal[1:] or swapped
