"""The channels that need no account: the person's side fetches the messages from us.

The web chat, the simulated phones and the terminal all show what the store says was accepted, so accepting is all that
there is to sending: the message is there to be fetched from that moment, and a second try changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import Outbound, Rates, Receipt, Style


@dataclass(frozen=True, slots=True)
class Pickup:
    """A channel whose messages are fetched by the person's own page or terminal."""

    name: str
    style: Style
    reachable: bool = True
    finds: bool = True
    find_wait: timedelta = timedelta()
    rates: Rates | None = None

    async def send(self, message: Outbound) -> Receipt:
        """Accept: it can be fetched from now on."""
        return Receipt(f"{self.name}-{message.ref}")

    async def find(self, message: Outbound) -> Receipt | None:
        """It was accepted, for nothing can come between."""
        return Receipt(f"{self.name}-{message.ref}")


WEB_CHAT = Pickup("web", "chat", reachable=False)
SIMULATED_SMS = Pickup("sim_sms", "sms")
SIMULATED_TELEGRAM = Pickup("sim_telegram", "chat")
TERMINAL = Pickup("terminal", "sms")
WORK_DEVICE = Pickup("device", "sms")
"""The phone that staff get alarms on, as the demo shows it."""
