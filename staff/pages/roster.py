"""Bemanning: hours, days that differ, alarm contacts, help lines, and the switch that opens a unit."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from staff import calendar, roster_change, roster_open, roster_page
from staff.calendar_faults import field_of, in_words
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault
from staff.roles import Need
from staff.roster_change import BadWeek, Changed
from staff.roster_hours import DAYS
from storage.units import Unit

HERE: Final = f"{PREFIX}/bemanning"
KINDS: Final = (("away", "Borta eller stängt hela dagen"), ("hours", "De här tiderna i stället"))


def open_room(door: Door) -> None:
    """Open the roster. Who plans may change it; whoever sees people may see it."""
    door.get("/bemanning", show, needs=(Need.SEE, Need.PLAN))
    for path, deed in (
        ("/bemanning/dag", set_day), ("/bemanning/dag/bort", clear_day), ("/bemanning/oppna", open_unit),
        ("/bemanning/stang", close_unit), ("/bemanning/hjalplinjer", confirm_lines),
    ):  # fmt: skip
        door.post(path, deed, needs=Need.PLAN)
    door.get("/bemanning/{member}", show_member, needs=Need.PLAN)
    door.post("/bemanning/{member}/vecka", set_week, needs=Need.PLAN)
    door.post("/bemanning/{member}/larm", set_contact, needs=Need.PLAN)
    door.post("/bemanning/{member}/prov", try_alarm, needs=Need.PLAN)


def _unit(visit: Visit) -> Unit:
    """The unit that is looked at: the one chosen, else the first of theirs."""
    chosen = visit.unit()
    return chosen or (visit.units[0] if visit.units else visit.missing())


def _at(unit: Unit, anchor: str = "") -> str:
    return f"{HERE}?enhet={unit.slug}{'#' + anchor if anchor else ''}"


def show(visit: Visit) -> Response:
    """A unit's roster."""
    if not visit.units:
        return visit.page("roster_none.html", title="Bemanning", room="bemanning")
    return _draw(visit, _unit(visit))


def _draw(
    visit: Visit, unit: Unit, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None,
    status: int = 200, fault: str = "",
) -> Response:  # fmt: skip
    page = roster_page.show(visit.store, visit.house, visit.now, visit.actor, unit)
    shown = {"who": "", "day": "", "kind": "away", "hours": ""} | (typed or {})
    people = [("", "Hela enheten"), *((row.id, row.name) for row in page.rows)]
    return visit.page(
        "roster.html", title="Bemanning", room="bemanning", status=status, page=page, unit=unit, units=visit.units,
        errors=errors or {}, typed=shown, people=people, kinds=KINDS, days=DAYS, fault=fault,
        may_plan=visit.may(Need.PLAN),
    )  # fmt: skip


# --- days that differ -------------------------------------------------------------------------------------------------


def _whose(visit: Visit) -> int | None:
    """Whose day: a colleague's, or None for the whole unit's."""
    text = visit.text("who")
    if not text:
        return None
    return read_number(text) or visit.missing()


def set_day(visit: Visit) -> Response:
    """Let a day differ."""
    unit, whose = _unit(visit), _whose(visit)
    typed = {name: visit.text(name) for name in ("who", "day", "kind", "hours")}
    hours = typed["hours"] if typed["kind"] == "hours" else None
    try:
        roster_change.set_day(visit.store, visit.now, visit.actor, unit, whose, calendar.read_day(typed["day"]), hours)
    except DeskFault as fault:
        where = field_of(fault)
        if not where:
            visit.missing(f"staff:{whose}")
        return _draw(visit, unit, {where: in_words(fault)}, typed, 422)
    return visit.go(_at(unit, "dagar"), "Dagen är ändrad. Löften, larm och påminnelser går efter det nu.")


def clear_day(visit: Visit) -> Response:
    """Let a day be as usual again."""
    unit, day = _unit(visit), calendar.read_day(visit.text("day"))
    if day is None:
        visit.missing()
    roster_change.clear_day(visit.store, visit.now, visit.actor, unit, _whose(visit), day)
    return visit.go(_at(unit, "dagar"), "Dagen är som vanligt igen.")


# --- one colleague ----------------------------------------------------------------------------------------------------


def show_member(visit: Visit) -> Response:
    """One colleague's hours and work device."""
    return _draw_member(visit, _unit(visit))


def _draw_member(
    visit: Visit, unit: Unit, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None,
    status: int = 200, fault: str = "",
) -> Response:  # fmt: skip
    wanted = visit.number("member")
    page = roster_page.show(visit.store, visit.house, visit.now, visit.actor, unit)
    row = page.row(wanted) or visit.missing(f"staff:{wanted}")
    shown = {f"dag{weekday}": line for weekday, line in enumerate(row.week)}
    shown |= {"channel": row.channel or next(iter(page.channels), ""), "device": row.device, "order": str(row.order)}
    shown |= {"manager": "ja" if row.manager else ""}
    return visit.page(
        "roster_member.html", title=row.name, room="bemanning", status=status, page=page, unit=unit, row=row,
        errors=errors or {}, typed=shown | (typed or {}), days=list(enumerate(DAYS)), was="|".join(row.week),
        fault=fault,
    )  # fmt: skip


def set_week(visit: Visit) -> Response:
    """Save a colleague's week."""
    unit, wanted = _unit(visit), visit.number("member")
    lines = [visit.text(f"dag{weekday}") for weekday in range(7)]
    typed, was = {f"dag{weekday}": line for weekday, line in enumerate(lines)}, visit.text("was").split("|")
    try:
        roster_change.set_week(visit.store, visit.now, visit.actor, unit, wanted, lines, was if len(was) == 7 else None)
    except BadWeek as bad:
        faults = {f"dag{weekday}": why for weekday, why in bad.faults.items()}
        return _draw_member(visit, unit, faults, typed, 422)
    except Changed as changed:
        stands = "; ".join(line for line in changed.now_is if line) or "inga tider"
        return _draw_member(visit, unit, {}, typed, 409, f"{in_words(changed)} Nu står det: {stands}.")
    except DeskFault:
        visit.missing(f"staff:{wanted}")
    return visit.go(_at(unit), "Veckan är sparad. Löften, larm och påminnelser går efter den nu.")


def set_contact(visit: Visit) -> Response:
    """Save where an alarm reaches a colleague."""
    unit, wanted = _unit(visit), visit.number("member")
    typed = {name: visit.text(name) for name in ("channel", "device", "order", "manager")}
    try:
        roster_change.set_contact(
            visit.store, visit.house, visit.now, visit.actor, unit, wanted, channel=typed["channel"],
            device=typed["device"], order=typed["order"], manager=bool(typed["manager"]),
        )  # fmt: skip
    except DeskFault as fault:
        if fault.where == "MEMBER":
            visit.missing(f"staff:{wanted}")
        where = {"ORDER": "order", "CHANNEL": "channel"}.get(fault.where) or field_of(fault)
        return _draw_member(visit, unit, {where: in_words(fault)}, typed, 422)
    return visit.go(_at(unit, "larm"), "Larmet är sparat.")


def try_alarm(visit: Visit) -> Response:
    """Send a test to a colleague's work device."""
    unit, wanted = _unit(visit), visit.number("member")
    try:
        roster_change.try_alarm(visit.store, visit.house, visit.now, visit.actor, unit, wanted, visit.text("once"))
    except DeskFault as fault:
        if fault.where == "MEMBER":
            visit.missing(f"staff:{wanted}")
        return _draw(visit, unit, fault=in_words(fault), status=409)
    return visit.go(_at(unit, "larm"), "Provlarmet är på väg. Se efter i arbetstelefonen att det kommer.")


# --- open or closed ---------------------------------------------------------------------------------------------------


def open_unit(visit: Visit) -> Response:
    """Open the unit to those who sign up by themselves."""
    unit = _unit(visit)
    try:
        roster_open.open_unit(visit.store, visit.now, visit.actor, unit, visit.house.channels)
    except DeskFault as fault:
        return _draw(visit, unit, fault=in_words(fault), status=409)
    return visit.go(_at(unit), "Enheten är öppen. Boten tar emot nya anmälningar.")


def close_unit(visit: Visit) -> Response:
    """Close it again."""
    unit = _unit(visit)
    roster_open.close_unit(visit.store, visit.now, visit.actor, unit)
    return visit.go(_at(unit), "Enheten är stängd för nya. De som redan har kontakt med er har det kvar.")


def confirm_lines(visit: Visit) -> Response:
    """Note that the help lines were looked through today."""
    unit = _unit(visit)
    roster_open.confirm_lines(visit.store, visit.now, visit.actor, unit)
    return visit.go(_at(unit, "hjalplinjer"), "Hjälplinjerna är kontrollerade i dag.")
