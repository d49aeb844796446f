from __future__ import annotations

import pytest

from rules.rating_choices import Choices


def test_a_unit_that_says_nothing_has_the_programs_own_choices() -> None:
    assert Choices.of({}) == Choices.of({"ratings": None}) == Choices()


def test_what_a_unit_says_counts() -> None:
    made = Choices.of({"ratings": {"after": False, "within_minutes": 240, "marks": {"reliable": 6.0}, "odd": 1}})
    assert made == Choices(after=False, within_minutes=240, marks={"reliable": 6.0})


@pytest.mark.parametrize(
    ("name", "bad", "default"),
    [("within_minutes", 9, 120), ("within_minutes", 1_441, 120), ("task_days", 0, 2), ("task_days", "3", 2)],
)
def test_what_lies_out_of_bounds_is_the_default(name: str, bad: object, default: int) -> None:
    assert getattr(Choices.of({"ratings": {name: bad}}), name) == default
