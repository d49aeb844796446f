"""Accounts: who may log in, in which role, for which units. An invitation is a link that is shown once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

from staff import accounts, labels, roll
from staff.logging_in import INVITED
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault
from staff.roles import Need
from storage import staff

HERE = f"{PREFIX}/konton"
FIELD = {"FIRST_NAME": "name", "--email": "email", "--role": "role", "--unit": "units", "--hours": "hours"}


@dataclass
class Typed:
    """What stands in the form for an account."""

    name: str = ""
    email: str = ""
    role: str = "handlaggare"
    units: list[str] = field(default_factory=list)
    hours: str = ""


def open_room(door: Door) -> None:
    """Open the accounts."""
    door.get("/konton", show, needs=Need.ACCOUNTS)
    door.get("/konton/ny", show_new, needs=Need.ACCOUNTS)
    door.post("/konton/ny", add, needs=Need.ACCOUNTS, fresh=True)
    door.get("/konton/{member}", show_one, needs=Need.ACCOUNTS)
    door.post("/konton/{member}", change, needs=Need.ACCOUNTS, fresh=True)
    door.post("/konton/{member}/bjud-in", invite, needs=Need.ACCOUNTS, fresh=True)
    door.post("/konton/{member}/avsluta", end, needs=Need.ACCOUNTS, fresh=True)


def show(visit: Visit) -> Response:
    """All accounts."""
    rows = accounts.list_accounts(visit.store, visit.at, visit.now, visit.actor)
    working = [row for row in rows if row.state != "left"]
    left = [row for row in rows if row.state == "left"]
    return visit.page("accounts.html", title="Konton", room="konton", rows=working, left=left, at=visit.at, **_words())


def _words() -> dict[str, Any]:
    return {"roles": labels.ROLE, "means": labels.ROLE_MEANS, "states": labels.ACCOUNT}


def show_new(visit: Visit) -> Response:
    """The form for somebody new."""
    return _new_page(visit, Typed(units=[visit.units[0].slug] if len(visit.units) == 1 else []))


def _new_page(visit: Visit, typed: Typed, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    facts = {"typed": typed, "errors": errors or {}, "units": visit.units, **_words()}
    return visit.page("account_new.html", title="Nytt konto", room="konton", status=status, **facts)


def _typed(visit: Visit) -> Typed:
    return Typed(visit.text("name"), visit.text("email"), visit.text("role"), visit.all("units"), visit.text("hours"))


def add(visit: Visit) -> Response:
    """Add somebody, and show the invitation."""
    typed = _typed(visit)
    hours = tuple(line for line in typed.hours.splitlines() if line.strip())
    wanted = roll.NewMember(typed.name, tuple(typed.units), typed.email or "-", typed.role, hours=hours)
    try:
        staff_id = roll.add_member(visit.store, visit.now, visit.actor, wanted)
    except DeskFault as fault:
        return _new_page(visit, typed, _beside(fault), 422)
    return _invited(visit, staff_id, typed.name)


def _beside(fault: DeskFault) -> dict[str, str]:
    """Put a fault beside the field that it is about."""
    way_out = {"--email": "Skriv en annan arbetsadress.", "--unit": "Välj minst en enhet."}.get(fault.where, "")
    said = f"{fault.sentence} {way_out or fault.way_out[:1].upper() + fault.way_out[1:] + '.'}"
    return {FIELD.get(fault.where, fault.where): said}


def _invited(visit: Visit, staff_id: int, name: str) -> Response:
    token = accounts.invite(visit.store, visit.at, visit.now, visit.actor, staff_id)
    link = f"{visit.program.public_url}{PREFIX}/valkommen/{token}"
    return visit.page("account_invited.html", title="Inbjudan", room="konton", name=name, link=link, days=INVITED.days)


def show_one(visit: Visit) -> Response:
    """One account."""
    return _one_page(visit)


def _one_page(
    visit: Visit, typed: Typed | None = None, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    wanted = visit.number("member")
    rows = accounts.list_accounts(visit.store, visit.at, visit.now, visit.actor)
    row = next((each for each in rows if each.id == wanted and each.state != "left"), None)
    if row is None:
        visit.missing()
    slugs = [unit.slug for unit in visit.units if unit.id in row.unit_ids]
    facts = {
        "row": row,
        "typed": typed or Typed(row.name, row.email, row.role, slugs),
        "errors": errors or {},
        "units": visit.units,
        "own": row.id == visit.actor.staff_id,
        **_words(),
    }
    return visit.page("account_one.html", title=row.name, room="konton", status=status, at=visit.at, **facts)


def _theirs(visit: Visit) -> int:
    wanted = visit.number("member")
    with visit.store.read() as tx:
        member = accounts.find_account(tx, visit.actor, wanted)
    if member is None:
        visit.missing(f"staff:{wanted}")
    return wanted


def change(visit: Visit) -> Response:
    """Change the role, the units, the address."""
    wanted, typed = _theirs(visit), _typed(visit)
    chosen = [unit.id for unit in visit.units if unit.slug in typed.units]
    try:
        email = roll.read_email(typed.email)
        accounts.change(visit.store, visit.now, visit.actor, wanted, typed.role, chosen, email)
    except DeskFault as fault:
        with visit.store.read() as tx:
            member = staff.find_by_id(tx, wanted)
        typed.name = member.first_name if member else ""
        return _one_page(visit, typed, _beside(fault), 422)
    return visit.go(HERE, "Kontot är ändrat.")


def invite(visit: Visit) -> Response:
    """Make a new invitation: what they logged in with before no longer works."""
    wanted = _theirs(visit)
    with visit.store.read() as tx:
        member = staff.find_by_id(tx, wanted)
    return _invited(visit, wanted, member.first_name if member else "")


def end(visit: Visit) -> Response:
    """Take out somebody who has left: sessions end at once."""
    wanted = _theirs(visit)
    if wanted == visit.actor.staff_id:
        return _one_page(
            visit, errors={"end": "Du kan inte avsluta ditt eget konto. Be en annan administratör."}, status=422
        )
    left = roll.disable_member(visit.store, visit.now, visit.actor, str(wanted))
    told = " ".join((f"{left.name} är utloggad och borttagen ur bemanning och larm.", *left.notes))
    return visit.go(HERE, told)
