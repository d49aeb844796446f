"""Telegram's two doors: the webhook that it knocks on, and the poller that goes and asks.

Both say "received" only when what came is kept. The webhook answers 200 after the commit, 403 to whoever does not know
the secret, and 503 when nothing could be kept: Telegram comes again. The poller moves its offset update by update,
after each commit. What comes twice changes nothing (`bot.conversation.take_turn`), so no offset needs to be stored.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from bot.channels.base import Inbound, Presence, SendError
from bot.channels.telegram import Telegram
from bot.channels.telegram_errors import Conflict
from bot.doors.inside import json_answer, read_json
from bot.doors.limits import Bucket
from rules.troubles import SECOND_POLLER, TOKEN, of_refusal
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

PATH: Final = "/webhooks/telegram"
SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header

HOLD: Final = 25.0  # seconds that Telegram may hold a question for news
MOST_CONFLICTS: Final = 3
SETTLED: Final = 60.0
"""Seconds without another poller after which one is at home, and it is the newcomer that gives way."""
LONGEST_PAUSE: Final = 30.0
MOST_TRIES: Final = 5
"""How often an update that raises is tried before the others may pass it."""


class Counts(Protocol):
    """What counts things by name."""

    def add(self, *words: str, by: int = 1) -> None:
        """Count one more of these words."""
        ...


class Program(Protocol):
    """The program as these doors see it."""

    @property
    def tally(self) -> Counts:
        """Running counts."""
        ...

    async def receive(self, message: Inbound) -> object:
        """Take a turn; StoreUnavailable when the message could not be kept."""
        ...

    async def presence(self, told: Presence) -> None:
        """Note that somebody blocked us or came back; StoreUnavailable when it could not be noted."""
        ...


class Board(Protocol):
    """Where troubles with the running are told, by their short names."""

    def bad(self, trouble: str, detail: str = "") -> None:
        """It is so."""
        ...

    def good(self, trouble: str) -> None:
        """It is not so, or no longer."""
        ...


async def take(app: Program, channel: Telegram, update: Mapping[str, Any]) -> None:
    """Take one update in; returns when it is kept. Raises StoreUnavailable when it could not be."""
    came = channel.parse(update)
    if isinstance(came, Presence):
        await app.presence(came)
    elif came is not None:
        await app.receive(came)
        channel.thank_for_press(came)


# --- the webhook ------------------------------------------------------------------------------------------------------


def router(app: Program, channel: Telegram) -> APIRouter:
    """Give the address that Telegram brings updates to."""
    routes, lines = APIRouter(), Bucket(burst=10, per_minute=6)  # a flood of forged requests must not fill the log

    @routes.post(PATH)
    async def webhook(request: Request) -> Response:
        """Take an update in."""
        if not channel.verify(request.headers.get(SECRET)):
            app.tally.add("refused", channel.name, "forged")
            if lines.take(""):
                log.warning("webhook.refused", channel=channel.name, reason="forged")
            raise HTTPException(403, "Det är inte från Telegram.")
        update = await read_json(request)
        try:
            await take(app, channel, update)
        except StoreUnavailable as error:
            log.warning("telegram.not_kept", why=error.why)
            return json_answer({"kept": False}, 503)
        return json_answer({"kept": True})

    return routes


# --- the poller -------------------------------------------------------------------------------------------------------


class Poller:
    """Asks Telegram for updates and takes them in, one after the other, until stopped.

    `board` is told of a dead token, and of another poller on the same bot. Two cannot share one: the newcomer gives way
    after three conflicts and `run` returns; one that has been alone for a minute goes on. `hold` is how many seconds
    Telegram may wait for news; `pause` waits between tries.
    """

    def __init__(
        self,
        app: Program,
        channel: Telegram,
        board: Board,
        *,
        hold: float = HOLD,
        pause: Callable[[float], Awaitable[None]] | None = None,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._channel, self._board = app, channel, board
        self._hold, self._ticking, self._pause = hold, ticking, pause or self._wait
        self._offset = 0
        self._fetching: asyncio.Future[list[dict[str, Any]]] | None = None
        self._stopped = asyncio.Event()
        self._alone_since = ticking()
        self._at_home, self._conflicts, self._troubles, self._tries = False, 0, 0, 0

    def stop(self) -> None:
        """Ask for nothing more; `run` returns when the turn that is being taken has been."""
        self._stopped.set()
        if self._fetching is not None:
            self._fetching.cancel()  # what it would have given stays with Telegram

    async def run(self) -> None:
        """Poll until stopped, or until another poller has shown that it was here first."""
        self._alone_since = self._ticking()
        while not self._stopped.is_set():
            try:
                await self._round()
            except asyncio.CancelledError:
                if not self._stopped.is_set():
                    raise
            except Conflict as conflict:
                if self._gives_way(conflict):
                    return
                await self._pause(1.0 if self._at_home else 3.0)
            except SendError as error:
                await self._not_reached(error)
            except StoreUnavailable as error:
                log.warning("telegram.not_kept", why=error.why)
                await self._back_off()
            except Exception as error:
                log.exception("telegram.round_failed", error=type(error).__name__)
                await self._back_off()

    async def _round(self) -> None:
        """Ask once, and take in what came; the offset passes each update when it is kept."""
        self._fetching = asyncio.ensure_future(self._channel.fetch(self._offset, self._hold))
        updates = await self._fetching
        self._board.good(f"{self._channel.name}{TOKEN}")
        if self._ticking() - self._alone_since >= SETTLED:
            self._at_home, self._conflicts = True, 0
            self._board.good(SECOND_POLLER)
        for update in updates:
            if self._stopped.is_set():
                return
            await self._take(update)
            self._offset, self._tries = update["update_id"] + 1, 0
        self._troubles = 0

    async def _take(self, update: Mapping[str, Any]) -> None:
        """Take one in. One that raises again and again is passed: a turn that raises is kept, so this is not one."""
        try:
            await take(self._app, self._channel, update)
        except StoreUnavailable:
            raise
        except Exception as error:
            self._tries += 1
            if self._tries < MOST_TRIES:
                raise
            log.exception("telegram.update_passed", error=type(error).__name__, attempt=self._tries)

    def _gives_way(self, conflict: Conflict) -> bool:
        """Another one asks. Telegram tells both of it, so it goes by who has been here alone."""
        now = self._ticking()
        if now - self._alone_since >= SETTLED:
            self._at_home, self._conflicts = True, 0
        self._alone_since = now
        self._conflicts += 1
        log.warning("telegram.conflict", count=self._conflicts, reason="webhook" if conflict.webhook else "poller")
        # One at home tells of it only when the other does not give way.
        if self._conflicts >= MOST_CONFLICTS + self._at_home:
            self._board.bad(SECOND_POLLER, "webhook" if conflict.webhook else "")
        return self._conflicts >= MOST_CONFLICTS and not self._at_home

    async def _not_reached(self, error: SendError) -> None:
        log.warning("telegram.not_fetched", status=error.code)
        trouble = of_refusal(self._channel.name, error.code)
        if trouble is not None:
            self._board.bad(trouble, error.code)
            self._troubles = max(self._troubles, 5)  # nothing mends it but a human: two tries a minute are enough
        await self._back_off(error.retry_after or 0.0)

    async def _back_off(self, at_least: float = 0.0) -> None:
        await self._pause(max(min(2.0**self._troubles, LONGEST_PAUSE), at_least))
        self._troubles = min(self._troubles + 1, 10)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return
