import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff import saved_replies
from staff.people import Actor, DeskFault, NotTheirs, find_actor
from staff.saved_replies import FIELDS, faults_of, fill, filled, list_replies, save
from storage import participants, units
from storage.units import Unit
from tests.staff.conftest import Office

VALUES = {"förnamn": "Kim", "enhet": "Ingång Älvsbyn", "mitt namn": "Anna"}


def acting(office: Office, name: str = "Anna") -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", name)


def unit(office: Office, slug: str = "alvsbyn") -> Unit:
    with office.store.read() as tx:
        return units.get_unit(tx, slug)


@pytest.mark.parametrize(("text", "told"), [
    ("Hej {förnamn}! /{mitt namn}, {enhet}", ""),
    ("Hej {Förnamn}!", ""),
    ("Hej {namn}!", "Fältet {namn} finns inte"),
    ("Hej {}!", "Fältet {} finns inte"),
    ("Hej {förnamn!", "En klammer står ensam"),
    ("Hej förnamn}!", "En klammer står ensam"),
    ("{{förnamn}}", "En klammer står ensam"),
    ("{förnamn.__class__}", "finns inte"),
    ("{% raw %}", "finns inte"),
])  # fmt: skip
def test_a_field_that_is_not_known_is_told(text: str, told: str) -> None:
    found = list(faults_of(text))
    assert bool(found) is bool(told)
    assert not told or any(told in each for each in found)


def test_fields_are_filled_in() -> None:
    assert fill("Hej {förnamn}! Hälsar {mitt namn}", VALUES) == "Hej Kim! Hälsar Anna"
    assert fill("Hej {förnamn}! Hälsar {mitt namn}", {**VALUES, "förnamn": ""}) == "Hej! Hälsar Anna"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{}")))
def test_a_text_without_braces_is_left_as_it_is(text: str) -> None:
    assert list(faults_of(text)) == []
    assert fill(text, VALUES) == text


@given(st.lists(st.sampled_from([f"{{{name}}}" for name in FIELDS] + ["hej ", "\n", "å"])))
def test_a_text_that_is_right_has_no_brace_left(parts: list[str]) -> None:
    text = "".join(parts)
    assert list(faults_of(text)) == []
    assert not set("{}") & set(fill(text, VALUES))


@given(st.text(max_size=20))
def test_what_is_filled_in_is_never_read_again(name: str) -> None:
    assert fill("Hej {förnamn}", {**VALUES, "förnamn": f"{{enhet}}{name}"}) == f"Hej {{enhet}}{name}"


def test_a_reply_is_the_units_own(office_on_both: Office) -> None:
    office = office_on_both
    anna, sara = acting(office), acting(office, "Sara")
    save(office.store, office.now, anna, unit(office), "Hej", "Hej {förnamn}! /{mitt namn}", None)
    (reply,) = list_replies(office.store, anna)
    assert list_replies(office.store, sara) == []
    kim = office.person(name="Kim Andersson")
    assert filled(office.store, office.now, anna, reply.id, kim) == "Hej Kim! /Anna"
    with office.store.begin() as tx:
        participants.set_read_by_others(tx, kim)
    assert filled(office.store, office.now, anna, reply.id, kim) == "Hej! /Anna"
    save(office.store, office.now, anna, unit(office), "Hej", "Hej!", reply.id)
    assert [each.text for each in list_replies(office.store, anna, unit(office).id)] == ["Hej!"]
    for wrong in (lambda: saved_replies.remove(office.store, office.now, sara, reply.id),
                  lambda: save(office.store, office.now, sara, unit(office, "pitea"), "Hej", "Hej", reply.id),
                  lambda: filled(office.store, office.now, sara, reply.id, kim)):  # fmt: skip
        with pytest.raises(NotTheirs):
            wrong()
    saved_replies.remove(office.store, office.now, anna, reply.id)
    assert list_replies(office.store, anna) == []


@pytest.mark.parametrize(("name", "text", "where"), [
    ("", "Hej", "name"), ("n" * 61, "Hej", "name"), ("Hej", "", "text"), ("Hej", "{namn}", "text"),
    ("Hej", "a" * 1_601, "text"),
])  # fmt: skip
def test_what_is_wrong_is_told_beside_its_field(office: Office, name: str, text: str, where: str) -> None:
    with pytest.raises(DeskFault) as told:
        save(office.store, office.now, acting(office), unit(office), name, text, None)
    assert told.value.where == where
    assert list_replies(office.store, acting(office)) == []
