"""Months of attendance: hours by person, who signed, and what was changed after that."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from staff import attendance_months
from staff.attendance_months import LONGEST_SIGN
from staff.pages import group_form
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault
from staff.roles import Need

HERE: Final = f"{PREFIX}/grupper/manader"


def open_routes(door: Door) -> None:
    """Open the months."""
    door.get("/grupper/manader", show, needs=Need.SEE)
    door.get("/grupper/manader/{month}", show_one, needs=Need.SEE)
    door.post("/grupper/manader/{month}", send_in, needs=Need.PLAN)


def show(visit: Visit) -> Response:
    """A unit's months, and how each stands."""
    unit = group_form.unit_of(visit)
    found = attendance_months.look(visit.store, visit.now, visit.actor, unit, visit.house.hours.zone)
    return visit.page("group_months.html", title="Månader", room="grupper", found=found, units=_units(visit))


def _units(visit: Visit) -> list[tuple[str, str]]:
    return [(each.slug, each.municipality) for each in visit.units]


def show_one(visit: Visit) -> Response:
    """One month."""
    return _draw(visit)


def _draw(visit: Visit, error: str = "", status: int = 200) -> Response:
    first = attendance_months.read_month(visit.word("month")) or visit.missing()
    unit, zone = group_form.unit_of(visit), visit.house.hours.zone
    page = attendance_months.look_at(visit.store, visit.now, visit.actor, unit, first, zone)
    return visit.page(
        "group_month.html", title=f"Närvaro {page.standing.words}", room="grupper", status=status, page=page,
        errors={"signed": error} if error else {}, signed=visit.text("signed"), longest=LONGEST_SIGN,
        may_sign=visit.may(Need.PLAN),
    )  # fmt: skip


def send_in(visit: Visit) -> Response:
    """Lock a month. For who plans and sees: an administrator sees no people, and signs for none."""
    if not visit.may(Need.SEE):
        visit.missing()
    first = attendance_months.read_month(visit.word("month")) or visit.missing()
    unit, zone = group_form.unit_of(visit), visit.house.hours.zone
    try:
        number = attendance_months.send_in(
            visit.store, visit.now, visit.actor, unit, first, visit.text("signed"), visit.text("once"), zone
        )
    except DeskFault as fault:
        return _draw(visit, fault.sentence, 422)
    told = "Månaden är inlämnad." if number == 1 else "Månaden är inlämnad på nytt."
    return visit.go(f"{HERE}/{visit.word('month')}?enhet={unit.slug}", told)
