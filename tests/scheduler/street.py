"""A street to send in: a town with one scripted channel, and people whom messages are queued for past any talk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.claim import Claimed
from scheduler.flight import Departure, Ended
from scheduler.settle import settle
from storage import contacts, outbox, receipts
from storage.db import Store
from storage.outbox import Body, NewMessage
from tests.servers.scripted import Scripted
from tests.town import LOOP, STOCKHOLM, Town

HOUR = timedelta(hours=1)


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026 by a Swedish clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=STOCKHOLM).astimezone(UTC)


class Street:
    """See above."""

    def __init__(self, store: Store, **how: Any) -> None:
        self.town = Town(store)
        self.channel: Scripted = self.town.scripted(**how)
        self._known: dict[str, Any] = {}

    def person(self, name: str = "kim") -> Any:
        if name not in self._known:
            with self.town.store.begin() as tx:
                self._known[name] = contacts.create(tx, self.town.now, "sim_sms", f"+4670{len(self._known):07d}")
        return self._known[name]

    def queues(self, text: str | None, to: str = "kim", kind: str = "reply", key: str = "", **more: Any) -> int:
        who = self.person(to)
        message = NewMessage(
            who.contact_id, who.participant_id, "sim_sms", kind,
            key or f"test:{text}:{more.get('message')}", "Ett prov.", Body(text) if text is not None else None, **more,
        )  # fmt: skip
        with self.town.store.begin() as tx:
            return outbox.queue(tx, who.key, self.town.now, [message])[0]

    def row(self, row_id: int) -> Any:
        return next(row for row in self.town.rows() if row.id == row_id)

    def state(self, row_id: int) -> str:
        return str(self.row(row_id).state)

    def after(self, seconds: float) -> None:
        self.town.now += timedelta(seconds=seconds)
        self.town.lease += timedelta(seconds=seconds)
        self.town.send()

    def claims(self) -> list[Claimed]:
        """A worker claims, and is heard of no more."""
        return claims(self.town)

    def sends(self, *claimed: Claimed) -> list[Ended]:
        """The worker looks once more, sends, and is heard of no more."""
        return sends(self.town, *claimed)

    def writes(self, *ended: Ended) -> None:
        """It writes down what came of it."""
        writes(self.town, *ended)

    def hears(self, ref: str, *said: str) -> str | None:
        """The provider says this of the message with our reference; the state that it is in then."""
        state = None
        for word in said:
            with self.town.store.begin() as tx:
                state = receipts.record_status(tx, self.town.now, ref, word, "SM1")
        return state


# --- a worker, one step at a time -------------------------------------------------------------------------------------


def claims(town: Town) -> list[Claimed]:
    """Claim what is due, and keep it from the dispatcher."""
    with town.store.begin() as tx:
        return town.dispatcher._claim(tx, town.now, town.lease, {})[0]


def sends(town: Town, *claimed: Claimed) -> list[Ended]:
    """Look once more and send; give what came of it, in the order of its coming."""
    flight = town.dispatcher._flight

    async def fly() -> list[Ended]:
        later, barred = await asyncio.to_thread(departs, town, claimed, asyncio.get_running_loop())
        assert later == []
        while flight.out:
            await asyncio.wait(flight.out)
        return barred + flight.collect()

    return LOOP.run(fly())


def departs(
    town: Town, claimed: Sequence[Claimed], loop: asyncio.AbstractEventLoop
) -> tuple[list[Claimed], list[Ended]]:
    """Look once more and begin; give those that are still to go, and those that are not."""
    departure = Departure(town.dispatcher._flight, claimed)
    with town.store.begin() as tx:
        departure.look(tx, loop)
        departure.wait()
    return departure.later, departure.barred


def writes(town: Town, *ended: Ended) -> None:
    """Write down what came of it."""
    with town.store.begin() as tx:
        settle(tx, town.dispatcher._pacing, town.now, town.lease, ended)
