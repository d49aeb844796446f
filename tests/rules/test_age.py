import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.age import Age, age_of, help_road, road

YEAR = 2026
birth_years = st.integers(1900, YEAR)


@pytest.mark.parametrize(
    ("age", "taken", "help_taken"),
    [
        (0, "under_15", "minor"),
        (14, "under_15", "minor"),
        (15, "minor", "minor"),
        (17, "minor", "minor"),
        (18, "minor", "minor"),
        (19, "adult", "adult"),
        (29, "adult", "adult"),
        (30, "over_29", "adult"),
        (90, "over_29", "adult"),
    ],
)
def test_ages_take_the_safer_road(age: int, taken: str, help_taken: str) -> None:
    assert road(YEAR - age, YEAR) == taken
    assert help_road(YEAR - age, YEAR) == help_taken


@pytest.mark.parametrize("birth_year", [None, YEAR + 1, 20030])
def test_no_sensible_year_is_unknown(birth_year: int | None) -> None:
    assert road(birth_year, YEAR) == "unknown"
    assert help_road(birth_year, YEAR) == "unknown"


def test_the_birthday_may_be_ahead() -> None:
    assert age_of(2003, YEAR) == Age(22, 23)
    assert age_of(YEAR, YEAR) == Age(0, 0)
    with pytest.raises(ValueError, match="2027"):
        age_of(2027, YEAR)


@given(birth_years)
def test_nobody_who_may_be_minor_is_adult(birth_year: int) -> None:
    if age_of(birth_year, YEAR).least < 18:
        assert road(birth_year, YEAR) in {"under_15", "minor"}
        assert help_road(birth_year, YEAR) == "minor"


@given(birth_years)
def test_fifteen_to_twentynine_are_all_welcome(birth_year: int) -> None:
    assert (road(birth_year, YEAR) in {"minor", "adult"}) == (15 <= YEAR - birth_year <= 29)
