"""Talks about a meeting that we begin: staff offer a walk, or a time has opened for one who waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from bot.actions import meetings, offering, talks
from bot.actions.house import House
from bot.actions.scene import Scene
from rules.slots import Offer
from storage import busy, contacts, conversations, participants, units, wishes
from storage.db import Tx
from storage.units import Unit
from storage.wishes import MOST_ASKED, TimeWish

KEPT: Final = timedelta(hours=24)
"""How long a time that opened is kept for the one who was asked. Our choice: a night to think."""

LEAST_LEFT: Final = timedelta(hours=4)
"""A time that opens this near is not offered by itself: the person would have to answer at once. Our choice."""

DECLINED: Final = ("walk_and_talk", "declined")
"""What the last talk of somebody came to who did not want the time: they write when they want one, as we told them."""


def begin(tx: Tx, house: House, participant_id: int, cause: str, now: datetime, **extra: Any) -> bool:
    """Begin the talk that books a walk with a person; False when nothing of ours can reach them, or a talk is open."""
    who = meetings.best_way(house, contacts.list_of(tx, participant_id))
    if who is None or (who.talk is not None and who.talk.state == "open"):
        return False
    scene = Scene(tx, house, who, now, cause, begun_as="meeting")
    talks.begin(scene, "walk_and_talk", after=who.talk.id if who.talk else None, said="", **extra)
    scene.flush()
    return True


def offer_to_waiting(tx: Tx, house: House, unit: Unit, now: datetime) -> int:
    """Ask those who wait for a time about one that has opened, who waited longest first; give how many were asked.

    A time is kept for whom it was offered to. An offer that ran out or was declined goes to the next; nobody is asked
    more than three times.
    """
    count = 0
    for wish in wishes.list_open(tx, unit.id):
        match _next(tx, house, unit, wish, now):
            case Offer() as found:
                count += _ask(tx, house, unit, wish, found, now)
            case "over":
                busy.let_go(tx, wish.participant_id)
                wishes.close(tx, wish.participant_id)
            case "waits on":
                busy.let_go(tx, wish.participant_id)
                wishes.wait_on(tx, wish.id)
    return count


def is_any_ready(tx: Tx, house: House, unit: Unit, now: datetime) -> bool:
    """Whether `offer_to_waiting` has anything to do; reads only."""
    return any(_next(tx, house, unit, wish, now) is not None for wish in wishes.list_open(tx, unit.id))


def _next(
    tx: Tx, house: House, unit: Unit, wish: TimeWish, now: datetime
) -> Offer | Literal["over", "waits on"] | None:
    """What is to become of a wish: an offer, the end of it, another wait after one that ran out, or nothing now."""
    if wish.state != "asked":
        return "over" if wish.asked >= MOST_ASKED else _fitting(tx, house, unit, wish, now)
    if conversations.last_of(tx, wish.participant_id) == DECLINED:
        return "over"
    if wish.asked_at is None or now - wish.asked_at < KEPT:
        return None
    return "over" if wish.asked >= MOST_ASKED else "waits on"


def _ask(tx: Tx, house: House, unit: Unit, wish: TimeWish, found: Offer, now: datetime) -> bool:
    place = meetings.usual_place(unit, str(wish.need.get("form") or "walk_and_talk"))
    (offer,) = offering.offered(tx, unit, wish.participant_id, [found], None if place is None else place.slug)
    try:
        hold = busy.hold(tx, now, wish.participant_id, found.staff, (found.starts, found.ends), found.takes)
    except busy.Taken:
        return False
    until = min(now + KEPT, found.starts - LEAST_LEFT / 2)
    busy.keep_until(tx, hold, until)
    asked = begin(
        tx, house, wish.participant_id, f"wish:{wish.id}:{wish.asked + 1}", now, asked_by="wish", offer=offer,
    )  # fmt: skip
    if not asked:
        busy.let_go(tx, wish.participant_id)
        return False
    wishes.asked(tx, now, wish.id)
    return True


def _fitting(tx: Tx, house: House, unit: Unit, wish: TimeWish, now: datetime) -> Offer | None:
    """A free time that is as they wished; None when there is none, or nobody would be there to ask."""
    if participants.find(tx, wish.participant_id) is None:
        return None
    need = wish.need
    found = offering.find(
        tx, house, wish.participant_id, unit, form=str(need.get("form") or "walk_and_talk"),
        minutes=int(need.get("minutes") or 40), now=now, part=need.get("part"), wanted=need.get("wanted"),
    )  # fmt: skip
    return next((each for each in found if each.fits and each.starts - now >= LEAST_LEFT), None)


def units_with_waiting(tx: Tx) -> list[Unit]:
    """Give the units where somebody waits for a time."""
    return [unit for unit in units.list_units(tx) if wishes.is_any(tx, unit.id)]
