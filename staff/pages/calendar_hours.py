"""One's times for walks: the week, days that differ, the unit's limits; and a day when somebody is ill."""

from __future__ import annotations

from datetime import date, time
from typing import Final

from fastapi import Response

from rules.calendar import swedish_day, to_local
from staff import availability, calendar, calendar_preview, calendar_sick
from staff.availability import Hours
from staff.calendar_faults import field_of, in_words
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault
from staff.roles import Need
from staff.roster_change import BadWeek, Changed
from staff.roster_hours import DAYS, NoHours
from storage import staff
from storage.units import Unit

HERE: Final = f"{PREFIX}/kalender/tider"
MINE: Final = (Need.ACT, Need.PLAN)


def open_routes(door: Door) -> None:
    """Open the times and the day of illness."""
    door.get("/kalender/tider", show, needs=MINE)
    door.post("/kalender/tider/vecka", set_week, needs=MINE)
    door.post("/kalender/tider/dag", set_day, needs=MINE)
    door.post("/kalender/tider/granser", set_limits, needs=Need.PLAN)
    door.get("/kalender/sjuk", show_sick, needs=Need.ACT)
    door.post("/kalender/sjuk", call_in_sick, needs=Need.ACT)


def colleagues(visit: Visit) -> dict[int, str]:
    """Give the names of those who work in the units that they see, by id."""
    found: dict[int, str] = {}
    with visit.store.read() as tx:
        for unit in visit.units:
            found |= staff.names(tx, unit.id)
    return found


def _whose(visit: Visit) -> int:
    """Whose times: one's own, or with the need to plan, a colleague's."""
    asked = visit.text("medarbetare") or visit.query("medarbetare")
    if not asked and visit.actor.staff_id is not None and visit.may(Need.ACT):
        return visit.actor.staff_id
    theirs = colleagues(visit)
    if not asked and theirs:
        return next(iter(theirs))
    wanted = read_number(asked)
    if wanted not in theirs or (wanted != visit.actor.staff_id and not visit.may(Need.PLAN)):
        visit.missing(f"staff:{wanted}" if wanted else "")
    return wanted


def show(visit: Visit) -> Response:
    """The times of one staff member in one unit."""
    return _draw(visit)


def _draw(
    visit: Visit, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None, status: int = 200,
    said: str = "",
) -> Response:  # fmt: skip
    who, chosen = _whose(visit), visit.unit()
    try:
        name, hours = availability.of_member(visit.store, visit.now, visit.actor, who)
    except DeskFault:
        return visit.page("calendar_no_hours.html", title="Tider för promenader", room="kalender")
    mine = next((each for each in hours if chosen is not None and each.unit.id == chosen.id), hours[0])
    own = who == visit.actor.staff_id
    return visit.page(
        "calendar_hours.html", title="Mina tider" if own else f"Tider: {name}", room="kalender", status=status, who=who,
        name=name, mine=mine, own=own, hours=hours, days=list(enumerate(DAYS)), errors=errors or {},
        typed=_typed(mine, typed), was="|".join(mine.week), said=said,
        colleagues=colleagues(visit) if visit.may(Need.PLAN) else {},
    )  # fmt: skip


def _typed(mine: Hours, typed: dict[str, str] | None) -> dict[str, str]:
    shown = {f"dag{weekday}": line for weekday, line in enumerate(mine.week)}
    shown |= {
        "day": "",
        "hours": "",
        "earliest": mine.earliest,
        "latest": mine.latest,
        "notice": str(mine.notice_hours),
    }
    return shown | (typed or {})


def _unit(visit: Visit) -> Unit:
    return visit.unit() or visit.missing()


def _back(visit: Visit, unit: Unit, who: int, told: str) -> Response:
    return visit.go(
        f"{HERE}?medarbetare={who}&enhet={unit.slug}" if visit.may(Need.PLAN) else f"{HERE}?enhet={unit.slug}", told
    )


def set_week(visit: Visit) -> Response:
    """Save the week."""
    who, unit = _whose(visit), _unit(visit)
    lines = [visit.text(f"dag{weekday}") for weekday in range(7)]
    typed = {f"dag{weekday}": line for weekday, line in enumerate(lines)}
    was = visit.text("was").split("|")
    try:
        availability.set_lines(visit.store, visit.now, visit.actor, unit, who, lines, was if len(was) == 7 else None)
    except BadWeek as bad:
        return _draw(visit, {f"dag{weekday}": why for weekday, why in bad.faults.items()}, typed, 422)
    except Changed as changed:
        return _draw(visit, {}, typed, 409, said=in_words(changed))
    except DeskFault:
        visit.missing(f"staff:{who}")
    return _back(visit, unit, who, "Veckan är sparad. Boten erbjuder de tiderna från och med nu.")


def set_day(visit: Visit) -> Response:
    """Let one day differ, or be as usual again."""
    who, unit, day = _whose(visit), _unit(visit), calendar.read_day(visit.text("day"))
    typed = {"day": visit.text("day"), "hours": visit.text("hours")}
    wanted: str | None = typed["hours"]
    if visit.text("gor") == "stang":
        wanted = ""
    elif visit.text("gor") == "som_vanligt":
        wanted = None
    elif not wanted:
        return _draw(visit, {"hours": "Skriv tiderna, som 9-12. Eller välj att stänga dagen."}, typed, 422)
    try:
        availability.set_one_day(visit.store, visit.now, visit.actor, unit, who, day, wanted)
    except NoHours as fault:
        return _draw(visit, {"hours": str(fault)}, typed, 422)
    except DeskFault as fault:
        if field_of(fault) != "day":
            visit.missing(f"staff:{who}")
        return _draw(visit, {"day": in_words(fault)}, typed, 422)
    return _back(visit, unit, who, "Dagen är sparad.")


def set_limits(visit: Visit) -> Response:
    """Save between which clocks the unit's meetings lie."""
    unit = _unit(visit)
    typed = {name: visit.text(name) for name in ("earliest", "latest", "notice")}
    errors, clocks = {}, {}
    for name in ("earliest", "latest"):
        try:
            clocks[name] = time.fromisoformat(typed[name].replace(".", ":"))
        except ValueError:
            errors[name] = "Skriv klockan så här: 09:00."
    notice = typed["notice"]
    if not (notice.isascii() and notice.isdecimal() and len(notice) < 4):
        errors["notice"] = "Skriv antalet timmar med siffror."
    if errors:
        return _draw(visit, errors, typed, 422)
    try:
        availability.set_limits(
            visit.store, visit.now, visit.actor, unit, clocks["earliest"], clocks["latest"], int(notice)
        )
    except DeskFault as fault:
        where = "notice" if "framför" in fault.what else "latest"
        return _draw(visit, {where: in_words(fault)}, typed, 422)
    return _back(visit, unit, _whose(visit), "Gränserna är sparade.")


# --- a day of illness -------------------------------------------------------------------------------------------------


def _sick(visit: Visit) -> tuple[int, str, date]:
    theirs = colleagues(visit)
    asked = visit.text("medarbetare") or visit.query("medarbetare") or str(visit.actor.staff_id or "")
    who = read_number(asked)
    if who not in theirs:
        visit.missing(f"staff:{who}" if who else "")
    today = to_local(visit.now, visit.house.hours.zone).date()
    day = calendar.read_day(visit.text("day") or visit.query("dag")) or today
    return who, theirs[who], max(day, today)


def show_sick(visit: Visit) -> Response:
    """Which meetings it takes, and what each person will be told; nothing is done yet."""
    if not (visit.query("medarbetare") or visit.actor.staff_id in colleagues(visit)):
        return visit.page("calendar_no_hours.html", title="Sjuk i dag", room="kalender")
    who, name, day = _sick(visit)
    hit = calendar_preview.of_sick(visit.store, visit.house, visit.now, visit.actor, str(who), day)
    today = to_local(visit.now, visit.house.hours.zone).date()
    return visit.page(
        "calendar_sick.html", title="Sjuk i dag", room="kalender", who=who, name=name, day=day, hit=hit,
        day_words=swedish_day(day, today), own=who == visit.actor.staff_id, colleagues=colleagues(visit),
    )  # fmt: skip


def call_in_sick(visit: Visit) -> Response:
    """Call it all off, and tell everybody."""
    who, _, day = _sick(visit)
    gone = calendar_sick.call_in_sick(visit.store, visit.house, visit.now, visit.actor, who, day)
    ring = sum(any("ring" in note.casefold() for note in kept.notes) for kept in gone)
    many = (
        "Inga möten var kvar att avboka." if not gone else f"{len(gone)} möten är avbokade, och personerna får besked."
    )
    if len(gone) == 1:
        many = "Ett möte är avbokat, och personen får besked."
    told = ["Dagen är ändrad i bemanningen och i tiderna.", many]
    if ring:
        told.append(f"Ring också: {ring} av dem är inom tre timmar eller nås inte av någon text.")
    return visit.go(f"{PREFIX}/kalender?dag={day}", " ".join(told))
