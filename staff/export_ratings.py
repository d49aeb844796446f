"""The export of ratings: a row each, with the texts' version, the way it was given and the mark it was held against.

No staff member is in it: it isn't for comparing those who work here. What somebody keeps from the one who takes it out
is a row without answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from messages.page_words import page_words
from messages.scales import load_scales
from rules.ratings import swedish
from staff.export_parts import Column, Places, Row, Value
from staff.labels import HIDDEN, RATING_CLASS, RATING_STATE, label, month
from storage import rating_reports
from storage.db import Tx
from storage.rating_reports import RatingRow
from storage.reports import Scope

KEPT: Final = "Personen vill att någon annan läser"
_ITEMS: Final = 4

RATINGS: Final = (
    Column("id", "Skattning", "Skattningens id", 23),
    Column("person", "Deltagare", "Personens id, som `ingang show` tar; `Skyddade uppgifter` för den som har det", 23),
    Column("unit", "Enhet", "Enhetens kommun"),
    Column("session_at", "Träffen", "När träffen började; tomt för en avstämning"),
    Column("asked_at", "Frågad", "När frågorna ställdes"),
    Column("answered_at", "Svarade", "När personen svarade eller inte ville"),
    Column("role", "När", "Före träffen, Efter träffen eller Avstämning"),
    Column("scale", "Frågor", "Frågornas korta namn: `egna_efter`, `srs`, ...", 14),
    Column("version", "Version", "Texternas version: andra ord är en annan version", 12),
    Column("instrument", "Instrument", "ORS eller SRS för licensierade texter, annars `own`", 10),
    Column("mode", "Sätt", "På en egen sida, på papper, med siffror i sms, ...: jämförs aldrig med varandra", 24),
    Column("state", "Läge", "Svarade, Svarade på en del, Ville inte, Inget svar eller Väntar", 18),
    Column("item_1", "Svar 1", "Svaret på första frågan, 0-10; tomt när det saknas, aldrig noll", 8),
    Column("item_2", "Svar 2", "Svaret på andra frågan", 8),
    Column("item_3", "Svar 3", "Svaret på tredje frågan", 8),
    Column("item_4", "Svar 4", "Svaret på fjärde frågan", 8),
    Column("more_items", "Fler svar", "Svaren efter de fyra första, för en skala som har fler: `5: 7,5`", 12),
    Column("total", "Summa", "Summan; tomt när ett svar saknas", 8),
    Column("mark", "Riktmärke", "Riktmärket som gällde; tomt för egna frågor och när åldern inte räcker till", 10),
    Column("below", "Under", "`ja` när summan är under riktmärket, för SRS också när ett svar är under sitt", 8),
    Column("change", "Ändring", "Summan minus den första, i samma period, på samma frågor och samma sätt", 8),
    Column("class", "Klass", "För ORS: om ändringen är säker, och åt vilket håll", 24),
    Column("straight", "Lika på allt", "`ja` när alla svar är lika", 8),
    Column("comment", "Skrev", "Personens egna ord på den öppna frågan", 60),
)


def list_rows(tx: Tx, scope: Scope, places: Places) -> Iterator[Row]:
    """The rows of a scope, in the order in which they were asked for."""
    order = {slug: scale.keys for slug, scale in load_scales().items()}
    return (_row(one, places, order) for one in rating_reports.list_ratings(tx, scope))


def _row(one: RatingRow, places: Places, order: Mapping[str, tuple[str, ...]]) -> Row:
    place, state = places.get(one.unit_id), label(RATING_STATE, one.state)
    if one.protected:
        return {"person": HIDDEN, "unit": place, "asked_at": month(one.asked_at), "state": state}
    row: dict[str, Value] = {
        "id": f"S{one.id}",
        "person": f"P{one.participant_id}",
        "unit": place,
        "session_at": one.session_at,
        "asked_at": one.asked_at,
        "role": label(page_words().under("curve.role"), one.role),
        "scale": one.scale,
        "version": one.version,
        "instrument": one.instrument,
        "mode": label(page_words().under("curve.mode"), one.mode) if one.mode else None,
        "state": state,
    }
    return row | ({"comment": KEPT} if one.kept else _answers(one, order))


def _answers(one: RatingRow, order: Mapping[str, tuple[str, ...]]) -> dict[str, Value]:
    items = one.items or {}
    values = [items.get(key) for key in order.get(one.scale, tuple(items))]
    more = (f"{place}: {swedish(each)}" for place, each in enumerate(values, 1) if place > _ITEMS and each is not None)
    known = one.total is not None and one.first_total is not None
    return {
        **{f"item_{place}": value for place, value in enumerate(values[:_ITEMS], start=1)},
        "answered_at": one.answered_at,
        "more_items": ", ".join(more),
        "total": one.total,
        "mark": one.mark,
        "below": _below(one, values),
        "change": round((one.total or 0) - (one.first_total or 0), 1) if known else None,
        "class": label(RATING_CLASS, one.outcome) if one.outcome else None,
        "straight": one.straight if one.total is not None else None,
        "comment": one.comment,
    }


def _below(one: RatingRow, values: list[float | None]) -> bool | None:
    """As rules.ratings has it, by the marks that were kept with the rating."""
    if one.total is None or one.mark is None:
        return None
    least = one.marks.get("srs_item", 0) if one.instrument == "SRS" else 0
    return one.total < one.mark or any(value is not None and value < least for value in values)
