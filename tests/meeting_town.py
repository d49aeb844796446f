"""The town with people who have signed up, and staff who book: what the tests of meetings share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.base import BUTTON
from staff import meetings as work
from staff.meetings import Ask, Kept
from staff.people import Actor
from storage import appointments, contacts, participants, units
from storage.appointments import Appointment
from storage.inbox import Item
from tests.staff.conftest import Office
from tests.town import STOCKHOLM, Phone

OPERATOR = Actor("os:drift")
THURSDAY = "2026-11-26 13:30"
"""Three days after the town's Monday: a meeting then is not reminded of three days before."""

NEXT_WEEK = "2026-12-02 13:30"


@dataclass
class MeetingTown(Office):
    """The town, and short ways to book and to look."""

    def signed_up(self, channel: str = "sim_sms", address: str = "+46701740605", name: str = "Kim") -> Phone:
        """The phone of somebody who has signed up in Älvsbyn and has written this minute."""
        with self.store.begin() as tx:
            unit = units.get_unit(tx, "alvsbyn").id
            who = contacts.create(tx, self.now, channel, address, unit_id=unit)
            participants.set_profile(tx, who.participant_id, name=name, birth_year=2003)
            participants.set_status(tx, who.participant_id, "active")
            contacts.heard_from(tx, who.contact_id, self.now)
        return Phone(self, channel, address)

    def books(self, phone: Phone, at: str = THURSDAY, minutes: int = 40, **ask: Any) -> int:
        """Staff book; what is due goes out. The meeting's id."""
        wanted = Ask(at, minutes, **{"member": "Anna"} | ask)
        kept = work.book(self.store, self.house, self.now, OPERATOR, _id(phone), wanted)
        self.send()
        return kept.id

    def moves(self, meeting: int, at: str | None = None, **ask: Any) -> Kept:
        """Staff move a meeting; what is due goes out."""
        kept = work.move(self.store, self.house, self.now, OPERATOR, meeting, Ask(at, **ask))
        self.send()
        return kept

    def cancels(self, meeting: int) -> Kept:
        """Staff call a meeting off; what is due goes out."""
        kept = work.cancel(self.store, self.house, self.now, OPERATOR, meeting)
        self.send()
        return kept

    def marks(self, meeting: int, outcome: str) -> Kept:
        """Staff say how it went; what is due goes out."""
        kept = work.mark(self.store, self.house, self.now, OPERATOR, meeting, outcome)
        self.send()
        return kept

    def meeting(self, meeting: int) -> Appointment:
        """A meeting as it stands."""
        with self.store.read() as tx:
            return appointments.get(tx, meeting)

    def meetings(self, phone: Phone) -> list[Appointment]:
        """All of a person's meetings, the soonest first."""
        with self.store.read() as tx:
            return list(reversed(appointments.list_of_person(tx, _id(phone))))

    def stands(self, meeting: int) -> str:
        """How it stands, as staff read it."""
        return work.standing_of(self.meeting(meeting))[0]

    def until(self, local: str) -> None:
        """Move the clock to a local time, and let everything that is due by then happen."""
        self.later(seconds=(at(local) - self.now).total_seconds())

    def notes(self, *kinds: str) -> list[str]:
        """What the inbox says, of these kinds or all."""
        return [item.note or "" for item in self.inbox(*kinds)]

    def items(self, phone: Phone, *kinds: str) -> list[Item]:
        """What staff have of one person."""
        return [item for item in self.inbox(*kinds) if item.participant_id == _id(phone)]


def at(local: str) -> datetime:
    """A local clock, as "2026-11-26 13:30"."""
    return datetime.fromisoformat(local).replace(tzinfo=STOCKHOLM)


def press(phone: Phone, meeting: int, version: int, option: str) -> list[str]:
    """Press a meeting's button, whichever message it stood under."""
    return phone.writes(f"m:{meeting}:{version}:{option}", BUTTON)


def _id(phone: Phone) -> int:
    return phone.standing().participant_id
