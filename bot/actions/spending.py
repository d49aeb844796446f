"""The day's ceiling for SMS: what the bot starts waits when it is reached, answers go on, and a person is told once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import structlog

from bot.actions.house import House
from rules.ceiling import stops_at_ceiling, today
from rules.kinds import Kind
from storage import control, inbox, spending
from storage.db import Tx

log = structlog.get_logger(__name__)

TOLD: Final = "sms_ceiling_told"
"""The row of `control` that says on which day it was last told."""

WHY: Final = "Dagens gräns för sms är nådd."


COUNTED_AGAIN: Final = timedelta(minutes=1)
WORKERS: Final = 10
A_CLAIM: Final = 250
"""No claim takes so many."""


class Spent:
    """The day's SMS as one worker knows them: counted in the database, and far from the ceiling reckoned on from there.

    They are counted again after a minute, and as soon as one claim more could reach the ceiling if ten workers had
    claimed as many as this one since. To count a day's tens of thousands in every claim took a tenth of its time.
    """

    def __init__(self) -> None:
        self._counted_at: datetime | None = None
        self._counted = self._since = 0

    @property
    def total(self) -> int:
        """How many the day has had, with those on their way."""
        return self._counted + self._since

    def took(self) -> None:
        """One more was claimed."""
        self._since += 1

    def look(self, tx: Tx, now: datetime, began: datetime, most: int, beside: int) -> None:
        """Count again if need be; `began` is when the day did, `beside` how many this claim has taken already."""
        at, left = self._counted_at, most - self._counted
        lately = at is not None and began <= at <= now < at + COUNTED_AGAIN
        if not lately or (self._since + A_CLAIM) * WORKERS >= left:
            self._counted_at, self._counted, self._since = now, spending.count_sms(tx, began), beside


class Ceiling:
    """The ceiling as one claim on a channel meets it. What is `spent` is looked at once, and only when it matters."""

    def __init__(self, tx: Tx, house: House, channel: str, now: datetime, spent: Spent) -> None:
        self._tx, self._house, self._now, self._spent = tx, house, now, spent
        self._counts, self._claimed = channel in spending.SMS, 0
        self._today: tuple[date, datetime, datetime] | None = None

    def took(self) -> None:
        """One more was claimed."""
        self._claimed += 1
        if self._counts:
            self._spent.took()

    def held_until(self, kind: Kind) -> datetime | None:
        """Give until when (UTC) a message of that kind waits for the ceiling's sake; None when it may go now."""
        if not self._counts or not stops_at_ceiling(kind):
            return None
        most = self._house.sms_per_day
        if self._today is None:
            self._today = today(self._now, self._house.hours.zone)
            self._spent.look(self._tx, self._now, self._today[1], most, self._claimed)
        day, _, next_day = self._today
        if self._spent.total < most:
            return None
        _tell(self._tx, self._house, self._now, day)
        return next_day


def is_reached(tx: Tx, house: House, now: datetime) -> bool:
    """Tell whether the day's SMS are spent; staff and the log are told once a day."""
    day, began, _ = today(now, house.hours.zone)
    if spending.count_sms(tx, began) < house.sms_per_day:
        return False
    _tell(tx, house, now, day)
    return True


def _tell(tx: Tx, house: House, now: datetime, day: date) -> None:
    note = (
        f"{WHY} Den är {house.sms_per_day}. Det boten startar själv väntar till i morgon, och inga koder skickas. "
        "Svar och era egna ord går ut som vanligt."
    )
    tell_once(tx, now, TOLD, day.isoformat(), note)


def tell_once(tx: Tx, now: datetime, name: str, day: str, note: str) -> None:
    """Put a note before everybody, once that day."""
    if control.find(tx, name) != day:
        control.put(tx, name, day)
        inbox.open_item(tx, now, "other", inbox.URGENCY["other"], None, None, None, note)
        log.warning("sending.limit_reached", reason=name)
