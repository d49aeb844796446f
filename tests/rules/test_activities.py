"""What an activity must be before anything is sent, and by when people answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.activities import FIELDS, TIME_TO_ANSWER, last_answer, read_activity, too_few
from rules.bad_input import BadInput
from rules.calendar import is_working_day, to_local

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, 10.00
STARTS = datetime(2026, 12, 8, 13, tzinfo=UTC)  # a Tuesday, 14.00
GIVEN: dict[str, Any] = {"what": "Laga mat", "where": "Hos oss, Storgatan 27", "starts": STARTS}


def fault(**given_: Any) -> BadInput:
    with pytest.raises(BadInput) as raised:
        read_activity(GIVEN | given_, NOW)
    return raised.value


def test_what_is_not_said_is_as_usual() -> None:
    made = read_activity(GIVEN, NOW)
    assert (made.places, made.least, made.minutes, made.how, made.leader, made.notes_sv) == (7, 3, 90, "", None, ())
    assert made.answer_by == datetime(2026, 12, 4, 16, tzinfo=UTC)  # the Friday before, 17.00: the 6th is a Sunday


def test_lines_are_tidied() -> None:
    assert read_activity(GIVEN | {"what": "  Laga\n mat "}, NOW).what == "Laga mat"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("starts", NOW, "måndag 23 november kl. 10 har redan varit"),
        ("starts", NOW - timedelta(days=30), "har redan varit"),
        ("starts", NOW + timedelta(days=732), "två år"),
        ("starts", None, "Välj en dag"),
        ("starts", "2026-12-08", "Välj en dag"),
        ("starts", STARTS.replace(tzinfo=None), "Välj en dag"),
        ("what", "", "Vad ni ska göra behövs"),
        ("what", " \n ", "behövs"),
        ("what", "x" * 61, "61 tecken"),
        ("where", None, "Var ni ses behövs"),
        ("how", "x" * 161, "högst 160"),
        ("how", 3, "behövs"),
        ("places", 0, "från 1 till 40"),
        ("places", 41, "från 1 till 40"),
        ("places", "7", "helt tal"),
        ("places", True, "helt tal"),
        ("places", 7.0, "helt tal"),
        ("least", 8, "Minst 8 går inte med 7 platser"),
        ("minutes", 14, "från 15 till 720"),
        ("answer_by", NOW, "redan varit"),
        ("answer_by", STARTS + timedelta(minutes=1), "efter aktiviteten"),
        ("leader", "Anna", "Välj en medarbetare"),
        ("colour", "red", "Fältet finns inte. De som finns: what, where"),
    ],
)
def test_what_cannot_be_is_told_by_its_field(field: str, value: Any, told: str) -> None:
    raised = fault(**{field: value})
    assert raised.field == field
    assert told.casefold() in raised.why_sv.casefold()


def test_fewer_places_than_those_who_said_yes_is_refused() -> None:
    with pytest.raises(BadInput, match="5 har redan sagt ja") as raised:
        read_activity(GIVEN | {"places": 4}, NOW, said_yes=5)
    assert raised.value.field == "places"
    assert read_activity(GIVEN | {"places": 5}, NOW, said_yes=5).places == 5


def test_large_and_small_groups_get_advice_and_are_allowed() -> None:
    assert read_activity(GIVEN | {"places": 12}, NOW).notes_sv == ("I grupper med fler än 7 blir en del tysta.",)
    small = read_activity(GIVEN | {"places": 2}, NOW)
    assert (small.least, small.notes_sv) == (2, ("Med färre än 3 kan det kännas utsatt.",))


def test_too_few_is_said_only_when_the_last_day_is_over() -> None:
    made = read_activity(GIVEN, NOW)
    assert not too_few(0, made, made.answer_by - timedelta(seconds=1))
    assert too_few(2, made, made.answer_by)
    assert not too_few(3, made, made.answer_by)


@pytest.mark.parametrize(
    ("now", "answer_by"),
    [
        (NOW, datetime(2026, 12, 4, 16, tzinfo=UTC)),
        (datetime(2026, 12, 4, 9, tzinfo=UTC), datetime(2026, 12, 7, 16, tzinfo=UTC)),  # the day before
        (datetime(2026, 12, 7, 16, tzinfo=UTC), datetime(2026, 12, 8, 10, tzinfo=UTC)),  # three hours before
        (datetime(2026, 12, 8, 9, tzinfo=UTC), datetime(2026, 12, 8, 11, tzinfo=UTC)),  # half of what is left
    ],
)
def test_the_last_day_to_answer_is_early_when_there_is_time(now: datetime, answer_by: datetime) -> None:
    assert last_answer(STARTS, now) == answer_by


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.timedeltas(timedelta(minutes=1), timedelta(days=700)))
def test_the_last_moment_is_between_now_and_the_start(now: datetime, ahead: timedelta) -> None:
    starts = now + ahead
    by = last_answer(starts, now)
    assert now < by < starts
    if ahead > timedelta(days=15):
        assert is_working_day(to_local(by).date())
        assert by - now >= TIME_TO_ANSWER
        assert (to_local(starts).date() - to_local(by).date()).days >= 2


anything = st.none() | st.booleans() | st.integers() | st.text(max_size=200) | moments | st.floats()


@given(st.dictionaries(st.sampled_from([*FIELDS, "x"]), anything), moments)
def test_whatever_is_given_is_an_activity_or_named(given_: dict[str, Any], now: datetime) -> None:
    try:
        made = read_activity(given_, now)
    except BadInput:
        return
    assert now < made.answer_by <= made.starts
    assert 1 <= made.least <= made.places
