"""What we may promise ("senast onsdag 25 november"), and when staff are warned that a promise is coming due."""

from datetime import datetime, timedelta

from rules.calendar import to_local
from rules.roster import Roster, Span, spans, staffed_days_after


def promise_by(roster: Roster, at: datetime, staffed_days: int) -> datetime | None:
    """Return the latest moment (UTC) by which an answer to what came at `at` may be promised.

    It is the end of the last staffed stretch on the `staffed_days`-th staffed day after the local day of `at`. The day
    of the message itself never counts, not even for one that came at 07.00 before the doors opened (our choice): a
    promise is a latest, the same rule at every hour can be explained, and a date too soon is a broken promise.

    None when the roster holds no such day: then no date may be promised. Raises ValueError for `staffed_days` under 1.
    """
    day = staffed_days_after(roster, at, staffed_days)
    return None if day is None else spans(roster, day)[-1].ends


def half_time(opened: datetime, due: datetime, roster: Roster) -> datetime:
    """Return the moment (UTC) when half the staffed time between `opened` and `due` has gone: staff are warned then.

    When that falls on the end of a stretch, it is the start of the next one, so that the warning reaches someone. With
    no staffed time in between it is the plain middle, and `due` when that isn't after `opened`.
    """
    if due <= opened:
        return due
    stretches = _stretches(roster, opened, due)
    left = sum((ends - starts for starts, ends in stretches), timedelta()) / 2
    for starts, ends in stretches:
        if left < ends - starts:
            return starts + left
        left -= ends - starts
    return opened + (due - opened) / 2


def _stretches(roster: Roster, opened: datetime, due: datetime) -> list[tuple[datetime, datetime]]:
    """The staffed stretches between two moments, cut at both."""
    first, last = to_local(opened, roster.zone).date(), to_local(due, roster.zone).date()
    found: list[Span] = []
    for ahead in range((last - first).days + 1):
        found += spans(roster, first + timedelta(days=ahead))
    cut = [(max(span.starts, opened), min(span.ends, due)) for span in found]
    return [(starts, ends) for starts, ends in cut if starts < ends]
