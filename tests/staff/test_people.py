import pytest

from staff.people import Actor, DeskFault, ManyFound, find_actor, find_person, find_unit, read_id
from storage import participants, staff
from tests.staff.conftest import OPERATOR, Office


def actor(office: Office, as_whom: str | None) -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", as_whom)


def test_without_a_name_the_operator_sees_every_unit(office: Office) -> None:
    assert actor(office, None) == Actor("os:drift")
    assert actor(office, None).sees(office.unit("pitea"))


def test_a_staff_member_sees_their_own_units(office: Office) -> None:
    anna = actor(office, "anna")
    assert anna.ref == f"staff:{anna.staff_id} via os:drift"
    assert anna.sees(office.unit("alvsbyn"))
    assert anna.sees(None)
    assert not anna.sees(office.unit("pitea"))


def test_a_staff_member_is_found_by_address_or_number(office: Office) -> None:
    with office.store.begin() as tx:
        sixten = staff.add(tx, office.now, "Sixten", [office.unit("pitea")], email="Sixten@kommun.example")
    assert actor(office, "sixten@KOMMUN.example").staff_id == sixten
    assert actor(office, str(sixten)).staff_id == sixten


@pytest.mark.parametrize("name", ["Nils", "", " "])
def test_an_unknown_staff_member_is_told(office: Office, name: str) -> None:
    with pytest.raises(DeskFault, match="ingen medarbetare som arbetar nu är"):
        actor(office, name)


def test_two_of_one_name_must_be_told_apart(office: Office) -> None:
    with office.store.begin() as tx:
        staff.add(tx, office.now, "Anna", [office.unit("pitea")])
    with pytest.raises(DeskFault, match="flera medarbetare heter anna"):
        actor(office, "anna")


def test_those_who_have_left_cannot_act(office: Office) -> None:
    with office.store.begin() as tx:
        anna = find_actor(tx, "drift", "Anna").staff_id
        assert anna is not None
        staff.disable(tx, anna, office.now)
    with pytest.raises(DeskFault):
        actor(office, "Anna")


def test_an_unknown_unit_is_told_with_those_there_are(office: Office) -> None:
    with office.store.read() as tx, pytest.raises(DeskFault, match="välj bland: alvsbyn, pitea"):
        find_unit(tx, "lulea", OPERATOR)
    with office.store.read() as tx, pytest.raises(DeskFault, match=r"välj bland: alvsbyn$"):
        find_unit(tx, "pitea", actor(office, "Anna"))


@pytest.mark.parametrize(
    ("text", "meant"), [("P912628541034507418", True), (" p912628541034507418", True), ("Kim", False)]
)
def test_an_id_is_known_with_or_without_its_letter(text: str, meant: bool) -> None:
    assert (read_id(text) == 912628541034507418) is meant


@pytest.mark.parametrize("wanted", ["kim", "KIM and", "and ki", "Kim Andersson", "070-174 06 02", "+46701740602"])
def test_a_person_is_found_by_name_or_number(office: Office, wanted: str) -> None:
    office.person(name="Alva Ek")
    kim = office.person(name="Kim Andersson")
    assert find_person(office.store, office.now, OPERATOR, wanted) == kim


def test_a_person_is_found_by_the_number_they_left(office: Office) -> None:
    kim = office.person(name="Kim", phone="+46701740699")
    assert find_person(office.store, office.now, OPERATOR, "0701740699") == kim


def test_an_umlaut_may_be_written_in_two_ways(office: Office) -> None:
    asa = office.person(name="Åsa")
    assert find_person(office.store, office.now, OPERATOR, "A\u030asa") == asa


@pytest.mark.parametrize("wanted", ["alva", "kim ek", "070-999 99 99", "-", "' OR 1=1 --", "{{7*7}}"])
def test_nobody_found_is_told_with_a_way_out(office: Office, wanted: str) -> None:
    office.person(name="Kim")
    with pytest.raises(DeskFault, match="ingen här passar på"):
        find_person(office.store, office.now, OPERATOR, wanted)


def test_nobody_named_is_told(office: Office) -> None:
    with pytest.raises(DeskFault, match="det står inte vem"):
        find_person(office.store, office.now, OPERATOR, " ")


def test_several_found_are_listed_and_logged(office_on_both: Office) -> None:
    office = office_on_both
    office.person(name="Kim", birth_year=2003)
    office.person("pitea", name="Kimberly")
    with pytest.raises(ManyFound) as fault:
        find_person(office.store, office.now, OPERATOR, "kim")
    assert [(one.name, one.birth_year, one.unit) for one in fault.value.matches] == [
        ("Kim", 2003, "Älvsbyn"),
        ("Kimberly", None, "Piteå"),
    ]
    assert office.log() == [("participant.search", "participants", "ok 2")]


def test_another_units_people_are_not_searched(office: Office) -> None:
    kim = office.person(name="Kim")
    office.person("pitea", name="Kim")
    assert find_person(office.store, office.now, actor(office, "Anna"), "kim") == kim


def test_protected_people_are_left_out_of_search(office: Office) -> None:
    hidden = office.person(name="Kim", protected=True)
    for wanted in ("kim", "070-174 06 01"):
        with pytest.raises(DeskFault, match="ingen här passar på"):
            find_person(office.store, office.now, OPERATOR, wanted)
    assert find_person(office.store, office.now, OPERATOR, f"P{hidden}") == hidden


def test_a_search_reads_on_after_the_first_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.reports.PAGE", 2)
    people = [office.person(name=name) for name in ("Alva", "Bo", "Cleo", "Dana", "Elin")]
    assert find_person(office.store, office.now, OPERATOR, "elin") == people[-1]


def test_an_erased_person_is_not_found(office: Office) -> None:
    kim = office.person(name="Kim")
    with office.store.begin() as tx:
        participants.erase(tx, kim, office.now)
    with pytest.raises(DeskFault):
        find_person(office.store, office.now, OPERATOR, "Kim")
