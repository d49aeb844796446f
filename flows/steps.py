"""The vocabulary of a flow: what a talk can do next.

A flow is a generator that yields these values and is sent answers and results:

    Say   a message of ours                       -> sends back None
    Ask   a question; the talk rests until it is answered -> sends back the value that was read
    Do    a command performed in the turn's transaction   -> sends back its result

Two values may come back from any `Ask` beside the value itself: `SKIPPED` (the person chose HOPPA ÖVER) and `DONE` (the
person wrote KLAR where the flow allows it). `NO_REPLY` comes back where the question has a patience and nobody
answered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Literal, Protocol

from flows.asks import AnswerKind

Nature = Literal["read", "hold", "final"]


class Mark:
    """A value that stands for something that is no answer. Compared by identity."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        return False


SKIPPED = Mark("SKIPPED")
DONE = Mark("DONE")
NO_REPLY = Mark("NO_REPLY")
MARKS = {mark.name: mark for mark in (SKIPPED, DONE, NO_REPLY)}


@dataclass(frozen=True, slots=True, init=False)
class Say:
    """Say one message; `facts` fill its fields."""

    message: str
    facts: Mapping[str, Any]

    def __init__(self, message: str, /, **facts: Any) -> None:
        object.__setattr__(self, "message", message)
        object.__setattr__(self, "facts", facts)

    @property
    def key_name(self) -> str:
        """The name that the journal knows this step by."""
        return self.message

    @property
    def kind(self) -> str:
        """What the journal remembers of its kind."""
        return "Say"


@dataclass(slots=True)
class Ask:
    """Ask one question.

    `slot` names the answer, and the message unless `message` does. `skippable` lets HOPPA ÖVER through, `finishable`
    lets KLAR end the questions here. With a `patience`, silence that long is sent back as `NO_REPLY`. One that
    `moves_on` is left out when two answers were not understood, and the talk goes on; else it waits for a human.
    `explains` is the message that says what one of the choices means, for those who ask.
    """

    slot: str
    reads: AnswerKind
    message: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    skippable: bool = False
    finishable: bool = False
    moves_on: bool = False
    explains: str = ""
    patience: timedelta | None = None

    @property
    def key_name(self) -> str:
        """The name that the journal knows this step by."""
        return self.slot

    @property
    def kind(self) -> str:
        """What the journal remembers of its kind."""
        return _ask_kind(type(self.reads))

    def is_now(self, was: str) -> bool:
        """Whether it reads what a question of the kind `was` left in a journal."""
        return was == self.kind or was.removeprefix("Ask:") in self.reads.took_over


class Command(Protocol):
    """Something that bot.actions can do. A frozen dataclass of plain values; its result must be JSON."""

    nature: ClassVar[Nature]


@dataclass(frozen=True, slots=True)
class Do:
    """Perform a command once. `name` tells two commands of one class apart."""

    command: Command
    name: str = ""

    @property
    def key_name(self) -> str:
        """The name that the journal knows this step by."""
        return self.name or type(self.command).__name__

    @property
    def kind(self) -> str:
        """What the journal remembers of its kind."""
        return f"Do:{type(self.command).__name__}"


@cache
def _ask_kind(reads: type[AnswerKind]) -> str:
    return f"Ask:{reads.__name__}"


Step = Say | Ask | Do
Talk = Generator[Step, Any, str]
"""What a flow returns: a generator of steps whose return value is the outcome, one word for the record."""
Flow = Callable[[Any], Talk]
