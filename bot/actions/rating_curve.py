"""A person's ratings as points of the drawing: one a rating that was asked for and is over.

For staff's page of a person and for the person's own. What can still be answered is not drawn: it is not missing yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.actions.house import House
from messages.page_words import PageWords, page_words
from messages.rating_points import Point
from rules.calendar import to_local
from storage import appointments, ratings, unit_scales
from storage.db import Tx
from storage.ratings import Rating
from storage.unit_scales import Licensed


def points_of(
    tx: Tx, house: House, participant_id: int, *, for_staff: int | None = None, words: PageWords | None = None
) -> list[Point]:
    """Give a person's points; with `for_staff` without what the person chose to keep from that staff member.

    In `words`; in the Swedish ones unless they are given.
    """
    words = words or page_words()
    found = [each for each in ratings.list_of(tx, participant_id, for_staff=for_staff) if not each.is_open]
    starts = {meeting.id: meeting.starts for meeting in appointments.list_of_person(tx, participant_id)}
    licensed = {unit: unit_scales.list_of(tx, unit) for unit in {each.unit_id for each in found}}
    return [_point(house, each, _day(each, starts), texts_of(each, licensed[each.unit_id], words)) for each in found]


def texts_of(rating: Rating, licensed: Mapping[str, Licensed], words: PageWords) -> str:
    """Say which questions a rating was asked in: the program's own, or whose licence."""
    if rating.instrument == "own":
        return words.plain("curve.own_texts")
    held = licensed.get(rating.scale)
    same = held is not None and held.version == rating.version
    if held is None or not same:
        return rating.instrument
    return words.plain("curve.licence", instrument=rating.instrument, holder=held.holder)


def _point(house: House, rating: Rating, day: date, texts: str) -> Point:
    scale = house.scales.get(rating.scale)
    keys: Sequence[str] = scale.keys if scale is not None else sorted(rating.items)
    return Point(
        session=rating.appointment_id or rating.id,
        day=day,
        role=rating.role,  # type: ignore[arg-type]  # the column holds these three
        instrument=rating.instrument,
        items=tuple(rating.items.get(key) for key in keys) or (None,),
        total=rating.total,
        mode=rating.mode if rating.state in ratings.GIVEN else None,  # type: ignore[arg-type]
        scale=rating.scale,
        version=rating.version,
        texts=texts,
        episode=rating.episode,
        mark=rating.mark,
        reliable=_number(rating.marks.get("reliable")),
        straight=rating.straight,
        state=rating.state,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _day(each: Rating, starts: Mapping[int, datetime]) -> date:
    """The day of its session, in the meeting's own time; of a check-in when it was asked."""
    begun = starts.get(each.appointment_id) if each.appointment_id is not None else None
    return to_local(begun or each.asked_at).date()
