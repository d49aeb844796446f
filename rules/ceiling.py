"""The most SMS a day: a ceiling for what is spent, that stops what the bot starts and never an answer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from rules.calendar import STOCKHOLM, to_local, to_utc
from rules.kinds import Kind


def stops_at_ceiling(kind: Kind) -> bool:
    """Say whether a message of this kind waits when the day's ceiling is reached.

    What the bot begins by itself and what goes to many does. Answers, staff's own words and alarms always go, and so
    does word of a meeting within a day: it would come too late tomorrow.
    """
    return (kind.starts == "bot" and kind.hours != "exempt") or kind.budget


def today(now: datetime, zone: str = STOCKHOLM) -> tuple[date, datetime, datetime]:
    """Give the local day, when it began and when the next one does (UTC)."""
    day = to_local(now, zone).date()
    return day, to_utc(day, time(0), zone), to_utc(day + timedelta(days=1), time(0), zone)
