"""The town with group activities: people who are invited, and short ways to plan, to move and to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.actions import activities as acts
from bot.actions.activities import Told
from bot.channels.base import BUTTON
from scheduler import activities as sweeps
from storage import activities, attendance, contacts, invitations, outbox, places, sendings, staff, units
from storage.activities import Activity, NewActivity
from storage.invitations import Invitation
from storage.outbox import NewMessage
from storage.sendings import NewSending
from tests.meeting_town import MeetingTown, at
from tests.town import Phone

TUESDAY = "2026-12-08 14:00"
"""Two weeks after the town's Monday; the last day to answer is then Friday 4 December at 17."""

NAMES = ("Kim", "Sam", "Alex", "Mika", "Robin", "Charlie", "Noa", "Love", "Lo", "Bo")


@dataclass
class GroupTown(MeetingTown):
    """The town, with activities in Älvsbyn that Erik leads."""

    phones: list[Phone] = field(default_factory=list)

    def plans(self, starts: str = TUESDAY, **more: Any) -> int:
        """Staff plan an activity of two hours; give its id."""
        begins = at(starts)
        early = begins - timedelta(days=3, hours=21)
        values: dict[str, Any] = {
            "title": "lagar vi mat hos oss", "last_answer": early if early > self.now else begins - timedelta(hours=3),
            "how": "Vi är fem personer. Det går bra att bara sitta med.",
        } | more  # fmt: skip
        with self.store.begin() as tx:
            unit = units.get_unit(tx, "alvsbyn").id
            leader = next(who for who, name in staff.names(tx, unit).items() if name == "Erik")
            values.setdefault("leader", leader)
            return activities.add(
                tx, self.now, NewActivity(unit, starts=begins, ends=begins + timedelta(hours=2), **values)
            )

    def people(self, count: int, channel: str = "sim_sms") -> list[Phone]:
        """So many who have signed up."""
        new = [
            self.signed_up(channel, f"+467017408{len(self.phones) + n:02}", NAMES[n % len(NAMES)]) for n in range(count)
        ]
        self.phones += new
        return new

    def invites(self, activity: int, *phones: Phone, wave: int = 1) -> dict[int, int]:
        """Invitations are queued as a release queues them, and go out; give their ids by person."""
        with self.store.begin() as tx:
            there = activities.get(tx, activity)
            ways = {phone.standing().participant_id: phone.standing() for phone in phones}
            to = {who: way.contact_id for who, way in ways.items()}
            new = NewSending(there.unit_id, "invitation", len(to), None, self.now, activity, wave)
            sending = sendings.add(tx, self.now, new, to)
            asked = invitations.add_many(tx, self.now, activity, wave, sending, to)
            for who, row in asked.items():
                message = NewMessage(
                    contact_id=to[who], participant_id=who, channel=ways[who].channel, kind="invitation",
                    dedupe_key=sendings.key_of(sending, who), why="Inbjudan.", message="activity/invitation",
                    facts={"invitation": row, "activity": activity, "stamp": f"g:{row}:{there.version}"},
                    not_after=there.last_answer,
                )  # fmt: skip
                outbox.queue(tx, ways[who].key, self.now, [message])
        self.send()
        return asked

    def changes(self, activity: int, **values: Any) -> Told:
        """Staff change an activity; what is due goes out."""
        with self.store.begin() as tx:
            told = acts.change(tx, self.house, activity, self.now, **values)
        self.send()
        return told

    def calls_off(self, activity: int) -> Told:
        """Staff call an activity off; what is due goes out."""
        with self.store.begin() as tx:
            told = acts.cancel(tx, self.house, activity, self.now)
        self.send()
        return told

    def notes_attendance(self, activity: int, phone: Phone, *, present: bool = True) -> None:
        """Staff note who was there."""
        with self.store.begin() as tx:
            who = phone.standing().participant_id
            attendance.note(tx, self.now, activity, who, present=present, quarters=8, how="staff", by=None)

    def sweep(self) -> int:
        """Look at what is due about activities, and send."""
        count = sweeps.sweep(self.store, self.house, self.now)
        self.send()
        return count

    def there(self, activity: int) -> Activity:
        """An activity as it stands."""
        with self.store.read() as tx:
            return activities.get(tx, activity)

    def theirs(self, activity: int, phone: Phone) -> Invitation:
        """A person's invitation as it stands."""
        with self.store.read() as tx:
            found = invitations.find_for(tx, activity, phone.standing().participant_id)
        assert found is not None
        return found

    def stands(self, activity: int, phone: Phone) -> str:  # type: ignore[override]
        """How it stands for a person: their answer, and whether they have a place, one that is held, or wait."""
        mine = self.theirs(activity, phone)
        if mine.place is not None:
            return f"{mine.state} held" if mine.hold_until else f"{mine.state} in"
        return f"{mine.state} waits" if mine.waiting_since else mine.state

    def taken(self, activity: int) -> int:
        """How many places are taken or held."""
        with self.store.read() as tx:
            return places.count(tx, activity)

    def protects(self, phone: Phone, **how: bool) -> None:
        """Mark how a person may be written to."""
        from storage import participants

        with self.store.begin() as tx:
            who = contacts.get(tx, phone.standing().contact_id).participant_id
            if how.get("read_by_others"):
                participants.set_read_by_others(tx, who)
            if how.get("protected"):
                participants.set_protected(tx, who)


def press(phone: Phone, invitation: int, version: int, option: str) -> list[str]:
    """Press a button of an activity's, whichever message it stood under."""
    return phone.writes(f"g:{invitation}:{version}:{option}", BUTTON)


def local(text: str) -> datetime:
    """A local clock."""
    return at(text)
