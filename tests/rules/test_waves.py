"""How many are asked, and when we look again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.activities import TIME_TO_ANSWER
from rules.waves import WAIT, Asked, Wave, next_wave

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BY = datetime(2026, 12, 4, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_wave_is_twice_the_places() -> None:
    wave = next_wave(Asked(left=30), 7, NOW, BY)
    assert (wave.ask, wave.look_at) == (14, NOW + WAIT)


def test_there_are_never_more_asked_than_there_are() -> None:
    assert next_wave(Asked(left=5), 7, NOW, BY).ask == 5


def test_while_some_are_silent_we_wait_a_day() -> None:
    state = Asked(asked=14, answered=9, taken=3, left=16, last_sent=NOW)
    waits = next_wave(state, 7, NOW + HOUR, BY)
    assert waits == Wave(0, NOW + WAIT, "Vi väntar på 5 svar, till tisdag 24 november kl. 10.")
    assert next_wave(state, 7, NOW + WAIT, BY).ask == 8


def test_when_all_have_answered_the_next_goes_at_once() -> None:
    state = Asked(asked=14, answered=14, taken=6, left=16, last_sent=NOW)
    wave = next_wave(state, 7, NOW + HOUR, BY)
    assert (wave.ask, wave.why_sv) == (2, "1 plats är ledig, så 2 till får frågan.")


@pytest.mark.parametrize(
    ("state", "now", "why"),
    [
        (Asked(left=9), BY, "passerat"),
        (Asked(asked=14, answered=8, taken=7, left=9, last_sent=NOW), NOW + WAIT, "tagna"),
        (Asked(asked=14, answered=8, taken=6, waiting=1, left=9, last_sent=NOW), NOW + WAIT, "väntar redan"),
        (Asked(asked=14, answered=14, taken=3, left=0, last_sent=NOW), NOW + WAIT, "tillfrågade"),
        (Asked(asked=14, answered=14, taken=3, left=9, last_sent=NOW), BY - TIME_TO_ANSWER + HOUR, "för kort tid"),
    ],
)
def test_nobody_is_asked_in_vain(state: Asked, now: datetime, why: str) -> None:
    wave = next_wave(state, 7, now, BY)
    assert (wave.ask, wave.look_at) == (0, None)
    assert why in wave.why_sv


def test_staff_may_begin_late() -> None:
    assert next_wave(Asked(left=9), 3, BY - HOUR, BY) == Wave(6, BY, "3 platser är lediga, så 6 till får frågan.")


@pytest.mark.parametrize(
    "counts", [{"left": -1}, {"asked": 1, "answered": 2}, {"asked": 1}, {"last_sent": NOW}, {"taken": -1}]
)
def test_counts_that_cannot_be_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="asked"):
        Asked(**{"last_sent": NOW if counts.get("answered") else None, **counts})  # type: ignore[arg-type]


def test_no_place_is_no_activity() -> None:
    with pytest.raises(ValueError, match="at least one place"):
        next_wave(Asked(left=1), 0, NOW, BY)


@given(
    places=st.integers(1, 12),
    people=st.integers(0, 60),
    answers=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 40)), max_size=40),
)
def test_waves_ask_each_once_and_come_to_an_end(places: int, people: int, answers: list[tuple[int, int, int]]) -> None:
    """Asked and answering by chance, as a sweep would drive it."""
    state, now = Asked(left=people), NOW
    for yes, no, hours in answers:
        wave = next_wave(state, places, now, BY)
        assert 0 <= wave.ask <= min(state.left, 2 * (places - state.taken)) or wave.ask == 0
        assert wave.look_at is None or now < wave.look_at <= BY
        asked = state.asked + wave.ask
        answered = min(asked, state.answered + yes + no)
        took = min(places, state.taken + min(yes, answered - state.answered))
        sent = now if wave.ask else state.last_sent
        state = Asked(asked, answered, took, 0, state.left - wave.ask, sent)
        assert state.asked + state.left == people
        now += timedelta(hours=hours)


@given(st.integers(1, 12), st.integers(0, 60))
def test_silence_alone_asks_everybody_in_the_end_and_then_rests(places: int, people: int) -> None:
    state, now, rounds = Asked(left=people), NOW, 0
    while True:
        wave = next_wave(state, places, now, NOW + timedelta(days=90))
        state = Asked(state.asked + wave.ask, 0, 0, 0, state.left - wave.ask, now if wave.ask else state.last_sent)
        if wave.look_at is None:
            break
        assert wave.look_at > now
        now, rounds = wave.look_at, rounds + 1
    assert state.left == 0
    assert rounds <= people


def test_where_none_can_be_asked_nobody_is_said_to_have_been() -> None:
    assert next_wave(Asked(), 7, NOW, BY).why_sv == "Ingen av dem som valdes kan få frågan."
    asked = Asked(asked=3, answered=3, taken=1, last_sent=NOW - WAIT)
    assert next_wave(asked, 7, NOW, BY).why_sv == "Alla som valdes är tillfrågade."
