"""A person's own page of a meeting: when, where, with whom; an answer; the calendar.

    GET  /d/{token}            the page; changes nothing, for link previews fetch it
    GET  /d/{token}/tid.ics    the meeting for a calendar
    POST /d/{token}            `answer`: yes, no or move; then back to the page

The token is all that it takes, so the page says no more than the SMS that it stands in: a first name, a place, a time.
A token that opens no meeting may open a page of ratings, at the same addresses: bot/doors/rating_page.py.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from bot.actions import booking, calendar_file, meetings
from bot.doors.inside import Inside, read_pairs, same_site
from bot.doors.languages import Language, of_browser, of_person
from bot.doors.limits import Bucket
from bot.doors.pages import HEADERS
from bot.doors.rating_page import COMMENT, MOST_FIELDS, Fields, RatingPages
from messages.filters import up
from rules.calendar import to_local
from storage import appointments, page_links, participants, units
from storage.appointments import Appointment
from storage.db import Tx
from storage.errors import StoreUnavailable

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")
ANSWERS: Final = ("yes", "no", "move")


def router(app: Inside) -> APIRouter:
    """Give the page's addresses."""
    routes, page = APIRouter(), _Page(app)
    routes.get("/d/{token}")(page.show)
    routes.get("/d/{token}/tid.ics")(page.calendar)
    routes.post("/d/{token}")(page.answered)
    return routes


@dataclass(frozen=True, slots=True)
class _Found:
    """What a token opened."""

    each: Appointment
    facts: dict[str, Any]
    unit: str
    phone: str
    speaks: Language


class _Page:
    """The doings behind the addresses."""

    def __init__(self, app: Inside) -> None:
        self._app = app
        self._ratings = RatingPages(app)
        self._looks = Bucket(burst=60, per_minute=60)  # from one network address
        self._answers = Bucket(burst=20, per_minute=20)  # of one meeting

    def show(self, request: Request, token: str) -> Response:
        """Draw the page. An unknown token, an old one and one too many tries look the same."""
        unknown = of_browser(self._app.house.catalog, request)
        if not self._looks.take(request.client.host if request.client else ""):
            return unknown.show("gone.html", 429)
        with self._app.store.read() as tx:
            found = self._open(tx, token)
        if found is None:
            return self._ratings.show(token, unknown) if TOKEN.fullmatch(token) else unknown.show("gone.html", 404)
        return found.speaks.show("meeting.html", **_shown(found, self._app.clock.now()), token=token)

    def calendar(self, request: Request, token: str) -> Response:
        """Give the meeting as a file for a calendar."""
        unknown = of_browser(self._app.house.catalog, request)
        if not self._looks.take(request.client.host if request.client else ""):
            return unknown.show("gone.html", 429)
        now = self._app.clock.now()
        with self._app.store.read() as tx:
            found = self._open(tx, token)
            text = None if found is None else calendar_file.calendar_of(tx, self._app.house, found.each, now)
        if text is None:
            return unknown.show("gone.html", 404)
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{calendar_file.NAME}"'}
        return Response(text.encode(), 200, headers, f"{calendar_file.MEDIA_TYPE}; charset=utf-8")

    async def answered(self, request: Request, token: str) -> Response:
        """Keep what was sent from the page. What no longer can be answered is left as it is, and says so."""
        same_site(request)
        pairs = await read_pairs(request, MOST_FIELDS)
        if TOKEN.fullmatch(token) is None:
            return RedirectResponse("/d/info", 303)
        unknown = of_browser(self._app.house.catalog, request)
        answer = await run_in_threadpool(self._take, token, pairs, unknown)
        if dict(pairs).get(COMMENT):  # words may be an alarm, as in a chat
            with suppress(StoreUnavailable):  # they are kept: the next tick raises it
                await self._app.raise_alarms()
        self._app.changed()
        return answer

    def _take(self, token: str, pairs: Fields, unknown: Language) -> Response:
        passes = self._answers.take(token)
        with self._app.store.read() as tx:
            meets = self._open(tx, token) is not None
        if not meets:
            return self._ratings.take(token, pairs, unknown) if passes else unknown.show("gone.html", 429)
        fields = dict(pairs)
        answer = fields.get("answer", "")
        if answer in ANSWERS and passes:
            self._keep(token, answer, fields.get("version", ""))
        return RedirectResponse(f"/d/{token}", 303)

    def _keep(self, token: str, answer: str, version: str) -> None:
        now = self._app.clock.now()
        with self._app.store.begin() as tx:
            found = self._open(tx, token, to_change=True)
            if found is not None and _may_answer(found.each, now) and version == str(found.each.version):
                booking.answer(tx, found.each, answer, now)

    def _open(self, tx: Tx, token: str, *, to_change: bool = False) -> _Found | None:
        if TOKEN.fullmatch(token) is None:
            return None
        meeting_id = page_links.open_one(tx, token, self._app.clock.now())
        each = None if meeting_id is None else appointments.find(tx, meeting_id, to_change=to_change)
        # A page is a link that others may open: nobody who is hidden has one.
        who = None if each is None else participants.get(tx, each.participant_id)
        if each is None or who is None or who.protected or who.read_by_others:
            return None
        unit = units.get_unit(tx, each.unit_id)
        facts = meetings.facts_of(tx, self._app.house, each)
        speaks = of_person(self._app.house.catalog, who.language)
        return _Found(each, facts, unit.name, str(unit.settings.get("phone") or ""), speaks)


def _may_answer(each: Appointment, now: datetime) -> bool:
    return each.state == "booked" and each.outcome is None and each.starts > now


def _shown(found: _Found, now: datetime) -> dict[str, Any]:
    each, local, words = found.each, to_local(found.each.starts), found.speaks.book.words
    return {
        "form": each.form,
        "moment": up(words.at(words.day(local.date(), to_local(now).date()), local)),
        "minutes": each.minutes,
        "who": found.facts["staff_name"],
        "where": found.facts["where"],
        "find": found.facts["find"],
        "link": found.facts["link"],
        "unit": found.unit,
        "phone": found.phone,
        "cancelled": each.state == "cancelled",
        "over": each.state == "booked" and not _may_answer(each, now),
        "asks": _may_answer(each, now),
        "answer": each.answer,
        "version": each.version,
    }
