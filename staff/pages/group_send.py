"""Inviting and writing to many: choose whom, see what each will read, send, undo, stop, and how far it has come."""

from __future__ import annotations

from dataclasses import astuple
from hashlib import sha256
from typing import Final

from fastapi import Response

from bot.actions.sending_many import CannotSend
from staff import activity_changes, labels, sendings
from staff.activity_deeds import NoActivity
from staff.pages import group_form
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit, read_number
from staff.roles import Need
from staff.sendings import Ahead, NoSending, Progress, Typed
from storage.activities import Activity
from storage.units import Unit

HERE: Final = f"{PREFIX}/utskick"
MOST_OWN: Final = 20_000
LANGUAGES: Final = (
    ("sv", "svenska"), ("en", "engelska"), ("ar", "arabiska"), ("so", "somaliska"), ("ti", "tigrinska"),
    ("prs", "dari"), ("uk", "ukrainska"), ("fi", "finska"),
)  # fmt: skip


def open_routes(door: Door) -> None:
    """Open the invitation, the message to many, and what has gone out."""
    door.get("/grupper/{activity}/bjud-in", show_invite, needs=Need.ACT)
    door.post("/grupper/{activity}/bjud-in", invite, needs=Need.ACT)
    door.get("/utskick", show_list, needs=Need.SEE)
    door.get("/utskick/nytt", show_new, needs=Need.ACT)
    door.post("/utskick/nytt", send, needs=Need.ACT)
    door.get("/utskick/{sending}", show_one, needs=Need.SEE)
    door.get("/utskick/{sending}/lista", show_part, needs=Need.SEE)
    for path, act in (("angra", undo), ("stoppa", stop), ("godkann", approve)):
        door.post(f"/utskick/{{sending}}/{path}", act, needs=Need.ACT)


# --- whom, and what they read -----------------------------------------------------------------------------------------


def show_invite(visit: Visit) -> Response:
    """Whom to invite to an activity."""
    each, unit = _activity(visit, visit.number("activity"))
    return _draw(visit, unit, each, Typed())


def invite(visit: Visit) -> Response:
    """Show who gets it and what they read; or send, when that is what was shown."""
    each, unit = _activity(visit, visit.number("activity"))
    return _shown_or_sent(visit, unit, each, _typed(visit, coming=False))


def show_new(visit: Visit) -> Response:
    """Words to many; with `till`, to those who come to that activity."""
    wanted = read_number(visit.query("till"))
    if wanted:
        each, unit = _activity(visit, wanted)
        return _draw(visit, unit, each, Typed(coming=True))
    return _draw(visit, group_form.unit_of(visit), None, Typed())


def send(visit: Visit) -> Response:
    """Show who gets it; or send, when that is what was shown."""
    wanted = read_number(visit.text("till"))
    if wanted:
        each, unit = _activity(visit, wanted)
        return _shown_or_sent(visit, unit, each, _typed(visit, coming=True))
    return _shown_or_sent(visit, group_form.unit_of(visit), None, _typed(visit, coming=False))


def _activity(visit: Visit, wanted: int) -> tuple[Activity, Unit]:
    try:
        each = activity_changes.find_one(visit.store, visit.actor, wanted)
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    return each, next((unit for unit in visit.units if unit.id == each.unit_id), None) or visit.missing()


def _typed(visit: Visit, *, coming: bool) -> Typed:
    wishes = {name: {key for key, _ in labels.options_of(name)} for name in ("help", "meet")}
    return Typed(
        visit.text("text"), visit.text("own")[:MOST_OWN],
        tuple(key for key in visit.all("help") if key in wishes["help"]),
        tuple(key for key in visit.all("meet") if key in wishes["meet"]),
        tuple(key for key in visit.all("languages") if key in dict(LANGUAGES)), coming,
        tuple(sorted({number for text in visit.all("without") if (number := read_number(text))})),
    )  # fmt: skip


def _seen(typed: Typed, unit: Unit, each: Activity | None) -> str:
    """What was chosen when the preview was made: sent only if it stands so still. Taking somebody away is no other."""
    told = (*astuple(typed)[:-1], unit.id, each.id if each else 0, each.version if each else 0)
    return sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:16]


def _shown_or_sent(visit: Visit, unit: Unit, each: Activity | None, typed: Typed) -> Response:
    here = (visit.store, visit.house, visit.now, visit.actor, unit, typed, each.id if each else None)
    try:
        if visit.text("steg") == "skicka" and visit.text("sett") == _seen(typed, unit, each):
            done = sendings.release(*here, visit.text("once") or visit.nonce)
            return visit.go(f"{HERE}/{done.sending_id}")
        return _draw(visit, unit, each, typed, sendings.preview(*here))
    except CannotSend as fault:
        return _draw(visit, unit, each, typed, errors={_field(fault, typed): fault.why_sv}, status=422)


def _field(fault: CannotSend, typed: Typed) -> str:
    return fault.field if fault.field in ("text", "own") else "own" if typed.own else "audience"


def _draw(
    visit: Visit, unit: Unit, each: Activity | None, typed: Typed, ahead: Ahead | None = None,
    errors: dict[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    inviting = each is not None and not typed.coming
    action = f"{PREFIX}/grupper/{each.id}/bjud-in" if each and inviting else f"{HERE}/nytt"
    title = "Bjud in" if inviting else "Skriv till dem som kommer" if each else "Skriv till flera"
    return visit.page(
        "group_send.html", title=title, room="grupper", status=status, each=each, unit=unit, typed=typed, ahead=ahead,
        errors=errors or {}, action=action, inviting=inviting, helps=labels.options_of("help"),
        meets=labels.options_of("meet"), languages=LANGUAGES, seen=_seen(typed, unit, each),
        units=[(one.slug, one.municipality) for one in visit.units],
    )  # fmt: skip


# --- what has gone out ------------------------------------------------------------------------------------------------


def show_list(visit: Visit) -> Response:
    """The latest releases."""
    unit = visit.unit()
    found = sendings.latest(visit.store, visit.now, visit.actor, unit)
    return visit.page("sendings.html", title="Utskick", room="grupper", found=found, unit=unit)


def show_one(visit: Visit) -> Response:
    """A release: how far it has come, and the way back."""
    return _one(visit)


def _one(visit: Visit, fault: str = "", status: int = 200) -> Response:
    wanted = visit.number("sending")
    try:
        page = sendings.look(visit.store, visit.house, visit.now, visit.actor, wanted, visit.units)
    except (NoSending, NoActivity):
        visit.missing(f"sending:{wanted}")
    return visit.page(
        "sending_one.html", title=page.kind, room="grupper", status=status, page=page, here=f"{HERE}/{wanted}",
        fault=fault, may_approve=_may_approve(visit, page),
    )  # fmt: skip


def _may_approve(visit: Visit, page: Progress) -> bool:
    return visit.may(Need.ACT) and page.sending.state == "waiting_second" and not page.mine


def show_part(visit: Visit) -> Response:
    """The part of the page that changes, for its script."""
    wanted = visit.number("sending")
    try:
        page = sendings.peek(visit.store, visit.house, visit.now, visit.actor, wanted, visit.units)
    except (NoSending, NoActivity):
        visit.missing(f"sending:{wanted}")
    return visit.fragment(
        "sending_part.html", page=page, here=f"{HERE}/{wanted}", may_approve=_may_approve(visit, page)
    )


def undo(visit: Visit) -> Response:
    """Take it back."""
    return _with(visit, "undo")


def stop(visit: Visit) -> Response:
    """Let nothing more go out."""
    return _with(visit, "stop")


def approve(visit: Visit) -> Response:
    """Say yes as the second of two."""
    return _with(visit, "approve")


def _with(visit: Visit, deed: str) -> Response:
    wanted, here = visit.number("sending"), (visit.store, visit.now, visit.actor)
    try:
        if deed == "approve":
            sendings.approve(visit.store, visit.house, visit.now, visit.actor, wanted)
            told = "Godkänt. Det går ut om två minuter."
        else:
            done = (sendings.undo if deed == "undo" else sendings.stop)(*here, wanted)
            told = "Ångrat. Inget gick ut." if not done.gone else f"Stoppat. {done.gone} hade redan gått ut."
    except (NoSending, NoActivity):
        visit.missing(f"sending:{wanted}")
    except CannotSend as fault:
        return _one(visit, fault.why_sv, 409)
    return visit.go(f"{HERE}/{wanted}", told)
