"""Messages to many, as pages and sweeps use them: who gets it and what they read, out, back, and the next wave.

    audience      who gets it, who does not and why, what each will read, what it costs at most; sends nothing
    release       out: two minutes to undo it, and a second pair of eyes above a number
    approve, undo, stop
    next_wave     the next ones are invited, if it is time
    read_list     a list of staff's own: names or numbers, every bad line named

What each part does stands in the sending_*.py beside this.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.actions.house import House
from bot.actions.sending_audience import Asked, Audience, LeftOut, people_for
from bot.actions.sending_job import MOST_SEGMENTS, CannotSend, Choice, check, second_above
from bot.actions.sending_lists import BadLine, OwnList, read_list
from bot.actions.sending_release import (
    UNDO,
    Ended,
    Next,
    Released,
    approve,
    follow,
    next_one,
    queue_more,
    release,
    span,
    stop,
    undo,
    wave_of,
)
from bot.actions.sending_words import Preview, previews
from storage.activities import Activity
from storage.db import Tx
from storage.units import Unit

__all__ = [
    "UNDO", "Asked", "Audience", "BadLine", "CannotSend", "Choice", "Ended", "LeftOut", "Next", "OwnList", "Plan",
    "Preview", "Released", "approve", "audience", "follow", "next_wave", "queue_more", "read_list", "release", "stop",
    "undo",
]  # fmt: skip

SHOWN: Final = 200
"""So many messages are written out for staff to see, and counted exactly; of more, the rest is reckoned at its most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go out if somebody pressed now.

    people      who gets it, with what each will read: `previews`, in the same order, the first SHOWN of them
    segments    of SMS in all, at most; `ore_at_most` what they cost, None where no price is set
    needs_two   whether a second member of staff has to say yes
    wait        why nobody is asked at this moment, though somebody is left to ask; else ""
    goes_at     when the first message goes (UTC): when the two minutes are over, or the sending hours begin
    """

    people: Audience
    previews: tuple[Preview, ...]
    segments: int
    ore_at_most: int | None
    needs_two: bool
    wait: str = ""
    goes_at: datetime | None = None


def audience(tx: Tx, house: House, unit: Unit, choice: Choice, now: datetime, readable: Collection[int] = ()) -> Plan:
    """Give who gets it, who does not and why, and what each will read. Sends nothing; raises CannotSend.

    `readable` are the people with protected identity whom the one who looks may read.
    """
    activity = check(tx, house, unit, choice, now)
    who = people_for(tx, house, unit, choice, now, readable)
    count, wait = len(who.later), ""
    if activity is not None:
        wave = wave_of(tx, activity, who, now)
        count, wait = wave.ask, "" if wave.ask else wave.why_sv
    who = who.first(count)
    goes_at, _ = span(tx, house, unit.id, choice.activity_id, now + UNDO)
    shown = previews(tx, house, choice, who.now[:SHOWN], goes_at)
    sms = sum(house.channels[each.channel].style == "sms" for each in who.now[SHOWN:])
    segments = sum(each.segments for each in shown) + sms * MOST_SEGMENTS
    cost = segments * house.segment_ore if house.segment_ore else None
    return Plan(who, shown, segments, cost, len(who.now) > second_above(unit), wait, goes_at)


def next_wave(tx: Tx, house: House, activity: Activity, now: datetime) -> Next:
    """Invite the next ones, if answers are in or time ran out; see Next. For the sweep, which may ask at any time."""
    return next_one(tx, house, activity, now)
