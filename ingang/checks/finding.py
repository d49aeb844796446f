"""Something to mend, as `ingang check` tells it: in Swedish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What it is about, what is wrong, and the way out.

    `stops` is true where people would be let down, false where it is worth knowing.
    """

    name: str
    what: str
    way_out: str
    stops: bool = True
