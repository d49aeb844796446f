"""Inställningar: a unit's names and numbers, promises, hours, reminders, places and help lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import Response

from bot.actions.meetings import find_place, places_of
from rules.calendar import to_local
from staff import labels, reminder_policy, settings_places, settings_units
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault
from staff.roles import Need
from staff.roster_open import lines_of
from staff.settings_fields import SECTIONS
from staff.settings_places import WHERE_WORDS, Typed
from staff.settings_units import Overtaken
from storage import audit, units
from storage.units import Unit

HERE: Final = f"{PREFIX}/installningar"
CLOCKS: Final = {
    "three_days_at": "Tre dagar före, klockan",
    "day_before_at": "Dagen före, klockan",
    "silence_at": "Till er när någon inte har svarat, klockan",
}


def open_room(door: Door) -> None:
    """Open the settings."""
    door.get("/installningar", show, needs=Need.PLAN)
    door.post("/installningar/del/{section}", change, needs=Need.PLAN)
    door.post("/installningar/paminnelser", change_reminders, needs=Need.PLAN)
    door.get("/installningar/platser/ny", show_new_place, needs=Need.PLAN)
    door.post("/installningar/platser/ny", add_place, needs=Need.PLAN)
    door.get("/installningar/platser/{place}", show_place, needs=Need.PLAN)
    door.post("/installningar/platser/{place}", change_place, needs=Need.PLAN)
    door.post("/installningar/platser/{place}/anvandning", use_place, needs=Need.PLAN)


def unit_of(visit: Visit) -> Unit:
    """The unit chosen, else the first that is theirs; Missing when they have none."""
    unit = visit.unit() or next(iter(visit.units), None)
    if unit is None:
        visit.missing()
    return unit


def back_to(unit: Unit, where: str = HERE) -> str:
    """Give an address with its unit."""
    return f"{where}?enhet={unit.slug}"


def overtaken_words(who: str) -> str:
    """Say that somebody else was before, and who."""
    return f"Någon annan hann före: {who} har ändrat här sedan du öppnade sidan. Läs, och spara igen om du vill."


# --- the page ---------------------------------------------------------------------------------------------------------


def show(visit: Visit) -> Response:
    """All settings of one unit."""
    unit = unit_of(visit)
    with visit.store.begin() as tx:
        audit.write(tx, visit.now, visit.actor.ref, "settings.show", f"unit:{unit.id}")
    return _page(visit, unit)


def _page(
    visit: Visit, unit: Unit, *, section: str = "", typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None, warning: str = "",
) -> Response:  # fmt: skip
    policy = reminder_policy.show(visit.store, visit.house, unit)
    shown = {key: settings_units.values(unit, each, visit.house) for key, each in SECTIONS.items()}
    marks = {key: settings_units.mark(values) for key, values in shown.items()}
    clocks = {name: value.replace(":", ".") for name, value in policy.clocks.items()}
    kinds = dict(policy.kinds)
    if typed is not None and section in shown:
        shown[section] = {**shown[section], **typed}
    elif typed is not None:
        kinds, clocks = {kind: kind in typed["on"] for kind in kinds}, typed["clocks"]
    with visit.store.read() as tx:
        lines = lines_of(tx, units.get_unit(tx, unit.id), to_local(visit.now).date())
    facts: dict[str, Any] = {
        "unit": unit,
        "units": [(each.slug, each.name) for each in visit.units],
        "sections": SECTIONS.values(),
        "shown": shown,
        "marks": marks,
        "errors": errors or {},
        "wrong_in": section,
        "warning": warning,
        "kinds": [(kind, labels.PLAN[kind], on) for kind, on in kinds.items()],
        "clocks": clocks,
        "clock_words": CLOCKS,
        "places": places_of(unit),
        "where": WHERE_WORDS,
        "shown_place": settings_places.shown,
        "lines": lines,
    }
    status = 422 if errors or warning else 200
    return visit.page("settings.html", title="Inställningar", room="installningar", status=status, **facts)


def change(visit: Visit) -> Response:
    """Keep one section."""
    key = visit.word("section")
    if key not in SECTIONS:
        visit.missing()
    unit = unit_of(visit)
    typed = {field.name: visit.text(field.name) for field in SECTIONS[key].fields}
    try:
        wrong = settings_units.change(
            visit.store, visit.house, visit.now, visit.actor, unit, key, typed, visit.text("seen")
        )
    except Overtaken as fault:
        return _page(visit, _fresh(visit, unit), section=key, typed=typed, warning=overtaken_words(fault.who))
    if wrong:
        return _page(visit, unit, section=key, typed=typed, errors=wrong)
    return visit.go(f"{back_to(unit)}#{key}", "Sparat. Det gäller från och med nu.")


def _fresh(visit: Visit, unit: Unit) -> Unit:
    with visit.store.read() as tx:
        return units.get_unit(tx, unit.id)


def change_reminders(visit: Visit) -> Response:
    """Keep which messages about meetings go out, and when."""
    unit = unit_of(visit)
    on = set(visit.all("on"))
    clocks = {name: visit.text(name) for name in CLOCKS}
    off = [kind for kind in reminder_policy.CAN_BE_OFF if kind not in on]
    wanted = [kind for kind in reminder_policy.CAN_BE_OFF if kind in on]
    given = {name: value.replace(".", ":") for name, value in clocks.items()}
    try:
        reminder_policy.change(
            visit.store, visit.house, visit.now, visit.actor, unit.slug, off=off, on=wanted, clocks=given
        )
    except DeskFault as fault:
        name = fault.where.removeprefix("--").replace("-", "_")
        errors = {name: "Skriv ett klockslag: 17.00."}
        return _page(visit, unit, section="paminnelser", typed={"on": on, "clocks": clocks}, errors=errors)
    return visit.go(f"{back_to(unit)}#paminnelser", "Sparat. Det gäller även möten som redan är bokade.")


# --- places -----------------------------------------------------------------------------------------------------------


def show_new_place(visit: Visit) -> Response:
    """The form for a new place."""
    return _place_page(visit, unit_of(visit), "", Typed())


def show_place(visit: Visit) -> Response:
    """One place."""
    unit = unit_of(visit)
    place = find_place(unit, visit.word("place")) or visit.missing()
    return _place_page(visit, unit, place.slug, settings_places.shown(place), retired=place.retired)


def _place_page(
    visit: Visit, unit: Unit, slug: str, typed: Typed, *, errors: dict[str, str] | None = None, warning: str = "",
    retired: bool = False, seen: str = "",
) -> Response:  # fmt: skip
    facts: dict[str, Any] = {
        "unit": unit,
        "slug": slug,
        "typed": typed,
        "errors": errors or {},
        "warning": warning,
        "retired": retired,
        "seen": seen or typed.mark,
        "where": list(WHERE_WORDS.items()),
    }
    title = typed.name if slug else "Ny plats"
    status = 422 if errors or warning else 200
    return visit.page("settings_place.html", title=title, room="installningar", status=status, **facts)


def add_place(visit: Visit) -> Response:
    """Add a place."""
    return _keep(visit, unit_of(visit), "")


def change_place(visit: Visit) -> Response:
    """Change a place."""
    unit = unit_of(visit)
    place = find_place(unit, visit.word("place")) or visit.missing()
    return _keep(visit, unit, place.slug)


def _keep(visit: Visit, unit: Unit, slug: str) -> Response:
    text: Callable[[str], str] = visit.text
    typed = Typed(text("name"), text("find"), text("link"), text("where"), text("travel"), text("starts"))
    try:
        wrong = settings_places.keep(
            visit.store, visit.house, visit.now, visit.actor, unit, slug, typed, visit.text("seen")
        )
    except Overtaken as fault:
        place = find_place(_fresh(visit, unit), slug) or visit.missing()
        seen = settings_places.shown(place).mark
        return _place_page(visit, unit, slug, typed, warning=overtaken_words(fault.who), seen=seen)
    except LookupError:
        visit.missing()
    if wrong:
        return _place_page(visit, unit, slug, typed, errors=wrong, seen=visit.text("seen"))
    return visit.go(f"{back_to(unit)}#platser", "Platsen är sparad." if slug else "Platsen är tillagd.")


def use_place(visit: Visit) -> Response:
    """Take a place out of use, or bring it back."""
    unit = unit_of(visit)
    place = find_place(unit, visit.word("place")) or visit.missing()
    retired = visit.text("bruk") != "ja"
    settings_places.retire(visit.store, visit.now, visit.actor, unit, place.slug, retired=retired)
    told = "Platsen används inte för nya möten." if retired else "Platsen används igen."
    return visit.go(f"{back_to(unit)}#platser", told)
