"""Changing and calling off an activity: who is told what is shown before anything is done."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from bot.actions.activities import Told
from rules.bad_input import BadInput
from staff import activity_changes, activity_form
from staff.activity_changes import WhoIsTold, stands
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


def _found(visit: Visit) -> tuple[Activity, Unit]:
    wanted = visit.number("activity")
    try:
        each = activity_changes.find_one(visit.store, visit.actor, wanted)
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    return each, next((unit for unit in visit.units if unit.id == each.unit_id), None) or visit.missing()


def show(visit: Visit) -> Response:
    """The form, with what stands."""
    each, unit = _found(visit)
    typed = activity_form.typed_of(each, visit.house.hours.zone)
    return group_form.draw(visit, _form(each, unit, typed, Read(typed, None), stands(each)))


def _form(each: Activity, unit: Unit, typed: Typed, told: Read, stood: str, who: WhoIsTold | None = None) -> Form:
    action = f"{HERE}/{each.id}/andra"
    more = {} if who is None else {"whom": who}
    return Form(unit, action, "Ändra aktiviteten", typed, told, each, stood, more)


def change(visit: Visit) -> Response:
    """Show who is told what; or change it, when that is what was shown."""
    each, unit = _found(visit)
    typed, stood = group_form.typed_in(visit), visit.text("version")
    told = activity_form.read(typed, visit.now, group_form.known_of(visit, unit, each))
    form = _form(each, unit, told.typed, told, stood)
    if told.plan is None:
        return group_form.draw(visit, form, 422)
    try:
        if visit.text("steg") == "spara" and visit.text("sett") == form.seen:
            done = activity_changes.change(
                visit.store, visit.house, visit.now, visit.actor, each.id, told.plan, stood, visit.text("once")
            )
            return visit.go(f"{HERE}/{each.id}", _in_words("Aktiviteten är ändrad.", done))
        who = activity_changes.before_change(visit.store, visit.house, visit.now, visit.actor, each.id, told.plan)
    except BadInput as wrong:
        return group_form.draw(
            visit, _form(each, unit, told.typed, Read(told.typed, None, {wrong.field: wrong.why_sv}), stood), 422
        )
    except DeskFault as fault:
        faults = {"title": f"{fault.sentence} Ladda om sidan."}
        return group_form.draw(visit, _form(each, unit, told.typed, Read(told.typed, None, faults), stands(each)), 409)
    return group_form.draw(visit, _form(each, unit, told.typed, told, stood, who))


def _in_words(first: str, done: Told | None) -> str:
    if done is None:
        return first
    said = [first]
    if done.told:
        said.append(f"{len(done.told)} får veta det.")
    if done.unreached:
        said.append(f"{len(done.unreached)} nås inte: se inkorgen.")
    if done.ring:
        said.append("Det är nära: ring också.")
    return " ".join(said)


def show_cancel(visit: Visit) -> Response:
    """Who would be told that it is called off."""
    return _cancel_page(visit, *_found(visit))


def _cancel_page(visit: Visit, each: Activity, unit: Unit, fault: str = "", status: int = 200) -> Response:
    if each.state == "cancelled":
        return visit.go(f"{HERE}/{each.id}", "Aktiviteten är redan inställd.")
    told = activity_changes.before_cancelling(visit.store, visit.house, visit.now, visit.actor, each.id)
    return visit.page(
        "group_cancel.html", title="Ställ in", room="grupper", status=status, each=each, unit=unit, whom=told,
        here=f"{HERE}/{each.id}", stood=stands(each), fault=fault,
    )  # fmt: skip


def cancel(visit: Visit) -> Response:
    """Call it off."""
    each, unit = _found(visit)
    try:
        done = activity_changes.cancel(visit.store, visit.house, visit.now, visit.actor, each.id, visit.text("version"))
    except DeskFault as fault:
        said = fault.sentence
        return _cancel_page(visit, each, unit, said, 409)
    return visit.go(f"{HERE}/{each.id}", _in_words("Aktiviteten är inställd.", done))
