"""How much each channel may be given at this moment: its rate, its rest, its room, and whether it is down.

lanes     in the claim: what each channel may take
spend     so many were claimed
learn     what came back: a provider that says "later" to the whole channel rests it, one that says it to
          everybody is down, and then one message is tried now and then until one is taken
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import Channel
from rules.backoff import OPENS_AFTER, PROBE_EVERY
from rules.rates import Pace
from storage import pace
from storage.db import Tx

AT_ONCE = 100
"""Requests under way at the same time, on one channel of one worker."""

FOR_ANSWERS = 5
"""Places besides these that only answers, staff's words and distress may have, should all of them hang."""

AHEAD = 100
"""Rows claimed before there is a place for them, so that a place that gets free is not empty for long, and so that the
questions of a beat are asked for many rows at once. What is called back meanwhile is seen in the last look."""


@dataclass(slots=True)
class Lane:
    """A channel that may take so many more now; `answers_only` when only what somebody waits for may go."""

    name: str
    room: int
    answers_only: bool
    state: pace.State
    rate: Pace | None


@dataclass(slots=True)
class Told:
    """What an answer says of its channel: asked to wait, until when it rests (lease time), or that it works."""

    channel: str
    row_id: int
    later: bool
    answered: bool
    rest: datetime | None = None


class Pacing:
    """The channels' pace, as this worker knows it. What all workers must know stands in the database."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self.opens_at: datetime | None = None  # lease time: when the first of the lanes that are full may take more
        self._rates = {name: Pace.of(each.rates.per_second) for name, each in channels.items() if each.rates}
        self._names = tuple(channels)
        self._refused: dict[str, set[int]] = {name: set() for name in channels}  # rows, since one was last taken
        self._down: set[str] = set()

    def lanes(self, tx: Tx, lease_now: datetime, under_way: Mapping[str, int], shut: Collection[str]) -> list[Lane]:
        """The channels that may take anything, and how much. `shut`: these may not, whatever their state."""
        states, lanes = pace.hold(tx), []
        self.opens_at, self._down = None, {name for name, state in states.items() if state.failing}
        for name in self._names:
            state = states.get(name) or pace.State()
            if name in shut or (state.paused_until is not None and state.paused_until > lease_now):
                continue
            room, rate = AT_ONCE + AHEAD - under_way.get(name, 0), self._rates.get(name)
            answers_only = room <= 0
            room += FOR_ANSWERS if answers_only else 0
            room = min(room, 1) if state.failing else room
            if rate is not None:
                room = min(room, rate.room(state.next_at, lease_now))
                if room == 0:
                    self._wake_at(rate.opens(state.next_at, lease_now))
            if room > 0:
                lanes.append(Lane(name, room, answers_only, state, rate))
        return lanes

    def _wake_at(self, moment: datetime) -> None:
        self.opens_at = moment if self.opens_at is None else min(self.opens_at, moment)

    def spend(self, tx: Tx, lane: Lane, count: int, lease_now: datetime) -> None:
        """So many were claimed of a lane."""
        state = lane.state
        if count == 0 or (lane.rate is None and not state.failing):
            return
        if lane.rate is not None:
            state.next_at = lane.rate.spend(state.next_at, lease_now, count)
            self._wake_at(lane.rate.opens(state.next_at, lease_now))
        if state.failing:
            state.paused_until = lease_now + PROBE_EVERY
        pace.keep(tx, lane.name, state)

    def learn(self, tx: Tx, lease_now: datetime, told: Sequence[Told]) -> None:
        """Take in what the provider said of the rows that came back, in the order in which they did."""
        told = [each for each in told if each.channel in self._refused]
        trouble = self._down | {name for name, rows in self._refused.items() if rows}
        if not any(each.rest or each.later or each.channel in trouble for each in told):
            return
        states, changed = pace.hold(tx), set[str]()
        for each in told:
            if self._judge(each, states.setdefault(each.channel, pace.State()), lease_now):
                changed.add(each.channel)
        for name in sorted(changed):
            pace.keep(tx, name, states[name])

    def _judge(self, each: Told, state: pace.State, lease_now: datetime) -> bool:
        """Let one answer change how its channel stands; say whether it did."""
        refused, before = self._refused[each.channel], (state.paused_until, state.failing)
        if each.rest is not None:
            state.paused_until = max(each.rest, state.paused_until or each.rest)
        if each.later:
            refused.add(each.row_id)
            if len(refused) >= OPENS_AFTER and not state.failing:
                state.failing, probe = True, lease_now + PROBE_EVERY
                state.paused_until = max(probe, state.paused_until or probe)
        elif each.answered:
            refused.clear()
            if state.failing:
                state.failing, state.paused_until = False, None
        return before != (state.paused_until, state.failing)
