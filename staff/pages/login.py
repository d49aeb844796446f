"""The log-in: a work address and a password, then a code; the first time, a password of one's own and the app.

In the demo, where everybody is made up, a button lets one in as any of its staff.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import Response

from staff import codes, labels, logging_in
from staff.logging_in import Came, From
from staff.pages.door import Door, cookie_name, safe_path
from staff.pages.visit import PREFIX, Visit
from staff.roles import Need
from storage import audit, logins, staff, units
from storage.db import Tx

DEVICE_COOKIE = "ingang-dator"
DEVICE_LASTS = 60 * 60 * 24 * 180  # seconds
LOG_IN = f"{PREFIX}/logga-in"
CODE = f"{LOG_IN}/kod"
APP = f"{PREFIX}/valkommen/app"
BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def open_room(door: Door) -> None:
    """Open the log-in."""
    door.get("/logga-in", show, needs=Need.PUBLIC)
    door.post("/logga-in", give_password, needs=Need.PUBLIC)
    door.get("/logga-in/kod", show_code, needs=Need.PUBLIC)
    door.post("/logga-in/kod", give_code, needs=Need.PUBLIC)
    door.post("/logga-in/demo", enter_demo, needs=Need.PUBLIC)
    door.get("/valkommen/app", show_app, needs=Need.PUBLIC)
    door.post("/valkommen/app", prove_app, needs=Need.PUBLIC)
    door.get("/valkommen/{token}", show_invitation, needs=Need.PUBLIC)
    door.post("/valkommen/{token}", accept, needs=Need.PUBLIC)
    door.post("/logga-ut", log_out, needs=Need.PUBLIC)


# --- the password -----------------------------------------------------------------------------------------------------


def show(visit: Visit) -> Response:
    """The log-in page; who is in already goes on."""
    if visit.session is not None and visit.session.stage == "full":
        return visit.go(_onward(visit))
    return _log_in_page(visit)


def _log_in_page(visit: Visit, error: str = "", status: int = 200) -> Response:
    demo = []
    if visit.program.demo:
        with visit.store.read() as tx:
            demo = _made_up(tx)
    outside = visit.program.outside
    facts: dict[str, Any] = {
        "outside": outside.name if outside else "",
        "email": visit.text("email")[:254],
        "error": error,
        "onward": _onward(visit),
        "demo": demo,
    }
    return visit.page("login.html", title="Logga in", status=status, **facts)


def _made_up(tx: Tx) -> list[tuple[int, str, str]]:
    """Those whom one may look in as: (id, name, what they are)."""
    places = {unit.id: unit.municipality for unit in units.list_units(tx)}
    theirs = staff.memberships_of_all(tx)
    told = []
    for each in staff.list_staff(tx):
        where = ", ".join(places[unit] for unit in places if unit in theirs.get(each.id, frozenset()))
        role = labels.label(labels.ROLE, each.role)
        told.append((each.id, each.first_name, f"{role}, {where}" if where else role))
    return told


def give_password(visit: Visit) -> Response:
    """Try the address and the password."""
    whence = from_where(visit)
    came = logging_in.give_password(
        visit.store, visit.at, whence, visit.text("email")[:254], _secret(visit, "password")
    )
    if came.token:
        where = CODE if came.stage == "password" else APP
        return with_cookies(visit, visit.go(f"{where}?vidare={quote(_onward(visit), safe='')}"), came)
    return _log_in_page(
        visit, _why_not(came, "Adressen och lösenordet hör inte ihop. Kontrollera båda."), _status(came)
    )


def _secret(visit: Visit, name: str) -> str:
    """A password as it was typed: its spaces are part of it."""
    return (visit.form.get(name) or [""])[-1]


def _why_not(came: Came, wrong: str) -> str:
    return wrong if came.waits is None else f"För många försök. Vänta {_span(came.waits)} och försök igen."


def _status(came: Came) -> int:
    return 422 if came.waits is None else 429


def _span(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    return f"{seconds} sekunder" if seconds < 60 else f"{-(-seconds // 60)} minuter"


# --- the code ---------------------------------------------------------------------------------------------------------


def show_code(visit: Visit) -> Response:
    """Where the six digits are typed."""
    if visit.session is None or visit.session.stage != "password":
        return visit.go(_start(visit))
    return _code_page(visit)


def _code_page(visit: Visit, error: str = "", status: int = 200) -> Response:
    return visit.page("code.html", title="Skriv koden", status=status, error=error, onward=_onward(visit))


def give_code(visit: Visit) -> Response:
    """Try the code."""
    if visit.session is None or visit.session.stage != "password":
        return visit.go(_start(visit))
    came = logging_in.give_code(visit.store, visit.at, from_where(visit), visit.session, visit.text("code")[:40])
    if came.token:
        return with_cookies(visit, visit.go(_onward(visit)), came)
    if came.waits is None and visit.session.misses + 1 >= logging_in.MOST_MISSES:
        visit.token, visit.session = "", None
        return _log_in_page(visit, "Fem koder blev fel. Börja om med lösenordet.", 422)
    return _code_page(visit, _why_not(came, "Koden stämmer inte. Den byts var 30:e sekund."), _status(came))


# --- invited ----------------------------------------------------------------------------------------------------------


def show_invitation(visit: Visit) -> Response:
    """Where somebody who was invited chooses a password."""
    return _invitation_page(visit)


def _invitation_page(visit: Visit, error: str = "", status: int = 200) -> Response:
    token = visit.word("token")
    with visit.store.read() as tx:
        staff_id = logins.find_invited(tx, token, visit.at)
        member = None if staff_id is None else staff.find_by_id(tx, staff_id)
    if member is None:
        return visit.page("invitation_old.html", title="Inbjudan gäller inte", status=404)
    outside = visit.program.outside
    told = outside.name if outside else ""
    facts = {"token": token, "name": member.first_name, "email": member.email or "", "error": error, "outside": told}
    return visit.page("invitation.html", title="Välkommen", status=status, **facts)


def accept(visit: Visit) -> Response:
    """Keep the password, and go on to the app."""
    password = _secret(visit, "password")
    if password != _secret(visit, "again"):
        return _invitation_page(visit, "De två lösenorden är inte lika.", 422)
    came = logging_in.choose_password(visit.store, visit.at, from_where(visit), visit.word("token"), password)
    if isinstance(came, str):
        return _invitation_page(visit, came, 422)
    return with_cookies(visit, visit.go(APP), came)


def show_app(visit: Visit) -> Response:
    """The QR code for the app, and where its first code is typed."""
    return _app_page(visit)


def _app_page(visit: Visit, error: str = "", status: int = 200) -> Response:
    if visit.session is None or visit.session.stage != "set_up":
        return visit.go(_start(visit))
    secret, address = logging_in.secret_to_show(visit.store, visit.session)
    grouped = " ".join(re.findall(".{1,4}", secret))
    facts = {"secret": grouped, "picture": codes.qr_picture(address), "error": error}
    return visit.page("set_up.html", title="Koppla appen", status=status, **facts)


def prove_app(visit: Visit) -> Response:
    """Take the app's first code, and show the recovery codes, this once."""
    if visit.session is None or visit.session.stage != "set_up":
        return visit.go(_start(visit))
    came, fresh = logging_in.prove_app(visit.store, visit.at, from_where(visit), visit.session, visit.text("code")[:40])
    if not came.token:
        return _app_page(visit, "Koden stämmer inte. Se efter att telefonens klocka går rätt.", 422)
    visit.token = came.token
    answer = visit.page("recovery.html", title="Dina reservkoder", codes=fresh)
    return with_cookies(visit, answer, came)


# --- in and out -------------------------------------------------------------------------------------------------------


def enter_demo(visit: Visit) -> Response:
    """Look in as one of the demo's made-up staff."""
    if not visit.program.demo:
        visit.missing()
    wanted = visit.text("staff")
    with visit.store.begin() as tx:
        chosen = next((each for each in staff.list_staff(tx) if str(each.id) == wanted), None)
        came = Came() if chosen is None else logging_in.enter(tx, visit.at, chosen.id, from_where(visit))
        if chosen is not None:
            audit.write(tx, visit.now, f"staff:{chosen.id}", "staff.login", f"staff:{chosen.id}", "ok demo")
    if not came.token:
        return _log_in_page(visit, "Den medarbetaren finns inte längre. Välj en annan.", 422)
    return with_cookies(visit, visit.go(_onward(visit)), came)


def log_out(visit: Visit) -> Response:
    """End the session, here and in the browser."""
    if visit.session is not None:
        logging_in.log_out(visit.store, visit.at, visit.session)
    visit.session = None
    answer = visit.go(LOG_IN)
    answer.delete_cookie(cookie_name(visit.program), secure=visit.program.is_private, httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def with_cookies(visit: Visit, answer: Response, came: Came) -> Response:
    """Let the browser keep a new session's token, and what it is to be known by."""
    safe = visit.program.is_private
    name = cookie_name(visit.program)
    answer.set_cookie(name, came.token, secure=safe, httponly=True, samesite="lax", path="/")
    if came.device:
        answer.set_cookie(
            DEVICE_COOKIE, came.device, max_age=DEVICE_LASTS, secure=safe, httponly=True, samesite="strict",
            path=LOG_IN,
        )  # fmt: skip
    return answer


def from_where(visit: Visit) -> From:
    """Give where a try comes from."""
    request = visit.request
    address = request.client.host if request.client else ""
    return From(address, request.cookies.get(DEVICE_COOKIE, ""), browser_name(request.headers.get("user-agent", "")))


def browser_name(agent: str) -> str:
    """Give a browser in two words, enough to know one's own by: "Firefox, Windows"."""
    browser = next((name for name in BROWSERS if name in agent), "Webbläsare")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "okänd dator")
    return f"{ {'Edg': 'Edge', 'OPR': 'Opera'}.get(browser, browser) }, {system}"


def _onward(visit: Visit) -> str:
    return safe_path(visit.text("vidare") or visit.query("vidare"))


def _start(visit: Visit) -> str:
    return f"{LOG_IN}?vidare={quote(_onward(visit), safe='')}"
