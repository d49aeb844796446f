"""The labelled replies that the nets are taught from, as the nets meet them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.confusion import Case, read_cases
from flows.lexicon import Lexicon
from flows.net import pauses_in
from flows.text import cut, words
from ingang.explain_reply import CORPUS

TAUGHT_FROM = (CORPUS, CORPUS.parent / "teaching")
"""The folders of labelled replies. The lists are held to the first; the second only teaches."""

ABOUT = CORPUS.parent / "about"
"""First messages, each labelled by whom it is about: "other" or "self"."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled reply as the nets meet it: its file, its words and pauses, and what it means."""

    file: str
    case: Case
    words: list[str]
    pauses: frozenset[int]


def files(folders: Iterable[Path] = (*TAUGHT_FROM, ABOUT)) -> list[Path]:
    """The files of labelled replies, by name."""
    return sorted((file for folder in folders for file in folder.glob("*.tsv")), key=lambda file: file.name)


def examples(lexicon: Lexicon, folders: Iterable[Path] = (*TAUGHT_FROM, ABOUT)) -> list[Example]:
    """Every labelled reply that has words."""
    out = []
    for file in files(folders):
        for case in cases(file):
            plain, pauses = pauses_in(words(cut(case.text, lexicon.beacons)))
            if plain:
                out.append(Example(file.stem, case, [lexicon.typos.mend(word) for word in plain], pauses))
    return out


def cases(file: Path) -> Iterator[Case]:
    """The labelled replies of a file, and of one of ABOUT the first messages."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if file.parent == ABOUT:
        lines = [f"{text}\t-\t{who}" for text, who in (line.split("\t") for line in lines if line[:1] != "#")]
    return read_cases(lines)


def mark_of(data: Mapping[str, Any], folders: Iterable[Path] = (*TAUGHT_FROM, ABOUT)) -> str:
    """A short mark of what the nets were taught from: the labelled replies and the themes."""
    mark = hashlib.sha256()
    for file in files(folders):
        mark.update(file.read_bytes())
    for part in ("themes", "spelling"):
        mark.update(repr(sorted(data["second"].get(part, {}).items())).encode())
    return mark.hexdigest()[:16]
