from __future__ import annotations

from datetime import datetime

import pytest

from storage import units
from storage.db import Store
from storage.errors import NotFound
from storage.units import UnitSeed

ALVSBYN = UnitSeed("alvsbyn", "Ingång Älvsbyn", "Älvsbyn", {"phone": "0929-100 00", "promise_days": 2})
PITEA = UnitSeed("pitea", "Ingång Piteå", "Piteå", {})


def test_new_units_come_in_their_order(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        assert units.sync(tx, [PITEA, ALVSBYN, PITEA], now) == ["pitea", "alvsbyn"]
    with store.read() as tx:
        assert [unit.name for unit in units.list_units(tx)] == ["Ingång Piteå", "Ingång Älvsbyn"]


def test_what_the_database_has_is_never_overwritten(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [ALVSBYN], now)
        unit = units.get_unit(tx, "alvsbyn")
        units.set_settings(tx, unit.id, phone="0929-200 00", promise_days=3)
        assert units.sync(tx, [UnitSeed("alvsbyn", "Annat", "Annat", {"phone": "1"}), PITEA], now) == ["pitea"]
        again = units.get_unit(tx, unit.id)
    assert (again.name, again.settings) == ("Ingång Älvsbyn", {"phone": "0929-200 00", "promise_days": 3})


def test_a_unit_is_found_by_slug_or_id(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [ALVSBYN], now)
        unit = units.find_by_slug(tx, "alvsbyn")
        assert unit is not None
        assert unit.live
        assert units.find_by_id(tx, unit.id) == units.get_unit(tx, unit.id) == unit
        assert units.find_by_slug(tx, "lulea") is None
        for missing in ("lulea", 404):
            with pytest.raises(NotFound, match="no unit"):
                units.get_unit(tx, missing)
