"""The providers: do they know us, is there money, what is their clock? Only those that are switched on are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from bot.channels.base import SendError
from ingang.checks.finding import Finding
from ingang.settings import Settings
from rules import troubles

if TYPE_CHECKING:
    from bot.channels.sms import Account

LONGEST: Final = 8.0  # seconds for each question
OWN: Final = {"telegram": "https://api.telegram.org", "sms": "https://api.twilio.com"}
LABEL: Final = {"telegram": "Telegram", "sms": "SMS (Twilio)"}
REFUSED: Final = {
    "telegram": "hämta botens token hos @BotFather och skriv den i telegram.token",
    "sms": "hämta kontots SID och auth token i Twilios konsol och skriv dem i sms.account_sid och sms.auth_token",
}

Told = TypeVar("Told")
Told_co = TypeVar("Told_co", covariant=True)


@dataclass
class Asked:
    """What the providers said. `dates` is what their clocks showed when they answered."""

    findings: list[Finding] = field(default_factory=list)
    dates: dict[str, datetime] = field(default_factory=dict)


class _Asks(Protocol[Told_co]):
    """A channel, as far as it is asked here."""

    @property
    def name(self) -> str: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def examine(self) -> Awaitable[Told_co]: ...


def ask(settings: Settings) -> Asked:
    """Ask those that are on, at the same time; each gets a few seconds."""
    return asyncio.run(_ask(settings))


async def _ask(settings: Settings) -> Asked:
    asked = Asked()
    async with asyncio.TaskGroup() as questions:
        if settings.telegram.on:
            questions.create_task(_telegram(settings, asked))
            questions.create_task(_date("telegram", settings.telegram.base_url, asked))
        if settings.sms.on:
            questions.create_task(_sms(settings, asked))
            questions.create_task(_date("sms", settings.sms.api_base_url, asked))
    return asked


async def _telegram(settings: Settings, asked: Asked) -> None:
    from ingang.providers import make_telegram

    await _examined(make_telegram(settings), asked)


async def _sms(settings: Settings, asked: Asked) -> None:
    from ingang.providers import make_sms

    account: Account | None = await _examined(make_sms(settings), asked)
    if account is None:
        return
    asked.findings += _of_account(account, settings)


def _of_account(account: Account, settings: Settings) -> Iterator[Finding]:
    label = LABEL["sms"]
    if account.status != "active":
        what = f"kontot är inte öppet ({account.status})"
        yield Finding(label, what, "se i Twilios konsol vad som krävs för att öppna det")
    if account.kind == "Trial":
        what = "provkonto: bara till nummer som är godkända hos Twilio, och med en rad på engelska först"
        yield Finding(label, what, "uppgradera kontot hos Twilio", stops=False)
    if account.webhook is False:
        where = f"{settings.web.public_url}/webhooks/twilio/message"
        way_out = f"skriv {where} som webhook för inkommande meddelanden på numret i Twilios konsol"
        yield Finding(label, "inkommande SMS skickas inte hit, utan hämtas bara var femte minut", way_out)
    found = troubles.of_credit("sms", account.balance, settings.sms.low_balance)
    if found.get("sms" + troubles.EMPTY):
        yield Finding(label, "pengarna på kontot är slut, så inget går ut", "fyll på kontot hos Twilio")
    elif found.get("sms" + troubles.CREDIT):
        what = f"{account.balance:.2f} {account.currency} kvar på kontot, mindre än sms.low_balance"
        yield Finding(label, what, "fyll på kontot hos Twilio", stops=False)


async def _examined(channel: _Asks[Told], asked: Asked) -> Told | None:
    """Give what the provider says of us; None, and a finding, when it says no or nothing."""
    label = LABEL[channel.name]
    await channel.open()
    try:
        async with asyncio.timeout(LONGEST):
            return await channel.examine()
    except SendError as error:
        if troubles.of_refusal(channel.name, error.code) is not None:
            asked.findings.append(Finding(label, "leverantören känner inte igen oss", REFUSED[channel.name]))
        else:
            what = f"går inte att fråga: {error.why} ({error.code or 'ingen kod'})"
            asked.findings.append(Finding(label, what, "se att maskinen når ut på nätet, och försök igen"))
    except TimeoutError:
        what = f"svarade inte på {LONGEST:.0f} sekunder"
        asked.findings.append(Finding(label, what, "se att maskinen når ut på nätet, och försök igen"))
    finally:
        await channel.close()
    return None


async def _date(name: str, base: str, asked: Asked) -> None:
    """Note what the provider's clock shows. The question holds no secret; what answers it does not matter."""
    import httpx

    with suppress(httpx.HTTPError, ValueError):
        async with httpx.AsyncClient(timeout=LONGEST / 2) as client:
            answer = await client.head(base or OWN[name])
        asked.dates[LABEL[name]] = parsedate_to_datetime(answer.headers.get("date", ""))
