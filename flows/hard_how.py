"""The two-way question on "orkar inte" alone: too much today, or hard in another way. Not yet distress, not nothing."""

from __future__ import annotations

from flows.asks import Choose
from flows.commands import RaiseDistress
from flows.commands_meetings import LookAtMeetings
from flows.meeting_roads import case_of, not_today
from flows.person import Person
from flows.steps import Ask, Do, Say, Talk


def hard_how(person: Person) -> Talk:
    """One two-way question. `person.extra["said"]` is what they wrote. Outcomes: hard, not_today, or the meeting's.

    With `meeting_today` the one who meant today chooses what to do about that meeting.
    """
    said = str(person.extra.get("said", ""))
    picked = yield Ask("hard_how", Choose("hard", ("not_today", "hard")), message="first_care/hard_how")
    if picked.key == "hard":
        yield Do(RaiseDistress(said))
        return "hard"
    if person.extra.get("meeting_today"):
        looked = yield Do(LookAtMeetings())
        if looked["meetings"]:
            return (yield from not_today(case_of(looked["meetings"][0], said)))
    yield Say("first_care/hard_not_today")
    return "not_today"
