"""One's own account: where one is logged in, the password, the recovery codes; and the password given once more."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from staff import codes, logging_in
from staff.logging_in import IDLE
from staff.pages.door import Door, safe_path
from staff.pages.login import from_where
from staff.pages.visit import PREFIX, Visit
from staff.roles import Need
from storage import audit, logins, sessions, staff
from storage.sessions import Session

HERE = f"{PREFIX}/konto"


def open_room(door: Door) -> None:
    """Open one's own account."""
    door.get("/konto", show, needs=Need.OWN)
    door.get("/konto/igen", show_again, needs=Need.OWN)
    door.post("/konto/igen", prove_again, needs=Need.OWN)
    door.post("/konto/losenord", change_password, needs=Need.OWN)
    door.post("/konto/reservkoder", renew_codes, needs=Need.OWN, fresh=True)
    door.post("/konto/sessioner/{session}/avsluta", end_session, needs=Need.OWN)
    door.get("/tillganglighet", show_access, needs=Need.PUBLIC)


def _session(visit: Visit) -> Session:
    if visit.session is None or visit.session.staff_id is None:
        visit.missing()
    return visit.session


def show(visit: Visit) -> Response:
    """The account's page."""
    return _page(visit)


def _page(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    session = _session(visit)
    assert session.staff_id is not None  # noqa: S101 - _session looked
    with visit.store.read() as tx:
        member, login = staff.find_by_id(tx, session.staff_id), logins.find(tx, session.staff_id)
        left = logins.count_recovery(tx, session.staff_id)
        mine = sessions.list_of(tx, session.staff_id, visit.at, IDLE)
    facts: dict[str, Any] = {"member": member, "login": login, "left": left, "sessions": mine, "errors": errors or {}}
    return visit.page("account.html", title="Mitt konto", status=status, at=visit.at, current=session.id, **facts)


def show_again(visit: Visit) -> Response:
    """Where the password is given once more."""
    return _again_page(visit)


def _again_page(visit: Visit, error: str = "", status: int = 200) -> Response:
    onward, session = safe_path(visit.text("vidare") or visit.query("vidare")), _session(visit)
    assert session.staff_id is not None  # noqa: S101 - _session looked
    with visit.store.read() as tx:
        login = logins.find(tx, session.staff_id)
    outside = visit.program.outside
    facts: dict[str, Any] = {
        "error": error,
        "onward": onward,
        "staff_id": session.staff_id,
        "outside": outside.name if outside and login and login.outside else "",
        "has_password": login is not None and login.password_hash is not None,
    }
    return visit.page("again.html", title="Är det du?", status=status, **facts)


def prove_again(visit: Visit) -> Response:
    """Try the password once more."""
    password = (visit.form.get("password") or [""])[-1]
    came = logging_in.prove_again(visit.store, visit.at, from_where(visit), _session(visit), password)
    if came.waits is not None:
        return _again_page(visit, "För många försök. Vänta en stund och försök igen.", 429)
    if not came.stage:
        return _again_page(visit, "Det är inte ditt lösenord.", 422)
    return visit.go(safe_path(visit.text("vidare")))


def change_password(visit: Visit) -> Response:
    """Change one's own password; the other sessions end."""
    before, after = ((visit.form.get(name) or [""])[-1] for name in ("before", "after"))
    wrong = logging_in.change_password(visit.store, visit.at, _session(visit), before, after)
    if wrong is not None:
        where, _, what = wrong.partition(": ")
        return _page(visit, {where: what}, 422)
    return visit.go(HERE, "Lösenordet är bytt. Du är utloggad på alla andra ställen.")


def renew_codes(visit: Visit) -> Response:
    """Make ten new recovery codes, shown this once."""
    session = _session(visit)
    assert session.staff_id is not None  # noqa: S101 - _session looked
    fresh = codes.new_recovery_codes()
    with visit.store.begin() as tx:
        logins.set_recovery(tx, session.staff_id, fresh)
        audit.write(tx, visit.now, visit.actor.ref, "staff.recovery", visit.actor.ref)
    return visit.page("recovery.html", title="Dina reservkoder", codes=fresh)


def end_session(visit: Visit) -> Response:
    """End one of one's own sessions."""
    session, wanted = _session(visit), visit.number("session")
    assert session.staff_id is not None  # noqa: S101 - _session looked
    with visit.store.begin() as tx:
        mine = {one.id for one in sessions.list_of(tx, session.staff_id, visit.at, IDLE)}
        if wanted in mine:
            sessions.end(tx, wanted)
            audit.write(tx, visit.now, visit.actor.ref, "staff.end_session", visit.actor.ref)
    if wanted not in mine:
        visit.missing()
    if wanted == session.id:
        return visit.go(f"{PREFIX}/logga-in")
    return visit.go(HERE, "Den inloggningen är avslutad.")


def show_access(visit: Visit) -> Response:
    """The accessibility statement."""
    return visit.page("access.html", title="Tillgänglighet")
