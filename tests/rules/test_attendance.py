"""Quarter hours that an auditor can follow: what was noted, what was sent, what was changed, by whom and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.attendance import Entry, Lock, Month, Rounding, check_entry, month_rows, quarters, to_send_again
from rules.bad_input import BadInput

DEC = Month(2026, 12)
DAY = date(2026, 12, 8)
NOTED = datetime(2026, 12, 8, 15, tzinfo=UTC)
SENT = datetime(2027, 1, 11, 9, tzinfo=UTC)
CAME = Entry(1, 7, DAY, 90, NOTED, by=5)
LOCK = Lock(DEC, SENT, by=9)


@pytest.mark.parametrize(
    ("minutes", "nearest", "down", "up"),
    [
        (0, 0, 0, 0), (1, 0, 0, 1), (7, 0, 0, 1), (8, 1, 0, 1), (14, 1, 0, 1), (15, 1, 1, 1), (16, 1, 1, 2),
        (22, 1, 1, 2), (23, 2, 1, 2), (90, 6, 6, 6), (1440, 96, 96, 96),
    ],
)  # fmt: skip
def test_minutes_become_quarters(minutes: int, nearest: int, down: int, up: int) -> None:
    assert [quarters(minutes, how) for how in ("nearest", "down", "up")] == [nearest, down, up]


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_minutes_that_no_day_has_are_named(minutes: int) -> None:
    with pytest.raises(BadInput, match="från 0 till 1440"):
        quarters(minutes)


def test_a_month_is_a_row_for_each_person_and_activity() -> None:
    entries = [
        CAME,
        replace(CAME, day=date(2026, 12, 15), minutes=95),
        replace(CAME, day=date(2027, 1, 5)),
        replace(CAME, person=2),
        replace(CAME, activity=3),
    ]
    rows = month_rows(entries)
    assert [(str(row.month), row.activity, row.person, row.quarters, row.days) for row in rows] == [
        ("2026-12", 3, 1, 6, 1),
        ("2026-12", 7, 1, 12, 2),
        ("2026-12", 7, 2, 6, 1),
        ("2027-01", 7, 1, 6, 1),
    ]
    assert {(row.sent, row.corrections, row.differs) for row in rows} == {(None, (), False)}


def test_each_day_is_rounded_by_itself() -> None:
    days = [replace(CAME, day=DAY + timedelta(days=day), minutes=7) for day in range(4)]
    assert [(row.quarters, row.days) for row in month_rows(days)] == [(0, 4)]
    assert [(row.quarters, row.days) for row in month_rows(days, rounding="up")] == [(4, 4)]


def test_the_newest_note_counts_and_the_change_is_seen() -> None:
    changed = replace(CAME, minutes=60, at=NOTED + timedelta(hours=1), by=6)
    (row,) = month_rows([changed, CAME])
    assert row.quarters == 4
    (one,) = row.corrections
    assert (one.was, one.now, one.by, one.after_sent) == (90, 60, 6, False)


def test_a_sent_month_keeps_what_was_sent_beside_what_is_right() -> None:
    changed = replace(CAME, minutes=0, at=SENT + timedelta(days=1), by=6, why="Fel person")
    (row,) = month_rows([CAME, changed], [LOCK])
    assert (row.sent, row.quarters, row.days, row.differs) == (6, 0, 0, True)
    (one,) = row.corrections
    assert (one.was, one.now, one.why, one.after_sent) == (90, 0, "Fel person", True)


def test_who_is_added_after_it_was_sent_is_seen_as_a_correction() -> None:
    late = replace(CAME, at=SENT + timedelta(days=1), why="Glömdes på listan")
    (row,) = month_rows([late], [LOCK])
    assert (row.sent, row.quarters, row.differs) == (0, 6, True)
    assert [(one.was, one.now, one.after_sent) for one in row.corrections] == [(0, 90, True)]


def test_sent_anew_what_was_corrected_is_what_was_sent() -> None:
    changed = replace(CAME, minutes=60, at=SENT + timedelta(days=1), why="Gick tidigare")
    (row,) = month_rows([CAME, changed], [LOCK, replace(LOCK, at=SENT + timedelta(days=2))])
    assert (row.sent, row.quarters, row.differs) == (4, 4, False)


def test_of_two_locks_of_one_instant_the_same_counts_in_any_order() -> None:
    short, two = replace(CAME, minutes=20), [LOCK, replace(LOCK, rounding="up")]
    assert month_rows([short], two) == month_rows([short], two[::-1])


def test_a_sent_month_is_rounded_as_it_was_then() -> None:
    short = replace(CAME, minutes=20)
    (row,) = month_rows([short], [replace(LOCK, rounding="up")], "down")
    assert (row.sent, row.quarters) == (2, 2)


def test_a_day_that_nobody_came_is_no_row() -> None:
    assert month_rows([replace(CAME, minutes=0)]) == []


def test_an_entry_of_a_sent_month_needs_a_reason() -> None:
    today = date(2027, 1, 12)
    check_entry(CAME, [], today)
    check_entry(replace(CAME, why="Glömdes"), [LOCK], today)
    check_entry(replace(CAME, day=date(2027, 1, 5)), [LOCK], today)
    for entry, field in (
        (replace(CAME, why=" "), "why"),
        (replace(CAME, day=date(2027, 1, 13)), "day"),
        (replace(CAME, minutes=1441), "minutes"),
    ):
        with pytest.raises(BadInput) as raised:
            check_entry(entry, [LOCK], today)
        assert raised.value.field == field


def test_a_changed_month_and_all_later_ones_are_sent_again() -> None:
    locks = [replace(LOCK, month=Month(2026, month)) for month in (12, 9, 10, 11)]
    assert [str(each) for each in to_send_again([Month(2026, 11), Month(2027, 1)], locks)] == ["2026-11", "2026-12"]
    assert to_send_again([Month(2027, 1)], locks) == []
    assert to_send_again([], locks) == []


entries = st.lists(
    st.builds(
        Entry,
        st.integers(1, 3),
        st.integers(1, 2),
        st.dates(date(2026, 11, 28), date(2026, 12, 4)),
        st.integers(0, 1440),
        st.datetimes(datetime(2026, 12, 5), datetime(2027, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    max_size=30,
)
locks = st.lists(
    st.builds(
        Lock,
        st.sampled_from([Month(2026, 11), DEC]),
        st.datetimes(datetime(2026, 12, 5), datetime(2027, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.just(9),
        st.sampled_from(["nearest", "down", "up"]),
    ),
    max_size=3,
)


@given(entries, locks, st.sampled_from(["nearest", "down", "up"]))
def test_the_order_of_entries_changes_nothing_and_every_difference_is_explained(
    noted: list[Entry], sent: list[Lock], rounding: Rounding
) -> None:
    rows = month_rows(noted, sent, rounding)
    assert month_rows(noted[::-1], sent[::-1], rounding) == rows
    keys = [(row.month, row.activity, row.person) for row in rows]
    assert keys == sorted(set(keys))
    for row in rows:
        assert row.quarters >= 0
        assert not row.differs or any(one.after_sent for one in row.corrections)
        assert (row.sent is None) == (row.month not in {lock.month for lock in sent})


@given(st.lists(st.integers(0, 1440), max_size=40))
def test_down_is_never_more_and_up_never_less_than_what_was(days: list[int]) -> None:
    real = sum(days) / 15
    assert sum(quarters(day, "down") for day in days) <= real <= sum(quarters(day, "up") for day in days)
