"""What is known of a meeting: its place, what a text may say of it, and all that its plan of reminders reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from bot.actions.house import House
from rules.calendar import to_local
from rules.consent import State, may_go
from rules.daylight import daylight
from rules.kinds import KINDS
from rules.rating_choices import Choices
from rules.rating_times import Asking, with_questions
from rules.reminders import HeldBy, Meeting, Plan, Policy, Wish, plan
from rules.sending import Hours
from rules.slots import Start, UnitRules
from rules.travel import Travel
from storage import (
    appointments,
    contacts,
    page_links,
    participants,
    rating_tasks,
    ratings,
    roster,
    staff,
    units,
    wishes,
)
from storage.appointments import Appointment
from storage.contacts import Standing
from storage.db import Tx
from storage.units import Unit

AT_A_PLACE: Final = ("walk_and_talk", "office")
"""Forms that are held at one of the unit's places; a visit is at the person's, the others are nowhere."""

OFF_AT_FIRST: Final = ("thank_you",)
"""What a unit has switched off until it says otherwise: a thank-you that asks nothing is one message too many."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of a unit's places. `find` is how to find it, `link` a map; `travel` minutes from where staff set out.

    A `retired` one is for the meetings that are there already, and no new ones.
    """

    slug: str
    name: str
    find: str = ""
    link: str = ""
    forms: tuple[str, ...] = AT_A_PLACE
    travel: int = 0
    starts: tuple[time, ...] = ()
    retired: bool = False


def places_of(unit: Unit) -> list[Place]:
    """Give a unit's places, in the order in which they were written; where nobody wrote any, its own address.

    Those that are retired too: see `open_places`.
    """
    rows = unit.settings.get("places") or []
    found = [
        Place(
            row["slug"], row["name"], row.get("find", ""), row.get("link", ""), tuple(row.get("forms") or AT_A_PLACE),
            int(row.get("travel", 0)), tuple(time.fromisoformat(each) for each in row.get("starts", ())),
            bool(row.get("retired")),
        )
        for row in rows
    ]  # fmt: skip
    address = unit.settings.get("address")
    if not found and address:
        found = [Place("hos-oss", str(address), forms=AT_A_PLACE)]
    return found


def open_places(unit: Unit) -> list[Place]:
    """Give the places where new meetings may be."""
    return [place for place in places_of(unit) if not place.retired]


def find_place(unit: Unit, slug: str | None) -> Place | None:
    """Give the place of that short name, or None."""
    return next((place for place in places_of(unit) if place.slug == slug), None)


def usual_place(unit: Unit, form: str) -> Place | None:
    """Give where a meeting of that form is held unless somebody says otherwise; None for forms without a place."""
    return next((place for place in open_places(unit) if form in place.forms), None) if form in AT_A_PLACE else None


def rules_of(unit: Unit) -> UnitRules:
    """Give what a unit allows of times: its hours, notice, bus-friendly starts and travel."""
    told, places = unit.settings.get("meetings") or {}, places_of(unit)
    starts = [Start(clock, place=place.slug) for place in places if not place.retired for clock in place.starts]
    base = UnitRules()
    return UnitRules(
        earliest=time.fromisoformat(told["earliest"]) if "earliest" in told else base.earliest,
        latest=time.fromisoformat(told["latest"]) if "latest" in told else base.latest,
        notice=timedelta(hours=told["notice_hours"]) if "notice_hours" in told else base.notice,
        starts=tuple(starts),
        travel=Travel({("", place.slug): place.travel for place in places}),
    )


def hours_of(house: House, unit: Unit | None) -> Hours:
    """Give when the bot may begin to write to a unit's people: the house's hours, narrowed by the unit's own."""
    told = (unit.settings.get("sending") or {}) if unit is not None else {}
    if not told:
        return house.hours
    starts = max(house.hours.starts, time.fromisoformat(told["from"]))
    ends = min(house.hours.ends, time.fromisoformat(told["to"]))
    return replace(house.hours, starts=starts, ends=ends) if starts < ends else house.hours


def policy_of(tx: Tx, house: House, unit: Unit) -> Policy:
    """Give what a unit has decided of reminders, with its roster."""
    told = unit.settings.get("reminders") or {}
    base = Policy()
    clock = {
        name: time.fromisoformat(told[name])
        for name in ("three_days_at", "day_before_at", "silence_at")
        if name in told
    }
    return Policy(
        off=frozenset(told.get("off", OFF_AT_FIRST)),
        three_days_at=clock.get("three_days_at", base.three_days_at),
        day_before_at=clock.get("day_before_at", base.day_before_at),
        silence_at=clock.get("silence_at", base.silence_at),
        hours=hours_of(house, unit),
        roster=roster.load(tx, unit.id),
    )


# --- how to reach the person ------------------------------------------------------------------------------------------


def state_of(who: Standing) -> State:
    """How things stand with a contact, as rules.consent asks."""
    return State(
        opted_out=who.opted_out_at is not None, erased=False, blocked=who.blocked_at is not None,
        resting=who.resting_since is not None, protected=who.protected,
    )  # fmt: skip


def best_way(house: House, ways: Sequence[Standing]) -> Standing | None:
    """Give the contact to write about a meeting on: where they wrote last, among those that we may write to later."""
    open_ways = [
        who
        for who in ways
        if who.channel in house.channels
        and house.channels[who.channel].reachable
        and may_go(KINDS["meeting"], state_of(who)).ok
    ]
    return open_ways[0] if open_ways else None


def held_by(house: House, ways: Sequence[Standing]) -> HeldBy | None:
    """What keeps every message of ours from a person; None when one of their contacts can be written to."""
    if best_way(house, ways) is not None:
        return None
    if any(who.protected for who in ways):
        return "protected"
    if any(who.resting_since is not None for who in ways):
        return "resting"
    return "stopped" if any(who.opted_out_at is not None for who in ways) else "unreachable"


# --- the plan ---------------------------------------------------------------------------------------------------------


class Known:
    """What the plans of many meetings read of the same units and people, asked for once a transaction."""

    def __init__(self, tx: Tx, house: House, meetings: Iterable[Appointment] = ()) -> None:
        self._tx, self._house = tx, house
        wanted = list(meetings)
        people = [each.participant_id for each in wanted]
        self._policies: dict[int, Policy] = {}
        self._choices: dict[int, Choices] = {}
        self.to_ask: set[int] = set()  # meetings of which a question is due: bot.actions.rating_asking's to put
        self._ways = contacts.list_of_many(tx, people) if wanted else {}
        self._wishes = {**dict.fromkeys(people, Wish()), **wishes.of_many(tx, people)} if wanted else {}
        self._done = appointments.done(tx, [each.id for each in wanted]) if wanted else {}
        self._looked = {each.id for each in wanted}

    def policy(self, unit_id: int) -> Policy:
        """What a unit has decided of reminders."""
        if unit_id not in self._policies:
            self._policies[unit_id] = policy_of(self._tx, self._house, units.get_unit(self._tx, unit_id))
        return self._policies[unit_id]

    def choices(self, unit_id: int) -> Choices:
        """What a unit has chosen of questions about sessions."""
        if unit_id not in self._choices:
            self._choices[unit_id] = Choices.of(units.get_unit(self._tx, unit_id).settings)
        return self._choices[unit_id]

    def ways(self, participant_id: int) -> list[Standing]:
        """A person's contacts, the one heard from last first."""
        if participant_id not in self._ways:
            self._ways[participant_id] = contacts.list_of(self._tx, participant_id)
        return self._ways[participant_id]

    def wish(self, participant_id: int) -> Wish:
        """What a person wants of reminders."""
        if participant_id not in self._wishes:
            self._wishes[participant_id] = wishes.of_reminders(self._tx, participant_id)
        return self._wishes[participant_id]

    def done(self, each: Appointment) -> set[str]:
        """What of the plan of the version that stands was done when this began."""
        if each.id not in self._looked:
            self._looked.add(each.id)
            self._done |= appointments.done(self._tx, [each.id])
        return self._done.get((each.id, each.version), set())

    def note(self, each: Appointment, kind: str) -> None:
        """One more thing of its plan has been done."""
        self._done[each.id, each.version] = self.done(each) | {kind}


def meeting_of(tx: Tx, house: House, each: Appointment, known: Known) -> Meeting:
    """Give a meeting as rules.reminders reckons with it."""
    return Meeting(
        starts=each.starts,
        ends=each.ends,
        booked_at=each.booked_at,
        changed_at=each.changed_at,
        answered=each.answer,  # type: ignore[arg-type]
        version=each.version,
        cancelled=each.state == "cancelled",
        told=each.told,
        staff=each.staff_id,
        outcome=each.outcome,  # type: ignore[arg-type]
        marked_at=each.marked_at,
        misses_before=appointments.misses_before(tx, each) if each.outcome == "missed" else 0,
        held_by=held_by(house, known.ways(each.participant_id)),
        wish=known.wish(each.participant_id),
    )


def plan_of(tx: Tx, house: House, each: Appointment, now: datetime, known: Known | None = None) -> Plan:
    """Give all that is said about a meeting, and what is not and why: what a page shows and the sweep goes by."""
    known = known or Known(tx, house)
    meeting, policy = meeting_of(tx, house, each, known), known.policy(each.unit_id)
    found = plan(meeting, policy, None, now)
    asking = _asking(tx, each, now, known)
    return found if asking is None else with_questions(found, meeting, policy, asking, now)


def _asking(tx: Tx, each: Appointment, now: datetime, known: Known) -> Asking | None:
    """What is to be asked about a session; None where nothing can be, which costs no question to the store."""
    choices, over = known.choices(each.unit_id), each.outcome is not None
    if each.state != "booked" or not (over or choices.before_by_message):
        return None
    told = next(untold(tx, each.id), None) if over else None
    return Asking(
        after=choices.after,
        before=choices.before_by_message,
        within=timedelta(minutes=choices.within_minutes),
        others_read=any(who.read_by_others for who in known.ways(each.participant_id)),
        done=frozenset(known.done(each)),
        changed_at=told.closed_at if told is not None else None,
    )


def untold(tx: Tx, appointment_id: int) -> Iterator[rating_tasks.Task]:
    """Give a session's tasks that staff closed with words for the person, who has not been asked whether to hear."""
    theirs = [each.id for each in ratings.list_for_sessions(tx, [appointment_id])]
    tasks = rating_tasks.list_of_ratings(tx, theirs) if theirs else {}
    yield from (task for task in tasks.values() if task.changed and task.told is None)


# --- what a text may say ----------------------------------------------------------------------------------------------


def facts_of(tx: Tx, house: House, each: Appointment) -> dict[str, Any]:
    """Give what a text may say of a meeting. Where another reads the phone, it says neither place nor name nor link."""
    unit = units.get_unit(tx, each.unit_id)
    place = find_place(unit, each.place)
    who = participants.get(tx, each.participant_id)
    hidden = who.read_by_others or who.protected
    name = staff.names(tx, each.unit_id).get(each.staff_id)
    return {
        "starts": each.starts.isoformat(),
        "ends": each.ends.isoformat(),
        "minutes": each.minutes,
        "form": each.form,
        "staff_name": None if hidden else name,
        "place": None if hidden else each.place,
        "where": None if hidden else _where(place, each.details),
        "link": None if hidden or place is None else place.link or None,
        "find": None if hidden or place is None else place.find or None,
        "page": None if hidden else page_of(tx, house, each),
        "asks": asks(each) != "",
        "light": _light(unit, each, house.hours.zone),
        "plan_b": each.details.get("plan_b") or "",
    }


def _light(unit: Unit, each: Appointment, zone: str) -> list[str] | None:
    """From when until when it is light on the day of a walk, as moments; None where nobody can say."""
    position = str(unit.settings.get("position") or "")
    if each.form != "walk_and_talk" or not position:
        return None
    north, east = (float(part) for part in position.split(","))
    light = daylight(to_local(each.starts, zone).date(), north, east, zone)
    return None if light is None else [moment.isoformat() for moment in light]


def may_remind_same_day(tx: Tx, house: House, each: Appointment, now: datetime) -> bool:
    """Whether a reminder on the same day would go out, if the person wants one: else it is not offered."""
    known = Known(tx, house)
    wanting = replace(meeting_of(tx, house, each, known), wish=Wish(same_day=True))
    items = plan(wanting, known.policy(each.unit_id), None, now).items
    return any(item.kind == "same_day" and item.when > now for item in items)


def asks(each: Appointment) -> str:
    """What a message about a meeting asks: "confirm", "go_on" (whether they want a new time), or "" for nothing."""
    if each.cancelled_by == "staff" or each.outcome in ("missed", "we_failed"):
        return "go_on"
    return "confirm" if each.state == "booked" and each.answer is None else ""


def told_of(tx: Tx, house: House, each: Appointment, now: datetime) -> dict[str, Any]:
    """Give a meeting as a talk knows it (flows.commands_meetings.LookAtMeetings)."""
    facts = facts_of(tx, house, each)
    shown = {key: facts[key] for key in ("starts", "ends", "minutes", "form", "place", "where", "link", "find", "page")}
    told = each.told or appointments.word_of(tx, each) is not None
    zone = house.hours.zone
    return shown | {
        "id": each.id,
        "version": each.version,
        "staff": each.staff_id,
        "plan_b": facts["plan_b"],
        "name": facts["staff_name"],
        "answer": each.answer,
        "told": told,
        "today": to_local(each.starts, zone).date() == to_local(now, zone).date(),
    }


def page_of(tx: Tx, house: House, each: Appointment) -> str | None:
    """Give the address of the meeting's own page, as a text says it; None where pages have no address."""
    if not house.info_link:
        return None
    return f"{house.info_link.removesuffix('info')}{page_links.token_of(tx, each.id)}"


def _where(place: Place | None, details: Mapping[str, Any]) -> str | None:
    if place is not None:
        return place.name
    where = details.get("where")
    return str(where) if where else None
