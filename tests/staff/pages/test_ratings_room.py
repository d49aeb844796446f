"""Skattningar over HTTP: a unit's year, with nobody in it."""

from __future__ import annotations

import html
import re

import pytest

from storage import units
from tests import rated
from tests.staff.pages.conftest import Rooms

HERE = "/personal/skattningar"


def filled(rooms: Rooms, count: int, slug: str = "alvsbyn") -> None:
    """So many people with two ORS, the second better, and one answer after a session."""
    town = rooms.town
    who = [town.person(slug, name=f"Kim{number}") for number in range(count)]
    with town.store.begin() as tx:
        here = units.get_unit(tx, slug).id
        for each in who:
            rated.answered(tx, town.now, each, here, 3, scale="ors", comment="hemligt")
            rated.answered(tx, town.now, each, here, 7, scale="ors")
            rated.answered(tx, town.now, each, here, 9, mode="sms")


def words(page: str) -> str:
    """What is read on a page, spaces made one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_unit_sees_its_year(rooms: Rooms) -> None:
    filled(rooms, 6)
    page = words(rooms.logged_in("Anna").see(HERE))
    assert "Före träffen Licensierade texter ORS, version 1 12 12 (100 %) 0 0 0 0" in page
    assert "Efter träffen Egna frågor Egna frågor, version 1 6 6 (100 %)" in page
    assert "Efter träffen, Egna frågor, version 1: med siffror i sms 6 (100 %)." in page
    assert "Började under riktmärket På linje (sida eller papper) 6 6 (100 %) 0 0 0" in page
    assert "inga svenska normer" in page
    assert "Kim" not in page
    assert "hemligt" not in page


def test_few_people_are_hidden(rooms: Rooms) -> None:
    filled(rooms, 4)
    page = words(rooms.logged_in("Anna").see(HERE))
    assert page.count("dolt") >= 12
    assert not re.search(r"\d+ \(\d+ %\)", page)


def test_an_empty_year_says_so(rooms: Rooms) -> None:
    page = words(rooms.logged_in("Anna").see(HERE))
    assert "Inget har frågats 2026." in page
    assert "Det finns inget att räkna på än." in page


@pytest.mark.parametrize("query", ["ar=2025", "ar=x", "ar=99999999999999999999", "enhet=pitea", "enhet=finns-inte"])
def test_what_is_not_theirs_is_not_there(rooms: Rooms, query: str) -> None:
    rooms.logged_in("Anna").see(f"{HERE}?{query}", 404)


def test_a_year_and_unit_can_be_chosen(rooms: Rooms) -> None:
    filled(rooms, 5, "pitea")
    assert "3 Personer" not in words(rooms.logged_in("Sara").see(f"{HERE}?ar=2026&enhet=pitea"))
    assert "Skattningar: Ingång Piteå" in words(rooms.logged_in("Sara").see(f"{HERE}?ar=2026&enhet=pitea"))


def test_whoever_has_no_unit_is_told(rooms: Rooms) -> None:
    assert "Du hör inte till någon enhet än." in rooms.as_member(rooms.hire("lasare", name="Lo")).see(HERE)


def test_settings_and_exports_are_offered_to_those_who_may(rooms: Rooms) -> None:
    planner = rooms.logged_in("Anna", "samordnare").see(HERE)
    assert "/personal/installningar/skattningar?enhet=alvsbyn" in planner
    assert "/personal/uttag" in planner
    reader = rooms.as_member(rooms.hire("lasare", "alvsbyn", name="Lo")).see(HERE)
    assert "installningar/skattningar" not in reader
