"""How many to ask next, and when to look again: invitations go out in waves, so that few are turned away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rules.activities import TIME_TO_ANSWER
from rules.calendar import swedish_moment

TIMES: Final = 2
"""At most so many are asked for each place that is free (the design): about half of those who are asked say yes."""

WAIT: Final = timedelta(hours=24)
"""How long a wave has to answer before the next one goes, when some are silent. Our choice: a day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How it has gone so far: how many were asked, have answered (yes, maybe or no), and have a place or one held.

    `waiting`: how many said yes and stand in the line. `left`: how many there are still to ask. `last_sent` (UTC): when
    the newest wave went out; None before the first. Raises ValueError for counts that cannot be.
    """

    asked: int = 0
    answered: int = 0
    taken: int = 0
    waiting: int = 0
    left: int = 0
    last_sent: datetime | None = None

    def __post_init__(self) -> None:
        if min(self.asked, self.answered, self.taken, self.waiting, self.left) < 0 or self.answered > self.asked:
            raise ValueError("nobody is asked less than none, and nobody answers who was not asked")
        if (self.asked > 0) != (self.last_sent is not None):
            raise ValueError("whoever was asked was asked some time")


@dataclass(frozen=True, slots=True)
class Wave:
    """How many to ask now (0: nobody), when to look again (UTC; None: only when something happens), and why."""

    ask: int
    look_at: datetime | None
    why_sv: str


def next_wave(state: Asked, places: int, now: datetime, answer_by: datetime, wait: timedelta = WAIT) -> Wave:
    """Decide the next wave of invitations to an activity with so many places, of which people answer by `answer_by`.

    At most twice the places that are free, and never more than there are people left to ask. The next wave goes when
    all have answered, or when `wait` has passed since the last one. Nobody is asked while somebody waits for a place,
    nor so late that less than TIME_TO_ANSWER is left; the first wave may be that late, for then staff chose it so.
    Raises ValueError for fewer places than one.
    """
    if places < 1:
        raise ValueError("an activity has at least one place")
    free = places - state.taken
    silent = state.asked - state.answered
    if now >= answer_by:
        return Wave(0, None, "Sista svarsdagen har passerat.")
    if free <= 0:
        return Wave(0, None, "Alla platser är tagna. Blir en ledig går den till den som väntar.")
    if state.waiting:
        return Wave(0, None, "Någon väntar redan på en plats.")
    if not state.left:
        nobody = "Ingen av dem som valdes kan få frågan."
        return Wave(0, None, "Alla som valdes är tillfrågade." if state.asked else nobody)
    if state.last_sent is not None:
        due = state.last_sent + wait
        if silent and now < due:
            look_at = min(due, answer_by)
            return Wave(0, look_at, f"Vi väntar på {silent} svar, till {swedish_moment(look_at)}.")
        if answer_by - now < TIME_TO_ANSWER:
            return Wave(0, None, "Det är för kort tid kvar för att någon ny ska hinna svara.")
    ask = min(TIMES * free, state.left)
    return Wave(ask, min(now + wait, answer_by), f"{_places(free)}, så {ask} till får frågan.")


def _places(free: int) -> str:
    return "1 plats är ledig" if free == 1 else f"{free} platser är lediga"
