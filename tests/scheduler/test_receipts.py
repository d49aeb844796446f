"""A provider's receipts: late, twice, in any order, before our own answer."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from storage.outbox import Body
from storage.tables import outbox as rows
from tests.scheduler.street import Street
from tests.servers.scripted import UNKNOWN, taken
from tests.town import LOOP

# --- receipts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def accepted(street: Street) -> Any:
    row = street.queues("a")
    street.town.send()
    return street.row(row)


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
    (claimed,) = street.claims()
    outcome = LOOP.run(street.town.dispatcher._send(claimed))
    assert street.hears(street.row(row).ref, "sent") == "sent"
    street.town.dispatcher._settle(street.town.now, [(claimed, outcome)])
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


def test_a_receipt_for_nobody_changes_nothing(street: Street) -> None:
    assert street.hears("no such reference", "delivered") is None


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_a_body_comes_back_as_it_was(street: Street) -> None:
    body = Body("å ä ö\n\U0001f600", (("Ja", "1:2:yes"),))
    assert Body.load(body.dump()) == body
    assert json.loads(body.dump())["text"] == body.text
