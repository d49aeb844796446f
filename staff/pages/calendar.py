"""The calendar: a week or a day, one's own or the unit's, and the secret link to it for one's own calendar program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote

from fastapi import Response

from rules.calendar import swedish_day, to_local
from staff import calendar, calendar_feed
from staff.pages import calendar_book, calendar_hours, calendar_meeting, rating_form
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit
from staff.roles import Need
from storage import audit, feeds
from storage.feeds import Feed

HERE: Final = f"{PREFIX}/kalender"
MARKS: Final = {
    "confirmed": "✓", "unanswered": "?", "no": "✕", "move": "⇄", "cancelled_by_us": "–", "cancelled_by_person": "–",
    "unmarked": "!", "attended": "✓", "missed": "○", "we_failed": "△", "not_held": "–", "held": "…",
}  # fmt: skip
"""A sign for each way that a meeting can stand, beside the word: none is told by its colour alone."""
ORDER: Final = tuple(MARKS)


def open_room(door: Door) -> None:
    """Open the calendar, the meetings, the booking form and the free times."""
    door.get("/kalender", show, needs=Need.SEE)
    door.post("/kalender/flode", change_feed, needs=Need.SEE)
    door.get("/kalender/feed/{token}.ics", feed, needs=Need.PUBLIC)
    for each in (calendar_book, calendar_hours, calendar_meeting, rating_form):
        each.open_routes(door)


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: a day or the week of it, and whose."""

    day: date
    is_day: bool
    unit_wide: bool
    slug: str

    def to(self, **changes: Any) -> str:
        """Give the address of this view with something else in it."""
        return replace(self, **changes).address

    @property
    def address(self) -> str:
        """Where it is."""
        asked = f"dag={self.day}" if self.is_day else f"vecka={calendar.write_week(self.day)}"
        whose = f"&vems=enhet{f'&enhet={quote(self.slug)}' if self.slug else ''}" if self.unit_wide else ""
        return f"{HERE}?{asked}{whose}"

    @property
    def step(self) -> timedelta:
        """How far it is to the next one."""
        return timedelta(days=1 if self.is_day else 7)


def show(visit: Visit) -> Response:
    """A week, or a day."""
    today = to_local(visit.now, visit.house.hours.zone).date()
    asked_day = calendar.read_day(visit.query("dag"))
    unit, unit_wide = visit.unit(), visit.query("vems") == "enhet" or bool(visit.query("enhet"))
    day = asked_day or calendar.read_week(visit.query("vecka"), today)
    view = View(day, asked_day is not None, unit_wide, unit.slug if unit else "")
    first = day if view.is_day else day - timedelta(days=day.weekday())
    week = calendar.look(
        visit.store, visit.house, visit.now, visit.actor, first, 1 if view.is_day else 7, unit=unit, own=not unit_wide
    )
    title = swedish_day(day, today) if view.is_day else f"Vecka {first.isocalendar().week}"
    said = [(calendar.STANDING[code], MARKS[code], week.counts[code], code) for code in ORDER if code in week.counts]
    return visit.page(
        "calendar.html", title=f"{title[:1].upper()}{title[1:]}", room="kalender", view=view, week=week, today=today,
        first=first, last=first + timedelta(days=6), said=said, marks=MARKS, units=week.units,
        feed=_feed(visit, week.feed),
        month=_months(first, first if view.is_day else first + timedelta(days=6)),
        day_words={each.day: _with_weekday(each.day) for each in week.days},
    )  # fmt: skip


def _months(first: date, last: date) -> str:
    """Give the days of a week as a heading has them: "23-29 november 2026"."""
    written = [_long(first), _long(last)]
    if first == last:
        return f"{written[0]} {last.year}"
    if first.year != last.year:
        return f"{written[0]} {first.year} - {written[1]} {last.year}"
    if first.month == last.month:
        return f"{first.day}-{written[1]} {last.year}"
    return f"{written[0]} - {written[1]} {last.year}"


def _with_weekday(day: date) -> str:
    return swedish_day(day, day - timedelta(days=9)).removesuffix(f" {day.year}")


def _long(day: date) -> str:
    return _with_weekday(day).split(" ", 1)[1]


# --- the feed ---------------------------------------------------------------------------------------------------------


def _feed(visit: Visit, found: Feed | None) -> str:
    """Give the address of one's own feed; empty when there is none."""
    return f"{visit.program.public_url}{HERE}/feed/{found.token}.ics" if found else ""


def change_feed(visit: Visit) -> Response:
    """Make a link, make a new one, or switch it off: one's own alone."""
    mine, off = visit.actor.staff_id, visit.text("gor") == "av"
    if mine is None:
        visit.missing()
    with visit.store.begin() as tx:
        if off:
            feeds.switch_off(tx, mine)
        else:
            feeds.renew(tx, mine, visit.now)
        audit.write(
            tx, visit.now, visit.actor.ref, "calendar.feed_off" if off else "calendar.feed_new", f"staff:{mine}"
        )
    told = (
        "Länken är avstängd. Den öppnar ingenting längre."
        if off
        else "Länken är klar. En äldre länk gäller inte längre."
    )
    return visit.go(f"{HERE}#lank", told)


def feed(visit: Visit) -> Response:
    """The calendar behind a secret link, with neither names nor numbers in it."""
    text = calendar_feed.read(visit.store, visit.word("token"), visit.now)
    if text is None:
        visit.missing("calendar.feed")
    return Response(text, media_type="text/calendar; charset=utf-8", headers=visit.headers)
