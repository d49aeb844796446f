from __future__ import annotations

from datetime import date, datetime, timedelta

from storage import control
from storage.db import Store


def test_a_value_is_set_changed_and_cleared(store: Store) -> None:
    with store.begin() as tx:
        assert control.find(tx, control.SENDING_HOLD) is None
        control.put(tx, control.SENDING_HOLD, "återställd")
        control.put(tx, control.SENDING_HOLD, "väntar")
        assert control.find(tx, control.SENDING_HOLD) == "väntar"
        control.clear(tx, control.SENDING_HOLD)
        assert control.find(tx, control.SENDING_HOLD) is None
        control.clear(tx, control.SENDING_HOLD)


def test_the_latest_heartbeat_counts(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        control.beat(tx, "sweep", now)
        control.beat(tx, "sweep", now + timedelta(seconds=5))
        control.beat(tx, "doubt", now)
        assert control.beats(tx) == {"sweep": now + timedelta(seconds=5), "doubt": now}


def test_counts_add_up_by_day_unit_and_name(store: Store) -> None:
    day = date(2026, 11, 23)
    with store.begin() as tx:
        control.count(tx, day, "alvsbyn", "under_15")
        control.count(tx, day, "alvsbyn", "under_15", by=2)
        control.count(tx, day, "", "under_15")
        control.count(tx, day + timedelta(days=1), "alvsbyn", "under_15")
        assert control.list_counts(tx, day, day) == [(day, "", "under_15", 1), (day, "alvsbyn", "under_15", 3)]
        assert len(control.list_counts(tx, day, day + timedelta(days=7))) == 3
