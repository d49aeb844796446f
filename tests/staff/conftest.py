"""A town with people in it, made straight in the store: what the talks make is tested with the talks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.actions.house import House
from ingang.seeding import seed_units
from staff.people import Actor
from storage import audit, contacts, inbox, participants, referrals, units
from storage.crypto import KeyRing
from storage.db import Store
from tests.town import Town

OPERATOR = Actor("os:drift")


@dataclass
class Office(Town):
    """The town, and short ways to put people and things before its staff."""

    numbers_left: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        with self.store.begin() as tx:
            seed_units(tx, self.units, self.now)
        self.house = _house()
        self.restart()

    def unit(self, slug: str) -> int:
        with self.store.read() as tx:
            return units.get_unit(tx, slug).id

    def person(self, unit: str | None = "alvsbyn", *, protected: bool = False, **profile: Any) -> int:
        """Somebody with a phone; protected after they had told their name, as it goes."""
        with self.store.begin() as tx:
            unit_id = None if unit is None else units.get_unit(tx, unit).id
            address = f"+467017406{next(self.numbers_left):02}"
            who = contacts.create(tx, self.now, "sim_sms", address, unit_id=unit_id).participant_id
            participants.set_profile(tx, who, **profile)
            if protected:
                participants.set_protected(tx, who)
        return who

    def referral(self, who: int, *, complete: bool = True, **details: Any) -> int:
        with self.store.begin() as tx:
            person = participants.get(tx, who)
            return referrals.register(
                tx, self.now, who, person.unit_id, "self", "alvsbyn_affisch", "sim_sms", details, complete, self.now
            )

    def item(self, who: int | None, kind: str = "message", note: str | None = None, **more: Any) -> int:
        with self.store.begin() as tx:
            person = participants.get(tx, who) if who else None
            unit_id = person.unit_id if person else None
            return inbox.open_item(tx, self.now, kind, inbox.URGENCY[kind], unit_id, who, more.get("due"), note)[0]

    def log(self) -> list[tuple[str, str, str]]:
        """The audit log, oldest first: action, object, outcome."""
        with self.store.read() as tx:
            return [(one.action, one.object_ref, one.outcome) for one in reversed(audit.list_latest(tx))]


@cache
def _house() -> House:
    """The house of the town, put together once: it holds nothing of any one store but the names of the units."""
    with TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/house.db", KeyRing.new())
        store.upgrade()
        house = Town(store).house
        store.close()
    return house


@pytest.fixture
def office(sqlite_store: Store) -> Office:
    return Office(sqlite_store)


@pytest.fixture
def office_on_both(store: Store) -> Office:
    """The same on each database, for what puts questions of its own to it."""
    return Office(store)
