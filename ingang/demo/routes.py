"""The demo's addresses: its page, what the page shows, and what can be done in it. They exist in the demo only.

GET  /  /demo                     the page              GET  /demo/state?person=ID   all that it shows
GET  /demo/events                 "changed", server-sent events
POST /demo/phones/{phone}/messages   {"id", "text"} | {"id", "button"} | {"id", "kind": "voice"} | {"id", "begin": true}
POST /demo/phones/{phone}/renew      POST /demo/phones/{phone}/received  {"ids": [...]}
POST /demo/clock                  {"minutes": 60} | {"to": "tomorrow"}: forward only
POST /demo/say                    {"participant", "text", "id"}: staff's own words
POST /demo/items/{item}/take|close   POST /demo/people/{person}/open|release|offer
POST /demo/people/{person}/book   {"at": "2026-12-03T13:30", "with": "Anna"}
POST /demo/meetings/{meeting}/cancel|kom|uteblev|vi
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from bot.actions.staff_words import CannotSay
from bot.channels.base import BUTTON, TEXT, Inbound, keepable
from bot.doors.inside import json_answer, read_json, same_site, text_of
from bot.doors.pages import HERE as DOORS
from bot.doors.pages import PAGES, Pages
from ingang.demo import accounts, deeds, phones, state
from ingang.wiring import App
from rules.calendar import to_local, to_utc
from staff.people import DeskFault

_FOLDER: Final = Path(__file__).parent
DEMO_PAGES: Final = Pages((_FOLDER / "pages", DOORS), _FOLDER / "static", "/demo/files")
NONCE: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
LONGEST_STEP: Final = 60 * 24 * 400  # minutes: nothing that is planned lies further ahead
TEN: Final = time(10)
SIMPLE: Final = frozenset({"voice", "picture", "sticker", "place"})


def router(app: App) -> APIRouter:
    """Give the demo's addresses, and each phone a made-up number."""
    routes, demo = APIRouter(), _Demo(app)
    with app.store.begin() as tx:
        phones.ready(tx)
        accounts.ready(tx, app.clock.now())
    routes.include_router(DEMO_PAGES.files())
    routes.get("/")(demo.front)
    routes.get("/demo")(demo.page)
    routes.get("/demo/state")(demo.state)
    routes.get("/demo/events", response_class=EventSourceResponse)(demo.events)
    routes.post("/demo/phones/{phone}/messages")(demo.written)
    routes.post("/demo/phones/{phone}/renew")(demo.renew)
    routes.post("/demo/phones/{phone}/received")(demo.received)
    routes.post("/demo/clock")(demo.clock)
    routes.post("/demo/say")(demo.say)
    routes.post("/demo/items/{item}/{deed}")(demo.handle_item)
    routes.post("/demo/people/{person}/book")(demo.book)
    routes.post("/demo/people/{person}/offer")(demo.offer)
    routes.post("/demo/people/{person}/{deed}")(demo.handle_person)
    routes.post("/demo/meetings/{meeting}/{deed}")(demo.handle_meeting)
    return routes


class _Demo:
    """The doings behind the addresses."""

    def __init__(self, app: App) -> None:
        self._app = app

    def front(self) -> Response:
        """The demo is what a visitor came for."""
        return RedirectResponse("/demo", 307)

    def page(self) -> Response:
        """The page itself; what it shows is fetched by its script."""
        return DEMO_PAGES.show("demo.html", shared=PAGES.address, phones=phones.PHONES.values())

    def state(self, person: str = "") -> Response:
        """Everything that the page shows."""
        return json_answer(state.build(self._app, int(person) if _is_id(person) else None))

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Say when something has changed."""
        told = -1
        while True:
            version = self._app.version
            if version != told:
                told = version
                yield ServerSentEvent(event="changed", data=version, retry=1500)
            await self._app.changed_since(version, 15)

    # --- phones -------------------------------------------------------------------------------------------------------

    async def written(self, phone: str, request: Request) -> Response:
        """A message from a phone. The same `id` again changes nothing."""
        data = await _asked(request)
        owner = _phone(phone)
        text, kind = _content(owner, data)
        address = (await asyncio.to_thread(self._addresses))[owner.key]
        nonce = data.get("id")
        nonce = nonce if isinstance(nonce, str) and NONCE.fullmatch(nonce) else secrets.token_hex(12)
        message = Inbound(
            owner.channel, address, f"{owner.key}-{nonce}", text, kind, self._app.clock.now(), {"made_up": True}
        )
        report = await self._app.receive(message)
        return json_answer({"state": report.state})

    def _addresses(self) -> dict[str, str]:
        with self._app.store.read() as tx:
            return phones.addresses(tx)

    async def renew(self, phone: str, request: Request) -> Response:
        """Begin again as somebody new."""
        await _asked(request)
        await asyncio.to_thread(deeds.renew, self._app.store, _phone(phone).key)
        self._app.touch()
        return json_answer({"done": True})

    async def received(self, phone: str, request: Request) -> Response:
        """The phone has shown these messages: what an operator would tell with a delivery receipt."""
        data = await _asked(request)
        ids = data.get("ids")
        if not isinstance(ids, list) or len(ids) > 200 or not all(_is_id(each) for each in ids):
            raise HTTPException(422, "ids ska vara en lista med nummer.")
        owner = _phone(phone)
        now = self._app.clock.now()
        if await asyncio.to_thread(deeds.delivered, self._app.store, owner, [int(each) for each in ids], now):
            self._app.touch()
        return json_answer({"done": True})

    # --- time and staff -----------------------------------------------------------------------------------------------

    async def clock(self, request: Request) -> Response:
        """Move the demo's clock forward, and let what is due happen."""
        data = await _asked(request)
        step = _step(data, self._app.clock.now())
        try:
            await self._app.move_clock(step)
        except ValueError:
            raise HTTPException(409, "Klockan i det här demot går inte att flytta.") from None
        return json_answer({"done": True})

    async def say(self, request: Request) -> Response:
        """Send staff's own words to a person."""
        data = await _asked(request)
        whom, text = data.get("participant"), keepable(text_of(data, "text"))
        nonce = data.get("id")
        nonce = nonce if isinstance(nonce, str) and NONCE.fullmatch(nonce) else ""
        if not _is_id(whom):
            raise HTTPException(422, "participant ska vara ett nummer.")
        try:
            row = await self._app.say(int(str(whom)), text, deeds.ACTOR, nonce)
        except CannotSay as why:
            raise HTTPException(409, str(why)) from None
        return json_answer({"id": str(row)})

    async def handle_item(self, item: str, deed: str, request: Request) -> Response:
        """Take or close something in the inbox."""
        await _asked(request)
        doing = {"take": deeds.take, "close": deeds.close}.get(deed)
        if doing is None or not _is_id(item):
            raise HTTPException(404, "Det går inte att göra.")
        await asyncio.to_thread(doing, self._app.store, int(item), self._app.clock.now())
        self._app.touch()
        return json_answer({"done": True})

    async def handle_person(self, person: str, deed: str, request: Request) -> Response:
        """Open a person's page (it is noted who read), or let the bot write again after an alarm."""
        await _asked(request)
        doing = {"open": deeds.note_reading, "release": deeds.release}.get(deed)
        if doing is None or not _is_id(person):
            raise HTTPException(404, "Det går inte att göra.")
        await asyncio.to_thread(doing, self._app.store, int(person), self._app.clock.now())
        if deed == "release":
            self._app.touch()
        return json_answer({"done": True})

    # --- meetings -----------------------------------------------------------------------------------------------------

    async def book(self, person: str, request: Request) -> Response:
        """Book a walk with a person."""
        data = await _asked(request)
        at, member = text_of(data, "at", longest=40), text_of(data, "with", longest=40)
        return await self._at_the_desk(person, lambda whom: deeds.book(self._app, whom, at, member))

    async def offer(self, person: str, request: Request) -> Response:
        """Offer a person a walk."""
        await _asked(request)
        return await self._at_the_desk(person, lambda whom: deeds.offer(self._app, whom))

    async def handle_meeting(self, meeting: str, deed: str, request: Request) -> Response:
        """Call a meeting off, or say how it went."""
        await _asked(request)
        if deed not in ("cancel", "kom", "uteblev", "vi"):
            raise HTTPException(404, "Det går inte att göra.")
        return await self._at_the_desk(meeting, lambda which: deeds.handle_meeting(self._app, which, deed))

    async def _at_the_desk(self, number: str, deed: Callable[[int], None]) -> Response:
        if not _is_id(number):
            raise HTTPException(404, "Det går inte att göra.")
        try:
            await asyncio.to_thread(deed, int(number))
        except DeskFault as fault:
            raise HTTPException(409, f"{fault.what[0].upper()}{fault.what[1:]}. {fault.way_out}.") from None
        self._app.dispatcher.wake()
        self._app.touch()
        return json_answer({"done": True})


async def _asked(request: Request) -> dict[str, Any]:
    same_site(request)
    return await read_json(request)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 and int(value) < 1 << 63


def _phone(key: str) -> phones.Phone:
    if key not in phones.PHONES:
        raise HTTPException(404, "Den telefonen finns inte.")
    return phones.PHONES[key]


def _content(phone: phones.Phone, data: dict[str, Any]) -> tuple[str, str]:
    """The text and the kind of what a phone sends."""
    kind = text_of(data, "kind", default=TEXT)
    if kind in SIMPLE:
        return "", kind
    if "button" in data:
        return text_of(data, "button", longest=200), BUTTON
    if data.get("begin") is True:
        return f"/start {phone.poster}".strip(), TEXT
    text = text_of(data, "text")
    if kind != TEXT or not text.strip():
        raise HTTPException(422, "Skriv något först.")
    return text, TEXT


def _step(data: dict[str, Any], now: datetime) -> timedelta:
    if data.get("to") == "tomorrow":
        day = to_local(now).date() + timedelta(days=1)
        return to_utc(day, TEN) - now
    minutes = data.get("minutes")
    if type(minutes) is not int or not 1 <= minutes <= LONGEST_STEP:
        raise HTTPException(422, f"minutes ska vara ett helt tal från 1 till {LONGEST_STEP}.")
    return timedelta(minutes=minutes)
