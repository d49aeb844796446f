"""The log-in with a municipal account: out to the municipality and back; the first time, by an invitation."""

from __future__ import annotations

import json
from typing import Final

import structlog
from fastapi import Response
from fastapi.responses import RedirectResponse

from staff import logging_in
from staff.logging_in import HALF_WAY, Came, From, new_token
from staff.outside import OutsideFault, Person
from staff.pages.door import Door, safe_path
from staff.pages.login import from_where, with_cookies
from staff.pages.visit import PREFIX, Visit
from staff.roles import Need
from storage import audit, logins, sessions
from storage.db import Tx

log = structlog.get_logger(__name__)

WHY: Final = {
    "second factor": "Kommunens inloggning bad inte om en andra faktor. Be den som sköter den att slå på det.",
    "no answer": "Kommunens inloggning svarar inte just nu. Försök igen om en stund.",
    "unknown": "Kontot är inte kopplat hit. Be din administratör om en inbjudan, och öppna den först.",
    "taken": "Det kontot är redan kopplat till en annan medarbetare. Prata med din administratör.",
}
ELSE: Final = "Inloggningen blev inte klar. Försök igen."


def open_room(door: Door) -> None:
    """Open the way out and the way back, where there is a municipal log-in."""
    if door.program.outside is None:
        return
    door.get("/logga-in/kommun", leave, needs=Need.PUBLIC)
    door.get("/logga-in/kommun/svar", come_back, needs=Need.PUBLIC)


def leave(visit: Visit) -> Response:
    """Send the browser to the municipality. A link, not a form: a form of ours is sent to no other site (CSP)."""
    outside = visit.program.outside
    assert outside is not None  # noqa: S101 - open_room looked
    carries = {"vidare": safe_path(visit.query("vidare")), "invitation": visit.query("invitation")[:100]}
    try:
        sent = outside.begin(visit.at, carries)
    except OutsideFault as fault:
        return _not_in(visit, fault.why)
    token = new_token()
    with visit.store.begin() as tx:
        sessions.start(tx, visit.at, token, None, "outside", "", lasts=HALF_WAY, state=sent.state)
    answer = RedirectResponse(sent.address, 303, visit.headers)
    return with_cookies(visit, answer, Came(token, "outside"))


def come_back(visit: Visit) -> Response:
    """Take what the municipality says. The session that it was begun in is used up by it."""
    outside, session = visit.program.outside, visit.session
    assert outside is not None  # noqa: S101 - open_room looked
    if session is None or session.stage != "outside":
        return _not_in(visit, "state")
    with visit.store.begin() as tx:
        kept = json.loads(sessions.state_of(tx, session.id) or "{}")
        sessions.end(tx, session.id)
    try:
        person = outside.finish(visit.at, kept, dict(visit.request.query_params))
    except OutsideFault as fault:
        return _not_in(visit, fault.why)
    with visit.store.begin() as tx:
        came = _enter(tx, visit, person, kept.get("invitation", ""), from_where(visit))
    if isinstance(came, str):
        return _not_in(visit, came)
    visit.session = None
    return with_cookies(visit, visit.go(safe_path(kept.get("vidare", ""))), came)


def _enter(tx: Tx, visit: Visit, person: Person, invitation: str, whence: From) -> Came | str:
    invited = logins.find_invited(tx, invitation, visit.at) if invitation else None
    if invited is not None:
        if not logins.set_outside(tx, invited, person.issuer, person.subject):
            return "taken"
        logins.end_invitation(tx, invited)
        audit.write(tx, visit.now, f"staff:{invited}", "staff.outside", f"staff:{invited}")
    known = logins.find_outside(tx, person.issuer, person.subject)
    if known is None:
        return "unknown"
    audit.write(tx, visit.now, f"staff:{known}", "staff.login", f"staff:{known}", "ok outside")
    return logging_in.enter(tx, visit.at, known, whence)


def _not_in(visit: Visit, why: str) -> Response:
    log.warning("login.outside_failed", status=why)
    with visit.store.begin() as tx:
        audit.write(tx, visit.now, "staff:unknown", "staff.login", "staff:unknown", f"refused: {why}"[:60])
    visit.session, visit.token = None, ""
    way_out = WHY.get(why, ELSE)
    return visit.page("fault.html", title="Du är inte inloggad", status=403, way_out=way_out, back=f"{PREFIX}/logga-in")
