"""What a talk about meetings may ask to have done. bot.actions performs each; moments are ISO strings in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flows.steps import Nature


@dataclass(frozen=True, slots=True)
class LookAtMeetings:
    """See what meetings the person has ahead of them, the soonest first; one that has just begun counts.

    Result: {"meetings": [{"id", "version", "starts", "ends", "minutes", "form", "staff", "name", "place", "where",
    "link", "answer", "told"}]}. `told`: word of this version has reached the person.
    """

    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class FindTimes:
    """Find up to three free times near a part of the day, or near a time in the person's own words.

    `part` is morning, after_lunch, later or None. `wanted` is None or {"starts", "ends", "daily", "not_on"}; `shown`
    holds the (starts, staff) that were offered before. With `appointment` that meeting's own time counts as free.
    `said` is all that they wrote of it: who of us they name there is looked for first ("med Erik").
    Result: {"offers": [{"starts", "ends", "staff", "name", "place", "where"}], "fits": whether the first is as wished}.
    """

    form: str
    minutes: int
    part: str | None = None
    wanted: Mapping[str, Any] | None = None
    shown: tuple[tuple[str, int], ...] = ()
    appointment: int | None = None
    said: str = ""
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True, slots=True)
class HoldTime:
    """Keep a time from others while the person makes up their mind. Result: {"held": False when somebody took it}."""

    form: str
    starts: str
    ends: str
    staff: int
    place: str | None = None
    appointment: int | None = None
    nature: ClassVar[Nature] = "hold"


@dataclass(frozen=True, slots=True)
class BookTime:
    """Book a time, or move the meeting `appointment` to it.

    Result: {"booked": False when the time went meanwhile, "id", "version", "starts", "ends", "name", "place", "where",
    "link", "find", "page", "remind": whether a reminder on the same day could go out}.
    """

    form: str
    minutes: int
    starts: str
    staff: int
    place: str | None = None
    pace: str = ""
    plan_b: str = ""
    appointment: int | None = None
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class KeepWish:
    """Nothing fitted: keep what they wish for, and ask them when a time opens. Result: {"promise": a date or None}."""

    form: str
    minutes: int
    part: str | None = None
    wanted: Mapping[str, Any] | None = None
    words: str = ""
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class AnswerMeeting:
    """Keep the answer to one version of a meeting: yes, no or move; the last one holds.

    Result: {"came": ok | changed | cancelled | begun | gone, "meeting": as it stands now, or None}.
    """

    appointment: int
    version: int
    answer: str
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """Call a meeting off for the person: the time is free again, staff are told. Result: as AnswerMeeting."""

    appointment: int
    version: int
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class ShortenMeeting:
    """Make a meeting shorter, with the same start. Result: as AnswerMeeting."""

    appointment: int
    version: int
    minutes: int
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class TellStaff:
    """Put something about a meeting before staff: late, lost, here, sick, phone, plan_b, message or not_with.

    The last is kept from the one whom they do not want to meet, where others work there.

    Result: {"staffed": whether anybody reads now, "answer_by": when they have answered, "name": whose meeting it is,
    "others": whether others than that one work there}.
    """

    what: str
    words: str
    appointment: int | None = None
    minutes: int | None = None
    nature: ClassVar[Nature] = "final"


@dataclass(frozen=True, slots=True)
class SetReminders:
    """Keep what the person wants of reminders; None leaves it as it is. Result: {}."""

    same_day: bool | None = None
    reminders: bool | None = None
    nature: ClassVar[Nature] = "final"
