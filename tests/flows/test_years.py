"""Years of birth in digits, dates, ages and words; identity numbers masked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.values import BirthYear, mask_personnummer, read_birth_year
from tests import wordlists

LEXICON = wordlists.lexicon()
THIS_YEAR = 2026


def _read(text: str) -> BirthYear:
    return read_birth_year(text, THIS_YEAR, LEXICON)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("03", 2003),
        ("03!", 2003),
        ("2003", 2003),
        ("２００３", 2003),
        ("född 03", 2003),
        ("född år 2003", 2003),
        ("år 2003", 2003),
        ("03 tror jag", 2003),
        ("jag är 03:a", 2003),
        ("99", 1999),
        ("-99", 1999),
        ("'99", 1999),
        ("jag är 99", 1999),
        ("10", 2010),
        ("00", 2000),
        ("född 45", 1945),
        ("2026", 2026),
        ("1999-04-15", 1999),
        ("03-04-15", 2003),
        ("030415", 2003),
        ("20030415", 2003),
        ("15/4 2003", 2003),
        ("15/4-03", 2003),
        ("15.4.2003", 2003),
        ("15 april 2003", 2003),
        ("20030415-1234", 2003),
        ("030415-1234", 2003),
        ("200304151234", 2003),
        ("två tusen tre", 2003),
        ("tvåtusentre", 2003),
        ("tjugohundratre", 2003),
        ("nittonhundranittionio", 1999),
        ("nitton nittionio", 1999),
        ("nittionio", 1999),
        ("noll tre", 2003),
        ("nollfem", 2005),
        ("jag är 19 år född 07", 2007),
        ("född 2010 och är 16", 2010),
    ],
)
def test_year_is_read(text: str, year: int) -> None:
    found = _read(text)
    assert (found.year, found.age, found.approximate) == (year, THIS_YEAR - year, False)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("jag är 19", 19), ("19 år", 19), ("19år", 19), ("nitton år", 19), ("fyller 20 i år", 20),
        ("19", 19), ("22", 22), ("nitton", 19), ("28", 28),
    ],
)  # fmt: skip
def test_age_gives_a_rough_year(text: str, age: int) -> None:
    found = _read(text)
    assert (found.year, found.age, found.approximate) == (THIS_YEAR - age, age, True)


@pytest.mark.parametrize(("text", "age"), [("15", 15), ("16", 16)])
def test_bare_age_is_asked_about(text: str, age: int) -> None:
    found = _read(text)
    assert (found.year, found.age) == (None, age)


@pytest.mark.parametrize(
    "text", ["1875", "2030", "203", "20003", "hej", "", "2003 eller 2004", "03 04 15", "0701234567"]
)
def test_no_year_is_guessed(text: str) -> None:
    found = _read(text)
    assert found.year is None
    assert found.why


def test_digits_are_read_without_words() -> None:
    assert read_birth_year("född 2003", THIS_YEAR).year == 2003
    assert read_birth_year("03", THIS_YEAR).year == 2003


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("20030415-1234", "20030415-…"),
        ("jag är 030415-1234 ok", "jag är 030415-… ok"),
        ("990101–2384", "990101–…"),
        ("19990101 1234", "19990101 …"),
        ("200304151234", "20030415…"),
        ("030475-1234", "030475-…"),
        ("8112189876", "811218…"),
        ("０３０４１５-１２３４", "０３０４１５-…"),
        ("0701234567", "0701234567"),
        ("070-123 45 67", "070-123 45 67"),
        ("0911234567", "0911234567"),
        ("2003-04-15", "2003-04-15"),
        ("kl 14 den 3 december", "kl 14 den 3 december"),
    ],
)
def test_identity_number_is_masked(text: str, masked: str) -> None:
    assert mask_personnummer(text) == masked


@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_personnummer(text)
    assert mask_personnummer(once) == once


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 9999), st.sampled_from(["", "-", "–", " ", "+"]))
def test_no_last_digits_are_kept(day: date, last: int, joint: str) -> None:
    number = f"{day:%Y%m%d}{joint}{last:04}"
    assert mask_personnummer(f"mitt är {number}.") == f"mitt är {number[:-4]}…."


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(2024, 2040))
def test_any_text_gives_a_possible_year(text: str, this_year: int) -> None:
    found = read_birth_year(text, this_year, LEXICON)
    assert found.year is None or 0 <= this_year - found.year <= 110


@given(st.integers(1966, 2016))
def test_two_digits_give_their_likely_century(year: int) -> None:
    found = _read(f"{year % 100:02}")
    assert found.year == year or (found.year is None and found.age == year % 100)
