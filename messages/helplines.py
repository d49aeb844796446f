"""Help lines: numbers, hours, for whom, and the day each was last checked. Data in messages/sv/helplines.toml.

Another language says the same lines in its own words; numbers, ages and dates stand in one place only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

Road = Literal["minor", "adult", "unknown"]

FRESH_FOR = timedelta(days=180)
"""How long a check holds. Our choice: lines change their hours about once a year, so twice a year finds it."""

ADULT = 18
_FOLDER = Path(__file__).parent
_HOME = "sv"
_TRANSLATED = frozenset({"says", "hours"})


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line; `ages` has both ends inclusive.

    `says` is what a sentence asks one to do, `talk` whether someone there talks with a person in distress, and `on` is
    False for a line that is not confirmed and never shown.
    """

    key: str
    name: str
    number: str
    web: str
    says: str
    hours: str
    ages: tuple[int, int]
    talk: bool
    on: bool
    checked: date
    source: str

    @property
    def under_18(self) -> bool:
        """Whether the line is for children only."""
        return self.ages[1] < ADULT

    def fact(self) -> dict[str, Any]:
        """What a text may use, as plain JSON."""
        return {
            "key": self.key,
            "name": self.name,
            "number": self.number,
            "web": self.web,
            "says": self.says,
            "hours": self.hours,
            "under_18": self.under_18,
        }


def load_help_lines(language: str = _HOME, folder: Path = _FOLDER) -> tuple[HelpLine, ...]:
    """All lines, also those that are off, in the words of `language`; Swedish where it has none.

    Raises ValueError, naming the line, when a translation holds more than words or a line lacks something.
    """
    home = _read(folder / _HOME / "helplines.toml")
    words = _read(folder / language / "helplines.toml") if language != _HOME else {}
    for key, said in words.items():
        if key not in home or set(said) - _TRANSLATED:
            raise ValueError(f"messages/{language}/helplines.toml [{key}]: only says and hours of a known line")
    return tuple(_line(key, data | words.get(key, {})) for key, data in home.items())


def fitting(lines: Iterable[HelpLine], road: Road) -> list[dict[str, Any]]:
    """The lines to offer someone in distress, as facts for a text: by age, and for an unknown age both kinds.

    Those for adults stand first, so that a text can say "if you are under 18" before the other.
    """
    offered = [line for line in lines if line.on and line.talk]
    if road != "unknown":
        offered = [line for line in offered if line.under_18 == (road == "minor")]
    return [line.fact() for line in sorted(offered, key=lambda line: line.under_18)]


def stale(lines: Iterable[HelpLine], today: date) -> list[HelpLine]:
    """The lines in use that nobody has checked for more than 180 days."""
    return [line for line in lines if line.on and today - line.checked > FRESH_FOR]


def _line(key: str, data: dict[str, Any]) -> HelpLine:
    try:
        number, web = data["number"], data.get("web", "")
        return HelpLine(
            key=key,
            name=data["name"],
            number=number,
            web=web,
            says=data["says"].format(number=number, web=web),
            hours=data["hours"],
            ages=(data["ages"][0], data["ages"][1]),
            talk=data["talk"],
            on=data["on"],
            checked=data["checked"],
            source=data["source"],
        )
    except KeyError as missing:
        raise ValueError(f"help line [{key}] lacks {missing}") from None


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
