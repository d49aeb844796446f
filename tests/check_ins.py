"""The check-in that docs/ratings.md shows whole, put into a house as a unit's own file would be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from messages.scales import Scale, load_scales
from tests.town import Town

DOCS = Path(__file__).parent.parent / "docs" / "ratings.md"
SLUG = "avstamning"


@cache
def shown() -> str:
    """The file as the documentation shows it."""
    found = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def scale_of(text: str | None = None) -> Mapping[str, Scale]:
    """That file, or another in its place, read as the program reads it."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "sv" / "scales"
        place.mkdir(parents=True)
        (place / f"{SLUG}.toml").write_text(shown() if text is None else text, encoding="utf-8")
        return load_scales("sv", Path(folder))


def put_in(town: Town, text: str | None = None) -> None:
    """Let a town have it among its scales from now on."""
    town.house = replace(town.house, scales={**load_scales(), **scale_of(text)})
