"""The ticker: APScheduler only ticks. What is due is data in our tables, so a tick may be lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger(__name__)

Tick = Callable[[], Awaitable[None]]
LONGEST_TICK = 30.0
"""Seconds: a tick that hangs would hold back all later ones of its kind."""


class Ticker:
    """Runs each tick on its interval and notes a heartbeat after it, which is watched from outside."""

    def __init__(self, real_now: Callable[[], datetime], beat: Callable[[str, datetime], Awaitable[None]]) -> None:
        self._beat, self._real_now, self._stopped = beat, real_now, False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, seconds: float, name: str, tick: Tick) -> None:
        """Run `tick` every so many seconds, the first time at once."""

        async def job() -> None:
            try:
                async with asyncio.timeout(LONGEST_TICK):
                    await tick()
                await self._beat(name, self._real_now())
            except asyncio.CancelledError:
                if not self._stopped:  # at the stop the scheduler lets go of a tick, and calls that a fault
                    raise
            except Exception as error:
                # The next tick will try again, and a heartbeat that does not come is seen from outside.
                log.exception("tick.failed", job=name, error=type(error).__name__)

        self._scheduler.add_job(job, IntervalTrigger(seconds=seconds), id=name, next_run_time=self._real_now())

    def start(self) -> None:
        """Start ticking on the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more. A tick under way is let go of: whoever gave its work waits for that."""
        self._stopped = True
        self._scheduler.shutdown(wait=False)
