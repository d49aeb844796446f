"""One turn's stage: who writes, what we know, and what will be said.

Everything that is said in a turn is rendered here and queued in the turn's own transaction. What a message needs to
know of the unit, the roster or the help lines is only looked up when that message declares the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from bot.actions import activity_facts, meetings, promising
from bot.actions.house import House
from bot.channels.base import Style
from flows.answers import Reply
from flows.lexicon import Lexicon
from messages.catalog import HOME, Rendered
from messages.helplines import fitting
from rules.age import HelpRoad, help_road
from rules.calendar import to_local
from rules.roster import Roster, hours_text, next_staffed, on_duty, staffed_until, together
from storage import appointments, contacts, outbox, roster, staff, units
from storage.contacts import Standing
from storage.db import Tx
from storage.outbox import Body, NewMessage
from storage.units import Unit

NOTHING: Mapping[str, Any] = MappingProxyType({})
OPTIONS: Mapping[str, tuple[str, ...]] = {"confirm": ("yes", "no", "move"), "go_on": ("yes", "not_now")}
"""The answers to "does the time suit you?" and to "do you want a new time?"."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that a turn did, in plain Swedish, for those who want to see why."""

    sort: Literal["rule", "stored", "queued"]
    text: str


@dataclass
class Scene:
    """The stage of one turn. `cause` names why its messages exist and begins their dedupe keys ("turn:812")."""

    tx: Tx
    house: House
    who: Standing
    now: datetime
    cause: str
    happened: list[Happened] = field(default_factory=list)
    talk_id: int | None = None
    came_by: str = ""  # the poster or link whose page they write on
    begun_as: str = ""  # the kind that a talk's messages have when it is we who begin it; "" for a reply
    begun_why: str = ""  # why, where it is no usual question of a talk: a line of why.toml
    begun_until: datetime | None = None  # until when its first words are of use (UTC)
    reading: tuple[str, str | None, Reply] | None = None  # how the words of this turn were read, for what question
    afterwards: list[Callable[[], None]] = field(default_factory=list)  # what goes out right after the next message
    _out: list[tuple[int, NewMessage]] = field(default_factory=list)
    _lexicon: tuple[str, Lexicon] | None = None

    # --- what we know ----------------------------------------------------------------------------------------------

    @property
    def style(self) -> Style:
        """How the channel shows things: plain text, or with buttons."""
        return self.house.channels[self.who.channel].style

    @property
    def lexicon(self) -> Lexicon:
        """The word lists of the person's language, which know the first names of our own."""
        if self._lexicon is None or self._lexicon[0] != self.who.language:
            self._lexicon = self.who.language, self.house.lexicon(self.who.language).with_our(self.names().values())
        return self._lexicon[1]

    @property
    def this_year(self) -> int:
        """This year where the unit is."""
        return to_local(self.now, self.house.hours.zone).year

    def local_day(self, moment: datetime | None) -> str | None:
        """The day of a moment where the unit is, as facts have it: "2026-11-25"; None for no moment."""
        return None if moment is None else to_local(moment, self.house.hours.zone).date().isoformat()

    @cached_property
    def units(self) -> list[Unit]:
        """Every unit of the installation."""
        return units.list_units(self.tx)

    @property
    def unit(self) -> Unit | None:
        """The person's unit; with a single unit, that one; otherwise None until they have said."""
        if self.who.unit_id is None:
            return self.units[0] if len(self.units) == 1 else None
        return next((unit for unit in self.units if unit.id == self.who.unit_id), None)

    @cached_property
    def rosters(self) -> dict[int, Roster]:
        """Who is on when, by unit; filled as it is asked for."""
        return {}

    @property
    def roster(self) -> Roster:
        """Who is on when in the person's unit; while no unit is known, everybody in every unit."""
        unit = self.unit
        return self._roster_of(unit) if unit else together([self._roster_of(each) for each in self.units])

    def _roster_of(self, unit: Unit) -> Roster:
        if unit.id not in self.rosters:
            self.rosters[unit.id] = roster.load(self.tx, unit.id)
        return self.rosters[unit.id]

    def names(self) -> dict[int, str]:
        """The first names of staff by id: the unit's, or everybody's while no unit is known."""
        wanted = [self.unit] if self.unit else self.units
        return {who: name for unit in wanted for who, name in staff.names(self.tx, unit.id).items()}

    def readers(self) -> list[str]:
        """The first names of those who read in the person's unit, in the order of the roster."""
        if self.unit is None:
            return []
        names = self.names()
        wanted = dict.fromkeys(shift.staff for shift in self.roster.shifts)
        return [names[who] for who in wanted if who in names]

    def answer_by(self) -> datetime | None:
        """By when a person of ours answers a message, from the roster and the queue (UTC); None when none can say."""
        return self._promised(promising.message_days(self.unit))

    def referral_by(self) -> datetime | None:
        """By when a person of ours answers a sign-up (UTC); None when no roster says, or too many wait."""
        return self._promised(promising.referral_days(self.unit))

    def _promised(self, days: int) -> datetime | None:
        return promising.answer_by(self.tx, self.unit, self.roster, self.now, days, self.who.participant_id)

    @property
    def age_road(self) -> HelpRoad:
        """minor, adult or unknown: which help lines fit."""
        return help_road(self.who.profile.get("birth_year"), self.this_year)

    def help_lines(self) -> list[dict[str, Any]]:
        """The lines to offer someone in distress, by what we know of their age, in their language."""
        catalog = self.house.catalog
        return fitting((catalog.books.get(self.who.language) or catalog.books["sv"]).help_lines, self.age_road)

    def channels_beside(self) -> list[str]:
        """The person's other channels where we may write of our own accord, as they were joined to this one."""
        on, me = self.house.channels, self.who.contact_id
        ways = [each for each in contacts.list_of(self.tx, self.who.participant_id) if each.contact_id != me]
        open_ways = [each for each in ways if each.opted_out_at is None and each.blocked_at is None]
        return [each.channel for each in open_ways if each.channel in on and on[each.channel].reachable]

    def first_today(self) -> bool:
        """Whether the next message is our first to them today, where they live."""
        last, zone = self.who.last_out_at, self.house.hours.zone
        return not self._out and (last is None or to_local(last, zone).date() != to_local(self.now, zone).date())

    @property
    def known_name(self) -> str | None:
        """What we call them. Not one from before 90 silent days: the number may be someone else's since."""
        talk = self.who.talk
        name: str | None = None if talk is not None and talk.facts.get("returning") else self.who.profile.get("name")
        return name

    # --- what we say -----------------------------------------------------------------------------------------------

    def say(
        self, name: str, facts: Mapping[str, Any] = NOTHING, *, kind: str = "reply", why: str = "reply", stamp: str = ""
    ) -> int:
        """Render a message now and queue it; return the id of its row. `stamp` begins the value of each button."""
        row_id = outbox.reserve(self.now)
        rendered = self.render(name, facts)
        body = Body(rendered.text, tuple((button.label, f"{stamp}:{button.value}") for button in rendered.buttons))
        reason = self.house.catalog.why(why)
        message = NewMessage(
            contact_id=self.who.contact_id,
            participant_id=self.who.participant_id,
            channel=self.who.channel,
            kind=kind,
            dedupe_key=f"{self.cause}:{len(self._out)}",
            why=reason,
            body=body,
            message=name,
            text_version=rendered.version,
            conversation_id=self.talk_id,
            not_after=self.begun_until,
        )
        self._out.append((row_id, message))
        self._follow()
        self.note("queued", f"{reason} ({name})")
        return row_id

    def render(self, name: str, facts: Mapping[str, Any]) -> Rendered:
        """The words of a message as they are at this moment."""
        catalog, language = self.house.catalog, self.who.language
        if "meeting" in facts:
            facts = {**self.meeting(facts["meeting"]), **facts}
        if facts.get("by_language"):  # words that are no texts of ours, such as a scale's
            facts = {**facts, **facts["by_language"].get(language, {})}
        if "invitation" in facts:
            short = self.style == "sms"
            facts = {**activity_facts.late_facts(self.tx, name, facts["invitation"], self.now, short=short), **facts}
        wanted = (catalog.find(name, language).fields | ALWAYS) - facts.keys()
        known = {field: STANDING[field](self) for field in wanted if field in STANDING}
        if facts.get("option_set") == "unit" or "unit" in facts:
            known["units"] = STANDING["units"](self)
        own = self.house.own_texts.of(self.tx, catalog, self.unit)
        return catalog.render(
            name, language=language, style=self.style, facts={**known, **facts}, now=self.now, variants=own
        )

    def version_of(self, name: str) -> str:
        """Which words this person reads for a message: the version that stands beside what is sent."""
        message = self.house.catalog.find(name, self.who.language)
        own = self.house.own_texts.of(self.tx, self.house.catalog, self.unit).get(name)
        return message.version if own is None or message.language != HOME else own.version

    def meeting(self, appointment_id: int) -> dict[str, Any]:
        """What a text may say of a meeting, and its answers as long as it asks for one."""
        each = appointments.get(self.tx, appointment_id)
        facts, asks = meetings.facts_of(self.tx, self.house, each), meetings.asks(each)
        return facts | ({"options": OPTIONS[asks], "option_set": asks} if asks else {})

    def belongs_to(self, participant_id: int) -> None:
        """The one who writes turned out to be somebody that we knew: what has been said this turn is theirs too."""
        self.who.participant_id = participant_id
        self._out[:] = [(row, replace(message, participant_id=participant_id)) for row, message in self._out]

    def note(self, sort: Literal["rule", "stored", "queued"], text: str) -> None:
        """Write down what was done, for "what just happened"."""
        self.happened.append(Happened(sort, text))

    def flush(self) -> None:
        """Queue what was said, in order, in this transaction."""
        outbox.queue_as(self.tx, self.who.key, self.now, self._out)
        self._out.clear()
        self._follow()

    def _follow(self) -> None:
        """Queue what goes out right after a message; it comes before what is said next, for its id is lower."""
        for follows in self.afterwards:
            follows()
        self.afterwards.clear()


def way_of(channel: str) -> str:
    """What a channel is called in the texts: sms, telegram or web. A terminal stands for SMS."""
    name = channel.removeprefix("sim_")
    return name if name in ("telegram", "web") else "sms"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


STANDING: Mapping[str, Callable[[Scene], Any]] = {
    "bot": lambda scene: "Ingång",
    "unit": lambda scene: scene.unit.name if scene.unit else None,
    "municipality": lambda scene: scene.unit.municipality if scene.unit else None,
    "units": lambda scene: {unit.slug: unit.municipality for unit in scene.units},
    "readers": Scene.readers,
    "hours": lambda scene: hours_text(scene.roster),
    "unit_phone": lambda scene: scene.unit.settings.get("phone") if scene.unit else None,
    "info_link": lambda scene: scene.house.info_link,
    "name": lambda scene: scene.known_name,
    "staffed": lambda scene: bool(on_duty(scene.roster, scene.now)),
    "staffed_until": lambda scene: _iso(staffed_until(scene.roster, scene.now)),
    "next_staffed": lambda scene: _iso(next_staffed(scene.roster, scene.now)),
    "help_lines": lambda scene: scene.help_lines(),
    "first_today": lambda scene: scene.first_today(),
    "has_meeting": lambda scene: bool(appointments.list_coming(scene.tx, scene.who.participant_id, scene.now)),
    "answer_by": lambda scene: _iso(scene.answer_by()),
    "other_ways": lambda scene: [way_of(channel) for channel in scene.channels_beside()],
}
"""The facts that any message may ask for by declaring the field, and how each is found."""


ALWAYS = frozenset({"bot", "first_today"})
"""The first SMS of a day says who we are."""
