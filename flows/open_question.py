"""Whether words are an answer to the question that a talk has open: a look that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flows.answers import command
from flows.asks import Change, Context, Later, Picked, Understood
from flows.engine import CHECK, NUDGE, REST
from flows.journal import Entry, Journal
from flows.person import Person
from flows.replay import Hands, Parked, Replay, Turn
from flows.steps import Ask, Flow
from flows.wishes import greets

REACH: Final = "reach"
"""How we shall get in touch: words beside "ring mig" only say when."""

TALK_COMMANDS: Final = frozenset({"back", "skip", "finish", "change", "cancel", "restart", "later"})


def is_own_choice(flow: Flow, person: Person, journal: Iterable[Entry], text: str, context: Context) -> bool:
    """Say whether the words are one of the open question's own choices and nothing else: "ring mig" where it is one."""
    step = _open_question(flow, person, Journal(journal), context, _NoHands())
    reading = step.reads.read(text, context) if step is not None and step.reads.options() else None
    if not isinstance(reading, Understood) or not isinstance(reading.value, Picked):
        return False
    return len(reading.value.keys) == 1 and (not reading.value.words or (step is not None and step.slot == REACH))


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
