"""What an export holds: the columns of each, and how a row of the store becomes a row of a file.

A person with protected identity is a row of their own that says no more than a table needs to be counted right: that
somebody is there, in which unit, in which month, and how it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from rules.calendar import to_local
from staff import labels
from staff.export_attendance import ATTENDANCE
from staff.export_parts import Column, Export, Places, Row, Value
from staff.export_ratings import RATINGS, list_rows
from staff.labels import HIDDEN, label, month
from storage import reports
from storage.db import Tx
from storage.reports import MessageRow, PersonRow, ReferralRow, Scope

__all__ = ["EXPORTS", "Column", "Export", "Places", "Row", "Value", "columns_page"]

_PERSON: Final = Column("person", "Deltagare", "Personens id, som `ingang show` tar", 23)
_UNIT: Final = Column("unit", "Enhet", "Enhetens kommun")
_NAME: Final = Column("name", "Namn", "Namnet som personen vill kallas; `Skyddade uppgifter` för den som har det")
_BORN: Final = Column("birth_year", "Födelseår", "Året, när personen har sagt det", 10)
_PHONE: Final = Column("phone", "Telefon", "Numret som personen har lämnat, med landskod")
_CHANNEL: Final = Column("channel", "Kanal", "SMS, Telegram, Webbchatt, ...", 12)

REFERRALS: Final = (
    Column("id", "Anmälan", "Anmälans id", 23),
    _PERSON,
    _UNIT,
    Column("created_at", "Kom in", "När anmälan kom"),
    Column("source", "Källa", "Vem som anmälde: Personen själv, Närstående, Samverkan eller Medarbetare"),
    Column("poster", "Affisch", "Affischen eller länken som personen kom genom"),
    _CHANNEL,
    Column("state", "Läge", "Väntar på svar, Besvarad eller Avslutad"),
    Column("complete", "Hel", "`ja` när alla frågor var ställda, `nej` när personen skickade med KLAR", 6),
    Column("promise_by", "Lovat svar senast", "Det boten lovade, räknat från bemanningen"),
    Column("answered_at", "Besvarad", "När en medarbetare skrev, ringde eller träffade personen"),
    Column("days_to_answer", "Dagar till svar", "Hela dagar mellan Kom in och Besvarad", 8),
    _NAME,
    _BORN,
    _PHONE,
    Column("help", "Vill ha hjälp med", "Det personen valde, och egna ord", 40),
    Column("meet", "Vill ses så här", "Det personen valde, och egna ord", 30),
    Column("reach", "Vill bli nådd", "skriv här, sms, ring mig eller ring inte"),
    Column("easier", "Gör det lättare", "Personens egna ord", 40),
    Column("knows", "Vet om det", "Anmälan från närstående: `ja` när personen som det gäller vet om den", 10),
    Column("worry", "Berättade", "Anmälan från närstående: det den som skrev berättade", 40),
    Column("added", "Lade till", "Det som personen har lagt till efteråt", 40),
)

PARTICIPANTS: Final = (
    _PERSON,
    _UNIT,
    Column("created_at", "Första kontakt", "När personen skrev första gången"),
    Column("status", "Läge", "Ny, Anmäld, Pågår, Avslutad eller Utanför målgruppen"),
    _NAME,
    _BORN,
    _PHONE,
    Column("channels", "Kanaler", "Personens kanaler, den hon eller han skrev på senast först"),
    Column("last_in_at", "Skrev senast", "När personen skrev senast"),
    Column("stopped", "STOPP", "`ja` när personen har skrivit STOPP på alla kanaler", 8),
    Column("resting_since", "Vilar sedan", "När botens egna meddelanden började vila efter ett larm"),
    Column("read_by_others", "Annan kan läsa", "`ja` när någon annan kan läsa personens telefon", 8),
    Column("language", "Språk", "Språket som boten skriver på", 8),
)

MESSAGES: Final = (
    Column("id", "Meddelande", "Meddelandets id", 23),
    _PERSON,
    _UNIT,
    _NAME,
    Column("at", "Tid", "När det kom in, lämnades till leverantören, eller annars köades"),
    Column("direction", "Riktning", "`in` från personen, `ut` från oss", 8),
    Column("author", "Från", "Personen, Boten eller Medarbetare", 12),
    _CHANNEL,
    Column("kind", "Slag", "Text, Knapp, Röst, Bild, ... för det som kom in", 12),
    Column("state", "Läge", "För det som gick ut: Köad, Skickad, Framme, Stoppad, ...", 20),
    Column("text", "Text", "Orden; tomt för det som inte är text eller inte har gått ut", 80),
    Column("why", "Varför", "Varför det gick ut", 40),
    Column("outcome", "Utfall", "Varför det hölls kvar, stoppades eller inte gick fram", 40),
)


def _referrals(tx: Tx, scope: Scope, places: Places) -> Iterator[Row]:
    return (_referral(one, places) for one in reports.list_referrals(tx, scope))


def _referral(one: ReferralRow, places: Places) -> Row:
    place, state = places.get(one.unit_id or 0), label(labels.REFERRAL_STATE, one.state)
    if one.protected:
        return {"name": HIDDEN, "unit": place, "created_at": month(one.created_at), "state": state}
    details = one.details or {}
    said = {name: labels.answer(name, details.get(name)) for name in labels.SLOTS if name != "poster"}
    return said | {
        "id": f"A{one.id}",
        "person": f"P{one.participant_id}",
        "unit": place,
        "created_at": one.created_at,
        "source": label(labels.SOURCE, one.source),
        "poster": one.poster,
        "channel": label(labels.CHANNEL, one.channel),
        "state": state,
        "complete": one.complete,
        "promise_by": one.promise_by,
        "answered_at": one.answered_at,
        "days_to_answer": _days(one.created_at, one.answered_at),
        **_of_profile(one.profile),
    }


def _days(came: datetime, answered: datetime | None) -> int | None:
    """Count midnights in Sweden between the two, as people count days."""
    return None if answered is None else (to_local(answered).date() - to_local(came).date()).days


def _of_profile(profile: Mapping[str, Any] | None) -> dict[str, Value]:
    known = profile or {}
    return {key: known.get(key) for key in ("name", "birth_year", "phone")}


def _participants(tx: Tx, scope: Scope, places: Places) -> Iterator[Row]:
    return (_participant(one, places) for one in reports.list_people(tx, scope, with_ways=True))


def _participant(one: PersonRow, places: Places) -> Row:
    place, status = places.get(one.unit_id or 0), label(labels.STATUS, one.status)
    if one.protected:
        return {"name": HIDDEN, "unit": place, "created_at": month(one.created_at), "status": status}
    return {
        "person": f"P{one.id}",
        "unit": place,
        "created_at": one.created_at,
        "status": status,
        "channels": ", ".join(dict.fromkeys(label(labels.CHANNEL, way.channel) for way in one.ways)),
        "last_in_at": max((way.last_in_at for way in one.ways if way.last_in_at), default=None),
        "stopped": bool(one.ways) and all(way.opted_out_at for way in one.ways),
        "resting_since": one.resting_since,
        "read_by_others": one.read_by_others,
        "language": one.language,
        **_of_profile(one.profile),
    }


def _messages(tx: Tx, scope: Scope, places: Places) -> Iterator[Row]:
    return (_message(one, places) for one in reports.list_messages(tx, scope))


def _message(one: MessageRow, places: Places) -> Row:
    place, direction = places.get(one.unit_id or 0), "in" if one.author == "person" else "ut"
    if one.protected:
        return {"name": HIDDEN, "unit": place, "at": month(one.at), "direction": direction}
    return {
        "id": f"M{one.id}",
        "person": f"P{one.participant_id}",
        "unit": place,
        "name": (one.profile or {}).get("name"),
        "at": one.at,
        "direction": direction,
        "author": label(labels.AUTHOR, one.author),
        "channel": label(labels.CHANNEL, one.channel),
        "kind": label(labels.HEARD, one.kind) if direction == "in" else "",
        "state": label(labels.SENT_STATE, one.state) if direction == "ut" else "",
        "text": one.text,
        "why": one.why,
        "outcome": one.outcome,
    }


EXPORTS: Final[Mapping[str, Export]] = {
    each.name: each
    for each in (
        Export("referrals", "Anmälningar", REFERRALS, _referrals),
        Export("participants", "Deltagare", PARTICIPANTS, _participants),
        Export("messages", "Meddelanden", MESSAGES, _messages),
        Export("ratings", "Skattningar", RATINGS, list_rows),
        ATTENDANCE,
    )
}


def columns_page(export: Export) -> str:
    """Give the columns as the table that stands in docs/export.md."""
    lines = ["| kolumn | i JSON | vad det är |", "| --- | --- | --- |"]
    lines += [f"| {column.heading} | `{column.key}` | {column.about} |" for column in export.columns]
    return "\n".join(lines)
