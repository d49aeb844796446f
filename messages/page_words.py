"""The words of the pages that people open: data in messages/<language>/pages/<page>.toml.

A word is asked for by its page and its name in the file ("meeting.told.yes"). In it {name} is filled in, and *WORD* is
a word to write to the bot. A language that lacks the words of any page shows all pages in Swedish: never two in one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

HOME: Final = "sv"

_FOLDER: Final = Path(__file__).parent
_TO_WRITE: Final = re.compile(r"\*([^*]+)\*")


class Html(str):
    """Markup of our own: a page takes it as it stands."""

    __slots__ = ()

    def __html__(self) -> str:
        """Give itself, as a template asks of what it need not escape."""
        return str(self)


class PageWords:
    """The words of one language's pages, by name."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self.words = MappingProxyType(dict(words))
        self._markup = {name: _marked(text) for name, text in words.items()}

    def say(self, name: str, /, **facts: Any) -> Html:
        """Give words for a page. Facts are text, unless a template made them. KeyError for what is missing."""
        return Html(self._markup[name].format(**{fact: _escaped(value) for fact, value in facts.items()}))

    def plain(self, name: str, /, **facts: Any) -> str:
        """Give words as they stand, for what is escaped elsewhere. KeyError for a name or a fact that is missing."""
        return self.words[name].format(**facts)

    def under(self, name: str) -> dict[str, str]:
        """Give all words of a table by their keys, in the file's order; empty for a name that is no table."""
        start = f"{name}."
        return {key.removeprefix(start): text for key, text in self.words.items() if key.startswith(start)}

    def number(self, value: float) -> str:
        """Write a number with one decimal as the language does: "7,5"."""
        return f"{value:.1f}".replace(".", self.words["curve.decimal"])


@cache
def page_words(language: str = HOME, folder: Path = _FOLDER) -> PageWords:
    """The words of the pages in `language`; the Swedish ones, whole, where it lacks any.

    Raises OSError or tomllib.TOMLDecodeError for data that cannot be read.
    """
    home, own = _read(folder / HOME / "pages"), _read(folder / language / "pages")
    return PageWords(language, own) if home.keys() <= own.keys() else PageWords(HOME, home)


def _read(folder: Path) -> dict[str, str]:
    files = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))}
    return dict(_flat(files, ""))


def _flat(table: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)


def _marked(text: str) -> str:
    return _TO_WRITE.sub(r'<span class="word">\1</span>', escape(text))


def _escaped(value: Any) -> str:
    return str(value.__html__()) if hasattr(value, "__html__") else escape(str(value))
