"""What holds for every rating, whatever was answered."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from rules.ratings import Instrument, Marks, change_of, read_item, score

tenths = st.integers(0, 100)
four = st.lists(tenths, min_size=4, max_size=4)
licensed: st.SearchStrategy[Instrument] = st.sampled_from(["ORS", "SRS"])
instruments: st.SearchStrategy[Instrument] = st.sampled_from(["ORS", "SRS", "own"])
ages = st.none() | st.integers(0, 99)
totals = st.integers(0, 400)


@given(instruments, four, ages)
def test_a_total_is_the_exact_sum(instrument: Instrument, items: list[int], age: int | None) -> None:
    rating = score(instrument, [each / 10 for each in items], age=age)
    assert rating.total is not None
    assert Fraction(str(rating.total)) == Fraction(sum(items), 10)
    assert rating.low_items == tuple(place for place, each in enumerate(items, 1) if each <= 40)
    assert rating.straight == (len(set(items)) == 1)


@given(four, st.integers(13, 40))
def test_below_the_ors_mark_is_below_it(items: list[int], age: int) -> None:
    rating = score("ORS", [each / 10 for each in items], age=age)
    assert rating.below_mark is (sum(items) < (250 if age >= 18 else 280))


@given(four)
def test_below_the_srs_mark_is_total_or_an_item(items: list[int]) -> None:
    rating = score("SRS", [each / 10 for each in items])
    assert rating.below_mark is (sum(items) < 360 or min(items) < 90)


@given(instruments, four, st.sets(st.integers(0, 3), min_size=1), ages, st.none() | totals)
def test_missing_is_never_zero(
    instrument: Instrument, items: list[int], gone: set[int], age: int | None, first: int | None
) -> None:
    given_items = [None if place in gone else each / 10 for place, each in enumerate(items)]
    rating = score(instrument, given_items, age=age, first_total=None if first is None else first / 10)
    assert (rating.total, rating.below_mark, rating.change, rating.reliable, rating.outcome) == (None,) * 5
    assert not rating.straight
    assert not {place + 1 for place in gone} & set(rating.low_items)


@given(instruments, st.lists(tenths | st.none(), min_size=4, max_size=4), st.randoms(use_true_random=False), ages)
def test_the_order_of_answers_never_matters(
    instrument: Instrument, items: list[int | None], chance: st.DataObject, age: int | None
) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        score(instrument, [None if each is None else each / 10 for each in order], age=age, first_total=20)
        for order in (items, shuffled)
    )
    assert (one.total, one.below_mark, one.change, one.outcome, one.straight, one.sources) == (
        other.total, other.below_mark, other.change, other.outcome, other.straight, other.sources,
    )  # fmt: skip
    assert len(one.low_items) == len(other.low_items)


@given(tenths)
def test_comma_and_point_are_the_same(value: int) -> None:
    whole, part = divmod(value, 10)
    assert read_item(f"{whole},{part}") == read_item(f"{whole}.{part}") == value / 10
    if part == 0:
        assert read_item(str(whole)) == whole


@given(totals, totals, st.none() | totals, st.integers(1, 400))
def test_change_is_one_of_four_and_turns_with_its_sign(first: int, last: int, mark: int | None, least: int) -> None:
    marks = Marks(reliable=least / 10)
    at = None if mark is None else mark / 10
    there, back = change_of(first / 10, last / 10, marks, at), change_of(last / 10, first / 10, marks, at)
    assert there.reliable == back.reliable == (abs(last - first) > least)
    assert (there.outcome == "no_change") == (not there.reliable)
    assert (there.outcome == "deteriorated") == (there.reliable and last < first)
    assert (there.outcome == "recovered") == (there.reliable and mark is not None and first < mark <= last)
    assert there.change is not None
    assert there.change == -(back.change or 0)


@given(licensed, four, st.integers(0, 399))
def test_a_higher_mark_never_lifts_anyone_above_it(instrument: Instrument, items: list[int], mark: int) -> None:
    values = [each / 10 for each in items]
    low = Marks(ors_adult=mark / 10, srs=mark / 10)
    high = Marks(ors_adult=(mark + 1) / 10, srs=(mark + 1) / 10)
    assume(score(instrument, values, low, age=20).below_mark)
    assert score(instrument, values, high, age=20).below_mark
