"""Times in words: every phrase of the table, what was assumed, and what chance may bring."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.when import Unread, When, read_when
from messages.words import load_words

HOME = ZoneInfo("Europe/Stockholm")
WORDS: dict[str, Any] = load_words("sv")
NOW = datetime(2026, 12, 2, 10, 0, tzinfo=HOME)  # a Wednesday
AGREED = datetime(2026, 12, 3, 13, 30, tzinfo=HOME)
TABLE = Path(__file__).with_name("when_phrases.tsv")


def _rows() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


ROWS = _rows()


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HOME)


def _written(read: When | Unread) -> str:
    if isinstance(read, Unread):
        return "-"
    said = " or ".join(
        f"{one.start:%Y-%m-%dT%H:%M}" if one.exact else f"{one.start:%Y-%m-%dT%H:%M}/{one.end:%Y-%m-%dT%H:%M}"
        for one in (read, *read.also)
    )
    return f"{said} daily {read.daily[0]:%H:%M}-{read.daily[1]:%H:%M}" if read.daily else said


def _minute(text: str, agreed: datetime | None = None) -> str:
    return _written(read_when(text, NOW, WORDS, agreed))


def test_table_holds_two_hundred_phrases() -> None:
    assert len(ROWS) >= 200
    assert len({(now, text) for now, text, _ in ROWS}) == len(ROWS)


def test_every_phrase_is_read_as_meant() -> None:
    read = [[now, text, _written(read_when(text, _local(now), WORDS))] for now, text, _ in ROWS]
    assert [each for each, row in zip(read, ROWS, strict=True) if each != row] == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("samma tid", "2026-12-03T13:30"),
        ("samma tid på fredag", "2026-12-04T13:30"),
        ("samma tid nästa vecka", "2026-12-10T13:30"),
        ("samma tid fast på måndag", "2026-12-07T13:30"),
        ("som vanligt", "2026-12-03T13:30"),
        ("samma dag men kl 15", "2026-12-03T15:00"),
        ("kl 15 istället", "2026-12-03T15:00"),
        ("en timme senare", "2026-12-03T14:30"),
        ("en halvtimme tidigare", "2026-12-03T13:00"),
        ("en kvart senare", "2026-12-03T13:45"),
        ("en vecka senare", "2026-12-10T13:30"),
        ("två dagar senare", "2026-12-05T13:30"),
        ("dagen efter samma tid", "2026-12-04T13:30"),
        ("dagen efter", "2026-12-04T00:00/2026-12-04T23:59"),
        ("veckan efter", "2026-12-07T00:00/2026-12-13T23:59"),
    ],
)
def test_agreed_time_is_counted_from(text: str, meant: str) -> None:
    assert _minute(text, AGREED) == meant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kl 3", "3.00 means 15.00"),
        ("kl 14", "today"),
        ("kl 9", "tomorrow"),
        ("onsdag", "not today but in a week"),
        ("onsdag kl 14", "today"),
        ("nästa torsdag", "next: in next week"),
        ("fredag eftermiddag", "afternoon: 13.00 to 17.00"),
        ("runt 15", "about: 30 minutes before and after"),
        ("när som helst", "any time: within a week"),
        ("den 14", "the month 2026-12"),
        ("10 jan", "the year 2027"),
    ],
)
def test_what_was_assumed_is_told(text: str, told: str) -> None:
    read = read_when(text, NOW, WORDS)
    assert isinstance(read, When)
    assert told in read.assumed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fredag 3/12", "the weekday and the date do not fit together"),
        ("idag kl 9", "already past"),
        ("1/12", "already past"),
        ("i torsdags", "it speaks of the past"),
        ("ja men inte kl 8", "it says when not"),
        ("samma tid", "the same time, but no time is agreed"),
        ("en timme senare", "later or earlier, but no time is agreed"),
        ("midsommar", "further away than 180 days"),
        ("30/2", "there is no such date"),
        ("kl 14 på förmiddagen", "the hour and the part of the day do not fit together"),
        ("hej", "no day and no hour in it"),
        ("", "no day and no hour in it"),
    ],
)
def test_unread_text_says_why(text: str, why: str) -> None:
    assert read_when(text, NOW, WORDS) == Unread(why)


def test_capitals_and_last_signs_change_nothing() -> None:
    otherwise = []
    for text in [text for now, text, _ in ROWS if now == "2026-12-02T10:00"]:
        ways = (text.upper(), f"  {text} ", f"{text}!!", f"{text} 😊")
        otherwise += [way for way in ways if _minute(way) != _minute(text)]
    assert otherwise == []


@pytest.mark.parametrize("text", ["torsdag kl 14", "nästa vecka efter lunch", "den 3 december halv två", "på måndag"])
def test_dots_over_letters_may_be_missing(text: str) -> None:
    assert _minute(text.translate(str.maketrans("åäöÅÄÖ", "aaoAAO"))) == _minute(text)


@pytest.mark.parametrize("text", ["trosdag", "torsdg", "torssdag", "torsdaaag", "toredag", "tosrdag"])
def test_one_slip_in_a_weekday_is_forgiven(text: str) -> None:
    assert _minute(f"{text} kl 14") == "2026-12-03T14:00"


@pytest.mark.parametrize(
    "text",
    [
        "sonen är hemma", "matchen blev bra", "vid torget", "i parken", "jag önskar det", "vill boka", "feber",
        "morfar kom", "fick ett pass", "hämta paket", "nätet strular", "ska äta", "era tider", "jag packar",
        "frida kan",
    ],
)  # fmt: skip
def test_a_word_of_the_language_is_no_slip_of_another(text: str) -> None:
    """They were Sunday, March, Thursday, Easter, Wednesday, tomorrow, February and the morning."""
    assert isinstance(read_when(text, NOW, WORDS), Unread)


@pytest.mark.parametrize("text", ["urdag kl 14", "tisdag efter sportlovet", "på min födelsedag kl 10"])
def test_a_day_nobody_knows_is_unread(text: str) -> None:
    assert read_when(text, NOW, WORDS) == Unread("a day that is not known")


def test_refused_days_are_left_out_of_a_window() -> None:
    read = read_when("nästa vecka men inte onsdag", NOW, WORDS)
    assert isinstance(read, When)
    assert read.not_on == (date(2026, 12, 9),)
    every_day = read_when("alla dagar utom onsdag", NOW, WORDS)
    assert isinstance(every_day, When)
    assert every_day.not_on == (date(2026, 12, 2), date(2026, 12, 9))


def test_refused_hours_with_no_other_are_asked_about() -> None:
    assert read_when("nästa vecka men inte på eftermiddagen", NOW, WORDS) == Unread("it says when not")


def test_skipped_hour_in_spring_is_the_next() -> None:
    read = read_when("28/3 02:30", datetime(2027, 3, 20, 9, 0, tzinfo=HOME), WORDS)
    assert isinstance(read, When)
    assert read.start.isoformat() == "2027-03-28T03:00:00+02:00"


def test_doubled_hour_in_autumn_is_the_first() -> None:
    read = read_when("25/10 02:30", datetime(2026, 10, 20, 9, 0, tzinfo=HOME), WORDS)
    assert isinstance(read, When)
    assert read.start.isoformat() == "2026-10-25T02:30:00+02:00"


def test_an_hour_ahead_is_an_hour_of_real_time() -> None:
    now = datetime(2027, 3, 28, 1, 30, tzinfo=HOME)
    read = read_when("om en timme", now, WORDS)
    assert isinstance(read, When)
    assert read.start.isoformat() == "2027-03-28T03:30:00+02:00"


def test_english_words_are_data_as_well() -> None:
    english = load_words("en")
    read = read_when("next week on thursday at half past two", NOW, english)
    assert _written(read) == "2026-12-10T14:30"


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(HOME))  # noqa: DTZ001
ODD = ("men", "99", "2026", "24:00", "\n", "0", "31/2")
PIECES = [*sorted({word for _, text, _ in ROWS for word in text.split()}), *ODD]
PHRASES = st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)


def _is_ahead(read: When, now: datetime) -> bool:
    begin, end, moment = (value.astimezone(UTC) for value in (read.start, read.end, now))
    return moment < begin <= end <= moment + timedelta(days=180) and (not read.exact or begin == end)


@settings(max_examples=300, deadline=None)
@given(PHRASES, MOMENTS, st.none() | MOMENTS)
def test_time_is_never_past_nor_far(text: str, now: datetime, agreed: datetime | None) -> None:
    read = read_when(text, now, WORDS, agreed)
    if isinstance(read, When):
        assert all(_is_ahead(one, now) for one in (read, *read.also))
    else:
        assert read.why


@settings(deadline=None)
@given(st.text(max_size=400), MOMENTS)
def test_any_text_is_read_or_said_unread(text: str, now: datetime) -> None:
    read = read_when(text, now, WORDS)
    assert isinstance(read, Unread) or _is_ahead(read, now)


@settings(deadline=None)
@given(st.integers(1, 28), st.integers(1, 12), MOMENTS)
def test_day_comes_before_month(day: int, month: int, now: datetime) -> None:
    read = read_when(f"{day}/{month}", now, WORDS)
    if isinstance(read, When):
        assert (read.end.day, read.end.month) == (day, month)
    else:
        assert read.why in {"already past", "further away than 180 days"}


@settings(deadline=None)
@given(st.integers(0, 23), st.integers(0, 59), MOMENTS)
def test_clock_with_four_digits_is_kept(hour: int, minute: int, now: datetime) -> None:
    read = read_when(f"imorgon kl {hour:02}:{minute:02}", now, WORDS)
    assert isinstance(read, When)
    assert read.exact
    day = now.date() + timedelta(days=1)
    skipped = (read.start.hour, read.start.minute) == (3, 0) and hour == 2
    assert skipped or (read.start.date(), read.start.hour, read.start.minute) == (day, hour, minute)


@settings(deadline=None)
@given(st.sampled_from(["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"]), MOMENTS)
def test_weekday_comes_within_a_week(name: str, now: datetime) -> None:
    read = read_when(f"på {name}", now, WORDS)
    assert isinstance(read, When)
    assert 1 <= (read.start.date() - now.date()).days <= 7
    assert ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"][read.start.weekday()] == name


@settings(deadline=None)
@given(st.integers(1, 52), MOMENTS)
def test_weeks_are_counted_as_iso_weeks(number: int, now: datetime) -> None:
    read = read_when(f"v {number}", now, WORDS)
    if isinstance(read, When):
        assert read.start.isocalendar().week == number
