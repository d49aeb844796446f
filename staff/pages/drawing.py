"""How a staff page is drawn: the templates, their filters, and the headers that every answer goes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from messages.pages import HEADERS as OPEN_HEADERS
from messages.pages import PageFolder
from rules.calendar import red_day_name, swedish_clock, swedish_moment, to_local
from staff import labels

HERE: Final = Path(__file__).parent

HEADERS: Final[Mapping[str, str]] = {
    **OPEN_HEADERS,
    "Content-Security-Policy": OPEN_HEADERS["Content-Security-Policy"].replace(
        "img-src 'self'",
        "img-src 'self' data:",  # a QR code lies within the page: no address could tell a secret
    ),
}
PRIVATE_HEADERS: Final[Mapping[str, str]] = {**HEADERS, "Strict-Transport-Security": "max-age=31536000"}


def clock(at: datetime | time) -> str:
    """Give a clock as Swedes write it: "kl. 13.30", Swedish time."""
    return swedish_clock(to_local(at).time() if isinstance(at, datetime) else at)


def day(value: date | datetime) -> str:
    """Give a date for tables: "2026-11-25", Swedish time."""
    return f"{to_local(value) if isinstance(value, datetime) else value:%Y-%m-%d}"


def thousands(number: int) -> str:
    """Give a number with a space between thousands."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def moment(at: datetime | None, now: datetime) -> str:
    """Give a moment as it is said on the day of `now`; nothing for none."""
    return "" if at is None else swedish_moment(at, to_local(now).date())


def red(at: datetime) -> str:
    """Give why that day is red ("juldagen"), Swedish time; nothing for any other day."""
    return red_day_name(to_local(at).date()) or ""


def ago(at: datetime, now: datetime) -> str:
    """Give how long it has been: "5 min", "3 tim", "2 dagar"."""
    return labels.lasted(now - at)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "clock": clock,
    "day": day,
    "thousands": thousands,
    "moment": moment,
    "ago": ago,
    "red": red,
    "stamp": labels.stamp,
    "typed": labels.typed,
    "activity": labels.activity,
}

PAGES: Final = PageFolder((HERE / "templates",), HERE / "static", "/personal/static", FILTERS)
"""The pages of staff."""
