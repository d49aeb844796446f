"""The words of a message to many: one road for what staff see beforehand and for what is claimed to be sent.

A row of a release keeps no facts. They are found when it is claimed, for many rows at once: the release, what it
invites to, and each person's invitation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.actions.activity_facts import ASKS, said_of
from bot.actions.house import House
from bot.actions.reminding import IN_THE_MIDDLE
from bot.actions.scene import ALWAYS, Scene
from bot.actions.sending_audience import Asked
from bot.actions.sending_job import Choice, say_who
from bot.channels.base import keepable
from messages.catalog import Rendered
from messages.sms import fold, measure
from storage import activities, contacts, invitations, sendings, units
from storage.activities import Activity
from storage.claims import Due
from storage.contacts import Standing
from storage.db import Tx
from storage.outbox import Body
from storage.sendings import Sending
from storage.units import Unit

INVITATION = "activity/invitation"

ABOUT_NOBODY = ALWAYS | {"name"}
"""What a text may ask for beside the activity, and still be the same for all who are called the same."""

REMEMBERED = 2_000
_WRITTEN: dict[tuple[Any, ...], Rendered] = {}
"""Invitations written lately by this process, by all that their words depend on."""

STOPPED = "Utskicket stoppades."
CALLED_OFF = "Aktiviteten är inställd eller har varit."
TAKEN_BACK = "Inbjudan är återtagen."
ANSWERED = "Personen har redan svarat."
IN_TALK = "Personen är mitt i ett samtal."


@dataclass(frozen=True, slots=True)
class Preview:
    """What one person will read, on which channel; `segments` of an SMS, 0 for a chat."""

    participant_id: int
    channel: str
    text: str
    buttons: tuple[str, ...] = ()
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Sort:
    """What an invitation says to people of one unit and language, on one sort of channel, read by others or not.

    `facts` is what the text says and asks, nothing of which is about a person, and `told` the same, to compare by.
    `about_nobody` when the text asks for nothing else but what they are called, and for that when `named`.
    """

    facts: Mapping[str, Any]
    told: tuple[Any, ...]
    about_nobody: bool
    named: bool


class Writer:
    """Writes for many people at one moment; what they have alike is looked up once. `own` are all units."""

    def __init__(self, tx: Tx, house: House, now: datetime, own: Sequence[Unit]) -> None:
        self._tx, self._house, self._now = tx, house, now
        self._units = {unit.id: unit for unit in own}
        self._alike: dict[str, object] = {"units": list(own), "rosters": {}}  # what the scenes look up, and share
        self._sorts: dict[tuple[Any, ...], Sort] = {}

    def invitation(self, who: Standing, activity: Activity, invitation_id: int) -> tuple[Body, str]:
        """An invitation as this person reads it, and its text's version."""
        stamp = f"g:{invitation_id}:{activity.version}"
        rendered = self._rendered(self._scene(who), activity)
        buttons = tuple((button.label, f"{stamp}:{button.value}") for button in rendered.buttons)
        return Body(rendered.text, buttons), rendered.version

    def _rendered(self, scene: Scene, activity: Activity) -> Rendered:
        """The text; where it says nothing of a person but what they are called, those called the same read the same."""
        sort = self._sort(scene, activity)
        if not sort.about_nobody:
            return scene.render(INVITATION, sort.facts)
        alike = (*sort.told, scene.known_name if sort.named else None, scene.first_today())
        known = _WRITTEN.get(alike)
        if known is None:
            if len(_WRITTEN) >= REMEMBERED:
                _WRITTEN.clear()
            known = _WRITTEN[alike] = scene.render(INVITATION, sort.facts)
        return known

    def _sort(self, scene: Scene, activity: Activity) -> Sort:
        """What an invitation to it says to all of this one's sort; found once."""
        who, style = scene.who, scene.style
        hidden = who.read_by_others or who.protected
        wanted = activity.id, hidden, style, who.language, who.unit_id
        known = self._sorts.get(wanted)
        if known is None:
            options, option_set = ASKS["invitation"]
            said = said_of(activity, self._units[activity.unit_id], hidden=hidden, short=style == "sms")
            facts = said | {"until": None, "asks": True, "options": options, "option_set": option_set}
            catalog = self._house.catalog
            fields = catalog.find(INVITATION, who.language).fields
            minute = self._now.replace(second=0, microsecond=0)  # "i morgon" is reckoned from it
            told = (minute, *said.values(), id(catalog), scene.version_of(INVITATION), who.language, style)
            known = Sort(facts, told, about_nobody=fields - facts.keys() <= ABOUT_NOBODY, named="name" in fields)
            self._sorts[wanted] = known
        return known

    def broadcast(self, who: Standing, text: str) -> tuple[Body, str]:
        """Staff's words as this person reads them."""
        scene, words = self._scene(who), keepable(text.strip())
        if scene.style != "sms":
            return Body(words), "staff"
        return Body(fold(say_who(words) if scene.first_today() else words)), "staff"

    def _scene(self, who: Standing) -> Scene:
        scene = Scene(self._tx, self._house, who, self._now, "late")
        vars(scene).update(self._alike)
        return scene


def previews(tx: Tx, house: House, choice: Choice, people: Sequence[Asked], now: datetime) -> tuple[Preview, ...]:
    """What each of these people will read, written as it will be when it goes."""
    writer = Writer(tx, house, now, units.list_units(tx))
    found = contacts.get_many(tx, [each.contact_id for each in people])
    activity = None if choice.activity_id is None else activities.get(tx, choice.activity_id)
    made = []
    for each in people:
        who = found[each.contact_id]
        body, _ = writer.broadcast(who, choice.text or "") if activity is None else writer.invitation(who, activity, 0)
        sms = house.channels[each.channel].style == "sms"
        labels = tuple(label for label, _ in body.buttons)
        segments = measure(body.text).segments if sms else 0
        made.append(Preview(each.participant_id, each.channel, body.text, labels, segments))
    return tuple(made)


class Batch:
    """The rows of one claim that belong to releases: what bars them, and their words."""

    def __init__(self, tx: Tx, house: House, rows: Iterable[Due], now: datetime) -> None:
        self._tx, self._house, self._now = tx, house, now
        self._rows = [row for row in rows if row.release is not None]

    @cached_property
    def units(self) -> list[Unit]:
        """Every unit; asked for once."""
        return units.list_units(self._tx)

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self._tx, self._house, self._now, self.units)

    @cached_property
    def _releases(self) -> Mapping[int, Sending]:
        return sendings.of_many(self._tx, {row.release for row in self._rows if row.release is not None})

    @cached_property
    def _activities(self) -> Mapping[int, Activity]:
        wanted = {each.activity_id for each in self._releases.values() if each.activity_id is not None}
        return {each: activities.get(self._tx, each) for each in wanted}

    @cached_property
    def _invitations(self) -> dict[tuple[int, int], tuple[int, str]]:
        """Id and state, by activity and person."""
        found: dict[tuple[int, int], tuple[int, str]] = {}
        for activity_id in self._activities:
            people = [row.participant_id for row in self._rows if row.participant_id is not None]
            theirs = invitations.for_people(self._tx, activity_id, people)
            found |= {(activity_id, who): each for who, each in theirs.items()}
        return found

    @cached_property
    def _standing(self) -> Mapping[int, Standing]:
        unwritten = [row for row in self._rows if row.body is None]
        keys = {row.key.id: row.key for row in unwritten}
        return contacts.get_many(self._tx, [row.contact_id for row in unwritten], keys)

    def barred(self, row: Due) -> str | None:
        """Why a row of a release is not to go at all any more; None when nothing bars it."""
        if row.release is None:
            return None
        release = self._releases.get(row.release)
        if release is None or release.state in ("stopped", "taken_back"):
            return STOPPED
        if release.activity_id is None:
            return None
        activity = self._activities.get(release.activity_id)
        if activity is None or activity.state != "planned" or activity.starts <= self._now:
            return CALLED_OFF
        _, state = self._invitations.get((activity.id, row.participant_id or 0), (0, "withdrawn"))
        return None if state == "asked" else TAKEN_BACK if state == "withdrawn" else ANSWERED

    def waits_until(self, row: Due) -> datetime | None:
        """Until when somebody in the middle of a talk is left in peace; None when it may go now."""
        if row.release is None or row.body is not None:
            return None
        talk = self._standing[row.contact_id].talk
        if talk is None or talk.state != "open" or self._now - talk.touched_at >= IN_THE_MIDDLE:
            return None
        return talk.touched_at + IN_THE_MIDDLE

    def write(self, row: Due) -> tuple[Body, str]:
        """The words of a row of a release, and their text's version."""
        who, release = self._standing[row.contact_id], self._releases[row.release or 0]
        if release.activity_id is None:
            return self._writer.broadcast(who, release.text or "")
        invitation, _ = self._invitations[release.activity_id, who.participant_id]
        return self._writer.invitation(who, self._activities[release.activity_id], invitation)
