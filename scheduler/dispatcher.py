"""The dispatcher: the only caller of a channel's `send`.

    claim    one transaction: what is due, whether it may go, its words frozen, a lease on it
    send     no transaction is open; one last look, then the request, under a deadline
    settle   one transaction for all that has come back

Who dies between claim and settle leaves a lease that runs out; the row is then looked for at the provider before
anything is sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.actions.house import House
from bot.actions.scene import Scene
from bot.channels.base import Channel, Outbound, SendError
from rules.backoff import clamp_retry_after, retry_in
from scheduler import gate, notices
from storage import contacts, control, outbox, outcomes
from storage.db import Store, Tx
from storage.errors import StoreUnavailable
from storage.outbox import Body, Due
from storage.outcomes import Outcome

log = structlog.get_logger(__name__)

AT_ONCE = 100
REQUEST_DEADLINE = 20.0
"""Seconds for the whole request. A lease is 60 s, and none is used with less than 25 s left."""
MOST_ATTEMPTS = 3
GIVE_UP_AFTER = 20
"""Tries that were certainly not sent, before a row fails. With backoff that is a good many hours."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours to send."""

    row: Due
    token: int
    body: Body
    leased_at: datetime


class Dispatcher:
    """Sends what is due. `now` is business time, `lease_now` real time; both are asked for each round."""

    def __init__(
        self,
        store: Store,
        house: House,
        now: Callable[[], datetime],
        lease_now: Callable[[], datetime],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._house = store, house
        self._now, self._lease_now, self._changed = now, lease_now, changed
        self._paused: dict[str, datetime] = {}  # channel -> when it may be used again, in lease time
        self._work = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something to send: do not wait for the next tick."""
        self._work.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is on its way has come back."""
        self._stopping = True
        self._work.set()

    async def run(self) -> None:
        """Send until stopped. A round that raises is logged, and the next one is taken after a pause."""
        while not self._stopping:
            self._work.clear()
            try:
                busy = await self.round()
            except Exception as error:
                # A locked or unreachable database must not end the dispatcher; what is queued stays queued.
                log.exception("dispatcher.round_failed", error=type(error).__name__)
                busy = False
            if not busy:
                await self._wait(1.0)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return

    async def drain(self, most_rounds: int = 50) -> None:
        """Send all that is due at this moment."""
        for _ in range(most_rounds):
            if not await self.round():
                return

    async def round(self) -> bool:
        """Claim, send and settle once; False when nothing was due."""
        now, lease_now = self._now(), self._lease_now()
        claimed, looked = await asyncio.to_thread(self._claim, now, lease_now)
        if claimed:
            outcomes = await self._send_all(claimed)
            await asyncio.to_thread(self._settle, self._now(), outcomes)
            self._changed()
        return looked > 0

    # --- claim -----------------------------------------------------------------------------------------------------

    def _claim(self, now: datetime, lease_now: datetime) -> tuple[list[Claimed], int]:
        """Claim what may go; hold or drop what may not. Returns the claimed rows, and how many were looked at."""
        paused = [name for name, until in self._paused.items() if until > lease_now]
        claimed = []
        with self._store.read() as tx:
            if control.find(tx, control.SENDING_HOLD) or not outbox.any_due(tx, now):
                return [], 0
        with self._store.begin() as tx:
            rows = outbox.due(tx, now, AT_ONCE, paused)
            for row in rows:
                verdict = gate.check(tx, self._house, row, now)
                if verdict.act == "go":
                    body = row.body or self._freeze(tx, row, now)
                    if body is not None:
                        claimed.append(Claimed(row, outbox.take(tx, row, now, lease_now), body, lease_now))
                elif verdict.act == "hold" and verdict.until is not None:
                    outbox.hold(tx, row.id, verdict.until, verdict.why)
                else:
                    self._drop(tx, row, now, verdict.state, verdict.why)
        return claimed, len(rows)

    @staticmethod
    def _drop(tx: Tx, row: Due, now: datetime, state: str, why: str) -> None:
        outbox.drop(tx, row.id, now, state, why)
        if state != "cancelled":
            notices.tell(tx, now, state, row.participant_id, why)

    def _freeze(self, tx: Tx, row: Due, now: datetime) -> Body | None:
        """The words of a row queued as facts, from now on; None when they cannot be written: staff see it then."""
        try:
            with tx.savepoint():
                return self._render(tx, row, now)
        except StoreUnavailable:
            raise
        except Exception as error:
            # One text that cannot be written must not hold up everybody else's.
            log.exception("dispatcher.not_rendered", outbox=row.id, error=type(error).__name__)
            self._drop(tx, row, now, "failed", "Texten gick inte att skriva.")
            return None

    def _render(self, tx: Tx, row: Due, now: datetime) -> Body:
        """Render what was queued as facts: "i morgon", a new name or language is right at the moment of sending."""
        scene = Scene(tx, self._house, contacts.get(tx, row.contact_id), now, "late")
        rendered = scene.render(row.message or "", row.facts)
        stamp = str(row.facts.get("stamp", ""))
        body = Body(rendered.text, tuple((button.label, f"{stamp}:{button.value}") for button in rendered.buttons))
        outbox.freeze(tx, row, body, rendered.version)
        return body

    # --- send ------------------------------------------------------------------------------------------------------

    async def _send_all(self, claimed: Sequence[Claimed]) -> list[tuple[Claimed, Outcome]]:
        """Everybody's at once; what goes to one contact, one after the other."""
        by_contact: dict[int, list[Claimed]] = {}
        for each in claimed:
            by_contact.setdefault(each.row.contact_id, []).append(each)
        ended = await asyncio.gather(*(self._send_in_order(rows) for rows in by_contact.values()))
        return [pair for pairs in ended for pair in pairs]

    async def _send_in_order(self, rows: Sequence[Claimed]) -> list[tuple[Claimed, Outcome]]:
        return [(each, await self._send(each)) for each in rows]

    async def _send(self, each: Claimed) -> Outcome:
        row = each.row
        channel = self._house.channels.get(row.channel)
        if channel is None:
            return _outcome(each, "failed", why=f"Kanalen {row.channel} är inte på.")
        try:
            look = await asyncio.to_thread(self._look, each)
        except StoreUnavailable:
            return _outcome(each, "queued", why="Databasen gick inte att läsa.")
        barred = gate.still(row, look) if look else gate.Gate("drop", "Raden är inte vår längre.")
        if barred is not None:
            return _outcome(each, "cancelled", why=barred.why)
        if self._lease_now() - each.leased_at > outbox.LEASE - timedelta(seconds=25):
            return _outcome(each, "queued", why="Leasen var för gammal för att börja.")
        try:
            async with asyncio.timeout(REQUEST_DEADLINE):
                receipt = await channel.send(_outbound(row, each.body))
        except SendError as error:
            return self._not_sent(each, error)
        except TimeoutError:
            return _outcome(each, "uncertain", why="Inget svar i tid.")
        except Exception as error:
            # A channel should raise SendError only; whatever else it was, the message may have gone out.
            log.exception("dispatcher.channel_raised", channel=row.channel, error=type(error).__name__)
            return _outcome(each, "uncertain", why=type(error).__name__)
        return _outcome(each, "accepted", provider_id=receipt.provider_id)

    def _look(self, each: Claimed) -> outbox.Now | None:
        with self._store.read() as tx:
            return outbox.look_again(tx, each.row.id, each.token)

    def _not_sent(self, each: Claimed, error: SendError) -> Outcome:
        if error.kind == "never":
            return _outcome(each, "failed", why=error.why, mark=error.mark)
        if error.kind == "unknown":
            return _outcome(each, "uncertain", why=error.why)
        wait = (
            clamp_retry_after(error.retry_after) if error.retry_after else retry_in(each.row.attempt + 1, each.row.ref)
        )
        if error.whole_channel:
            self._paused[each.row.channel] = self._lease_now() + wait
        elif each.row.attempt + 1 >= GIVE_UP_AFTER:
            return _outcome(each, "failed", why=error.why)
        return _outcome(each, "queued", why=error.why, retry_at=self._now() + wait)

    def _settle(self, now: datetime, ended: Sequence[tuple[Claimed, Outcome]]) -> None:
        with self._store.begin() as tx:
            lost = outcomes.settle(tx, now, [outcome for _, outcome in ended])
            for each, outcome in ended:
                if outcome.state == "failed" and outcome.row_id not in lost:
                    self._failed(tx, now, each.row, outcome)
        sent = sum(outcome.state == "accepted" for _, outcome in ended)
        log.info("dispatcher.settled", sent=sent, lost=len(lost))

    @staticmethod
    def _failed(tx: Tx, now: datetime, row: Due, outcome: Outcome) -> None:
        """What the provider said of the contact is kept, and staff are told."""
        if outcome.mark == "opted_out":
            contacts.opt_out(tx, row.contact_id, now)
            outbox.cancel(tx, now, "Leverantören säger STOPP.", contact_id=row.contact_id, care_too=True)
        elif outcome.mark:
            contacts.block(tx, row.contact_id, now, outcome.why or outcome.mark)
        notices.tell(tx, now, "failed", row.participant_id)

    # --- doubt -----------------------------------------------------------------------------------------------------

    async def reconcile(self) -> None:
        """Look for rows that may have gone out: found, sent once more, or parked for staff."""
        with self._store.begin() as tx:
            outcomes.lose_leases(tx, self._lease_now())
            doubted = outcomes.list_uncertain(tx, self._now())
        for row in doubted:
            channel = self._house.channels.get(row.channel)
            if channel is None or row.body is None:
                continue
            try:
                await self._resolve(channel, row, row.body)
            except StoreUnavailable:
                raise
            except Exception as error:
                # A channel should raise SendError only. The row stays uncertain, and the others are looked for.
                log.exception("dispatcher.find_raised", channel=row.channel, error=type(error).__name__)

    async def _resolve(self, channel: Channel, row: Due, body: Body) -> None:
        flag = False
        if channel.finds:
            try:
                async with asyncio.timeout(REQUEST_DEADLINE):
                    receipt = await channel.find(_outbound(row, body))
            except (SendError, TimeoutError):
                return  # unreadable just now: it stays uncertain, and is never sent again unseen
            state, provider_id = ("accepted", receipt.provider_id) if receipt else ("queued", None)
        else:
            state, provider_id, flag = "queued", None, True
        most = MOST_ATTEMPTS if channel.finds else 2
        if state == "queued" and row.attempt >= most:
            state = "parked"
        with self._store.begin() as tx:
            ours = outcomes.resolve(tx, self._now(), row, state, provider_id, flag=flag and state == "queued")
            if ours and state == "parked":
                notices.tell(tx, self._now(), "parked", row.participant_id)


def _outbound(row: Due, body: Body) -> Outbound:
    return Outbound(row.address, body.text, row.ref, body.buttons, row.not_after)


def _outcome(
    each: Claimed,
    state: str,
    *,
    provider_id: str | None = None,
    why: str | None = None,
    retry_at: datetime | None = None,
    mark: str = "",
) -> Outcome:
    attempt = each.row.attempt + 1
    return Outcome(each.row.id, each.row.contact_id, each.token, attempt, state, provider_id, retry_at, why, mark)
