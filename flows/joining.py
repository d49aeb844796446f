"""A number that was typed somewhere else is shown to be one's own.

A code goes to the number by SMS and is written in the talk; nothing else goes there before.
"""

from __future__ import annotations

from typing import Final

from flows.codes import Code
from flows.commands import ProveNumber, SendCode
from flows.person import Person
from flows.steps import Ask, Do, Mark, Say, Talk
from rules.codes import MOST_SENT, MOST_WRONG

NEXT: Final = {"wrong": "joining/code_wrong", "new": "joining/code_new", "late": "joining/code_late"}
"""What an answer to a code leads to, and how the code is then asked for."""


def proves_number(person: Person, number: str) -> Talk:
    """Ask for the code that was sent to `number`; part of a talk, after all else is said.

    Outcomes: proved, not_sent, skipped, over.
    """
    sent = yield Do(SendCode(number))
    if not sent["sent"]:
        if sent["why"] != "off":
            yield Say("joining/cannot_send")
        return "not_sent"
    put = "joining/code"
    for _ in range(MOST_SENT + MOST_WRONG):
        typed = yield Ask("code", Code(), message=put, skippable=True, finishable=True)
        if isinstance(typed, Mark):
            yield Say("joining/not_proved", stays=person.reachable)
            return "skipped"
        answer = yield Do(ProveNumber(number, typed))
        if answer["came"] == "joined":
            yield Say("joining/number_proved")
            return "proved"
        if answer["came"] not in NEXT:
            break
        put = NEXT[answer["came"]]
    yield Say("joining/a_person_looks")
    return "over"
