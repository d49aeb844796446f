"""What a unit chooses about ratings: when it asks, with which questions, its marks, and licensed texts of its own.

A licensed scale can be chosen only when its texts are there with who holds the licence and since when. What was asked
before keeps the texts and marks that it was asked by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from messages.scales import LONGEST, BadScale, Scale, fill, version_of
from rules.calendar import to_local
from rules.rating_choices import SETTING, Choices
from rules.ratings import BadMark, Marks, swedish
from staff.people import Actor
from staff.settings_fields import line, whole
from staff.settings_units import Overtaken, last_changer, mark, note, settle
from storage import unit_scales, units
from storage.db import Store, Tx
from storage.unit_scales import Licensed
from storage.units import Unit

ROLES: Final = {"after": "after_scale", "before": "before_scale"}
"""When it is asked, and the choice that says with what."""

MARKS: Final[Mapping[str, str]] = {
    "ors_adult": "ORS, riktmärke från 18 år",
    "ors_youth": "ORS, riktmärke 13-17 år",
    "reliable": "ORS, säker ändring är mer än",
    "srs": "SRS, riktmärke för summan",
    "srs_item": "SRS, riktmärke för ett svar",
    "low_item": "Ett svar är lågt när det är högst",
}
WORDS: Final = ("question", "low", "high")
_WHOLE: Final[Mapping[str, Callable[[str], int]]] = {"within_minutes": whole(10, 1440), "task_days": whole(1, 10)}
_TICKS: Final = ("after", "before_by_message")


@dataclass(frozen=True, slots=True)
class Texts:
    """A licensed scale's form as typed: holder, day (2026-11-01), opening, and the items' words by "key_word"."""

    holder: str = ""
    licensed_on: str = ""
    opening: str = ""
    words: Mapping[str, str] | None = None

    @property
    def mark(self) -> str:
        """A mark of what was shown."""
        return mark([self.holder, self.licensed_on, self.opening, sorted((self.words or {}).items())])


# --- choices and marks ------------------------------------------------------------------------------------------------


def choices_shown(unit: Unit) -> dict[str, str]:
    """The choices as they stand in their form; a tick is "ja" or ""."""
    choices = Choices.of(unit.settings)
    shown = {name: str(getattr(choices, name)) for name in (*ROLES.values(), *_WHOLE)}
    return shown | {name: "ja" if getattr(choices, name) else "" for name in _TICKS}


def marks_shown(unit: Unit) -> dict[str, str]:
    """The unit's marks as they stand in their form; the book's, where what is kept can't be read."""
    return {name: swedish(value) for name, value in _marks(unit).as_dict().items()}


def sources_shown(unit: Unit) -> dict[str, str]:
    """Where each mark comes from, as it stands now."""
    return {name: _marks(unit).source(name) for name in MARKS}


def _marks(unit: Unit) -> Marks:
    try:
        return Marks.of(Choices.of(unit.settings).marks)
    except BadMark:
        return Marks()


def to_choose(house_scales: Mapping[str, Scale], licensed: Mapping[str, Licensed], role: str) -> list[Scale]:
    """The scales that can be asked in a role: the program's own, and licensed ones whose texts are there."""
    of_role = [scale for scale in house_scales.values() if scale.role == role]
    return [scale for scale in of_role if not scale.is_empty or scale.slug in licensed]


def change_choices(
    store: Store, scales: Mapping[str, Scale], now: datetime, actor: Actor, unit: Unit, typed: Mapping[str, str],
    seen: str,
) -> dict[str, str]:  # fmt: skip
    """Keep the choices; give what is wrong, by field: then nothing has changed. Raises Overtaken."""
    kept: dict[str, Any] = {name: typed.get(name) == "ja" for name in _TICKS}
    wrong: dict[str, str] = {}
    for name, read in _WHOLE.items():
        try:
            kept[name] = read(typed.get(name, ""))
        except ValueError as fault:
            wrong[name] = str(fault)
    with store.begin() as tx:
        fresh = units.get_to_change(tx, unit.id)
        licensed = unit_scales.list_of(tx, unit.id)
        for role, name in ROLES.items():
            kept[name] = typed.get(name, "")
            if kept[name] not in {scale.slug for scale in to_choose(scales, licensed, role)}:
                wrong[name] = "Välj bland frågorna i listan. Licensierade texter behöver finnas här först."
        if not wrong:
            _keep(tx, now, actor, fresh, kept, choices_shown, seen)
    return wrong


def change_marks(
    store: Store, now: datetime, actor: Actor, unit: Unit, typed: Mapping[str, str], seen: str
) -> dict[str, str]:
    """Keep the marks, only those that are not the book's; give what is wrong, by field. Raises Overtaken."""
    wrong: dict[str, str] = {}
    own: dict[str, float] = {}
    for name in MARKS:
        try:
            value = getattr(Marks.of({name: _number(typed.get(name, ""))}), name)
        except BadMark:
            most = 10 if name in ("srs_item", "low_item") else 40
            least = "0,1" if name == "reliable" else "0"
            wrong[name] = f"Skriv ett tal från {least} till {most} med högst en decimal."
        else:
            if value != getattr(Marks(), name):
                own[name] = value
    if wrong:
        return wrong
    with store.begin() as tx:
        _keep(tx, now, actor, units.get_to_change(tx, unit.id), {"marks": own}, marks_shown, seen)
    return {}


def _number(text: str) -> float | str:
    """A number as Swedes write it; what is none is given back, to be refused."""
    said = text.strip()
    return float(said.replace(",", ".")) if re.fullmatch(r"[0-9]{1,2}([.,][0-9]+)?", said) else said


def _keep(
    tx: Tx, now: datetime, actor: Actor, fresh: Unit, kept: Mapping[str, Any],
    shown: Callable[[Unit], dict[str, str]], seen: str,
) -> None:  # fmt: skip
    before = shown(fresh)
    units.set_settings(tx, fresh.id, **{SETTING: {**(fresh.settings.get(SETTING) or {}), **kept}})
    after = shown(units.get_unit(tx, fresh.id))
    if before == after:
        return
    if mark(before) != seen:
        raise Overtaken(last_changer(tx, fresh.id))
    settle(tx, now, fresh.id)
    for name, value in after.items():
        if before[name] != value:
            note(tx, now, actor, fresh.id, f"{SETTING}.{name}", before[name], value)


# --- licensed texts ---------------------------------------------------------------------------------------------------


def texts_shown(scale: Scale, licensed: Licensed | None) -> Texts:
    """A unit's licensed texts as they stand in their form."""
    if licensed is None:
        return Texts(words={f"{key}_{word}": "" for key in scale.keys for word in WORDS})
    items = licensed.texts.get("items", {})
    words = {f"{key}_{word}": str(items.get(key, {}).get(word, "")) for key in scale.keys for word in WORDS}
    opening = str(licensed.texts.get("opening", ""))
    return Texts(licensed.holder, licensed.licensed_on.isoformat(), opening, words)


def keep_texts(
    store: Store, now: datetime, actor: Actor, unit: Unit, scale: Scale, typed: Texts, seen: str
) -> dict[str, str]:
    """Keep a unit's licensed texts; give what is wrong, by field: then nothing has changed. Raises Overtaken.

    Another wording is another version: what was answered before stays apart from what is answered now.
    """
    wrong: dict[str, str] = {}
    holder = _read(typed.holder, 120, "holder", wrong)
    since = _day(typed.licensed_on, to_local(now).date(), wrong)
    said = typed.words or {}
    words = {
        name: _read(said.get(name, ""), LONGEST[name.rpartition("_")[2]], name, wrong)
        for name in texts_shown(scale, None).words or {}
    }
    opening = _read(typed.opening, LONGEST["opening"], "opening", wrong, needed=False)
    if wrong or since is None:
        return wrong
    texts = {
        "opening": opening,
        "items": {key: {word: words[f"{key}_{word}"] for word in WORDS} for key in scale.keys},
    }
    try:
        version = version_of(fill(scale, texts, ""))
    except BadScale:
        return {"opening": "De här texterna går inte att använda. Kontrollera att varje fält är en rad text."}
    with store.begin() as tx:
        units.get_to_change(tx, unit.id)  # one change of a unit at a time
        before = unit_scales.find(tx, unit.id, scale.slug)
        if texts_shown(scale, before).mark != seen:
            raise Overtaken(last_changer(tx, unit.id))
        unit_scales.keep(tx, now, unit.id, scale.slug, holder, since, texts, version, by=actor.ref)
        settle(tx, now, unit.id)
        note(tx, now, actor, unit.id, f"{scale.slug} texts", before.version if before else "", version)
    return {}


def remove_texts(store: Store, now: datetime, actor: Actor, unit: Unit, scale: Scale) -> bool:
    """Take licensed texts away; the unit asks with the program's own again. False when there were none."""
    with store.begin() as tx:
        fresh = units.get_to_change(tx, unit.id)
        if not unit_scales.remove(tx, unit.id, scale.slug):
            return False
        name = ROLES[scale.role]
        if getattr(Choices.of(fresh.settings), name) == scale.slug:
            kept = {**(fresh.settings.get(SETTING) or {}), name: getattr(Choices(), name)}
            units.set_settings(tx, unit.id, **{SETTING: kept})
        settle(tx, now, unit.id)
        note(tx, now, actor, unit.id, f"{scale.slug} texts", "there", "removed")
        return True


def _read(text: str, longest: int, name: str, wrong: dict[str, str], *, needed: bool = True) -> str:
    try:
        said = line(longest, needed=needed)(text)
    except ValueError as fault:
        wrong[name] = str(fault)
        return ""
    if "{" in said or "}" in said:
        wrong[name] = "Klamrar, { och }, går inte att ha med."
    return said


def _day(text: str, today: date, wrong: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        wrong["licensed_on"] = "Skriv dagen så här: 2026-11-01."
        return None
    if not date(2000, 1, 1) <= day <= today:
        wrong["licensed_on"] = "Skriv den dag då ni fick licensen: inte senare än i dag."
    return day
