"""Any sequence of words, pauses, kills, restarts and edits of the flow, and what must hold through all of it.

Never raises; and unless the person asked to go back, change or start over: no command is done twice, nothing is said
twice, and no question that was answered is asked again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.answers import command
from flows.asks import BirthYear, Choose, Name, Words, YesNo
from flows.asks_back import ReadBack
from flows.engine import CHECK, NUDGE, REST, Event, Heard, Repeat, Start, Wake, advance
from flows.journal import Journal
from flows.replay import Asked, Turn
from flows.steps import Ask, Do, Flow, Nature, Say, Step, Talk
from tests.flows.test_engine import CONTEXT


@dataclass(frozen=True)
class Look:
    number: int
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True)
class Hold:
    number: int
    nature: ClassVar[Nature] = "hold"


@dataclass(frozen=True)
class Send:
    number: int
    nature: ClassVar[Nature] = "final"


STEPS: list[Step] = [
    Say("hello"),
    Say("thanks"),
    Ask("may_ask", YesNo()),
    Ask("name", Name()),
    Ask("birth_year", BirthYear(), skippable=True),
    Ask("meet", Choose("meet", ("walk", "ours", "phone"), own_words=True), finishable=True),
    Ask("help", Choose("help", ("work", "studies"), several=True), skippable=True),
    Ask("easier", Words(nothing_counts=True), finishable=True),
    Ask("read_back", ReadBack(("name", "birth_year", "meet"))),
    Do(Look(1), "look_1"),
    Do(Hold(1), "hold_1"),
    Do(Send(1), "send_1"),
    Do(Send(2), "send_2"),
]
TEXTS = [
    "ja", "nej", "kim", "03", "2", "1 3", "promenad", "tillbaka", "hoppa över", "klar",
    "ändra namn till alex", "namnet",
    "avbryt", "börja om", "inte nu", "vet inte", "???", "tolk tack", "", "stopp", "👍", "1998",
]  # fmt: skip
UNDOING = {"back", "change", "restart", "skip"}

flows = st.lists(st.sampled_from(range(len(STEPS))), min_size=1, max_size=8, unique=True).map(
    lambda of: [STEPS[n] for n in of]
)
events = st.one_of(
    st.builds(
        Heard, st.sampled_from(TEXTS) | st.text(max_size=20), st.sampled_from(["yes", "yes", "yes", "no", "unsure"])
    ),
    st.builds(Heard, st.just("x"), st.just("yes"), st.sampled_from(["yes", "no", "walk", "work", "name", "?"])),
    st.just(Wake("nudge")),
    st.just(Wake("no_reply")),
    st.just(Repeat()),
)
acts = st.lists(
    st.tuples(events, st.sampled_from(["commit", "commit", "commit", "kill"]), st.none() | flows), max_size=12
)


def as_flow(steps: Sequence[Step]) -> Flow:
    def flow(person: Any) -> Talk:
        for step in steps:  # noqa: UP028 - a list does not take what is sent
            yield step
        return "done"

    return flow


class World:
    """The store: what is committed of the journal, what was said, what was done."""

    def __init__(self) -> None:
        self.kept = "[]"
        self.said: list[str] = []
        self.asked: list[str] = []
        self.done: list[str] = []
        self.pending: list[str] = []

    @property
    def said_by_the_flow(self) -> list[str]:
        return [name for name in self.said if "/" not in name]

    def perform(self, wanted: Any) -> Any:
        self.pending.append(f"{type(wanted).__name__}{wanted.number}")
        return {}

    def undo(self, name: str, result: Any) -> None:
        self.pending.append(f"undo {name}")

    def turn(self, flow: Flow, event: Event, *, commit: bool) -> Turn:
        journal, self.pending = Journal(json.loads(self.kept)), []
        turn = advance(flow, None, journal, event, CONTEXT, self)
        if commit:
            self.kept = json.dumps(list(journal))
            self.done += self.pending
            for each in turn.news:
                if isinstance(each, Asked):
                    if not each.again and not isinstance(event, Repeat):
                        self.asked.append(each.key)
                else:
                    self.said.append(each.message)
        return turn


@settings(max_examples=400, deadline=None)
@given(flows, acts)
def test_nothing_is_ever_done_said_or_asked_twice(steps: list[Step], acts: Any) -> None:
    world, flow = World(), as_flow(steps)
    world.turn(flow, Start(), commit=True)
    undone = False
    for event, fate, edited in acts:
        flow = as_flow(edited) if edited else flow
        before = Journal(json.loads(world.kept))
        if isinstance(event, Heard):
            undone |= _may_undo(event)
        turn = world.turn(flow, event, commit=fate == "commit")
        if fate == "kill":
            again = world.turn(flow, event, commit=True)
            assert [type(each) for each in again.news] == [type(each) for each in turn.news]
        if turn.state in ("finished", "cancelled", "parked"):
            break
        if not undone:
            _answered_stays_answered(before, turn)
    if not undone:
        assert all(times == 1 for times in Counter(world.said_by_the_flow).values())
    finals = [each for each in world.done if each.startswith("Send")]
    assert len(finals) == len(set(finals)), "a final command is never repeated, whatever the person asks"


def _may_undo(event: Heard) -> bool:
    return (
        command(event.text, CONTEXT.lexicon) in UNDOING
        or "ändra" in event.text
        or any(line in event.text for line in ("namn", "promenad"))  # named when they are read back: asked anew
        or bool(event.pressed)
    )


def _answered_stays_answered(before: Journal, turn: Turn) -> None:
    for each in turn.news:
        if isinstance(each, Asked) and each.key not in (NUDGE, CHECK, REST):
            assert before.answer(each.key) is None, f"{each.key} was answered and is asked again"
    if turn.state == "parked":
        assert not turn.news


@given(st.lists(st.sampled_from(TEXTS), max_size=10))
def test_a_journal_read_back_is_the_same_journal(texts: list[str]) -> None:
    world, flow = World(), as_flow(STEPS[2:9])
    world.turn(flow, Start(), commit=True)
    for text in texts:
        world.turn(flow, Heard(text), commit=True)
    kept = json.loads(world.kept)
    assert list(Journal(kept)) == kept
