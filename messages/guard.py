"""The content guard: refuses what another pair of eyes on the phone should not read in an SMS.

Diagnosis, benefit, ratings, why someone has contact: word lists in messages/<language>/guard.toml. A person's own words
are refused when the caller hands them in. The names of help lines are exempt.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from messages.helplines import load_help_lines
from messages.wordlists import any_kind, any_of, plain

_FOLDER = Path(__file__).parent
_SHORTEST_ECHO = 2
"""So many words in a row of the person's own make an echo; fewer are the words that we all use."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the kind of thing, the words, and why they may not be sent."""

    kind: str
    words: str
    why: str


class Guard:
    """The word lists of every language, compiled once: a Swedish name can stand in an English text."""

    def __init__(self, lists: Mapping[str, Mapping[str, Any]], exempt: Iterable[str]) -> None:
        self._why = {kind: str(table["why"]) for kind, table in lists.items()}
        self._refused = any_kind({kind: table["words"] for kind, table in lists.items()})
        self._exempt = any_of(exempt)

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> Guard:
        """Read messages/*/guard.toml and the names of the help lines."""
        lists: dict[str, dict[str, Any]] = {}
        for path in sorted(folder.glob("*/guard.toml"), reverse=True):
            for kind, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
                known = lists.setdefault(kind, {"why": table["why"], "words": []})
                known["words"].extend(table["words"])
        return cls(lists, [plain(line.name) for line in load_help_lines(folder=folder)])

    def refuses(self, text: str) -> bool:
        """Whether a text holds a refused word. Quick: for what people typed, on the turn's road."""
        return self._refused.search(plain(text)) is not None

    def findings(self, text: str, own_words: Iterable[str] = ()) -> list[Finding]:
        """All that may not be sent in `text`, as it would go out; `own_words` are what the person has written."""
        read = self._exempt.sub(" ", plain(text))
        found = [
            Finding(kind, match[0], self._why[kind])
            for match in self._refused.finditer(read)
            if (kind := match.lastgroup) is not None
        ]
        said = f" {' '.join(_words(read))} "
        for words in own_words:
            echo = _words(plain(words))
            if len(echo) >= _SHORTEST_ECHO and f" {' '.join(echo)} " in said:
                found.append(Finding("own_words", " ".join(echo), "repeats what the person wrote"))
        return found


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
