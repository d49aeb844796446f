"""The pipe: nobody waits for the slowest, many are settled in one commit, nothing is held while a provider thinks."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy

from bot.channels.base import Rates
from scheduler import dispatcher as dispatching
from scheduler import flight, gate
from scheduler.dispatcher import Dispatcher
from scheduler.flight import Ended
from storage import outcomes
from storage.db import Store, Tx
from storage.errors import StoreUnavailable
from tests.databases import ON_POSTGRES
from tests.scheduler.street import Street
from tests.servers.scripted import LATER, UNKNOWN
from tests.town import LOOP


@contextmanager
def _counted(store: Store) -> Iterator[list[bool]]:
    """Each write transaction that ended while this lasts: whether it was committed."""
    ended: list[bool] = []
    close = store.lane.close_write

    def closes(conn: Any, *, commit: bool) -> None:
        close(conn, commit=commit)
        ended.append(commit)

    store.lane.close_write = closes  # type: ignore[method-assign]
    yield ended
    store.lane.close_write = close  # type: ignore[method-assign]


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it is the database that tells
            await asyncio.sleep(0.002)


def _running(street: Street, act: Callable[[Dispatcher], Any]) -> None:
    """Let the dispatcher run while this is done, and stop it."""

    async def run() -> None:
        dispatcher = street.town.dispatcher
        running = asyncio.create_task(dispatcher.run())
        try:
            await act(dispatcher)
        finally:
            dispatcher.stop()
            await running

    LOOP.run(run())


def test_one_that_hangs_holds_up_nobody(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.flight.REQUEST_DEADLINE", 4.0)
    street.channel.does("hang")
    slow = street.queues("a")
    rows = [street.queues(f"n{number}", to=f"p{number}") for number in range(250)]

    async def all_others(_: Dispatcher) -> None:
        await _until(lambda: len(street.channel.taken) == 250)
        assert street.state(slow) == "sending"

    _running(street, all_others)
    assert {street.state(row) for row in rows} == {"accepted"}
    assert street.state(slow) == "uncertain"


def test_what_is_queued_while_others_are_out_goes_at_once(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when nobody says so: another process queued it."""
    monkeypatch.setattr("scheduler.flight.REQUEST_DEADLINE", 5.0)
    street.channel.does("hang")
    street.queues("a")

    async def queued_elsewhere(_: Dispatcher) -> None:
        await _until(lambda: len(street.channel.began) == 1)
        began = asyncio.get_running_loop().time()
        row = await asyncio.to_thread(street.queues, "x", to="alex")
        await _until(lambda: street.state(row) == "accepted")
        assert asyncio.get_running_loop().time() - began < 2.5, "half of what the other one hangs"

    _running(street, queued_elsewhere)


def test_many_are_claimed_and_settled_in_few_commits(street: Street) -> None:
    for number in range(90):
        street.queues(f"n{number}", to=f"p{number}")
    with _counted(street.town.store) as ended:
        street.town.round()
    assert len(street.town.rows("accepted")) == 90
    assert len(ended) <= 4, "claimed, looked at, settled"


@ON_POSTGRES
def test_what_is_claimed_is_on_the_disk_before_it_goes(store: Store) -> None:
    """PostgreSQL: one transaction looks, settles and claims. Should the server die, none of it may be undone."""
    street, told = Street(store), list[str]()
    close = store.lane.close_write

    def closes(conn: Any, *, commit: bool) -> None:
        told.append(conn.exec_driver_sql("SHOW synchronous_commit").scalar_one())
        close(conn, commit=commit)

    store.lane.close_write = closes  # type: ignore[method-assign]
    street.queues("a")
    street.queues("x", to="alex")
    street.town.send()
    assert len(street.town.rows("accepted")) == 2
    assert set(told) == {"on"}


def test_an_idle_dispatcher_writes_nothing(street: Street) -> None:
    street.queues("a", not_before=street.town.now + timedelta(hours=1))
    with _counted(street.town.store) as ended:
        for _ in range(5):
            assert street.town.round() is False
    assert ended == []


def test_nothing_is_open_while_a_provider_thinks(street: Street) -> None:
    """While a hundred requests are out, others may write, and no connection is held."""
    open_now: list[int] = []
    lane = street.town.store.lane
    count = [0]
    opens, closes = lane.open_write, lane.close_write

    def opened() -> Any:
        conn = opens()
        count[0] += 1
        return conn

    def closed(conn: Any, *, commit: bool) -> None:
        count[0] -= 1
        closes(conn, commit=commit)

    lane.open_write, lane.close_write = opened, closed  # type: ignore[method-assign]
    send = street.channel.send

    async def thinks(message: Any) -> Any:
        for _ in range(20):
            await asyncio.sleep(0.002)
        open_now.append(count[0])
        return await send(message)

    street.channel.send = thinks  # type: ignore[method-assign]
    for number in range(100):
        street.queues(f"n{number}", to=f"p{number}")
    street.town.round()
    assert open_now.count(0) == len(open_now) == 100


def test_a_contact_waits_for_nobody_else(street: Street) -> None:
    """Its second message goes when its first has, not when everybody's has."""
    gate, texts = asyncio.Event(), street.channel.texts
    send = street.channel.send

    async def slow_for_alex(message: Any) -> Any:
        if message.text == "x":
            await gate.wait()
        return await send(message)

    street.channel.send = slow_for_alex  # type: ignore[method-assign]
    street.queues("x", to="alex")
    for text in "abc":
        street.queues(text)

    async def three(_: Dispatcher) -> None:
        await _until(lambda: texts() == ["a", "b", "c"])
        gate.set()

    _running(street, three)
    assert texts() == ["a", "b", "c", "x"]


# --- when the database cannot be used ---------------------------------------------------------------------------------


def test_an_outcome_that_cannot_be_kept_now_is_kept_later(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    row = street.queues("a")
    ended = street.sends(*street.claims())
    street.town.dispatcher._back = ended
    settle = outcomes.settle

    def locked(*_: Any) -> Any:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(outcomes, "settle", locked)
    with pytest.raises(StoreUnavailable):
        street.town.round()
    assert street.state(row) == "sending"
    monkeypatch.setattr(outcomes, "settle", settle)
    street.town.round()
    assert street.state(row) == "accepted"
    assert street.channel.texts() == ["a"]


def test_an_outcome_that_can_never_be_kept_costs_no_other(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [street.queues("a"), street.queues("x", to="alex"), street.queues("y", to="sam")]
    settle = outcomes.settle

    def refuses_one(tx: Any, now: Any, lease_now: Any, given: Any) -> Any:
        if any(each.row_id == rows[1] for each in given):
            raise ValueError("a bug")
        return settle(tx, now, lease_now, given)

    monkeypatch.setattr(outcomes, "settle", refuses_one)
    street.town.round()
    assert [street.state(row) for row in rows] == ["accepted", "sending", "accepted"]
    monkeypatch.setattr(outcomes, "settle", settle)
    street.town.doubt(seconds=61)
    assert street.state(rows[1]) == "accepted"


def test_a_beat_that_breaks_is_taken_once_more_and_sends_nothing_twice(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the database refused takes the whole transaction with it, but the requests that began in it have begun."""
    street.queues("a", to="alex")
    street.queues("b", to="sam")
    ready, back = street.claims()
    street.queues("c")
    settle = outcomes.settle

    def refused_once(tx: Tx, *_: Any) -> Any:
        monkeypatch.setattr(outcomes, "settle", settle)
        tx.execute(sqlalchemy.text("SELECT nothing FROM nowhere"))

    monkeypatch.setattr(outcomes, "settle", refused_once)
    street.town.dispatcher._ready = [ready]
    street.town.dispatcher._back = [Ended(back, flight.outcome(back, "queued"))]
    with _counted(street.town.store) as ended:
        street.town.round()
    assert ended[:2] == [False, True]
    assert sorted(street.channel.texts()) == ["a", "b", "c"]
    street.town.send()
    assert sorted(street.channel.texts()) == ["a", "b", "c"]
    assert {row.state for row in street.town.rows()} == {"accepted"}


def test_nothing_is_sent_whose_claim_could_not_be_committed(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    street.queues("a")
    close = street.town.store.lane.close_write

    def full(conn: Any, *, commit: bool) -> None:
        close(conn, commit=False)
        if commit:
            raise StoreUnavailable("full")

    with monkeypatch.context() as patched:
        patched.setattr(street.town.store.lane, "close_write", full)
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                street.town.round()
    assert street.channel.began == []
    street.town.round()
    assert street.channel.texts() == ["a"]


def test_a_locked_database_ends_nothing(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program holds the file: the dispatcher goes on when it lets go."""
    monkeypatch.setattr(dispatching, "AFTER_A_FAULT", 0.01)
    monkeypatch.setattr("storage.lanes.WAIT_S", 0.05)
    street = Street(sqlite_store)
    row = street.queues("a")
    sqlite_store.lane.close()  # the connections are made anew, with the shorter wait
    other = sqlite3.connect(sqlite_store.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def lets_go(_: Dispatcher) -> None:
        await asyncio.sleep(0.3)
        assert street.channel.began == []
        other.execute("ROLLBACK")
        await _until(lambda: bool(street.channel.taken))

    _running(street, lets_go)
    other.close()
    assert street.state(row) == "accepted"


# --- a clean stop -----------------------------------------------------------------------------------------------------


def test_a_clean_stop_leaves_nothing_in_doubt(street: Street) -> None:
    send = street.channel.send

    async def takes_a_while(message: Any) -> Any:
        await asyncio.sleep(0.2)
        return await send(message)

    street.channel.send = takes_a_while  # type: ignore[method-assign]
    for number in range(300):
        street.queues(f"n{number}", to=f"p{number}", kind="invitation")

    async def out(dispatcher: Dispatcher) -> None:
        await _until(lambda: len(dispatcher._flight.out) > 50)

    _running(street, out)
    states = {row.state for row in street.town.rows()}
    assert states == {"accepted", "queued"}
    assert len(street.town.rows("accepted")) == len(street.channel.taken)
    assert all(row.risked == 0 for row in street.town.rows("queued"))


def test_a_stop_does_not_wait_for_ever(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "CLEAN_STOP", 0.1)
    street.channel.does("hang")
    row = street.queues("a")

    async def out(_: Dispatcher) -> None:
        await _until(lambda: bool(street.channel.began))

    _running(street, out)
    assert street.state(row) == "uncertain"
    street.town.doubt()
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_a_beat_that_is_cancelled_is_not_met_by_another(street: Street) -> None:
    """Somebody who waited for a drain goes away in the middle: the thread ends its work before the next beat."""
    street.queues("a")
    dispatcher, inside, most = street.town.dispatcher, [0], [0]
    work = dispatcher._work_off
    began = threading.Event()

    def watched(*given: Any) -> Any:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        began.set()
        threading.Event().wait(0.1)
        try:
            return work(*given)
        finally:
            inside[0] -= 1

    dispatcher._work_off = watched  # type: ignore[method-assign, assignment]

    async def goes_away() -> None:
        one = asyncio.create_task(dispatcher.drain())
        await asyncio.to_thread(began.wait)
        one.cancel()
        await dispatcher.drain()
        with pytest.raises(asyncio.CancelledError):
            await one

    LOOP.run(goes_away())
    assert most == [1]
    assert street.channel.texts() == ["a"]


def test_it_says_when_a_beat_last_ended_well(street: Street) -> None:
    assert street.town.dispatcher.last_beat is None
    street.town.send()
    assert street.town.dispatcher.last_beat == street.town.lease


def test_a_row_that_cannot_be_judged_holds_up_nobody(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = street.queues("a"), street.queues("x", to="alex")
    check = gate.check

    def breaks(house: Any, row: Any, *more: Any) -> Any:
        if row.id == broken:
            raise KeyError("a bug")
        return check(house, row, *more)

    monkeypatch.setattr("scheduler.gate.check", breaks)
    street.town.send()
    assert [street.state(row) for row in (broken, sound)] == ["failed", "accepted"]
    assert street.town.inbox("undelivered")


@pytest.mark.parametrize("act", [LATER, UNKNOWN], ids=["later", "unknown"])
def test_a_word_with_half_a_sign_is_kept(street: Street, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act, "why", "x\ud800\x00" * 200)
    street.channel.does(act)
    row = street.queues("a")
    street.town.send()
    assert street.state(row) in {"queued", "uncertain"}


def test_a_claim_that_breaks_loses_no_outcome(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    row, other = street.queues("a"), street.queues("x", to="alex")
    first, second = street.claims()
    street.town.dispatcher._back = street.sends(first)
    street.writes(*street.sends(second))

    def breaks(*_: Any, **__: Any) -> Any:
        raise ValueError("a bug")

    street.queues("b")
    street.town.dispatcher._back = [Ended(first, flight.outcome(first, "accepted", provider_id="SM1"))]
    monkeypatch.setattr("scheduler.claim.claims.due", breaks)
    street.town.round()
    assert {street.state(row), street.state(other)} == {"accepted"}
    assert len(street.town.rows("queued")) == 1


def test_an_idle_dispatcher_looks_a_few_times_a_second(store: Store) -> None:
    """Also after it has sent as fast as the channel's rate allows."""
    street = Street(store, rates=Rates(10))
    for number in range(3):
        street.queues(f"n{number}", to=f"p{number}")
    beats = [0]
    work = street.town.dispatcher._work_off

    def counted(*given: Any) -> bool:
        beats[0] += 1
        street.town.lease += timedelta(seconds=0.2)
        return work(*given)

    street.town.dispatcher._work_off = counted  # type: ignore[method-assign, assignment]

    async def idle(_: Dispatcher) -> None:
        await _until(lambda: not street.town.rows("queued", "sending"))
        await asyncio.sleep(0.1)
        before = beats[0]
        await asyncio.sleep(1)
        assert beats[0] - before <= 6

    _running(street, idle)
