"""Booking a meeting by form: a free time or one's own words, what the person will get, and then it is booked."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from hashlib import sha256
from typing import Any, Final

from fastapi import Response

from staff import calendar_book, calendar_preview, meetings
from staff.calendar_book import FormPage, Read, Typed
from staff.calendar_faults import field_of, in_words
from staff.calendar_preview import Preview
from staff.meeting_ask import FORM
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault, read_id
from staff.roles import Need

LENGTHS: Final = (20, 30, 40, 60, 90)
BOOK: Final = f"{PREFIX}/kalender/boka"
FIELDS: Final = ("when", "day", "clock", "minutes", "form", "member", "place", "where", "note")


def open_routes(door: Door) -> None:
    """Open the form that books."""
    door.get("/kalender/boka", show, needs=Need.ACT)
    door.post("/kalender/boka", act, needs=Need.ACT)


@dataclass(frozen=True, slots=True)
class Form:
    """What the template that books and moves draws."""

    action: str
    deed: str  # what the button that saves says
    heading: str
    typed: Typed
    page: FormPage
    errors: dict[str, str]
    back: str = ""
    preview: Preview | None = None

    @property
    def seen(self) -> str:
        """What stands in the form while the preview is looked at: saved only if it stands so still."""
        return fingerprint(self.typed)

    @property
    def places(self) -> list[tuple[str, str]]:
        """The unit's places to choose among, each with how to find it."""
        found = [(each.slug, f"{each.name}. {each.find}" if each.find else each.name) for each in self.page.places]
        return [("", "Den vanliga"), *found]

    @property
    def lengths(self) -> list[tuple[str, str]]:
        """The lengths to choose among, with the one that was typed."""
        found = {str(minutes): f"{minutes} minuter" for minutes in LENGTHS}
        if self.typed.minutes and self.typed.minutes not in found:
            found[self.typed.minutes] = f"{self.typed.minutes} minuter"
        return list(found.items())


def typed_in(visit: Visit) -> Typed:
    """Give what was typed; a free time that was pressed takes the place of day, clock and staff member."""
    typed = Typed(**{name: visit.text(name) for name in FIELDS})
    return calendar_book.with_offer(typed, visit.text("tid")) if visit.text("tid") else typed


def fingerprint(typed: Typed) -> str:
    """Give a short word for what stands in a form."""
    return sha256("\0".join(astuple(typed)).encode("utf-8", "replace")).hexdigest()[:16]


def draw(visit: Visit, form: Form, status: int = 200, **more: Any) -> Response:
    """Draw the form."""
    return visit.page(
        "calendar_book.html",
        title=form.heading,
        room="kalender",
        status=status,
        form=form,
        forms=list(FORM.items()),
        **more,
    )


def _person(visit: Visit, text: str) -> int:
    return read_number(text) or read_number(str(read_id(text) or "")) or visit.missing()


def show(visit: Visit) -> Response:
    """The form; without a person, how to find one."""
    asked = visit.query("person")
    if not asked:
        return visit.page("calendar_whom.html", title="Boka ett möte", room="kalender")
    person = _person(visit, asked)
    typed = Typed(day=visit.query("dag"), form="walk_and_talk", minutes=str(calendar_book.USUAL))
    return draw(visit, _form(visit, person, typed, Read(typed, None, {})))


def act(visit: Visit) -> Response:
    """Show what will come of it; or book, when that is what was shown."""
    person, typed = _person(visit, visit.text("person")), typed_in(visit)
    told = calendar_book.read(typed, visit.now, visit.house.hours.zone)
    typed = told.typed
    here = (visit.store, visit.house, visit.now, visit.actor, person)
    if told.ask is None:
        return draw(visit, _form(visit, person, typed, told), 422)
    try:
        if visit.text("steg") == "spara" and visit.text("sett") == fingerprint(typed):
            kept = meetings.book(*here, told.ask)
            return visit.go(f"{PREFIX}/mote/{kept.id}", " ".join(("Mötet är bokat.", *kept.notes)))
        preview = calendar_preview.of_booking(*here, told.ask)
    except meetings.Twice as twice:
        return visit.go(f"{PREFIX}/mote/{twice.meeting}", "Mötet är bokat.")
    except DeskFault as fault:
        faults = {field_of(fault) or "form": in_words(fault)}
        return draw(visit, _form(visit, person, typed, told, faults), 422)
    return draw(visit, _form(visit, person, typed, told, preview=preview))


def _form(
    visit: Visit, person: int, typed: Typed, told: Read, faults: dict[str, str] | None = None,
    preview: Preview | None = None,
) -> Form:  # fmt: skip
    try:
        page = calendar_book.for_booking(visit.store, visit.house, visit.now, visit.actor, person, typed, told.window)
    except DeskFault as fault:
        if "skyddade" in fault.what or "ingen enhet" in fault.what:
            raise  # they are there, and cannot be booked here: the door says why
        visit.missing(f"participant:{person}")
    if not typed.member and page.member is not None:
        typed = Typed(**{name: getattr(typed, name) for name in FIELDS} | {"member": str(page.member)})
    return Form(BOOK, "Boka", f"Boka med {page.name}", typed, page, dict(faults or told.faults), told.back, preview)
