"""A message that may have gone out: when to look for it at the provider, and what is to become of it.

Source: the design's state machine of sending; the moments are the fault catalogue's (reconciliation, 15, 60, 120 s).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

LOOKS = (timedelta(seconds=15), timedelta(seconds=60))
"""After so long it is looked for, besides at once where a look can tell, and when the provider's wait is over."""

AGAIN = timedelta(seconds=60)
"""Between looks at a list that cannot be read."""

PARK_AFTER = timedelta(minutes=30)
"""Staff are told of a doubt that could not be ended by then."""

MOST_TRIES = 3
"""Tries that ended in doubt at the provider, on a channel that can tell: more doubt than that is for a human."""

MOST_LOST = 10
"""Times that the worker died or slept on it. What the list then does not have did not go out, so the row is not to
blame; but one that takes every worker with it must end somewhere."""

MOST_BLIND = 2
"""The same where none can tell: it goes once more at most."""

WORTH_TWICE = frozenset({"distress", "staff_alarm", "reply", "meeting"})
"""Kinds that are worse lost than read twice: an answer somebody waits for, help, an alarm, a reminder of a meeting."""

Seen = Literal["found", "not_there", "unreadable", "blind"]
Doubt = Literal["accepted", "queued", "parked", "uncertain"]


def next_look(waited: timedelta, wait: timedelta) -> timedelta:
    """Return how long after now to look again, `waited` after the doubt began; `wait` is the channel's `find_wait`."""
    later = [moment - waited for moment in (*LOOKS, wait) if moment > waited]
    return min(later) if waited < wait else AGAIN


def after_look(seen: Seen, waited: timedelta, wait: timedelta, tries: int, kind: str, *, lost: int = 0) -> Doubt:
    """Return what becomes of a message in doubt: found, sent again, put before staff, or in doubt still.

    seen    what the look told, begun `waited` after the doubt did: found, not_there (a list that was read does not
            have it), unreadable, or blind (the provider cannot be asked)
    wait    how long after a try it may still turn up in the list
    tries   how many tries may have gone out, this one too unless it was lost with its worker
    kind    its row in rules.kinds
    lost    how many times it was claimed and lost with its worker, at most
    """
    if seen == "found":
        return "accepted"
    if seen == "blind":
        return "queued" if tries < MOST_BLIND and kind in WORTH_TWICE else "parked"
    if seen == "not_there" and waited >= wait:
        return "queued" if tries < MOST_TRIES and lost < MOST_LOST else "parked"
    return "parked" if waited >= PARK_AFTER else "uncertain"
