"""Inkorg: what needs a person, most urgent first, and what is done about it without leaving the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Final

from fastapi import Response

from rules.calendar import swedish_moment, to_local
from staff import answering, inbox_board, inbox_deeds, item_groups, labels, rating_deeds, rating_view, saved_replies
from staff.answering import Question, Sent, Words
from staff.desk import REPORT
from staff.inbox_board import VIEWS, OneEntry
from staff.inbox_deeds import NAPS, WasFirst
from staff.meetings import read_moment
from staff.pages.door import Door, Handler
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault, NotTheirs
from staff.roles import Need

HERE: Final = f"{PREFIX}/inkorg"


def open_room(door: Door) -> None:
    """Open the inbox. The addresses with words in them come before those with numbers."""
    door.get("/inkorg", show, needs=Need.SEE)
    door.get("/inkorg/lista", show_list, needs=Need.SEE)
    door.get("/inkorg/{item}", theirs(show_one), needs=Need.SEE)
    for path, act in (
        ("ta", take), ("slapp", let_go), ("svara", answer), ("fyll", fill), ("lamna", hand), ("vila", snooze),
        ("vack", wake), ("stang", close),
    ):  # fmt: skip
        door.post(f"/inkorg/{{item}}/{path}", theirs(act), needs=Need.ACT)


def theirs(handler: Handler) -> Handler:
    """What is not theirs, and what is not there, is the page 404."""

    @wraps(handler)
    def asked(visit: Visit) -> Response:
        try:
            return handler(visit)
        except NotTheirs:
            return visit.missing()

    return asked


# --- the list ---------------------------------------------------------------------------------------------------------


def show(visit: Visit) -> Response:
    """The inbox, or a part of it."""
    return _list_page(visit)


def _list_page(visit: Visit, notice: str = "", status: int = 200) -> Response:
    facts = _list_facts(visit)
    count = facts["board"].count
    title = f"({count}) Inkorg" if count else "Inkorg"
    return visit.page("inbox.html", title=title, room="inkorg", status=status, notice=notice, **facts)


def show_list(visit: Visit) -> Response:
    """The list alone, for the script that puts it in its place; 204 when it is as what they have before them."""
    facts = _list_facts(visit)
    if visit.query("sett") == facts["mark"]:
        return Response(status_code=204, headers=visit.headers)
    return visit.fragment("inbox_list.html", notice="", **facts)


def _list_facts(visit: Visit) -> dict[str, Any]:
    view = visit.query("visa") if visit.query("visa") in VIEWS else "alla"
    page = read_number(visit.query("sida")) or 1
    unit = visit.unit()
    seen = visit.query("sett").partition("-")[0]
    board = inbox_board.look(visit.store, visit.now, visit.actor, unit, view, page, seen=seen)
    visit.know(board.units)
    sent = read_number(visit.query("skickat"))
    fate = answering.fate_of(visit.store, visit.now, visit.actor, sent) if sent else None
    slug = unit.slug if unit else ""
    return {
        "board": board, "view": view, "views": VIEWS, "chosen": slug, "fate": fate, "cut": inbox_board.CUT_AT,
        "mark": f"{board.mark}-{fate.state if fate else ''}",
        "where": "&".join(f"{name}={value}" for name, value in (("enhet", slug), ("visa", view)) if value),
    }  # fmt: skip


# --- one entry --------------------------------------------------------------------------------------------------------


@dataclass
class Typed:
    """What stands in the forms of an entry's page, what is wrong beside which field, and what is asked."""

    text: str = ""
    nap: str = ""
    when: str = ""
    why: str = ""
    report: str = ""
    parts: list[str] = field(default_factory=list)
    colleague: str = ""
    changed: str = ""
    question: Question | None = None
    errors: dict[str, str] = field(default_factory=dict)


def show_one(visit: Visit) -> Response:
    """One entry, with all that is written in it and all that can be done."""
    return _one_page(visit, Typed())


def _one_page(visit: Visit, typed: Typed, notice: str = "", status: int = 200) -> Response:
    found = inbox_board.find(visit.store, visit.now, visit.actor, visit.number("item"))
    if not isinstance(found, OneEntry):
        with visit.store.read() as tx:
            who = inbox_deeds.closed_by(tx, found, visit.now)
        return visit.page(
            "inbox_closed.html", title="Ärendet är klart", room="inkorg", status=status if notice else 200,
            who=who, item=found, notice=notice, typed=typed,
        )  # fmt: skip
    entry = found.entry
    replies = saved_replies.list_replies(visit.store, visit.actor, entry.unit_id) if entry.person else []
    title = f"{entry.title}: {entry.name}" if entry.name else entry.title
    rated = []
    if found.rating_items:
        with visit.store.read() as tx:
            rated = rating_view.of_tasks(tx, visit.house.scales, found.rating_items)
    notes = [part.note for part in entry.parts if part.kind in item_groups.KINDS and part.note]
    with visit.store.read() as tx:
        groups = item_groups.groups_in(tx, visit.actor, entry.unit_id, entry.person, notes, visit.now)
    return visit.page(
        "inbox_one.html", title=title, room="inkorg", status=status, one=found, entry=entry, typed=typed,
        notice=notice, replies=replies, rated=rated, groups=groups, sent=labels.SENT_STATE, authors=labels.AUTHOR,
        reply_options=[("", "Välj"), *((each.id, each.name) for each in replies)],
        colleague_options=[("", "Välj"), *found.colleagues], nap_options=[("", "Välj"), *NAPS.items()],
        closing_options=[(code, word.capitalize()) for code, word in labels.CLOSED.items()],
        report_options=[(code, word.capitalize()) for code, word in REPORT.items()],
    )  # fmt: skip


def _again(visit: Visit, typed: Typed, fault: DeskFault, beside: str = "") -> Response:
    """The same page, with what was typed, and what was wrong beside its field; 409 for one who came second."""
    told = fault.sentence
    if isinstance(fault, WasFirst):
        return _one_page(visit, typed, told, 409)
    typed.errors[beside or fault.where] = told
    return _one_page(visit, typed, status=422)


def _back(visit: Visit, told: str) -> Response:
    where = visit.text("where")
    safe = where if where and all(sign.isalnum() or sign in "=&_-" for sign in where) else ""
    return visit.go(f"{HERE}?{safe}" if safe else HERE, told)


def take(visit: Visit) -> Response:
    """Take it: from the list they stay in the list."""
    try:
        inbox_deeds.take(visit.store, visit.now, visit.actor, visit.number("item"), visit.text("once"))
    except WasFirst as fault:
        return _list_page(visit, fault.sentence, 409)
    return _back(visit, "Ärendet är ditt.")


def let_go(visit: Visit) -> Response:
    """Let others take it."""
    inbox_deeds.let_go(visit.store, visit.now, visit.actor, visit.number("item"), visit.text("once"))
    return _back(visit, "Ärendet är ledigt för andra.")


def answer(visit: Visit) -> Response:
    """Write to the person; asked first when there is something worth knowing."""
    typed = Typed(text=visit.text("text"))
    words = Words(typed.text, visit.text("once"), visit.text("sure"))
    try:
        done = answering.answer(visit.store, visit.house, visit.now, visit.actor, visit.number("item"), words)
    except DeskFault as fault:
        if isinstance(fault, NotTheirs):
            raise
        return _again(visit, typed, fault, "text")
    if isinstance(done, Sent):
        return visit.go(f"{HERE}?skickat={done.message}")
    typed.question = done
    return _one_page(visit, typed, status=200)


def fill(visit: Visit) -> Response:
    """Put a saved reply into the answer, after what stands there."""
    found = inbox_board.find(visit.store, visit.now, visit.actor, visit.number("item"))
    typed = Typed(text=visit.text("text"))
    person = found.entry.person if isinstance(found, OneEntry) else found.participant_id
    chosen = read_number(visit.text("reply"))
    if person is not None and chosen:
        text = saved_replies.filled(visit.store, visit.now, visit.actor, chosen, person)
        typed.text = "\n".join(part for part in (typed.text, text) if part)
    return _one_page(visit, typed)


def hand(visit: Visit) -> Response:
    """Let a colleague have it."""
    typed = Typed(colleague=visit.text("colleague"))
    to_staff = read_number(typed.colleague)
    try:
        name = inbox_deeds.hand(visit.store, visit.now, visit.actor, visit.number("item"), to_staff, visit.text("once"))
    except DeskFault as fault:
        return _refused(visit, typed, fault, "colleague")
    return visit.go(HERE, f"{name} har ärendet nu." if name else "Ärendet är lämnat.")


def snooze(visit: Visit) -> Response:
    """Put it off until a moment."""
    typed = Typed(nap=visit.text("nap"), when=visit.text("when"))
    item = visit.number("item")
    try:
        until = _until(visit, typed, item)
        inbox_deeds.snooze(visit.store, visit.now, visit.actor, item, until, visit.text("once"))
    except DeskFault as fault:
        return _refused(visit, typed, fault, "when" if typed.when and not typed.nap else "nap")
    when = swedish_moment(until, to_local(visit.now).date())
    return visit.go(HERE, f"Ärendet vilar till {when}, eller tills personen skriver.")


def _until(visit: Visit, typed: Typed, item: int) -> datetime:
    """The moment that was chosen, or typed. DeskFault for neither."""
    until = inbox_deeds.nap_of(visit.store, item, typed.nap, visit.now) if typed.nap else None
    if typed.when and until is None:
        try:
            until = read_moment(typed.when, visit.house.hours.zone)
        except DeskFault:
            raise DeskFault("skriv dag och klockslag", "when", "") from None
    if until is None:
        raise DeskFault("välj hur länge", "nap", "")
    return until


def wake(visit: Visit) -> Response:
    """Take it back before its time."""
    inbox_deeds.wake(visit.store, visit.now, visit.actor, visit.number("item"), visit.text("once"))
    return visit.go(HERE, "Ärendet vilar inte längre.")


def close(visit: Visit) -> Response:
    """Close what was ticked, with how it went."""
    typed = Typed(why=visit.text("why"), report=visit.text("report"), parts=visit.all("parts"))
    typed.changed = visit.text("changed")
    ids = {read_number(each) for each in typed.parts}
    try:
        inbox_deeds.close(
            visit.store, visit.now, visit.actor, visit.number("item"), ids, typed.why, typed.report or None,
            visit.text("once"), also=lambda tx, item: rating_deeds.close_task(
                tx, visit.house, visit.now, visit.actor, item, typed.changed
            ),
        )  # fmt: skip
    except DeskFault as fault:
        beside = {"--report": "report", "delar": "parts", "changed": "changed"}.get(fault.where, "why")
        return _refused(visit, typed, fault, beside)
    return visit.go(HERE, "Det är stängt.")


def _refused(visit: Visit, typed: Typed, fault: DeskFault, beside: str) -> Response:
    if isinstance(fault, NotTheirs):
        raise fault
    if beside == "report":
        fault = DeskFault("personen är eller kan vara under 18 år: skriv om en orosanmälan är gjord", beside, "")
    return _again(visit, typed, fault, beside)
