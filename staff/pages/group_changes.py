"""Changing and calling off an activity: who is told what is shown before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from rules.bad_input import BadInput
from staff import activity_changes, activity_form
from staff.activity_changes import Done, WhoIsTold
from staff.activity_deeds import NoActivity
from staff.activity_form import Read, Typed
from staff.pages import group_form
from staff.pages.door import Door
from staff.pages.group_form import Form
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault
from staff.roles import Need
from storage.activities import Activity
from storage.units import Unit

HERE: Final = f"{PREFIX}/grupper"


def open_routes(door: Door) -> None:
    """Open the pages that change and call off."""
    door.get("/grupper/{activity}/andra", show, needs=Need.ACT)
    door.post("/grupper/{activity}/andra", change, needs=Need.ACT)
    door.get("/grupper/{activity}/stall-in", show_cancel, needs=Need.ACT)
    door.post("/grupper/{activity}/stall-in", cancel, needs=Need.ACT)


@dataclass(frozen=True, slots=True)
class _Found:
    """An activity, its unit, those after it in its series, and the word for how they stand."""

    each: Activity
    unit: Unit
    later: tuple[Activity, ...]
    stood: str


def _found(visit: Visit) -> _Found:
    wanted = visit.number("activity")
    try:
        each, later, stood = activity_changes.standing(visit.store, visit.actor, wanted, visit.now)
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    unit = next((unit for unit in visit.units if unit.id == each.unit_id), None) or visit.missing()
    return _Found(each, unit, later, stood)


def show(visit: Visit) -> Response:
    """The form, with what stands."""
    found = _found(visit)
    typed = activity_form.typed_of(found.each, visit.house.hours.zone)
    return group_form.draw(visit, _form(found, typed, Read(typed, None), found.stood))


def _form(found: _Found, typed: Typed, told: Read, stood: str, who: WhoIsTold | None = None) -> Form:
    action = f"{HERE}/{found.each.id}/andra"
    more: dict[str, Any] = {"later": found.later}
    if who is not None:
        more["whom"] = who
    return Form(found.unit, action, "Ändra aktiviteten", typed, told, found.each, stood, more)


def change(visit: Visit) -> Response:
    """Show who is told what; or change it, when that is what was shown."""
    found = _found(visit)
    typed, stood = group_form.typed_in(visit), visit.text("version")
    told = activity_form.read(typed, visit.now, group_form.known_of(visit, found.unit, found.each))
    form, later = _form(found, told.typed, told, stood), bool(typed.later)
    if told.plan is None:
        return group_form.draw(visit, form, 422)
    try:
        if visit.text("steg") == "spara" and visit.text("sett") == form.seen:
            done = activity_changes.change(
                visit.store, visit.house, visit.now, visit.actor, found.each.id, told.plan, stood, visit.text("once"),
                later=later,
            )  # fmt: skip
            return visit.go(f"{HERE}/{found.each.id}", _in_words("ändrad", "ändrade", done))
        who = activity_changes.before_change(
            visit.store, visit.house, visit.now, visit.actor, found.each.id, told.plan, later=later
        )
    except BadInput as wrong:
        faults = {wrong.field: wrong.why_sv}
        return group_form.draw(visit, _form(found, told.typed, Read(told.typed, None, faults), stood), 422)
    except DeskFault as fault:
        faults = {"title": f"{fault.sentence} Ladda om sidan."}
        return group_form.draw(visit, _form(found, told.typed, Read(told.typed, None, faults), found.stood), 409)
    return group_form.draw(visit, _form(found, told.typed, told, stood, who))


def _in_words(one: str, many: str, done: Done | None) -> str:
    if done is None or not done.later:
        said = [f"Aktiviteten är {one}."]
    else:
        said = [f"{len(done.later) + 1} gånger är {many}."]
    if done is not None and done.told:
        said.append(f"{len(done.told)} får veta det.")
    if done is not None and done.unreached:
        said.append(f"{len(done.unreached)} nås inte: se inkorgen.")
    if done is not None and done.ring:
        said.append("Det är nära: ring också.")
    return " ".join(said)


def show_cancel(visit: Visit) -> Response:
    """Who would be told that it is called off."""
    return _cancel_page(visit, _found(visit))


def _cancel_page(visit: Visit, found: _Found, fault: str = "", status: int = 200) -> Response:
    each, later = found.each, bool(visit.text("senare") or visit.query("senare")) and bool(found.later)
    if each.state == "cancelled":
        return visit.go(f"{HERE}/{each.id}", "Aktiviteten är redan inställd.")
    told = activity_changes.before_cancelling(visit.store, visit.house, visit.now, visit.actor, each.id, later=later)
    return visit.page(
        "group_cancel.html", title="Ställ in", room="grupper", status=status, each=each, unit=found.unit, whom=told,
        here=f"{HERE}/{each.id}", stood=found.stood, fault=fault, followers=found.later, later=later,
    )  # fmt: skip


def cancel(visit: Visit) -> Response:
    """Call it off; with `senare` those after it in the series too."""
    found = _found(visit)
    try:
        done = activity_changes.cancel(
            visit.store, visit.house, visit.now, visit.actor, found.each.id, visit.text("version"),
            later=bool(visit.text("senare")),
        )  # fmt: skip
    except DeskFault as fault:
        return _cancel_page(visit, found, fault.sentence, 409)
    return visit.go(f"{HERE}/{found.each.id}", _in_words("inställd", "inställda", done))
