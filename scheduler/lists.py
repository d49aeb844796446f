"""What came in while nobody listened: a provider's own list of incoming messages, read at the start and now and then.

A provider such as Twilio does not come back with a message that our door did not take. So its list is read. Those who
have written STOPP or of distress come first, for that must be in force before anything is sent; what one address wrote
stays in its order, so that BÖRJA and then STOPP is a STOPP. A message that is known already changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from bot.actions.house import House
from bot.channels.base import BUTTON, Inbound
from bot.conversation import URGENT, Report
from flows.answers import read_reply
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)


class Takes(Protocol):
    """Who takes turns: the program as it is wired."""

    @property
    def house(self) -> House:
        """Texts, word lists, channels."""

    async def receive(self, message: Inbound) -> Report:
        """Take a turn; StoreUnavailable when the message could not be kept."""


class Lists(Protocol):
    """A channel that can tell what came in."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    async def receive(self, since: datetime) -> Sequence[Inbound]:
        """Give what came in since then, the oldest first. Raises SendError when it cannot be read."""


async def read_inbound(app: Takes, channel: Lists, since: datetime) -> int:
    """Take in what the provider lists since then; return how many of them had not come by the door.

    Raises SendError when the list cannot be read, StoreUnavailable when a message cannot be kept. Either way it may be
    read again from the same moment.
    """
    listed, late = await channel.receive(since), 0
    urgent = {message.address for message in listed if _is_urgent(app.house, message)}
    for message in sorted(listed, key=lambda message: message.address not in urgent):
        try:
            report = await app.receive(message)
        except StoreUnavailable:
            raise
        except Exception as error:
            # A turn does not raise; whatever did, the others must be taken in.
            log.exception("list.not_taken", channel=channel.name, error=type(error).__name__)
            continue
        late += report.state != "duplicate"
    if late:
        log.warning("list.found", channel=channel.name, late=late, count=len(listed))
    return late


def _is_urgent(house: House, message: Inbound) -> bool:
    """STOPP, distress, violence: in Swedish, in a word that every language shares, or told by the provider."""
    if message.extra.get("provider") == "stop":
        return True
    return message.kind != BUTTON and read_reply(message.text, None, house.lexicon("sv")).meaning in URGENT
