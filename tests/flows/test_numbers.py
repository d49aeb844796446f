"""Ratings from 0 to 10 as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.numbers import Number, number_words, read_number
from tests import wordlists

LEXICON = wordlists.lexicon()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("0", 0),
        ("10", 10),
        ("7,5", 7.5),
        ("7.5", 7.5),
        ("7½", 7.5),
        ("sju", 7),
        ("sjua", 7),
        ("sju och en halv", 7.5),
        ("noll", 0),
        ("ett", 1),
        ("en åtta", 8),
        ("10/10", 10),
        ("8/10", 8),
        ("8 av 10", 8),
        ("tio av tio", 10),
        ("jag säger 6", 6),
        ("8!", 8),
        ("５", 5),
        ("7 för det var bra", 7),
        ("7. det var bra", 7),
        ("9 😊", 9),
    ],
)
def test_clear_rating_is_read(text: str, value: float) -> None:
    assert read_number(text, LEXICON) == Number(value, unsure=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [("typ en åtta", 8), ("5 kanske", 5), ("5?", 5), ("7+", 7), ("runt 6", 6), ("det var 2 som pratade", 2), ("~4", 4)],
)
def test_hedged_rating_is_unsure(text: str, value: float) -> None:
    assert read_number(text, LEXICON) == Number(value, unsure=True)


@pytest.mark.parametrize(
    "text",
    [
        "11",
        "-1",
        "minus 1",
        "100",
        "7 8",
        "7-8",
        "7 eller 8",
        "3/4",
        "10/5",
        "tolv",
        "",
        "hej",
        "7,5,3",
        "1e5",
        "9" * 400,
    ],
)
def test_no_rating_or_two_is_none(text: str) -> None:
    assert read_number(text, LEXICON) is None


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_stays_on_the_scale(text: str) -> None:
    number = read_number(text, LEXICON)
    assert number is None or 0 <= number.value <= 10


@given(st.integers(0, 10), st.sampled_from(["", " ", "!", ".", " tack", " poäng"]))
def test_endings_change_no_rating(value: int, ending: str) -> None:
    assert read_number(f" {value}{ending}", LEXICON) == Number(value, unsure=False)


def test_number_words_are_put_together() -> None:
    words = number_words(LEXICON.extra)
    assert words.cardinal["tjugofem"] == 25
    assert words.cardinal["nittionio"] == 99
    assert words.ordinal["tjugoforsta"] == 21
