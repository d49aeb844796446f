"""Questions of a session or a check-in, filled in together: on our screen, the person's own phone, or from paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from fastapi import Response

from staff import rating_deeds, rating_view
from staff.codes import qr_picture
from staff.pages.door import Door
from staff.pages.login import log_out
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault, NotTheirs
from staff.rating_deeds import ROLES, WrongFields
from staff.rating_forms import TITLES, About, Form, OfCheckIn, OfSession
from staff.roles import Need
from storage.appointments import Appointment

HERE: Final = "/mote/{meeting}/skattning/{role}"
CHECK_IN: Final = "/deltagare/{person}/avstamning/{scale}"


def open_routes(door: Door) -> None:
    """Open the form of a session and of a check-in, in its three ways."""
    for here in (HERE, CHECK_IN):
        door.get(here, show, needs=Need.ACT)
        door.post(here, keep_paper, needs=Need.ACT)
        door.post(f"{here}/skarm", open_screen, needs=Need.ACT)
        door.post(f"{here}/telefon", show_code, needs=Need.ACT)


@dataclass(frozen=True, slots=True)
class Place:
    """What an address is about, and where it leads back to. `title` until the form itself says better."""

    about: About
    here: str
    title: str
    room: str
    back: str
    back_word: str


def _place(visit: Visit) -> Place:
    """What the address is about; the page 404 for another role or scale than there is."""
    if "meeting" in visit.request.path_params:
        meeting, role = visit.number("meeting"), ROLES.get(visit.word("role")) or visit.missing()
        back = f"{PREFIX}/mote/{meeting}"
        here = f"{back}/skattning/{visit.word('role')}"
        return Place(OfSession(meeting, role), here, TITLES[role], "kalender", back, "Tillbaka till mötet")
    person, scale = visit.number("person"), visit.house.scales.get(visit.word("scale"))
    if scale is None or scale.role != "check_in":
        visit.missing(f"participant:{person}")
    back = f"{PREFIX}/deltagare/{person}"
    about, here = OfCheckIn(person, scale.slug), f"{back}/avstamning/{scale.slug}"
    return Place(about, here, scale.title, "deltagare", f"{back}#skattningar", "Tillbaka till personen")


def _missing(visit: Visit, place: Place) -> NoReturn:
    about = place.about
    visit.missing(f"appointment:{about.meeting}" if isinstance(about, OfSession) else f"participant:{about.person}")


def show(visit: Visit) -> Response:
    """The ways to fill it in, and the paper form."""
    return _draw(visit, _place(visit), {}, {})


def _draw(
    visit: Visit, place: Place, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> Response:
    try:
        form: Form | None = rating_deeds.form_of(visit.store, visit.house, visit.now, visit.actor, place.about)
    except NotTheirs:
        _missing(visit, place)
    except DeskFault as fault:
        form, errors, status = None, {"form": fault.sentence}, 409
    return visit.page(
        "rating_form.html", title=f"{form.title if form else place.title}: frågor", room=place.room, status=status,
        form=form, typed=typed, errors=errors, place=place,
    )  # fmt: skip


def keep_paper(visit: Visit) -> Response:
    """Keep what stands on the paper."""
    place = _place(visit)
    typed = {name: visit.text(name) for name in visit.form if name.startswith("item-")} | {
        "comment": visit.text("comment")
    }
    items = {name.removeprefix("item-"): value for name, value in typed.items() if name != "comment"}
    try:
        rating_deeds.keep_paper(visit.store, visit.house, visit.now, visit.actor, place.about, items, typed["comment"])
    except NotTheirs:
        _missing(visit, place)
    except WrongFields as fault:
        return _draw(visit, place, typed, {f"item-{key}": told for key, told in fault.wrong.items()}, 422)
    except DeskFault as fault:
        return _draw(visit, place, typed, {"form": fault.sentence}, 409)
    return visit.go(place.back, "Pappersformuläret är sparat.")


def _token(visit: Visit, place: Place, *, own_phone: bool) -> str | Response:
    try:
        return rating_deeds.open_page(
            visit.store, visit.house, visit.now, visit.actor, place.about, own_phone=own_phone
        )
    except NotTheirs:
        _missing(visit, place)
    except DeskFault as fault:
        return _draw(visit, place, {}, {"form": fault.sentence}, 409)


def open_screen(visit: Visit) -> Response:
    """Hand the screen over: nobody is logged in on it while the person has it."""
    token = _token(visit, _place(visit), own_phone=False)
    if isinstance(token, Response):
        return token
    answer = log_out(visit)
    answer.headers["Location"] = f"/d/{token}"
    return answer


def show_code(visit: Visit) -> Response:
    """A QR code that opens the questions on the person's own phone."""
    place = _place(visit)
    token = _token(visit, place, own_phone=True)
    if isinstance(token, Response):
        return token
    address = f"{visit.program.public_url}/d/{token}"
    return visit.page(
        "rating_code.html", title=f"{place.title}: personens telefon", room=place.room, picture=qr_picture(address),
        address=address, place=place, minutes=int(rating_deeds.DEVICE_OPEN.total_seconds() // 60),
    )  # fmt: skip


def standing_at(visit: Visit, meeting: Appointment) -> dict[str, rating_view.Standing]:
    """How it stands with the ratings of a session, for the meeting's own page: by the word of the address."""
    with visit.store.read() as tx:
        found = rating_view.standing_of(tx, meeting, visit.actor.staff_id, visit.now)
    return {word: found[role] for word, role in ROLES.items()}
