"""Running a flow over its journal: what is known passes in silence, what is new is said, asked or done.

One `Replay` serves one turn and may run the flow several times in it; each run continues the same journal and turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from flows.asks import Context, Understood
from flows.journal import Entry, Journal
from flows.steps import MARKS, Ask, Do, Flow, Mark, Say

MOST_STEPS = 2_000
"""A flow that takes more steps than this in one run is looping; the talk is parked instead of hanging the turn."""


class Hands(Protocol):
    """Who performs a flow's commands, inside the turn's transaction."""

    def perform(self, command: Any) -> Any:
        """Do it; return a JSON result."""

    def undo(self, name: str, result: Any) -> None:
        """Undo a hold, given the class name of its command and its result."""


@dataclass(slots=True)
class Said:
    """A message to send. Names with a slash are the machine's own, not the flow's."""

    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """A question to send; `again` is the friendlier second try, with the choices."""

    key: str
    message: str
    facts: Mapping[str, Any]
    options: tuple[str, ...]
    option_set: str
    several: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Wonder:
    """A question to us instead of an answer; `about` is who, what, where, when or how, or None where it is other."""

    about: str | None


State = Literal["open", "finished", "cancelled", "resting", "parked"]


@dataclass(slots=True)
class Turn:
    """What one event came to."""

    journal: Journal
    news: list[Said | Asked] = field(default_factory=list)
    state: State = "open"
    question: str | None = None  # the key that is open now
    asks: str | None = None  # its sort: yesno, name, free, ...
    outcome: str | None = None  # the flow's own word for how it ended
    answered: bool = False  # an answer was taken in this turn
    aside: str | None = None  # words that belong to no question: for staff
    hand_over: bool = False  # not understood twice: staff take over, and we say so
    wonders: Wonder | None = None  # a question to us came instead of an answer
    why: str = ""


class Parked(Exception):
    """The flow and the journal do not fit together; the talk is left to staff and nothing is sent."""


class Replay:
    """A flow, run over a journal. `road` holds the questions of the last run, oldest first.

    A run ends at the open question, with the generator waiting there. An answer to that very question goes straight on
    from it; whatever else has changed, the flow is run from its start once more.
    """

    def __init__(self, flow: Flow, person: Any, turn: Turn, context: Context, hands: Hands) -> None:
        self._flow, self._person = flow, person
        self.turn, self.journal = turn, turn.journal
        self._context, self._hands = context, hands
        self.road: dict[str, Ask] = {}
        self._begin()

    def _begin(self) -> None:
        self._talk, self._open = self._flow(self._person), ""
        self._times: dict[str, int] = {}
        self._steps = 0
        self.road = {}

    def run(self) -> Ask | None:
        """Run to the open question, saying and doing what is new. None when the flow has ended.

        Raises Parked when a step is of another kind than the journal remembers, or when the flow never stops.
        """
        self._begin()
        return self._go_on(None)

    def settle(self) -> None:
        """Go as far as the journal allows, and put the question that is open there."""
        waiting, answer = self.road.get(self._open), self.journal.answer(self._open)
        step = self._go_on(value_of(answer, waiting)) if waiting is not None and answer is not None else self.run()
        if step is not None and self.turn.question is not None:
            self.ask(self.turn.question, step)

    def _go_on(self, back: Any) -> Ask | None:
        """Take the flow from where it waits, sending it `back`."""
        journal, send = self.journal, self._talk.send
        self._open = ""
        while self._steps < MOST_STEPS:
            self._steps += 1
            try:
                step = send(back)
            except StopIteration as end:
                self.turn.state, self.turn.outcome, self.turn.question = "finished", end.value or "done", None
                return None
            name = step.key_name
            times = self._times[name] = self._times.get(name, 0) + 1
            key = name if times == 1 else f"{name}#{times}"
            was = journal.kind(key)
            if was is not None and was != step.kind and not (isinstance(step, Ask) and step.is_now(was)):
                raise Parked(f"'{key}' was {was} when the talk passed it and is {step.kind} today")
            if isinstance(step, Ask):
                self.road[key] = step
                answer = journal.answer(key) or self._words_kept_for(key, step)
                if answer is None:
                    self._open = key
                    self.turn.state, self.turn.question, self.turn.asks = "open", key, step.reads.question
                    return step
                back = value_of(answer, step)
            elif isinstance(step, Say):
                self._say(key, step)
                back = None
            else:
                back = self._do(key, step)
        raise Parked(f"more than {MOST_STEPS} steps in one run")

    def ask(self, key: str, step: Ask) -> None:
        """Put a question, unless it is the one that was put last."""
        if self.journal.last_asked != key:
            self.journal.add({"k": key, "t": "ask", "as": step.kind})
            self.turn.news.append(asked(key, step))

    def answer(self, key: str, step: Ask, value: Any, raw: str) -> Entry:
        """Write an answer, with the words that it came from and the word list that read them."""
        kept = {"mark": value.name} if isinstance(value, Mark) else step.reads.dump(value)
        version = self._context.lexicon.version
        entry = {"k": key, "t": "answer", "as": step.kind, "v": kept, "raw": raw, "words": version}
        self.journal.add(entry)
        self._crossed(key)
        self.turn.answered = True
        return entry

    def take_back(self, entry: Entry) -> bool:
        """Take an answer back, dropping reads and undoing holds that came after it. False behind a final command."""
        if not self._undo(self.journal.done_after(entry)):
            return False
        self.journal.add({"k": entry["k"], "t": "reopen"})
        self._crossed()
        return True

    def start_over(self) -> bool:
        """Let nothing above hold any more. False when a final command has been done."""
        if not self._undo(self.journal.all_done()):
            return False
        self.journal.add({"k": "~restart", "t": "restart"})
        self._crossed()
        return True

    def _undo(self, crossed: list[Entry]) -> bool:
        if any(each["nature"] == "final" for each in crossed):
            return False
        for each in crossed:
            if each["nature"] == "hold":
                self._hands.undo(each["as"].removeprefix("Do:"), each["v"])
            self.journal.add({"k": each["k"], "t": "undo"})
        return True

    def _crossed(self, key: str = "") -> None:
        """Something changed: where the flow waits is still right only if it was an answer to that question."""
        if key != self._open:
            self._open = ""

    def _say(self, key: str, step: Say) -> None:
        if not self.journal.said(key):
            self.journal.add({"k": key, "t": "say"})
            self.turn.news.append(Said(step.message, step.facts))

    def _do(self, key: str, step: Do) -> Any:
        entry = self.journal.done(key)
        if entry is None:
            result = self._hands.perform(step.command)
            entry = {"k": key, "t": "do", "as": step.kind, "nature": step.command.nature, "v": result}
            self.journal.add(entry)
        return entry["v"]

    def _words_kept_for(self, key: str, step: Ask) -> Entry | None:
        """Words that came before their question was reached, or with a wish to change it."""
        words = self.journal.heard(key)
        reading = step.reads.read(words, self._context) if words is not None else None
        return self.answer(key, step, reading.value, words or "") if isinstance(reading, Understood) else None


def asked(key: str, step: Ask, *, again: bool = False, told: bool = False) -> Asked:
    """The question as news; `told`: they told of it and answered nothing, which the second try thanks for."""
    reads, facts = step.reads, {**step.facts, "told": True} if told else step.facts
    return Asked(key, step.message or step.slot, facts, reads.options(), reads.option_set, reads.several, again)


def value_of(entry: Entry, step: Ask) -> Any:
    """The value that an answer holds, as the flow gets it."""
    kept = entry["v"]
    if isinstance(kept, dict) and "mark" in kept:
        return MARKS[kept["mark"]]
    return step.reads.load(kept)
