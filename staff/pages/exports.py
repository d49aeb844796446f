"""Taking tables out: sign-ups, people, messages, ratings, as a file for a spreadsheet. Asks for the password again.

Messages and ratings are for those who may read them here; whoever keeps the log or the accounts gets none by a file.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from fastapi import BackgroundTasks, Response
from fastapi.responses import FileResponse

from staff import export
from staff.export import Wanted
from staff.pages.door import Door
from staff.pages.visit import Visit
from staff.roles import Need

WHAT: Final = {
    "referrals": "Anmälningar",
    "participants": "Deltagare",
    "messages": "Meddelanden",
    "ratings": "Skattningar",
    "attendance": "Närvaro per månad",
}
WORDS: Final = frozenset({"messages", "ratings"})
"""What holds people's own words."""
FORMS: Final = {"xlsx": "Excel", "csv": "CSV (öppnas av Excel)", "json": "JSON (för program)"}
FILE: Final = {
    "referrals": "anmalningar",
    "participants": "deltagare",
    "messages": "meddelanden",
    "ratings": "skattningar",
    "attendance": "narvaro",
}
KIND: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    what: str = "referrals"
    form: str = "xlsx"
    since: str = ""
    unit: str = ""


def open_room(door: Door) -> None:
    """Open the room where tables are taken out."""
    door.get("/uttag", show, needs=Need.EXPORT, fresh=True)
    door.post("/uttag", take_out, needs=Need.EXPORT, fresh=True)


def show(visit: Visit) -> Response:
    """What can be taken out."""
    return _page(visit, Typed())


def _page(visit: Visit, typed: Typed, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    facts = {"what": _theirs(visit), "forms": FORMS, "units": visit.units, "typed": typed, "errors": errors or {}}
    return visit.page("exports.html", title="Uttag", room="uttag", status=status, **facts)


def _theirs(visit: Visit) -> dict[str, str]:
    return {key: word for key, word in WHAT.items() if key not in WORDS or visit.may(Need.SEE)}


def take_out(visit: Visit) -> Response:
    """Write the file and send it; nothing of it stays here."""
    typed = Typed(visit.text("what"), visit.text("form"), visit.text("since"), visit.text("enhet"))
    since, errors = _day(typed.since)
    if typed.what not in _theirs(visit):
        errors["what"] = "Välj vad du vill ta ut."
    if typed.form not in FORMS:
        errors["form"] = "Välj ett format."
    unit = visit.unit()
    if errors:
        return _page(visit, typed, errors, 422)
    folder = Path(tempfile.mkdtemp(prefix="ingang-export-"))
    out = folder / f"{FILE[typed.what]}.{typed.form}"
    try:
        export.export(
            visit.store, visit.now, visit.actor,
            Wanted(typed.what, typed.form, out, unit.slug if unit else None, since),
        )  # fmt: skip
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    away = BackgroundTasks()
    away.add_task(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(out, 200, visit.headers, KIND[typed.form], away, filename=out.name)


def _day(text: str) -> tuple[date | None, dict[str, str]]:
    if not text:
        return None, {}
    try:
        return date.fromisoformat(text), {}
    except ValueError:
        return None, {"since": "Skriv dagen så här: 2026-11-01."}
