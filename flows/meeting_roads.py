"""What may follow when somebody writes about a meeting that they have: the roads of the talk `appointment`.

Each road is a generator that ends in an outcome. An answer may come too late or be about an older time; what came of it
is said plainly, each time with a way on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from flows.asks import Choose
from flows.asks_meetings import Fits, YesOrTime, wished
from flows.asks_times import OWN, lies_in
from flows.commands_meetings import AnswerMeeting, CancelMeeting, ShortenMeeting, TellStaff
from flows.finding_time import Search, book, keep_wish
from flows.steps import Ask, Do, Say, Talk

Meeting = Mapping[str, Any]

SHORT: Final = 20
"""Minutes of the shorter walk."""

USUAL: Final = 40
FORM: Final = "walk_and_talk"
A_DAY: Final = timedelta(days=1)
AN_HOUR: Final = timedelta(hours=1)
MOST_TIMES_CHANGED: Final = 3
"""A time that keeps changing under the answers goes to a person."""


@dataclass(frozen=True, slots=True)
class Case:
    """A meeting and what was said of it. `meeting` is None for one that only a button knows."""

    id: int
    version: int
    meeting: Meeting | None
    said: str = ""
    wanted: Mapping[str, Any] | None = None
    minutes: int | None = None
    changed: int = 0

    def now_as(self, meeting: Meeting) -> Case:
        """The same case with the meeting as it stands now."""
        return replace(self, id=meeting["id"], version=meeting["version"], meeting=meeting)


def case_of(meeting: Meeting, said: str = "", wanted: Any = None, minutes: int | None = None) -> Case:
    """What was said of a meeting as it stands."""
    return Case(meeting["id"], meeting["version"], meeting, said, wanted, minutes)


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """A meeting as the texts know it."""
    names = ("starts", "minutes", "form", "where", "link", "find", "page")
    return {name: meeting.get(name) for name in names} | {"staff_name": meeting.get("name")}


def yes(case: Case) -> Talk:
    """They come. A yes that names another time than the meeting's is asked about first."""
    meeting = case.meeting
    if meeting is not None and (not meeting.get("told", True) or _names_another(case, meeting)):
        return (yield from asks_again(replace(case, wanted=None), meeting))
    result = yield Do(AnswerMeeting(case.id, case.version, "yes"))
    if result["came"] != "ok":
        return (yield from came_otherwise(case, result))
    yield Say("appointment/see_you", **facts_of(result["meeting"]))
    return "yes"


def no(case: Case) -> Talk:
    """They do not come: the answer is kept, and one question follows."""
    result = yield Do(AnswerMeeting(case.id, case.version, "no"))
    if result["came"] != "ok":
        return (yield from came_otherwise(case, result))
    return (yield from asks_for_new(case.now_as(result["meeting"]), "no"))


def move(case: Case, *, later: bool = False) -> Talk:
    """Another time: staff see the wish at once, and what is free is offered; with `later` only on the days after."""
    result = yield Do(AnswerMeeting(case.id, case.version, "move"))
    if result["came"] != "ok":
        return (yield from came_otherwise(case, result))
    case = case.now_as(result["meeting"])
    return (yield from finds_new(case, stands=result["meeting"]["starts"], later=later))


def cancel(case: Case) -> Talk:
    """The time is given back, and one question follows."""
    result = yield Do(CancelMeeting(case.id, case.version))
    if result["came"] != "ok":
        return (yield from came_otherwise(case, result))
    return (yield from asks_for_new(case, "cancel", moves=False))


def not_today(case: Case) -> Talk:
    """Too much today: shorter, by phone, another day, or nothing. Nobody asks why."""
    meeting = case.meeting
    if meeting is None:
        return (yield from no(case))
    if not meeting.get("today", True):
        return (yield from asks_again(case, meeting))
    reads = Choose("not_today", _instead(meeting))
    picked = yield Ask("instead", reads, message="appointment/instead", facts={"staff_name": meeting["name"]})
    if picked.key == "shorter":
        return (yield from _shorter(case))
    if picked.key == "phone":
        told = yield Do(TellStaff("phone", case.said, case.id))
        yield Say("appointment/by_phone", answer_by=told["answer_by"], staff_name=told["name"])
        return "phone"
    if picked.key == "another_day":
        return (yield from move(case, later=True))
    result = yield Do(AnswerMeeting(case.id, case.version, "no"))
    if result["came"] not in ("ok", "cancelled", "gone"):
        return (yield from came_otherwise(case, result))
    yield Say("appointment/nothing_today")
    return "nothing_today"


def late(case: Case) -> Talk:
    """Told to the one who waits."""
    told = yield Do(TellStaff("late", case.said, case.id, case.minutes))
    yield Say("appointment/late", staffed=told["staffed"], staff_name=told["name"])
    return "late"


def plan_b(case: Case) -> Talk:
    """The weather is bad: indoors or by phone, as they chose when they booked; the one who waits is told."""
    chosen = str((case.meeting or {}).get("plan_b") or "")
    told = yield Do(TellStaff("plan_b", case.said, case.id))
    yield Say("appointment/plan_b_told", plan_b=chosen, staffed=told["staffed"], staff_name=told["name"])
    return "plan_b"


def lost(case: Case) -> Talk:
    """Where it is and how to find it; the one who waits is told."""
    told = yield Do(TellStaff("lost", case.said, case.id))
    shown = facts_of(case.meeting or {})
    names = ("form", "where", "find", "link")
    facts = {name: shown[name] for name in names} | {"staffed": told["staffed"], "staff_name": told["name"]}
    yield Say("appointment/lost", **facts)
    return "lost"


def here(case: Case) -> Talk:
    """They are there; the one who waits, or should, is told."""
    told = yield Do(TellStaff("here", case.said, case.id))
    facts = {name: facts_of(case.meeting or {})[name] for name in ("form", "where", "find")}
    yield Say("appointment/here", **facts, staffed=told["staffed"], staff_name=told["name"])
    return "here"


def sick(case: Case) -> Talk:
    """They stay at home: the answer is a no, staff are told, and a new time is offered."""
    result = yield Do(AnswerMeeting(case.id, case.version, "no"))
    yield Do(TellStaff("sick", case.said, case.id))
    if result["came"] == "ok":
        return (yield from asks_for_new(case.now_as(result["meeting"]), "sick"))
    return (yield from asks_for_new(case, "sick", moves=False))


def free(case: Case) -> Talk:
    """Words that a person should read."""
    told = yield Do(TellStaff("message", case.said, case.id))
    yield Say("appointment/passed_on", answer_by=told["answer_by"], staff_name=told["name"])
    return "passed_on"


def not_with(case: Case) -> Talk:
    """They do not want to meet the one whom the time is, or was, with: a no to the time, and somebody else answers."""
    ahead = case.meeting is not None
    if ahead:
        yield Do(AnswerMeeting(case.id, case.version, "no"))
    told = yield Do(TellStaff("not_with", case.said, case.id))
    facts = {"answer_by": told["answer_by"], "others": told.get("others", False), "staff_name": told["name"]}
    facts["ahead"] = ahead
    yield Say("appointment/not_with", **facts)
    return "not_with"


def unsure(case: Case) -> Talk:
    """They cannot say yet: the time is theirs meanwhile, and nobody presses."""
    if case.meeting is None:
        return (yield from free(case))
    yield Say("appointment/when_you_know", **facts_of(case.meeting))
    return "unsure"


def puzzled(case: Case) -> Talk:
    """What we asked was not clear to them: the time, and whether it suits, once more."""
    return (yield from asks_again(case, case.meeting) if case.meeting is not None else free(case))


def when(case: Case) -> Talk:
    """What holds, read back."""
    if case.meeting is not None:
        yield Say("appointment/when", **facts_of(case.meeting))
    return "told"


def shorter(case: Case) -> Talk:
    """Not so long, of what they have; where it is short already a person reads what they mean."""
    meeting = case.meeting
    if meeting is None or meeting["form"] in ("phone", "video") or meeting["minutes"] <= SHORT:
        return (yield from free(case))
    return (yield from _shorter(case))


def new_time(case: Case) -> Talk:
    """They said yes to a new time where the old one is over: we called it off, or they did not meet."""
    return (yield from finds_new(case, moves=False))


def not_now(case: Case) -> Talk:
    """They said not now to a new time."""
    yield Say("appointment/another_time")
    return "not_now"


ROADS: Final = {
    "yes": yes,
    "no": no,
    "move": move,
    "not_today": not_today,
    "late": late,
    "plan_b": plan_b,
    "lost": lost,
    "here": here,
    "shorter": shorter,
    "sick": sick,
    "not_with": not_with,
    "cancel": cancel,
    "when": when,
    "unsure": unsure,
    "puzzled": puzzled,
    "free": free,
    "new_time": new_time,
    "not_now": not_now,
}
"""What each wish about a meeting leads to."""


def came_otherwise(case: Case, result: Mapping[str, Any]) -> Talk:
    """The answer did not fit the meeting as it stands: say what holds, and the way on."""
    meeting = result["meeting"]
    if result["came"] == "changed" and meeting is not None:
        return (yield from asks_again(replace(case, changed=case.changed + 1), meeting))
    if result["came"] == "begun":
        told = yield Do(TellStaff("message", case.said, case.id))
        yield Say("appointment/begun", staffed=told["staffed"], staff_name=told["name"])
        return "begun"
    because = result["came"] if result["came"] in ("cancelled", "gone") else "gone"
    return (yield from asks_for_new(replace(case, meeting=meeting or case.meeting), because, moves=False))


def asks_again(case: Case, meeting: Meeting) -> Talk:
    """What holds now, and whether that suits them."""
    if case.changed > MOST_TIMES_CHANGED:
        return (yield from free(case))
    shown = facts_of(meeting)
    facts = {name: shown[name] for name in ("starts", "form", "where", "staff_name")} | {"changed": case.changed > 0}
    answer = yield Ask("fits", Fits(), message="appointment/fits", facts=facts)
    case = replace(case.now_as({**meeting, "told": True}), wanted=answer["wanted"], changed=case.changed + 1)
    case = replace(case, said=answer["said"] or case.said, minutes=answer["minutes"])
    # Of reminders they may write another time: here something else was asked.
    return (yield from ROADS.get(answer["wish"], free)(case))


def asks_for_new(case: Case, because: str, *, moves: bool = True) -> Talk:
    """One kind question, whether to find a new time, or when. With `moves` the meeting itself goes there."""
    reads = YesOrTime()
    answer = wished((yield Ask("new_time", reads, message="appointment/new_time", facts={"because": because})))
    if answer["wish"] == "no":
        yield Say("appointment/another_time")
        return because
    if answer["wanted"] is not None:
        case = replace(case, wanted=answer["wanted"], said=answer["said"])
    return (yield from finds_new(case, moves=moves, later=because == "sick"))


def finds_new(case: Case, *, moves: bool = True, stands: str | None = None, later: bool = False) -> Talk:
    """Offer times until one is booked. `stands` is the start of the meeting where it still holds."""
    meeting = case.meeting or {}
    starts = meeting.get("starts")
    search = Search(
        meeting.get("form") or FORM,
        meeting.get("minutes") or USUAL,
        appointment=case.id if moves else None,
        agreed=starts,
        later_than=starts if later else None,
        beside=OWN,
        said=case.said,
        offered="move",
    )
    search.words = case.said
    if starts and meeting.get("staff") is not None:
        search.shown.append((starts, meeting["staff"]))
    if case.wanted is not None and not (starts and _is_about(starts, case.wanted)):
        search.wish(case.wanted, case.said)
    booked = yield from book(search)
    if booked is None:
        yield from keep_wish(search, stands)
        return "wish_kept"
    yield Say("appointment/moved", **facts_of({**booked, "form": search.form, "minutes": search.minutes}))
    return "moved"


def _shorter(case: Case) -> Talk:
    result = yield Do(ShortenMeeting(case.id, case.version, SHORT))
    if result["came"] != "ok":
        return (yield from came_otherwise(case, result))
    yield Say("appointment/shorter", **facts_of(result["meeting"]))
    return "shorter"


def _instead(meeting: Meeting) -> tuple[str, ...]:
    """What can be chosen instead of coming today."""
    keys = ["another_day", "nothing"]
    if meeting["form"] != "phone":
        keys.insert(0, "phone")
    if meeting["form"] not in ("phone", "video") and meeting["minutes"] > SHORT:
        keys.insert(0, "shorter")
    return tuple(keys)


def _names_another(case: Case, meeting: Meeting) -> bool:
    return case.wanted is not None and not lies_in(meeting["starts"], case.wanted)


def _is_about(starts: str, wanted: Mapping[str, Any]) -> bool:
    """Whether the words named the meeting and no wish: "byt tiden på torsdag" of one on Thursday."""
    first, last = (datetime.fromisoformat(wanted[name]) for name in ("starts", "ends"))
    if last - first <= AN_HOUR:  # "typ 14" is half an hour on either side, and no wish for half past one
        return first + (last - first) / 2 == datetime.fromisoformat(starts)
    return last - first <= A_DAY and lies_in(starts, wanted)
