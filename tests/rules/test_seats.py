"""Places in a group: never one to two people, never out of turn, never more than three messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rules.bad_input import BadInput
from rules.seats import (
    HOLD,
    MOST_OFFERS,
    Change,
    Offer,
    Seats,
    look_again,
    says_no,
    says_yes,
    time_passes,
    with_places,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
CLOSES = NOW + timedelta(days=7)
HOUR = timedelta(hours=1)


def full(places: int = 3, extra: int = 2) -> Seats:
    """People 1, 2, 3 ... say yes in that order."""
    seats = Seats(places, CLOSES)
    for person in range(1, places + extra + 1):
        seats = says_yes(seats, person, NOW).seats
    return seats


def test_first_come_is_in_and_the_rest_wait_in_order() -> None:
    seats = full()
    assert (seats.people, seats.waiting, seats.free) == ((1, 2, 3), (4, 5), 0)
    assert [seats.standing(person) for person in (1, 4, 9)] == ["in", "waits", "out"]


def test_fifty_who_say_yes_at_once_fill_seven_places_and_a_line() -> None:
    seats = full(7, 43)
    assert seats.people == tuple(range(1, 8))
    assert seats.waiting == tuple(range(8, 51))
    assert sorted(seat.number for seat in seats.seats) == list(range(1, 8))


def test_a_freed_place_is_held_for_the_first_in_line_and_theirs_by_a_yes() -> None:
    gone = says_no(full(), 2, NOW)
    assert gone.offers == (Offer(4, NOW + HOLD, 1),)
    assert gone.seats.standing(4) == "held"
    taken = says_yes(gone.seats, 4, NOW + HOUR)
    assert taken == Change(taken.seats)
    assert (taken.seats.people, taken.seats.waiting) == ((1, 4, 3), (5,))


def test_a_newcomer_does_not_take_a_place_that_is_held() -> None:
    gone = says_no(full(), 2, NOW).seats
    assert says_yes(gone, 9, NOW).seats.waiting == (5, 9)


def test_a_hold_that_runs_out_goes_on_and_who_let_it_pass_stands_last() -> None:
    gone = says_no(full(), 2, NOW).seats
    assert look_again(gone) == NOW + HOLD
    assert time_passes(gone, NOW + HOLD - HOUR) == Change(gone)
    after = time_passes(gone, NOW + HOLD)
    assert after.offers == (Offer(5, NOW + 2 * HOLD, 1),)
    assert after.seats.waiting == (4,)


def test_a_late_yes_counts_while_nobody_else_has_been_told() -> None:
    gone = says_no(full(), 2, NOW).seats
    assert says_yes(gone, 4, NOW + HOLD + HOUR).seats.people == (1, 4, 3)
    passed = time_passes(gone, NOW + HOLD).seats
    assert says_yes(passed, 4, NOW + HOLD + HOUR).seats.standing(4) == "waits"


def test_nobody_is_told_more_than_three_times_and_may_still_say_yes() -> None:
    seats = says_no(full(1, 1), 1, NOW).seats
    told = [1]
    for day in range(1, 6):
        after = time_passes(seats, NOW + day * HOLD)
        seats = after.seats
        told += [offer.count for offer in after.offers]
    assert told == [1, 2, 3]
    assert (seats.waiting, seats.free) == ((2,), 1)
    assert says_yes(seats, 2, NOW + 6 * HOLD).seats.people == (2,)


def test_no_hold_outlives_the_last_moment_and_none_is_given_after_it() -> None:
    late = CLOSES - HOUR
    assert says_no(full(), 1, late).offers == (Offer(4, CLOSES, 1),)
    after = says_no(full(), 1, CLOSES)
    assert after.offers == ()
    assert says_yes(after.seats, 9, CLOSES).seats.standing(9) == "waits"  # not past those who have waited
    assert says_yes(after.seats, 4, CLOSES).seats.standing(4) == "in"


def test_who_got_no_place_is_first_the_next_time() -> None:
    assert full().turned_away() == (4, 5)
    assert says_no(full(), 1, NOW).seats.turned_away() == (4, 5)


def test_more_places_are_offered_in_the_lines_order() -> None:
    after = with_places(full(3, 3), 5, NOW)
    assert [offer.person for offer in after.offers] == [4, 5]
    assert after.seats.waiting == (6,)


def test_fewer_places_than_yeses_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="3 har sagt ja") as raised:
        with_places(full(), 2, NOW)
    assert raised.value.field == "places"
    held = says_no(full(), 3, NOW).seats
    with pytest.raises(BadInput, match="2 har sagt ja och 1 har fått veta"):
        with_places(held, 2, NOW)
    for few in (0, -1):
        with pytest.raises(BadInput):
            with_places(Seats(3, CLOSES), few, NOW)
        with pytest.raises(BadInput):
            Seats(few, CLOSES)


def test_fewer_places_move_people_to_lower_numbers() -> None:
    seats = says_no(full(5, 0), 1, NOW).seats
    after = with_places(seats, 4, NOW).seats
    assert sorted(seat.number for seat in after.seats) == [1, 2, 3, 4]
    assert set(after.people) == {2, 3, 4, 5}


@pytest.mark.parametrize("order", list(permutations([1, 2, 3, 4])))
def test_whatever_order_they_answer_in_the_order_decides(order: tuple[int, ...]) -> None:
    seats = Seats(2, CLOSES)
    for person in (*order, *order):  # everybody presses twice
        seats = says_yes(seats, person, NOW).seats
    assert seats.people + seats.waiting == order


class Evening(RuleBasedStateMachine):
    """Anything that can happen to the places of one activity, in any order."""

    @initialize(places=st.integers(1, 7))
    def begin(self, places: int) -> None:
        self.seats, self.now = Seats(places, CLOSES), NOW
        self.told: dict[int, int] = {}

    def happened(self, change: Change) -> None:
        before, self.seats = self.seats, change.seats
        for offer in change.offers:
            self.told[offer.person] = self.told.get(offer.person, 0) + 1
            assert offer.count == self.told[offer.person]
            assert self.now < offer.until <= CLOSES
            assert self.seats.standing(offer.person) == "held"
        # Nobody who had never been told is passed by somebody further back.
        line = [person for person in before.waiting if before.offered.get(person, 0) == 0]
        reached = [person for person in line if self.seats.standing(person) in {"held", "in"}]
        still = [person for person in line if self.seats.standing(person) == "waits"]
        if reached and still and self.now < CLOSES:
            assert line.index(reached[-1]) < line.index(still[0])

    @rule(person=st.integers(1, 12))
    def yes(self, person: int) -> None:
        was = self.seats.standing(person)
        self.happened(says_yes(self.seats, person, self.now))
        now = self.seats.standing(person)
        assert now in ({"in"} if was in {"in", "held"} else {"in", "waits", "held"})

    @rule(person=st.integers(1, 12))
    def no(self, person: int) -> None:
        self.happened(says_no(self.seats, person, self.now))
        assert self.seats.standing(person) == "out"

    @rule(hours=st.integers(0, 40))
    def passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.happened(time_passes(self.seats, self.now))
        again = look_again(self.seats)
        assert again is None or again > self.now

    @rule(places=st.integers(0, 9))
    def changes(self, places: int) -> None:
        try:
            self.happened(with_places(self.seats, places, self.now))
        except BadInput:
            assert places < max(1, len(time_passes(self.seats, self.now).seats.seats))

    @invariant()
    def no_place_is_two_peoples(self) -> None:
        numbers = [seat.number for seat in self.seats.seats]
        people = [seat.person for seat in self.seats.seats] + list(self.seats.waiting)
        assert len(set(numbers)) == len(numbers) <= self.seats.places
        assert set(numbers) <= set(range(1, self.seats.places + 1))
        assert len(set(people)) == len(people)
        assert all(count <= MOST_OFFERS for count in self.told.values())
        assert set(self.seats.turned_away()) == set(people) - set(self.seats.people)

    @invariant()
    def no_place_stands_empty_while_somebody_could_be_told(self) -> None:
        if self.seats.free and self.now < CLOSES:
            assert all(self.seats.offered.get(person, 0) == MOST_OFFERS for person in self.seats.waiting)


TestEvening = Evening.TestCase


@given(st.integers(1, 7), st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=60))
def test_the_same_events_give_the_same_seats(places: int, events: list[tuple[int, bool]]) -> None:
    ends = []
    for _ in range(2):
        seats = Seats(places, CLOSES)
        for person, comes in events:
            seats = (says_yes if comes else says_no)(seats, person, NOW).seats
        ends.append(seats)
    assert ends[0] == ends[1]
