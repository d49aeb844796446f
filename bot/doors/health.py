"""Is the program alive, and can it do its work? Two addresses for whoever watches over it.

/healthz says 200 while the process answers at all. /readyz says 200 when people's messages would be kept and sent: the
database can be written, its tables fit this program, and everything that ticks has ticked within a minute; otherwise
503, with which of them fails. Neither tells anything about people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NoReturn

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.doors.inside import Inside, json_answer
from storage import control
from storage.db import Store
from storage.errors import StoreUnavailable

FRESH: Final = timedelta(seconds=60)
"""How old the last heartbeat of a component may be. The ticks come every few seconds."""

_PROBE: Final = "readyz"


class _PutBack(Exception):
    """Ends the trial write without keeping it."""


def router(app: Inside) -> APIRouter:
    """Give the two addresses."""
    routes = APIRouter()

    @routes.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return json_answer({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> Response:
        """It can do its work, or which part of it cannot."""
        checks = {"database": _database(app.store), **_beats(app)}
        ready = all(told == "ok" for told in checks.values())
        return json_answer({"status": "ok" if ready else "not ready", "checks": checks}, 200 if ready else 503)

    return routes


def _database(store: Store) -> str:
    """Compare the tables with what this program was made for, then write and put it back."""
    try:
        if not store.schema_is_current():
            return "the tables are of another version: ingang db upgrade"
        _write_and_put_back(store)
    except _PutBack:
        return "ok"
    except StoreUnavailable as fault:
        return fault.why


def _write_and_put_back(store: Store) -> NoReturn:
    with store.begin() as tx:
        control.put(tx, _PROBE, "")
        raise _PutBack


def _beats(app: Inside) -> dict[str, str]:
    """The heartbeat of each component that has ever ticked here; none at all means that nothing has started."""
    try:
        with app.store.read() as tx:
            beats = control.beats(tx)
    except (StoreUnavailable, SQLAlchemyError):  # unreachable, or no such table yet: the database's own line says which
        return {"heartbeats": "unknown"}
    now = app.lease_now()
    told = {
        name: "ok" if now - at <= FRESH else f"silent for {int((now - at).total_seconds())} s"
        for name, at in beats.items()
    }
    return told or {"heartbeats": "none yet"}
