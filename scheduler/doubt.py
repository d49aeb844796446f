"""Doubt: rows that may have gone out are looked for at the provider, before anything is sent again. See rules.doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.actions.house import House
from bot.channels.base import Channel, Outbound, Receipt, SendError
from rules.doubt import Seen, after_look, next_look
from scheduler import flight, notices
from storage import outcomes
from storage.claims import Due
from storage.db import Store
from storage.errors import StoreUnavailable
from storage.outbox import Body

log = structlog.get_logger(__name__)

AT_ONCE = 25
"""Rows looked for at the same time; the rest wait for the next time."""


class Doubt:
    """Looks for what may have gone out."""

    def __init__(
        self, store: Store, house: House, now: Callable[[], datetime], lease_now: Callable[[], datetime]
    ) -> None:
        self._store, self._house, self._now, self._lease_now = store, house, now, lease_now

    async def resolve(self) -> int:
        """Look for the rows whose time it is, and end the doubt that can be ended; return how many were looked for."""
        rows = await asyncio.to_thread(self._take)
        told = await asyncio.gather(*(self._one(*each) for each in rows), return_exceptions=True)
        for error in told:
            if isinstance(error, BaseException):
                raise error
        return len(rows)

    def _take(self) -> list[tuple[Due, frozenset[str]]]:
        with self._store.begin() as tx:
            outcomes.lose_leases(tx, self._now(), self._lease_now())
            rows = outcomes.take_doubtful(tx, self._now(), self._lease_now(), AT_ONCE)
            return [(row, outcomes.others_of(tx, row)) for row in rows]

    async def _one(self, row: Due, others: frozenset[str]) -> None:
        began, channel = self._lease_now(), self._house.channels.get(row.channel)
        seen, receipt = await _look(channel, row, others)
        waited = began - (row.uncertain_since or began)
        await asyncio.to_thread(self._end, row, seen, receipt, waited, channel.find_wait if channel else timedelta())

    def _end(self, row: Due, seen: Seen, receipt: Receipt | None, waited: timedelta, wait: timedelta) -> None:
        unsent = row.lost and seen == "not_there"
        tries, lost = row.risked - unsent, row.attempt - row.refused
        state = after_look(seen, waited, wait, tries, row.kind, lost=lost)
        with self._store.begin() as tx:
            if state == "uncertain":
                outcomes.look_later(tx, row, self._lease_now() + next_look(waited, wait))
                return
            provider_id, again = receipt.provider_id if receipt else None, state == "queued" and seen == "blind"
            ours = outcomes.resolve(tx, self._now(), row, state, provider_id, flag=again, unsent=unsent)
            if ours and state == "parked":
                notices.tell(tx, self._now(), "parked", row.participant_id)
        log.info("doubt.ended", outbox=row.id, channel=row.channel, state=state)


async def _look(channel: Channel | None, row: Due, others: frozenset[str]) -> tuple[Seen, Receipt | None]:
    """Ask the provider, under the deadline of any request. `others` are its ids that are known to be other messages."""
    if channel is None or row.body is None:
        return "unreadable", None
    if not channel.finds:
        return "blind", None
    try:
        async with asyncio.timeout(flight.REQUEST_DEADLINE):
            receipt = await channel.find(_to_find(row, row.body, others))
    except (SendError, TimeoutError):
        return "unreadable", None
    except StoreUnavailable:
        raise
    except Exception as error:
        # A channel should raise SendError only. The row stays in doubt, and the others are looked for.
        log.exception("dispatcher.find_raised", channel=row.channel, error=type(error).__name__)
        return "unreadable", None
    return ("found" if receipt else "not_there"), receipt


def _to_find(row: Due, body: Body, others: frozenset[str]) -> Outbound:
    return Outbound(
        row.address, body.text, row.ref, body.buttons, row.not_after, tried_at=row.tried_at, not_these=others
    )
