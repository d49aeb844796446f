"""A number that was typed somewhere else is shown to be one's own, and words that come to one's other contact.

A code goes to the number by SMS and is written in the talk; nothing else goes there before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flows.answers import command
from flows.asks import Change, Context, Later, Understood
from flows.codes import Code
from flows.commands import ProveNumber, SendCode
from flows.engine import CHECK, NUDGE, REST
from flows.journal import Entry, Journal
from flows.person import Person
from flows.replay import Hands, Parked, Replay, Turn
from flows.steps import Ask, Do, Flow, Mark, Say, Talk
from flows.wishes import greets
from rules.codes import MOST_SENT, MOST_WRONG

NEXT: Final = {"wrong": "joining/code_wrong", "new": "joining/code_new", "late": "joining/code_late"}
"""What an answer to a code leads to, and how the code is then asked for."""

TALK_COMMANDS: Final = frozenset({"back", "skip", "finish", "change", "cancel", "restart", "later"})


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


class _NoHands:
    """For a run that only looks: all that the journal knows is done already."""

    def perform(self, command: Any) -> Any:
        raise Parked("a run that only looks came to a new command")

    def undo(self, name: str, result: Any) -> None:
        raise Parked("a run that only looks came to an undo")


def is_clear_answer(flow: Flow, person: Person, journal: Iterable[Entry], text: str, context: Context) -> bool:
    """Say whether the words, which came to another contact, answer the talk's open question, or are a wish about it.

    A greeting never does: it is said to whoever opens the other phone. Where they do not, the question is put there.
    """
    if greets(text, context.lexicon):
        return False
    if command(text, context.lexicon) in TALK_COMMANDS:
        return True
    known, hands = Journal(journal), _NoHands()
    if known.last_asked in (NUDGE, REST, CHECK):
        return context.reply(text, "yesno").meaning in ("yes", "no", "not_now")
    step = _open_question(flow, person, known, context, hands)
    return step is not None and isinstance(step.reads.read(text, context), Understood | Change | Later)


def _open_question(flow: Flow, person: Person, journal: Journal, context: Context, hands: Hands) -> Ask | None:
    try:
        return Replay(flow, person, Turn(journal), context, hands).run()
    except Parked:
        return None
