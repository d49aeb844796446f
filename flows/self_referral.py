"""A young person signs up by themselves: nobody refers them, and it takes two minutes.

Little is better than nothing: after name and municipality KLAR sends what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.asks import BirthYear, Choose, Name, PhoneNumber, Picked, Words, YesNo
from flows.asks_back import ReadBack
from flows.commands import ChooseUnit, NoteChoice, NoteProfile, RegisterReferral, TurnAway
from flows.joining import proves_number
from flows.person import Person
from flows.steps import DONE, SKIPPED, Ask, Do, Mark, Say, Talk

YOUNGEST, OLDEST = 15, 29
"""Both inclusive, counted as this year minus the year of birth: the project's target group."""

HELP = ("work", "studies", "wellbeing", "people", "papers", "unsure")
MEET = ("walk", "ours", "home", "phone", "video", "unsure")


def self_referral(person: Person) -> Talk:
    """The talk from "hej" to a promise. Outcomes: referred, declined, under_15, over_29, elsewhere, not_open."""
    if person.unit in person.closed:
        return (yield from not_open(person.unit))
    yield Say("welcome_back" if person.returning else "welcome")
    yield Do(NoteChoice("informed", "who_reads", "", "self_referral/welcome"))
    if asked := person.extra.get("asked"):
        yield Say(asked)
    if not (yield Ask("may_ask", YesNo(ends=True))):
        yield Say("declined")
        return "declined"

    name, born = yield from _who()
    age = None if born is None else person.this_year - born
    if age is not None and not YOUNGEST <= age <= OLDEST:
        why = "under_15" if age < YOUNGEST else "over_29"
        where = yield Do(TurnAway(why))
        yield Say(why, **where)
        return why

    unit = person.unit or (yield from _lives_in(person))
    if not unit:
        return "elsewhere"
    if unit in person.closed:
        return (yield from not_open(unit))
    yield Do(ChooseUnit(unit))
    # Eighteen this year may still be seventeen; where it could be either, the younger road.
    if age is not None and age <= 18:
        yield Say("minor")

    profile: dict[str, Any] = {"name": name, "birth_year": born}
    details: dict[str, Any] = {}
    complete = yield from _wishes(person, details, profile)
    if complete:
        yield Ask("read_back", ReadBack(_lines(person, profile)), facts=_what_we_show(person, unit, profile, details))
    yield Do(NoteChoice("chose", "contact", details.get("reach", "here"), "self_referral/reach"))
    referral = yield Do(RegisterReferral("self", complete, profile, details | {"unit": unit}, person.poster))
    yield Say("what_next", reach=reached(person, profile, details.get("reach", "here")), **referral)
    if details.get("reach") == "sms" and person.channel != "sms" and profile.get("phone"):
        yield from proves_number(person, profile["phone"])
    return "referred"


def _who() -> Any:
    """Ask for a name and the year of birth, None when it was left out; both are kept at once."""
    name = yield Ask("name", Name())
    yield Do(NoteProfile(name=name))
    born = yield Ask("birth_year", BirthYear(), facts={"name": name}, skippable=True, moves_on=True)
    year = None if isinstance(born, Mark) else born
    yield Do(NoteProfile(birth_year=year))
    return name, year


def _lives_in(person: Person) -> Talk:
    """Ask for the municipality: the unit's slug, or nothing when they live elsewhere and were told where to turn."""
    place = yield Ask("municipality", Choose("unit", (*person.units, "elsewhere"), also=person.villages))
    if place.key == "elsewhere":
        where = yield Do(TurnAway("elsewhere"))
        yield Say("elsewhere", **where)
        return ""
    return str(place.key)


def not_open(unit: str | None) -> Talk:
    """The unit has nobody who reads yet: say so, keep a count and no more, and promise nothing."""
    where = yield Do(TurnAway("not_open"))
    yield Say("not_open", unit=unit, **where)
    return "not_open"


def _wishes(person: Person, details: dict[str, Any], profile: dict[str, Any]) -> Any:
    """The questions that may be left out. False as soon as the person writes KLAR."""
    picked = yield Ask(
        "help",
        Choose("help", HELP, several=True, own_words=True),
        explains="what_help",
        skippable=True,
        finishable=True,
    )
    if picked is DONE:
        return False
    _keep(details, "help", picked)

    picked = yield Ask(
        "meet", Choose("meet", MEET, own_words=True), explains="what_meet", skippable=True, finishable=True
    )
    if picked is DONE:
        return False
    _keep(details, "meet", picked)

    picked = yield Ask(
        "reach", Choose("reach", _ways(person)), explains="what_reach", skippable=True, finishable=True, moves_on=True
    )
    if picked is DONE:
        return False
    details["reach"] = picked.key if isinstance(picked, Picked) else "here"
    if details["reach"] == "call" or (details["reach"] == "sms" and person.channel != "sms"):
        number = yield Ask("phone", PhoneNumber(), skippable=True, finishable=True, moves_on=True)
        if number is DONE:
            return False
        profile["phone"] = None if number is SKIPPED else number
        if number is SKIPPED:
            details["reach"] = "here"

    words = yield Ask("easier", Words(nothing_counts=True), skippable=True, finishable=True, moves_on=True)
    if words is DONE:
        return False
    if isinstance(words, str) and words:
        details["easier"] = words
        yield Say("thanks_for_words")
    return True


def reached(person: Person, profile: Mapping[str, Any], wish: str) -> str:
    """How our answer reaches them: as they wish, or "page" where nothing but the web page is left to us."""
    return wish if person.reachable or profile.get("phone") else "page"


def _ways(person: Person) -> tuple[str, ...]:
    """How we may reach them. A web page cannot be written to later, and on SMS "here" already is SMS."""
    if not person.reachable:
        return ("sms", "call")
    return ("here", "call", "no_call") if person.channel == "sms" else ("here", "sms", "call", "no_call")


def _keep(details: dict[str, Any], slot: str, picked: Any) -> None:
    if isinstance(picked, Picked):
        details[slot] = {"chosen": list(picked.keys), "words": picked.words}


def _lines(person: Person, profile: dict[str, Any]) -> tuple[str, ...]:
    lines = ("name", "birth_year", *(() if person.unit else ("municipality",)), "help", "meet", "reach")
    return (*lines, *(("phone",) if "phone" in profile else ()), "easier")


def _what_we_show(person: Person, unit: str, profile: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    """The read-back: name, year, municipality and form. Another pair of eyes may hold the phone."""
    meet = details.get("meet") or {"chosen": []}
    form = meet["chosen"][0] if meet["chosen"] else None
    more = "help" in details or "easier" in details or bool(meet.get("words"))
    shown = {"name": profile["name"], "birth_year": profile["birth_year"], "unit": unit}
    return shown | {"form": form, "reach": details.get("reach", "here"), "more": more}
