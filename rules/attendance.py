"""Attendance that can be audited: quarter hours for each person and activity, and why a sent month was corrected.

Nothing is ever overwritten: a note stands beside the one it corrects, with who, when and, once the month was sent in,
why. A participant's absence counts toward nothing.
"""

from collections.abc import Mapping
from typing import Final

from rules.bad_input import BadInput

QUARTER: Final = 15  # minutes

LONGEST: Final = 24 * 60
"""Minutes of one day."""

WHY: Final[Mapping[str, str]] = {
    "forgotten": "Glömdes att noteras",
    "length": "Tiden var fel",
    "slip": "Feltryck, eller fel person",
    "learned": "Vi fick veta det senare",
}
"""Why a month that was sent in is corrected, as it is kept and as staff choose it. Words of their own would be words
about a person, in a table that goes to others. Our choice."""


def quarters(minutes: int) -> int:
    """Return how many quarter hours so many minutes of one day are, to the nearest: 7 minutes are none, 8 are one.

    Each day is rounded by itself, so that the sum is that of the signed lists. Raises BadInput for fewer minutes than
    none or more than a day has.
    """
    if not 0 <= minutes <= LONGEST:
        raise BadInput("minutes", f"Skriv minuter från 0 till {LONGEST}.")
    return (minutes + QUARTER // 2) // QUARTER
