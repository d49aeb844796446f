"""Several workers on one queue: a row is one worker's, and a contact is too."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text, update

from scheduler.claim import Claimed
from scheduler.dispatcher import Dispatcher
from storage import claims, contacts, outbox
from storage.db import Store, Tx
from storage.outbox import RELEASE, Body, NewMessage, ToMany
from storage.tables import outbox as rows
from tests.databases import ON_POSTGRES
from tests.scheduler.street import Street
from tests.town import LOOP


def _workers(street: Street, count: int) -> list[Dispatcher]:
    town = street.town
    return [Dispatcher(town.store, town.house, lambda: town.now, lambda: town.lease) for _ in range(count)]


def _together(*acts: Any) -> list[BaseException]:
    """Do all of these at once; give what they raised."""
    raised: list[BaseException] = []
    ready = threading.Barrier(len(acts))

    def does(act: Any) -> None:
        ready.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - it is told
            raised.append(error)

    threads = [threading.Thread(target=does, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_who_claim_at_once_never_share_a_row_or_a_contact(street: Street) -> None:
    for number in range(120):
        street.queues(f"n{number}", to=f"p{number % 30}")
    for _ in range(8):
        workers = _workers(street, 4)
        claimed: list[Claimed] = []

        def claims_all(worker: Dispatcher, claimed: list[Claimed] = claimed) -> None:
            with street.town.store.begin() as tx:
                claimed += worker._claim(tx, street.town.now, street.town.lease, {})[0]

        assert _together(*[partial(claims_all, worker) for worker in workers]) == []
        assert len({each.row.id for each in claimed}) == len(claimed)
        assert max(Counter(each.row.contact_id for each in claimed).values(), default=1) == 1
        street.writes(*street.sends(*claimed))
    while street.town.rows("queued"):
        street.town.send()
    for name in range(30):
        address = street.channel.began[0].address[:-7] + f"{name:07d}"
        mine = [message.text for message in street.channel.taken if message.address == address]
        assert mine == sorted(mine, key=lambda text: int(text[1:]))
    assert max(street.channel.times_taken().values()) == 1


@ON_POSTGRES
def test_one_who_looked_before_another_claimed_takes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL: what was seen before the contact was held counts for nothing.

    B sees "b" alone. Then "a", whose turn began earlier, is committed, claimed by A, and on its way. B holds the
    contact now, and asks again: nothing of theirs may go.
    """
    street = Street(store)
    town, who, older = street.town, street.person(), outbox.reserve(street.town.now)
    street.queues("b")
    lanes, seen = claims._LANES, list[Any]()

    def looks(theirs: Tx, asked: Any) -> Any:
        found = lanes.all(theirs, asked)
        if seen:
            return found
        seen.append(found)
        theirs.conn.commit()  # as if the lock had come only now: what was seen is old
        new = NewMessage(who.contact_id, who.participant_id, "sim_sms", "reply", "a", "Prov.", Body("a"))
        with store.begin() as tx:
            outbox.queue_as(tx, who.key, town.now, [(older, new)])
        (other,) = street.claims()
        assert other.body.text == "a"
        return found

    monkeypatch.setattr(claims, "_LANES", SimpleNamespace(all=looks))
    with store.begin() as tx:
        assert claims.due(tx, town.now, town.lease, "sim_sms", 9) == []
    assert len(seen[0]) == 1


@ON_POSTGRES
def test_a_claim_is_quick_when_the_database_believes_that_nothing_is_queued(store: Store) -> None:
    """PostgreSQL plans by figures of a quiet hour: ten thousand invitations came at once, a claim took three minutes.

    Two thousand took it seconds; a good claim takes milliseconds.
    """
    street = Street(store)
    people, now = [street.person(name) for name in ("kim", "alex", "robin", "sam")], street.town.now
    alike = ToMany(None, "Prov.", "bot", now, None)

    def queue(release: int) -> None:
        keys = [(who, f"{RELEASE}{release}:{number}-{who.contact_id}") for number in range(500) for who in people]
        with store.begin() as tx:
            outbox.queue_many(
                tx, now, alike, [(who.contact_id, who.participant_id, "sim_sms", key) for who, key in keys]
            )

    queue(6)
    with store.begin() as tx:
        tx.execute(update(rows).values(state="delivered"))
        tx.execute(text("ANALYZE outbox"))
    queue(7)
    with store.begin() as tx:
        tx.execute(text("SET LOCAL statement_timeout = '2s'"))
        assert len(claims.due(tx, now, street.town.lease, "sim_sms", 50)) == len(people)


@ON_POSTGRES
def test_a_turn_and_a_claim_do_not_wait_for_each_other(street: Street) -> None:
    """A turn of the contact is under way: the claim passes it by, and takes it when the turn is over."""
    street.queues("a")
    street.queues("x", to="alex")
    with street.town.store.begin() as tx:
        contacts.heard_from(tx, street.person().contact_id, street.town.now)
        assert [each.body.text for each in street.claims()] == ["x"]
    assert [each.body.text for each in street.claims()] == ["a"]


@pytest.mark.slow
def test_many_turns_claims_and_receipts_never_block_each_other(street: Street) -> None:
    """Turns, claims, settlements and receipts of the same people at once: no deadlock, nothing lost."""
    town = street.town
    for number in range(60):
        street.queues(f"n{number}", to=f"p{number % 10}")
    people = [street.person(f"p{number}") for number in range(10)]

    def turns() -> None:
        for number in range(60):
            with town.store.begin() as tx:
                contacts.heard_from(tx, people[number % 10].contact_id, town.now)
                contacts.opt_out(tx, people[number % 10].contact_id, town.now)
                contacts.opt_in(tx, people[number % 10].contact_id)

    def hears() -> None:
        for _ in range(60):
            for message in list(street.channel.taken)[-3:]:
                street.hears(message.ref, "sent", "delivered")

    def sends() -> None:
        while street.town.rows("queued"):
            LOOP.run(town.dispatcher.drain())

    assert _together(turns, hears, sends) == []
    assert {row.state for row in town.rows()} <= {"accepted", "sent", "delivered"}
    assert max(street.channel.times_taken().values()) == 1
