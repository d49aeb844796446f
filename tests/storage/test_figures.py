"""The numbers of the running, and what is wrong: the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import control, figures, troubles
from storage.db import Store
from tests.town import Town


def test_an_empty_house_has_nothing_waiting(store: Store, now: datetime) -> None:
    with store.read() as tx:
        found = figures.look(tx, now)
    assert (found.due, found.oldest_reply, found.oldest_other, found.by_state, found.inbound) == (0, None, None, {}, {})


def test_what_waits_is_counted_with_its_age(store: Store) -> None:
    town = Town(store)
    town.phone().writes("hej", send=False)
    town.phone("sim_telegram", "77").writes("hej", send=False)
    later = town.now + timedelta(minutes=7)
    with store.read() as tx:
        found = figures.look(tx, later)
    assert found.by_state == {("sim_sms", "queued"): 2, ("sim_telegram", "queued"): 2}
    assert (found.due, found.oldest_reply, found.oldest_other) == (4, timedelta(minutes=7), None)
    town.send()
    with store.read() as tx:
        assert figures.look(tx, later).due == 0


def test_the_inbox_is_counted_by_kind(store: Store) -> None:
    town = Town(store)
    town.phone().writes("jag vill inte leva längre")
    with store.read() as tx:
        assert figures.look(tx, town.now).inbox == {"distress": 1}


def test_counts_add_up_over_days_and_processes(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        figures.add(tx, now, {"turn.sms.handled": 2, "error.sms.30003": 1})
        figures.add(tx, now + timedelta(days=1), {"turn.sms.handled": 3})
        control.count(tx, now.date(), "alvsbyn", "under_15")
    with store.read() as tx:
        assert figures.totals(tx) == {"turn.sms.handled": 5, "error.sms.30003": 1}


def test_a_trouble_is_begun_once_and_ended_once(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        assert troubles.begin(tx, "sms.token", now, "20003")
        assert not troubles.begin(tx, "sms.token", now + timedelta(hours=1))
    with store.begin() as tx:
        (known,) = troubles.list_all(tx)
        assert (known.name, known.since, known.detail, known.item) == ("sms.token", now, "20003", None)
        troubles.tie(tx, known, 77)
    with store.begin() as tx:
        gone = troubles.end(tx, "sms.token")
        assert gone is not None
        assert (gone.item, gone.since) == (77, now)
        assert troubles.end(tx, "sms.token") is None
        assert troubles.list_all(tx) == []
