"""What words are about: themes, as data in the language folder. They let the second net weigh words it never met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flows.text import fold, forms_of, squeeze

_SHORTEST_END: Final = 5
_STEM: Final = 3


class Spelt(NamedTuple):
    """A word as the second net sees it: how it is spelt there, and its themes."""

    word: str
    themes: tuple[str, ...]


class Themes:
    """The themes of words."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """In: {"themes": {theme: words}, "spelling": {word: forms}}, as people spell.

        ~ stands for any ending, after three letters or more.
        """
        self._words: dict[str, tuple[str, ...]] = {}
        self._stems: dict[str, list[tuple[str, str]]] = {}
        for theme, row in data.get("themes", {}).items():
            for word in str(row).split():
                plain = squeeze(fold(word.removesuffix("~")))
                if word.endswith("~"):
                    self._stems.setdefault(plain[:_STEM], []).append((plain, theme))
                elif theme not in self._words.get(plain, ()):
                    self._words[plain] = (*self._words.get(plain, ()), theme)
        self._spelling = spelling(data)

    def spelt(self, word: str) -> Spelt:
        """A folded word as the net sees it. Numbers are all alike."""
        plain = "#" if word[0].isdigit() else self._spelling.get(word, word)
        return Spelt(plain, self._of(plain))

    def _of(self, word: str) -> tuple[str, ...]:
        """The themes of a word; of a long one that is not known, those of the word that it ends with."""
        stems = self._stems.get(word[:_STEM], ())
        themes = {*self._words.get(word, ()), *(theme for stem, theme in stems if word.startswith(stem))}
        if not themes:
            ends = (word[place:] for place in range(3, len(word) - _SHORTEST_END + 1))
            themes.update(next((self._words[end] for end in ends if end in self._words), ()))
        return tuple(sorted(themes))


def spelling(data: Mapping[str, Any]) -> dict[str, str]:
    """How each form of a word is spelt in what is taught. In: {"spelling": {word: its forms, in one line}}."""
    return forms_of({word: str(row).split() for word, row in data.get("spelling", {}).items()})
