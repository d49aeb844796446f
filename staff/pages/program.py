"""The program as the staff pages see it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.actions.house import House
from staff.outside import Outside
from storage.db import Store


class BusinessClock(Protocol):
    """What tells the business time."""

    def now(self) -> datetime:
        """Give the business time: aware, in UTC."""
        ...


class Program(Protocol):
    """What pages are given."""

    @property
    def store(self) -> Store:
        """The open database."""
        ...

    @property
    def house(self) -> House:
        """Texts, channels, hours."""
        ...

    @property
    def clock(self) -> BusinessClock:
        """Business time."""
        ...

    @property
    def demo(self) -> bool:
        """Whether everybody in it is made up, so that anyone may look in as any of its staff."""
        ...

    @property
    def is_private(self) -> bool:
        """Whether pages are reached by https, so that a cookie may be told to go no other way."""
        ...

    @property
    def public_url(self) -> str:
        """The address that people reach the program by, without a slash at its end."""
        ...

    @property
    def sms_number(self) -> str:
        """The number that people write SMS to; empty when there is none, or it is one of several."""
        ...

    @property
    def telegram_bot(self) -> str:
        """The bot's name at Telegram; empty when there is none, or Telegram has not said it yet."""
        ...

    @property
    def outside(self) -> Outside | None:
        """The municipality's own log-in, where there is one."""
        ...

    @property
    def version(self) -> int:
        """A number that rises when something that a page shows has changed in this process."""
        ...

    @property
    def sends_here(self) -> bool:
        """Whether this process does the work too; else what pages wait for happens in another."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether the program is on its way down: then what waits for news should end."""
        ...

    def lease_now(self) -> datetime:
        """Give real time, aware, in UTC: what sessions and codes go by, and the demo's clock does not move."""
        ...

    def changed(self) -> None:
        """Something was written: let what waits go out, and let pages know. Call it on the event loop."""
        ...

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109 - a long wait is what it is for
        """Wait, at most `timeout` seconds, until `version` is passed; give the version then."""
        ...
