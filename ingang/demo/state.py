"""What the demo's page shows, read from the store: the phones, the unit's side, and what just happened.

Everything is text as it is to be read; ids are texts too, for they are longer than a script's numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.actions.house import House
from bot.conversation import Report
from bot.doors.shown import BEGAN, shown
from ingang.demo import meetings_side, phones, staff_side, suggestions
from ingang.demo.words import MEANINGS, clock_of, in_words, moment, rule
from ingang.wiring import App
from messages.catalog import HOME
from rules.calendar import to_local
from rules.roster import next_staffed, on_duty, staffed_until
from storage import contacts, roster, staff, timeline, units
from storage.contacts import Standing
from storage.db import Tx
from storage.timeline import Line

LATEST = 10  # events of "what just happened"
ANSWERS = ("reply", "distress")


def build(app: App, person: int | None = None) -> dict[str, Any]:
    """Give everything that the page shows; with `person` also that participant's page, if there is one."""
    now = app.clock.now()
    version = app.version  # before reading: a change meanwhile makes the page ask again
    with app.store.read() as tx:
        whose = phones.addresses(tx)
        owners = {key: contacts.find(tx, phone.channel, whose[key]) for key, phone in phones.PHONES.items()}
        lines = {key: timeline.of_contact(tx, who.contact_id, 120) if who else [] for key, who in owners.items()}
        return {
            "version": version,
            "clock": _clock(app.house, tx, now),
            "phones": {
                key: _phone(app.house, tx, key, whose[key], owners[key], lines[key], now) for key in phones.PHONES
            },
            "device": _device(tx, now),
            "inbox": staff_side.inbox(tx, now),
            "referrals": staff_side.referrals(tx, now),
            "meetings": meetings_side.coming(tx, now),
            "person": staff_side.person(tx, person, now) if person is not None else None,
            "happened": _happened(tx, lines, app.reports, now),
            "coming": _coming(tx, app.house, now),
        }


def _clock(house: House, tx: Tx, now: datetime) -> dict[str, str]:
    wall = to_local(now)
    first = next(iter(units.list_units(tx)), None)
    reads = "Ingen läser."
    if first is not None:
        week, names = roster.load(tx, first.id), staff.names(tx, first.id)
        here, until, then = on_duty(week, now), staffed_until(week, now), next_staffed(week, now)
        if here and until:
            known = [names[who] for who in here if who in names]
            listed = house.catalog.books[HOME].words.names(known, "and", len(known), "")
            reads = f"{listed} läser till kl. {clock_of(until)}."
        elif then:
            reads = f"Ingen läser just nu. De läser igen {moment(then, now)}."
    return {"iso": wall.isoformat(timespec="seconds"), "text": moment(now, None), "reads": reads}


def _phone(
    house: House, tx: Tx, key: str, address: str, who: Standing | None, lines: list[Line], now: datetime
) -> dict[str, Any]:
    phone = phones.PHONES[key]
    today = to_local(now).date()
    question = who.talk.question if who and who.talk else None
    stopped = bool(who and who.opted_out_at)
    meeting = who is not None and meetings_side.has_ahead(tx, who.participant_id, now)
    said = shown(lines, today, house.catalog.books[HOME])
    messages = [each.plain() | {"label": in_words(each.state, mine=each.who == "me")} for each in said]
    return {
        "address": phones.written(phone, address),
        "messages": messages,
        "suggest": suggestions.for_question(question, began=bool(messages), stopped=stopped, meeting=meeting),
        "began": bool(messages),
    }


def _device(tx: Tx, now: datetime) -> list[dict[str, str]]:
    return [
        {"id": str(line.id), "who": name or "", "text": line.text or "", "at": moment(line.at, now)}
        for name, line in timeline.of_channel(tx, "device", 3)
        if line.reached
    ]


# --- what just happened ---------------------------------------------------------------------------------------------


def _happened(
    tx: Tx, lines: Mapping[str, list[Line]], reports: Iterable[tuple[datetime, Report]], now: datetime
) -> list[dict[str, Any]]:
    told = list(reports)
    by_inbound = {report.inbound_id: report for _, report in told if report.inbound_id is not None}
    events = []
    for key, talk in lines.items():
        for at, line in enumerate(talk):
            if line.who == "person":
                events.append((line.at, _turn(tx, key, line, talk[at + 1 :], by_inbound.get(line.id), now)))
    for when, report in told:
        if report.inbound_id is None and report.happened:
            events.append((when, _by_itself(report, when, now)))
    events.sort(key=lambda event: event[0], reverse=True)
    return [event for _, event in events[:LATEST]]


def _turn(tx: Tx, key: str, line: Line, after: list[Line], report: Report | None, now: datetime) -> dict[str, Any]:
    blob = timeline.sealed(tx, line.id) or b""
    answers = []
    for each in after:
        if each.who == "person":
            break
        if each.kind in ANSWERS:
            answers.append({"text": each.why or "", "state": in_words(each.state)})
    return {
        "id": str(line.id),
        "phone": phones.PHONES[key].title,
        "at": moment(line.at, now),
        "said": _said(line),
        "read": "" if (line.text or "").startswith(BEGAN) else MEANINGS.get(line.meaning or "", ""),
        "rules": [rule(each.text) for each in report.happened if each.sort == "rule"] if report else [],
        "stored": [each.text for each in report.happened if each.sort == "stored"] if report else [],
        "sealed": blob[:14].hex(" "),
        "bytes": len(blob),
        "answers": answers,
    }


def _said(line: Line) -> str:
    if line.kind == "text":
        text = line.text or "[raderat]"
        return "öppnade chatten" if text.startswith(BEGAN) else text
    return {"button": "tryckte på en knapp", "voice": "skickade ett röstmeddelande"}.get(line.kind, "skickade något")


def _by_itself(report: Report, when: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": f"{report.contact_id}-{when.timestamp():.0f}",
        "phone": "Klockan",
        "at": moment(when, now),
        "said": "",
        "read": "",
        "rules": [rule(each.text) for each in report.happened if each.sort == "rule"],
        "stored": [each.text for each in report.happened if each.sort == "stored"],
        "sealed": "",
        "bytes": 0,
        "answers": [{"text": each.text, "state": ""} for each in report.happened if each.sort == "queued"],
    }


def _coming(tx: Tx, house: House, now: datetime) -> list[dict[str, str]]:
    told = meetings_side.to_be_said(tx, house, now)
    told += [
        (
            each.at,
            phones.TITLES.get(each.channel, each.channel),
            _what(each, staff_side.name_of(tx, each.participant_id)),
        )
        for each in timeline.coming(tx)
    ]
    told += [
        (alarm.at, "Arbetstelefon", f"Larm till {alarm.name}, om ingen har tagit ärendet innan.")
        for alarm in timeline.alarms_to_come(tx)
    ]
    told.sort(key=lambda each: each[0])
    return [{"at": moment(at, now), "where": where, "what": what} for at, where, what in told[:12]]


def _what(each: timeline.Coming, name: str) -> str:
    who = "personen" if name.startswith(staff_side.NEW) else name
    match each.sort:
        case "queued":
            return f"Till {who}: {each.why}"
        case "nudge":
            return f"Om {who} inte har svarat: en enda fråga om att fortsätta."
        case "rest":
            return f"Om {who} inte har svarat: samtalet vilar, och boten frågar inte igen."
        case _:
            return f"Samtalet med {who} väcks."
