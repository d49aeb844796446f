"""One meeting: how it stands, what is said about it; moving it, calling it off, and writing how it went."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from staff import calendar_book, calendar_meeting, calendar_preview, meetings
from staff.calendar_book import Read, Typed
from staff.calendar_faults import field_of, in_words
from staff.calendar_meeting import MeetingPage
from staff.calendar_preview import Preview
from staff.pages.calendar_book import Form, draw, fingerprint, typed_in
from staff.pages.door import Door
from staff.pages.rating_form import standing_at
from staff.pages.visit import PREFIX, Visit
from staff.people import DeskFault
from staff.roles import Need

OUTCOMES: Final = (
    ("attended", "Vi sågs", "Personen kan få några korta frågor, om enheten har valt det."),
    ("missed", "Personen kom inte", "Personen får en vänlig rad och erbjuds en ny tid."),
    ("we_failed", "Vi kom inte", "Personen får veta att det är vårt fel, och erbjuds en ny tid."),
    ("cancelled", "Det blev inte av", "Personen får inget besked."),
)


def open_routes(door: Door) -> None:
    """Open the pages of one meeting."""
    door.get("/mote/{meeting}", show, needs=Need.SEE)
    door.get("/mote/{meeting}/flytta", show_move, needs=Need.ACT)
    door.post("/mote/{meeting}/flytta", move, needs=Need.ACT)
    door.get("/mote/{meeting}/avboka", show_cancel, needs=Need.ACT)
    door.post("/mote/{meeting}/avboka", cancel, needs=Need.ACT)
    door.post("/mote/{meeting}/hur", mark, needs=Need.ACT)


def show(visit: Visit) -> Response:
    """A meeting's page."""
    return _draw(visit, _found(visit))


def _found(visit: Visit) -> MeetingPage:
    wanted = visit.number("meeting")
    try:
        return calendar_meeting.show(visit.store, visit.house, visit.now, visit.actor, wanted)
    except DeskFault:
        visit.missing(f"appointment:{wanted}")


def _open(visit: Visit) -> MeetingPage | Response:
    """The meeting to do something with; for one with protected identity only a named reader may, and is told so."""
    page = _found(visit)
    if page.hidden:
        return _draw(visit, page, "Det här mötet är för namngivna läsare. Be någon av dem.", 409)
    return page


def _draw(visit: Visit, page: MeetingPage, fault: str = "", status: int = 200) -> Response:
    title = f"{page.what[:1].upper()}{page.what[1:]}"
    rated = {} if page.hidden or page.meeting.state == "cancelled" else standing_at(visit, page.meeting)
    return visit.page(
        "meeting.html", title=title, room="kalender", status=status, page=page, fault=fault, outcomes=OUTCOMES,
        rated=rated,
    )  # fmt: skip


def _number(visit: Visit, name: str) -> int | None:
    text = visit.text(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


# --- moving -----------------------------------------------------------------------------------------------------------


def show_move(visit: Visit) -> Response:
    """The form that moves."""
    page = _open(visit)
    if isinstance(page, Response):
        return page
    if not page.may_change:
        return _draw(visit, page, "Det här mötet går inte att flytta. Boka ett nytt i stället.", 409)
    typed = calendar_book.typed_of(page.meeting, visit.house.hours.zone)
    return draw(visit, _form(visit, page, typed, Read(typed, None, {})), version=page.meeting.version)


def move(visit: Visit) -> Response:
    """Show what will come of it; or move, when that is what was shown."""
    page = _open(visit)
    if isinstance(page, Response):
        return page
    each, version = page.meeting, _number(visit, "version")
    typed = typed_in(visit)
    told = calendar_book.read(typed, visit.now, visit.house.hours.zone, moving=True)
    typed, here = told.typed, (visit.store, visit.house, visit.now, visit.actor, each.id)
    if told.ask is None:
        return draw(visit, _form(visit, page, typed, told), 422, version=version)
    try:
        if visit.text("steg") == "spara" and visit.text("sett") == fingerprint(typed):
            kept = meetings.move(*here, told.ask, version=version, named_reader=False)
            return visit.go(f"{PREFIX}/mote/{kept.id}", " ".join(("Mötet är ändrat.", *kept.notes)))
        preview = calendar_preview.of_move(*here, told.ask)
    except meetings.Stale as stale:
        if version == each.version - 1 and calendar_book.typed_of(each, visit.house.hours.zone) == typed:
            return visit.go(f"{PREFIX}/mote/{each.id}", "Mötet är ändrat.")  # a second click
        return _draw(visit, page, in_words(stale), 409)
    except DeskFault as fault:
        faults = {field_of(fault) or "form": in_words(fault)}
        return draw(visit, _form(visit, page, typed, told, faults), 422, version=version)
    return draw(visit, _form(visit, page, typed, told, preview=preview), version=version)


def _form(
    visit: Visit, page: MeetingPage, typed: Typed, told: Read, faults: dict[str, str] | None = None,
    preview: Preview | None = None,
) -> Form:  # fmt: skip
    offered = calendar_book.for_moving(
        visit.store, visit.house, visit.now, visit.actor, page.meeting, typed, told.window
    )
    action = f"{PREFIX}/mote/{page.meeting.id}/flytta"
    return Form(
        action, "Flytta", f"Flytta {page.what}", typed, offered, dict(faults or told.faults), told.back, preview
    )


# --- calling off ------------------------------------------------------------------------------------------------------


def show_cancel(visit: Visit) -> Response:
    """What the person will be told, before it is done."""
    page = _open(visit)
    if isinstance(page, Response):
        return page
    if not page.may_change:
        return _draw(visit, page, "Det här mötet går inte att avboka.", 409)
    preview = calendar_preview.of_cancelling(visit.store, visit.house, visit.now, visit.actor, page.meeting.id)
    return visit.page("meeting_cancel.html", title=f"Avboka {page.what}", room="kalender", page=page, preview=preview)


def cancel(visit: Visit) -> Response:
    """Call it off."""
    page = _open(visit)
    if isinstance(page, Response):
        return page
    each = page.meeting
    there = f"{PREFIX}/mote/{each.id}"
    if each.state == "cancelled" and each.cancelled_by == "staff":
        return visit.go(there, "Mötet är avbokat.")
    try:
        kept = meetings.cancel(
            visit.store, visit.house, visit.now, visit.actor, each.id, version=_number(visit, "version"),
            named_reader=False,
        )  # fmt: skip
    except DeskFault as fault:
        return _draw(visit, page, in_words(fault), 409)
    return visit.go(there, " ".join(("Mötet är avbokat.", *kept.notes)))


# --- how it went ------------------------------------------------------------------------------------------------------


def mark(visit: Visit) -> Response:
    """Write how it went."""
    page = _open(visit)
    if isinstance(page, Response):
        return page
    outcome = visit.text("outcome")
    if outcome not in {code for code, _, _ in OUTCOMES}:
        return _draw(visit, page, "Välj hur det gick.", 422)
    try:
        meetings.mark(
            visit.store, visit.house, visit.now, visit.actor, page.meeting.id, outcome,
            version=_number(visit, "version"), was=visit.text("was"), named_reader=False,
        )  # fmt: skip
    except DeskFault as fault:
        return _draw(visit, page, in_words(fault), 409)
    return visit.go(f"{PREFIX}/mote/{page.meeting.id}", "Sparat.")
