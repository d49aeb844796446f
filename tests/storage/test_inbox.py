from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage import alarms, inbox, participants, staff, units
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.inbox import URGENCY
from storage.tables import alarms as alarm_rows
from storage.tables import person_keys
from storage.units import UnitSeed

MINUTE = timedelta(minutes=1)


def _open(tx: Tx, at: datetime, kind: str, person: int | None, due: datetime | None, note: str | None = None) -> int:
    return inbox.open_item(tx, at, kind, URGENCY[kind], None, person, due, note)[0]


def test_one_clock_a_person_within_ten_minutes(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        first, fresh = inbox.open_item(tx, now, "message", 3, None, kim, now + 60 * MINUTE, "hej")
        again, still_fresh = inbox.open_item(
            tx, now + 9 * MINUTE, "message", 3, None, kim, now + 80 * MINUTE, "är ni där"
        )
        third, _ = inbox.open_item(tx, now + 18 * MINUTE, "message", 2, None, kim, None, None)
        assert (fresh, still_fresh) == (True, False)
        assert first == again == third
        (item,) = inbox.list_open(tx)
    assert item.note == "hej\när ni där"
    assert (item.opened_at, item.last_at, item.due_at) == (now, now + 18 * MINUTE, now + 60 * MINUTE)
    assert item.urgency == 2


@pytest.mark.parametrize("later", ["eleven minutes", "another kind", "another person", "closed", "nobody"])
def test_something_else_is_an_item_of_its_own(store: Store, now: datetime, later: str) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        sam, _ = participants.create(tx, now)
        first = _open(tx, now, "message", None if later == "nobody" else kim, now, "hej")
        if later == "closed":
            inbox.close(tx, first, "done", None, now)
        at = now + (11 * MINUTE if later == "eleven minutes" else MINUTE)
        kind = "callback" if later == "another kind" else "message"
        who = {"another person": sam, "nobody": None}.get(later, kim)
        assert _open(tx, at, kind, who, now, "hej") != first


def test_a_longer_wait_may_be_asked_for(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        first = _open(tx, now, "distress", kim, now, "a")
        day = timedelta(days=1)
        again, fresh = inbox.open_item(tx, now + 20 * 60 * MINUTE, "distress", 0, None, kim, now, "b", join_within=day)
        assert (again, fresh) == (first, False)


def test_the_most_urgent_is_on_top_then_the_clock(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        for kind, due in (
            ("other", 1),
            ("message", 9),
            ("message", 2),
            ("referral", 1),
            ("distress", 99),
            ("message", None),
        ):
            _open(tx, now, kind, participants.create(tx, now)[0], None if due is None else now + due * MINUTE)
        order = [(item.kind, item.due_at and (item.due_at - now) // MINUTE) for item in inbox.list_open(tx)]
        assert inbox.count_open(tx) == 6
    assert order == [("distress", 99), ("message", 2), ("message", 9), ("message", None), ("referral", 1), ("other", 1)]


def test_taking_an_item_stops_its_alarms(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        anna = staff.add(tx, now, "Anna", [units.get_unit(tx, "alvsbyn").id])
        item = _open(tx, now, "distress", participants.create(tx, now)[0], now)
        alarms.plan(tx, now, item, [(1, now, anna), (2, now + 10 * MINUTE, anna)])
        assert inbox.take(tx, item, anna, now)
        assert not inbox.take(tx, item, anna, now)
        assert alarms.list_due(tx, now + 60 * MINUTE) == []
        assert tx.execute(select(alarm_rows.c.stopped_at)).scalars().all() == [now, now]
        taken = inbox.get_item(tx, item)
        assert (taken.state, taken.taken_by) == ("taken", anna)
        assert inbox.close(tx, item, "talked to", None, now)
        assert not inbox.close(tx, item, "again", None, now)
        closed = inbox.get_item(tx, item)
        assert (closed.state, closed.taken_by, closed.closed_why, closed.closed_at) == (
            "closed",
            anna,
            "talked to",
            now,
        )
        with pytest.raises(NotFound):
            inbox.get_item(tx, 404)


def test_an_answer_closes_only_what_waited_for_it(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        sam, _ = participants.create(tx, now)
        for kind in URGENCY:
            _open(tx, now, kind, kim, now)
        _open(tx, now, "message", sam, now)
        assert inbox.close_answered(tx, kim, now) == 9
        left = [item.kind for item in inbox.list_open(tx)]
        assert left == ["distress", "violence", "protected", "outage", "message", "rating", "how"]
        assert len(inbox.list_for(tx, kim)) == len(URGENCY)


def test_units_see_their_own(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        unit = units.get_unit(tx, "alvsbyn").id
        mine, _ = inbox.open_item(tx, now, "other", 5, unit, None, None, "skrivaren")
        inbox.open_item(tx, now, "other", 5, None, None, None, None)
        assert [(item.id, item.note) for item in inbox.list_open(tx, unit)] == [(mine, "skrivaren")]
        assert (inbox.count_open(tx, unit), inbox.count_open(tx)) == (1, 2)


def test_a_note_is_cut_visibly(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        item = _open(tx, now, "message", kim, now, "x" * 1_000_000)
        for _ in range(3):
            _open(tx, now, "message", kim, now, "y" * 1_000)
        note = inbox.get_item(tx, item).note
    assert note is not None
    assert len(note) <= inbox.LONGEST_NOTE
    assert note.startswith("xxx")
    assert note.endswith(inbox.CUT)


def test_an_unreadable_note_is_shown_as_such(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, key = participants.create(tx, now)
        item = _open(tx, now, "distress", kim, now, "hej")
        fresh = tx.vault.new_key(tx, kim, now)
        tx.execute(update(person_keys).where(person_keys.c.id == key.id).values(wrapped=b""))
        assert (inbox.get_item(tx, item).note, inbox.get_item(tx, item).readable) == (None, False)
        other = _open(tx, now, "distress", kim, now, "igen")
        assert other != item
        assert inbox.get_item(tx, other).note == "igen"
        assert fresh.id
