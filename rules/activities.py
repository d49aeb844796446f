"""A group activity as staff write it: what must be there, what cannot be, and by when people answer.

Every fault is told by its field before anything is kept or sent.
"""

from datetime import datetime, time, timedelta
from typing import Final

from rules.calendar import STOCKHOLM, is_working_day, to_local, to_utc

LEAST, PLACES = 3, 7
"""A group of three to seven: larger ones silenced people (the four programmes that the design builds on)."""

MOST_PLACES: Final = 40
"""More is a meeting for everybody, which needs no places. Our choice."""

SHORTEST, LONGEST, USUAL = 15, 720, 90
"""Minutes of an activity: at least a quarter of an hour, at most a long day; an hour and a half when nobody says."""

AHEAD_DAYS: Final = 731
"""How far ahead one can be planned: two years, as a series."""

ANSWER_DAYS: Final = 2
"""So many days before it, or more, is the last day to answer: staff have time to hold, move or cancel. Our choice."""

ANSWER_CLOCK: Final = time(17)
"""When that day ends, local time: as the reminders go (design 9)."""

TIME_TO_ANSWER: Final = timedelta(hours=12)
"""The least time that anybody gets to answer, where the start allows: a night's sleep. Our choice."""


def last_answer(starts: datetime, now: datetime, zone: str = STOCKHOLM) -> datetime:
    """Propose the last moment (UTC) to answer: 17.00 on the last working day at least two days before the start.

    When that is too near, 17.00 the day before; else three hours before; and when that leaves less than TIME_TO_ANSWER
    too, half of the time that is left.
    """
    day = to_local(starts, zone).date()
    early = day - timedelta(days=ANSWER_DAYS)
    while not is_working_day(early):
        early -= timedelta(days=1)
    for moment in (
        to_utc(early, ANSWER_CLOCK, zone),
        to_utc(day - timedelta(days=1), ANSWER_CLOCK, zone),
        starts - timedelta(hours=3),
    ):
        if moment >= now + TIME_TO_ANSWER:
            return moment
    return now + (starts - now) / 2


def advice(places: int, least: int) -> tuple[str, ...]:
    """Give what staff should know of a group of that size: advice, never a fault."""
    notes = []
    if places > PLACES:
        notes.append(f"I grupper med fler än {PLACES} blir en del tysta.")
    if least < LEAST:
        notes.append(f"Med färre än {LEAST} kan det kännas utsatt.")
    return tuple(notes)
