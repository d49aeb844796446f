"""How long staff travel between the places of a unit, in minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Travel:
    """The minutes between two places, the same both ways unless both are given, and where staff set out from.

    `otherwise` is for a pair that nobody has written down, such as somebody's home. Raises ValueError for minutes
    under 0.
    """

    minutes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    base: str = ""
    otherwise: int = 0

    def __post_init__(self) -> None:
        if self.otherwise < 0 or any(each < 0 for each in self.minutes.values()):
            raise ValueError("nobody travels in less than no time")

    def between(self, here: str, there: str) -> int:
        """Return the minutes from one place to another."""
        if here == there:
            return 0
        back = self.minutes.get((there, here), self.otherwise)
        return self.minutes.get((here, there), back)

    def around(self, place: str | None) -> tuple[int, int]:
        """Return the minutes to keep free before and after a meeting at `place`; none for a call (`place` None).

        Every meeting pays its way from the base and back. Two meetings after each other then fit wherever they are,
        also when they were booked in the same instant and neither knew of the other.
        """
        return (0, 0) if place is None else (self.between(self.base, place), self.between(place, self.base))
