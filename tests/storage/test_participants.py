from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, insert, select

from storage import (
    alarms,
    audit,
    choices,
    contacts,
    exits,
    inbox,
    named_readers,
    participants,
    person_notes,
    rating_links,
    rating_tasks,
    ratings,
    referrals,
    retention,
    staff,
    units,
)
from storage.crypto import OWN_KEY, PersonKey
from storage.db import Store, Tx
from storage.errors import NotFound, Unreadable
from storage.ids import new_id
from storage.tables import contacts as contact_rows
from storage.tables import (
    conversations,
    counters,
    erased_keys,
    inbound,
    metadata,
    outbox,
    outbox_attempts,
    person_keys,
)
from storage.units import UnitSeed

STAYS = {"counters", "audit", "units", "staff_members", "memberships", "roster_shifts", "roster_exceptions",
         "heartbeats", "control", "erased_keys", "audit_chain", "audit_waiting", "people_changes"}  # fmt: skip


def test_a_person_is_made_with_a_key(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, key = participants.create(tx, now, language="en", made_up=True)
        assert tx.vault.key_for(tx, kim).id == key.id
        found = participants.get(tx, kim)
    assert (found.id, found.created_at, found.status, found.language, found.made_up) == (kim, now, "new", "en", True)
    assert (found.protected, found.read_by_others, found.resting_since, found.unit_id) == (False, False, None, None)


def test_people_come_by_their_ids_whatever_key_seals_them(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, sam, nameless, gone = (participants.create(tx, now)[0] for _ in range(4))
        for who, name in ((kim, "Kim"), (sam, "Sam"), (gone, "Ali")):
            participants.set_profile(tx, who, name=name)
        newest = tx.vault.new_key(tx, kim, now)
        participants.set_protected(tx, sam)
        tx.execute(person_keys.update().where(person_keys.c.participant_id == gone).values(wrapped=b""))
        keys: dict[int, PersonKey] = {}
        found = participants.list_many(tx, [kim, sam, nameless, gone, 17], keys=keys)
        assert {who: one.profile for who, one in found.items()} == {
            kim: {"name": "Kim"},
            sam: None,
            nameless: {},
            gone: None,
        }
        assert newest.id in keys
        assert participants.list_many(tx, [sam], show_protected=[sam])[sam].profile == {"name": "Sam"}


def test_a_profile_grows_and_shrinks(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        assert participants.profile(tx, kim) == {}
        participants.set_profile(tx, kim, name="Kim", birth_year=2003)
        participants.set_profile(tx, kim, phone="+46701740605", birth_year=None)
        assert participants.profile(tx, kim) == {"name": "Kim", "phone": "+46701740605"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(name=st.text(alphabet=st.characters(), max_size=60))
def test_any_name_comes_back_as_written(sqlite_store: Store, name: str) -> None:
    from datetime import UTC

    with sqlite_store.begin() as tx:
        kim, _ = participants.create(tx, datetime(2026, 11, 23, tzinfo=UTC))
        participants.set_profile(tx, kim, name=name)
        assert participants.profile(tx, kim) == {"name": name}


def test_each_mark_is_set_by_itself(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        unit = units.get_unit(tx, "alvsbyn").id
        kim, _ = participants.create(tx, now)
        participants.set_unit(tx, kim, unit)
        participants.set_status(tx, kim, "active")
        participants.set_language(tx, kim, "so")
        participants.set_resting(tx, kim, now)
        participants.set_protected(tx, kim)
        participants.set_read_by_others(tx, kim)
        changed = participants.get(tx, kim)
        assert (changed.unit_id, changed.status, changed.language, changed.resting_since) == (unit, "active", "so", now)
        assert (changed.protected, changed.read_by_others) == (True, True)
        participants.end_rest(tx, kim)
        participants.set_protected(tx, kim, False)
        again = participants.get(tx, kim)
        assert (again.resting_since, again.protected) == (None, False)


def test_staff_see_their_units_people_newest_first(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        unit = units.get_unit(tx, "alvsbyn").id
        kim, _ = participants.create(tx, now, unit)
        sam, _ = participants.create(tx, now + timedelta(seconds=1), unit)
        participants.create(tx, now)
        participants.set_profile(tx, kim, name="Kim")
        participants.set_profile(tx, sam, name="Sam")
        participants.set_protected(tx, sam)
        participants.set_status(tx, kim, "active")
        listed = participants.list_for_staff(tx, unit)
        assert [(one.person.id, one.profile) for one in listed] == [(sam, None), (kim, {"name": "Kim"})]
        shown = participants.list_for_staff(tx, unit, show_protected=True, limit=1)
        assert [one.profile for one in shown] == [{"name": "Sam"}]
        assert [one.person.id for one in participants.list_for_staff(tx, status="active")] == [kim]
        assert len(participants.list_for_staff(tx)) == 3


def test_nobody_is_told_as_such(store: Store) -> None:
    with store.begin() as tx:
        assert participants.find(tx, 404) is None
        assert participants.profile(tx, 404) == {}
        with pytest.raises(NotFound):
            participants.get(tx, 404)
        with pytest.raises(Unreadable):
            participants.set_profile(tx, 404, name="Kim")


# --- erasure ----------------------------------------------------------------------------------------------------------


def test_erasing_takes_all_that_is_theirs(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        anna = _staff(tx, now)
        kim, sam = _whole_person(tx, now, "+46701740605", anna), _whole_person(tx, now, "+46701740606", anna)
        before = _counts(tx)
        kims = {row[0] for row in tx.execute(select(person_keys.c.id).where(person_keys.c.participant_id == kim))}
        assert participants.erase(tx, kim, now)
        after = _counts(tx)
        assert {name: after[name] for name in STAYS - {"erased_keys"}} == {
            name: before[name] for name in STAYS - {"erased_keys"}
        }
        theirs = set(after) - STAYS - {"person_keys"}
        assert {name: (before[name], after[name]) for name in theirs} == {
            name: (before[name], before[name] // 2) for name in theirs
        }
        assert {row[0] for row in tx.execute(select(erased_keys.c.key_id))} == kims
        assert tx.vault.key_by_id(tx, OWN_KEY).id == OWN_KEY
        assert participants.profile(tx, sam) == {"name": "Kim"}
        assert not participants.erase(tx, kim, now)
        assert _counts(tx) == after


def test_a_contact_key_dies_with_its_person(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        early = tx.vault.new_key(tx, None, now)
        address = early.seal("contacts", "address_enc", 5, "+46701740605")
        row = {"id": 5, "participant_id": kim, "key_id": early.id, "channel": "sms", "address_enc": address}
        hashed = tx.vault.address_hash("sms", "+46701740605")
        tx.execute(insert(contact_rows), {**row, "address_hash": hashed, "created_at": now})
        participants.erase(tx, kim, now)
        with pytest.raises(Unreadable, match="erased"):
            tx.vault.key_by_id(tx, early.id)


def test_every_table_that_points_at_a_person_is_thought_of() -> None:
    def leads_to_a_person(table: Table, seen: frozenset[str] = frozenset()) -> bool:
        others = {fk.column.table for fk in table.foreign_keys} - {table}
        return any(
            other.name == "participants" or (other.name not in seen and leads_to_a_person(other, seen | {table.name}))
            for other in others
        )

    pointing = {table.name for table in metadata.tables.values() if leads_to_a_person(table)}
    erased = {table.name for table, _ in participants._theirs(1)} | {"person_keys"}
    assert pointing == erased


def _counts(tx: Tx) -> dict[str, int]:
    return {
        name: tx.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in metadata.tables.items()
    }


def _staff(tx: Tx, now: datetime) -> int:
    units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
    tx.execute(insert(counters), {"day": now.date(), "unit_slug": "alvsbyn", "name": "x", "count": 1})
    return staff.add(tx, now, "Anna", [units.get_unit(tx, "alvsbyn").id])


def _whole_person(tx: Tx, now: datetime, number: str, anna: int) -> int:
    """Somebody with a row in every table that can hold one."""
    who = contacts.create(tx, now, "sms", number)
    person = who.participant_id
    participants.set_profile(tx, person, name="Kim")
    talk, sent = new_id(now), new_id(now)
    blob = who.key.seal("x", "y", 1, "z")
    tx.execute(
        insert(conversations),
        {"id": talk, "contact_id": who.contact_id, "participant_id": person, "flow": "self_referral", "state": "open",
         "facts_enc": blob, "journal_enc": blob, "started_at": now, "touched_at": now},
    )  # fmt: skip
    tx.execute(
        insert(inbound),
        {"id": new_id(now), "contact_id": who.contact_id, "channel": "sms", "provider_id": number, "kind": "text",
         "received_at": now, "state": "handled"},
    )  # fmt: skip
    tx.execute(
        insert(outbox),
        {"id": sent, "contact_id": who.contact_id, "participant_id": person, "dedupe_key": number, "channel": "sms",
         "kind": "reply", "priority": 1, "why": "svar", "created_at": now, "not_before": now, "state": "queued",
         "ref": number},
    )  # fmt: skip
    tx.execute(insert(outbox_attempts), {"outbox_id": sent, "number": 1, "started_at": now})
    item, _ = inbox.open_item(tx, now, "distress", 0, None, person, now, "hej")
    alarms.plan(tx, now, item, [(1, now, anna)])
    referrals.register(tx, now, person, None, "self", None, "sms", {}, True, now)
    choices.record(tx, now, person, "informed", "p", None, "t", "v")
    retention.mark(tx, now, person, "half_done_sign_up")
    rated = _asked(tx, now, person, anna)
    rating_links.make(tx, "answer", person, rated, now + timedelta(days=1))
    rating_tasks.open_task(tx, item, rated)
    named_readers.add(tx, now, person, anna)
    person_notes.add(tx, now, person, anna, "Ringde.")
    exits.add(tx, now, person, None, "work", "active", anna)
    audit.write(tx, now, "cli", "show", f"participant:{person}")
    return person


def _asked(tx: Tx, now: datetime, person: int, anna: int) -> int:
    unit = units.get_unit(tx, "alvsbyn").id
    wanted = ratings.Wanted(person, unit, None, "check_in", "x", "1", "own", now)
    rated = ratings.ask(tx, now, wanted)
    assert rated is not None
    ratings.keep_item(tx, now, rated, "a", 1.0, "sms")
    ratings.hide_from(tx, rated, anna)
    return rated
