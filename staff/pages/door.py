"""The door to the staff pages: what each page needs is said where it is opened, and kept here.

Every route is opened by `Door.get`, `Door.post` or `Door.stream`, which take what it needs (staff.roles.Need); one that
was opened past the door makes the program refuse to start. For each visit: the session and the role, that a form came
from our own page and under the same log-in, a password given within five minutes where one is asked for; then what the
room does, in a thread. What is not theirs and what is not there are the same page. A fault is a calm page, and told in
the log.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from staff.logging_in import FRESH, IDLE
from staff.pages.program import Program
from staff.pages.visit import PREFIX, Form, Missing, Visit, csrf_of
from staff.people import DeskFault
from staff.roles import Need, may
from storage import audit, sessions
from storage import pulse as pulses
from storage.db import Tx
from storage.errors import StoreUnavailable
from storage.pulse import Pulse
from storage.sessions import SEEN_EVERY, Session

log = structlog.get_logger(__name__)

Handler = Callable[[Visit], Response]
LOG_IN: Final = f"{PREFIX}/logga-in"
PROVE: Final = f"{PREFIX}/konto/igen"
LARGEST_FORM: Final = 1_000_000  # bytes; the longest field is cut at 20,000 signs after that
MOST_FIELDS: Final = 1_000
LOOK_AT_SESSION: Final = 15.0
"""Seconds after which a stream looks whether its session is still open."""
BY_SCRIPT: Final = ("/lista", "/handelser")
"""How addresses end that pages ask for by themselves: nobody need be there."""

TYPED: Final = ("body", "text", "note", "answer")
"""Fields that hold what somebody wrote at length: shown to be copied when a session ended under their hands."""


@dataclass(frozen=True)
class Declared:
    """What a route needs: any one of `needs`, and `fresh`: the password within five minutes."""

    needs: tuple[Need, ...]
    fresh: bool = False

    def is_public(self) -> bool:
        """Whether a stranger may come."""
        return Need.PUBLIC in self.needs

    def lets_in(self, role: str) -> bool:
        """Tell whether a role may."""
        return any(may(role, need) for need in self.needs)


class Refused(Exception):
    """The visit ends here, with this answer."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer


class Door:
    """Opens routes under /personal."""

    def __init__(self, program: Program, routes: APIRouter) -> None:
        self.program = program
        self.rooms: tuple[Any, ...] = ()
        self._routes = routes

    def get(self, path: str, show: Handler, *, needs: Need | tuple[Need, ...], fresh: bool = False) -> None:
        """Open a page. A GET changes nothing but the audit log."""
        self._open("GET", path, show, _declared(needs, fresh))

    def post(self, path: str, act: Handler, *, needs: Need | tuple[Need, ...], fresh: bool = False) -> None:
        """Open a deed: a form that a page of ours sends."""
        self._open("POST", path, act, _declared(needs, fresh))

    def stream(self, path: str, *, needs: Need) -> None:
        """Open the stream of events: it says "changed", and nothing else, until the session ends."""
        declared = _declared(needs, fresh=False)

        async def endpoint(request: Request) -> Response:
            visit = await asyncio.to_thread(self._enter, request, {}, declared)
            if isinstance(visit, Response):
                return Response(status_code=401, headers=dict(visit.headers))
            headers = {**visit.headers, "X-Accel-Buffering": "no"}
            return StreamingResponse(self._events(visit, declared), media_type="text/event-stream", headers=headers)

        self._add("GET", path, endpoint, declared)

    def _open(self, method: str, path: str, handler: Handler, declared: Declared) -> None:
        async def endpoint(request: Request) -> Response:
            form: Form | None = {}
            if method == "POST":
                form = await _read_form(request)
            answer = await asyncio.to_thread(self._serve, request, form, declared, handler)
            if method == "POST":
                self.program.changed()
            return answer

        self._add(method, path, endpoint, declared)

    def _add(self, method: str, path: str, endpoint: Callable[..., Any], declared: Declared) -> None:
        endpoint.declared = declared  # type: ignore[attr-defined]
        endpoint.__name__ = f"{method} {path}"
        self._routes.add_api_route(
            f"{PREFIX}{path}", endpoint, methods=[method], response_model=None, include_in_schema=False
        )

    # --- a visit ------------------------------------------------------------------------------------------------------

    def _serve(self, request: Request, form: Form | None, declared: Declared, handler: Handler) -> Response:
        stranger = self._visit(request, form or {})
        try:
            if form is None:
                return _fault(stranger, 413, "Det var för mycket på en gång", "Korta texten och försök igen.")
            visit = self._enter(request, form, declared)
            return visit if isinstance(visit, Response) else _answered(visit, handler)
        except StoreUnavailable:
            return _fault(stranger, 503, "Det gick inte att spara just nu", "Inget är ändrat. Försök igen om en stund.")
        except Exception as error:
            log.exception("page.failed", component=request.scope["route"].path, error=type(error).__name__)
            return _fault(
                stranger, 500, "Något gick fel hos oss", "Inget mer hände. Försök igen, eller säg till driften."
            )

    def _visit(self, request: Request, form: Form) -> Visit:
        program = self.program
        return Visit(program, request, form, program.lease_now(), program.clock.now(), self.rooms)

    def _enter(self, request: Request, form: Form, declared: Declared) -> Visit | Response:
        """Give the visit, with its session; or the answer that ends it."""
        visit = self._visit(request, form)
        visit.token = request.cookies.get(cookie_name(self.program), "")
        if visit.token:
            self._find_session(visit)
        try:
            _same_site(visit)
            _let_in(visit, declared)
        except Refused as refused:
            return refused.answer
        if visit.session is not None:
            self._see(visit, declared)
        return visit

    def _find_session(self, visit: Visit) -> None:
        with visit.store.read() as tx:
            visit.session = sessions.find(tx, visit.token, visit.at, IDLE)
            if visit.session is not None and visit.session.staff_id is not None:
                visit.who = sessions.find_visitor(tx, visit.session.staff_id)
                if visit.who is None:  # they have left since
                    visit.session = None
        if visit.session is None:
            visit.token = ""

    def _see(self, visit: Visit, declared: Declared) -> None:
        """Keep the session awake, and take the line that waits to be shown. What a script asks for does neither."""
        session = visit.session
        assert session is not None  # noqa: S101 - the caller looked
        if visit.request.url.path.endswith(BY_SCRIPT):
            return
        if visit.request.method == "GET" and session.told is not None and not declared.is_public():
            visit.told = session.told
        if visit.told is None and visit.at - session.seen_at < SEEN_EVERY:
            return
        with visit.store.begin() as tx:
            sessions.see(tx, session.id, visit.at)
            if visit.told is not None:
                sessions.tell(tx, session.id, None)

    # --- news ---------------------------------------------------------------------------------------------------------

    async def _events(self, visit: Visit, declared: Declared) -> AsyncIterator[str]:
        version = self.program.version
        pulse: Pulse | None = None
        yield f"retry: 2000\nevent: hello\ndata: {version}\n\n"
        looked = self.program.lease_now()
        while not self.program.stopping:
            newest = await self.program.changed_since(version, LOOK_AT_SESSION)
            now, before = self.program.lease_now(), pulse
            if not self.program.sends_here:  # another process does the work, and tells this one nothing
                pulse = await asyncio.to_thread(self._feel_pulse, visit)
            if (now - looked).total_seconds() >= LOOK_AT_SESSION:
                looked = now
                if not await asyncio.to_thread(self._is_open, visit, declared):
                    yield "event: ended\ndata: ended\n\n"
                    return
            news, version = newest != version or (before is not None and pulse != before), newest
            if news:
                yield f"event: changed\ndata: {version}\n\n"
            else:
                yield ": still here\n\n"

    def _feel_pulse(self, visit: Visit) -> Pulse | None:
        try:
            with visit.store.read() as tx:
                return pulses.take(tx)
        except StoreUnavailable:
            return None

    def _is_open(self, visit: Visit, declared: Declared) -> bool:
        try:
            with visit.store.read() as tx:
                session = sessions.find(tx, visit.token, self.program.lease_now(), IDLE)
                return session is not None and _still_may(tx, session, declared)
        except StoreUnavailable:
            return True  # the next look tells


def _still_may(tx: Tx, session: Session, declared: Declared) -> bool:
    who = sessions.find_visitor(tx, session.staff_id) if session.staff_id is not None else None
    return session.stage == "full" and who is not None and declared.lets_in(who.role)


def _declared(needs: Need | tuple[Need, ...], fresh: bool) -> Declared:
    return Declared(needs if isinstance(needs, tuple) else (needs,), fresh)


def cookie_name(program: Program) -> str:
    """Give the session cookie's name. With the prefix a browser takes it over https alone, for this host alone."""
    return "__Host-ingang" if program.is_private else "ingang"


def _answered(visit: Visit, handler: Handler) -> Response:
    try:
        return handler(visit)
    except Missing:
        return missing_page(visit)
    except DeskFault as fault:
        return _fault(visit, 409, fault.sentence, "Inget är ändrat.")


async def _read_form(request: Request) -> Form | None:
    """Give the fields of a form; None when there is too much. What is no form has no fields."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_FORM:
            return None
        parts.append(part)
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        text = b"".join(parts).decode("ascii", "replace")
        return parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        return None


# --- who may ----------------------------------------------------------------------------------------------------------


def _same_site(visit: Visit) -> None:
    """Refuse a deed that another site made a browser send, or that comes from a page of another session."""
    if visit.request.method == "GET":
        return
    site, origin = visit.request.headers.get("sec-fetch-site"), visit.request.headers.get("origin")
    foreign = site not in (None, "same-origin", "none")
    if site is None and origin is not None:
        foreign = urlsplit(origin).netloc != visit.request.headers.get("host")
    told = (visit.form.get("csrf") or [""])[-1]
    ours = hmac.compare_digest(told.encode("utf-8", "replace"), csrf_of(visit.token).encode())
    if foreign or (visit.session is not None and not ours):
        raise Refused(_fault(visit, 403, "Sidan var för gammal", "Inget är ändrat. Ladda om sidan och försök igen."))


def _let_in(visit: Visit, declared: Declared) -> None:
    """Refuse the visit of one who may not: a stranger is asked to log in, a role without the need sees nothing here."""
    if declared.is_public():
        return
    session = visit.session
    if session is None or session.stage != "full" or visit.who is None:
        raise Refused(_ask_to_log_in(visit))
    if not declared.lets_in(visit.who.role):
        where = visit.request.scope["route"].path.removeprefix(PREFIX)[:80]
        with visit.store.begin() as tx:
            audit.write(tx, visit.now, f"staff:{visit.who.staff_id}", "page.missing", where, "refused: role")
        raise Refused(missing_page(visit))
    if declared.fresh and (session.proved_at is None or visit.at - session.proved_at > FRESH):
        back = _own_path(visit)
        raise Refused(RedirectResponse(f"{PROVE}?vidare={quote(back, safe='')}", 303, visit.headers))


def _ask_to_log_in(visit: Visit) -> Response:
    if visit.request.method == "GET":
        where = f"{LOG_IN}?vidare={quote(_own_path(visit), safe='')}"
        return RedirectResponse(where, 303, visit.headers)
    typed = [text for name in TYPED if (text := visit.text(name))]
    return visit.page("expired.html", title="Du är utloggad", status=401, typed=typed)


def _own_path(visit: Visit) -> str:
    """The page that they came from, as a path of ours: a form's own page when it is a form."""
    if visit.request.method == "GET":
        url = visit.request.url
        return f"{url.path}?{url.query}" if url.query else url.path
    return safe_path(urlsplit(visit.request.headers.get("referer", "")).path)


def safe_path(text: str) -> str:
    """Give an address of the staff pages, or their start when the text is anything else."""
    parts = urlsplit(text)
    fine = not parts.scheme and not parts.netloc and parts.path.startswith(f"{PREFIX}/") and "\\" not in text
    return text if fine and text.isprintable() and len(text) < 1_000 else f"{PREFIX}/"


# --- pages of the door's own ------------------------------------------------------------------------------------------


def missing_page(visit: Visit) -> Response:
    """The page for what is not there, or not theirs."""
    return visit.page("fault.html", title="Sidan finns inte", status=404, way_out=(
        "Den är borttagen, eller hör till en annan enhet. Kontrollera adressen, eller börja om i inkorgen."
    ))  # fmt: skip


def _fault(visit: Visit, status: int, what: str, way_out: str) -> Response:
    return visit.page("fault.html", title=what, status=status, way_out=way_out)
