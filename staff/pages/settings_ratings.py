"""Inställningar, skattningar: when a unit asks, with which questions, its marks, and its licensed texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Response

from messages.scales import LONGEST, Scale
from rules.rating_choices import Choices
from staff import settings_ratings as kept
from staff.pages.door import Door
from staff.pages.settings import HERE as SETTINGS
from staff.pages.settings import back_to, overtaken_words, unit_of
from staff.pages.visit import Visit
from staff.roles import Need
from staff.settings_ratings import MARKS, ROLES, Texts
from staff.settings_ratings_sms import as_sms
from staff.settings_units import Overtaken, mark
from storage import audit, unit_scales, units
from storage.unit_scales import Licensed
from storage.units import Unit

HERE: Final = f"{SETTINGS}/skattningar"
ROLE_WORDS: Final = {"after": "Efter träffen", "before": "Före träffen"}
FIELD_WORDS: Final = {"question": "Rubrik eller fråga", "low": "Vänster ände (0)", "high": "Höger ände (10)"}


def open_room(door: Door) -> None:
    """Open the settings of ratings."""
    door.get("/installningar/skattningar", show, needs=Need.PLAN)
    door.post("/installningar/skattningar", change, needs=Need.PLAN)
    door.post("/installningar/skattningar/riktmarken", change_marks, needs=Need.PLAN)
    door.get("/installningar/skattningar/texter/{scale}", show_texts, needs=Need.PLAN)
    door.post("/installningar/skattningar/texter/{scale}", keep_texts, needs=Need.PLAN)
    door.post("/installningar/skattningar/texter/{scale}/ta-bort", remove_texts, needs=Need.PLAN)


def show(visit: Visit) -> Response:
    """All of it for one unit."""
    unit = unit_of(visit)
    with visit.store.begin() as tx:
        audit.write(tx, visit.now, visit.actor.ref, "settings.show", f"unit:{unit.id}")
    return _page(visit, unit)


def _page(
    visit: Visit, unit: Unit, *, typed: Mapping[str, str] | None = None, part: str = "",
    errors: Mapping[str, str] | None = None, warning: str = "",
) -> Response:  # fmt: skip
    with visit.store.read() as tx:
        unit = units.get_unit(tx, unit.id)
        licensed = unit_scales.list_of(tx, unit.id)
    choices, marks = kept.choices_shown(unit), kept.marks_shown(unit)
    scales = visit.house.scales
    facts: dict[str, Any] = {
        "unit": unit,
        "units": [(each.slug, each.name) for each in visit.units],
        "seen": {"choices": mark(choices), "marks": mark(marks)},
        "choices": typed if part == "choices" and typed is not None else choices,
        "marks": typed if part == "marks" and typed is not None else marks,
        "mark_words": MARKS,
        "sources": kept.sources_shown(unit),
        "to_choose": {
            role: [(scale.slug, _name(scale)) for scale in kept.to_choose(scales, licensed, role)] for role in ROLES
        },
        "in_use": [(words, *_in_use(unit, role, scales, licensed)) for role, words in ROLE_WORDS.items()],
        "empty": [(scale, licensed.get(scale.slug)) for scale in scales.values() if scale.licensed],
        "part": part,
        "errors": errors or {},
        "warning": warning,
    }
    status = 422 if errors or warning else 200
    return visit.page("settings_ratings.html", title="Skattningar", room="installningar", status=status, **facts)


def _name(scale: Scale) -> str:
    return f"{scale.title} (licensierade texter)" if scale.licensed else scale.title


def _in_use(
    unit: Unit, role: str, scales: Mapping[str, Scale], licensed: Mapping[str, Licensed]
) -> tuple[str, str, Licensed | None]:
    """What is asked in a role: its name, its version, and the licence that it stands on."""
    slug = getattr(Choices.of(unit.settings), ROLES[role])
    if slug not in {scale.slug for scale in kept.to_choose(scales, licensed, role)}:
        slug = getattr(Choices(), ROLES[role])
    scale, texts = scales[slug], licensed.get(slug)
    return scale.title, texts.version if texts else scale.version, texts


def change(visit: Visit) -> Response:
    """Keep when and with what is asked."""
    unit = unit_of(visit)
    typed = {name: visit.text(name) for name in kept.choices_shown(unit)}
    try:
        wrong = kept.change_choices(
            visit.store, visit.house.scales, visit.now, visit.actor, unit, typed, visit.text("seen")
        )
    except Overtaken as fault:
        return _page(visit, unit, typed=typed, part="choices", warning=overtaken_words(fault.who))
    if wrong:
        return _page(visit, unit, typed=typed, part="choices", errors=wrong)
    return visit.go(back_to(unit, HERE), "Sparat. Det gäller från och med nu.")


def change_marks(visit: Visit) -> Response:
    """Keep the marks."""
    unit = unit_of(visit)
    typed = {name: visit.text(name) for name in MARKS}
    try:
        wrong = kept.change_marks(visit.store, visit.now, visit.actor, unit, typed, visit.text("seen"))
    except Overtaken as fault:
        return _page(visit, unit, typed=typed, part="marks", warning=overtaken_words(fault.who))
    if wrong:
        return _page(visit, unit, typed=typed, part="marks", errors=wrong)
    return visit.go(f"{back_to(unit, HERE)}#riktmarken", "Sparat. Det gäller för svar som kommer från och med nu.")


# --- licensed texts ---------------------------------------------------------------------------------------------------


def _scale(visit: Visit) -> Scale:
    """The licensed scale in the address; Missing for any other."""
    scale = visit.house.scales.get(visit.word("scale"))
    return scale if scale is not None and scale.licensed else visit.missing()


def show_texts(visit: Visit) -> Response:
    """A scale's licensed texts, or the empty place."""
    return _texts_page(visit, unit_of(visit), _scale(visit))


def _texts_page(
    visit: Visit, unit: Unit, scale: Scale, *, typed: Texts | None = None, errors: Mapping[str, str] | None = None,
    warning: str = "", seen: str = "",
) -> Response:  # fmt: skip
    with visit.store.read() as tx:
        there = unit_scales.find(tx, unit.id, scale.slug)
    shown = kept.texts_shown(scale, there)
    typed = typed or shown
    facts: dict[str, Any] = {
        "unit": unit,
        "scale": scale,
        "there": there,
        "typed": typed,
        "as_sms": as_sms(visit.house.catalog, scale, typed.words or {}, visit.now),
        "seen": seen or shown.mark,
        "field_words": FIELD_WORDS,
        "longest": LONGEST,
        "errors": errors or {},
        "warning": warning,
    }
    status = 422 if errors or warning else 200
    return visit.page(
        "settings_ratings_texts.html", title=f"Texter för {scale.instrument}", room="installningar", status=status,
        **facts,
    )  # fmt: skip


def keep_texts(visit: Visit) -> Response:
    """Keep a scale's licensed texts."""
    unit, scale = unit_of(visit), _scale(visit)
    words = {name: visit.text(name) for name in kept.texts_shown(scale, None).words or {}}
    typed = Texts(visit.text("holder"), visit.text("licensed_on"), visit.text("opening"), words)
    seen = visit.text("seen")
    try:
        wrong = kept.keep_texts(visit.store, visit.now, visit.actor, unit, scale, typed, seen)
    except Overtaken as fault:
        return _texts_page(visit, unit, scale, typed=typed, warning=overtaken_words(fault.who))
    if wrong:
        return _texts_page(visit, unit, scale, typed=typed, errors=wrong, seen=seen)
    told = f"Texterna för {scale.instrument} är sparade. Nu går de att välja."
    if any(as_sms(visit.house.catalog, scale, words, visit.now).values()):
        return visit.go(back_to(unit, f"{HERE}/texter/{scale.slug}"), f"{told} Läs råden vid frågorna.")
    return visit.go(back_to(unit, HERE), told)


def remove_texts(visit: Visit) -> Response:
    """Take a scale's licensed texts away."""
    unit, scale = unit_of(visit), _scale(visit)
    kept.remove_texts(visit.store, visit.now, visit.actor, unit, scale)
    return visit.go(back_to(unit, HERE), f"Texterna för {scale.instrument} är borttagna. Ni frågar med egna frågor.")
