"""What would be sent about a meeting, and when, for `ingang explain plan`: no settings, no database.

The unit is one as it comes: every kind on, the clocks of the design, sending hours 09.00-19.00, somebody at work on
weekdays 8-16.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, cast, get_args
from zoneinfo import ZoneInfo

from rules.calendar import swedish_moment
from rules.reminders import BEFORE, Answer, Item, Meeting, Plan, Policy, Wish, plan
from rules.roster import Roster, Shift

HOME: Final = ZoneInfo("Europe/Stockholm")
LENGTH: Final = timedelta(minutes=40)  # how long the meeting is; only what follows on it depends on that
POLICY: Final = Policy(roster=Roster(tuple(Shift(1, weekday, time(8), time(16)) for weekday in range(5))))
FIRST_YEAR, LAST_YEAR = 2000, 2100  # red days are known up to then


@dataclass(frozen=True, slots=True)
class Explained:
    """The plan as seen at `now` (UTC), and what was assumed about times that come twice."""

    plan: Plan
    now: datetime
    notes: tuple[str, ...]

    def send(self) -> list[Item]:
        """What is said before the meeting and still can be."""
        return [item for item in self.plan.items if item.kind in BEFORE and not item.expired]

    def after(self) -> list[Item]:
        """What follows on the meeting."""
        return [item for item in self.plan.items if item.kind not in BEFORE and not item.expired]

    def dropped(self) -> list[tuple[str, str]]:
        """The kind of what is not said, or can no more be, and why in Swedish."""
        late = [(item.kind, _too_late(item)) for item in self.plan.items if item.expired]
        return [*late, *((each.kind, each.why) for each in self.plan.dropped)]


def read_plan(line: Mapping[str, Any]) -> Explained:
    """Work out the plan for {"start", "booked", "same_day", "answered", "now"}: ISO times, local when without offset.

    The plan is seen from `now`, which is the booking when none is given. Raises ValueError, saying which value is
    wrong, also for a time that the clocks skip in spring.
    """
    notes: list[str] = []
    starts, booked = (_moment(line, name, notes) for name in ("start", "booked"))
    now = _moment(line, "now", notes) if line.get("now") is not None else booked
    if booked >= starts:
        raise ValueError("the meeting starts before it is booked")
    same_day, answered = line.get("same_day", False), line.get("answered")
    if not isinstance(same_day, bool):
        raise ValueError('"same_day" is not true or false')
    if answered is not None and answered not in get_args(Answer):
        raise ValueError(f'"answered" is {", ".join(get_args(Answer))} or left out, not {answered!r}')
    meeting = Meeting(
        starts, starts + LENGTH, booked, answered=cast("Answer | None", answered), wish=Wish(same_day=same_day)
    )
    return Explained(plan(meeting, POLICY, None, now), now, tuple(notes))


def as_object(explained: Explained) -> dict[str, Any]:
    """The plan as {"send", "after", "dropped"}: local times with offset; "notes" when something was assumed."""
    said: dict[str, Any] = {
        "send": [_written(item) for item in explained.send()],
        "dropped": [{"kind": kind, "why": why} for kind, why in explained.dropped()],
        "after": [_written(item) for item in explained.after()],
    }
    return said | {"notes": list(explained.notes)} if explained.notes else said


def as_table(explained: Explained) -> Iterable[str]:
    """The plan as lines for a person to read."""
    for heading, items in (("send", explained.send()), ("after the meeting", explained.after())):
        if items:
            yield heading
        for item in items:
            times = f"{_local(item.when)}  until {_local(item.expires)}"
            yield f"  {item.kind:<13}  {times}  {'to staff. ' if item.to_staff else ''}{item.why}"
    if explained.dropped():
        yield "dropped"
    for kind, why in explained.dropped():
        yield f"  {kind:<13}  {why}"
    for note in explained.notes:
        yield f"note: {note}"


def _written(item: Item) -> dict[str, str]:
    return {"kind": item.kind, "when": _local(item.when), "expires": _local(item.expires)}


def _local(at: datetime) -> str:
    return at.astimezone(HOME).isoformat(timespec="minutes")


def _too_late(item: Item) -> str:
    return f"Det är för sent: det skulle ha gått före {swedish_moment(item.expires)}."


def _moment(line: Mapping[str, Any], name: str, notes: list[str]) -> datetime:
    """Read one time as UTC; of two that a clock shows the first is taken, and said."""
    given = line.get(name)
    if given is None:
        raise ValueError(f'there is no "{name}"; write 2027-03-28T10:00')
    wall = _read(name, given)
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    first = wall.replace(tzinfo=HOME)
    if first.astimezone(UTC).astimezone(HOME).replace(tzinfo=None) != wall:
        raise ValueError(f'"{name}": there is no {given} in Sweden; the clocks are put forward that night')
    if first.utcoffset() != wall.replace(tzinfo=HOME, fold=1).utcoffset():
        notes.append(
            f'"{name}": {given} comes twice that night; the first is meant, write {given}+01:00 for the second'
        )
    return first.astimezone(UTC)


def _read(name: str, given: object) -> datetime:
    wrong = ValueError(f'"{name}": {given!r} is not a day and a clock; write 2027-03-28T10:00')
    if not isinstance(given, str) or not any(mark in given for mark in "T "):
        raise wrong
    try:
        wall = datetime.fromisoformat(given)
    except ValueError:
        raise wrong from None
    if not FIRST_YEAR <= wall.year < LAST_YEAR:
        raise ValueError(f'"{name}": {given} is not between {FIRST_YEAR} and {LAST_YEAR}')
    return wall
