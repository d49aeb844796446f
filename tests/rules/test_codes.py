"""Codes: how they look, so that none can be meant as an answer, and what an answer to one comes to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.codes import (
    HOW_MANY,
    LIVES,
    MISSES_IN_AN_HOUR,
    MOST_SENT,
    MOST_WRONG,
    code_of,
    is_code,
    is_enough,
    may_be_sent_to,
    outcome_of,
)

NUMBERS = st.integers(0, HOW_MANY - 1)
DATES = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(NUMBERS, NUMBERS)
def test_every_number_has_a_code_of_its_own(one: int, other: int) -> None:
    assert is_code(code_of(one))
    assert len(code_of(one)) == 6
    assert (code_of(one) == code_of(other)) == (one == other)


@given(DATES, st.sampled_from(["%y%m%d", "%d%m%y", "%m%d%y", "%Y%m", "%d%m%Y", "%H%M%S", "%y%d%m"]))
def test_no_date_is_a_code(day: date, written: str) -> None:
    assert not is_code(day.strftime(written))


@pytest.mark.parametrize(
    "digits", ["123456", "012345", "200305", "199805", "654321", "1", "", "48291", "48a913", "４８２９１３"]
)
def test_no_answer_is_a_code(digits: str) -> None:
    assert not is_code(digits)


@pytest.mark.parametrize("number", [-1, HOW_MANY])
def test_there_are_no_other_numbers(number: int) -> None:
    with pytest.raises(ValueError, match="numbered"):
        code_of(number)


def test_an_hour_of_guessing_seldom_hits() -> None:
    assert MISSES_IN_AN_HOUR * 10 / HOW_MANY < 1 / 390
    assert timedelta(minutes=5) <= LIVES <= timedelta(minutes=30)


@pytest.mark.parametrize(
    ("wrong", "sent", "matches", "alive", "came"),
    [
        (0, 1, True, True, "joined"),
        (2, 2, True, True, "joined"),
        (0, 1, False, False, "wrong"),
        (1, 1, False, True, "wrong"),
        (2, 1, False, True, "over"),
        (3, 1, True, True, "over"),
        (0, 1, True, False, "late"),
        (0, 2, True, False, "over"),
    ],
)
def test_what_an_answer_comes_to(wrong: int, sent: int, matches: bool, alive: bool, came: str) -> None:
    assert outcome_of(wrong, sent, matches=matches, alive=alive) == came


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_nobody_tries_for_ever(tries: list[tuple[bool, bool]]) -> None:
    wrong, sent, ended = 0, 1, 0
    for matches, alive in tries:
        came = outcome_of(wrong, sent, matches=matches, alive=alive)
        if came in ("joined", "over"):
            return
        wrong += came == "wrong"
        sent += came == "late"
        ended += 1
    assert ended <= MOST_WRONG + MOST_SENT
    assert (wrong, sent) <= (MOST_WRONG, MOST_SENT)


def test_codes_go_to_swedish_numbers_only() -> None:
    assert may_be_sent_to("+46701740605")
    assert not may_be_sent_to("+4790174060")


def test_one_limit_reached_is_enough() -> None:
    assert not is_enough(((4, 5), (99, 100)))
    assert is_enough(((4, 5), (100, 100)))
