"""Saved replies: the unit's own texts, with fields, that staff put into an answer."""

from __future__ import annotations

from fastapi import Response

from staff import saved_replies
from staff.pages.door import Door
from staff.pages.inbox import theirs
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault, NotTheirs
from staff.roles import Need
from staff.saved_replies import FIELDS
from storage.saved_replies import SavedReply

HERE = f"{PREFIX}/inkorg/svar"


def open_room(door: Door) -> None:
    """Open the page of saved replies, which is a part of the inbox's room."""
    door.get("/inkorg/svar", show, needs=(Need.ACT, Need.PLAN))
    door.get("/inkorg/svar/nytt", show_new, needs=Need.PLAN)
    door.post("/inkorg/svar/nytt", add, needs=Need.PLAN)
    door.get("/inkorg/svar/{reply}", show_one, needs=Need.PLAN)
    door.post("/inkorg/svar/{reply}", change, needs=Need.PLAN)
    door.post("/inkorg/svar/{reply}/ta-bort", theirs(remove), needs=Need.PLAN)


def show(visit: Visit) -> Response:
    """All that the units have."""
    found = saved_replies.list_replies(visit.store, visit.actor)
    units = {unit.id: unit.municipality for unit in visit.units}
    return visit.page("replies.html", title="Sparade svar", room="inkorg", replies=found, units=units, fields=FIELDS)


def show_new(visit: Visit) -> Response:
    """The form for a new one."""
    return _page(visit, None, "", "", {})


def show_one(visit: Visit) -> Response:
    """The form with one that there is."""
    reply = _find(visit)
    return _page(visit, reply, reply.name, reply.text, {})


def add(visit: Visit) -> Response:
    """Keep a new one."""
    return _save(visit, None)


def change(visit: Visit) -> Response:
    """Keep what was changed."""
    return _save(visit, _find(visit))


def _save(visit: Visit, reply: SavedReply | None) -> Response:
    name, text = visit.text("name"), visit.text("text")
    unit = next((each for each in visit.units if reply is not None and each.id == reply.unit_id), None) or visit.unit()
    unit = unit or (visit.units[0] if len(visit.units) == 1 else None)
    if unit is None:
        return _page(visit, reply, name, text, {"enhet": "Välj vilken enhet svaret är för."}, 422)
    try:
        saved_replies.save(
            visit.store, visit.now, visit.actor, unit, name, text, reply.id if reply else None, visit.text("once")
        )
    except NotTheirs:
        return visit.missing()
    except DeskFault as fault:
        return _page(visit, reply, name, text, {fault.where: fault.what}, 422)
    return visit.go(HERE, "Svaret är sparat.")


def remove(visit: Visit) -> Response:
    """Take one away."""
    saved_replies.remove(visit.store, visit.now, visit.actor, _find(visit).id)
    return visit.go(HERE, "Svaret är borttaget.")


def _find(visit: Visit) -> SavedReply:
    wanted = visit.number("reply")
    found = saved_replies.list_replies(visit.store, visit.actor)
    return next((each for each in found if each.id == wanted), None) or visit.missing()


def _page(
    visit: Visit, reply: SavedReply | None, name: str, text: str, errors: dict[str, str], status: int = 200
) -> Response:
    options = [("", "Välj"), *((unit.slug, unit.municipality) for unit in visit.units)]
    return visit.page(
        "reply_one.html", title="Sparat svar", room="inkorg", status=status, reply=reply, name=name, text=text,
        errors=errors, fields=FIELDS, options=options, chosen=visit.text("enhet"),
    )  # fmt: skip
