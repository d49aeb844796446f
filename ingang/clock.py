"""The one place that asks the machine what time it is.

Two clocks. *Business time* is what reminders, sending hours and promises go by; the demo can move it forward and a
test can set it. *Lease time* is what a claim on a queued message goes by; nobody moves it, or moving the demo's clock
would make a message that is being sent look abandoned.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from ingang.errors import UserError

TEST_NOW: Final = "INGANG_TEST_NOW"
_AHEAD: Final = re.compile(r"[+-]\d{1,9}(\.\d{1,6})?", re.ASCII)

_STARTED_AT: Final = datetime.now(UTC)
_STARTED_TICK: Final = time.monotonic()


class Clock(Protocol):
    """What tells the business time."""

    def now(self) -> datetime:
        """Give the business time: aware, in UTC."""
        ...


class SystemClock:
    """Business time as the machine has it."""

    def now(self) -> datetime:
        """Give the machine's time: aware, in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """Business time that runs as the machine's does, ahead or behind by an offset. It is only ever moved forward."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset
        self._moving = Lock()

    @classmethod
    def starting_at(cls, moment: datetime) -> MovableClock:
        """Give a clock that shows `moment` (aware) now and runs on from there; ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a clock cannot start at a time without a zone")
        return cls(moment - datetime.now(UTC))

    @property
    def offset(self) -> timedelta:
        """How far this clock is from the machine's."""
        return self._offset

    def now(self) -> datetime:
        """Give the business time: aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def move(self, delta: timedelta) -> datetime:
        """Move forward by `delta` and give the new time; ValueError for a step back, for what is sent stays sent."""
        if delta < timedelta(0):
            raise ValueError("the business clock moves forward only")
        with self._moving:
            self._offset += delta
        return self.now()


def lease_now() -> datetime:
    """Give the lease time: aware, in UTC, never moved.

    It follows the monotonic clock from the process's start, so that a correction of the machine's clock neither frees a
    message that is being sent nor holds one back.
    """
    return _STARTED_AT + timedelta(seconds=time.monotonic() - _STARTED_TICK)


def business_clock(environment: Mapping[str, str] = os.environ) -> Clock:
    """Give the process's business clock: the machine's, or the one that INGANG_TEST_NOW says.

    That is a time to start at (ISO, with a zone), or how many seconds to be ahead of the machine's clock, as +3600:
    then several processes show the same time. Raises UserError for anything else.
    """
    given = environment.get(TEST_NOW)
    if not given:
        return SystemClock()
    if _AHEAD.fullmatch(given):
        return MovableClock(timedelta(seconds=float(given)))
    try:
        return MovableClock.starting_at(datetime.fromisoformat(given))
    except ValueError:
        way_out = "write it as 2026-11-25T13:30:00+01:00 or +3600, or unset it"
        raise UserError(f"{given!r} is not a time with a zone", TEST_NOW, way_out) from None
