"""Beginning the talks about a session when their time has come, or writing down why they were not begun.

When is for rules.rating_times to say. Here is asked what only the moment knows: whether the person is in the middle of
another talk, and how much they have had this week.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import meetings, rating_keeping, reminding, talks
from bot.actions.house import House
from bot.actions.meetings import Known
from bot.actions.scene import Scene
from messages.scales import Scale, in_language
from rules.budget import held_by_budget
from rules.kinds import kind
from rules.rating_times import QUESTIONS
from rules.reminders import Item
from storage import (
    appointments,
    budget,
    contacts,
    conversations,
    rating_links,
    rating_tasks,
    ratings,
    roster,
    staff,
    units,
)
from storage.appointments import Appointment
from storage.contacts import Standing
from storage.db import Tx
from storage.ratings import Rating

FEEDBACK, CHANGED = "session_feedback", "what_changed"
OURS: Final = (FEEDBACK, CHANGED)
"""The flows that are begun here."""

A_WEEK: Final = timedelta(days=7)
A_MOMENT: Final = timedelta(minutes=1)
"""How soon to look again at somebody whose turn is being taken right now."""


def ask_due(tx: Tx, house: House, each: Appointment, now: datetime, known: Known) -> int:
    """Begin what is due about one meeting, and set when to look again; give how many talks began."""
    plan, before, count = meetings.plan_of(tx, house, each, now, known), known.done(each), 0
    looks = [reminding.next_look(plan, now)]
    for item in plan.due(now):
        if item.kind in QUESTIONS and item.kind not in before:
            again = _begin(tx, house, each, item, now, known)
            count += again is None
            looks.append(again)
    appointments.look_next(tx, each.id, min((look for look in looks if look is not None), default=None))
    return count


def _begin(tx: Tx, house: House, each: Appointment, item: Item, now: datetime, known: Known) -> datetime | None:
    """Begin the talk of one item; when to look again where it could not be begun now."""
    best = meetings.best_way(house, known.ways(each.participant_id))
    if best is None:
        return item.expires
    if not contacts.take_turn_if_free(tx, best.contact_id):
        return now + A_MOMENT
    who = contacts.get(tx, best.contact_id)
    if who.status == "exited":
        return _not_asked(tx, each, item, "left", now, known)
    until = _waits(tx, house, who, each.participant_id, now)
    if until is not None:
        at, why = until
        return at if at < item.expires else _not_asked(tx, each, item, why, now, known)
    begun = _tell(tx, house, who, each, item, now) if item.kind == "what_changed" else _ask(
        tx, house, who, each, item, now
    )  # fmt: skip
    if not begun:
        return _not_asked(tx, each, item, "given", now, known)
    appointments.note_done(tx, now, each, item.kind, "queued")
    known.note(each, item.kind)
    return None


def _waits(tx: Tx, house: House, who: Standing, participant_id: int, now: datetime) -> tuple[datetime, str] | None:
    """Until when a person is left alone now, and why: in the middle of something, or enough this week."""
    if who.talk is not None and who.talk.state == "open" and who.talk.touched_at + reminding.IN_THE_MIDDLE > now:
        return who.talk.touched_at + reminding.IN_THE_MIDDLE, "busy"
    reached = budget.reached_lately(tx, {participant_id}, now - A_WEEK, now).get(participant_id, [])
    until = held_by_budget(kind("follow_up"), reached, now, per_week=house.budget_per_week, zone=house.hours.zone)
    return None if until is None else (until, "budget")


def _not_asked(tx: Tx, each: Appointment, item: Item, why: str, now: datetime, known: Known) -> datetime:
    """Write down why it is not asked, so that staff can read it; what stands in its place is looked for at once."""
    name = f"no_{item.kind}_{why}"
    if item.kind == "what_changed":
        name = "no_change_left" if why == "left" else "no_change_late"
    appointments.note_done(tx, now, each, name, "expired")
    known.note(each, name)
    return now


# --- the talks --------------------------------------------------------------------------------------------------------


def _ask(tx: Tx, house: House, who: Standing, each: Appointment, item: Item, now: datetime) -> bool:
    role = item.kind
    rating_id = rating_keeping.ask(tx, house, each, role, now, rating_keeping.mode_of(who.channel))
    if rating_id is None:
        return False
    scene = Scene(
        tx, house, who, now, f"rating:{rating_id}", begun_as="follow_up", begun_why=f"{role}_session",
        begun_until=item.expires,
    )  # fmt: skip
    talks.begin(scene, FEEDBACK, after=_behind(who), **facts_of(tx, house, who, each, role, rating_id, now))
    scene.flush()
    return True


def facts_of(
    tx: Tx, house: House, who: Standing, each: Appointment, role: str, rating_id: int, now: datetime
) -> dict[str, Any]:
    """Give what the talk about a session knows from its first moment. No name where others read the phone."""
    unit, nameless = units.get_unit(tx, each.unit_id), who.read_by_others
    scale = rating_keeping.scale_for(tx, house, unit, role)
    met = None if nameless else staff.names(tx, each.unit_id).get(each.staff_id)
    reader = rating_keeping.reader_of(tx, unit, each.staff_id, now, nameless=nameless)
    said = {language: _said(in_language(scale, language), met) for language in house.catalog.languages()}
    mine = said.get(who.language, said["sv"])
    items = [
        {"key": key, **mine[key], "by_language": {language: words[key] for language, words in said.items()}}
        for key in scale.keys
    ]
    return {
        "rating": rating_id,
        "role": role,
        "items": items,
        "reader": reader.name,
        "read_by": None if reader.by is None else reader.by.isoformat(),
        "others": bool(rating_keeping.others(roster.load(tx, each.unit_id), each.staff_id, now)),
        "answer_link": None if nameless or who.protected else _link(tx, house, each, rating_id),
        "echo": not nameless,
    }


def _said(scale: Scale, met: str | None) -> dict[str, dict[str, str]]:
    """The words of each item, by its key."""
    return {one.key: {"question": one.asked(met), "low": one.low, "high": one.high} for one in scale.items}


def _link(tx: Tx, house: House, each: Appointment, rating_id: int) -> str | None:
    """The page with the lines; None where pages have no address."""
    rating = ratings.find(tx, rating_id)
    if not house.info_link or rating is None:
        return None
    token = rating_links.make(tx, "answer", each.participant_id, rating_id, rating.expires_at)
    return f"{house.info_link.removesuffix('info')}{token}"


def _tell(tx: Tx, house: House, who: Standing, each: Appointment, item: Item, now: datetime) -> bool:
    for task in meetings.untold(tx, each.id):
        rating = ratings.find(tx, task.rating_id)
        begin_told(tx, house, who, task, rating, now, item.expires)
        return True
    return False


def begin_told(
    tx: Tx, house: House, who: Standing, task: rating_tasks.Task, about: Rating | None, now: datetime, until: datetime
) -> None:
    """Ask whether they want to know what staff did; of no use after `until` (UTC). `about`: what it is about."""
    wrote, met = bool(about and about.comment), about is None or about.appointment_id is not None
    scene = Scene(
        tx, house, who, now, f"changed:{task.item_id}:ask", begun_as="follow_up", begun_why="what_changed",
        begun_until=until,
    )  # fmt: skip
    talks.begin(scene, CHANGED, after=_behind(who), item=task.item_id, wrote=wrote, met=met)
    scene.flush()
    rating_tasks.note_told(tx, task.item_id, "asked")


def rest(tx: Tx, talk_id: int, now: datetime) -> None:
    """Let a talk of ours lie: it asks and nudges no more by itself."""
    conversations.set_state(tx, talk_id, "resting", now)


def _behind(who: Standing) -> int | None:
    """The talk that comes back after ours. One of ours that nobody went on with does not."""
    if who.talk is None:
        return None
    return talks.behind(who.talk) if who.talk.flow in OURS else who.talk.id
