"""What is said with the providers beside messages: where Telegram's are to go, its menu, and how the accounts are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import structlog

from bot.channels.base import SendError
from ingang.app import App
from ingang.heeded import heed
from messages.menu import load_menus
from rules import troubles
from scheduler.lists import read_inbound
from storage import control
from storage.alone import Alone, alone
from storage.errors import StoreUnavailable

if TYPE_CHECKING:
    from bot.channels.sms import Account
    from bot.doors.telegram import Poller

log = structlog.get_logger(__name__)

Given = TypeVar("Given")
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 300.0
HOLD_EVERY: Final = 5.0
"""Seconds between two looks at the lock of the one process that asks Telegram for messages."""
LIST_REACH: Final = timedelta(days=2)


class InThread(Protocol):
    """Does blocking work in a thread."""

    async def __call__(self, name: str, work: Callable[..., Given], *given: Any) -> Given:
        """Give what the work gives."""
        ...


class Connecting:
    """The standing arrangements with Telegram and Twilio."""

    def __init__(self, app: App, in_thread: InThread) -> None:
        self._app, self._in_thread = app, in_thread
        self._stopping = asyncio.Event()
        self._poller: Poller | None = None
        self.heard_at: datetime | None = None
        """When Telegram last answered a question for messages, or let us ask; lease time."""
        app.providers.on_fetch = self._heard

    def stop(self) -> None:
        """Ask for no more messages, and wait for nothing more."""
        self._stopping.set()
        if self._poller is not None:
            self._poller.stop()

    # --- Telegram --------------------------------------------------------------------------------------------------

    async def set_webhook(self) -> None:
        """Tell Telegram where its messages go, as often as it takes."""
        from bot.doors.telegram import PATH

        telegram = self._app.providers.telegram
        assert telegram is not None  # noqa: S101 - only started where it is on
        where = self._app.settings.web.public_url + PATH
        await self._until_done("telegram", lambda: telegram.set_webhook(where), troubles.WEBHOOK)

    async def set_menu(self) -> None:
        """Put the commands in Telegram's menu, as often as it takes."""
        telegram = self._app.providers.telegram
        assert telegram is not None  # noqa: S101 - only started where it is on
        await self._until_done("telegram", lambda: telegram.set_menu(load_menus()))

    async def poll(self) -> None:
        """Ask Telegram for messages until stopped, as the only process of ours that does."""
        lock = alone(self._app.store, "telegram")
        try:
            while not self._stopping.is_set():
                if await self._has(lock) and await self._poll_once(lock):
                    return
                await self._pause(HOLD_EVERY)
        finally:
            await self._in_thread("lock", lock.leave)

    async def _poll_once(self, lock: Alone) -> bool:
        """Poll until stopped, or until the lock is another's. True when a second poller has made us stop for good."""
        from bot.doors.telegram import Poller

        telegram = self._app.providers.telegram
        assert telegram is not None  # noqa: S101 - only started where it is on
        await self._until_done("telegram", telegram.delete_webhook, troubles.WEBHOOK)
        self._heard()
        self._poller = poller = Poller(self._app, telegram, self._app.board)
        if self._stopping.is_set():
            return True
        polling, lost = asyncio.create_task(poller.run()), False
        while not polling.done():
            await asyncio.wait([polling], timeout=HOLD_EVERY)
            if not polling.done() and not await self._has(lock):
                lost = True
                poller.stop()
        await polling
        return not lost

    async def _has(self, lock: Alone) -> bool:
        """Take the lock, or see that it is ours still. Where none can tell it is not."""
        try:
            return await self._in_thread("lock", lock.take)
        except StoreUnavailable:
            return False

    def _heard(self) -> None:
        self.heard_at = self._app.lease_now()

    # --- both ------------------------------------------------------------------------------------------------------

    async def examine(self) -> None:
        """Ask the providers how things stand, and put their word on the board. One that does not answer is passed."""
        app = self._app
        for each in (app.providers.telegram, app.providers.sms):
            if each is None:
                continue
            try:
                told = await each.examine()
            except SendError as error:
                heed(each.name, error, app.tally, app.board)
                log.warning("provider.not_examined", channel=each.name, status=error.code)
                continue
            app.board.good(each.name + troubles.TOKEN)
            if isinstance(told, str):
                await self._in_thread("telegram", self._note_bot, told)
            else:
                self._note_account(told)

    def _note_bot(self, name: str) -> None:
        """Keep the bot's name where the staff pages of another process find it."""
        if name != self._app.telegram_bot:
            with self._app.store.begin() as tx:
                control.put(tx, control.TELEGRAM_BOT, name)

    def _note_account(self, account: Account) -> None:
        board = self._app.board
        board.tell({"sms" + troubles.CLOSED: account.status != "active"}, account.status)
        board.tell(troubles.of_credit("sms", account.balance, self._app.settings.sms.low_balance))

    async def read_list(self) -> None:
        """Read what came in by SMS, as the provider has it: what our door did not take in is taken in now."""
        sms = self._app.providers.sms
        assert sms is not None  # noqa: S101 - only started where it is on
        await read_inbound(self._app, sms, self._app.clock.now() - LIST_REACH)

    async def _until_done(self, channel: str, act: Callable[[], Awaitable[object]], trouble: str = "") -> None:
        """Do it, again and again with longer pauses, until it is done or we are to stop."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await act()
            except SendError as error:
                heed(channel, error, self._app.tally, self._app.board)
                log.warning("telegram.not_arranged", status=error.code, retry_in=pause)
                if trouble:
                    self._app.board.bad(trouble, error.code)
                await self._pause(max(pause, error.retry_after or 0.0))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                if trouble:
                    self._app.board.good(trouble)
                return

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
