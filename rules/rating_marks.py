"""The marks that ratings are held against: each a setting of a unit, each with where it comes from and how sure it is.

They come from therapy, for the licensed ORS and SRS only. For young people in a labour-market unit, and for Sweden,
there are no norms: every use here is an extrapolation, and the pages say so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Final, Self

TENTHS: Final = 10

SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "total": "Summan är svaren ihop, vart och ett 0-10 med en decimal. Läst i öppen källkod (CamCOPS).",
        "missing": "Ett svar saknas, och då räknas ingen summa. Ett överhoppat svar är inte noll. Läst hos OpenFIT.",
        "own": "Egna frågor har inga riktmärken och ingen gräns för säker ändring: de gäller bara licensierade texter.",
        "ors_adult": "ORS från 18 år: riktmärke 25. Läst hos OpenFIT (KA-01031). Talet kommer från terapi.",
        "ors_youth": "ORS 13-17 år: riktmärke 28. Ur minnet (Duncan m.fl. 2006), inte bekräftat i någon källa.",
        "ors_turns_18": "Året man fyller 18 visas inget riktmärke när månaden inte är känd. Programmets eget val.",
        "ors_no_age": "Utan ålder, och under 13 år, visas inget riktmärke för ORS. ORS är för 13 år och uppåt.",
        "srs": "SRS under 36: fråga mer. Läst hos OpenFIT (larmtabellen). Andra källor skriver 36 eller lägre.",
        "srs_item": "SRS med ett svar under 9: fråga mer. Ur minnet, inte bekräftat i någon ursprunglig källa.",
        "reliable": "Säker ändring av ORS: mer än 5 poäng från första till sista. Läst hos Scott Miller (2024-03-20). "
        "Andra tal finns, 4-14, beroende på spridning och mätsäkerhet.",
        "class": "Indelningen följer Jacobson och Truax (1991). Läst i öppen källkod.",
        "low_item": "Ett svar på 4 eller lägre är lågt. Programmets eget val, utan källa.",
    }
)
"""What each number comes from and how sure that is, one line each, for staff."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ors_adult": "ORS från 18 år",
        "ors_youth": "ORS 13-17 år",
        "srs": "SRS, summa",
        "srs_item": "SRS, ett svar",
        "reliable": "Säker ändring",
        "low_item": "Lågt svar",
    }
)
_MOST: Final[Mapping[str, int]] = MappingProxyType(
    {"ors_adult": 40, "ors_youth": 40, "srs": 40, "srs_item": 10, "reliable": 40, "low_item": 10}
)
"""The highest that each mark can be: a total's or an item's."""


class BadMark(ValueError):
    """A unit's own mark that is no number in its range; the text names the setting, where it stands and the way out."""

    def __init__(self, key: str, place: str, wrong: str) -> None:
        self.key, self.wrong = key, wrong
        super().__init__(f"{place}.{key}: {wrong}")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks, in points. Each has its line in SOURCES.

    Below `ors_*`, `srs` or `srs_item` is below the mark, more than `reliable` is a change, at most `low_item` is low.
    """

    ors_adult: float = 25.0
    ors_youth: float = 28.0
    srs: float = 36.0
    srs_item: float = 9.0
    reliable: float = 5.0
    low_item: float = 4.0

    @classmethod
    def of(cls, settings: Mapping[str, Any], place: str = "settings: ratings.marks") -> Self:
        """Read a unit's own marks, a table of names and numbers; what it does not name keeps the book's.

        `place` is where the table stands, for the error. Raises BadMark for an unknown name, and for what is no number
        from 0 to the highest possible with at most one decimal.
        """
        known = {each.name for each in fields(cls)}
        for key in settings:
            if key not in known:
                raise BadMark(str(key), place, f"there is no such mark; the marks are {', '.join(sorted(known))}")
        return cls(**{key: _mark(key, value, place) for key, value in settings.items()})

    def as_dict(self) -> dict[str, float]:
        """All marks by name, as they are kept with a rating."""
        return asdict(self)

    def source(self, key: str) -> str:
        """Where a mark comes from, one Swedish line; a unit's own number says that it is, and what it replaces."""
        value, book = getattr(self, key), getattr(_BOOK, key)
        if value == book:
            return SOURCES[key]
        own = f"{_NAMES[key]}: enhetens eget tal, {swedish(value)} i stället för {swedish(book)}."
        return f"{own} Om {swedish(book)}: {SOURCES[key]}"


_BOOK: Final = Marks()


def _mark(key: str, value: object, place: str) -> float:
    """One mark as a number. Zero is refused for `reliable`: then every wobble would be a change."""
    wanted = (
        f"write a number from 0 to {_MOST[key]} with at most one decimal, or leave it out for {getattr(_BOOK, key)}"
    )
    tenths = in_tenths(value)
    if tenths is None or not 0 <= tenths <= _MOST[key] * TENTHS:
        raise BadMark(key, place, f"{value!r} cannot be a mark; {wanted}")
    if key == "reliable" and tenths == 0:
        raise BadMark(key, place, f"0 would make every difference a reliable change; {wanted}")
    return tenths / TENTHS


def in_tenths(value: object) -> int | None:
    """A number as whole tenths, exactly; None for what is no number with at most one decimal.

    Binary dust (0.1 + 0.2) is forgiven, a second decimal is not. True and False are not numbers here.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value * TENTHS
    if not math.isfinite(value) or abs(value) > 1e6:
        return None
    tenths = round(value * TENTHS)
    return tenths if abs(value * TENTHS - tenths) < 1e-6 else None


def swedish(value: float) -> str:
    """A number as Swedes write it: 36, 36,5."""
    return f"{value:.1f}".removesuffix(".0").replace(".", ",")


def jacobson_truax(sd: float, r: float, confidence: float = 0.95) -> float:
    """The least difference of two totals that is more than chance, in points (Jacobson & Truax 1991).

    `sd` is the spread of totals in points, `r` the scale's reliability (0-1), `confidence` two-sided: 0.90 gives
    z = 1.645 and 0.95 gives 1.96. z x sqrt(2) x sd x sqrt(1 - r). Raises ValueError outside those ranges.
    """
    if not (sd > 0 and 0 <= r <= 1 and 0 < confidence < 1):
        raise ValueError(f"sd {sd}, r {r}, confidence {confidence}: sd above 0, r 0-1 and confidence between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2) * sd * math.sqrt(2 * (1 - r))
