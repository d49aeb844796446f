"""The questions of a session, filled in together: on staff's screen, on the person's own phone, or from paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import Response

from staff import rating_deeds, rating_view
from staff.codes import qr_picture
from staff.pages.door import Door
from staff.pages.login import log_out
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault, NotTheirs
from staff.rating_deeds import ROLES, Form, WrongFields
from staff.roles import Need

TITLES: Final = {"before": "Före träffen", "after": "Efter träffen"}
HERE: Final = "/mote/{meeting}/skattning/{role}"


def open_routes(door: Door) -> None:
    """Open the form of a session, in its three ways."""
    door.get(HERE, show, needs=Need.ACT)
    door.post(HERE, keep_paper, needs=Need.ACT)
    door.post(f"{HERE}/skarm", open_screen, needs=Need.ACT)
    door.post(f"{HERE}/telefon", show_code, needs=Need.ACT)


def _asked(visit: Visit) -> tuple[int, str]:
    """The meeting and the role in the address; the page 404 for another."""
    return visit.number("meeting"), ROLES.get(visit.word("role")) or visit.missing()


def show(visit: Visit) -> Response:
    """The ways to fill it in, and the paper form."""
    return _draw(visit, {}, {})


def _draw(visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    meeting, role = _asked(visit)
    try:
        form: Form | None = rating_deeds.form_of(visit.store, visit.house, visit.now, visit.actor, meeting, role)
    except NotTheirs:
        visit.missing(f"appointment:{meeting}")
    except DeskFault as fault:
        form, errors, status = None, {"form": _sentence(fault)}, 409
    return visit.page(
        "rating_form.html", title=f"{TITLES[role]}: frågor", room="kalender", status=status, form=form, typed=typed,
        errors=errors, here=f"{PREFIX}/mote/{meeting}/skattning/{visit.word('role')}", role=role,
        back=f"{PREFIX}/mote/{meeting}",
    )  # fmt: skip


def _sentence(fault: DeskFault) -> str:
    return f"{fault.what[:1].upper()}{fault.what[1:].rstrip('.')}."


def keep_paper(visit: Visit) -> Response:
    """Keep what stands on the paper."""
    meeting, role = _asked(visit)
    typed = {name: visit.text(name) for name in visit.form if name.startswith("item-")} | {
        "comment": visit.text("comment")
    }
    items = {name.removeprefix("item-"): value for name, value in typed.items() if name != "comment"}
    try:
        rating_deeds.keep_paper(
            visit.store, visit.house, visit.now, visit.actor, meeting, role, items, typed["comment"]
        )
    except NotTheirs:
        visit.missing(f"appointment:{meeting}")
    except WrongFields as fault:
        return _draw(visit, typed, {f"item-{key}": told for key, told in fault.wrong.items()}, 422)
    except DeskFault as fault:
        return _draw(visit, typed, {"form": _sentence(fault)}, 409)
    return visit.go(f"{PREFIX}/mote/{meeting}", "Pappersformuläret är sparat.")


def _token(visit: Visit, *, own_phone: bool) -> str | Response:
    meeting, role = _asked(visit)
    try:
        return rating_deeds.open_page(
            visit.store, visit.house, visit.now, visit.actor, meeting, role, own_phone=own_phone
        )
    except NotTheirs:
        visit.missing(f"appointment:{meeting}")
    except DeskFault as fault:
        return _draw(visit, {}, {"form": _sentence(fault)}, 409)


def open_screen(visit: Visit) -> Response:
    """Hand the screen over: nobody is logged in on it while the person has it."""
    token = _token(visit, own_phone=False)
    if isinstance(token, Response):
        return token
    answer = log_out(visit)
    answer.headers["Location"] = f"/d/{token}"
    return answer


def show_code(visit: Visit) -> Response:
    """A QR code that opens the questions on the person's own phone."""
    token = _token(visit, own_phone=True)
    if isinstance(token, Response):
        return token
    meeting, role = _asked(visit)
    address = f"{visit.program.public_url}/d/{token}"
    return visit.page(
        "rating_code.html", title=f"{TITLES[role]}: personens telefon", room="kalender", picture=qr_picture(address),
        address=address, back=f"{PREFIX}/mote/{meeting}", minutes=int(rating_deeds.DEVICE_OPEN.total_seconds() // 60),
    )  # fmt: skip


def standing_at(visit: Visit, meeting: int) -> dict[str, rating_view.Standing]:
    """How it stands with the ratings of a session, for the meeting's own page: by the word of the address."""
    with visit.store.read() as tx:
        found = rating_view.standing_of(tx, meeting, visit.actor.staff_id)
    return {word: found[role] for word, role in ROLES.items()}
