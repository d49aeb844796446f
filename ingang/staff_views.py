"""How the staff commands' lists and pages look in a terminal, and how what is typed there is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any, TextIO

from ingang.errors import UserError
from ingang.listing import print_block, print_heading, print_json, print_table
from rules.calendar import swedish_day, to_local
from staff import labels
from staff.cells import on_one_line, on_screen
from staff.desk import InboxRow, ReferralRow
from staff.labels import HIDDEN, label, lasted, moment
from staff.people import Match
from staff.person_page import OpenItem, PersonPage, Said, SignUp

# --- what is typed ----------------------------------------------------------------------------------------------------

_WHY = {word: code for code, words in labels.CLOSED.items() for word in (words, words.split()[0])} | {"traffat": "met"}


def closing_word(why: str) -> str:
    """Give the code for a Swedish word on how an item was closed ("ringt" is called)."""
    code = _WHY.get(why.strip().casefold())
    if code is None:
        words = ", ".join(words.split()[0] for words in labels.CLOSED.values())
        raise UserError(f"{on_one_line(why)} är inget av sätten att stänga", "--why", f"välj bland: {words}")
    return code


def read_day(text: str | None) -> date | None:
    """Give the day meant by 2026-11-01, None for none. UserError for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"{on_one_line(text)} är ingen dag", "--since", "skriv den så här: 2026-11-01") from None


# --- lists ------------------------------------------------------------------------------------------------------------


def print_inbox(rows: Sequence[InboxRow], now: datetime, *, as_json: bool) -> None:
    """Print the inbox."""
    if as_json:
        print_json([_plain(row) | {"person": _ref(row.person)} for row in rows])
        return
    headings = ("Ärende", "Vad", "Väntat", "Svar senast", "Läge", "Enhet", "Namn", "Person")
    print_table(headings, (_inbox_row(row, now) for row in rows), "Inget ligger i inkorgen.")
    if any(row.duty for row in rows):
        print_block("\n(!) Kan vara under 18 år: väg in anmälningsplikten. Läs mer med: ingang show PERSON")


def _inbox_row(row: InboxRow, now: datetime) -> Sequence[str]:
    state = label(labels.ITEM_STATE, row.state)
    return (
        str(row.id),
        label(labels.ITEM, row.kind) + (" (!)" if row.duty else ""),
        lasted(row.waited),
        _due(row.due_at, row.overdue, now),
        f"{state} av {row.taken_by}" if row.taken_by else state,
        row.unit or "-",
        row.name or "-",
        _ref(row.person) or "-",
    )


def print_referrals(rows: Sequence[ReferralRow], now: datetime, *, as_json: bool) -> None:
    """Print the sign-ups that wait."""
    if as_json:
        print_json([_plain(row) | {"person": _ref(row.person)} for row in rows])
        return
    headings = ("Namn", "Född", "Enhet", "Källa", "Kom", "Väntat", "Svar senast", "Hel", "Person")
    print_table(headings, (_referral_row(row, now) for row in rows), "Ingen anmälan väntar på svar.")


def _referral_row(row: ReferralRow, now: datetime) -> Sequence[str]:
    return (
        row.name,
        str(row.birth_year or "-"),
        row.unit or "-",
        label(labels.SOURCE, row.source),
        moment(row.created_at, now),
        lasted(row.waited),
        _due(row.promise_by, row.overdue, now),
        "ja" if row.complete else "nej",
        _ref(row.person) or "-",
    )


def print_matches(matches: Sequence[Match], out: TextIO, most: int = 20) -> None:
    """Print those whom a search found, to choose among."""
    shown = [(_ref(one.id) or "", one.name, str(one.birth_year or "-"), one.unit or "-") for one in matches[:most]]
    print_table(("Person", "Namn", "Född", "Enhet"), shown, "", out)
    if len(matches) > most:
        print_block(f"... och {len(matches) - most} till", out=out)


def _due(at: datetime | None, overdue: bool, now: datetime) -> str:
    return "-" if at is None else moment(at, now) + (" (för sent)" if overdue else "")


def _ref(person_id: int | None) -> str | None:
    return None if person_id is None else f"P{person_id}"


def _plain(row: Any) -> dict[str, Any]:
    """Give a row for JSON: ids as text (they are too long for a JavaScript number), times as ISO, spans as seconds."""
    return {key: _machine(key, value) for key, value in asdict(row).items()}


def _machine(key: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return labels.iso(value)
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, dict):
        return {inner: _machine(inner, one) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [_machine(key, one) for one in value]
    return str(value) if key == "id" else value


# --- one person -------------------------------------------------------------------------------------------------------


def print_person(page: PersonPage, now: datetime, *, as_json: bool) -> None:
    """Print a person's page."""
    if as_json:
        print_json({field.name: _machine(field.name, asdict(page)[field.name]) for field in fields(page)})
        return
    print_block(f"{on_one_line(page.name)}  P{page.id}" + (f"  [{HIDDEN}]" if page.protected else ""))
    for notice in page.notices:
        print_block(f"! {notice}")
    for name, value in _facts(page, now):
        print_block(f"{name.ljust(14)}{on_one_line(value)}")
    _section(
        "Når personen", [f"{label(labels.CHANNEL, way.channel)}  {way.address}  {way.standing}" for way in page.reach]
    )
    for item in page.items:
        _print_item(item, now)
    for sign_up in page.sign_ups:
        _print_sign_up(sign_up, now)
    _section("Fick veta och valde", _choices(page, now))
    _print_talk(page.talk, now)


def _facts(page: PersonPage, now: datetime) -> Iterator[tuple[str, str]]:
    yield "Enhet", page.unit or "inte vald än"
    yield "Född", str(page.birth_year or "har inte sagt")
    yield "Telefon", page.phone or "-"
    yield "Läge", label(labels.STATUS, page.status)
    yield "Språk", page.language
    yield "Skrev först", moment(page.created_at, now)


def _section(heading: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        print_heading(heading)
        for line in lines:
            print_block(line, "  ")


def _print_item(item: OpenItem, now: datetime) -> None:
    print_heading(f"Ärende {item.id}: {label(labels.ITEM, item.kind)}")
    taken = f" av {item.taken_by}" if item.taken_by else ""
    print_block(f"{label(labels.ITEM_STATE, item.state)}{taken}, kom {moment(item.opened_at, now)}", "  ")
    if item.promised is not None:
        print_block(f"Svar senast {_due(item.promised, item.promised < now, now)}", "  ")
    if item.note:
        print_block(item.note, "  | ")


def _print_sign_up(one: SignUp, now: datetime) -> None:
    print_heading(f"Anmälan: {label(labels.REFERRAL_STATE, one.state)}")
    lines = [("Kom", f"{moment(one.created_at, now)}, {label(labels.SOURCE, one.source).lower()}")]
    if not one.complete:
        lines.append(("Hel", "nej, skickad med KLAR innan alla frågor var ställda"))
    if one.answered_at is not None:
        lines.append(("Besvarad", moment(one.answered_at, now)))
    elif one.promise_by is not None:
        lines.append(("Svar senast", _due(one.promise_by, one.promise_by < now, now)))
    for name, words in [*lines, *one.answers]:
        print_block(f"{name}: {words}", "  ")


def _choices(page: PersonPage, now: datetime) -> Iterator[str]:
    for one in page.choices:
        answer = f": {one.answer}" if one.answer else ""
        what = f"{label(labels.CHOICE, one.kind)} {label(labels.PURPOSE, one.purpose)}{answer}"
        yield f"{moment(one.at, now)}  {what}  ({one.text})"


def _print_talk(talk: Sequence[Said], now: datetime) -> None:
    """A line a message: when, who, and their words; what did not go out says so under them."""
    if not talk:
        return
    print_heading("Samtalet")
    several = len({line.channel for line in talk}) > 1
    day = None
    for line in talk:
        at = to_local(line.at)
        if at.date() != day:
            day = at.date()
            print_block(swedish_day(day, to_local(now).date()), "  ")
        who, mark = _WHO[line.who]
        first, *more = on_screen(_words_of(line)).split("\n")
        print_block(f"{at:%H.%M}  {who.ljust(12)}{mark}{first}", "  ")
        for rest in (*more, *_notes(line, several=several)):
            print_block(f"{' ' * 19}{mark}{rest}", "  ")


_WHO = {"person": ("Personen", "> "), "bot": ("Boten", "  "), "staff": ("Medarbetare", "* ")}


def _words_of(line: Said) -> str:
    if line.text is None:
        return "(går inte att läsa, eller ordnas när det går ut)"
    return (
        line.text if line.kind == "text" or line.who != "person" else f"[{label(labels.HEARD, line.kind)}] {line.text}"
    )


def _notes(line: Said, *, several: bool) -> Iterator[str]:
    if several:
        yield f"({label(labels.CHANNEL, line.channel)})"
    if line.who != "person" and line.state not in {"accepted", "sent", "delivered"}:
        yield f"[{label(labels.SENT_STATE, line.state)}{'. ' + line.outcome if line.outcome else ''}]"
