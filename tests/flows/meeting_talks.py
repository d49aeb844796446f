"""What the tests of talks about meetings share: a small world, and a walk through all roads.

The world is the hands that perform commands. Times go away and meetings change between two turns when a test says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flows.asks import Context, Picked
from flows.asks_times import lies_in
from flows.engine import Event, Heard, Start, advance
from flows.journal import Journal
from flows.person import Person
from flows.registry import FLOWS
from flows.replay import Asked, Turn
from flows.steps import SKIPPED, Ask, Do, Step
from messages.catalog import Catalog, Style
from rules.calendar import to_local
from tests import wordlists
from tests.flows import activity_talks

LEXICON = wordlists.lexicon()
CATALOG = Catalog.load()
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
"""Monday 30 November at 10 in Sweden."""
CONTEXT = Context(LEXICON, 2026, now=NOW)
STAFF = {1: "Anna", 2: "Erik"}
PLACE = {"place": "skutan", "where": "Skutan", "link": "https://karta.example/s", "find": "Vid den blå dörren."}


def at(text: str) -> str:
    """Local wall time ("2026-12-03 13:30") as the flows hold it."""
    local = datetime.fromisoformat(text)
    offset = to_local(local.replace(tzinfo=UTC)).utcoffset() or timedelta()
    return (local.replace(tzinfo=UTC) - offset).isoformat()


FREE = tuple(
    at(f"2026-12-{day:02} {clock}")
    for day in (1, 2, 3, 4, 7, 8, 9, 10, 11)
    for clock in ("09:30", "10:30", "13:00", "14:15", "15:15")
)


@dataclass
class World:
    """The store as the flows see it. `lost` are times that somebody else takes just before they are held or booked."""

    free: list[tuple[str, int]] = field(default_factory=lambda: [(starts, 1) for starts in FREE])
    meetings: list[dict[str, Any]] = field(default_factory=list)
    past: dict[int, str] = field(default_factory=dict)
    lost_before_hold: int = 0
    lost_before_book: int = 0
    done: list[Any] = field(default_factory=list)
    staffed: bool = True
    ids: Any = field(default_factory=lambda: count(101))

    def meets(self, starts: str, **more: Any) -> dict[str, Any]:
        """Let there be a meeting."""
        meeting = {
            "id": next(self.ids), "version": 1, "starts": starts, "ends": starts, "form": "walk_and_talk", "staff": 1,
            "name": "Anna", **PLACE, "answer": None, "told": True, "minutes": 40, "today": starts[:10] == "2026-11-30",
        } | more  # fmt: skip
        self.meetings = sorted([*self.meetings, meeting], key=lambda each: str(each["starts"]))
        return meeting

    def named(self, name: str) -> list[Any]:
        """The commands of that name that were performed."""
        return [each for each in self.done if type(each).__name__ == name]

    def perform(self, command: Any) -> Any:
        """Do what a flow asks for; the result has been through JSON, as in the store."""
        self.done.append(command)
        return json.loads(json.dumps(getattr(self, f"_{type(command).__name__}")(command)))

    def undo(self, name: str, result: Any) -> None:
        """Undo a hold."""
        assert name == "HoldTime"
        self.done.append(f"undo {name}")

    def _LookAtMeetings(self, _: Any) -> Any:  # noqa: N802  named by the command
        return {"meetings": self.meetings}

    def _FindTimes(self, command: Any) -> Any:  # noqa: N802
        open_times = [slot for slot in self.free if slot not in {tuple(each) for each in command.shown}]
        fitting = [slot for slot in open_times if self._as_wished(slot[0], command)]
        offers = [*fitting, *(slot for slot in open_times if slot not in fitting)][:3]
        return {"offers": [self._offer(slot, command.minutes) for slot in offers], "fits": bool(fitting)}

    def _as_wished(self, starts: str, command: Any) -> bool:
        if command.wanted is not None:
            return lies_in(starts, command.wanted)
        hour = to_local(datetime.fromisoformat(starts)).hour
        hours = {"morning": range(12), "after_lunch": range(12, 15), "later": range(15, 24)}
        return hour in hours.get(command.part, range(24))

    def _offer(self, slot: tuple[str, int], minutes: int) -> dict[str, Any]:
        starts, staff = slot
        ends = (datetime.fromisoformat(starts) + timedelta(minutes=minutes)).isoformat()
        return {
            "starts": starts,
            "ends": ends,
            "staff": staff,
            "name": STAFF[staff],
            "place": "skutan",
            "where": "Skutan",
        }

    def _HoldTime(self, command: Any) -> Any:  # noqa: N802
        if self.lost_before_hold:
            self.lost_before_hold -= 1
            self.free = [slot for slot in self.free if slot != (command.starts, command.staff)]
        return {"held": (command.starts, command.staff) in self.free}

    def _BookTime(self, command: Any) -> Any:  # noqa: N802
        slot = (command.starts, command.staff)
        if self.lost_before_book:
            self.lost_before_book -= 1
            self.free = [each for each in self.free if each != slot]
        if slot not in self.free:
            return {"booked": False}
        self.free.remove(slot)
        old = next((each for each in self.meetings if each["id"] == command.appointment), None)
        if old is not None:
            self.meetings.remove(old)
        known = {"id": old["id"], "version": old["version"] + 1} if old else {}
        new = {"form": command.form, "minutes": command.minutes, "staff": command.staff, "name": STAFF[command.staff]}
        meeting = self.meets(command.starts, **new, **known, answer="yes")
        return {"booked": True, "page": "https://i.example/d/x", **meeting}

    def _KeepWish(self, _: Any) -> Any:  # noqa: N802
        return {"promise": "2026-12-04"}

    def _AnswerMeeting(self, command: Any) -> Any:  # noqa: N802
        meeting = next((each for each in self.meetings if each["id"] == command.appointment), None)
        if meeting is None:
            return {"came": self.past.get(command.appointment, "gone"), "meeting": None}
        if meeting["version"] != command.version:
            return {"came": "changed", "meeting": meeting}
        if hasattr(command, "answer"):
            meeting["answer"] = command.answer
        return {"came": "ok", "meeting": meeting}

    def _CancelMeeting(self, command: Any) -> Any:  # noqa: N802
        result = self._AnswerMeeting(command)
        if result["came"] == "ok":
            self.meetings.remove(result["meeting"])
        return result

    def _ShortenMeeting(self, command: Any) -> Any:  # noqa: N802
        result = self._AnswerMeeting(command)
        if result["came"] == "ok":
            result["meeting"] |= {"minutes": command.minutes, "version": command.version + 1}
        return result

    def _TellStaff(self, _: Any) -> Any:  # noqa: N802
        by = "2026-11-30T12:30:00+00:00" if self.staffed else None
        return {"staffed": self.staffed, "answer_by": by, "name": "Anna"}

    def _SetReminders(self, _: Any) -> Any:  # noqa: N802
        return {}

    def _RaiseDistress(self, _: Any) -> Any:  # noqa: N802
        return {}


class Talk:
    """One talk in a world, kept between events as the store keeps it."""

    def __init__(self, flow: str, world: World, style: Style = "sms", **extra: Any) -> None:
        self.flow, self.world, self.style = flow, world, style
        self.person = Person(this_year=2026, channel="sms", name="Kim", extra=extra)
        self.kept, self.now = "[]", NOW
        self.turn = self.event(Start())

    def event(self, event: Event) -> Turn:
        """Take the talk one event further."""
        journal = Journal(json.loads(self.kept))
        context = Context(LEXICON, 2026, now=self.now)
        person = Person.load(json.loads(json.dumps(self.person.dump())))
        self.turn = advance(FLOWS[self.flow], person, journal, event, context, self.world)
        self.kept = json.dumps(list(journal))
        return self.turn

    def says(self, text: str) -> str:
        """What comes back when the person writes this: the texts, joined."""
        self.event(Heard(text))
        return self.text()

    def presses(self, option: str) -> str:
        """What comes back when the person presses the button of an option."""
        self.event(Heard("", pressed=option))
        return self.text()

    def text(self) -> str:
        """The texts of the last turn, as they would go out."""
        return "\n".join(self._render(each) for each in self.turn.news)

    def messages(self) -> list[str]:
        """The names of the messages of the last turn."""
        return [self._name(each) for each in self.turn.news]

    def _name(self, news: Any) -> str:
        name = news.message if "/" in news.message else f"{self.flow}/{news.message}"
        return f"{name}.again" if isinstance(news, Asked) and news.again else name

    def _render(self, news: Any) -> str:
        standing = {"readers": ["Anna", "Erik"], "bot": "Ingång", "name": "Kim", "staffed": True, "next_staffed": None}
        facts: dict[str, Any] = {**standing, **news.facts}
        if isinstance(news, Asked):
            facts |= {"options": news.options, "option_set": news.option_set}
        return CATALOG.render(self._name(news), style=self.style, facts=facts, now=self.now).text


# --- every road -----------------------------------------------------------------------------------------------------

_A_TIME = {"wanted": {"starts": FREE[0], "ends": FREE[0], "daily": None, "not_on": []}, "said": "tisdag 9.30"}
_MEETING = World().meets(FREE[3], id=1)
_CAME = ("ok", "changed", "begun", "cancelled", "gone")
_ANSWERS: Mapping[str, tuple[Any, ...]] = {
    "part": ({"part": "any"}, {"part": "morning"}, _A_TIME),
    "time": ({"pick": 0, "starts": FREE[0], "staff": 1}, {"more": True}, {"own": True}, {"none": True}, _A_TIME),
    "own_time": (_A_TIME, {"none": True}),
    "right": (True, False),
    "length": (40, SKIPPED),
    "plan_b": (Picked(("phone",)), SKIPPED),
    "reminder": (True, False),
    "walk": (True, False),
    "offer": (True, False),
    "which_meeting": ({"pick": 0},),
    "fits": tuple(
        {"wish": wish, "said": "", "wanted": None, "minutes": None} for wish in ("yes", "no", "move", "late")
    ),
    "new_time": (True, False),
    "instead": tuple(Picked((key,)) for key in ("shorter", "phone", "another_day", "nothing")),
    "hard_how": (Picked(("not_today",)), Picked(("hard",))),
    **activity_talks.ANSWERS,
}
_RESULTS: Mapping[str, tuple[Any, ...]] = {
    "LookAtMeetings": (
        {"meetings": [_MEETING]},
        {"meetings": []},
        {"meetings": [_MEETING, {**_MEETING, "id": 2, "starts": FREE[8]}]},
        {"meetings": [{**_MEETING, "told": False, "today": True}]},
    ),
    "HoldTime": ({"held": True}, {"held": False}),
    "BookTime": ({"booked": True, "page": None, **_MEETING}, {"booked": False}),
    "KeepWish": ({"promise": None},),
    **{
        name: tuple({"came": came, "meeting": _MEETING if came in ("ok", "changed") else None} for came in _CAME)
        for name in ("AnswerMeeting", "CancelMeeting", "ShortenMeeting")
    },
    "TellStaff": (
        {"staffed": True, "answer_by": None, "name": "Anna"},
        {"staffed": False, "answer_by": None, "name": None},
    ),
    "SetReminders": ({},),
    "RaiseDistress": ({},),
    **activity_talks.RESULTS,
}
WISHES = (
    "yes", "no", "move", "not_today", "late", "plan_b", "lost", "here", "shorter", "sick", "not_with", "when", "remind",
    "no_reminders", "cancel", "free", "unsure", "puzzled", "",
    "new_time", "not_now",
)  # fmt: skip
ROOTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    *(("appointment", {"wish": wish, "said": "hej"}) for wish in WISHES),
    ("appointment", {"wish": "yes", "said": "ja", "appointment": 7, "version": 1}),
    ("appointment", {"wish": "move", "said": "byt", "wanted": _A_TIME["wanted"]}),
    ("walk_and_talk", {"asked_by": "person"}),
    ("walk_and_talk", {"asked_by": "staff"}),
    ("walk_and_talk", {"asked_by": "person", "wanted": _A_TIME["wanted"], "same_day": True}),
    ("walk_and_talk", {"asked_by": "wish", "offer": World()._offer((FREE[0], 1), 40)}),
    ("hard_how", {"said": "orkar inte", "meeting_today": True}),
    *activity_talks.ROOTS,
)


def every_step(turns: int = 2) -> Iterator[tuple[str, Step]]:
    """Each step, once, of every road that leaves the straight one at most `turns` times."""
    seen = set()
    for flow, extra in ROOTS:
        for path in _paths(flow, extra, turns):
            for step in path:
                if (flow, repr(step)) not in seen:
                    seen.add((flow, repr(step)))
                    yield flow, step


def _paths(flow: str, extra: Mapping[str, Any], turns: int) -> Iterator[list[Step]]:
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        chosen = waiting.pop()
        steps, widths = _walk(flow, extra, chosen)
        yield steps
        if sum(map(bool, chosen)) < turns:
            for place in range(len(chosen), len(widths)):
                waiting += [(*chosen, *(0,) * (place - len(chosen)), n) for n in range(1, widths[place])]


def _walk(flow: str, extra: Mapping[str, Any], chosen: tuple[int, ...]) -> tuple[list[Step], list[int]]:
    """Go one road: the steps on it, and how many ways each answer and each result had."""
    talk = FLOWS[flow](Person(this_year=2026, channel="sms", name="Kim", extra=extra))
    steps: list[Step] = []
    widths: list[int] = []
    back: Any = None
    while True:
        try:
            step = talk.send(back)
        except StopIteration:
            return steps, widths
        steps.append(step)
        back = None
        if isinstance(step, Ask | Do):
            ways = _ways(step)
            n = chosen[len(widths)] if len(widths) < len(chosen) else 0
            widths.append(len(ways))
            back = ways[n]


def _ways(step: Ask | Do) -> tuple[Any, ...]:
    if isinstance(step, Ask):
        return _ANSWERS[step.slot]
    if type(step.command).__name__ == "FindTimes":
        offers = World()._FindTimes(step.command)["offers"]
        return {"offers": offers, "fits": True}, {"offers": offers, "fits": False}, {"offers": [], "fits": False}
    return _RESULTS[type(step.command).__name__]
