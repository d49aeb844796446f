"""Who was there: the list on the phone, one tap a person; and the door's code, by which people note themselves."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import Response

from rules.attendance import WHY
from staff import activity_page, attendance_list, labels
from staff.activity_deeds import NoActivity
from staff.attendance_list import MOST_QUARTERS, Overtaken, Tap, WhyMissing, hours
from staff.codes import qr_picture
from staff.pages.door import Door
from staff.pages.visit import PREFIX, Visit, read_number
from staff.people import DeskFault, NotTheirs
from staff.roles import Need

HERE: Final = f"{PREFIX}/grupper"
WORD: Final = "här"


def open_routes(door: Door) -> None:
    """Open the list and the door's page."""
    door.get("/grupper/{activity}/narvaro", show, needs=Need.SEE)
    door.post("/grupper/{activity}/narvaro", note, needs=Need.ACT)
    door.get("/grupper/{activity}/dorr", show_door, needs=Need.SEE)


def show(visit: Visit) -> Response:
    """The list."""
    return _draw(visit)


def _draw(visit: Visit, fault: str = "", status: int = 200, *, why_error: str = "") -> Response:
    wanted = visit.number("activity")
    try:
        found = attendance_list.look(visit.store, visit.now, visit.actor, wanted, visit.house.hours.zone)
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    return visit.page(
        "group_there.html", title=f"Närvaro: {labels.activity(found.activity.title)}", room="grupper",
        status=status, found=found,
        fault=fault, here=f"{HERE}/{wanted}", hours=hours, why_error=why_error,
        why=visit.text("why") or visit.query("why"), whys=[("", "Välj"), *WHY.items()],
        lengths=[(number, hours(number)) for number in range(1, max(_longest(found.usual), 9))],
    )  # fmt: skip


def _longest(usual: int) -> int:
    return min(usual * 2, MOST_QUARTERS) + 1


def note(visit: Visit) -> Response:
    """One tap: the button says who, whether, and which note the page showed."""
    wanted = visit.number("activity")
    present, _, told = visit.text("var").partition(":")
    who, _, after = told.partition(":")
    person = read_number(who)
    count = read_number(visit.text(f"kvartar-{person}")) if person else 0
    if present not in ("ja", "nej") or not person or not 1 <= count <= MOST_QUARTERS:
        return _draw(visit, "Välj om personen var där, och hur länge.", 422)
    stood = int(after) if after.isascii() and after.isdecimal() and len(after) < 6 else None
    tap = Tap(present == "ja", count, stood, visit.text("why"))
    try:
        attendance_list.note(visit.store, visit.now, visit.actor, wanted, person, tap, visit.text("once"))
    except (NoActivity, NotTheirs):
        visit.missing(f"activity:{wanted}")
    except WhyMissing as fault:
        return _draw(visit, f"{fault.sentence} Inget är ändrat än.", 422, why_error="Välj varför, och tryck igen.")
    except Overtaken as fault:
        return _draw(visit, f"{fault.sentence} Titta i listan och tryck en gång till.", 409)
    except DeskFault as fault:
        return _draw(visit, fault.sentence, 409)
    kept = f"?why={tap.why}" if tap.why in WHY else ""
    return visit.go(f"{HERE}/{wanted}/narvaro{kept}#p{person}")


# --- the door ---------------------------------------------------------------------------------------------------------


def show_door(visit: Visit) -> Response:
    """The code of the day, big, with a picture for each way that is set up. Nobody is named on it."""
    wanted = visit.number("activity")
    try:
        page = activity_page.look_at_door(visit.store, visit.now, visit.actor, wanted)
    except NoActivity:
        visit.missing(f"activity:{wanted}")
    said = f"{WORD} {page.code}"
    ways = [(name, number, qr_picture(where)) for name, number, where in _ways(visit, said)]
    return visit.page(
        "group_door.html", title=f"Dörren: {labels.activity(page.title)}", room="grupper", each=page,
        ways=ways, said=said,
        here=f"{HERE}/{wanted}",
    )  # fmt: skip


def _ways(visit: Visit, said: str) -> list[tuple[str, str, str]]:
    """The ways that are set up: name, what one writes to, and what the code holds, a message written already."""
    number, bot, text = visit.program.sms_number, visit.program.telegram_bot, quote(said, safe="")
    found = []
    if number:
        found.append(("SMS", number, f"sms:{number}?body={text}"))
    if bot:
        found.append(("Telegram", f"@{bot}", f"https://t.me/{bot}?text={text}"))
    return found
