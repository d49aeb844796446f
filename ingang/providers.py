"""The channels that the settings switch on. Their libraries are loaded only then, for that takes half a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.base import Channel
from ingang.heeded import Heeded
from ingang.settings import Settings
from ingang.tally import Tally
from scheduler.watch import Board

if TYPE_CHECKING:
    from bot.channels.sms import TwilioSms
    from bot.channels.telegram import Telegram


@dataclass
class Providers:
    """The providers' own clients, where they are on."""

    telegram: Telegram | None = None
    sms: TwilioSms | None = None
    on_fetch: Callable[[], None] = lambda: None
    """Called whenever Telegram has been asked for messages and has answered."""

    def channels(self, tally: Tally, board: Board) -> dict[str, Channel]:
        """Give them by name, counted and heeded, as the dispatcher is to have them."""
        return {each.name: Heeded(each, tally, board) for each in (self.telegram, self.sms) if each is not None}

    async def open(self) -> None:
        """Open their connections. None of them asks the provider anything."""
        for each in (self.telegram, self.sms):
            if each is not None:
                await each.open()

    async def close(self) -> None:
        """Close their connections."""
        for each in (self.telegram, self.sms):
            if each is not None:
                await each.close()


def names_on(settings: Settings) -> list[str]:
    """Give the names of the providers' channels that are on."""
    return [name for name, on in (("telegram", settings.telegram.on), ("sms", settings.sms.on)) if on]


def make_providers(settings: Settings) -> Providers:
    """Make what the settings switch on."""
    made = Providers()
    if settings.telegram.on:
        made.telegram = make_telegram(settings, made)
    if settings.sms.on:
        made.sms = make_sms(settings)
    return made


def make_telegram(settings: Settings, tell: Providers | None = None) -> Telegram:
    """Make the channel; the `on_fetch` of `tell` is called after each answer to a question for messages."""
    from bot.channels.telegram import Telegram

    class Listening(Telegram):
        async def fetch(self, offset: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - the long poll's
            updates = await super().fetch(offset, timeout)
            if tell is not None:
                tell.on_fetch()
            return updates

    own = settings.telegram
    return Listening(own.token, base_url=own.base_url, webhook_secret=own.webhook_secret)


def make_sms(settings: Settings) -> TwilioSms:
    """Make the channel."""
    from bot.channels.sms import TwilioSms

    own = settings.sms
    return TwilioSms(
        own.account_sid,
        own.auth_token,
        from_number=own.from_number,
        messaging_service_sid=own.messaging_service_sid,
        api_base_url=own.api_base_url,
        public_url=settings.web.public_url,
        per_second=own.per_second,
    )
