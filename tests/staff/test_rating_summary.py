"""The unit's summary of ratings: counted right on both databases, and nobody pointed out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.scales import load_scales
from staff import rating_summary
from staff.rating_summary import LEAST, Cell, Summary, shown
from storage import rating_figures, ratings, staff, units
from storage.units import Unit
from tests import rated
from tests.staff.conftest import Office

DAY = timedelta(days=1)


@pytest.fixture
def office(office_on_both: Office) -> Office:
    return office_on_both


def unit(office: Office, slug: str = "alvsbyn") -> Unit:
    with office.store.read() as tx:
        return units.get_unit(tx, slug)


def people(office: Office, count: int, *, protected: bool = False) -> list[int]:
    return [office.person("alvsbyn", protected=protected) for _ in range(count)]


def year(office: Office, which: int = 2026) -> Summary:
    with office.store.read() as tx:
        return rating_summary.summary(tx, units.get_unit(tx, "alvsbyn"), which, load_scales())


def told(cells: dict[str, Cell] | object) -> dict[str, int | None]:
    assert isinstance(cells, dict)
    return {name: cell.count for name, cell in cells.items()}


# --- what was asked --------------------------------------------------------------------------------------------------


def answers(office: Office, who: list[int], items: Any = 8, at: datetime | None = None, **more: Any) -> list[int]:
    here = unit(office).id
    with office.store.begin() as tx:
        return [rated.answered(tx, at or office.now, one, here, items, **more) for one in who]


def test_what_was_asked_is_counted_by_what_came_of_it(office: Office) -> None:
    here = unit(office).id
    answers(office, people(office, 7))
    answers(office, people(office, 5), {"relation": 5, "goals": None})
    unwilling, silent = people(office, 5), people(office, 6)
    with office.store.begin() as tx:
        for who in unwilling:
            assert ratings.decline(tx, office.now, rated.asked(tx, office.now, who, here))
        for who in silent:
            ratings.expire(tx, rated.asked(tx, office.now, who, here))
    [row] = year(office).asked
    assert (row.role, row.texts) == ("Efter träffen", "Egna frågor")
    assert (row.licensed, row.version) == (False, "1")
    assert row.total.count == 23
    assert told(row.cells) == {"answered": 7, "partly": 5, "declined": 5, "expired": 6, "open": 0}
    assert row.cells["answered"].share == 30
    assert row.modes == (("på en egen sida", Cell(7, 100)),)


def test_texts_and_versions_and_modes_are_never_mixed(office: Office) -> None:
    six = people(office, 6)
    answers(office, six, mode="sms")
    answers(office, six, mode="page")
    answers(office, six, version="2")
    answers(office, six, scale="srs")
    answers(office, six, scale="egna_fore", mode="paper")
    rows = year(office).asked
    assert [(row.role, row.texts, row.version, row.licensed, row.total.count) for row in rows] == [
        ("Före träffen", "Egna frågor", "1", False, 6),
        ("Efter träffen", "SRS", "1", True, 6),
        ("Efter träffen", "Egna frågor", "1", False, 12),
        ("Efter träffen", "Egna frågor", "2", False, 6),
    ]
    assert [(words, cell.count) for words, cell in rows[2].modes] == [("på en egen sida", 6), ("med siffror i sms", 6)]


def test_many_ratings_of_few_people_are_hidden(office: Office) -> None:
    answers(office, people(office, 4) * 5)
    [row] = year(office).asked
    assert row.total.count is None
    assert set(told(row.cells).values()) == {None}
    assert [cell.count for _, cell in row.modes] == [None]


def test_people_are_counted_over_modes_and_states(office: Office) -> None:
    six = people(office, 6)
    answers(office, six[:3], mode="sms")
    answers(office, six[3:], mode="page")
    [row] = year(office).asked
    assert (row.total.count, row.cells["answered"].count) == (6, 6)
    assert [cell.count for _, cell in row.modes] == [None, None]


def test_a_large_unit_is_looked_at_further_where_it_must_be(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating_figures, "FIRST", 3)
    answers(office, people(office, 2) * 4)
    six = people(office, 6)
    answers(office, six[:3], mode="sms", version="2")
    answers(office, six[3:], mode="page", version="2")
    few, many = sorted(year(office).asked, key=lambda row: row.version)
    assert (few.total.count, few.cells["answered"].count) == (None, None), "eight ratings of two people"
    assert [cell.count for _, cell in few.modes] == [None]
    answers(office, [*six, *six], mode="sms", version="3")
    assert [row.total.count for row in sorted(year(office).asked, key=lambda row: row.version)][2] == 12
    assert (many.total.count, many.cells["answered"].count) == (6, 6)
    assert [cell.count for _, cell in many.modes] == [None, None]


def test_what_is_kept_from_a_staff_member_and_protected_people_count(office: Office) -> None:
    made = answers(office, [*people(office, 3), *people(office, 2, protected=True)])
    with office.store.begin() as tx:
        for each in made:
            ratings.hide_from(tx, each, staff.list_staff(tx)[0].id)
    [row] = year(office).asked
    assert row.total.count == 5


def test_year_is_swedish_and_other_units_are_apart(office: Office) -> None:
    five, pitea = people(office, 5), unit(office, "pitea")
    answers(office, five, at=datetime(2025, 12, 31, 22, 59, tzinfo=UTC))
    answers(office, five, at=datetime(2025, 12, 31, 23, 0, tzinfo=UTC))
    with office.store.begin() as tx:
        for who in five:
            rated.answered(tx, office.now, who, pitea.id, 8)
        assert rating_summary.years(tx, units.get_unit(tx, "alvsbyn"), office.now) == [2026, 2025]
        assert rating_summary.years(tx, pitea, office.now) == [2026]
    assert [year(office, which).asked[0].total.count for which in (2025, 2026)] == [5, 5]
    assert year(office, 2024).asked == ()


# --- how it has changed ----------------------------------------------------------------------------------------------


def moved(office: Office, who: int, *totals: float, mode: str = "page", age: int | None = 20) -> None:
    """A person's ORS, day by day; totals as one number an item."""
    here = unit(office).id
    with office.store.begin() as tx:
        for number, each in enumerate(totals):
            at = office.now - (len(totals) - number) * DAY
            rated.answered(tx, at, who, here, each, scale="ors", mode=mode, age=age)


def test_a_person_counts_once_by_their_latest(office: Office) -> None:
    for who in people(office, 5):
        moved(office, who, 3, 2, 9)  # down, then up to the mark and over
    for who in people(office, 6):
        moved(office, who, 8, 9, 8.5)
    moved(office, people(office, 1)[0], 5)  # the first says nothing of change
    below, above = year(office).moved
    assert (below.form, below.side, below.total.count) == (
        "På linje (sida eller papper)", "Började under riktmärket", 5,
    )  # fmt: skip
    assert told(below.cells) == {"recovered": 5, "improved": 0, "no_change": 0, "deteriorated": 0}
    assert (above.side, above.total.count) == ("Började på eller över riktmärket", 6)
    assert above.cells["no_change"] == Cell(6, 100)


def test_lines_and_numbers_and_no_mark_stand_apart(office: Office) -> None:
    for mode, age in (("page", 20), ("sms", 20), ("sms", None)):
        for who in people(office, 5):
            moved(office, who, 3, 4, mode=mode, age=age)
    assert [(row.form[:9], row.side, row.total.count) for row in year(office).moved] == [
        ("På linje ", "Började under riktmärket", 5),
        ("Med siffr", "Började under riktmärket", 5),
        ("Med siffr", "Utan riktmärke", 5),
    ]


def test_own_questions_have_no_classes(office: Office) -> None:
    five = people(office, 5)
    answers(office, five, 2, scale="egna_fore", at=office.now - DAY)
    answers(office, five, 9, scale="egna_fore")
    assert year(office).moved == ()


def test_small_groups_are_hidden_with_one_more(office: Office) -> None:
    for who in people(office, 8):
        moved(office, who, 3, 4.5)
    for who in people(office, 2):
        moved(office, who, 3, 1)
    [row] = year(office).moved
    assert row.total.count == 10
    assert told(row.cells) == {"recovered": 0, "improved": None, "no_change": 0, "deteriorated": None}


# --- what is hidden --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"a": 5, "b": 6, "c": 0}, {"a": 5, "b": 6, "c": 0}),
        ({"a": 4, "b": 0, "c": 0}, {"a": None, "b": None, "c": None}),
        ({"a": 20, "b": 1, "c": 9}, {"a": 20, "b": None, "c": None}),
        ({"a": 20, "b": 1, "c": 2}, {"a": None, "b": None, "c": None}),
        ({"a": 20, "b": 3, "c": 2}, {"a": 20, "b": None, "c": None}),
        ({"a": 20, "b": 3, "c": 0}, {"a": None, "b": None, "c": 0}),
    ],
)
def test_what_would_point_out_somebody_is_hidden(parts: dict[str, int], expected: dict[str, int | None]) -> None:
    total = sum(parts.values())
    _, cells = shown({name: (count, count) for name, count in parts.items()}, (total, total))
    assert {name: cell.count for name, cell in cells.items()} == expected


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1))
def test_nothing_hidden_can_be_worked_out(parts: dict[str, int]) -> None:
    total = sum(parts.values())
    shown_total, cells = shown({name: (count, count) for name, count in parts.items()}, (total, total))
    hidden = [parts[name] for name, cell in cells.items() if cell.count is None]
    assert all(cell.count is None or cell.count == 0 or cell.count >= LEAST for cell in cells.values())
    assert (shown_total.count is None) == (total < LEAST)
    if hidden and shown_total.count is not None:
        assert len(hidden) > 1
        assert sum(hidden) >= LEAST
