"""A group activity as staff write it: what must be there, what cannot be, and by when people answer.

Every fault is told by its field before anything is kept or sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from rules.bad_input import BadInput
from rules.calendar import STOCKHOLM, is_working_day, swedish_moment, to_local, to_utc

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

_TEXTS: Final = {"what": 60, "where": 60, "how": 160}  # characters: each fits a line of an SMS of two parts
_NAMES_SV: Final = {"what": "Vad ni ska göra", "where": "Var ni ses", "how": "Hur det är där"}
_MUST: Final = ("what", "where")


@dataclass(frozen=True, slots=True)
class Activity:
    """One occasion. Moments are UTC; `how` is how it is there ("vi är fem personer"), `leader` a staff member's id.

    `least`: with fewer yeses by `answer_by`, staff choose to hold, move or cancel. `notes_sv`: advice, never a fault.
    """

    what: str
    where: str
    starts: datetime
    answer_by: datetime
    minutes: int = USUAL
    places: int = PLACES
    least: int = LEAST
    how: str = ""
    leader: int | None = None
    notes_sv: tuple[str, ...] = ()


FIELDS: Final = ("what", "where", "how", "starts", "minutes", "places", "least", "answer_by", "leader")


def read_activity(given: Mapping[str, Any], now: datetime, *, said_yes: int = 0, zone: str = STOCKHOLM) -> Activity:
    """Make an activity of what was given, with the usual values for what was not (None or missing).

    `said_yes` is how many are in already, when one is changed. Raises BadInput for the first fault found, in the order
    of FIELDS; a field that does not exist is the very first.
    """
    for name in given:
        if name not in FIELDS:
            raise BadInput(name, f"Fältet finns inte. De som finns: {', '.join(FIELDS)}.")
    kept = {name: value for name, value in given.items() if value is not None}
    texts = {name: _line(name, kept.get(name, "")) for name in _TEXTS}
    starts = _starts(kept.get("starts"), now)
    places = _whole("places", kept.get("places", PLACES), 1, MOST_PLACES)
    least = _whole("least", kept.get("least", min(LEAST, places)), 1, MOST_PLACES)
    if places < said_yes:
        raise BadInput("places", f"{said_yes} har redan sagt ja. Välj minst {said_yes} platser.")
    if least > places:
        raise BadInput("least", f"Minst {least} går inte med {places} platser.")
    return Activity(
        **texts,
        starts=starts,
        answer_by=_answer_by(kept.get("answer_by"), starts, now, zone),
        minutes=_whole("minutes", kept.get("minutes", USUAL), SHORTEST, LONGEST),
        places=places,
        least=least,
        leader=_leader(kept.get("leader")),
        notes_sv=tuple(_notes(places, least)),
    )


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


def too_few(yes: int, activity: Activity, now: datetime) -> bool:
    """Whether the last day to answer is over with fewer yeses than the least: staff then hold, move or cancel."""
    return now >= activity.answer_by and yes < activity.least


def _line(name: str, value: Any) -> str:
    said = " ".join(value.split()) if isinstance(value, str) else ""
    if not said and (name in _MUST or not isinstance(value, str)):
        raise BadInput(name, f"{_NAMES_SV[name]} behövs.")
    if len(said) > _TEXTS[name]:
        raise BadInput(name, f"Det är {len(said)} tecken. Skriv högst {_TEXTS[name]}.")
    return said


def _moment(name: str, value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadInput(name, "Välj en dag och en tid.")
    return value


def _starts(value: Any, now: datetime) -> datetime:
    starts = _moment("starts", value)
    if starts <= now:
        raise BadInput("starts", f"{_up(swedish_moment(starts))} har redan varit. Välj en tid som kommer.")
    if starts > now + timedelta(days=AHEAD_DAYS):
        raise BadInput("starts", "Det är mer än två år bort. Välj en tid som är närmare.")
    return starts


def _answer_by(value: Any, starts: datetime, now: datetime, zone: str) -> datetime:
    if value is None:
        return last_answer(starts, now, zone)
    by = _moment("answer_by", value)
    if by <= now:
        raise BadInput("answer_by", "Sista svarsdagen har redan varit. Välj en senare.")
    if by > starts:
        raise BadInput("answer_by", "Sista svarsdagen är efter aktiviteten. Välj en tidigare.")
    return by


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(name, f"Skriv ett helt tal från {least} till {most}.")
    return value


def _leader(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadInput("leader", "Välj en medarbetare.")
    return value


def _notes(places: int, least: int) -> list[str]:
    notes = []
    if places > PLACES:
        notes.append(f"I grupper med fler än {PLACES} blir en del tysta.")
    if least < LEAST:
        notes.append(f"Med färre än {LEAST} kan det kännas utsatt.")
    return notes


def _up(text: str) -> str:
    return text[:1].upper() + text[1:]
