"""Booking, answers, STOPP, wishes, policy, the clock, workers that die: exactly the right notices, and no ghost.

The model is small and of its own: it knows five clocks, not the plan. What it says must be told at a moment is told at
that moment; whatever else is told must be true when it is told, of the version that stands, and told once.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot.actions import booking, offering
from scheduler import reminders
from storage import appointments, units, wishes
from storage.crypto import KeyRing
from storage.db import Store
from tests.meeting_town import MeetingTown, press
from tests.scheduler.street import claims
from tests.town import STOCKHOLM

CLOCKS = (time(9), time(11, 30), time(13), time(17), time(19))
STARTS = time(13, 30)
REMINDERS = {"three_days": (3, time(17)), "day_before": (1, time(17)), "same_day": (0, time(11, 30))}
DAY = timedelta(days=1)


@dataclass
class Known:
    """A meeting, as the model has it."""

    id: int
    starts: datetime
    since: datetime  # when this time came to be
    version: int = 1
    answer: str | None = None
    state: str = "booked"  # booked | cancelled | attended | missed
    owed: set[str] = field(default_factory=set)  # what is to be told at the first moment when it may be


class Aborted(Exception):
    """The process died before its commit."""


class Machine(RuleBasedStateMachine):
    """One person, one staff member, one meeting at a time."""

    open_store: ClassVar[Callable[[], Store]]

    @initialize()
    def begin(self) -> None:
        self.town = MeetingTown(Machine.open_store())
        self.channel = self.town.scripted()
        self.kim = self.town.signed_up()
        self.meeting: Known | None = None
        self.all: dict[int, Known] = {}
        self.stopped, self.wants, self.same_day, self.off = False, True, False, frozenset[str]()
        self.asked_at = self.town.now
        self.told: set[tuple[int, int, str]] = set()

    def teardown(self) -> None:
        if hasattr(self, "town"):
            assert max(Counter(each.ref for each in self.channel.taken).values(), default=1) == 1, "told twice"
            self.town.store.close()

    # --- what staff do ----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.meeting is None)
    @rule(days=st.integers(1, 9))
    def staff_book(self, days: int) -> None:
        starts = self._day(days)
        made = self.town.books(self.kim, f"{starts:%Y-%m-%d %H:%M}")
        self.meeting = self.all[made] = Known(made, starts, self.town.now, owed={"confirmation"})
        self._look()

    @precondition(lambda self: self._coming())
    @rule(days=st.integers(1, 9))
    def staff_move(self, days: int) -> None:
        one, starts = self._one(), self._day(days)
        if starts == one.starts:
            return
        self.town.moves(one.id, f"{starts:%Y-%m-%d %H:%M}")
        one.version, one.starts, one.since, one.answer = one.version + 1, starts, self.town.now, None
        one.owed = {"confirmation"}
        self._look()

    @precondition(lambda self: self._coming())
    @rule()
    def staff_cancel(self) -> None:
        one = self._one()
        self.town.cancels(one.id)
        one.version, one.state = one.version + 1, "cancelled"
        one.owed = set() if self.stopped else {"cancelled"}  # whom nothing reaches staff ring
        self.meeting = None
        self._look()

    @precondition(lambda self: self.meeting is not None and not self._coming())
    @rule(outcome=st.sampled_from(["attended", "missed"]))
    def staff_mark(self, outcome: str) -> None:
        one = self._one()
        again = next((each.state for each in reversed(self._marked())), "") == "missed"
        self.town.marks(one.id, outcome)
        one.state, self.meeting = outcome, None
        late = self.town.now - one.starts > 2 * DAY
        wanted = outcome == "missed" and not again and not late and one.answer not in ("no", "move")
        one.owed = {"missed"} if wanted and not self.stopped else set()
        self._look()

    # --- what the person does ---------------------------------------------------------------------------------------

    @precondition(lambda self: self._coming())
    @rule(option=st.sampled_from(["yes", "yes", "no", "move"]), old=st.booleans())
    def the_person_answers(self, option: str, old: bool) -> None:
        one = self._one()
        press(self.kim, one.id, one.version - old, option)
        if not self.stopped and not old:
            one.answer = option
        assert self.town.meeting(one.id).answer == one.answer
        self._look()

    @rule()
    def the_person_stops(self) -> None:
        self.kim.writes("STOPP")
        self.stopped = True
        self._look()

    @precondition(lambda self: self.stopped)
    @rule()
    def the_person_is_back(self) -> None:
        self.kim.writes("BÖRJA")
        self.stopped = False
        self.town.later(seconds=1)
        self._look()

    @rule(wants=st.booleans(), same_day=st.booleans())
    def the_person_wishes(self, wants: bool, same_day: bool) -> None:
        who = self.kim.standing().participant_id
        with self.town.store.begin() as tx:
            wishes.set_reminders(tx, self.town.now, who, same_day=same_day, reminders=wants)
            appointments.look_again(tx, self.town.now, participant_id=who)
        self.wants, self.same_day, self.asked_at = wants, same_day, self.town.now
        self._look()

    @rule(off=st.sets(st.sampled_from(["three_days", "day_before"])))
    def the_unit_decides(self, off: set[str]) -> None:
        with self.town.store.begin() as tx:
            unit = units.get_unit(tx, "alvsbyn").id
            units.set_settings(tx, unit, reminders={"off": ["thank_you", *sorted(off)]})
            appointments.look_again(tx, self.town.now, unit_id=unit)
        self.off = frozenset(off)
        self._look()

    # --- what becomes of the program --------------------------------------------------------------------------------

    @rule(steps=st.sampled_from([1, 1, 2, 4, 8]))
    def time_passes(self, steps: int) -> None:
        for _ in range(steps):
            self.town.later(seconds=(self._next_clock() - self.town.now).total_seconds())
            self._look(on_time=True)

    @rule(days=st.sampled_from([1, 3]))
    def the_program_is_down(self, days: int) -> None:
        self.town.now += timedelta(days=days)
        self.town.restart()
        self.town.later(seconds=1)
        self._look(on_time=False)

    @rule()
    def two_workers_sweep(self) -> None:
        for _ in range(2):
            reminders.sweep(self.town.store, self.town.house, self.town.now)
        self.town.send()
        self._look()

    @rule()
    def a_worker_dies_with_what_it_claimed(self) -> None:
        reminders.sweep(self.town.store, self.town.house, self.town.now)
        claims(self.town)
        self.town.restart()
        for _ in range(2):
            self.town.doubt(seconds=400)
        self.town.send()
        self._look()

    @precondition(lambda self: self._coming())
    @rule(deed=st.sampled_from(["move", "cancel", "sweep"]))
    def a_transaction_is_aborted(self, deed: str) -> None:
        one, town = self._one(), self.town
        with suppress(Aborted), town.store.begin() as tx:
            each = appointments.get(tx, one.id, to_change=True)
            if deed == "move":
                to = offering.as_wanted(each, starts=each.starts + DAY)
                booking.move(tx, town.house, each, to, town.now, by="staff")
            elif deed == "cancel":
                booking.cancel(tx, town.house, each, town.now, by="staff")
            else:
                appointments.look_again(tx, town.now, participant_id=each.participant_id)
            raise Aborted
        town.restart()
        town.send()
        self._look()

    # --- what must hold ---------------------------------------------------------------------------------------------

    def _look(self, *, on_time: bool | None = None) -> None:
        """Judge what was told since the last look. `on_time`: this is one of the five clocks, and nobody slept."""
        for meeting, version, kind in self._news():
            one = self.all[meeting]
            assert (meeting, version, kind) not in self.told, "told twice"
            assert version == one.version, f"a ghost: {kind} of version {version}, not {one.version}"
            self._is_true(one, kind)
            self.told.add((meeting, version, kind))
            one.owed.discard(kind)
        for one in self.all.values():
            self._nothing_is_owed(one, on_time=on_time)
        if on_time and self._coming():
            self._is_reminded(self._one())

    def _is_true(self, one: Known, kind: str) -> None:
        now = self.town.now
        assert not self.stopped, f"{kind} after STOPP"
        exempt = kind in ("confirmation", "cancelled") and one.starts - now <= DAY
        assert exempt or time(9) <= now.astimezone(STOCKHOLM).time() < time(19), f"{kind} in closed hours"
        if kind == "missed":
            assert one.state == "missed"
            return
        assert now < one.starts, f"{kind} after the start"
        assert one.state == ("cancelled" if kind == "cancelled" else "booked")
        assert kind == "cancelled" or one.answer not in ("no", "move"), f"{kind} after a no"
        if kind in REMINDERS:
            assert self.wants, f"{kind}: not wanted"
            assert kind not in self.off, f"{kind}: switched off"
            assert kind != "same_day" or self.same_day
            assert now >= self._at(one, kind), f"{kind} too early"

    def _nothing_is_owed(self, one: Known, *, on_time: bool | None) -> None:
        """What is told at once has been, where it may be now: in open hours, and well before any reminder."""
        now = self.town.now
        open_now = time(9) <= now.astimezone(STOCKHOLM).time() < time(19)
        if self.stopped or not one.owed or (now >= one.starts and "missed" not in one.owed):
            return
        if "confirmation" in one.owed and (one.answer in ("no", "move") or one.starts - now < 4 * DAY):
            return  # they have answered, or a reminder may have taken its place
        if one.owed & {"cancelled", "missed"} and on_time is False:
            one.owed = set()  # it may have become too late
        assert not (one.owed and open_now), f"not told: {one.owed}"

    def _is_reminded(self, one: Known) -> None:
        for kind in REMINDERS:
            at = self._at(one, kind)
            if (
                at != self.town.now
                or self.stopped
                or one.answer in ("no", "move")
                or not self.wants
                or kind in self.off
            ):
                continue
            if kind == "same_day" and not self.same_day:
                continue
            if at - one.since < timedelta(hours=22) or (kind == "three_days" and one.starts - one.since < 5 * DAY):
                continue  # they were told of the time not long before
            assert (one.id, one.version, kind) in self.told, f"not reminded: {kind}"

    # --- small things -----------------------------------------------------------------------------------------------

    def _news(self) -> list[tuple[int, int, str]]:
        rows = [row for row in self.town.rows() if row.dedupe_key.startswith("plan:") and row.accepted_at is not None]
        found = [row.dedupe_key.split(":") for row in rows]
        keys = [(int(meeting), int(version), kind) for _, meeting, version, kind in found]
        return [key for key in keys if key not in self.told]

    def _one(self) -> Known:
        assert self.meeting is not None
        return self.meeting

    def _coming(self) -> bool:
        return self.meeting is not None and self.town.now < self.meeting.starts

    def _marked(self) -> list[Known]:
        marked = [one for one in self.all.values() if one.state in ("attended", "missed")]
        return sorted((one for one in marked if one.starts < self._one().starts), key=lambda one: one.starts)

    def _at(self, one: Known, kind: str) -> datetime:
        days, clock = REMINDERS[kind]
        day = one.starts.astimezone(STOCKHOLM).date() - timedelta(days=days)
        return datetime.combine(day, clock, STOCKHOLM).astimezone(UTC)

    def _day(self, ahead: int) -> datetime:
        day = self.town.now.astimezone(STOCKHOLM).date() + timedelta(days=ahead)
        return datetime.combine(day, STARTS, STOCKHOLM)

    def _next_clock(self) -> datetime:
        wall = self.town.now.astimezone(STOCKHOLM)
        days = (wall.date(), wall.date() + DAY)
        found = (datetime.combine(day, clock, STOCKHOLM) for day in days for clock in CLOCKS)
        return next(each for each in found if each > wall).astimezone(UTC)


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


def test_exactly_the_right_notices_and_no_ghost(machine: type[Machine]) -> None:
    steps = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=steps)
