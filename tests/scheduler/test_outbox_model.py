"""Workers that die, providers that lie, leases that run out, STOPP at any moment: nothing lost or twice, all in order.

Each step is one thing that can happen to the outbox. The provider keeps the truth of what it took. When all is over,
what the store believes is compared with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storage import contacts, outbox, receipts
from storage.crypto import KeyRing
from storage.db import Store
from storage.outbox import Body, NewMessage
from tests.scheduler.street import claims, sends, writes
from tests.servers.scripted import LATER, UNKNOWN, Act, taken
from tests.town import Town

ACTS: dict[str, Act] = {
    "ok": "ok",
    "cut": UNKNOWN,
    "taken, then cut": taken(UNKNOWN),
    "later": LATER,
    "bug": taken(OSError("x")),
}


class Machine(RuleBasedStateMachine):
    """Three people, and any number of workers."""

    open_store: ClassVar[Callable[[], Store]]
    finds: ClassVar[bool] = True

    @initialize()
    def begin(self) -> None:
        self.store = Machine.open_store()
        self.town = Town(self.store)
        self.channel = self.town.scripted(finds=self.finds)
        self.channel.on_send = self._begins
        with self.store.begin() as tx:
            self.people = [contacts.create(tx, self.town.now, "sim_sms", f"+467{n}") for n in range(3)]
        self.claimed: list[Any] = []  # claimed by somebody, not sent yet
        self.sent: list[Any] = []  # sent, not written down yet
        self.queued: dict[int, int] = {}  # row -> person
        self.stopped: set[str] = set()
        self.ever_stopped: set[int] = set()
        self.put_off: set[str] = set()  # told to wait: the next ones may pass them
        self.number = 0

    def _begins(self, message: Any) -> None:
        assert message.address not in self.stopped, "a request began after STOPP"

    @rule(person=st.integers(0, 2), kind=st.sampled_from(["reply", "reply", "staff"]))
    def someone_queues(self, person: int, kind: str) -> None:
        who, self.number = self.people[person], self.number + 1
        message = NewMessage(
            who.contact_id,
            who.participant_id,
            "sim_sms",
            kind,
            f"{who.contact_id}:{self.number}",
            "Prov.",
            Body(f"n{self.number}"),
        )
        with self.store.begin() as tx:
            (row,) = outbox.queue(tx, who.key, self.town.now, [message])
        self.queued[row] = person

    @rule()
    def a_worker_claims(self) -> None:
        self.claimed += claims(self.town)

    @precondition(lambda self: self.claimed)
    @rule(which=st.integers(0, 9), act=st.sampled_from(sorted(ACTS)))
    def a_worker_sends(self, which: int, act: str) -> None:
        each = self.claimed.pop(which % len(self.claimed))
        before = len(self.channel.began)
        self.channel.does(ACTS[act])
        (ended,) = sends(self.town, each)
        self.channel.script.clear()
        if act == "later" and len(self.channel.began) > before:
            self.put_off.add(each.row.address)
        self.sent.append(ended)

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9))
    def a_worker_writes_down(self, which: int) -> None:
        writes(self.town, self.sent.pop(which % len(self.sent)))

    @precondition(lambda self: self.claimed or self.sent)
    @rule()
    def the_workers_die(self) -> None:
        self.claimed, self.sent = [], []
        self.town.restart()

    @rule(seconds=st.sampled_from([1, 30, 40, 61]))
    def time_passes(self, seconds: int) -> None:
        self.town.lease += timedelta(seconds=seconds)
        self.town.now += timedelta(seconds=seconds)

    @rule()
    def someone_looks_for_the_doubtful(self) -> None:
        self.town.doubt()

    @rule(person=st.integers(0, 2))
    def someone_stops(self, person: int) -> None:
        who = self.people[person]
        with self.store.begin() as tx:
            outbox.cancel(tx, self.town.now, "STOPP", contact_id=who.contact_id)
            contacts.opt_out(tx, who.contact_id, self.town.now)
        self.stopped.add(f"+467{person}")
        self.ever_stopped.add(who.contact_id)

    @rule(person=st.integers(0, 2))
    def someone_comes_back(self, person: int) -> None:
        with self.store.begin() as tx:
            contacts.opt_in(tx, self.people[person].contact_id)
        self.stopped.discard(f"+467{person}")

    @precondition(lambda self: self.channel.taken)
    @rule(which=st.integers(0, 99), word=st.sampled_from(["queued", "sent", "delivered"]))
    def a_receipt_comes(self, which: int, word: str) -> None:
        message = self.channel.taken[which % len(self.channel.taken)]
        with self.store.begin() as tx:
            receipts.record_status(tx, self.town.now, message.ref, word, "SM1")

    @invariant()
    def nothing_is_taken_too_often(self) -> None:
        if hasattr(self, "channel"):
            assert max(self.channel.times_taken().values(), default=0) <= (1 if self.finds else 2)

    @invariant()
    def one_row_a_person_is_under_way(self) -> None:
        if hasattr(self, "town"):
            open_rows = [row.contact_id for row in self.town.rows("sending", "uncertain")]
            assert len(open_rows) == len(set(open_rows))

    def teardown(self) -> None:
        """Everybody comes back to life, and time goes on until nothing is left to do."""
        if not hasattr(self, "town"):
            return
        self.claimed, self.sent = [], []
        for _ in range(60):
            self.town.lease += timedelta(seconds=61)
            self.town.now += timedelta(minutes=20)
            self.town.doubt()
            self.town.send()
        self._compare()
        self.store.close()

    def _compare(self) -> None:
        rows = {row.ref: row for row in self.town.rows()}
        took = self.channel.times_taken()
        assert {row.state for row in rows.values()} <= {"accepted", "sent", "delivered", "cancelled", "parked"}
        assert {row.id for row in rows.values()} == set(self.queued), "a row went missing"
        assert {row.contact_id for row in rows.values() if row.state == "cancelled"} <= self.ever_stopped
        reached = {ref for ref, row in rows.items() if row.state in {"accepted", "sent", "delivered"}}
        if self.finds:
            assert reached == set(took), "what the store believes is what the provider took"
        else:
            assert reached <= set(took)
            assert set(took) <= reached | {ref for ref, row in rows.items() if row.state in {"parked", "cancelled"}}
            assert all(rows[ref].possible_duplicate for ref, times in took.items() if times > 1)
        for person in range(3):
            address = f"+467{person}"
            first = list(dict.fromkeys(each.ref for each in self.channel.taken if each.address == address))
            if address not in self.put_off:
                mine = [rows[ref] for ref in first]
                assert [row.id for row in mine] == sorted(row.id for row in mine), "out of order"


@pytest.fixture
def machine_on(sqlite_template: Path, tmp_path: Path, key_ring: KeyRing) -> type[Machine]:
    def open_store() -> Store:
        file = tmp_path / "model.db"
        for old in tmp_path.glob("model.db*"):
            old.unlink()
        shutil.copyfile(sqlite_template, file)
        return Store.open(f"sqlite:///{file}", key_ring)

    Machine.open_store = staticmethod(open_store)
    return Machine


@pytest.mark.parametrize("finds", [True, False], ids=["a channel that finds", "a channel that cannot"])
def test_nothing_is_lost_or_said_twice(machine_on: type[Machine], finds: bool) -> None:
    machine_on.finds = finds
    run_state_machine_as_test(
        machine_on,
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
