"""Age from a birth year alone, and which road it leads to.

The bot asks for a year and never for a date. Age is this year less the birth year; where that leaves two ages open,
the younger road is taken for safety (the design's part on privacy and safety).
"""

from dataclasses import dataclass
from typing import Literal

Road = Literal["under_15", "minor", "adult", "over_29", "unknown"]
HelpRoad = Literal["minor", "adult", "unknown"]

YOUNGEST = 15
OLDEST = 29
_MAYBE_MINOR = 18


@dataclass(frozen=True, slots=True)
class Age:
    """The ages that a person of some birth year may have this year: before the birthday, and after."""

    least: int
    most: int


def age_of(birth_year: int, this_year: int) -> Age:
    """Return both possible ages; the least is never below 0. Raises ValueError for a birth year still to come."""
    if birth_year > this_year:
        raise ValueError(f"nobody is born in {birth_year} yet in {this_year}")
    most = this_year - birth_year
    return Age(max(most - 1, 0), most)


def road(birth_year: int | None, this_year: int) -> Road:
    """Return the road of a sign-up. 15 and 29 are within, counted as this year less the birth year.

    One who turns 18 this year may still be 17 and takes the minors' road. No year, or one still to come, is unknown.
    """
    if birth_year is None or birth_year > this_year:
        return "unknown"
    most = age_of(birth_year, this_year).most
    if most < YOUNGEST:
        return "under_15"
    if most > OLDEST:
        return "over_29"
    return "minor" if most <= _MAYBE_MINOR else "adult"


def help_road(birth_year: int | None, this_year: int) -> HelpRoad:
    """Return whose help lines to show, at any age: children's up to the year one turns 18, else adults'."""
    if birth_year is None or birth_year > this_year:
        return "unknown"
    return "minor" if age_of(birth_year, this_year).most <= _MAYBE_MINOR else "adult"
