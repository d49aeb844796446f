"""Scoring by the book: the boundaries, the classes, the marks by age, the published grid, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from rules.ratings import (
    SOURCES,
    BadItem,
    BadMark,
    Instrument,
    Marks,
    Scored,
    change_of,
    form_of,
    jacobson_truax,
    read_item,
    score,
    srs_fell,
)

BOOK = Marks()


def ors(total: float, first: float | None = None, age: int | None = 20, marks: Marks = BOOK) -> Scored:
    """A filled-in ORS with that total."""
    tenths = round(total * 10)
    items = [(tenths // 4 + (1 if place < tenths % 4 else 0)) / 10 for place in range(4)]
    return score("ORS", items, marks, age=age, first_total=first)


# --- totals ----------------------------------------------------------------------------------------------------------


def test_no_dust_in_a_total() -> None:
    assert score("ORS", [0.1, 0.2, 0.3, 0.7]).total == 1.3
    assert score("ORS", [8.1, 8.2, 8.3, 8.6]).total == 33.2
    assert score("ORS", [0.1 + 0.2, 0, 0, 0]).total == 0.3


def test_zero_is_a_score_and_missing_is_missing() -> None:
    assert score("ORS", [0, 0, 0, 0], age=20).total == 0
    assert score("ORS", [0, 0, 0, 0], age=20).below_mark is True
    missing = score("ORS", [3, None, 0, 0], age=20, first_total=10)
    assert (missing.total, missing.below_mark, missing.change, missing.outcome) == (None, None, None, None)
    assert missing.low_items == (1, 3, 4)
    assert SOURCES["missing"] in missing.sources
    assert score("SRS", [None, None, None, None]).below_mark is None


def test_alike_answers_are_flagged() -> None:
    assert score("SRS", [10, 10, 10, 10]).straight
    assert not score("SRS", [10, 10, 10, 9.9]).straight
    assert not score("SRS", [10, 10, 10, None]).straight
    assert not score("own", [10]).straight


# --- marks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "mark"), [(12, None), (13, 28), (17, 28), (18, 25), (29, 25), (70, 25), (0, None), (None, None)]
)
def test_ors_mark_follows_age(age: int | None, mark: float | None) -> None:
    assert ors(20, age=age).mark == mark


def test_no_mark_in_the_year_one_turns_18() -> None:
    for age in (17, 18):
        turning = score("ORS", [5, 5, 5, 5], age=age, turns_18_this_year=True, first_total=5)
        assert (turning.mark, turning.below_mark, turning.outcome) == (None, None, "improved")
        assert SOURCES["ors_turns_18"] in turning.sources


@pytest.mark.parametrize(
    ("total", "age", "below"), [(24.9, 18, True), (25, 18, False), (27.9, 17, True), (28, 17, False)]
)
def test_both_sides_of_the_ors_marks(total: float, age: int, below: bool) -> None:
    assert ors(total, age=age).below_mark is below


@pytest.mark.parametrize(
    ("items", "below"),
    [([9, 9, 9, 9], False), ([9, 9, 9, 8.9], True), ([10, 10, 10, 8.9], True), ([10, 10, 10, 9], False)],
)
def test_both_sides_of_the_srs_marks(items: list[float | None], below: bool) -> None:
    for age in (None, 15, 25):
        rating = score("SRS", items, age=age)
        assert (rating.mark, rating.below_mark) == (36, below)


def test_own_questions_have_no_marks_and_no_rule_of_change() -> None:
    own = score("own", [1, 2, 3, 4], age=20, first_total=40)
    assert (own.total, own.mark, own.below_mark, own.reliable, own.outcome) == (10, None, None, None, None)
    assert own.change == -30
    assert SOURCES["own"] in own.sources
    assert own.low_items == (1, 2, 3, 4)
    assert score("own", [1, 2, 3, 4, 5]).total == 15


def test_both_sides_of_a_low_item() -> None:
    assert score("SRS", [4, 4.1, 0, None]).low_items == (1, 3)
    assert score("SRS", [4, 4.1, 0, 5], Marks(low_item=0)).low_items == (3,)


# --- change ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "reliable", "outcome", "from_below"),
    [
        (24.9, 30, True, "recovered", True),
        (19.9, 25, True, "recovered", True),
        (19.8, 24.9, True, "improved", True),
        (24.9, 29.9, False, "no_change", True),  # five points is not more than five
        (25, 30.1, True, "improved", False),  # who began at the mark cannot recover
        (30, 25, False, "no_change", False),
        (30, 24.9, True, "deteriorated", False),
        (20, 14.9, True, "deteriorated", True),
        (20, 15, False, "no_change", True),
        (20, 20, False, "no_change", True),
    ],
)
def test_the_four_classes(first: float, last: float, reliable: bool, outcome: str, from_below: bool) -> None:
    rating = ors(last, first)
    assert (rating.reliable, rating.outcome, rating.from_below) == (reliable, outcome, from_below)
    assert rating.change == round(last - first, 1)


def test_nobody_recovers_without_a_mark() -> None:
    rating = ors(40, 0, age=None)
    assert (rating.outcome, rating.from_below) == ("improved", None)


def test_the_first_rating_has_no_change() -> None:
    # OpenFIT's alert table: with one ORS there is no progression.
    rating = ors(10)
    assert (rating.change, rating.reliable, rating.outcome, rating.from_below) == (None, None, None, None)
    assert change_of(10, None, BOOK, 25).outcome is None


def test_srs_that_falls_by_a_point_is_told() -> None:
    # OpenFIT's alert table: red when it fell by a point or more since the last, grey with none.
    assert srs_fell(38, 37) is True
    assert srs_fell(38, 37.1) is False
    assert srs_fell(37, 38) is False
    assert srs_fell(None, 37) is None
    assert srs_fell(37, None) is None


def test_srs_has_a_difference_and_no_class() -> None:
    rating = score("SRS", [9, 9, 9, 9], first_total=40)
    assert (rating.change, rating.reliable, rating.outcome) == (-4, None, None)


@pytest.mark.parametrize(
    ("sd", "r", "at_90", "at_95"),
    [
        (6.8, 0.93, 4.2, 5.0),
        (8.0, 0.93, 4.9, 5.9),
        (8.7, 0.93, 5.4, 6.4),
        (8.0, 0.90, 5.9, 7.0),
        (8.0, 0.85, 7.2, 8.6),
        (8.0, 0.80, 8.3, 9.9),
        (8.7, 0.66, 11.8, 14.1),
    ],
)
def test_the_grid_of_least_reliable_changes(sd: float, r: float, at_90: float, at_95: float) -> None:
    assert round(jacobson_truax(sd, r, 0.90), 1) == at_90
    assert round(jacobson_truax(sd, r), 1) == at_95


@pytest.mark.parametrize(("sd", "r", "confidence"), [(0, 0.9, 0.95), (8, 1.1, 0.95), (8, 0.9, 1), (math.nan, 0.9, 0.9)])
def test_no_change_from_impossible_spread(sd: float, r: float, confidence: float) -> None:
    with pytest.raises(ValueError, match="sd above 0"):
        jacobson_truax(sd, r, confidence)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [11, -1, -0.1, 10.1, math.nan, math.inf, -math.inf, 7.25, True, False, "7", "bra", [7], 10**400, 1e300]
)
@pytest.mark.parametrize("place", [1, 4])
def test_a_bad_item_is_named(bad: Any, place: int) -> None:
    items: list[Any] = [5, 5, 5, 5]
    items[place - 1] = bad
    with pytest.raises(BadItem, match=rf"^item {place}: .* is not a number from 0 to 10") as caught:
        score("ORS", items)
    assert caught.value.place == place
    assert len(str(caught.value)) < 130


@pytest.mark.parametrize(
    ("instrument", "count"), [("ORS", 3), ("ORS", 5), ("SRS", 0), ("SRS", 5), ("own", 0), ("own", 21)]
)
def test_a_wrong_count_is_refused(instrument: Instrument, count: int) -> None:
    with pytest.raises(BadItem, match="items"):
        score(instrument, [5] * count)


@pytest.mark.parametrize("bad", [40.1, -1, "20", True, math.nan, 20.25])
def test_an_impossible_first_total_is_refused(bad: Any) -> None:
    with pytest.raises(BadItem, match=r"^first_total"):
        score("ORS", [5, 5, 5, 5], first_total=bad)


@pytest.mark.parametrize("bad", [-1, 121, 17.5, "17", True])
def test_an_impossible_age_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"^age: .*null"):
        score("ORS", [5, 5, 5, 5], age=bad)


def test_an_unknown_instrument_and_mode_are_refused() -> None:
    with pytest.raises(ValueError, match="ORS, SRS or own"):
        score("CORS", [5, 5, 5, 5])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fax"):
        form_of("fax")


def test_modes_have_two_forms() -> None:
    assert [form_of(mode) for mode in ("page", "staff_page", "paper")] == ["line"] * 3
    assert [form_of(mode) for mode in ("sms", "telegram", "chat")] == ["numbers"] * 3


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("7,5", 7.5), (" 7.5 ", 7.5), ("0", 0), ("10,0", 10), ("", None), ("  ", None)]
)
def test_a_field_is_read_with_comma_or_point(text: str, value: float | None) -> None:
    assert read_item(text) == value


@pytest.mark.parametrize("text", ["11", "10,1", "-1", "bra", "7 8", "7,25", "7,", ",5", "1e1", "٧", "nan", "007"])
def test_a_field_that_holds_no_item_is_refused(text: str) -> None:
    with pytest.raises(BadItem):
        read_item(text)


# --- a unit's own marks ----------------------------------------------------------------------------------------------


def test_a_unit_may_have_marks_of_its_own() -> None:
    marks = Marks.of({"ors_adult": 24, "reliable": 6.5})
    assert marks.as_dict() == BOOK.as_dict() | {"ors_adult": 24, "reliable": 6.5}
    rating = ors(24, 17.5, marks=marks)
    assert (rating.mark, rating.below_mark, rating.reliable) == (24, False, False)
    assert any("enhetens eget tal, 24 i stället för 25" in line for line in rating.sources)
    assert any("enhetens eget tal, 6,5 i stället för 5" in line for line in rating.sources)
    assert Marks.of({}) == BOOK


@pytest.mark.parametrize("bad", ["25", None, True, 41, -1, 25.25, math.nan, [25]])
def test_a_bad_mark_names_setting_place_and_way_out(bad: Any) -> None:
    with pytest.raises(
        BadMark, match=r"^units\.alvsbyn\.ratings\.marks\.ors_adult: .* 0 to 40 .* leave it out for 25\.0"
    ):
        Marks.of({"ors_adult": bad}, "units.alvsbyn.ratings.marks")


def test_other_bad_marks() -> None:
    with pytest.raises(BadMark, match=r"0 to 10"):
        Marks.of({"srs_item": 11})
    with pytest.raises(BadMark, match="0 would make every difference"):
        Marks.of({"reliable": 0})
    with pytest.raises(BadMark, match=r"ratings\.marks\.ors: there is no such mark; the marks are low_item, ors_adult"):
        Marks.of({"ors": 25})


def test_every_mark_has_a_source_that_says_how_sure_it_is() -> None:
    for key in BOOK.as_dict():
        assert any(word in SOURCES[key] for word in ("Läst", "Ur minnet", "eget val"))
        assert "\n" not in SOURCES[key]
    assert not any("klinisk" in line.lower() for line in SOURCES.values())
