"""A street to send in: a town with one scripted channel, and people whom messages are queued for past any talk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.claim import Claimed
from scheduler.flight import Ended
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
    town.dispatcher._write(town.now, town.lease, claiming=True)
    claimed, town.dispatcher._ready = town.dispatcher._ready, []
    return claimed


def sends(town: Town, *claimed: Claimed) -> list[Ended]:
    """Look once more and send; give what came of it, in the order of its coming."""
    flight = town.dispatcher._flight

    async def fly() -> list[Ended]:
        loop = asyncio.get_running_loop()
        later, barred = await asyncio.to_thread(flight.take_off, town.store, claimed, loop)
        assert later == []
        while flight.out:
            await asyncio.wait(flight.out)
        return barred + flight.collect()

    return LOOP.run(fly())


def writes(town: Town, *ended: Ended) -> None:
    """Write down what came of it."""
    town.dispatcher._back = list(ended)
    town.dispatcher._write(town.now, town.lease, claiming=False)
