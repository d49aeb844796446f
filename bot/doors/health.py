"""Is the program alive, and can it do its work? Two addresses for whoever watches over it.

/healthz says 200 while this process answers at all. /readyz says 200 when people's messages would be kept and sent: the
database can be written, its tables fit this program, everything that ticks has ticked lately, nothing holds sending,
and no trouble is known that lets people down; otherwise 503, with which of them fails. Neither tells anything about
people.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.doors.inside import Inside, json_answer
from rules.troubles import lets_people_down
from storage import control, troubles
from storage.db import Store, Tx
from storage.errors import StoreUnavailable
from storage.health import try_write


def router(app: Inside, expected: Mapping[str, timedelta]) -> APIRouter:
    """Give the two addresses. `expected` is which components must be alive, and how old their heartbeats may be."""
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return json_answer({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> Response:
        """It can do its work, or which part of it cannot."""
        checks = {"database": _database(app.store), **_state(app, expected)}
        ready = all(told == "ok" for told in checks.values())
        return json_answer({"status": "ok" if ready else "not ready", "checks": checks}, 200 if ready else 503)

    return routes


def _database(store: Store) -> str:
    """Compare the tables with what this program was made for, then write and put it back."""
    try:
        if not store.schema_is_current():
            return "the tables are of another version: ingang db upgrade"
        try_write(store)
    except StoreUnavailable as fault:
        return fault.why
    return "ok"


def _state(app: Inside, expected: Mapping[str, timedelta]) -> dict[str, str]:
    try:
        with app.store.read() as tx:
            return _beats(tx, app, expected) | _sending(tx)
    except (StoreUnavailable, SQLAlchemyError):  # unreachable, or no such table yet: the database's own line says which
        return {"heartbeats": "unknown"}


def _beats(tx: Tx, app: Inside, expected: Mapping[str, timedelta]) -> dict[str, str]:
    """Whether each component has been heard of lately, in whichever process it runs."""
    beats, now = control.beats(tx), app.lease_now()
    told = {}
    for name, longest in expected.items():
        age = now - beats[name] if name in beats else None
        if age is None:
            told[name] = "not heard of yet"
        else:
            told[name] = "ok" if age <= longest else f"silent for {int(age.total_seconds())} s"
    return told


def _sending(tx: Tx) -> dict[str, str]:
    held = control.find(tx, control.SENDING_HOLD)
    told = {"sending": "ok" if held is None else "held: ingang db release"}
    for each in troubles.list_all(tx):
        if lets_people_down(each.name):
            told[f"trouble.{each.name}"] = f"since {each.since.isoformat(timespec='seconds')}"
    return told
