"""A unit's settings changed by several at once: what one wrote is never lost to another without a word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from staff import settings_places, settings_units
from staff.people import Actor
from staff.settings_fields import SECTIONS, clock, clocks, slug_of
from staff.settings_places import Typed
from staff.settings_units import Overtaken
from storage import units
from storage.db import Store
from storage.units import Unit
from tests.meeting_town import MeetingTown

ANNA = Actor("staff:1")


@pytest.fixture
def town(store: Store) -> MeetingTown:
    return MeetingTown(store)


def unit(town: MeetingTown) -> Unit:
    with town.store.read() as tx:
        return units.get_unit(tx, "alvsbyn")


def promise(town: MeetingTown, days: int, seen: str) -> str:
    typed = {"promise_days": str(days), "message_days": "1", "answers_per_day": "8"}
    try:
        wrong = settings_units.change(town.store, town.house, town.now, ANNA, unit(town), "loften", typed, seen)
    except Overtaken as told:
        return told.who
    return "kept" if not wrong else str(wrong)


def test_of_many_who_save_the_same_at_once_one_is_kept(town: MeetingTown) -> None:
    seen = settings_units.mark(settings_units.values(unit(town), SECTIONS["loften"], town.house))
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda days: promise(town, days, seen), range(4, 8)))
    assert sorted(told) == ["kept", *["medarbetare 1"] * 3]


def test_of_many_who_save_different_things_at_once_all_are_kept(town: MeetingTown) -> None:
    def add(number: int) -> dict[str, str]:
        typed = Typed(name=f"Plats {number}")
        return settings_places.keep(town.store, town.house, town.now, ANNA, unit(town), "", typed, "")

    seen = settings_units.mark(settings_units.values(unit(town), SECTIONS["loften"], town.house))
    with ThreadPoolExecutor(4) as pool:
        places = [pool.submit(add, number) for number in range(6)]
        promised = pool.submit(promise, town, 7, seen)
        assert [each.result() for each in places] == [{}] * 6
        assert promised.result() == "kept"
    settings = unit(town).settings
    assert sorted(place["name"] for place in settings["places"])[:6] == [f"Plats {number}" for number in range(6)]
    assert settings["promise_days"] == 7


@pytest.mark.parametrize(
    ("typed", "kept"), [("9", "09:00"), ("9.30", "09:30"), ("09:30", "09:30"), (" 23.59 ", "23:59")]
)
def test_clocks_are_read_as_people_write_them(typed: str, kept: str) -> None:
    assert clock(typed) == kept


@pytest.mark.parametrize("typed", ["", "24", "9.60", "9.5", "nio", "-1", "9.30.15", "٩"])
def test_what_is_no_clock_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match="klockslag"):
        clock(typed)


def test_a_list_of_clocks_is_sorted_and_each_is_there_once() -> None:
    assert clocks("13.07, 9.37, 13:07,") == ["09:37", "13:07"]


def test_short_names_are_plain_and_their_own() -> None:
    assert slug_of("Åparken, norra!", set()) == "aparken-norra"
    assert slug_of("Ån", {"an"}) == "an-2"
    assert slug_of("公園", set()) == "plats"
