"""How fast a channel may be used: spread evenly, and never more than its rate in any one second.

A rate is kept as one moment, `next_at`: when the next message would go if all of them went at an even pace. Messages
may run a little ahead of it (the slack), so that a worker that looks twenty times a second is not slowed down; the even
pace is slower by as much, so that no second ever holds more than the rate. One moment is easy to share: it is a column,
and any number of workers go by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

SLACK = 0.05
"""The share of a second's messages that may go at once. Our choice: a worker looks about as often as that."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """A rate, taken apart: one message each `step`, and `ahead` of them at once at most."""

    step: timedelta
    ahead: int

    @classmethod
    def of(cls, per_second: float) -> Pace:
        """Give the pace of so many a second; ValueError for none at all."""
        if not per_second > 0 or not math.isfinite(per_second):
            raise ValueError(f"a rate is a number of messages a second, not {per_second}")
        ahead = max(1, round(per_second * SLACK))
        even = math.floor(per_second) - ahead + 1 if per_second >= 1 else per_second
        return cls(timedelta(microseconds=math.ceil(1_000_000 / even)), ahead)

    def room(self, next_at: datetime | None, at: datetime) -> int:
        """How many may go at `at`."""
        if next_at is None or next_at <= at:
            return self.ahead
        behind = -(-((next_at - at) // _MICROSECOND) // (self.step // _MICROSECOND))  # rounded up
        return max(0, self.ahead - behind)

    def spend(self, next_at: datetime | None, at: datetime, count: int) -> datetime:
        """Give the new `next_at` when so many go at `at`."""
        return max(next_at or at, at) + count * self.step

    def opens(self, next_at: datetime | None, at: datetime) -> datetime:
        """Give the moment from which one may go, `at` when that is now."""
        return at if next_at is None else max(at, next_at - (self.ahead - 1) * self.step)
