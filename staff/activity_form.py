"""The form that an activity is made or changed by: what was typed, and what is wrong with it, field by field.

Nothing here looks at the database but for the unit's own places and staff, which are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from messages.sms import fold, measure
from rules.activities import (
    AHEAD_DAYS,
    ANSWER_CLOCK,
    LEAST,
    LONGEST,
    MOST_PLACES,
    PLACES,
    SHORTEST,
    USUAL,
    advice,
    last_answer,
)
from rules.bad_input import BadInput
from rules.calendar import to_local, to_utc
from rules.series import MOST, Occasion, in_words, occasions
from staff.meeting_ask import YEARS
from storage.activities import Activity

LONGEST_TEXT: Final = {"title": 60, "where": 60, "how": 160}
"""Signs: with all of them the invitation is still two SMS at most."""

REPEATS: Final = {
    "": "En gång", "week": "Varje vecka", "fortnight": "Varannan vecka", "month": "Varje månad, samma veckodag",
}  # fmt: skip
_CLOCK: Final = re.compile(r"(?:kl\.? *)?(\d{1,2})(?:[.:](\d\d))?(?::\d\d)?")
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields, as it was typed."""

    title: str = ""
    day: str = ""
    clock: str = ""
    minutes: str = str(USUAL)
    place: str = ""
    where: str = ""
    how: str = ""
    places: str = str(PLACES)
    least: str = str(LEAST)
    last: str = ""
    leader: str = ""
    repeat: str = ""
    until: str = ""
    times: str = ""
    skip_red: str = ""
    later: str = ""  # those after it in the series are changed in the same way


@dataclass(frozen=True, slots=True)
class Plan:
    """An activity that can be made: times are UTC. `answer_before` is how long before each the last answer is."""

    title: str
    starts: datetime
    ends: datetime
    last_answer: datetime
    place: str | None
    where: str | None
    how: str | None
    places: int
    least: int
    leader: int | None
    rule: str = ""
    rule_words: str = ""
    occasions: tuple[Occasion, ...] = ()
    skipped: tuple[Occasion, ...] = ()

    @property
    def advice(self) -> tuple[str, ...]:
        """What is good to know of a group of that size."""
        return advice(self.places, self.least)

    def last_answer_of(self, each: Occasion, zone: str) -> datetime:
        """The last moment to answer of another occasion: as many days before it as of the first."""
        days = (to_local(self.starts, zone).date() - to_local(self.last_answer, zone).date()).days
        day = to_local(each.starts, zone).date() - timedelta(days=days)
        at = to_utc(day, to_local(self.last_answer, zone).time(), zone)
        return min(at, each.starts)


@dataclass(frozen=True, slots=True)
class Read:
    """How a form was read: `plan` when it can be made, else `faults` by field."""

    typed: Typed
    plan: Plan | None
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What the unit has to choose among, and what stands already when an activity is changed.

    `refused` gives the words of a text that another pair of eyes should not read.
    """

    places: Collection[str]
    leaders: Collection[int]
    zone: str
    before: Activity | None = None
    coming: int = 0  # how many have a place
    refused: Callable[[str], Sequence[str]] = field(default=lambda text: ())


def read(typed: Typed, now: datetime, known: Known) -> Read:
    """Read a form at `now`. Everything that is wrong is named at once, by field, and nothing typed is lost."""
    faults: dict[str, str] = {}
    title, how, where = (_line(typed, name, known, faults) for name in ("title", "how", "where"))
    if not typed.title:
        faults["title"] = "Skriv vad ni gör, så som det står i en mening: lagar vi mat hos oss."
    day, clock = _read_day(typed.day, "day", faults), _read_clock(typed.clock, faults)
    minutes = _between(typed.minutes, "minutes", SHORTEST, LONGEST, "minuter", faults)
    places = _between(typed.places, "places", 1, MOST_PLACES, "platser", faults)
    least = _between(typed.least, "least", 1, MOST_PLACES, "deltagare", faults)
    if places and least and least > places:
        faults["least"] = f"Minst {least} ryms inte på {places} platser."
    if places and places < known.coming:
        faults["places"] = f"{known.coming} har redan en plats. Färre platser än så går inte."
    if typed.place and typed.place not in known.places:
        faults["place"] = "Välj en av enhetens platser, eller skriv med egna ord."
    if not typed.place and not where:
        faults["where"] = "Skriv var det är, eller välj en plats."
    leader = int(typed.leader) if typed.leader.isascii() and typed.leader.isdecimal() else None
    if typed.leader and leader not in known.leaders:
        faults["leader"] = "Välj någon i enheten."
    if day is None or clock is None or minutes is None:
        return Read(typed, None, faults)
    typed = replace(typed, day=f"{day}", clock=f"{clock:%H:%M}")
    starts = to_utc(day, clock, known.zone)
    if starts <= now:
        faults["day"] = "Den tiden har redan varit."
    elif starts > now + timedelta(days=AHEAD_DAYS):
        faults["day"] = "Det är mer än två år bort."
    last = _last_answer(typed, day, starts, now, known, faults)
    plan = None
    if not faults and places and least and last:
        plan = Plan(title, starts, starts + timedelta(minutes=minutes), last, None if where else typed.place or None,
                    where or None, how or None, places, least, leader)  # fmt: skip
    plan = _with_series(plan, typed, day, clock, known.zone, faults)
    return Read(typed, None if faults else plan, faults)


# --- one field at a time ----------------------------------------------------------------------------------------------


def _line(typed: Typed, name: str, known: Known, faults: dict[str, str]) -> str:
    """One line that goes into an SMS as it stands: short, of its alphabet, and nothing that tells why."""
    text: str = getattr(typed, name)
    listed = ", ".join(f"”{words}”" for words in dict.fromkeys(known.refused(text)))
    if len(text) > LONGEST_TEXT[name]:
        faults[name] = f"Det här är {len(text)} tecken. Högst {LONGEST_TEXT[name]} får plats."
    elif "{" in text or "}" in text:
        faults[name] = "Fält i klammer går inte att använda här. Skriv orden som de ska stå."
    elif "\n" in text or not text.isprintable():
        faults[name] = "Skriv på en rad, utan radbrytning."
    elif measure(fold(text)).encoding != "GSM-7":
        faults[name] = "Ett tecken här ryms inte i ett vanligt sms. Skriv med bokstäver, utan bildtecken."
    elif listed:
        faults[name] = f"Någon annan kan läsa på mobilen. Skriv det utan {listed}."
    return text


def _read_day(text: str, name: str, faults: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults[name] = "Välj en dag, eller skriv den så här: 2026-12-03."
        return None
    if day.year not in YEARS:
        faults[name] = "Den dagen går inte att använda."
        return None
    return day


def _read_clock(text: str, faults: dict[str, str]) -> time | None:
    found = _CLOCK.fullmatch(text)
    try:
        if found is not None and text.isascii():
            return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        pass
    faults["clock"] = "Välj ett klockslag, eller skriv det så här: 13:30."
    return None


def _between(text: str, name: str, least: int, most: int, what: str, faults: dict[str, str]) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
    if least <= number <= most:
        return number
    faults[name] = f"Skriv ett helt tal: {least} till {most} {what}."
    return None


def _last_answer(
    typed: Typed, day: date, starts: datetime, now: datetime, known: Known, faults: dict[str, str]
) -> datetime | None:
    """The last moment to answer; as the rules propose when nobody says a day."""
    if not typed.last:
        return last_answer(starts, now, known.zone) if starts > now else None
    last = _read_day(typed.last, "last", faults)
    if last is None:
        return None
    if last > day:
        faults["last"] = "Sista svarsdagen är efter aktiviteten."
        return None
    at = min(to_utc(last, ANSWER_CLOCK, known.zone), starts)
    was = known.before.last_answer if known.before else None
    if at <= now and at != was:
        faults["last"] = "Sista svarsdagen har redan varit."
    return at


# --- a series ---------------------------------------------------------------------------------------------------------


def _with_series(
    plan: Plan | None, typed: Typed, day: date, clock: time, zone: str, faults: dict[str, str]
) -> Plan | None:
    if not typed.repeat:
        return plan
    if typed.repeat not in REPEATS:
        faults["repeat"] = "Välj hur ofta."
        return None
    rule = _rule(typed, day, faults)
    if rule is None:
        return None
    try:
        every = occasions(rule, day, clock, zone)
        words = in_words(rule, day, clock, zone)
    except BadInput as wrong:
        faults["until" if typed.until else "times"] = wrong.why_sv
        return None
    kept = tuple(each for each in every if not (typed.skip_red and each.red))
    if not kept:
        faults["skip_red"] = "Alla gånger är på röda dagar."
    elif plan is not None and kept[0].starts != plan.starts:
        plan = replace(plan, starts=kept[0].starts, ends=kept[0].starts + (plan.ends - plan.starts),
                       last_answer=plan.last_answer_of(kept[0], zone))  # fmt: skip
    skipped = tuple(each for each in every if each not in kept)
    return plan and replace(plan, rule=rule, rule_words=words, occasions=kept, skipped=skipped)


def _rule(typed: Typed, day: date, faults: dict[str, str]) -> str | None:
    """The rule in RFC 5545's words; the month's comes on the same weekday: the second Tuesday, the last Friday."""
    weekday = _DAYS[day.weekday()]
    which = (day.day - 1) // 7 + 1
    often = {
        "week": "FREQ=WEEKLY",
        "fortnight": "FREQ=WEEKLY;INTERVAL=2",
        "month": f"FREQ=MONTHLY;BYDAY={which if which < 5 else -1}{weekday}",
    }[typed.repeat]
    if typed.until and typed.times:
        faults["times"] = "Välj ett slut: en sista dag eller ett antal gånger."
    elif typed.until:
        last = _read_day(typed.until, "until", faults)
        if last is not None and last < day:
            faults["until"] = "Sista dagen är före den första."
        elif last is not None:
            return f"{often};UNTIL={last:%Y%m%d}"
    elif typed.times:
        count = _between(typed.times, "times", 2, MOST, "gånger", faults)
        return f"{often};COUNT={count}" if count else None
    else:
        faults["until"] = "En serie behöver ett slut. Skriv en sista dag eller ett antal gånger."
    return None


def typed_of(each: Activity, zone: str) -> Typed:
    """Give an activity as the form that changes it shows it at first."""
    local, last = to_local(each.starts, zone), to_local(each.last_answer, zone)
    return Typed(
        title=each.title, day=f"{local:%Y-%m-%d}", clock=f"{local:%H:%M}", minutes=str(each.minutes),
        place=each.place or "", where=each.where or "", how=each.how or "", places=str(each.places),
        least=str(each.least), last=f"{last:%Y-%m-%d}", leader=str(each.leader or ""),
    )  # fmt: skip
