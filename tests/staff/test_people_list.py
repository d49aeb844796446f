from datetime import timedelta

import pytest

from staff import inbox_deeds
from staff.people import Actor, find_actor
from staff.people_list import Listing, Wanted, look
from storage import contacts, named_readers, participants, units
from tests.staff.conftest import OPERATOR, Office


def acting(office: Office, name: str = "Anna") -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", name)


def listed(office: Office, name: str = "Anna", **wanted: object) -> Listing:
    return look(office.store, office.now, acting(office, name), Wanted(**wanted))  # type: ignore[arg-type]


def names(office: Office, name: str = "Anna", **wanted: object) -> list[str]:
    return [row.name for row in listed(office, name, **wanted).rows]


def test_the_newest_come_first_and_only_ones_own(office_on_both: Office) -> None:
    office = office_on_both
    for name, unit in (("Kim", "alvsbyn"), ("Alva", "pitea"), ("Bo", None), ("Åsa", "alvsbyn")):
        office.person(unit, name=name, birth_year=2004)
        office.now += timedelta(seconds=1)
    assert names(office) == ["Åsa", "Bo", "Kim"]
    assert names(office, "Sara") == ["Bo", "Alva"]
    assert names(office, text="a") == ["Åsa"]
    assert names(office, "Sara", text="a") == ["Alva"]
    with office.store.read() as tx:
        alvsbyn = units.get_unit(tx, "alvsbyn")
    assert names(office, unit=alvsbyn) == ["Åsa", "Kim"]
    row = listed(office).rows[0]
    assert (row.birth_year, row.unit, row.status, row.channels) == (2004, "Älvsbyn", "Ny", ("SMS (demo)",))
    assert office.log()[-1] == ("participant.list", "units", "ok 3")
    assert len(look(office.store, office.now, OPERATOR, Wanted()).rows) == 4


def test_filters_go_together_with_a_search(office_on_both: Office) -> None:
    office = office_on_both
    kim, kaj = office.person(name="Kim"), office.person(name="Kaj")
    office.person(name="Kit")
    mine = office.item(kim)
    office.item(kaj, "callback")
    inbox_deeds.take(office.store, office.now, acting(office), mine)
    assert sorted(names(office, waiting=True)) == ["Kaj", "Kim"]
    assert names(office, mine=True) == ["Kim"]
    assert names(office, text="k", waiting=True) == ["Kaj", "Kim"]
    assert names(office, text="kit", waiting=True) == []
    assert names(office, "Erik", mine=True) == []
    assert {row.name: row.waits for row in listed(office, text="k").rows} == {
        "Kim": ("Meddelande",), "Kaj": ("Vill bli uppringd",), "Kit": (),
    }  # fmt: skip


def test_those_who_have_been_silent_are_listed(office_on_both: Office) -> None:
    office = office_on_both
    for name in ("Tyst", "Skrev", "Fick svar", "Avslutad"):
        who = office.person(name=name)
        if name == "Avslutad":
            with office.store.begin() as tx:
                participants.set_status(tx, who, "exited")
    office.now += timedelta(days=20)
    with office.store.begin() as tx:
        for listed_person in participants.list_for_staff(tx):
            way = contacts.list_of(tx, listed_person.person.id)[0].contact_id
            if (listed_person.profile or {})["name"] in {"Skrev", "Fick svar"}:
                contacts.heard_from(tx, way, office.now)
    office.person(name="Ny")
    assert names(office, silent_days=14) == ["Tyst"]
    office.now += timedelta(days=15)
    assert sorted(names(office, silent_days=14)) == ["Fick svar", "Ny", "Skrev", "Tyst"]


@pytest.mark.parametrize("typed", ["0701740601", "+46 70-174 06 01", "070-1740601"])
def test_a_number_finds_its_owner(office_on_both: Office, typed: str) -> None:
    office = office_on_both
    office.person(name="Kim")  # writes from +46701740601
    office.person(name="Kaj", phone="+46701740601")
    office.person("pitea", name="Alva", phone="+46701740601")
    assert sorted(names(office, text=typed)) == ["Kaj", "Kim"]
    assert names(office, "Sara", text=typed) == ["Alva"]


def test_protected_people_are_there_for_their_readers_alone(office_on_both: Office) -> None:
    office = office_on_both
    kim = office.person(name="Kim", phone="+46701740699", protected=True)
    for asked in ({}, {"text": "kim"}, {"text": "0701740601"}, {"text": "0701740699"}, {"waiting": True}):
        assert names(office, **asked) == [], asked
    office.item(kim)
    with office.store.begin() as tx:
        named_readers.add(tx, office.now, kim, acting(office).staff_id or 0)
        named_readers.add(tx, office.now, kim, acting(office, "Sara").staff_id or 0)
    for asked in ({}, {"text": "ki"}, {"text": "0701740601"}, {"text": "0701740699"}, {"waiting": True}):
        assert names(office, **asked) == ["Kim"], asked
        assert names(office, "Erik", **asked) == [], asked
        assert names(office, "Sara", **asked) == [], "a reader of another unit"


def test_a_page_holds_fifty(office_on_both: Office) -> None:
    office = office_on_both
    for number in range(53):
        office.person(name=f"Kim {number:02}")
    first, second = listed(office), listed(office, page=2)
    assert (len(first.rows), first.more, len(second.rows), second.more) == (50, True, 3, False)
    found = listed(office, text="kim", page=2)
    assert (found.count, [row.name for row in found.rows]) == (53, ["Kim 50", "Kim 51", "Kim 52"])
    assert listed(office, page=9).rows == ()
