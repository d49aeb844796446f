"""What a talk about a group activity may ask to have done. bot.actions performs it; moments are ISO strings in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flows.steps import Nature


@dataclass(frozen=True, slots=True)
class AnswerInvitation:
    """Keep the answer to one version of an activity: yes, maybe, hard, no or not_now; the last one holds.

    Result: {"came": in | full | went (a place that was kept for them) | kept | changed | cancelled | begun | gone,
    "activity": as LookAtActivity, or None}.
    """

    invitation: int
    version: int
    answer: str
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class LookAtActivity:
    """See what holds of an activity that the person is invited to.

    Result: {"activity": None or {"id", "version", "starts", "title", "how", "where", "address": the unit's own where no
    place is named, "places": how many can come, "comes": whether they said yes, "met_by": who is to meet them outside,
    "agreed": and has said so, "staff_name": who gets in touch about the next time, "meets": who could meet them
    outside, "line": whether a free place will be told of}}.
    """

    invitation: int
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class MeetOutside:
    """Keep whether they want somebody to meet them outside, and put a wish for it before staff. Result: {}."""

    invitation: int
    wanted: bool
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class TellAboutActivity:
    """Put something about an activity before its leader: late, lost, sick, move or message.

    Result: {"staffed": whether anybody reads now, "answer_by": when they have answered, "name": who leads it}.
    """

    what: str
    words: str
    invitation: int
    minutes: int | None = None
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class RateActivity:
    """Keep how it was, from 1 to 5; the last answer holds. Result: {}."""

    invitation: int
    value: int
    nature: ClassVar[Nature] = "final"
