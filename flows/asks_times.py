"""Answers about time: one of the times that were offered, other ones, or a time in the person's own words.

A time in own words is never taken as it is: the flow finds what is free then and reads that back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final

from flows.answers import command
from flows.asks import Context, Later, Plain, Reading, Unclear, Understood
from flows.choices import read_choices
from flows.net import pauses_in
from flows.text import cut, words
from flows.verdict import find_cues
from flows.when import NAMES_NONE, WHEN_NOT, Unread, When, read_when
from flows.wishes import kind_of_time, leaves_it_open, names_one_of_ours
from rules.calendar import to_local

MORE, OWN = "more", "own"
"""Keys beside the times: other times; a time that the person writes."""

AHEAD: Final = timedelta(days=14)
"""Hours without a day ("efter tre") are wished for on any of so many days."""

_PROBES: Final = 7


@dataclass(frozen=True, slots=True)
class Said:
    """What was read of a time in words. `any_day`: it names hours and no day."""

    read: When
    any_day: bool


def times_in(text: str, context: Context, agreed: datetime | None = None) -> Said | Unread:
    """The time that a text names, read at the context's `now`; `agreed` is what "en timme senare" counts from."""
    if context.now is None:
        return Unread("no clock was lent")
    now = to_local(context.now)
    same_as = to_local(agreed) if agreed else None
    read = read_when(text, now, context.lexicon.extra, same_as)
    if isinstance(read, Unread):
        return read
    read = _without_a_hard_day(read, text, context)
    return Said(read, _names_no_day(text, now, context, same_as))


def _without_a_hard_day(read: When, text: str, context: Context) -> When:
    """The times that were named without today, where today is what is hard: "är slut i dag men i morgon går"."""
    if not read.also or {read.start.date(), read.end.date()} != {_today(context)}:
        return read
    plain, pauses = pauses_in(words(cut(text)))
    if not find_cues(plain, pauses, context.lexicon.cues).has("hard", "low"):
        return read
    first, *others = read.also
    return replace(first, also=tuple(others))


def _names_no_day(text: str, now: datetime, context: Context, same_as: datetime | None) -> bool:
    """Whether the words mean the same hours whatever day they are said on, that day included."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(_PROBES):
        day = midnight + timedelta(days=days)
        read = read_when(text, day, context.lexicon.extra, same_as)
        if isinstance(read, Unread) or {read.start.date(), read.end.date()} != {day.date()}:
            return False
        if (read.end - read.start) > timedelta(hours=20):  # "i dag" is a day
            return False
    return True


def wanted_in(text: str, context: Context, agreed: datetime | None = None) -> dict[str, Any] | None:
    """The time that a text names, as FindTimes takes it; None when it names none.

    {"starts", "ends"} in UTC, {"daily": [earliest, latest] local hours each day, or None, "not_on": dates}, and
    {"also": [the same for other times that were named]} when there are any.
    """
    said = times_in(text, context, agreed)
    return None if isinstance(said, Unread) or context.now is None else _wanted(said, context.now)


def but_not_in(text: str, context: Context) -> dict[str, Any] | None:
    """Any other day, where a text says only which day not: "nej inte imorgon". None for other texts."""
    said = times_in(text, context)
    any_time = context.lexicon.extra.get("wishes", {}).get("any_time", "")
    if not isinstance(said, Unread) or said.why != WHEN_NOT or not any_time:
        return None
    return wanted_in(f"{any_time} {text}", context)


def names_a_day(text: str, context: Context) -> bool:
    """Whether a text names a time that is more than "today" and "now": "mår dåligt i dag" wishes for nothing."""
    said = times_in(text, context)
    if isinstance(said, Unread):
        return said.why != NAMES_NONE
    return said.any_day or bool(said.read.also) or {said.read.start.date(), said.read.end.date()} != {_today(context)}


def _today(context: Context) -> date | None:
    return to_local(context.now).date() if context.now is not None else None


def _wanted(said: Said, now: datetime) -> dict[str, Any]:
    if said.any_day:
        hours = [f"{said.read.start:%H:%M}", f"{said.read.end:%H:%M}"]
        return {"starts": _utc(now), "ends": _utc(now + AHEAD), "daily": hours, "not_on": []}
    first, *others = [_one(read) for read in (said.read, *said.read.also)]
    return first | ({"also": others} if others else {})


def _one(read: When) -> dict[str, Any]:
    daily = [f"{hour:%H:%M}" for hour in read.daily] if read.daily else None
    not_on = [day.isoformat() for day in read.not_on]
    return {"starts": _utc(read.start), "ends": _utc(read.end), "daily": daily, "not_on": not_on}


def lies_in(starts: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a meeting that begins at `starts` is at a time that was named."""
    at = datetime.fromisoformat(starts)
    if any(lies_in(starts, other) for other in wanted.get("also", ())):
        return True
    if not datetime.fromisoformat(wanted["starts"]) <= at <= datetime.fromisoformat(wanted["ends"]):
        return False
    local = to_local(at)
    if local.date().isoformat() in wanted["not_on"]:
        return False
    return wanted["daily"] is None or wanted["daily"][0] <= f"{local:%H:%M}" <= wanted["daily"][1]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


_TO_BOTH: Final = 4
"""Words of a "ja till båda två"; what is longer says more than that. Our choice."""


@dataclass(frozen=True, slots=True)
class AtTime(Plain):
    """One of the times offered, or another.

    `keys` are what is shown, the times first and then perhaps MORE or OWN; `offers` are the times as (start, staff).
    The value is {"pick": n, "starts", "staff"}, {"more": True}, {"own": True}, {"none": True} (nothing that can be
    offered fits), {"wanted": a time in own words, "said": the words}, or {"with": True, "said"} of who names one of us
    ("med Anna helst"). With `only_these` only a pick is an answer, and with `both` also several: {"picks": [n, ...]}.
    `kinds` say what each time is, "group" or "meeting".
    """

    keys: tuple[str, ...] = ()
    offers: tuple[tuple[str, int], ...] = ()
    of: str = "time"
    agreed: str | None = None
    only_these: bool = False
    both: bool = False
    kinds: tuple[str, ...] = ()
    question: ClassVar[str] = "time"

    @property
    def option_set(self) -> str:
        """As named: the labels are written from the times."""
        return self.of

    def read(self, text: str, context: Context) -> Reading:
        """By number or name first, then by day and hour: "2" is the second, "kl 2" is two o'clock."""
        if command(text, context.lexicon) == MORE:
            return self._none_of_these(MORE if self.offers else "none")
        # "Den sista" is the last of the times, not of what stands beside them.
        for keys in (self.keys[: len(self.offers)], self.keys):
            chosen = read_choices(text, self.of, context.lexicon, keys)
            if len(chosen.chosen) == 1 and not chosen.rest and not chosen.unsure:
                return self.pressed(chosen.chosen[0])
        if len(chosen.chosen) > 1 and (not chosen.rest or self.both):
            return self._several(chosen.chosen, text, context)
        if (kind := kind_of_time(text, context.lexicon)) and self.kinds.count(kind) == 1:
            return self._pick(self.kinds.index(kind))
        said = times_in(text, context, datetime.fromisoformat(self.agreed) if self.agreed else None)
        if isinstance(said, Unread):
            return self._without_time(text, said, context)
        wanted = _wanted(said, context.now or said.read.start)
        fitting = [n for n, (starts, _) in enumerate(self.offers) if lies_in(starts, wanted)]
        if len(fitting) == 1:
            return self._pick(fitting[0])
        return Unclear("none of the times") if self.only_these else Understood({"wanted": wanted, "said": text[:300]})

    def _several(self, chosen: Sequence[str], text: str, context: Context) -> Reading:
        """All that were chosen, where that is an answer: "ja till båda", and no "1 eller 2"."""
        if not self.both or len(text.split()) > _TO_BOTH or leaves_it_open(text, context.lexicon):
            return Unclear("more than one of the times")
        return Understood({"picks": sorted(self.keys.index(key) for key in chosen)})

    def _without_time(self, text: str, unread: Unread, context: Context) -> Reading:
        """A plain yes, no or not now, and what says only when not."""
        meaning = context.reply(text, "yesno").meaning
        if meaning == "yes" and len(self.offers) == 1:
            return self._pick(0)
        if meaning in ("not_now", "unclear") and context.reply(text, None).meaning == "rebook":
            meaning = "rebook"  # "finns det nåt senare?"
        if meaning == "not_now":
            return Later()
        if not self.only_these and (but := but_not_in(text, context)):
            return Understood({"wanted": but, "said": text[:300]})
        if not self.only_these and self.offers and names_one_of_ours(text, context.lexicon):
            return Understood({"with": True, "said": text[:300]})
        if meaning in ("no", "rebook") or unread.why == WHEN_NOT:
            return self._none_of_these(MORE if MORE in self.keys else "none")
        return Unclear(unread.why)

    def _none_of_these(self, instead: str) -> Reading:
        return Unclear("none of the times") if self.only_these else Understood({instead: True})

    def _pick(self, n: int) -> Reading:
        starts, staff = self.offers[n]
        return Understood({"pick": n, "starts": starts, "staff": staff})

    def options(self) -> tuple[str, ...]:
        """As shown."""
        return self.keys

    def pressed(self, option: str) -> Reading:
        """A button is a time, other times, or the wish to write one."""
        if option not in self.keys:
            return Unclear("a choice of another question")
        n = self.keys.index(option)
        return self._pick(n) if n < len(self.offers) else Understood({option: True})


@dataclass(frozen=True, slots=True)
class PartOfDay(Plain):
    """A part of the day, or a time in own words: {"part": key} or {"wanted": ..., "said": ...}."""

    keys: tuple[str, ...]
    question: ClassVar[str] = "time"

    @property
    def option_set(self) -> str:
        """The parts of a day."""
        return "part"

    def read(self, text: str, context: Context) -> Reading:
        """A choice and nothing beside it, or else a time."""
        chosen = read_choices(text, "part", context.lexicon, self.keys)
        if len(chosen.chosen) == 1 and not chosen.rest and not chosen.unsure:
            return Understood({"part": chosen.chosen[0]})
        wanted = wanted_in(text, context)
        if wanted is not None:
            return Understood({"wanted": wanted, "said": text[:300]})
        if len(chosen.chosen) == 1:
            return Understood({"part": chosen.chosen[0]})
        return Unclear("no part of the day")

    def options(self) -> tuple[str, ...]:
        """As shown."""
        return self.keys

    def pressed(self, option: str) -> Reading:
        """The buttons are the parts."""
        return Understood({"part": option}) if option in self.keys else Unclear("a choice of another question")
