"""The day's ceiling for SMS: what the bot starts waits when it is reached, answers go on, and a person is told once."""

from __future__ import annotations

from datetime import date, datetime
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


class Ceiling:
    """The ceiling as one claim on a channel meets it. The day's SMS are counted once, and only when it matters."""

    def __init__(self, tx: Tx, house: House, channel: str, now: datetime) -> None:
        self._tx, self._house, self._now = tx, house, now
        self._counts, self._claimed = channel in spending.SMS, 0
        self._before: int | None = None
        self._today: tuple[date, datetime, datetime] | None = None

    def took(self) -> None:
        """One more was claimed."""
        self._claimed += 1

    def held_until(self, kind: Kind) -> datetime | None:
        """Give until when (UTC) a message of that kind waits for the ceiling's sake; None when it may go now."""
        if not self._counts or not stops_at_ceiling(kind):
            return None
        self._today = self._today or today(self._now, self._house.hours.zone)
        day, began, next_day = self._today
        if self._before is None:
            self._before = spending.count_sms(self._tx, began)
        if self._before + self._claimed < self._house.sms_per_day:
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
