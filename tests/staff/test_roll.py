from datetime import time

import pytest

from staff.people import DeskFault, find_actor
from staff.roll import NewMember, add_member, disable_member, list_roll, read_hours
from storage import roster, staff
from tests.staff.conftest import OPERATOR, Office

SARA = NewMember(
    first_name=" Sara ",
    unit_slugs=("alvsbyn",),
    email="sara@kommun.example",
    role="samordnare",
    alarm_order=4,
    device="sms:070-174 06 05",
    hours=("mån-ons 8.00-12.00", "fri 13:00-16:30"),
)


def changed(**changes: object) -> NewMember:
    return NewMember(**({field: getattr(SARA, field) for field in SARA.__slots__} | changes))


def test_somebody_is_added_with_hours_and_device(office: Office) -> None:
    sara = add_member(office.store, office.now, OPERATOR, SARA)
    row = next(row for row in list_roll(office.store, office.now, OPERATOR, "alvsbyn") if row.id == sara)
    assert row.for_people() == (
        str(sara), "Sara", "Samordnare", "alvsbyn", "måndag till onsdag kl. 8-12, fredag kl. 13-16.30", "4",
        "sms:+46701740605", "sara@kommun.example",
    )  # fmt: skip
    assert office.log() == [
        ("staff.add", f"staff:{sara}", "ok"),
        ("staff.list", f"unit:{office.unit('alvsbyn')}", "ok 4"),
    ]


def test_the_others_keep_their_hours(office: Office) -> None:
    with office.store.read() as tx:
        before = roster.load(tx, office.unit("alvsbyn")).shifts
    add_member(office.store, office.now, OPERATOR, SARA)
    with office.store.read() as tx:
        after = roster.load(tx, office.unit("alvsbyn")).shifts
    assert set(before) < set(after)
    assert len(after) == len(before) + 4


def test_somebody_may_work_in_two_units(office: Office) -> None:
    sara = add_member(office.store, office.now, OPERATOR, changed(unit_slugs=("pitea", "alvsbyn", "pitea")))
    units = [row.unit for row in list_roll(office.store, office.now, OPERATOR) if row.id == sara]
    assert units == ["alvsbyn", "pitea"]


@pytest.mark.parametrize(("changes", "where"), [
    ({"first_name": ""}, "FIRST_NAME"), ({"first_name": "a" * 41}, "FIRST_NAME"),
    ({"first_name": "\x1b[2J"}, "FIRST_NAME"),
    ({"first_name": "123"}, "FIRST_NAME"), ({"email": "sara"}, "--email"), ({"email": "a b@c.d"}, "--email"),
    ({"role": "kung"}, "--role"), ({"device": "0701740605"}, "--device"), ({"device": "sms:112"}, "--device"),
    ({"device": "sms:"}, "--device"), ({"device": "SMS:\x00"}, "--device"), ({"unit_slugs": ()}, "--unit"),
    ({"unit_slugs": ("lulea",)}, "--unit"), ({"hours": ("alltid",)}, "--hours"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_added(office: Office, changes: dict[str, object], where: str) -> None:
    with pytest.raises(DeskFault) as fault:
        add_member(office.store, office.now, OPERATOR, changed(**changes))
    assert fault.value.where == where
    with office.store.read() as tx:
        assert "Sara" not in staff.names(tx, office.unit("alvsbyn")).values()
    assert office.log() == []


def test_an_address_is_used_once(office: Office) -> None:
    add_member(office.store, office.now, OPERATOR, SARA)
    with pytest.raises(DeskFault, match="används redan"):
        add_member(office.store, office.now, OPERATOR, changed(email="SARA@kommun.example"))


@pytest.mark.parametrize(("text", "days", "starts", "ends"), [
    ("mon-fri 08:00-16:00", [0, 1, 2, 3, 4], time(8), time(16)),
    ("mån, ons 10.00-18.30", [0, 2], time(10), time(18, 30)),
    ("Lör–Sön kl. 9.00–12.00", [5, 6], time(9), time(12)),
    ("tor 8:00-9:00", [3], time(8), time(9)),
])  # fmt: skip
def test_hours_are_read_as_people_write_them(text: str, days: list[int], starts: time, ends: time) -> None:
    assert read_hours(text) == [(day, starts, ends) for day in days]


@pytest.mark.parametrize("text", [
    "", "mon", "08:00-16:00", "mon 16:00-08:00", "mon 08:00-08:00", "fri-mon 08:00-16:00", "mon- 08:00-16:00",
    "mon 25:00-26:00", "mon 08:70-09:00", "månad 08:00-16:00", "mon 8-16",
])  # fmt: skip
def test_hours_that_mean_nothing_are_told(text: str) -> None:
    with pytest.raises(DeskFault, match="går inte att läsa"):
        read_hours(text)


def test_those_who_left_are_out_of_everything(office: Office) -> None:
    erik = disable_member(office.store, office.now, OPERATOR, "erik")
    assert (erik.name, erik.notes) == ("Erik", ())
    with office.store.read() as tx:
        assert list(staff.names(tx, office.unit("alvsbyn")).values()) == ["Anna", "Maria"]
    listed = list_roll(office.store, office.now, OPERATOR, everyone=True)
    assert [row.for_people()[4].split()[0] for row in listed if row.name == "Erik"] == ["slutat"]
    assert "Erik" not in [row.name for row in list_roll(office.store, office.now, OPERATOR)]
    assert [entry[0] for entry in office.log()] == ["staff.disable", "staff.list", "staff.list"]


def test_what_somebody_leaves_behind_is_told(office: Office) -> None:
    from staff.desk import take_item

    item = office.item(office.person("pitea", name="Alva"))
    with office.store.read() as tx:
        sara = find_actor(tx, "drift", "Sara")
    take_item(office.store, office.now, sara, item)
    notes = disable_member(office.store, office.now, OPERATOR, str(sara.staff_id)).notes
    assert notes == (
        "I Ingång Piteå läser ingen nu: boten lovar inga svar och larmar ingen på plats.",
        "I Ingång Piteå finns ingen att larma.",
        f"Det här hade hen tagit, och det är inte stängt: {item}.",
    )


def test_an_unknown_member_cannot_be_disabled(office: Office) -> None:
    with pytest.raises(DeskFault, match=r"ingen medarbetare som arbetar nu är Nils \(MEMBER\)"):
        disable_member(office.store, office.now, OPERATOR, "Nils")


def test_another_units_staff_cannot_be_disabled(office: Office) -> None:
    with office.store.read() as tx:
        anna = find_actor(tx, "drift", "Anna")
    with pytest.raises(DeskFault, match="arbetar också i en annan enhet"):
        disable_member(office.store, office.now, anna, "Sara")
    assert [row.name for row in list_roll(office.store, office.now, anna)] == ["Anna", "Erik", "Maria"]


def test_a_row_is_json_too(office: Office) -> None:
    row = list_roll(office.store, office.now, OPERATOR, "pitea")[0].for_machines()
    assert (row["name"], row["unit"], row["alarm_order"], row["disabled_at"]) == ("Sara", "pitea", 1, None)
    assert row["id"].isdigit()
