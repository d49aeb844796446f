"""What a talk about a session may ask to have done. bot.actions performs each; ids are those of storage.ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flows.steps import Nature


@dataclass(frozen=True, slots=True)
class LookAtRating:
    """See whether answers still count. Result: {"open": bool, "why": "" | answered | expired}."""

    rating: int
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class KeepItem:
    """Keep one answer at once, so that nothing is lost where the talk breaks off; None: skipped.

    Result: {"open": False when it no longer counts, "why": "" | answered | expired}: answered on the page meanwhile.
    Done again after TILLBAKA, it takes the place of what was kept before.
    """

    rating: int
    key: str
    value: float | None
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class FinishRating:
    """All items have been put: score what was answered. Result: as KeepItem."""

    rating: int
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class KeepWords:
    """Keep the open answer and put it before staff. Result: {"reader": a first name, "read_by": a date}."""

    rating: int
    words: str
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class DeclineRating:
    """They do not want to answer: not asked again for that session. Result: {}."""

    rating: int
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class ChooseReader:
    """Let somebody else than the one they met read. Result: {"found": whether anybody does, "reader", "read_by"}."""

    rating: int
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class TellWhatChanged:
    """Send the words that staff wrote when they closed the task, as staff's words. Result: {"told": bool}."""

    item: int
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class LeaveUntold:
    """They do not want to know what staff did. Result: {}."""

    item: int
    nature: ClassVar[Nature] = "final"
