"""A walk, in the person's own rhythm: a part of the day, a time, how long, and what if it rains.

They ask for it ("promenad"), staff offer it, or a time opened that somebody waits for.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.asks import Picked, YesNo
from flows.asks_meetings import ChooseOrTime, Length, YesOrTime, wished
from flows.asks_times import PartOfDay, lies_in
from flows.commands_meetings import SetReminders
from flows.finding_time import MOST_ROUNDS, Offer, Search, agree_on_a_time, book_it, keep_wish
from flows.meeting_roads import FORM, USUAL, facts_of
from flows.person import Person
from flows.steps import Ask, Do, Say, Step, Talk

LONGEST: Final = 60
"""Minutes: times are offered that have room for any length, for that is chosen after the time."""

PARTS: Final = ("morning", "after_lunch", "later", "any")
PLANS: Final = ("indoors", "phone", "none")


def walk_and_talk(person: Person) -> Talk:
    """The talk from "promenad" to a booked walk. Outcomes: booked, wish_kept, declined."""
    asked_by = person.extra.get("asked_by", "person")
    search = Search(FORM, USUAL, said=str(person.extra.get("said", "")), room=LONGEST)
    search.words = search.said
    answer: Mapping[str, Any] = {"wish": "yes", "wanted": person.extra.get("wanted"), "said": search.said}
    offer = person.extra.get("offer")
    if offer is not None:
        facts = {"name": person.name, "starts": offer["starts"], "staff_name": offer["name"], "where": offer["where"]}
        facts |= {"minutes": search.minutes, "form": FORM}
        answer = wished((yield Ask("offer", YesOrTime(), message="appointment/offer_from_wish", facts=facts)))
    elif asked_by == "staff":
        answer = wished((yield Ask("walk", YesOrTime(), facts={"name": person.name})))
    if answer["wish"] == "no":
        yield Say("appointment/another_time")
        return "declined"
    if offer is not None and _means_another(answer, offer):
        search.shown.append((offer["starts"], offer["staff"]))
        offer = None
    if offer is None:
        yield from _part_of_day(search, answer)
    booked = yield from _booked(search, offer)
    if booked is None:
        yield from keep_wish(search)
        return "wish_kept"
    yield Say("booked", **facts_of({**booked, "form": FORM, "minutes": search.minutes}))
    if person.extra.get("same_day") is None and booked.get("remind", True):
        wants = yield Ask("reminder", YesNo(), skippable=True, moves_on=True)
        if isinstance(wants, bool):
            yield Do(SetReminders(same_day=wants))
            yield Say("reminder_set" if wants else "no_reminder")
    return "booked"


def _means_another(answer: Mapping[str, Any], offer: Offer) -> bool:
    """Whether another time was asked for than the one that was offered."""
    wanted = answer["wanted"]
    return not lies_in(offer["starts"], wanted) if wanted is not None else answer["wish"] == "move"


def _part_of_day(search: Search, named: Mapping[str, Any]) -> Generator[Step, Any, None]:
    """When on a day; not asked of those who named a time already."""
    if named["wanted"] is not None:
        search.wish(named["wanted"], named["said"])
        return
    answer = yield Ask("part", PartOfDay(PARTS))
    if "wanted" in answer:
        search.wish(answer["wanted"], answer["said"])
    else:
        search.part = None if answer["part"] == "any" else answer["part"]


def _booked(search: Search, offer: Offer | None) -> Generator[Step, Any, Offer | None]:
    """A time, then the walk itself; where the time went meanwhile, another time and nothing asked twice."""
    how = _How()
    for _ in range(MOST_ROUNDS):
        if offer is None:
            offer = yield from agree_on_a_time(search)
        if offer is None:
            return None
        if better := (yield from _asks_how(how)):
            _thinks_better(search, offer, better)
            offer = None
            continue
        search.minutes, search.room = how.minutes or search.minutes, 0
        booked: Offer = yield Do(book_it(search, offer, plan_b=how.plan_b or ""))
        if booked["booked"]:
            return booked
        search.shown.append((offer["starts"], offer["staff"]))
        offer, search.offered = None, "gone"
    return None


def _thinks_better(search: Search, offer: Offer, answer: Mapping[str, Any]) -> None:
    """They chose a time, and cannot then: look for another."""
    search.shown.append((offer["starts"], offer["staff"]))
    if answer["wanted"] is not None:
        search.wish(answer["wanted"], answer["said"])
    else:
        search.offered = "move"


@dataclass(slots=True)
class _How:
    """What is known of the walk besides its time; None until it was asked. 0 minutes: as long as usual."""

    minutes: int | None = None
    plan_b: str | None = None


def _asks_how(how: _How) -> Generator[Step, Any, Mapping[str, Any] | None]:
    """How long, and what if it rains. Both may be skipped. A wish for another time comes back as it is."""
    if how.minutes is None:
        length = yield Ask("length", Length(), skippable=True)
        if isinstance(length, Mapping):
            return length
        how.minutes = length if isinstance(length, int) else 0
    if how.plan_b is None:
        plan = yield Ask("plan_b", ChooseOrTime("plan_b", PLANS), skippable=True)
        if isinstance(plan, Mapping):
            return plan
        how.plan_b = plan.key if isinstance(plan, Picked) and plan.key else ""
    return None
