from __future__ import annotations

import json
import os
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from storage.crypto import KeyRing, PersonKey, Vault, key_id_of, wrapping_key_of
from storage.db import Store
from storage.errors import KeysUnusable, Unreadable
from storage.tables import person_keys

KEY = PersonKey(77, os.urandom(32))
RING = KeyRing.new(date(2026, 11, 22))
ANY_TEXT = st.text(alphabet=st.characters(), max_size=300)  # lone surrogates, NUL, right-to-left: all of it


@given(ANY_TEXT, st.integers(1, (1 << 63) - 1))
def test_what_is_sealed_opens_in_its_place(text: str, row_id: int) -> None:
    blob = KEY.seal("outbox", "body_enc", row_id, text)
    assert KEY.open("outbox", "body_enc", row_id, blob) == text
    assert key_id_of(blob) == 77


@given(st.binary(max_size=300))
def test_bytes_come_back_as_they_were(value: bytes) -> None:
    assert KEY.open_bytes("t", "c", 1, KEY.seal("t", "c", 1, value)) == value


@given(st.binary(max_size=120))
def test_foreign_bytes_never_open(blob: bytes) -> None:
    with pytest.raises(Unreadable):
        KEY.open_bytes("t", "c", 1, blob)


@given(st.data())
def test_one_changed_bit_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(KEY.seal("t", "c", 1, "orkar inte i dag"))
    at = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[at // 8] ^= 1 << at % 8
    with pytest.raises(Unreadable):
        KEY.open("t", "c", 1, bytes(blob))


@pytest.mark.parametrize("place", [("inbound", "body_enc", 5), ("outbox", "facts_enc", 5), ("outbox", "body_enc", 6)])
def test_a_moved_value_is_refused(place: tuple[str, str, int]) -> None:
    blob = KEY.seal("outbox", "body_enc", 5, "Kim")
    with pytest.raises(Unreadable) as refused:
        KEY.open(*place, blob)
    assert (refused.value.table, refused.value.column, refused.value.row_id) == place


def test_another_persons_key_opens_nothing() -> None:
    blob = KEY.seal("t", "c", 1, "Kim")
    with pytest.raises(Unreadable, match="another key"):
        PersonKey(78, os.urandom(32)).open("t", "c", 1, blob)
    with pytest.raises(Unreadable):
        PersonKey(77, os.urandom(32)).open("t", "c", 1, blob)


def test_the_error_never_shows_the_text() -> None:
    with pytest.raises(Unreadable) as refused:
        KEY.open("t", "c", 2, KEY.seal("t", "c", 1, "hemligt"))
    assert "hemligt" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert KEY.seal("t", "c", 1, "ja") != KEY.seal("t", "c", 1, "ja")


def test_a_ring_comes_back_from_its_text() -> None:
    ring = RING.rotated(date(2026, 12, 1))
    assert KeyRing.load(ring.dump()) == ring
    assert KeyRing.load(ring.dump()).retired[0].retired == "2026-12-01"


def test_a_ring_never_shows_its_secrets() -> None:
    shown = repr(RING) + str(RING.all)
    assert repr(RING.active.secret) not in shown
    assert repr(RING.index_key) not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        "not json",
        '{"ingang_keys": 1}',
        '{"ingang_keys": 2}',
        RING.dump().replace('"retired": ""', '"retired": "2026-01-01"'),
        RING.dump().replace(json.loads(RING.dump())["index_key"], "AAAA"),
        json.dumps({**json.loads(RING.dump()), "keys": json.loads(RING.dump())["keys"] * 2}),
    ],
)
def test_a_broken_key_file_is_refused(text: str) -> None:
    with pytest.raises(KeysUnusable) as refused:
        KeyRing.load(text)
    assert refused.value.way_out
    assert json.loads(RING.dump())["keys"][0]["secret"] not in str(refused.value)


def test_addresses_are_found_by_a_keyed_hash() -> None:
    one, other = Vault(RING), Vault(KeyRing.new())
    assert one.address_hash("sms", "+46701740605") == one.address_hash("sms", "+46701740605")
    assert len(one.address_hash("sms", "\ud800")) == 32
    assert one.address_hash("sms", "+46701740605") != one.address_hash("telegram", "+46701740605")
    assert one.address_hash("sms", "+46701740605") != other.address_hash("sms", "+46701740605")


def test_a_wrapped_key_opens_only_as_itself() -> None:
    vault, secret = Vault(RING), os.urandom(32)
    wrapped = vault.wrap(5, secret)
    assert wrapping_key_of(wrapped) == RING.active.id
    blob = PersonKey(5, secret).seal("t", "c", 1, "Kim")
    assert vault.unwrap(5, wrapped).open("t", "c", 1, blob) == "Kim"
    with pytest.raises(Unreadable, match="moved"):
        vault.unwrap(6, wrapped)
    with pytest.raises(Unreadable, match="erased"):
        vault.unwrap(5, b"")
    with pytest.raises(Unreadable, match="not here"):
        Vault(KeyRing.new()).unwrap(5, wrapped)


def test_a_rotated_ring_opens_what_was_wrapped_before() -> None:
    secret = os.urandom(32)
    wrapped = Vault(RING).wrap(5, secret)
    newer = RING.rotated(date(2026, 12, 1))
    again = Vault(newer).rewrap(5, wrapped)
    assert wrapping_key_of(again) == newer.active.id
    assert Vault(newer.without([RING.active.id])).unwrap(5, again).id == 5


def test_a_key_rotated_in_is_found_without_restart() -> None:
    newer = RING.rotated(date(2026, 12, 1))
    running = Vault(KeyRing(RING.active, (), RING.index_key, refresh=lambda: newer))
    wrapped = Vault(newer).wrap(5, os.urandom(32))
    assert running.unwrap(5, wrapped).id == 5
    assert running.keys == newer


def test_a_persons_newest_key_seals(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        person = _person(tx, now)
        first, second = tx.vault.new_key(tx, person, now), tx.vault.new_key(tx, person, now)
        assert tx.vault.key_for(tx, person).id == second.id
        old, new = first.seal("t", "c", 1, "gammalt"), second.seal("t", "c", 1, "nytt")
        assert tx.vault.open_any(tx, person, "t", "c", 1, old) == "gammalt"
        assert tx.vault.open_any(tx, person, "t", "c", 1, new) == "nytt"
        assert set(tx.vault.keys_by_id(tx, [first.id, second.id, 999])) == {first.id, second.id}


def test_another_persons_value_is_refused(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, sam = _person(tx, now), _person(tx, now)
        blob = tx.vault.new_key(tx, kim, now).seal("t", "c", 1, "Kim")
        with pytest.raises(Unreadable, match="another person"):
            tx.vault.open_any(tx, sam, "t", "c", 1, blob)


def test_an_erased_key_is_told_as_such(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        person = _person(tx, now)
        key = tx.vault.new_key(tx, person, now)
        tx.execute(update(person_keys).where(person_keys.c.id == key.id).values(wrapped=b""))
        assert tx.vault.keys_by_id(tx, [key.id]) == {}
        with pytest.raises(Unreadable, match="erased"):
            tx.vault.key_for(tx, person)
        with pytest.raises(Unreadable, match="erased"):
            tx.vault.key_by_id(tx, 12345)
        with pytest.raises(Unreadable, match="no key"):
            tx.vault.key_for(tx, 12345)


def test_the_installations_own_key_is_one(store: Store, key_ring: KeyRing) -> None:
    with store.begin() as tx:
        blob = tx.vault.own(tx).seal("staff_members", "first_name_enc", 1, "Anna")
        tx.vault.make_own(tx)
    fresh = Vault(key_ring)
    with store.read() as tx:
        assert fresh.own(tx).open("staff_members", "first_name_enc", 1, blob) == "Anna"


def _person(tx: object, now: datetime) -> int:
    from storage.participants import create

    return create(tx, now)[0]  # type: ignore[arg-type]
