from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from storage import staff, units
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.units import UnitSeed


def _units(tx: Tx, now: datetime) -> list[int]:
    units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {}), UnitSeed("pitea", "P", "Piteå", {})], now)
    return [unit.id for unit in units.list_units(tx)]


def test_names_stand_in_alarm_order_managers_last(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        here, there = _units(tx, now)
        boss = staff.add(tx, now, "Berit", [here, there], manager=True)
        erik = staff.add(tx, now, "Erik", [here], alarm_order=2)
        anna = staff.add(tx, now, "Anna", [here], alarm_order=1)
        assert list(staff.names(tx, here).items()) == [(anna, "Anna"), (erik, "Erik"), (boss, "Berit")]
        assert staff.alarm_order(tx, here) == ([anna, erik], boss)
        assert staff.names(tx, there) == {boss: "Berit"}
        assert [(member.first_name, member.manager) for member in staff.list_members(tx, here)] == [
            ("Anna", False),
            ("Erik", False),
            ("Berit", True),
        ]


def test_the_work_device_comes_back_whole(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        anna = staff.add(tx, now, "Anna", device_channel="sms", device="+46701740606", email="Anna@Alvsbyn.se ")
        found = staff.find_by_id(tx, anna)
        assert found is not None
        assert (found.device_channel, found.device, found.email) == ("sms", "+46701740606", "Anna@Alvsbyn.se ")
        assert staff.find_by_email(tx, "anna@alvsbyn.se") == found
        staff.set_device(tx, anna, None, None)
        changed = staff.find_by_id(tx, anna)
        assert changed is not None
        assert (changed.device_channel, changed.device) == (None, None)
        staff.set_device(tx, anna, "telegram", "77")
        assert staff.list_staff(tx)[0].device == "77"


def test_an_address_belongs_to_one(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        staff.add(tx, now, "Anna", email="anna@alvsbyn.se")
        with pytest.raises(IntegrityError), tx.savepoint():
            staff.add(tx, now, "Anders", email="ANNA@alvsbyn.se")
        assert staff.find_by_email(tx, "nobody@alvsbyn.se") is None


def test_who_left_is_out_of_names(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        here, _ = _units(tx, now)
        anna, erik = staff.add(tx, now, "Anna", [here]), staff.add(tx, now, "Erik", [here])
        staff.disable(tx, anna, now)
        staff.disable(tx, anna, now)
        assert staff.names(tx, here) == {erik: "Erik"}
        assert [one.id for one in staff.list_staff(tx)] == [erik]
        assert [one.disabled_at for one in staff.list_staff(tx, disabled=True)] == [now, None]
        with pytest.raises(NotFound):
            staff.disable(tx, 404, now)
        assert staff.find_by_id(tx, 404) is None


def test_a_place_in_the_order_can_change(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        here, _ = _units(tx, now)
        anna, erik = staff.add(tx, now, "Anna", [here]), staff.add(tx, now, "Erik", [here], alarm_order=2)
        staff.set_membership(tx, anna, here, alarm_order=3)
        assert staff.alarm_order(tx, here) == ([erik, anna], None)
        staff.leave(tx, anna, here)
        assert staff.alarm_order(tx, here) == ([erik], None)
