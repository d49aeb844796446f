"""Who has a place in a group activity, who waits in which order, and who is told that one is free.

Everything is decided from the events in their order: the same events give the same seats, and no order of them gives
one place to two people. A seat has a number, so that the store can keep `places(activity, number)` unique too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from rules.bad_input import BadInput

MOST_OFFERS: Final = 3
"""How many times one person is told that a place is free (the design): more would be nagging."""

HOLD: Final = timedelta(hours=24)
"""How long a freed place is kept for whoever was told. Our choice: a day, so that one can sleep on it."""

Standing = Literal["in", "held", "waits", "out"]


@dataclass(frozen=True, slots=True)
class Seat:
    """A place that is taken, or (with `held_until`, UTC) kept for somebody who has been told and not answered yet."""

    number: int
    person: int
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody to tell that a place is free, and until when it is theirs. `count` is the how manieth such message."""

    person: int
    until: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Seats:
    """How the places of one activity stand. `offered`: how many times each has been told that one is free.

    `closes` (UTC) is when no more places are offered: the last moment to answer, or the start. Raises BadInput for
    fewer places than one.
    """

    places: int
    closes: datetime
    seats: tuple[Seat, ...] = ()
    waiting: tuple[int, ...] = ()
    offered: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.places < 1:
            raise BadInput("places", "En aktivitet har minst en plats.")

    @property
    def free(self) -> int:
        """How many places are neither taken nor held."""
        return self.places - len(self.seats)

    @property
    def people(self) -> tuple[int, ...]:
        """Who is in, by the number of their seat."""
        return tuple(seat.person for seat in sorted(self.seats, key=_number) if seat.held_until is None)

    def standing(self, person: int) -> Standing:
        """Say how it stands for somebody: in, held (a place is theirs to say yes to), waits, or out."""
        seat = _of(self, person)
        if seat is not None:
            return "in" if seat.held_until is None else "held"
        return "waits" if person in self.waiting else "out"

    def turned_away(self) -> tuple[int, ...]:
        """Who said yes and has no place, in the order of the line: first to be asked the next time."""
        held = sorted((seat for seat in self.seats if seat.held_until is not None), key=_number)
        return (*(seat.person for seat in held), *self.waiting)


@dataclass(frozen=True, slots=True)
class Change:
    """What came of an event: how the places stand now, and who is to be told that one is free."""

    seats: Seats
    offers: tuple[Offer, ...] = ()


def says_yes(seats: Seats, person: int, now: datetime, hold: timedelta = HOLD) -> Change:
    """Somebody wants to come: they are in, when a place is free or held for them, else last in the line.

    A yes that comes a little late still counts while nobody else has been told of that place. A yes once more changes
    nothing, but for somebody in the line with nobody to be told ahead of them: then a free place is theirs.
    """
    own = _of(seats, person)
    if own is not None:
        taken = replace(own, held_until=None)
        seats = replace(seats, seats=tuple(taken if each == own else each for each in seats.seats))
    seats, offers = _passed(seats, now, hold)
    if own is not None:
        return Change(seats, offers)
    in_line = seats.waiting if person in seats.waiting else (*seats.waiting, person)
    if seats.free > 0 and not any(each in _may_be_told(seats) for each in in_line[: in_line.index(person)]):
        seated = (*seats.seats, Seat(_lowest(seats), person))
        rest = tuple(each for each in in_line if each != person)
        return Change(replace(seats, seats=seated, waiting=rest), offers)
    return Change(replace(seats, waiting=in_line), offers)


def says_no(seats: Seats, person: int, now: datetime, hold: timedelta = HOLD) -> Change:
    """Somebody does not come, or comes no more: their place goes to the first in the line."""
    left = replace(
        seats,
        seats=tuple(seat for seat in seats.seats if seat.person != person),
        waiting=tuple(each for each in seats.waiting if each != person),
    )
    return Change(*_passed(left, now, hold))


def time_passes(seats: Seats, now: datetime, hold: timedelta = HOLD) -> Change:
    """Holds that ran out go on to the next in the line; who let theirs pass stands last."""
    return Change(*_passed(seats, now, hold))


def with_places(seats: Seats, places: int, now: datetime, hold: timedelta = HOLD) -> Change:
    """The activity gets more or fewer places. Seats above the new number move to lower ones; nobody loses theirs.

    Raises BadInput for fewer than those who are in, or have been told that a place is theirs.
    """
    seats, offers = _passed(seats, now, hold)
    if places < len(seats.seats):
        said = len(seats.people)
        told = f" och {len(seats.seats) - said} har fått veta att en plats är ledig" if said < len(seats.seats) else ""
        raise BadInput("places", f"{said} har sagt ja{told}. Välj minst {len(seats.seats)} platser.")
    kept = replace(seats, places=places)
    for seat in [each for each in kept.seats if each.number > places]:
        moved = replace(seat, number=_lowest(kept))
        kept = replace(kept, seats=tuple(moved if each == seat else each for each in kept.seats))
    after, more = _filled(kept, now, hold)
    return Change(after, offers + more)


def look_again(seats: Seats) -> datetime | None:
    """When (UTC) `time_passes` has something to do next; None when no hold is running."""
    return min((seat.held_until for seat in seats.seats if seat.held_until is not None), default=None)


def _passed(seats: Seats, now: datetime, hold: timedelta) -> tuple[Seats, tuple[Offer, ...]]:
    """Let the holds that have run out by `now` go, the earliest first, and offer what came free."""
    late = [seat for seat in seats.seats if seat.held_until is not None and seat.held_until <= now]
    late.sort(key=lambda seat: (seat.held_until or now, seat.number))
    after = replace(
        seats,
        seats=tuple(seat for seat in seats.seats if seat not in late),
        waiting=(*seats.waiting, *(seat.person for seat in late)),
    )
    return _filled(after, now, hold)


def _filled(seats: Seats, now: datetime, hold: timedelta) -> tuple[Seats, tuple[Offer, ...]]:
    """Offer every free place to the first in the line who may still be told."""
    offers = []
    for person in _may_be_told(seats):
        if seats.free <= 0 or now >= seats.closes:
            break
        count, until = seats.offered.get(person, 0) + 1, min(now + hold, seats.closes)
        offers.append(Offer(person, until, count))
        seats = replace(
            seats,
            seats=(*seats.seats, Seat(_lowest(seats), person, until)),
            waiting=tuple(each for each in seats.waiting if each != person),
            offered={**seats.offered, person: count},
        )
    return seats, tuple(offers)


def _may_be_told(seats: Seats) -> tuple[int, ...]:
    return tuple(person for person in seats.waiting if seats.offered.get(person, 0) < MOST_OFFERS)


def _lowest(seats: Seats) -> int:
    taken = {seat.number for seat in seats.seats}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _of(seats: Seats, person: int) -> Seat | None:
    return next((seat for seat in seats.seats if seat.person == person), None)


def _number(seat: Seat) -> int:
    return seat.number
