"""A channel that does what a test tells it to, and keeps the truth about what it took.

    channel.does("ok", LATER, taken(UNKNOWN), "hang")      what the next requests come to; after those every one is ok

`began` holds each request that was begun, `taken` each message that was accepted, in order: whatever the store
believes, a person's phone rang once for each of those.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.channels.base import Outbound, Rates, Receipt, SendError, Style

Act = Literal["ok", "hang"] | Exception | tuple[Literal["taken"], Exception | Literal["hang"]]

UNKNOWN = SendError("unknown", "the connection was cut")
BLOCKED = SendError("never", "the bot was blocked", code="403", mark="blocked")
LATER = SendError("later", "not now")


def later(seconds: float | None, *, whole_channel: bool = False) -> SendError:
    """Try again in so many seconds."""
    return SendError("later", "slow down", retry_after=seconds, whole_channel=whole_channel)


def taken(then: Exception | Literal["hang"]) -> tuple[Literal["taken"], Exception | Literal["hang"]]:
    """The message is accepted, and then this happens to the answer."""
    return ("taken", then)


@dataclass
class Scripted:
    """A channel of the test's own. `unreadable` makes `find` raise; `on_send` is called before a request is judged."""

    name: str = "sim_sms"
    style: Style = "sms"
    reachable: bool = True
    finds: bool = True
    find_wait: timedelta = timedelta()
    rates: Rates | None = None
    unreadable: Exception | None = None
    on_send: Callable[[Outbound], None] = lambda message: None
    script: deque[Act] = field(default_factory=deque)
    began: list[Outbound] = field(default_factory=list)
    taken: list[Outbound] = field(default_factory=list)
    looked_for: list[str] = field(default_factory=list)

    def does(self, *acts: Act) -> None:
        """Say what the next requests come to."""
        self.script.extend(acts)

    async def send(self, message: Outbound) -> Receipt:
        """Do the next thing of the script."""
        self.began.append(message)
        self.on_send(message)
        act: Act = self.script.popleft() if self.script else "ok"
        if act == "ok" or isinstance(act, tuple):
            self.taken.append(message)
        if isinstance(act, tuple):
            act = act[1]
        if act == "hang":
            await asyncio.Event().wait()
        if isinstance(act, Exception):
            raise act
        return self._receipt(message)

    async def find(self, message: Outbound) -> Receipt | None:
        """Tell the truth, unless it cannot be read."""
        self.looked_for.append(message.ref)
        if self.unreadable is not None:
            raise self.unreadable
        return self._receipt(message) if message.ref in self.times_taken() else None

    def times_taken(self) -> Counter[str]:
        """How often each of our references was accepted."""
        return Counter(message.ref for message in self.taken)

    def texts(self) -> list[str]:
        """What the phone shows, in the order in which it came."""
        return [message.text for message in self.taken]

    def _receipt(self, message: Outbound) -> Receipt:
        return Receipt(f"{self.name}:{message.ref}")
