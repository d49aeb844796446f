"""The words of the printed poster, filled in: messages/<language>/poster.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent


def poster_words(facts: Mapping[str, Any], language: str = "sv") -> dict[str, Any]:
    """Give every line of the poster by its name, tables and lists as they stand in the file.

    `facts` fills the braces: unit, youngest, oldest, phone, municipality (as it is said, "Älvsbyns kommun"), address.
    Braces of the tables (`ways`, `under`, `code`) are left for `fill`. Raises KeyError for a fact that is missing.
    """
    read = tomllib.loads((_FOLDER / language / "poster.toml").read_text(encoding="utf-8"))
    return {name: fill(line, facts) if isinstance(line, str) else line for name, line in read.items()}


def fill(line: str, facts: Mapping[str, Any]) -> str:
    """Put facts where a line has braces; raises KeyError for one that is missing."""
    return line.format_map(facts)
