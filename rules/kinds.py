"""The kinds of outgoing messages: one table that says who starts them, when they may go, and what stops them.

Source: the design's table of sending. Everything that decides about a message reads its row here, so that opt-out,
sending hours and order can't be answered differently in two places.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Starts = Literal["person", "staff", "bot"]
HoursRule = Literal["exempt", "held", "warned"]
AfterStop = Literal["once", "receipt", "no"]
InRest = Literal["yes", "commands", "staff", "no"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table.

    starts      whose act it begins with: the person wrote, staff pressed, or the bot began by itself
    hours       exempt: any time; held: waits for the sending hours; warned: goes, but staff are told that it is late
    red_days    whether it may go on red days (Sundays, public holidays and the three eves)
    budget      whether it counts against the few messages a week that a person gets
    priority    0 goes first
    after_stop  after STOPP. once: one answer to each such message; receipt: the receipt of STOPP only; no: nothing
    in_rest     while a distress case rests. yes; commands: answers to commands only; staff: as staff decide; no
    """

    name: str
    starts: Starts
    hours: HoursRule
    red_days: bool
    budget: bool
    priority: int
    after_stop: AfterStop
    in_rest: InRest


class UnknownKindError(KeyError):
    """No such kind of message; the text names those that exist."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        # KeyError would show the text inside quotes.
        return f"no kind of message is called {self.name!r}; the kinds are {', '.join(KINDS)}"


_ROWS = (
    #    name           starts    hours     red    budget prio after_stop in_rest
    Kind("distress", "person", "exempt", True, False, 0, "once", "yes"),
    Kind("staff_alarm", "person", "exempt", True, False, 0, "once", "yes"),
    Kind("reply", "person", "exempt", True, False, 1, "receipt", "commands"),
    Kind("staff", "staff", "warned", True, False, 1, "no", "yes"),
    Kind("meeting", "bot", "held", True, False, 2, "no", "staff"),
    Kind("change", "bot", "exempt", True, False, 2, "no", "staff"),
    Kind("follow_up", "bot", "held", False, True, 3, "no", "no"),
    Kind("invitation", "staff", "held", False, True, 4, "no", "no"),
)

KINDS: Mapping[str, Kind] = MappingProxyType({row.name: row for row in _ROWS})
"""Every kind by its name. `change` is word of a meeting within 24 hours, which waits for no hour; `follow_up` is after
a session, the nudge, what came of it, and after-care."""


def kind(name: str) -> Kind:
    """Return the row called `name`; raises UnknownKindError, which names the known ones."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKindError(name) from None
