"""A unit's own check-ins: which one a person is due, counted from when their present time with us began.

Nothing is asked by message: staff see what is due and fill it in together with the person. A check-in lies in the
ratings without a session; which month it is of follows from the day that it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.actions import rating_keeping
from bot.actions.house import House
from messages.scales import Scale
from rules import check_ins
from rules.calendar import to_local, to_utc
from rules.check_ins import CheckIn
from storage import exits, participants, ratings, referrals, units
from storage.db import Tx
from storage.participants import Participant
from storage.ratings import Rating


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands with one scale. `now`: what can be given today; `rating`: what it has got so far."""

    scale: Scale
    now: CheckIn | None
    rating: Rating | None
    next: CheckIn | None

    @property
    def may_give(self) -> bool:
        """Whether one is due, and neither given nor declined."""
        return self.now is not None and (self.rating is None or self.rating.is_open)


def began(tx: Tx, house: House, person: Participant) -> date | None:
    """The local day when a person's present time with us began; None for one who has none now.

    Their first sign-up; after an exit that holds the first one since; the first contact of one whom staff took in
    without any. An exit taken back ended nothing, and to move between units begins nothing: `episode_of` counts alike.
    """
    if person.status not in ("referred", "active"):
        return None
    left = exits.find_latest(tx, person.id)
    at = referrals.first_at(tx, person.id, left.at if left else None) or (left.at if left else person.created_at)
    return to_local(at, house.hours.zone).date()


def standings(tx: Tx, house: House, person: Participant, now: datetime) -> list[Standing]:
    """How a person stands with each check-in of the house, in the files' order; none for one who is not with us."""
    slugs = [slug for slug, scale in house.scales.items() if scale.role == "check_in"]
    start = began(tx, house, person) if slugs and person.unit_id is not None else None
    if start is None or person.unit_id is None:
        return []
    unit, given = units.get_unit(tx, person.unit_id), ratings.list_check_ins(tx, person.id)
    scales = [rating_keeping.worded(tx, house, unit, slug) for slug in slugs]
    return [_standing(house, scale, start, given, now) for scale in scales if scale is not None]


def _standing(house: House, scale: Scale, start: date, given: list[Rating], now: datetime) -> Standing:
    zone = house.hours.zone
    due, today = check_ins.all_of(scale.months, start), to_local(now, zone).date()
    here = check_ins.open_on(due, today)
    mine = [
        each
        for each in given
        if here and each.scale == scale.slug and here.is_open_on(to_local(each.asked_at, zone).date())
    ]
    return Standing(scale, here, mine[-1] if mine else None, check_ins.next_after(due, today))


def find(tx: Tx, house: House, person: Participant, slug: str, now: datetime) -> Standing | None:
    """How a person stands with one check-in; None where it is none of their unit's."""
    return next((each for each in standings(tx, house, person, now) if each.scale.slug == slug), None)


def find_or_ask(tx: Tx, house: House, person: Participant, slug: str, now: datetime, mode: str) -> Rating | None:
    """Give the rating of the check-in that is due, asked for now where nobody has: one a person, scale and month.

    None where nothing can be given. One that was asked in words that the file no longer has is asked anew.
    """
    participants.hold(tx, person.id)
    mine = find(tx, house, person, slug, now)
    if mine is None or mine.now is None or person.unit_id is None or not mine.may_give:
        return None
    if mine.rating is not None and mine.rating.version == mine.scale.version:
        return mine.rating
    if mine.rating is not None:
        ratings.expire(tx, mine.rating.id)
    ends = to_utc(mine.now.last + timedelta(days=1), time(0), house.hours.zone)
    wanted = ratings.Wanted(
        person.id, person.unit_id, None, "check_in", slug, mine.scale.version, mine.scale.instrument, ends, mode
    )
    made = ratings.ask(tx, now, wanted)
    return None if made is None else ratings.find(tx, made)
