"""Days, clocks, names and places as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from messages.catalog import Catalog
from messages.filters import local
from rules.calendar import STOCKHOLM, swedish_clock, swedish_day, swedish_moment, to_utc

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)  # a Saturday, 12.00 in Sweden
CATALOG = Catalog.load()


def written(template: str, language: str = "sv", **facts: object) -> str:
    environment: Environment = CATALOG.books[language].environment
    return environment.from_string("{{ " + template + " }}").render(now=NOW, units={}, **facts)


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_swedish_days_agree_with_the_calendar(day: date) -> None:
    assert written("it | day", it=day.isoformat()) == swedish_day(day, date(2026, 11, 21))


@given(st.timedeltas(timedelta(days=-300), timedelta(days=500)))
def test_swedish_moments_agree_with_the_calendar(off: timedelta) -> None:
    at = NOW + off
    assert written("it | moment", it=at.isoformat()) == swedish_moment(at, date(2026, 11, 21))


@given(st.times())
def test_swedish_clocks_agree_with_the_calendar(clock: time) -> None:
    at = to_utc(date(2026, 11, 23), clock, STOCKHOLM)
    assert written("it | clock", it=at) == swedish_clock(clock)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-21T15:00:00+00:00", "i dag kl. 16"),
        ("2026-11-22T07:30:00+00:00", "i morgon kl. 8.30"),
        ("2026-11-23T11:00:00+00:00", "måndag kl. 12"),
        ("2026-11-27T11:00:00+00:00", "fredag kl. 12"),
        ("2026-11-28T11:00:00+00:00", "lördag 28 november kl. 12"),
        ("2027-01-06T11:00:00+00:00", "onsdag 6 januari 2027 kl. 12"),
        ("2026-11-21T23:30:00+00:00", "i morgon kl. 0.30"),
    ],
)
def test_soon_drops_the_date_this_week(moment: str, said: str) -> None:
    assert written("it | soon", it=moment) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-21T15:30:00+00:00", "today at 16:30"),
        ("2026-11-23T07:00:00+00:00", "Monday at 8:00"),
        ("2026-12-01T07:00:00+00:00", "Tuesday 1 December at 8:00"),
    ],
)
def test_english_days_need_no_code(moment: str, said: str) -> None:
    assert written("it | soon", "en", it=moment) == said


@pytest.mark.parametrize(
    ("value", "yes"),
    [
        ("2026-11-20", False),
        ("2026-11-21", True),
        (date(2026, 11, 22), True),
        ("2026-11-21T10:59:00+00:00", False),
        ("2026-11-21T11:01:00+00:00", True),
    ],
)
def test_only_what_is_to_come_is_ahead(value: object, yes: bool) -> None:
    assert written("it is ahead", it=value) == str(yes)


@pytest.mark.parametrize("value", ["nonsense", "25 november", datetime(2026, 1, 1), 7])  # noqa: DTZ001
def test_what_is_no_date_raises(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        local(value)


@pytest.mark.parametrize(
    ("people", "and_", "or_"),
    [
        ([], "någon av oss", "någon av oss"),
        (["Anna"], "Anna", "Anna"),
        (["Anna", "Erik"], "Anna och Erik", "Anna eller Erik"),
        (["Anna", "Erik", "Bo"], "Anna, Erik och Bo", "Anna, Erik eller Bo"),
        (["Anna", "Erik", "Bo", "Åsa"], "Anna, Erik och 2 till", "Anna, Erik eller en kollega"),
    ],
)
def test_names_are_listed_as_in_speech(people: list[str], and_: str, or_: str) -> None:
    assert written("it | names", it=people) == and_
    assert written("it | names_or", it=people) == or_


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Älvsbyn", "Älvsbyns kommun"),
        ("Piteå", "Piteå kommun"),
        ("Arvidsjaur", "Arvidsjaurs kommun"),
        ("Bollnäs", "Bollnäs kommun"),
        ("Haninge", "Haninge kommun"),
        ("Göteborgs stad", "Göteborgs stad"),
        ("Region Gotland", "Region Gotland"),
    ],
)
def test_municipality_is_written_as_it_is_called(name: str, said: str) -> None:
    assert written("it | municipality", it=name) == said


def test_hours_are_said_in_english() -> None:
    assert written("it | hours", "en", it="vardagar kl. 8-16") == "weekdays 8-16"
    mixed = "måndag till onsdag kl. 9-15.30, fredag kl. 8-12 och 13-16"
    assert written("it | hours", "en", it=mixed) == "Monday to Wednesday 9-15:30, Friday 8-12 and 13-16"


def test_midnight_is_reckoned_in_sweden() -> None:
    late = NOW.replace(hour=22, minute=59)
    assert local(late).date() == NOW.date()
    assert local(late + timedelta(minutes=1)).date() == NOW.date() + timedelta(days=1)
