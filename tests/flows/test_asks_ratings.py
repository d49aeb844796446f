"""How an answer on a scale is read: never a guessed score."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.asks import Context, Later, Unclear, Understood
from flows.asks_ratings import SKIP, VALUES, MayAsk, OpenAnswer, Rating, RightNumber
from tests import wordlists

CONTEXT = Context(wordlists.lexicon(), 2026)
ENGLISH = Context(wordlists.lexicon("en"), 2026)


def read(kind: Any, text: str, context: Context = CONTEXT) -> Any:
    reading = kind.read(text, context)
    return reading.value if isinstance(reading, Understood) else type(reading).__name__


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7.0), ("7,5", 7.5), ("7.5", 7.5), ("sju", 7.0), ("10/10", 10.0), ("7 av 10", 7.0), ("0", 0.0),
        ("noll", 0.0),
        ("åtta och en halv", 8.5), ("7!", 7.0), ("10", 10.0), ("３", 3.0),
    ],
)  # fmt: skip
def test_a_number_counts(text: str, value: float) -> None:
    assert read(Rating(), text) == {"value": value, "sure": True}


@pytest.mark.parametrize(("text", "value"), [("typ en åtta", 8.0), ("5 kanske", 5.0), ("7 tror jag", 7.0), ("6?", 6.0)])
def test_an_unsure_number_is_to_be_read_back(text: str, value: float) -> None:
    assert read(Rating(), text) == {"value": value, "sure": False}
    assert read(Rating(echo=False), text) == "Unclear", "a number is not repeated on a phone that others read"


@pytest.mark.parametrize(
    "text", ["11", "-1", "10,5", "bra", "6 eller 7", "7 8", "7,55", "100", "", "😀", "vet ja knappt", "ja"]
)
def test_no_score_is_guessed(text: str) -> None:
    assert read(Rating(), text) == "Unclear"


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("ja", {"value": 5.0, "sure": True}), ("japp", {"value": 5.0, "sure": True}),
        ("6", {"value": 6.0, "sure": True}), ("ja 6", {"value": 6.0, "sure": True}),
        ("typ 6", {"value": 6.0, "sure": False}), ("typ 5", {"value": 5.0, "sure": True}),
        ("nej", "Unclear"), ("11", "Unclear"), ("4 eller 6", "Unclear"),
    ],
)  # fmt: skip
def test_another_number_takes_the_place_of_what_was_read(text: str, came: Any) -> None:
    assert read(RightNumber(5.0), text) == came


def test_buttons_are_the_numbers_and_a_way_past() -> None:
    assert Rating().options() == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "skip")
    assert [Rating().pressed(value) for value in VALUES] == [
        Understood({"value": float(n), "sure": True}) for n in range(11)
    ]
    assert Rating().pressed(SKIP) == Understood({"value": None, "sure": True})
    assert isinstance(Rating().pressed("11"), Unclear)
    assert RightNumber(7.5).pressed("yes") == Understood({"value": 7.5, "sure": True})


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("ja", "yes"), ("okej", "yes"), ("nej", "no"), ("vill inte", "no"), ("nej tack", "no"), ("ANNAN", "other"),
        ("någon annan", "other"), ("ja men annan", "other"), ("nej, inte någon annan", "no"), ("inte nu", "Later"),
        ("kanske", "Unclear"), ("7", "Unclear"),
    ],
)  # fmt: skip
def test_may_we_ask(text: str, came: str) -> None:
    assert read(MayAsk(others=True), text) == came
    assert isinstance(MayAsk().read("inte nu", CONTEXT), Later)


def test_may_we_ask_in_english() -> None:
    assert read(MayAsk(), "ANOTHER", ENGLISH) == "other"
    assert read(MayAsk(), "y", ENGLISH) == "yes"


@pytest.mark.parametrize("text", ["nej", "nej tack", "Nej, inget", "inget särskilt", "det är bra som det är", "👎"])
def test_a_no_to_the_open_question_is_no_words(text: str) -> None:
    assert read(OpenAnswer(), text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Kortare promenad nästa gång",
        "inte ute",
        "nej men kortare",
        "mindre prat sen",
        "ja",
        "vet inte",
        "nej, ring mig först",
    ],
)
def test_a_wish_with_a_not_in_it_is_kept_as_it_was_written(text: str) -> None:
    assert read(OpenAnswer(), text) == text


@given(st.text(max_size=40))
def test_whatever_is_written_a_score_lies_on_the_scale(text: str) -> None:
    reading = Rating().read(text, CONTEXT)
    if isinstance(reading, Understood):
        assert 0 <= reading.value["value"] <= 10
        assert reading.value["value"] == round(reading.value["value"], 1)


@given(st.integers(0, 100))
def test_a_decimal_comma_and_a_point_are_the_same(tenths: int) -> None:
    written = f"{tenths / 10:.1f}"
    expected = {"value": tenths / 10, "sure": True}
    assert read(Rating(), written) == expected
    assert read(Rating(), written.replace(".", ",")) == expected


@pytest.mark.parametrize("text", ["vet inte", "Vet ej.", "ingen aning", "kan inte svara på det"])
def test_who_cannot_say_leaves_it_out(text: str) -> None:
    assert read(Rating(), text) == "Declined"


@pytest.mark.parametrize(("text", "value"), [("7a", 7.0), ("8:an", 8.0), ("en 10a", 10.0), ("en 5", 5.0)])
def test_a_number_as_it_is_spoken_of(text: str, value: float) -> None:
    assert read(Rating(), text) == {"value": value, "sure": True}


@pytest.mark.parametrize(
    "text", ["inte alls", "nej", "nej inte alls", "nä det gjorde hon inte", "inte direkt", "det är bra"]
)
def test_an_opinion_without_a_number_is_asked_about_and_never_left_out(text: str) -> None:
    assert read(Rating(), text) == "Unclear"
