"""A provider's receipts: late, twice, in any order, before our own answer."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.channels.base import Status
from scheduler import receipts as receiving
from storage import contacts, participants
from storage.outbox import Body
from storage.tables import outbox as rows
from storage.tables import receipts
from tests.scheduler.street import HOUR, Street
from tests.servers.scripted import UNKNOWN, taken

# --- receipts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def accepted(street: Street) -> Any:
    row = street.queues("a")
    street.town.send()
    return street.row(row)


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])), ids="-".join)
def test_receipts_in_any_order_end_alike(street: Street, order: tuple[str, ...]) -> None:
    row = street.queues("a")
    street.town.send()
    assert street.hears(street.row(row).ref, *order, *order) == "delivered"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=st.lists(st.sampled_from(["accepted", "queued", "sending", "sent", "delivered", "read", "?"]), max_size=8))
def test_a_receipt_only_ever_moves_a_row_forward(street: Street, accepted: Any, said: list[str]) -> None:
    with street.town.store.begin() as tx:
        reset = update(rows).where(rows.c.id == accepted.id)
        tx.execute(reset.values(state="accepted", rank=1, settled_at=accepted.settled_at))
    best = "delivered" if {"delivered", "read"} & set(said) else "sent" if "sent" in said else "accepted"
    street.hears(accepted.ref, *said)
    assert street.state(accepted.id) == best


def test_a_receipt_may_come_before_our_own_answer(street: Street) -> None:
    row = street.queues("a")
    ended = street.sends(*street.claims())
    assert street.hears(street.row(row).ref, "sent") == "sent"
    street.writes(*ended)
    assert street.state(row) == "sent"
    street.town.doubt(seconds=61)
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_a_receipt_ends_a_doubt(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    row = street.queues("a")
    street.town.send()
    assert street.hears(street.row(row).ref, "delivered") == "delivered"
    street.town.doubt(seconds=61)
    street.town.send()
    assert street.channel.texts() == ["a"]
    assert street.channel.looked_for == []


# --- a message that did not reach anybody ---------------------------------------------------------------------------


def _takes(street: Street, ref: str, state: str, **more: Any) -> str | None:
    """The door takes a status in."""
    town = street.town
    return receiving.take(town.store, town.house, Status(ref, state, "SM1", **more), town.now)


def _standing(street: Street) -> Any:
    with street.town.store.read() as tx:
        return contacts.get(tx, street.person().contact_id)


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("order", list(permutations(["sent", "undelivered", "delivered", "failed"])), ids="-".join)
def test_words_that_speak_against_each_other_end_alike(street: Street, order: tuple[str, ...]) -> None:
    row = street.queues("a")
    street.town.send()
    for word in (*order, *order):
        _takes(street, street.row(row).ref, word)
    kept = street.row(row)
    assert (kept.state, kept.rank) == ("delivered", 3)
    assert _standing(street).blocked_at is None


@pytest.mark.parametrize("word", ["undelivered", "failed"])
def test_that_it_did_not_arrive_is_told_to_staff_once(street: Street, word: str) -> None:
    row = street.queues("a")
    street.town.send()
    for _ in range(3):
        _takes(street, street.row(row).ref, word, code="30008", why="Operatören tog inte emot meddelandet.")
        _takes(street, street.row(row).ref, "sent")
        street.town.now += HOUR
    kept = street.row(row)
    assert (kept.state, kept.provider_code) == (word, "30008")
    (item,) = street.town.inbox("undelivered")
    assert item.note == "Ett meddelande gick inte fram. Operatören tog inte emot meddelandet."


def test_opted_out_at_the_provider_is_stopp(street: Street) -> None:
    row = street.queues("a")
    street.town.send()
    waits = street.queues("b", not_before=street.town.now + HOUR)
    _takes(street, street.row(row).ref, "undelivered", code="21610", mark="opted_out")
    assert _standing(street).opted_out_at == street.town.now
    assert street.state(waits) == "cancelled"
    street.queues("c")
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_a_number_that_is_no_more_is_not_written_to(street: Street) -> None:
    row = street.queues("a")
    street.town.send()
    _takes(street, street.row(row).ref, "undelivered", code="30005", mark="blocked")
    assert _standing(street).blocked_at == street.town.now
    street.queues("b")
    street.town.send()
    assert street.channel.texts() == ["a"]
    _takes(street, street.row(row).ref, "delivered")
    assert _standing(street).blocked_at is None, "it did arrive after all"


def test_a_word_from_before_they_wrote_marks_nobody(street: Street) -> None:
    """They wrote START after the message went out: a late "opted out" about it is no news."""
    row = street.queues("a")
    street.town.send()
    street.town.now += timedelta(minutes=1)
    with street.town.store.begin() as tx:
        contacts.heard_from(tx, street.person().contact_id, street.town.now)
    _takes(street, street.row(row).ref, "undelivered", code="21610", mark="opted_out")
    assert _standing(street).opted_out_at is None
    assert street.state(row) == "undelivered"


def test_a_failing_word_that_comes_again_marks_nobody_twice(street: Street) -> None:
    row = street.queues("a")
    street.town.send()
    _takes(street, street.row(row).ref, "undelivered", code="21610", mark="opted_out")
    with street.town.store.begin() as tx:
        contacts.opt_in(tx, street.person().contact_id)
    _takes(street, street.row(row).ref, "undelivered", code="21610", mark="opted_out")
    assert _standing(street).opted_out_at is None


# --- a receipt whose row is not there ---------------------------------------------------------------------------------


def _kept(street: Street) -> list[Any]:
    with street.town.store.read() as tx:
        return list(tx.execute(select(receipts).order_by(receipts.c.id)).all())


def test_a_receipt_for_nobody_is_kept_for_a_day(street: Street) -> None:
    assert _takes(street, "no such reference", "delivered") is None
    street.town.now += timedelta(hours=23)
    street.town.doubt()
    assert len(_kept(street)) == 1
    street.town.now += timedelta(hours=2)
    street.town.doubt()
    assert _kept(street) == []


@pytest.mark.parametrize("by", ["reference", "provider's id"])
def test_a_receipt_is_applied_when_its_row_is_there(street: Street, by: str) -> None:
    """The receipts of a database that was put back come before what they are about."""
    row = street.queues("a")
    ref = street.row(row).ref
    street.town.send()
    theirs = ref if by == "reference" else "another installation's"
    with street.town.store.begin() as tx:
        tx.execute(update(rows).where(rows.c.id == row).values(ref="elsewhere", provider_id="SM9"))
    town = street.town
    for word in ("sent", "delivered"):
        told = Status(theirs, word, "SM1")
        assert receiving.take(town.store, town.house, told, town.now) is None
    with street.town.store.begin() as tx:
        back = {"ref": ref} if by == "reference" else {"provider_id": "SM1"}
        tx.execute(update(rows).where(rows.c.id == row).values(**back))
    street.town.doubt()
    assert street.state(row) == "delivered"
    assert {each.outbox_id for each in _kept(street)} == {row}


def test_the_provider_s_id_is_as_good_as_our_reference(street: Street) -> None:
    row = street.queues("a")
    street.town.send()
    provider_id = street.row(row).provider_id
    town = street.town
    assert receiving.take(town.store, town.house, Status("?", "delivered", provider_id), town.now) == "delivered"


def test_every_word_is_kept_as_evidence(street: Street) -> None:
    row = street.queues("a")
    street.town.send()
    for word in ("queued", "sent", "delivered", "sent", "undelivered"):
        _takes(street, street.row(row).ref, word)
    assert [each.status for each in _kept(street)] == ["queued", "sent", "delivered", "undelivered"]
    assert {each.outbox_id for each in _kept(street)} == {row}
    assert "både" in (street.row(row).outcome or ""), "staff can read that the provider said both"


def test_an_erased_person_leaves_no_receipt(street: Street) -> None:
    row = street.queues("a")
    street.town.send()
    _takes(street, street.row(row).ref, "delivered")
    with street.town.store.begin() as tx:
        participants.erase(tx, street.person().participant_id, street.town.now)
    assert _kept(street) == []


def test_a_receipt_that_proves_it_went_out_counts_as_reaching(street: Street) -> None:
    """It comes while we wait for an answer that never comes."""
    street.channel.does(taken(UNKNOWN))
    row = street.queues("a")
    ended = street.sends(*street.claims())
    _takes(street, street.row(row).ref, "sent")
    street.writes(*ended)
    assert street.state(row) == "sent"
    assert _standing(street).last_out_at == street.town.now


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_a_body_comes_back_as_it_was(street: Street) -> None:
    body = Body("å ä ö\n\U0001f600", (("Ja", "1:2:yes"),))
    assert Body.load(body.dump()) == body
    assert json.loads(body.dump())["text"] == body.text
