"""What is on its way: the last look, the request, and what its answer means.

The last look and the beginning of the requests are one step. The transaction that looks keeps the contacts locked until
the event loop has called `send` for each of them, so that a STOPP is committed either before the look, which then sees
it, or after the request has begun. No transaction stays open while a provider thinks.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any, Final

import structlog

from bot.channels.base import Channel, Outbound, SendError
from messages.menu import number_key
from rules.backoff import clamp_retry_after, retry_in
from rules.doubt import LOOKS
from scheduler import gate
from scheduler.claim import Claimed
from scheduler.pace import AT_ONCE, FOR_ANSWERS, Told
from storage import claims
from storage.claims import ANSWER, LEASE, Due, Now
from storage.db import Tx
from storage.outbox import Body
from storage.outcomes import Outcome

log = structlog.get_logger(__name__)

REQUEST_DEADLINE = 20.0
"""Seconds for the whole request."""

LEAST_LEFT: Final = timedelta(seconds=25)
"""No request is begun with less than this left of its lease: it is over before another may doubt it."""

LOOP_PATIENCE = 3.0
"""Seconds that the look waits, with its locks, for an event loop that is busy."""

AT_ONE_LOOK = 40
"""Requests that are begun at one look. To begin one takes a third of a millisecond, and while the look lasts nobody's
turn is committed on SQLite; small looks also spread the requests, so that their answers do not all come at once."""

A_SECOND: Final = timedelta(seconds=1)
"""No more requests than a channel's rate are begun within any second. Rows are claimed at an even pace, but a process
that is busy begins some of them late, close to those that follow."""

GIVE_UP_AFTER: Final = 20
"""Tries that the provider did not take, before a row fails. With backoff that is a good many hours."""


@dataclass(slots=True)
class Ended:
    """A claimed row, what its try came to, and what that tells of the channel, if anything."""

    claimed: Claimed
    outcome: Outcome
    told: Told | None = None


class Flight:
    """The requests under way. Lives on the event loop; calls `landed` when one has come back."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        now: Callable[[], datetime],
        lease_now: Callable[[], datetime],
        landed: Callable[[], None],
    ) -> None:
        self._channels, self._now, self._lease_now, self._landed = channels, now, lease_now, landed
        self._out: dict[asyncio.Task[None], str] = {}
        self._ended: list[Ended] = []
        self._resting: dict[str, datetime] = {}  # what a provider has just said, before it is written down
        self._rates = {name: max(1, int(each.rates.per_second)) for name, each in channels.items() if each.rates}
        self._begun = {name: deque[datetime]() for name in self._rates}  # within the last second

    @property
    def empty(self) -> bool:
        """Nothing is out, and nothing has come back that was not collected."""
        return not self._out and not self._ended

    @property
    def out(self) -> list[asyncio.Task[None]]:
        """The requests that have not come back."""
        return list(self._out)

    def counts(self) -> Counter[str]:
        """How many are under way on each channel."""
        return Counter(list(self._out.values()))

    def collect(self) -> list[Ended]:
        """What has come back since the last time."""
        ended, self._ended = self._ended, []
        return ended

    def choose(self, rows: Sequence[Claimed], leaving: Iterable[Claimed] = ()) -> tuple[list[Claimed], list[Claimed]]:
        """Part rows into those that there is a place for now, most urgent first, and those that wait for one.

        `leaving` has its places already, though it may not have begun.
        """
        taken, go, wait = self.counts(), list[Claimed](), list[Claimed]()
        about_to = Counter(each.row.channel for each in leaving)
        taken.update(about_to)
        may_begin = {name: self._may_begin(name) - about_to[name] for name in self._begun}
        for each in sorted(rows, key=lambda each: (each.row.priority, each.row.id)):
            name, places = each.row.channel, AT_ONCE + (FOR_ANSWERS if each.row.priority <= ANSWER else 0)
            may = taken[name] < places and len(go) < AT_ONE_LOOK and may_begin.get(name, 1) > 0
            (go if may else wait).append(each)
            taken[name] += 1
            if may and name in may_begin:
                may_begin[name] -= 1
        return go, wait

    def _may_begin(self, name: str) -> int:
        """How many more may be begun on a channel for its rate's sake. The loop adds to them; only a beat forgets."""
        begun, since = self._begun[name], self._lease_now() - A_SECOND
        while begun and begun[0] <= since:
            begun.popleft()
        return self._rates[name] - len(begun)

    def begin(self, rows: Sequence[Claimed]) -> list[Ended]:
        """Begin these requests; give back those whose channel has just been told to rest, and whose lease is too old.

        The clock is read here and not in the look: this process may have stood still in between.
        """
        now, back = self._lease_now(), []
        for each in rows:
            name = each.row.channel
            rest = self._resting.get(name)
            if now - each.leased_at > LEASE - LEAST_LEFT:
                back.append(Ended(each, outcome(each, "queued", why="Leasen var för gammal för att börja.")))
            elif rest is not None and rest > now:
                told = Told(name, each.row.id, later=False, answered=False, rest=rest)
                back.append(Ended(each, outcome(each, "queued", why="Kanalen vilar."), told))
            else:
                task = asyncio.get_running_loop().create_task(self._carry(each))
                self._out[task] = name
                task.add_done_callback(self._out.pop)
        return back

    async def _carry(self, each: Claimed) -> None:
        if each.row.channel in self._begun:
            self._begun[each.row.channel].append(self._lease_now())
        ended = await request(self._channels[each.row.channel], each, self._now(), self._lease_now)
        if ended.told is not None and ended.told.rest is not None:
            self._resting[ended.told.channel] = ended.told.rest
        self._ended.append(ended)
        self._landed()


# --- the last look ----------------------------------------------------------------------------------------------------


class Departure:
    """Claimed rows, from the last look until their requests have begun; for a thread, inside a write transaction.

    `later` holds the rows that are still to go: the contact is being written down at this moment, or the loop did not
    come. `barred` holds those that are not to go now, with why. Both are complete after `wait`.
    """

    def __init__(self, flight: Flight, rows: Sequence[Claimed]) -> None:
        self.later, self.barred = list(rows), list[Ended]()
        self._flight = flight
        self._ready: list[Claimed] = []
        self._lock, self._begun = Lock(), Event()
        self._taken = self._given_up = False

    def look(self, tx: Tx, loop: asyncio.AbstractEventLoop) -> None:
        """Look at each row once more, and let the loop begin those that may go. Raises StoreUnavailable."""
        rows, looks, self.later = self.later, claims.look(tx, [each.row for each in self.later]), []
        for each in rows:
            if each.row.id not in looks:
                self.later.append(each)
            elif barred := _bar(each, looks[each.row.id]):
                self.barred.append(barred)
            else:
                self._ready.append(each)
        if self._ready:
            loop.call_soon_threadsafe(self._begin)

    @property
    def leaving(self) -> list[Claimed]:
        """The rows that have been handed to the loop, and have not begun as far as is known."""
        return [] if self._begun.is_set() else self._ready

    def wait(self) -> None:
        """Wait until the requests have begun. A loop that is busy for too long has lost its turn, and begins none."""
        if not self._ready or self._begun.wait(LOOP_PATIENCE):
            return
        with self._lock:
            self._given_up = not self._taken
        if self._given_up:
            self.later += self._ready
        else:
            self._begun.wait()

    def _begin(self) -> None:
        with self._lock:
            if self._given_up:
                return
            self._taken = True
        self.barred += self._flight.begin(self._ready)
        # The new tasks stand in the loop's queue before this, so that they have all begun when it runs.
        asyncio.get_running_loop().call_soon(self._begun.set)


def _bar(each: Claimed, look: Now | None) -> Ended | None:
    """What becomes of a claimed row that may not go after all; None when nothing bars it.

    One that is not ours any more has not gone out by us, and that is all we know. Where it is in doubt because our
    lease ran out, the doubt is over and it may go; where another has it, our word changes nothing.
    """
    if look is None:
        return Ended(each, outcome(each, "queued", why="Raden är inte vår längre."))
    barred = gate.consent(each.row, look)
    return None if barred is None else Ended(each, outcome(each, "cancelled", why=barred.why))


# --- the request ------------------------------------------------------------------------------------------------------


async def request(channel: Channel, each: Claimed, now: datetime, lease_now: Callable[[], datetime]) -> Ended:
    """Send one message, under a deadline, and say what came of it. Never raises."""
    rates, began = channel.rates, lease_now()
    try:
        async with asyncio.timeout(REQUEST_DEADLINE):
            receipt = await channel.send(outbound(each.row, each.body, now))
    except SendError as error:
        ended = _not_sent(channel, each, error, lease_now())
    except TimeoutError:
        ended = _in_doubt(channel, each, lease_now(), "Inget svar i tid.")
    except asyncio.CancelledError:
        ended = _in_doubt(channel, each, lease_now(), "Avbrutet: programmet stannade.")
    except Exception as error:
        # A channel should raise SendError only; whatever else it was, the message may have gone out.
        log.exception("dispatcher.channel_raised", channel=channel.name, error=type(error).__name__)
        ended = _in_doubt(channel, each, lease_now(), type(error).__name__)
    else:
        told = Told(channel.name, each.row.id, later=False, answered=True)
        ended = Ended(each, outcome(each, "accepted", provider_id=receipt.provider_id), told)
    if rates is not None and rates.address_gap:
        ended.outcome.quiet_until = began + timedelta(seconds=rates.address_gap)
    return ended


def outbound(row: Due, body: Body, now: datetime) -> Outbound:
    """A row as its channel is given it, to be sent."""
    key = number_key(row.message, row.language)
    return Outbound(row.address, body.text, row.ref, body.buttons, row.not_after, key, body.file, now)


def outcome(each: Claimed, state: str, **more: Any) -> Outcome:
    """What a claimed row's try came to; see storage.outcomes.Outcome for what more there is to say."""
    row = each.row
    return Outcome(row.id, row.contact_id, row.token, row.attempt, each.claimed_at, state, **more)


def _not_sent(channel: Channel, each: Claimed, error: SendError, lease_now: datetime) -> Ended:
    """What the one error that a channel raises means for the row, and for the channel."""
    row, said = each.row, {"why": error.why, "code": error.code}
    if error.kind == "unknown":
        return _in_doubt(channel, each, lease_now, error.why, error.code)
    told = Told(row.channel, row.id, later=error.kind == "later", answered=error.kind == "never")
    if error.kind == "never":
        return Ended(each, outcome(each, "failed", mark=error.mark, **said), told)
    if error.whole_channel:
        # The row keeps its place and is not to blame: the channel rests, and the row with it.
        told.rest = lease_now + clamp_retry_after(error.retry_after)
        return Ended(each, outcome(each, "queued", **said), told)
    if row.refused + 1 >= GIVE_UP_AFTER:
        return Ended(each, outcome(each, "failed", **said), told)
    wait = clamp_retry_after(error.retry_after) if error.retry_after else retry_in(row.refused + 1, row.ref)
    return Ended(each, outcome(each, "queued", retry_in=wait, refused=True, **said), told)


def _in_doubt(channel: Channel, each: Claimed, lease_now: datetime, why: str, code: str = "") -> Ended:
    look_in = min(LOOKS[0], channel.find_wait) if channel.finds else timedelta()
    return Ended(each, outcome(each, "uncertain", why=why, code=code, look_at=lease_now + look_in))
