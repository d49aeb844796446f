"""Somebody writes about another: we listen to the one who writes, and protect the one who is not here.

No name or number of a person who does not know is taken, we never write to a third person, and we never say whether
anyone is known to us.
"""

from __future__ import annotations

from flows.asks import Choose, Name, PhoneNumber, Words
from flows.asks_others import Knows, MayAskWriter
from flows.commands import ChooseUnit, NoteChoice, NoteProfile, RegisterReferral, TurnAway
from flows.person import Person
from flows.self_referral import not_open, reached
from flows.steps import SKIPPED, Ask, Do, Say, Talk


def for_someone_else(person: Person) -> Talk:
    """From "min lillebror sitter bara hemma" to someone who listens.

    `person.extra["partner"]` is true for who meets the other in their work. Outcomes: referred, declined, elsewhere,
    not_open.
    """
    yield Do(NoteChoice("informed", "who_reads", "", "for_someone_else/knows"))
    knows = yield Ask("knows", Knows(), facts={"told": False})
    yield Say("they_can_write" if knows else "we_listen_to_you")
    if not (yield Ask("may_ask", MayAskWriter(ends=True), facts={"told": False})):
        yield Say("declined")
        return "declined"
    name = yield Ask("name", Name(), skippable=True)
    yield Do(NoteProfile(name=None if name is SKIPPED else name))
    unit = person.unit
    if unit is None:
        place = yield Ask("municipality", Choose("unit", (*person.units, "elsewhere"), also=person.villages))
        if place.key == "elsewhere":
            where = yield Do(TurnAway("elsewhere"))
            yield Say("elsewhere", **where)
            return "elsewhere"
        unit = place.key
    if unit in person.closed:
        return (yield from not_open(unit))
    yield Do(ChooseUnit(unit))
    worry = yield Ask("worry", Words(), skippable=True)
    profile = {"name": None if name is SKIPPED else name}
    if not person.reachable:
        number = yield Ask("phone", PhoneNumber(), skippable=True)
        profile["phone"] = None if number is SKIPPED else number
    details = {"knows": knows, "worry": "" if worry is SKIPPED else worry, "unit": unit}
    source = "partner" if person.extra.get("partner") else "relative"
    referral = yield Do(RegisterReferral(source, True, profile, details, person.poster))
    yield Say("what_next", reach=reached(person, profile, "here"), **referral)
    return "referred"
