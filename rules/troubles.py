"""When the running of it is in trouble: what lets people down, what only needs mending, and when it is over.

A trouble has a short name such as `sms.token`, `sending.late` or `silent.sweep`, and is told once, until it is mended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

REPLY_LATE: Final = timedelta(minutes=5)
"""How long an answer to a person may be due and not have left, at any hour. Our choice: they wait with the phone in
hand, and a provider's short pause (429) is over by then."""

OTHER_LATE: Final = timedelta(minutes=30)
"""The same for all else: reminders and invitations have hours of room."""

LASTS: Final = timedelta(seconds=60)
"""How long it must have been so before it is told: what is late after a restart leaves in seconds."""

LIST_LATE: Final = timedelta(minutes=15)
"""How long the provider's list of incoming SMS may have been unreadable: it is read every five minutes. Meanwhile they
come by the webhook all the same, so this alone lets nobody down."""

SECOND_POLLER: Final = "telegram.second_poller"
WEBHOOK: Final = "telegram.webhook"
LATE: Final = "sending.late"
HELD: Final = "sending.held"
SILENT: Final = "silent."
SMS_LIST: Final = "sms_list"
AUDIT: Final = "audit.broken"
TOKEN, CREDIT, EMPTY, CLOSED = ".token", ".credit", ".empty", ".closed"

_LETS_DOWN: Final = (TOKEN, EMPTY, CLOSED)
_REFUSED: Final = frozenset({("telegram", "401"), ("telegram", "404"), ("sms", "401"), ("sms", "20003")})
"""(channel, code) that mean that our token is not known. A Telegram token that never was gets 404."""

_SUSPENDED: Final = frozenset({("sms", "20005"), ("sms", "30002")})
"""Twilio's error dictionary: account not active; account suspended."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """For how long the oldest answer, and the oldest of all else, has been due. Zero when none is."""

    reply: timedelta = timedelta()
    other: timedelta = timedelta()


def is_late(waiting: Waiting, *, told: bool) -> bool:
    """Say whether what is due does not leave. Once told it is over only when nothing is half as late."""
    share = 0.5 if told else 1.0
    return waiting.reply >= REPLY_LATE * share or waiting.other >= OTHER_LATE * share


def lets_people_down(name: str) -> bool:
    """Say whether people's messages do not get through while this lasts: then staff must know, and /readyz says no."""
    if name.startswith(SILENT):
        return name != SILENT + SMS_LIST
    return name in (LATE, SECOND_POLLER, WEBHOOK) or name.endswith(_LETS_DOWN)


def of_credit(channel: str, balance: Decimal | float | None, low: float) -> dict[str, bool]:
    """Tell of an account's money: trouble -> whether it is so. Nothing where the balance is not known.

    `low` 0 switches the warning off, not the word that the account is empty.
    """
    if balance is None:
        return {}
    empty = balance <= 0
    return {channel + EMPTY: empty, channel + CREDIT: not empty and balance < low}


def of_refusal(channel: str, code: str) -> str | None:
    """Give the trouble that a provider's code means for the whole channel, if any."""
    if (channel, code) in _REFUSED:
        return channel + TOKEN
    return channel + CLOSED if (channel, code) in _SUSPENDED else None
