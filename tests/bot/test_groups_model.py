"""Answers, changes of mind, holds, moves, STOPP and the clock in any order: no place is ever promised twice.

The model remembers what people were told. Whoever was told that they are in, and has not left since, has a place; and
nobody else has.
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
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.actions.activity_facts import LEAST_LEFT
from rules.bad_input import BadInput
from storage import invitations
from storage.crypto import KeyRing
from storage.db import Store
from storage.invitations import COMES, Invitation
from tests.activity_town import GroupTown
from tests.town import Phone

WORDS = ("yes", "yes", "yes", "hard", "maybe", "no", "not_now")
PEOPLE = 5


class Machine(RuleBasedStateMachine):
    """Five people and one activity of two places, answered by the buttons of its invitations."""

    open_store: ClassVar[Callable[[], Store]]

    @initialize()
    def begin(self) -> None:
        self.town = GroupTown(Machine.open_store())
        self.activity = self.town.plans(places=2)
        self.phones = self.town.people(PEOPLE, "sim_telegram")
        self.rows = self.town.invites(self.activity, *self.phones)
        self.told_in: set[int] = set()
        self.stopped: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "town"):
            for phone in self.phones:
                assert sum("Nu finns en plats" in text for text in phone.texts()) <= 3
            self.town.store.close()

    @rule(n=st.integers(0, PEOPLE - 1), word=st.sampled_from(WORDS), old=st.booleans())
    def answers(self, n: int, word: str, old: bool) -> None:
        phone, there = self.phones[n], self.town.there(self.activity)
        if n in self.stopped:
            return
        row = self.rows[phone.standing().participant_id]
        version = there.version - old if old and there.version > 1 else there.version
        said = phone.writes(f"g:{row}:{version}:{word}", "button")
        counts = version == there.version and self.town.now < there.starts
        is_in = any("är med" in text or "är du med" in text or "möta dig utanför" in text for text in said)
        is_full = any("fullt den här gången" in text or "gick till någon annan" in text for text in said)
        if counts and word in ("yes", "hard"):
            assert is_in != is_full, said
            self._keep(n, is_in=is_in)
        else:
            assert not is_in and not is_full, said  # noqa: PT018  one sentence
            if counts:
                self.told_in.discard(n)

    def _keep(self, n: int, *, is_in: bool) -> None:
        if is_in:
            self.told_in.add(n)
        else:
            assert n not in self.told_in, "who was in is never told that it is full"

    @rule(hours=st.sampled_from((1, 7, 25, 49)))
    def time_passes(self, hours: int) -> None:
        self.town.later(hours=hours)

    @rule(days=st.integers(1, 3))
    def staff_move_it(self, days: int) -> None:
        there = self.town.there(self.activity)
        if self.town.now < there.starts:
            starts = there.starts + timedelta(days=days)
            self.town.changes(self.activity, starts=starts, ends=starts + timedelta(hours=2))
            self.told_in.clear()

    @rule(places=st.integers(1, 4))
    def staff_change_the_places(self, places: int) -> None:
        taken = self.town.taken(self.activity)
        try:
            self.town.changes(self.activity, places=places)
        except BadInput:
            assert places < taken
        else:
            assert self.town.there(self.activity).places == places

    @rule(n=st.integers(0, PEOPLE - 1))
    def somebody_stops_or_comes_back(self, n: int) -> None:
        self.phones[n].writes("börja" if n in self.stopped else "stopp")
        self.stopped ^= {n}

    @invariant()
    def places_are_whose_they_were_said_to_be(self) -> None:
        if not hasattr(self, "town"):
            return
        there, seats = self.town.there(self.activity), {}
        for n, mine in enumerate(self._rows()):
            if mine.place is not None:
                assert mine.place not in seats
                assert 1 <= mine.place <= there.places
                seats[mine.place] = n
            assert (mine.hold_until is None) or mine.place is not None
            if mine.state in COMES:
                assert (mine.place is None) == (mine.waiting_since is not None)
                firm = mine.place is not None and mine.hold_until is None
                assert firm == (n in self.told_in)
                assert mine.turned_away != firm
            else:
                assert n not in self.told_in
            assert mine.offers <= 3
        assert len(seats) <= there.places

    @invariant()
    def a_free_place_is_offered_to_whoever_waits(self) -> None:
        if not hasattr(self, "town"):
            return
        there, rows = self.town.there(self.activity), self._rows()
        if self.town.now >= there.starts - LEAST_LEFT or sum(each.place is not None for each in rows) >= there.places:
            return
        for n, mine in enumerate(rows):
            waits = mine.state in COMES and mine.waiting_since is not None and mine.offers < 3
            assert not waits or n in self.came_back_or_stopped(rows), (n, mine)

    def came_back_or_stopped(self, rows: list[Invitation]) -> set[int]:
        """Who could not be told when a place came free; those who are back are told at the next look."""
        self.ever = getattr(self, "ever", set()) | self.stopped
        return self.ever

    def _rows(self) -> list[Invitation]:
        with self.town.store.read() as tx:
            found = {each.participant_id: each for each in invitations.of_activity(tx, self.activity)}
        return [found[self._who(phone)] for phone in self.phones]

    def _who(self, phone: Phone) -> int:
        return next(who for who, row in self.rows.items() if who == phone.standing().participant_id)


@pytest.fixture
def machine(sqlite_template: Path, tmp_path: Path, key_ring: KeyRing) -> type[Any]:
    def open_store() -> Store:
        file = tmp_path / "model.db"
        for old in tmp_path.glob("model.db*"):
            old.unlink()
        shutil.copyfile(sqlite_template, file)
        return Store.open(f"sqlite:///{file}", key_ring)

    Machine.open_store = staticmethod(open_store)
    return Machine


def test_no_place_is_promised_twice_whatever_happens(machine: type[Machine]) -> None:
    steps = settings(max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=steps)
