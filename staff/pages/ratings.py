"""Ratings: how a session was, in the person's own numbers. Empty until the first one exists."""

from __future__ import annotations

from fastapi import Response

from staff.pages.door import Door
from staff.pages.visit import Visit
from staff.roles import Need


def open_room(door: Door) -> None:
    """Open the room."""
    door.get("/skattningar", show, needs=Need.SEE)


def show(visit: Visit) -> Response:
    """What will be here."""
    return visit.page("ratings.html", title="Skattningar", room="skattningar")
