"""A town with people in it, made straight in the store: what the talks make is tested with the talks."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from staff.people import Actor
from storage import audit, contacts, inbox, participants, referrals, units
from storage.db import Store
from tests.town import Town

OPERATOR = Actor("os:drift")


@dataclass
class Office(Town):
    """The town, and short ways to put people and things before its staff."""

    numbers_left: Any = field(default_factory=lambda: count(1))

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


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)
