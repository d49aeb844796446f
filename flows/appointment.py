"""Somebody with a meeting ahead writes about it: yes, no, another time, not today, late, lost, sick, or when.

The wish is read before the talk begins (flows/meeting_words.py).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

from flows.asks_times import AtTime, lies_in
from flows.commands_meetings import LookAtMeetings, SetReminders
from flows.meeting_roads import ROADS, Case, Meeting, case_of, free, not_with
from flows.person import Person
from flows.steps import Ask, Do, Say, Step, Talk

MOST_SHOWN: Final = 3
"""Meetings shown in one list."""

_ANSWERS: Final = frozenset({"yes", "no", "move"})
_TODAY: Final = frozenset({"late", "lost", "here", "shorter", "sick", "not_today", "plan_b"})
_BY_ID: Final = frozenset({"yes", "no", "move", "cancel"})
_AFTERWARDS: Final = frozenset({"new_time", "not_now"})


def appointment(person: Person) -> Talk:
    """The talk about a meeting. `person.extra` holds the wish, the words, and the meeting where it is known.

    `new_time` and `not_now` answer "do you want a new time?" where the old one is over; `meeting` is then that one.
    """
    wish = str(person.extra.get("wish", "free"))
    if wish == "":
        return "nothing"
    if wish in ("remind", "no_reminders"):
        return (yield from _reminders(on=wish == "remind"))
    if wish in _AFTERWARDS:
        over = person.extra.get("meeting")
        return (yield from ROADS[wish](Case(0, 0, over, str(person.extra.get("said", "")), person.extra.get("wanted"))))
    looked = yield Do(LookAtMeetings())
    meetings = looked["meetings"]
    if wish == "not_with" and not meetings:
        return (
            yield from not_with(Case(person.extra.get("appointment") or 0, 0, None, str(person.extra.get("said", ""))))
        )
    if wish == "when" and len(meetings) > 1:
        times = [{"starts": each["starts"], "with": each["name"]} for each in meetings[:MOST_SHOWN]]
        yield Say("when_several", times=times)
        return "told"
    cases = yield from _which(person, meetings, wish)
    if not cases:
        yield Say("none_ahead")
        return "none_ahead"
    outcome = ""
    for case in cases:
        outcome = yield from ROADS.get(wish, free)(case)
    return outcome


def _reminders(*, on: bool) -> Talk:
    yield Do(SetReminders(same_day=True, reminders=True) if on else SetReminders(same_day=False, reminders=False))
    yield Say("reminders_on" if on else "reminders_off")
    return "reminders"


def _which(person: Person, meetings: Sequence[Meeting], wish: str) -> Generator[Step, Any, list[Case]]:
    """The meeting that is meant; asked for where several may be. A yes may be one to all that are shown."""
    extra = person.extra
    said, wanted, minutes = str(extra.get("said", "")), extra.get("wanted"), extra.get("minutes")
    chosen, version = extra.get("appointment"), extra.get("version")
    if chosen is not None:
        known = next((each for each in meetings if each["id"] == chosen), None)
        if known is None and wish in _BY_ID and version is not None:
            return [Case(chosen, version, None, said, wanted, minutes)]
        if known is not None:
            case = case_of(known, said, wanted, minutes)
            return [case if version is None else _as_answered(case, version)]
    meeting = _clear(meetings, wish, wanted)
    if meeting is None and meetings:
        shown = meetings[:MOST_SHOWN]
        places = tuple((each["starts"], each["staff"]) for each in shown)
        keys = tuple(f"m{n}" for n, _ in enumerate(shown, start=1))
        times = [
            {"key": key, "starts": each["starts"], "with": each["name"]} for key, each in zip(keys, shown, strict=True)
        ]
        reads = AtTime(keys, places, of="meeting", only_these=True, both=wish == "yes")
        answer = yield Ask("which_meeting", reads, facts={"times": times})
        picks = answer.get("picks", [answer.get("pick")])
        return [case_of(shown[n], said, wanted, minutes) for n in picks]
    return [] if meeting is None else [case_of(meeting, said, wanted, minutes)]


def _as_answered(case: Case, version: int) -> Case:
    """An answer to a message that we know: its version tells what they had seen."""
    meeting = case.meeting or {}
    seen = {**meeting, "told": True}
    return Case(case.id, version, seen, case.said, case.wanted, case.minutes)


def _clear(meetings: Sequence[Meeting], wish: str, wanted: Mapping[str, Any] | None) -> Meeting | None:
    """The one that is meant, where only one can be: it alone was named, or asks, or is soon enough."""
    if len(meetings) == 1:
        return meetings[0]
    if wanted is not None and wish != "move":
        named = [each for each in meetings if lies_in(each["starts"], wanted)]
        if len(named) == 1:
            return named[0]
    if wish in _ANSWERS:
        asking = [each for each in meetings if each["answer"] is None and each["told"]]
        return asking[0] if len(asking) == 1 else None
    return meetings[0] if meetings and wish in _TODAY else None
