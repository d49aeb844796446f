"""When a message may go: the sending hours and the red days."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from rules.calendar import STOCKHOLM, is_red_day, red_day_name, swedish_clock, to_local, to_utc
from rules.kinds import Kind
from rules.verdict import Verdict

CHANGE_EXEMPT_WITHIN = timedelta(hours=24)
"""A change of a meeting that starts within this time goes at once, at any hour (the design's table of sending)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The local hours when the bot may begin a talk: `starts` <= clock < `ends`.

    09.00-19.00 is our choice: no law on hours for a municipality's texts was found, and vendors' guides for
    advertising say 08-20; a person who sleeps late should not be woken. Raises ValueError for an empty span.
    """

    starts: time = time(9)
    ends: time = time(19)
    zone: str = STOCKHOLM

    def __post_init__(self) -> None:
        if self.starts >= self.ends:
            raise ValueError(f"sending hours end the same day and after they start, not {self.starts} to {self.ends}")


def earliest(kind: Kind, at_utc: datetime, hours: Hours, not_after: datetime | None = None) -> datetime | None:
    """Return the first moment (UTC) from `at_utc` when a message of `kind` may go.

    None when that isn't before `not_after`: its moment has passed, and a late reminder is worse than none. Kinds that
    are exempt or only warned may go at `at_utc`.
    """
    when = _first_open(kind, at_utc, hours) if kind.hours == "held" else at_utc
    return None if not_after is not None and when >= not_after else when


def may_send(kind: Kind, at: datetime, hours: Hours) -> Verdict:
    """Say whether a message of `kind` may go at `at` (UTC), and why, in Swedish.

    `retry_at` is set when it is held. For staff's own words outside the hours the verdict is a yes that carries the
    warning to show before they press send.
    """
    if kind.hours == "exempt":
        return Verdict(True, "Den här sortens meddelande går ut direkt, alla tider.")
    wall = to_local(at, hours.zone)
    text = f"kl. {swedish_clock(hours.starts)}-{swedish_clock(hours.ends)}"
    outside = not hours.starts <= wall.time() < hours.ends
    if kind.hours == "warned":
        warning = f"Klockan är {swedish_clock(wall.time())}. Andra meddelanden går bara ut {text}."
        return Verdict(True, warning if outside else f"Inom sändningstiden, {text}.")
    retry_at = _first_open(kind, at, hours)
    if retry_at == at:
        return Verdict(True, f"Inom sändningstiden, {text}.")
    red = None if kind.red_days else red_day_name(wall.date())
    if red is not None:
        return Verdict(False, f"Det är {red}. Det här går inte ut på röda dagar.", retry_at)
    return Verdict(False, f"Klockan är {swedish_clock(wall.time())}. Det här går ut {text}.", retry_at)


def as_change(kind: Kind, at: datetime, meeting_starts: datetime) -> Kind:
    """Return `kind` as it counts for telling, at `at`, of a change to a meeting (both UTC).

    Exempt from sending hours when the meeting lies within the next 24 hours, else unchanged.
    """
    soon = timedelta(0) <= meeting_starts - at <= CHANGE_EXEMPT_WITHIN
    return replace(kind, hours="exempt") if soon else kind


def _first_open(kind: Kind, at: datetime, hours: Hours) -> datetime:
    day = to_local(at, hours.zone).date()
    while True:  # ends: there is a working day within a week of any day
        opens, closes = to_utc(day, hours.starts, hours.zone), to_utc(day, hours.ends, hours.zone)
        if at < closes and opens < closes and _open_day(kind, day):
            return max(at, opens)
        day += timedelta(days=1)


def _open_day(kind: Kind, day: date) -> bool:
    return kind.red_days or not is_red_day(day)
