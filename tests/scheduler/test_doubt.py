"""A message that may have gone out: looked for as long as it may turn up, sent again only when it is not there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import SendError
from rules.doubt import MOST_LOST
from storage import outcomes
from storage.db import Store
from storage.tables import outbox_attempts
from tests.scheduler.street import HOUR, Street
from tests.servers.scripted import LATER, UNKNOWN, taken

WAIT = timedelta(seconds=120)


@pytest.fixture
def lagging(store: Store) -> Street:
    """A channel whose list may lag by two minutes."""
    return Street(store, find_wait=WAIT)


def _attempts(street: Street) -> list[Any]:
    with street.town.store.read() as tx:
        return list(tx.execute(select(outbox_attempts).order_by(outbox_attempts.c.id)).all())


# --- the wait ---------------------------------------------------------------------------------------------------------


def test_not_found_it_waits_as_long_as_it_may_turn_up(lagging: Street) -> None:
    lagging.channel.does(UNKNOWN)
    row = lagging.queues("a")
    lagging.town.send()
    for seconds in (0, 15, 45, 59):
        lagging.town.doubt(seconds=seconds)
        lagging.town.send()
        assert lagging.state(row) == "uncertain"
    lagging.town.doubt(seconds=1)
    assert lagging.state(row) == "queued"
    lagging.town.send()
    assert lagging.channel.texts() == ["a"]
    assert lagging.row(row).possible_duplicate is False


def test_found_within_the_wait_it_is_accepted_at_once(lagging: Street) -> None:
    """The list shows it only after a minute and a half: it is not sent again."""
    lagging.channel.does(taken(UNKNOWN))
    row = lagging.queues("a")
    lagging.town.send()
    find = lagging.channel.find
    shown = [False]

    async def lags(message: Any) -> Any:
        receipt = await find(message)
        return receipt if shown[0] else None

    lagging.channel.find = lags  # type: ignore[method-assign]
    for _ in range(9):
        lagging.town.doubt(seconds=10)
        lagging.town.send()
    assert lagging.state(row) == "uncertain"
    shown[0] = True
    lagging.town.doubt(seconds=40)
    assert lagging.state(row) == "accepted"
    assert lagging.row(row).provider_id
    assert lagging.channel.texts() == ["a"]


def test_it_is_looked_for_at_15_60_and_120_seconds(lagging: Street) -> None:
    lagging.channel.does(UNKNOWN)
    lagging.queues("a")
    lagging.town.send()
    looked = []
    for second in range(1, 121):
        before = len(lagging.channel.looked_for)
        lagging.town.doubt(seconds=1)
        if len(lagging.channel.looked_for) > before:
            looked.append(second)
    assert looked == [15, 60, 120]


def test_a_lost_lease_waits_from_when_it_was_lost(lagging: Street) -> None:
    row = lagging.queues("a")
    lagging.claims()
    lagging.town.doubt(seconds=61)
    assert lagging.state(row) == "uncertain"
    lagging.town.doubt(seconds=100)
    assert lagging.state(row) == "uncertain"
    for _ in range(3):
        lagging.town.doubt(seconds=20)
    assert lagging.state(row) == "queued"


def test_a_list_that_cannot_be_read_sends_nothing_again(lagging: Street) -> None:
    lagging.channel.does(taken(UNKNOWN))
    lagging.channel.unreadable = SendError("unknown", "no list")
    row = lagging.queues("a")
    lagging.town.send()
    for _ in range(29):
        lagging.town.doubt(seconds=60)
        lagging.town.send()
        assert lagging.state(row) == "uncertain"
    for _ in range(2):
        lagging.town.doubt(seconds=60)
    assert lagging.state(row) == "parked"
    assert lagging.channel.texts() == ["a"]
    (item,) = lagging.town.inbox("undelivered")
    assert "Vi vet inte om" in (item.note or "")


def test_a_parked_one_that_is_delivered_after_all_says_so(lagging: Street) -> None:
    lagging.channel.does(taken(UNKNOWN))
    lagging.channel.unreadable = SendError("unknown", "no list")
    row = lagging.queues("a")
    lagging.town.send()
    for _ in range(32):
        lagging.town.doubt(seconds=60)
    assert lagging.state(row) == "parked"
    assert lagging.hears(lagging.row(row).ref, "delivered") == "delivered"


# --- how often --------------------------------------------------------------------------------------------------------


def test_tries_that_certainly_failed_do_not_count(street: Street) -> None:
    """Five times told "later", then cut off twice: it has been risked twice, so it goes once more."""
    street.channel.does(*[LATER] * 5, UNKNOWN, UNKNOWN, "ok")
    row = street.queues("a")
    for _ in range(5):
        street.town.send()
        street.town.now += HOUR
    for _ in range(2):
        street.town.send()
        assert street.state(row) == "uncertain"
        street.town.doubt()
        assert street.state(row) == "queued"
    street.town.send()
    kept = street.row(row)
    assert (kept.state, kept.attempt, kept.refused, kept.risked) == ("accepted", 8, 5, 3)


def test_what_was_never_begun_counts_as_no_try(street: Street) -> None:
    row = street.queues("a")
    (claimed,) = street.claims()
    street.town.lease += timedelta(seconds=40)
    street.writes(*street.sends(claimed))
    kept = street.row(row)
    assert (kept.state, kept.attempt, kept.refused, kept.risked) == ("queued", 1, 0, 0)


def test_workers_that_die_on_it_are_not_its_fault(street: Street) -> None:
    row = street.queues("a")
    for _ in range(MOST_LOST - 1):
        street.claims()
        street.town.doubt(seconds=61)
        assert street.state(row) == "queued"
    street.town.send()
    kept = street.row(row)
    assert (kept.state, kept.attempt, kept.risked) == ("accepted", MOST_LOST, 1)
    assert street.channel.texts() == ["a"]


def test_one_that_every_worker_dies_on_ends_with_staff(street: Street) -> None:
    row = street.queues("a")
    for _ in range(MOST_LOST):
        street.claims()
        street.town.doubt(seconds=61)
    assert street.state(row) == "parked"
    assert street.town.inbox("undelivered")


@pytest.mark.parametrize("kind", ["invitation", "follow_up", "staff"])
def test_where_none_can_look_only_what_is_worth_it_goes_twice(blind: Street, kind: str) -> None:
    blind.channel.does(taken(UNKNOWN))
    row = blind.queues("a", kind=kind)
    blind.town.send()
    blind.town.doubt()
    blind.town.send()
    assert blind.state(row) == "parked"
    assert blind.channel.texts() == ["a"]
    assert blind.row(row).possible_duplicate is False
    assert blind.town.inbox("undelivered")


# --- what is told and kept --------------------------------------------------------------------------------------------


def test_the_look_knows_when_it_was_tried_and_which_are_others(street: Street) -> None:
    street.queues("a")
    street.town.send()
    street.channel.does(SendError("later", "busy"), UNKNOWN)
    street.queues("b")
    street.town.send()
    street.town.now += HOUR
    asked = []
    find = street.channel.find

    async def notes(message: Any) -> Any:
        asked.append(message)
        return await find(message)

    street.channel.find = notes  # type: ignore[method-assign]
    street.town.send()
    tried = street.town.now
    street.town.now += timedelta(minutes=3)
    street.town.doubt(seconds=180)
    (message,) = asked
    assert message.tried_at == tried, "the first try certainly did not go out"
    assert message.not_these == {f"sim_sms:{street.channel.taken[0].ref}"}


def test_the_provider_s_own_code_is_kept(street: Street) -> None:
    street.channel.does(SendError("later", "full", code="30001"), SendError("unknown", "cut", code="500"))
    row = street.queues("a")
    street.town.send()
    assert street.row(row).provider_code == "30001"
    street.town.now += HOUR
    street.town.send()
    assert street.row(row).provider_code == "500"
    assert [each.code for each in _attempts(street)] == ["30001", "500"]


def test_two_workers_do_not_look_for_the_same_row(street: Street) -> None:
    street.channel.does(UNKNOWN, UNKNOWN)
    street.queues("a"), street.queues("x", to="alex")
    street.town.send()
    with street.town.store.begin() as tx:
        first = outcomes.take_doubtful(tx, street.town.now, street.town.lease, 1)
    with street.town.store.begin() as tx:
        second = outcomes.take_doubtful(tx, street.town.now, street.town.lease, 9)
    assert len({row.id for row in (*first, *second)}) == len(first) + len(second) == 2


def test_many_in_doubt_are_all_looked_for(store: Store) -> None:
    street = Street(store)
    street.channel.does(*[taken(UNKNOWN)] * 60)
    for number in range(60):
        street.queues(f"n{number}", to=f"p{number}")
    street.town.send()
    assert len(street.town.rows("uncertain")) == 60
    for _ in range(3):
        street.town.doubt()
    assert len(street.town.rows("accepted")) == 60
    assert len(street.channel.taken) == 60


def test_one_slow_look_holds_up_no_other(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.flight.REQUEST_DEADLINE", 0.05)
    street.channel.does(taken(UNKNOWN), taken(UNKNOWN))
    rows = [street.queues("a"), street.queues("x", to="alex")]
    street.town.send()
    find = street.channel.find

    async def one_hangs(message: Any) -> Any:
        if message.text == "a":
            await asyncio.Event().wait()
        return await find(message)

    street.channel.find = one_hangs  # type: ignore[method-assign]
    street.town.doubt()
    assert [street.state(row) for row in rows] == ["uncertain", "accepted"]
