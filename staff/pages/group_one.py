"""One activity: who is invited, who comes, who waits and who wants to be met; a place freed, somebody added."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from staff import activity_guests, activity_page, labels
from staff.activity_deeds import NoActivity
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault, ManyFound, NotTheirs
from staff.roles import Need

HERE: Final = f"{PREFIX}/grupper"


def open_routes(door: Door) -> None:
    """Open the pages of one activity."""
    door.get("/grupper/{activity}", show, needs=Need.SEE)
    door.post("/grupper/{activity}/lagg-till", add, needs=Need.ACT)
    door.post("/grupper/{activity}/inbjudan/{invitation}/slapp", free, needs=Need.ACT)
    door.post("/grupper/{activity}/inbjudan/{invitation}/ta-bort", take_back, needs=Need.ACT)
    door.post("/grupper/{activity}/inbjudan/{invitation}/mot", meet, needs=Need.ACT)


def show(visit: Visit) -> Response:
    """The page."""
    return _draw(visit)


def _draw(
    visit: Visit,
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    fault: str = "",
    found: ManyFound | None = None,
) -> Response:
    wanted = visit.number("activity")
    try:
        page = activity_page.look(visit.store, visit.now, visit.actor, wanted, visit.house.hours.zone)
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    title = labels.activity(page.activity.title)
    return visit.page(
        "group_one.html", title=f"{title[:1].upper()}{title[1:]}", room="grupper", status=status, page=page,
        each=page.activity, here=f"{HERE}/{wanted}", errors=errors or {}, fault=fault, who=visit.text("who"),
        matches=found.matches if found else (), members=list(page.members.items()), reply=visit.text("reply") or "yes",
    )  # fmt: skip


def _home(visit: Visit, told: str) -> Response:
    return visit.go(f"{HERE}/{visit.number('activity')}", told)


def add(visit: Visit) -> Response:
    """Add a person by hand: found by name or number, chosen among several, with the answer that they gave."""
    reply, wanted = visit.text("reply"), visit.number("activity")
    chosen = read_number(visit.text("person"))
    try:
        name = activity_guests.add(
            visit.store, visit.house, visit.now, visit.actor, wanted, chosen or visit.text("who"), reply,
            visit.text("once"),
        )  # fmt: skip
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    except ManyFound as many:
        return _draw(visit, {"who": "Flera passar. Välj en av dem."}, 422, found=many)
    except DeskFault as fault:
        what = "personen finns inte här" if isinstance(fault, NotTheirs) else fault.what
        return _draw(visit, {"who": f"{what[:1].upper()}{what[1:]}."}, 422)
    return _home(visit, name)


def free(visit: Visit) -> Response:
    """Let somebody's place be another's: the first in line is told."""
    return _with_guest(visit, activity_guests.free, "Platsen är ledig. Den som står först i kön får veta det.")


def take_back(visit: Visit) -> Response:
    """Take an invitation back."""
    return _with_guest(visit, activity_guests.take_back, "Inbjudan är tillbakatagen.")


def meet(visit: Visit) -> Response:
    """Choose who meets them outside; nobody, when none is chosen."""
    wanted, member = visit.number("activity"), read_number(visit.text("member"))
    try:
        activity_guests.meet(visit.store, visit.now, visit.actor, wanted, visit.number("invitation"), member or None)
    except (NoActivity, NotTheirs):
        visit.missing(f"activity:{wanted}")
    except DeskFault as fault:
        return _draw(visit, status=409, fault=fault.sentence)
    return _home(visit, "Sparat. Säg till kollegan om det är någon annan än du." if member else "Ingen är vald.")


def _with_guest(visit: Visit, deed: activity_guests.Deed, told: str) -> Response:
    wanted = visit.number("activity")
    try:
        deed(visit.store, visit.house, visit.now, visit.actor, wanted, visit.number("invitation"), visit.text("once"))
    except (NoActivity, NotTheirs):
        visit.missing(f"activity:{wanted}")
    except DeskFault as fault:
        return _draw(visit, status=409, fault=fault.sentence)
    return _home(visit, told)
