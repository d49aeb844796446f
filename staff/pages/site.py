"""The staff pages put together: the rooms in the order of the menu, and that no route is without a declared need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.routing import APIRoute

from staff.pages import (
    account,
    accounts,
    audit,
    calendar,
    exports,
    groups,
    health,
    inbox,
    login,
    login_outside,
    people,
    ratings,
    replies,
    roster,
    settings,
    settings_ratings,
    texts,
)
from staff.pages.door import Declared, Door, missing_page
from staff.pages.drawing import PAGES
from staff.pages.program import Program
from staff.pages.visit import PREFIX, Visit
from staff.roles import Need


@dataclass(frozen=True, slots=True)
class Room:
    """A room in the menu; `needs`: any of them lets one in."""

    key: str
    title: str
    path: str
    needs: tuple[Need, ...]


ROOMS: Final = (
    Room("inkorg", "Inkorg", f"{PREFIX}/inkorg", (Need.SEE,)),
    Room("deltagare", "Deltagare", f"{PREFIX}/deltagare", (Need.SEE,)),
    Room("kalender", "Kalender", f"{PREFIX}/kalender", (Need.SEE,)),
    Room("grupper", "Grupper", f"{PREFIX}/grupper", (Need.SEE,)),
    Room("skattningar", "Skattningar", f"{PREFIX}/skattningar", (Need.SEE,)),
    Room("bemanning", "Bemanning", f"{PREFIX}/bemanning", (Need.SEE, Need.PLAN)),
    Room("uttag", "Uttag", f"{PREFIX}/uttag", (Need.EXPORT,)),
    Room("installningar", "Inställningar", f"{PREFIX}/installningar", (Need.PLAN,)),
    Room("konton", "Konton", f"{PREFIX}/konton", (Need.ACCOUNTS,)),
    Room("granskning", "Granskning", f"{PREFIX}/granskning", (Need.AUDIT,)),
    Room("drift", "Drift", f"{PREFIX}/drift", (Need.HEALTH,)),
)
OPENERS: Final = (
    login,
    login_outside,
    replies,
    inbox,
    people,
    calendar,
    groups,
    ratings,
    roster,
    settings,
    settings_ratings,
    texts,
    exports,
    account,
    accounts,
    audit,
    health,
)


class Undeclared(Exception):
    """A route under /personal says nothing of what it needs: the program does not start."""


def router(program: Program) -> APIRouter:
    """Give the addresses of all rooms."""
    routes = APIRouter()
    door = Door(program, routes)
    for each in OPENERS:
        each.open_room(door)
    door.get("", front, needs=Need.PUBLIC)
    door.get("/", front, needs=Need.PUBLIC)
    door.stream("/handelser", needs=Need.OWN)
    routes.get(PAGES.prefix + "/{name}")(_file)
    door.get("/{rest:path}", nothing, needs=Need.PUBLIC)  # the last: what no room has opened
    fronts = {room.path for room in ROOMS}
    routes.routes.sort(key=lambda route: getattr(route, "path", "") not in fronts)  # an address is looked for in order
    there = {route.path for route in routes.routes if isinstance(route, APIRoute)}
    door.rooms = tuple(room for room in ROOMS if room.path in there)
    check_declared(routes)
    return routes


def check_declared(routes: APIRouter | FastAPI) -> None:
    """Raise Undeclared, naming it, for a route under /personal that was opened past the door."""
    for route in walk(routes):
        path = str(getattr(route, "path", ""))
        inside = path == PREFIX or path.startswith(f"{PREFIX}/")
        if inside and not path.startswith(PAGES.prefix) and declared_of(route) is None:
            raise Undeclared(f"{path} says nothing of what it needs: open it by staff.pages.door.Door")


def walk(routes: Any) -> Iterator[Any]:
    """Give every route of a router or an application, those of the routers that it includes too."""
    for route in routes.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from walk(inner)


def declared_of(route: Any) -> Declared | None:
    """Give what a route needs, None when it does not say."""
    found = getattr(getattr(route, "endpoint", None), "declared", None)
    return found if isinstance(found, Declared) else None


def front(visit: Visit) -> Response:
    """The first room that is theirs; for a stranger, the log-in."""
    if visit.session is None or visit.session.stage != "full":
        return visit.go(f"{PREFIX}/logga-in")
    mine = next((room.path for room in visit.rooms if any(visit.may(need) for need in room.needs)), None)
    return visit.go(mine or f"{PREFIX}/konto")


def nothing(visit: Visit) -> Response:
    """The page for an address that there is not."""
    return missing_page(visit)


def _file(name: str, request: Request) -> Response:
    """A stylesheet or a script of the pages."""
    file = PAGES.find(name)
    if file is None:
        raise HTTPException(404, "Den filen finns inte.")
    headers = file.headers(request.query_params.get("v", ""))
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers, media_type=file.kind)
