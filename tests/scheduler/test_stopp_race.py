"""STOPP against a send: no request begins after the commit."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from storage import claims, contacts, outbox
from storage.db import Store
from storage.outbox import Body, NewMessage
from tests.databases import ON_POSTGRES
from tests.scheduler.street import Street, departs
from tests.town import LOOP

RACES = 1_000


def _stops(street: Street, contact_id: int) -> float:
    """STOPP; give when its commit had returned."""
    with street.town.store.begin() as tx:
        outbox.cancel(tx, street.town.now, "STOPP", contact_id=contact_id)
        contacts.opt_out(tx, contact_id, street.town.now)
    return time.perf_counter()


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do this after the last look, before the request."""
    look = claims.look

    def looks(*given: Any) -> Any:
        found = look(*given)
        act()
        return found

    monkeypatch.setattr(claims, "look", looks)


def test_a_stopp_after_the_look_waits_until_it_has_begun(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit cannot come between the last look and the request: it is held until the request has begun."""
    street.queues("a")
    order: list[str] = []
    street.channel.on_send = lambda _: order.append("begins")

    def stops() -> None:
        _stops(street, street.person().contact_id)
        order.append("stopped")

    stopping = threading.Thread(target=stops)

    def tries() -> None:
        stopping.start()
        stopping.join(0.3)  # it cannot have got through: who looked holds the contact
        assert stopping.is_alive()

    _meanwhile(monkeypatch, tries)
    street.town.send()
    stopping.join()
    assert order == ["begins", "stopped"]


def test_a_stopp_before_the_look_is_seen(street: Street) -> None:
    row = street.queues("a")
    claimed = street.claims()
    _stops(street, street.person().contact_id)
    street.writes(*street.sends(*claimed))
    assert street.state(row) == "cancelled"
    assert street.channel.began == []


@ON_POSTGRES
def test_one_who_is_being_written_down_is_looked_at_again(store: Store) -> None:
    """PostgreSQL: a turn of theirs is under way. The others go, and they are looked at when it is over."""
    street = Street(store)
    street.queues("a")
    street.queues("x", to="alex")
    claimed = street.claims()
    flight = street.town.dispatcher._flight
    with store.begin() as tx:
        contacts.heard_from(tx, street.person().contact_id, street.town.now)

        async def flies() -> Any:

            later, barred = await asyncio.to_thread(departs, street.town, claimed, asyncio.get_running_loop())
            while flight.out:
                await asyncio.wait(flight.out)
            return later, barred

        later, barred = LOOP.run(flies())
    assert [each.row.address for each in later] == ["+46700000000"]
    assert barred == []
    assert street.channel.texts() == ["x"]
    street.sends(*later)
    assert street.channel.texts() == ["x", "a"]


def test_a_loop_that_does_not_come_begins_nothing(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look gives up with its locks; the row is looked at again, and goes then."""
    monkeypatch.setattr("scheduler.flight.LOOP_PATIENCE", 0.05)
    row = street.queues("a")
    (claimed,) = street.claims()
    flight = street.town.dispatcher._flight

    async def busy() -> Any:

        loop = asyncio.get_running_loop()
        look = loop.run_in_executor(None, departs, street.town, [claimed], loop)
        time.sleep(0.4)  # noqa: ASYNC251 - a loop that does something else
        found = await look
        await asyncio.sleep(0)
        assert flight.out == []
        return found

    later, barred = LOOP.run(busy())
    assert (later, barred) == ([claimed], [])
    assert street.channel.began == []
    street.writes(*street.sends(*later))
    assert street.state(row) == "accepted"


@pytest.mark.slow
def test_a_thousand_races_and_none_begins_after_the_commit(street: Street) -> None:
    """One thread writes STOPP while the dispatcher claims, looks and sends; who is first wins, every time."""
    town, began, stopped = street.town, dict[str, float](), dict[str, float]()

    def begins(message: Any) -> None:
        began.setdefault(message.address, time.perf_counter())

    street.channel.on_send = begins
    people = []
    with town.store.begin() as tx:
        for number in range(RACES):
            address = f"+4673{number:07d}"
            who = contacts.create(tx, town.now, "sim_sms", address)
            new = NewMessage(who.contact_id, who.participant_id, "sim_sms", "reply", address, "Prov.", Body("a"))
            outbox.queue(tx, who.key, town.now, [new])
            people.append((address, who.contact_id))

    def stops() -> None:
        for address, contact_id in people[-100:] + people[:-100]:  # some are surely first
            stopped[address] = _stops(street, contact_id)

    stopping = threading.Thread(target=stops)
    town.round()
    stopping.start()
    while stopping.is_alive() or town.rows("queued", "sending"):
        town.send()
    stopping.join()
    assert len(stopped) == RACES
    late = {address for address, at in began.items() if at > stopped[address]}
    assert late == set()
    sent = {row.id for row in town.rows("accepted")}
    assert len(sent) == len(began)
    assert {row.state for row in town.rows()} <= {"accepted", "cancelled"}
    assert 0 < len(began) < RACES, "some were first, and some were not"
