"""Grupper: the list of group activities, the year, and the form that makes one."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from staff import activity_board, activity_deeds, activity_form
from staff.activity_form import Read, Typed
from staff.pages import group_changes, group_form, group_months, group_one, group_send, group_there
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit
from staff.roles import Need
from staff.year_ring import ring_of

HERE: Final = f"{PREFIX}/grupper"


def open_room(door: Door) -> None:
    """Open the room: the list, the year, the form, and the pages of one activity."""
    door.get("/grupper", show, needs=Need.SEE)
    door.get("/grupper/ar", show_year, needs=Need.SEE)
    door.get("/grupper/ny", show_new, needs=Need.ACT)
    door.post("/grupper/ny", make, needs=Need.ACT)
    for each in (group_months, group_send, group_there, group_changes, group_one):
        each.open_routes(door)


def show(visit: Visit) -> Response:
    """The list: today's, what comes, what has been."""
    unit, zone = visit.unit(), visit.house.hours.zone
    board = activity_board.look(visit.store, visit.now, visit.actor, unit, zone)
    return visit.page(
        "groups.html", title="Grupper", room="grupper", board=board, unit=unit, units=group_form.unit_options(visit)
    )


def show_year(visit: Visit) -> Response:
    """The year wheel: what there is, month by month."""
    unit, zone = visit.unit(), visit.house.hours.zone
    months = activity_board.wheel(visit.store, visit.now, visit.actor, unit, zone)
    return visit.page(
        "groups_year.html", title="Årshjul", room="grupper", months=months, unit=unit, ring=ring_of(months),
        units=group_form.unit_options(visit),
    )  # fmt: skip


def show_new(visit: Visit) -> Response:
    """The form; first in which unit, when there are several."""
    unit = group_form.unit_of(visit)
    typed = Typed(day=visit.query("dag"), last="", skip_red="ja")
    return group_form.draw(visit, group_form.Form(unit, f"{HERE}/ny", "Ny aktivitet", typed, Read(typed, None)))


def make(visit: Visit) -> Response:
    """Show what will come of it; or make it, when that is what was shown."""
    unit, typed = group_form.unit_of(visit), group_form.typed_in(visit)
    zone = visit.house.hours.zone
    told = activity_form.read(typed, visit.now, group_form.known_of(visit, unit))
    form = group_form.Form(unit, f"{HERE}/ny", "Ny aktivitet", told.typed, told)
    if told.plan is None:
        return group_form.draw(visit, form, 422)
    if visit.text("steg") == "spara" and visit.text("sett") == form.seen:
        made = activity_deeds.make(visit.store, visit.now, visit.actor, unit, told.plan, visit.text("once"), zone)
        many = len(told.plan.occasions)
        what = f"{many} gånger är inlagda." if many else "Aktiviteten är inlagd. Bjud in när du vill."
        return visit.go(f"{HERE}/{made}" if made else HERE, what)
    return group_form.draw(visit, form)
