from datetime import datetime, timedelta

import pytest

from storage import contacts, inbound, outbox, participants, referrals, reports
from storage.db import Store, Tx
from storage.outbox import Body, NewMessage
from storage.reports import Scope


def person(tx: Tx, now: datetime, name: str, *, protected: bool = False) -> contacts.Standing:
    who = contacts.create(tx, now, "sms", f"+4670174{name}")
    participants.set_profile(tx, who.participant_id, name=name)
    participants.set_protected(tx, who.participant_id, protected)
    return who


def talk(tx: Tx, now: datetime, who: contacts.Standing, number: int) -> None:
    inbound.receive(tx, who.key, now, who.contact_id, "sms", f"{who.contact_id}:{number}", "text", f"in {number}")
    body = NewMessage(
        who.contact_id, who.participant_id, "sms", "reply", f"{who.contact_id}:{number}", "", Body(f"ut {number}")
    )
    outbox.queue(tx, who.key, now, [body])


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "PAGE", 2)


def test_pages_hold_everything_once_and_in_order(store: Store, now: datetime, small_pages: None) -> None:
    with store.begin() as tx:
        for name in "abcde":
            who = person(tx, now, name)
            referrals.register(tx, now, who.participant_id, None, "self", None, "sms", {"easier": name}, True, None)
            for number in range(3):
                talk(tx, now, who, number)
    with store.read() as tx:
        assert [one.profile for one in reports.list_people(tx, Scope())] == [{"name": name} for name in "abcde"]
        assert [one.details for one in reports.list_referrals(tx, Scope())] == [{"easier": name} for name in "abcde"]
        said = list(reports.list_messages(tx, Scope()))
    assert [one.text for one in said] == [f"{way} {n}" for _ in "abcde" for n in range(3) for way in ("in", "ut")]
    assert [one.id for one in said] == sorted({one.id for one in said})


def test_a_scope_leaves_out_the_rest(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        old = person(tx, now, "a")
        talk(tx, now, old, 1)
        talk(tx, now + timedelta(days=2), old, 2)
        person(tx, now + timedelta(days=2), "b")
    with store.read() as tx:
        late = Scope(since=now + timedelta(days=1))
        assert [one.profile for one in reports.list_people(tx, late)] == [{"name": "b"}]
        assert [one.text for one in reports.list_messages(tx, late)] == ["in 2", "ut 2"]
        assert list(reports.list_people(tx, Scope(unit_ids=frozenset()))) == []


def test_nothing_of_the_protected_is_opened(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        hidden = person(tx, now, "a", protected=True)
        talk(tx, now, hidden, 1)
        referrals.register(tx, now, hidden.participant_id, None, "self", None, "sms", {"easier": "x"}, True, None)
    with store.read() as tx:
        (one,) = reports.list_people(tx, Scope(), with_ways=True)
        assert (one.profile, one.ways) == (None, ())
        assert [(each.text, each.profile) for each in reports.list_messages(tx, Scope())] == [(None, None)] * 2
        assert [(each.details, each.profile) for each in reports.list_referrals(tx, Scope())] == [(None, None)]


def test_the_way_heard_from_last_comes_first(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        who = person(tx, now, "a")
        other = person(tx, now, "b")
        contacts.heard_from(tx, who.contact_id, now + timedelta(hours=1))
    with store.read() as tx:
        ways = reports.list_ways(tx, [who.participant_id, other.participant_id])
        assert [way.address for way in ways[who.participant_id]] == ["+4670174a"]
        assert [one.ways[0].address for one in reports.list_people(tx, Scope(), with_ways=True)] == [
            "+4670174a",
            "+4670174b",
        ]


def test_what_cannot_be_opened_is_none(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        who = person(tx, now, "a")
        talk(tx, now, who, 1)
        tx.conn.exec_driver_sql(f"UPDATE person_keys SET wrapped = '' WHERE id = {who.key.id}")
    with store.read() as tx:
        assert [one.profile for one in reports.list_people(tx, Scope())] == [None]
        assert [one.text for one in reports.list_messages(tx, Scope())] == [None, None]
