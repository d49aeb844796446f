"""What goes to many and whom staff chose for it; what makes it impossible is said before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from bot.actions.house import House
from bot.channels.base import keepable
from messages.guard import Finding
from messages.sms import fold, measure
from storage import activities, places
from storage.activities import Activity
from storage.db import Tx
from storage.units import Unit

MOST_SEGMENTS: Final = 2
SECOND_ABOVE: Final = 50
"""To more people than so many, a second member of staff says yes as well; a unit may set another number."""


class CannotSend(Exception):
    """Why nothing is sent, in Swedish for staff. `field` is what to mend: audience, activity, text or second."""

    def __init__(self, field: str, why_sv: str) -> None:
        super().__init__(why_sv)
        self.field, self.why_sv = field, why_sv


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes out, and to whom.

    activity_id   an invitation to that activity; or `text`, which is staff's own words to everybody chosen
    help, meet    wishes of the referral, keys of messages' options: any one of them; none: whatever they wished for
    languages     only those who are written to in one of these; none: all
    people        staff's own list; None: all of the unit
    coming_to     only those who have said that they come, or maybe, to that activity
    without       those whom staff have taken away from it
    """

    activity_id: int | None = None
    text: str | None = None
    help: tuple[str, ...] = ()
    meet: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    people: tuple[int, ...] | None = None
    coming_to: int | None = None
    without: tuple[int, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether it is an invitation to be together: then fairness and who is kept apart count."""
        return self.activity_id is not None

    def dump(self) -> str:
        """As JSON, without the words of a broadcast, which are kept by themselves."""
        kept = {name: value for name, value in asdict(self).items() if value not in (None, ()) and name != "text"}
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def load(cls, data: str) -> Choice:
        """From `dump`."""
        kept: dict[str, Any] = json.loads(data)
        lists: dict[str, Any] = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
        return cls(**kept | lists)


def second_above(unit: Unit) -> int:
    """To more people than so many, two members of staff say yes."""
    told = unit.settings.get("many") or {}
    return int(told.get("second_above", SECOND_ABOVE))


def check(tx: Tx, house: House, unit: Unit, choice: Choice, now: datetime) -> Activity | None:
    """Give the activity that is invited to, None for staff's words. Raises CannotSend when it cannot go out at all."""
    if (choice.activity_id is None) == (choice.text is None):
        raise CannotSend("activity", "Välj en aktivitet att bjuda in till, eller skriv ett meddelande.")
    if choice.text is not None:
        check_text(house, choice.text)
    if choice.activity_id is None:
        return None
    activity = activities.find(tx, choice.activity_id)
    if activity is None or activity.unit_id != unit.id:
        raise CannotSend("activity", "Aktiviteten finns inte hos enheten.")
    check_activity(tx, activity, now)
    return activity


def check_activity(tx: Tx, activity: Activity, now: datetime) -> None:
    """Raise CannotSend when nobody can be invited to it any more."""
    if activity.state == "cancelled":
        raise CannotSend("activity", "Aktiviteten är inställd.")
    if activity.state == "held" or activity.starts <= now:
        raise CannotSend("activity", "Aktiviteten har redan börjat. Välj en som kommer.")
    if activity.last_answer <= now:
        raise CannotSend("activity", "Sista svarsdagen har passerat. Flytta fram den först.")
    taken = places.count(tx, activity.id)
    if activity.places < taken:
        raise CannotSend("activity", f"{taken} har sagt ja, och det är {activity.places} platser. Ge den fler platser.")


def check_text(house: House, text: str) -> None:
    """Raise CannotSend when staff's words are none, too many, or not for another pair of eyes."""
    words = text.strip()
    if not words:
        raise CannotSend("text", "Meddelandet är tomt. Skriv något.")
    size = measure(fold(say_who(keepable(words))))
    if size.segments > MOST_SEGMENTS:
        raise CannotSend(
            "text", f"Det blir {size.segments} sms per person. Korta texten så att det blir högst {MOST_SEGMENTS}."
        )
    found: Sequence[Finding] = house.catalog.guard.findings(words)
    if found:
        listed = ", ".join(dict.fromkeys(f"\u201d{each.words}\u201d" for each in found))
        raise CannotSend("text", f"Någon annan kan läsa på mobilen. Ta bort {listed}.")


def say_who(text: str, bot: str = "Ingång") -> str:
    """The text with who we are in front of it, unless it says so itself."""
    return text if bot in text else f"{bot}: {text}"
