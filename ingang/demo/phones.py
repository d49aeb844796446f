"""The three simulated phones: which made-up address each has now, and a fresh one on demand.

The addresses stand in the control table, so that the same phones are there after a reload or a restart.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.doors.webchat import address_of
from ingang.demo.units import MOBILES
from storage import contacts, control
from storage.db import Tx

KEPT: Final = "demo.phones"


@dataclass(frozen=True, slots=True)
class Phone:
    """One sort of phone: its key, the channel that it speaks, and the poster that its owner came by."""

    key: str
    channel: str
    title: str
    poster: str = ""


PHONES: Final = {
    "sms": Phone("sms", "sim_sms", "SMS"),
    "telegram": Phone("telegram", "sim_telegram", "Telegram", "alvsbyn_affisch"),
    "web": Phone("web", "web", "Webbchatt", "alvsbyn_webb"),
}
TITLES: Final = {phone.channel: phone.title for phone in PHONES.values()} | {"terminal": "Terminal"}


def addresses(tx: Tx) -> dict[str, str]:
    """Give each phone's address; "" for a phone that has none yet."""
    kept = json.loads(control.find(tx, KEPT) or "{}")
    return {key: str(kept.get(key, "")) for key in PHONES}


def ready(tx: Tx) -> dict[str, str]:
    """Give each phone an address that has none, and give them all."""
    kept = addresses(tx)
    if not all(kept.values()):
        kept = {key: address or fresh(tx, PHONES[key]) for key, address in kept.items()}
        keep(tx, kept)
    return kept


def renew(tx: Tx, key: str) -> str:
    """Let a phone begin again as somebody we have never heard of; give the new address."""
    kept = addresses(tx) | {key: fresh(tx, PHONES[key])}
    keep(tx, kept)
    return kept[key]


def keep(tx: Tx, kept: Mapping[str, str]) -> None:
    """Remember the addresses."""
    control.put(tx, KEPT, json.dumps(dict(kept)))


def fresh(tx: Tx, phone: Phone) -> str:
    """Make up an address that nobody has written from."""
    if phone.key == "web":
        return address_of(secrets.token_urlsafe(32))
    if phone.key == "telegram":
        return str(7_000_000_000 + secrets.randbelow(999_999_999))
    lap = 1
    while True:
        suffix = "" if lap == 1 else f"#{lap}"
        for number in MOBILES:
            if contacts.find(tx, phone.channel, number + suffix) is None:
                return number + suffix
        lap += 1


def written(phone: Phone, address: str) -> str:
    """How a page shows a phone's address: 070-174 06 05, or what takes its place."""
    if phone.key == "sms" and len(address) >= 12:
        rest = address[3:12]
        return f"0{rest[:2]}-{rest[2:5]} {rest[5:7]} {rest[7:9]}"
    return "@kim_exempel" if phone.key == "telegram" else "alvsbyn.example"
