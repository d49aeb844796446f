"""A town with people to write to many of: made by the dozen, all signed up, each with a made-up phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from bot.actions import sending_many
from bot.actions.sending_many import Choice, Plan, Released
from storage import activities, contacts, inbox, participants, staff, units
from storage.activities import Activity, NewActivity
from storage.units import Unit
from tests.town import Town

DAY = timedelta(days=1)
WORDS = "Huset är stängt på fredag. Vi ses igen på måndag."


@dataclass
class Many:
    """The town, its unit, and two of its staff."""

    town: Town
    numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        with self.town.store.begin() as tx:
            self.unit: Unit = units.get_unit(tx, "alvsbyn")
            self.anna, self.erik = sorted(staff.names(tx, self.unit.id))[:2]

    def person(self, channel: str = "sim_sms", *, status: Any = "referred", **how: Any) -> int:
        """Make a person of the unit, who wrote a month ago; give their id."""
        number = next(self.numbers)
        address = f"+4670{number:07d}" if channel.endswith("sms") else f"{10_000_000 + number}"
        with self.town.store.begin() as tx:
            long_ago = self.town.now - 30 * DAY
            who = contacts.create(tx, long_ago, channel, address, unit_id=how.pop("unit_id", self.unit.id), **how)
            contacts.heard_from(tx, who.contact_id, long_ago)
            participants.set_status(tx, who.participant_id, status)
            participants.set_profile(tx, who.participant_id, who.key, name=f"Kim {number}")
        return who.participant_id

    def people(self, number: int, channel: str = "sim_sms") -> list[int]:
        """Make so many."""
        return [self.person(channel) for _ in range(number)]

    def address(self, person: int) -> str:
        """The number of somebody that `person` made."""
        with self.town.store.read() as tx:
            name = participants.profile(tx, person)["name"]
        return f"+4670{int(name.split()[1]):07d}"

    def activity(self, places: int = 3, **how: Any) -> Activity:
        """Plan an activity in a week."""
        now = self.town.now
        given = {
            "unit_id": self.unit.id, "title": "lagar vi mat hos oss", "starts": now + 7 * DAY,
            "ends": now + 7 * DAY + timedelta(hours=2), "last_answer": now + 5 * DAY, "place": "storgatan",
            "places": places,
        }  # fmt: skip
        with self.town.store.begin() as tx:
            return activities.get(tx, activities.add(tx, now, NewActivity(**{**given, **how})))

    def plan(self, choice: Choice, **how: Any) -> Plan:
        """What would go out."""
        with self.town.store.read() as tx:
            return sending_many.audience(tx, self.town.house, self.unit, choice, self.town.now, **how)

    def release(self, choice: Choice, by: int | None = None, nonce: str = "") -> Released:
        """Press, on a form of its own."""
        nonce = nonce or f"form-{next(self.numbers)}"
        with self.town.store.begin() as tx:
            unit = units.get_unit(tx, self.unit.id)
            by = by or self.anna
            return sending_many.release(tx, self.town.house, unit, choice, self.town.now, by=by, nonce=nonce)

    def undo(self, sending_id: int) -> sending_many.Ended:
        """Press undo."""
        with self.town.store.begin() as tx:
            return sending_many.undo(tx, sending_id, self.town.now, by=self.anna)

    def stop(self, sending_id: int) -> sending_many.Ended:
        """Press stop."""
        with self.town.store.begin() as tx:
            return sending_many.stop(tx, sending_id, self.town.now, by=self.anna)

    def approve(self, sending_id: int, by: int) -> Released:
        """Say yes as the second."""
        with self.town.store.begin() as tx:
            return sending_many.approve(tx, self.town.house, sending_id, self.town.now, by=by)

    def next_wave(self, activity: Activity) -> sending_many.Next:
        """As the sweep asks."""
        with self.town.store.begin() as tx:
            return sending_many.next_wave(tx, self.town.house, activity, self.town.now)

    def why(self, plan: Plan) -> dict[int, str]:
        """Why each of those who are left out is."""
        return {each.participant_id: each.reason for each in plan.people.left_out}

    def now(self, plan: Plan) -> list[int]:
        """Who gets it now, in order."""
        return [each.participant_id for each in plan.people.now]

    def items(self) -> list[inbox.Item]:
        """What staff have in the inbox."""
        return self.town.inbox()
