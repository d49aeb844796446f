"""A small town to test in: two units, a roster, phones, and a clock that only the test moves.

Everything goes through public doors: a phone writes (`take_turn`), the dispatcher sends, the phone shows what was
accepted. Nothing sleeps.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select

from bot import conversation
from bot.actions.house import House
from bot.channels.base import BUTTON, TEXT, Channel, Inbound
from bot.channels.pickup import SIMULATED_SMS, SIMULATED_TELEGRAM, TERMINAL, WEB_CHAT, WORK_DEVICE
from bot.conversation import Report
from ingang.seeding import seed_units
from ingang.settings import Hours, Place, Settings, StaffMember, Unit
from ingang.wiring import build_house
from scheduler import activities, many, reminders, sweeps
from scheduler.dispatcher import Dispatcher
from storage import contacts, inbox, timeline
from storage.contacts import Standing
from storage.db import Store
from storage.inbox import Item
from storage.tables import outbox
from tests.servers.scripted import Scripted

# A turn that raises is part of many tests, and drawing its traceback takes longer than the test.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

LOOP = asyncio.Runner()
"""One loop for every town: to make one for each message would take longer than the message."""
atexit.register(LOOP.close)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=STOCKHOLM).astimezone(UTC)
"""A Monday morning with everybody at work."""

OFFICE = Hours(days=(0, 1, 2, 3, 4), starts=time(8), ends=time(16))
MEETS = Hours(days=(0, 1, 2, 3, 4), starts=time(9), ends=time(15, 30))
UNITS = (
    Unit(
        slug="alvsbyn", name="Ingång Älvsbyn", municipality="Älvsbyn", phone="0929-170 00", address="Storgatan 27",
        where_under_15="Elevhälsan på Älvåkraskolan, 0929-171 00", where_over_29="Arbetsmarknadsenheten, 0929-170 50",
        places=(
            Place("skutan", "Skutan", "Vi väntar vid bänken.", "https://karta.example/skutan", travel=10),
            Place("storgatan", "Storgatan 27"),
        ),
        staff=(
            StaffMember(first_name="Anna", device="device:anna", order=1, hours=(OFFICE,), meets=(MEETS,)),
            StaffMember(first_name="Erik", device="device:erik", order=2, hours=(OFFICE,), meets=(MEETS,)),
            StaffMember(first_name="Maria", device="device:maria", order=3, manager=True),
        ),
    ),
    Unit(
        slug="pitea", name="Ingång Piteå", municipality="Piteå", phone="0911-69 60 00", address="Lövgatan 5",
        where_under_15="Elevhälsan, 0911-69 61 00", where_over_29="Arbetsmarknadsenheten, 0911-69 62 00",
        villages="Öjebyn, Norra Bergsviken",
        staff=(StaffMember(first_name="Sara", device="device:sara", hours=(OFFICE,)),),
    ),
)  # fmt: skip
CHANNELS: Mapping[str, Channel] = {
    each.name: each for each in (SIMULATED_SMS, SIMULATED_TELEGRAM, TERMINAL, WEB_CHAT, WORK_DEVICE)
}


@dataclass
class Town:
    """The town. `lease` is real time, which only moves when a test says so."""

    store: Store
    now: datetime = MONDAY
    units: tuple[Unit, ...] = UNITS
    channels: Mapping[str, Channel] = field(default_factory=lambda: dict(CHANNELS))
    lease: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    house: House = field(init=False)
    dispatcher: Dispatcher = field(init=False)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        with self.store.begin() as tx:
            seed_units(tx, self.units, self.now)
            self.house = build_house(tx, Settings(), self.channels)
        self.restart()

    def restart(self) -> None:
        """The process starts anew: only the store is left."""
        self.dispatcher = Dispatcher(self.store, self.house, lambda: self.now, lambda: self.lease)

    def phone(self, channel: str = "sim_sms", address: str = "+46701740605") -> Phone:
        """A phone, or a chat."""
        return Phone(self, channel, address)

    def send(self) -> None:
        """Let the dispatcher send all that is due."""
        LOOP.run(self.dispatcher.drain())

    def later(self, **delta: float) -> list[Report]:
        """Move the clock, and let everything that is due by then happen."""
        self.now += timedelta(**delta)
        sweeps.expire_messages(self.store, self.house, self.now)
        reports = sweeps.retry_turns(self.store, self.house, self.now)
        reports += sweeps.wake_talks(self.store, self.house, self.now)
        sweeps.send_alarms(self.store, self.house, self.now)
        reminders.sweep(self.store, self.house, self.now)
        activities.sweep(self.store, self.house, self.now)
        reminders.tidy(self.store, self.now)
        reminders.end_ratings(self.store, self.house, self.now)
        reminders.offer_times(self.store, self.house, self.now)
        many.sweep(self.store, self.house, self.now)
        self.send()
        return reports

    def with_flows(self, **flows: Any) -> None:
        """Let these flows stand beside, or instead of, the real ones."""
        self.house = replace(self.house, flows={**self.house.flows, **flows})
        self.restart()

    def device(self, address: str) -> list[str]:
        """The texts that reached a work device."""
        return Phone(self, "device", address).texts()

    def scripted(self, name: str = "sim_sms", **how: Any) -> Scripted:
        """Put a channel of the test's own in the place of this one."""
        channel = Scripted(name, **how)
        self.house = replace(self.house, channels={**self.house.channels, name: channel})
        self.restart()
        return channel

    def round(self) -> bool:
        """Let the dispatcher claim, send and settle once."""
        return LOOP.run(self.dispatcher.round())

    def doubt(self, *, seconds: float = 0) -> None:
        """Let so much real time pass, and look for what may have gone out."""
        self.lease += timedelta(seconds=seconds)
        LOOP.run(self.dispatcher.reconcile())

    def rows(self, *states: str) -> list[Any]:
        """The rows of the outbox, oldest first; only those in these states when any are named."""
        with self.store.read() as tx:
            found = tx.execute(select(outbox).order_by(outbox.c.id)).all()
        return [row for row in found if not states or row.state in states]

    def inbox(self, *kinds: str) -> list[Item]:
        """What staff have in the inbox, of these kinds or all."""
        with self.store.read() as tx:
            return [item for item in inbox.list_open(tx) if not kinds or item.kind in kinds]


@dataclass
class Phone:
    """One person's phone."""

    town: Town
    channel: str
    address: str
    shown: int = 0

    def writes(self, text: str, kind: str = TEXT, provider_id: str | None = None, *, send: bool = True) -> list[str]:
        """Write one message; return the texts that come back."""
        message = Inbound(self.channel, self.address, provider_id or f"m{next(self.town.numbers)}", text, kind)
        self.report = conversation.take_turn(self.town.store, self.town.house, message, self.town.now)
        if send:
            sweeps.send_alarms(self.town.store, self.town.house, self.town.now)
            self.town.send()
        return self.new()

    def presses(self, label: str) -> list[str]:
        """Press the newest button with this label."""
        for message in reversed(self._messages()):
            for shown, value in message.buttons:
                if shown == label:
                    return self.writes(value, BUTTON)
        raise AssertionError(f"no button says {label!r}")

    def new(self) -> list[str]:
        """The texts that have come since the last look."""
        texts = self.texts()
        fresh, self.shown = texts[self.shown :], len(texts)
        return fresh

    def texts(self) -> list[str]:
        """Every text that reached this phone."""
        return [message.text for message in self._messages()]

    def buttons(self) -> list[str]:
        """The labels under the last message."""
        return [label for label, _ in self._messages()[-1].buttons]

    def standing(self) -> Standing:
        """How things stand with the one whose phone it is."""
        with self.town.store.read() as tx:
            who = contacts.find(tx, self.channel, self.address)
        assert who is not None
        return who

    def _messages(self) -> list[Any]:
        with self.town.store.read() as tx:
            who = contacts.find(tx, self.channel, self.address) if self.channel != "device" else None
            contact_id = who.contact_id if who else contacts.find_id(tx, self.channel, self.address)
            if contact_id is None:
                return []
            return [each for each in timeline.of_contact(tx, contact_id) if each.reached and each.who != "person"]
