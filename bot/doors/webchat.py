"""The web chat: a page of the municipality's own, for those who have neither SMS nor Telegram at hand.

    GET  /chatt               the page; ?start=alvsbyn_affisch says which poster led here. Changes nothing.
    POST /chatt               a plain form: `text`, or a button's `button`, or `begin`; then back to the page
    GET  /chatt/messages      what has been said, as JSON
    POST /chatt/messages      {"id", "text"} or {"id", "button"} or {"id", "begin"}, as JSON; `lang` is
                              the language of the page
    GET  /chatt/events        says "changed" when there is something new (server-sent events)
    POST /chatt/leave         forget the talk on this device

Who writes is known by a random token in a cookie that scripts cannot read. The address in the store is a hash of it: a
copied database opens nobody's talk. The cookie comes with the first message, not with the page.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from bot.channels.base import BUTTON, LONGEST_IN, Inbound
from bot.channels.pickup import WEB_CHAT
from bot.doors.inside import Inside, json_answer, read_form, read_json, same_site, text_of
from bot.doors.languages import ASKED, Language, of_browser, of_person
from bot.doors.limits import Bucket
from bot.doors.pages import PAGES
from bot.doors.shown import Shown, shown
from rules.calendar import to_local
from storage import contacts, timeline, units
from storage.contacts import Standing
from storage.db import Tx
from storage.errors import StoreUnavailable

COOKIE: Final = "ingang-chatt"
KEPT_DAYS: Final = 14
"""How long a talk can be found again on the same device. Staff answer within days; a library's computer is left."""

POSTER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes
NONCE: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
SHOWN: Final = 200  # messages
ANSWER_WITHIN: Final = 2.0  # seconds that a plain form waits for the answer before the page is drawn
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
FOR_THE_SCRIPT: Final = (
    ("who", "me"), ("who", "bot"), ("who", "staff"), ("wrong", "no_contact"), ("wrong", "not_sent"),
)  # fmt: skip
"""The words that the page's script uses, by their table and name in chat.toml."""

LOOK_EVERY: Final = 4.0  # seconds: another process may have sent, and only the store knows
FEW, MANY, BUSY = "few", "many", "busy"
"""What can be wrong with a message: words of chat.toml, under [wrong]."""


def router(app: Inside) -> APIRouter:
    """Give the web chat's addresses, and the files that its pages use."""
    routes, chat = APIRouter(), _Chat(app)
    routes.include_router(PAGES.files())
    routes.get("/chatt")(chat.page)
    routes.post("/chatt")(chat.form)
    routes.post("/chatt/leave")(chat.leave)
    routes.get("/chatt/messages")(chat.messages)
    routes.post("/chatt/messages")(chat.written)
    routes.get("/chatt/events", response_class=EventSourceResponse)(chat.events)
    return routes


class _Chat:
    """The doings behind the addresses."""

    def __init__(self, app: Inside) -> None:
        self._app = app
        self._writes = Bucket(burst=20, per_minute=30)  # of one talk
        self._begins = Bucket(burst=60, per_minute=60)  # from one network address: a whole school may share one

    # --- the page -----------------------------------------------------------------------------------------------------

    def page(self, request: Request, start: str = "") -> Response:
        """Draw the talk so far and where to write. Works without scripts."""
        return self._draw(request, start)

    async def form(self, request: Request) -> Response:
        """Take a plain form post, wait a moment for the answer, and go back to the page."""
        same_site(request)
        fields = await read_form(request)
        token = _token(request)
        wrong = self._may_write(request, token)
        if wrong:
            return self._draw(request, fields.get("start", ""), fields, wrong, 429)
        token = token or secrets.token_urlsafe(32)
        try:
            await self._take(token, fields)
        except StoreUnavailable:
            return self._draw(request, fields.get("start", ""), fields, BUSY, 503)
        await self._wait_for_answer(token)
        return _with_cookie(RedirectResponse("/chatt#skriv", 303), request, token)

    def leave(self, request: Request) -> Response:
        """Forget the talk on this device; what was written stays with the unit."""
        same_site(request)
        speaks = of_browser(self._app.house.catalog, request)
        gone = Language(speaks.book).show("left.html")  # without links: this address only takes posts
        gone.delete_cookie(_cookie(request), path="/", secure=_secure(request), httponly=True, samesite="lax")
        return gone

    def _draw(
        self, request: Request, start: str, fields: Mapping[str, str] = NOTHING, wrong: str = "", status: int = 200
    ) -> Response:
        start = start if POSTER.fullmatch(start) else ""
        with self._app.store.read() as tx:
            who = self._who(tx, _token(request))
            speaks = self._speaks(request, who, start, fields.get(ASKED, ""))
            talk, mark = self._said(tx, who, speaks)
            place = _place(tx, start)
        words = speaks.book.pages
        return speaks.show(
            "chat.html", status, talk=talk, mark=mark, place=place, wrong=wrong and words.say(f"chat.wrong.{wrong}"),
            text=fields.get("text", "")[:LONGEST_IN], nonce=_nonce(), start=start, days=KEPT_DAYS,
            words={name: words.plain(f"chat.{place}.{name}") for place, name in FOR_THE_SCRIPT},
        )  # fmt: skip

    # --- the same, for the page's script ------------------------------------------------------------------------------

    def messages(self, request: Request, mark: str = "") -> Response:
        """Give what has been said; only that nothing has changed, where `mark` is the last one given."""
        with self._app.store.read() as tx:
            who = self._who(tx, _token(request))
            speaks = self._speaks(request, who)
            talk, now_mark = self._said(tx, who, speaks)
        if mark and mark == now_mark:
            return json_answer({"mark": mark, "changed": False})
        told = {"mark": now_mark, "changed": True, "messages": [each.plain() for each in talk]}
        return json_answer(told | {"lang": speaks.book.language if who else ""})

    async def written(self, request: Request) -> Response:
        """Take a message; answered when it is kept. The same `id` again changes nothing."""
        same_site(request)
        data = await read_json(request)
        fields = {name: text_of(data, name, default="") for name in ("id", "text", "button", "begin", "start", ASKED)}
        token = _token(request)
        wrong = self._may_write(request, token)
        if wrong:
            speaks = of_browser(self._app.house.catalog, request, fields[ASKED])
            raise HTTPException(429, speaks.book.pages.plain(f"chat.wrong.{wrong}"), {"Retry-After": "30"})
        token = token or secrets.token_urlsafe(32)
        await self._take(token, fields)
        return _with_cookie(json_answer({"kept": True}), request, token)

    async def events(self, request: Request) -> AsyncIterator[ServerSentEvent]:
        """Tell the page when to fetch: at once, and whenever what it shows has changed."""
        token, told = _token(request), ""
        while not self._app.stopping:
            version = self._app.version
            mark = await asyncio.to_thread(self._mark, token)
            if mark != told:
                told = mark
                yield ServerSentEvent(event="changed", data=mark, retry=3000)
            await self._app.changed_since(version, LOOK_EVERY)

    # --- what they share ---------------------------------------------------------------------------------------------

    def _who(self, tx: Tx, token: str | None) -> Standing | None:
        return contacts.find(tx, WEB_CHAT.name, address_of(token)) if token else None

    def _speaks(self, request: Request, who: Standing | None, start: str = "", wanted: str = "") -> Language:
        """The language of the page: that of the talk, once there is one."""
        catalog = self._app.house.catalog
        if who is not None:
            return of_person(catalog, who.language)
        return of_browser(catalog, request, wanted, **{"start": start} if start else {})

    def _said(self, tx: Tx, who: Standing | None, speaks: Language) -> tuple[list[Shown], str]:
        if who is None:
            return [], ""
        lines = timeline.of_contact(tx, who.contact_id, SHOWN)
        talk = shown(lines, self._today(), speaks.book, self._app.house.hours.zone)
        return talk, timeline.mark(tx, who.contact_id)

    def _mark(self, token: str | None) -> str:
        with self._app.store.read() as tx:
            who = self._who(tx, token)
            return timeline.mark(tx, who.contact_id) if who else ""

    def _today(self) -> date:
        return to_local(self._app.clock.now(), self._app.house.hours.zone).date()

    def _may_write(self, request: Request, token: str | None) -> str:
        """What is wrong, by its name; "" for nothing. A token that has not written here lately counts as a new talk."""
        if (token is None or not self._writes.knows(token)) and not self._begins.take(_from(request)):
            return FEW
        return "" if token is None or self._writes.take(token) else MANY

    async def _take(self, token: str, fields: dict[str, str]) -> None:
        """Hand it in: a button, words, or the beginning of a talk with the poster that led here."""
        nonce = fields.get("id", "")
        nonce = nonce if NONCE.fullmatch(nonce) else _nonce()
        address, poster = address_of(token), fields.get("start", "")
        if fields.get("button"):
            text, kind = fields["button"][:LONGEST_IN], BUTTON
        elif fields.get("text", "").strip():
            text, kind = fields["text"], "text"
        elif fields.get("begin"):
            text, kind = f"/start {poster}" if POSTER.fullmatch(poster) else "/start", "text"
        else:
            return
        name = hashlib.sha256(f"{address}|{nonce}".encode()).hexdigest()[:40]
        extra = {"language": fields.get(ASKED, "")} | ({"poster": poster} if POSTER.fullmatch(poster) else {})
        await self._app.receive(Inbound(WEB_CHAT.name, address, name, text, kind, self._app.clock.now(), extra))

    async def _wait_for_answer(self, token: str) -> None:
        """Give the answer a moment to go out, so that the page which comes next shows it."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                while await asyncio.to_thread(self._waits, token):
                    await self._app.changed_since(self._app.version, 0.2)
        except TimeoutError:
            return

    def _waits(self, token: str) -> bool:
        with self._app.store.read() as tx:
            who = self._who(tx, token)
            return who is not None and timeline.waits_for_answer(tx, who.contact_id, self._app.clock.now())


def address_of(token: str) -> str:
    """Give the address under which the store knows the holder of a token."""
    return hashlib.sha256(f"webchat|{token}".encode("utf-8", "replace")).hexdigest()[:40]


def _place(tx: Tx, start: str) -> str:
    """The name of the unit that the link is for, or of the only one; else the program's own."""
    known = units.list_units(tx)
    wanted = [unit for unit in known if unit.slug == start.split("_", maxsplit=1)[0]] or known
    return wanted[0].name if len(wanted) == 1 else "Ingång"


def _from(request: Request) -> str:
    return request.client.host if request.client else ""


def _nonce() -> str:
    return secrets.token_hex(12)


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie(request: Request) -> str:
    return f"__Host-{COOKIE}" if _secure(request) else COOKIE


def _token(request: Request) -> str | None:
    token = request.cookies.get(_cookie(request), "")
    return token if TOKEN.fullmatch(token) else None


def _with_cookie(response: Response, request: Request, token: str) -> Response:
    response.set_cookie(
        _cookie(request),
        token,
        max_age=KEPT_DAYS * 86_400,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response
