"""What a flow may ask to have done. bot.actions performs each; a result is plain JSON and is kept in the journal.

A `read` is dropped and done again when the person goes back past it, a `hold` is undone, a `final` is where going back
stops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from flows.steps import Nature


@dataclass(frozen=True, slots=True)
class ChooseUnit:
    """Let the unit with this slug be the person's. Result: {"municipality", "readers"}."""

    slug: str
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class NoteProfile:
    """Keep what the person told of themselves at once, for who leaves a sign-up half-way has a name too. Result: {}.

    What is None is left as it is. A `TurnAway` takes it away again.
    """

    name: str | None = None
    birth_year: int | None = None
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class RegisterReferral:
    """Keep the sign-up and put it before the unit's staff.

    `source` is self, relative or partner. `details` are the answers that staff read; `profile` is what we now know of
    the person; `poster` is the poster or link that they came by.
    Result: {"promise": a date or None, "name": the name}: by when someone answers, from the roster.
    """

    source: str
    complete: bool
    profile: Mapping[str, Any]
    details: Mapping[str, Any]
    poster: str | None = None
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class AddToReferral:
    """Add words to a sign-up that waits. Result: {"promise": ...} as it stands."""

    words: str
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class TurnAway:
    """The person is outside our ages, or lives elsewhere: keep a count, and no more. Result: where to turn."""

    why: str  # under_15 | over_29 | elsewhere | not_open
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class NoteChoice:
    """Keep what the person was told or chose, with the text's version. Result: {}."""

    kind: Literal["informed", "chose"]
    purpose: str
    answer: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class RaiseDistress:
    """It is hard, and not only today: take the distress road with what they wrote. Result: {}."""

    said: str
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class SendCode:
    """Send a code by SMS to a number that was typed here, unless it may not be. Nothing else goes there before.

    Result: {"sent": whether to ask for it, "why": when not (off | not_mobile | abroad | limit)}. That a number has
    written STOPP, or is known to us, is never told: then the code is asked for all the same.
    """

    number: str
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class ProveNumber:
    """Try the code that the person wrote, "" for none came; the right one joins the number's contact to theirs.

    Result: {"came": joined | wrong | new (one more was sent) | late (right but old: one more was sent) | over}.
    """

    number: str
    code: str
    nature: ClassVar[Nature] = "final"
