"""Somebody is invited to a group activity: yes, maybe, yes but it feels hard, no; and what they write about it later.

The wish is read before the talk begins (flows/group_words.py). Nothing is ever said of the others who are invited.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flows.asks_meetings import YesOrLater
from flows.asks_times import AtTime
from flows.commands_activity import AnswerInvitation, LookAtActivity, MeetOutside, RateActivity, TellAboutActivity
from flows.commands_meetings import LookAtMeetings
from flows.group_words import GroupAnswer
from flows.meeting_roads import ROADS as MEETING_ROADS
from flows.meeting_roads import case_of
from flows.meeting_roads import free as about_a_meeting
from flows.person import Person
from flows.steps import Ask, Do, Say, Step, Talk

MOST_TIMES_CHANGED: Final = 3
"""An activity that keeps changing under the answers goes to a person."""

Activity = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """An invitation, the version of the activity that they had seen, and what was said."""

    invitation: int
    version: int
    said: str = ""
    minutes: int | None = None
    changed: int = 0


def activity(person: Person) -> Talk:
    """The talk about a group activity. `person.extra` holds the wish, the words, and the invitation or `among` which.

    `among` are things that ask at the same time: {"kind": group or meeting, "id", "version", "starts", "with"}.
    """
    extra = person.extra
    wish, said = str(extra.get("wish", "free")), str(extra.get("said", ""))
    if wish == "mark":
        yield Do(RateActivity(extra["invitation"], extra["value"]))
        yield Say("thanks")
        return "rated"
    meant: list[Mapping[str, Any]] = [{"kind": "group", "id": extra.get("invitation"), "version": extra.get("version")}]
    if extra.get("among"):
        meant = yield from _which(extra["among"], wish)
    outcome = ""
    for each in meant:
        if each["kind"] == "meeting":
            outcome = yield from _meeting(each["id"], wish, said)
        else:
            outcome = yield from ROADS.get(wish, free)(Case(each["id"], each["version"], said, extra.get("minutes")))
    return outcome


def _which(among: list[Mapping[str, Any]], wish: str) -> Generator[Step, Any, list[Mapping[str, Any]]]:
    """The one of several that is meant; a yes may be one to all of them."""
    keys = tuple(f"m{n}" for n, _ in enumerate(among, start=1))
    times = [
        {"key": key, "starts": each["starts"], "with": each["with"]} for key, each in zip(keys, among, strict=True)
    ]
    offers = tuple((each["starts"], n) for n, each in enumerate(among))
    kinds = tuple(str(each["kind"]) for each in among)
    reads = AtTime(keys, offers, of="meeting", only_these=True, both=wish == "yes", kinds=kinds)
    answer = yield Ask("which", reads, message="activity/which", facts={"times": times})
    return [among[n] for n in answer.get("picks", [answer.get("pick")])]


def _meeting(meeting_id: int, wish: str, said: str) -> Talk:
    """It was about a meeting after all."""
    looked = yield Do(LookAtMeetings())
    meeting = next((each for each in looked["meetings"] if each["id"] == meeting_id), None)
    if meeting is None:
        yield Say("appointment/none_ahead")
        return "none_ahead"
    road = MEETING_ROADS.get({"not_now": "no"}.get(wish, wish), about_a_meeting)
    return (yield from road(case_of(meeting, said)))


def yes(case: Case) -> Talk:
    """They come, if there is a place."""
    result = yield Do(AnswerInvitation(case.invitation, case.version, "yes"))
    if result["came"] != "in":
        return (yield from came_otherwise(case, result))
    yield Say("in", **_shown(result["activity"]))
    return "yes"


def hard(case: Case) -> Talk:
    """They come, and it feels hard: staff see it, and somebody may meet them outside."""
    result = yield Do(AnswerInvitation(case.invitation, case.version, "hard"))
    if result["came"] != "in":
        return (yield from came_otherwise(case, result))
    there = result["activity"]
    if not there["meets"]:
        yield Say("hard_in", **_shown(there))
        return "hard"
    reads = YesOrLater()
    wanted = yield Ask("meets_you", reads, message="activity/meets_you", facts={"staff_name": there["meets"]})
    yield Do(MeetOutside(case.invitation, wanted))
    if wanted:
        yield Say("meets", staff_name=there["meets"], starts=there["starts"])
    else:
        yield Say("in", **_shown(there))
    return "hard"


def maybe(case: Case) -> Talk:
    """They may come; they have no place until they say yes."""
    return (yield from _kept(case, "maybe"))


def no(case: Case) -> Talk:
    """They do not come; nobody asks why."""
    return (yield from _kept(case, "no"))


def not_now(case: Case) -> Talk:
    """Not now, which is as good as a no."""
    return (yield from _kept(case, "not_now"))


def sick(case: Case) -> Talk:
    """They stay at home, and whoever leads it is told."""
    yield Do(TellAboutActivity("sick", case.said, case.invitation))
    return (yield from no(case))


def late(case: Case) -> Talk:
    """Told to whoever leads it."""
    told = yield Do(TellAboutActivity("late", case.said, case.invitation, case.minutes))
    yield Say("late", staffed=told["staffed"], staff_name=told["name"])
    return "late"


def lost(case: Case) -> Talk:
    """Where it is; whoever leads it is told."""
    told = yield Do(TellAboutActivity("lost", case.said, case.invitation))
    looked = yield Do(LookAtActivity(case.invitation))
    there = looked["activity"] or {}
    yield Say(
        "lost", where=there.get("where"), address=there.get("address"), staffed=told["staffed"], staff_name=told["name"]
    )
    return "lost"


def when(case: Case) -> Talk:
    """What holds, read back: when and where, and who meets them."""
    looked = yield Do(LookAtActivity(case.invitation))
    there = looked["activity"]
    if there is None:
        yield Say("gone")
        return "gone"
    yield Say("when", **_shown(there), **{name: there.get(name) for name in ("ends", "address", "met_by", "agreed")})
    return "told"


def many(case: Case) -> Talk:
    """How many they can be at most; never how many have said yes, nor who."""
    looked = yield Do(LookAtActivity(case.invitation))
    if looked["activity"] is None or "places" not in looked["activity"]:
        return (yield from free(case))
    yield Say("many", places=looked["activity"]["places"], how=looked["activity"].get("how"))
    return "told"


def home(case: Case) -> Talk:
    """Whether they may go home before the end: always."""
    yield Say("home")
    return "told"


def mind(case: Case) -> Talk:
    """Whether they may think better of it: the question once more."""
    return (yield from _once_more(case, "mind"))


def worry(case: Case) -> Talk:
    """It feels hard, and neither yes nor no is said: that it is common, and the question; or who can meet them."""
    looked = yield Do(LookAtActivity(case.invitation))
    if looked["activity"] is not None and looked["activity"].get("comes"):
        return (yield from hard(replace(case, version=looked["activity"]["version"])))
    return (yield from _once_more(case, "worry"))


def free(case: Case) -> Talk:
    """Words that a person should read; also a wish for another time, since a group has but one."""
    told = yield Do(TellAboutActivity("message", case.said, case.invitation))
    yield Say("passed_on", answer_by=told["answer_by"], staff_name=told["name"])
    return "passed_on"


def unclear(case: Case) -> Talk:
    """Nobody can read it as an answer: the question once more, in a friendlier way."""
    return (yield from _once_more(case, "unclear"))


def _once_more(case: Case, lead: str) -> Talk:
    looked = yield Do(LookAtActivity(case.invitation))
    if looked["activity"] is None:
        yield Say("gone")
        return "gone"
    return (yield from _asks(case, looked["activity"], lead))


def _kept(case: Case, answer: str) -> Talk:
    result = yield Do(AnswerInvitation(case.invitation, case.version, answer))
    if result["came"] != "kept":
        return (yield from came_otherwise(case, result))
    yield Say("maybe" if answer == "maybe" else "no")
    return answer


def came_otherwise(case: Case, result: Mapping[str, Any]) -> Talk:
    """There was no place, or the answer did not fit the activity as it stands: say what holds."""
    there, came = result["activity"], result["came"]
    if came in ("full", "went"):
        yield Say("full" if came == "full" else "went", line=there["line"], staff_name=there["staff_name"])
        return str(came)
    if came == "changed":
        return (yield from _asks(case, there, "changed"))
    if came == "begun":
        told = yield Do(TellAboutActivity("message", case.said, case.invitation))
        yield Say("begun", staffed=told["staffed"], staff_name=told["name"])
        return "begun"
    if came == "cancelled":
        yield Say("called_off", starts=there["starts"])
        return "cancelled"
    yield Say("gone")
    return "gone"


def _asks(case: Case, there: Activity, lead: str) -> Talk:
    """What holds now, and whether they want to come then. `lead`: changed, unclear, mind or worry."""
    if case.changed >= MOST_TIMES_CHANGED:
        return (yield from free(case))
    facts = _shown(there) | {"lead": lead}
    answer = yield Ask("answer", GroupAnswer(), message="activity/answer", facts=facts)
    case = replace(case, version=there["version"], said=answer["said"] or case.said, minutes=answer["minutes"])
    return (yield from ROADS.get(answer["wish"], free)(replace(case, changed=case.changed + 1)))


def _shown(there: Activity) -> dict[str, Any]:
    return {name: there[name] for name in ("starts", "title", "where")}


ROADS: Final[Mapping[str, Callable[[Case], Talk]]] = {
    "yes": yes,
    "hard": hard,
    "maybe": maybe,
    "no": no,
    "not_now": not_now,
    "sick": sick,
    "late": late,
    "lost": lost,
    "when": when,
    "many": many,
    "home": home,
    "mind": mind,
    "worry": worry,
    "who": free,  # for a person to say
    "unclear": unclear,
    "free": free,
}
"""What each wish about an activity leads to."""
