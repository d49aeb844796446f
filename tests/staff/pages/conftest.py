"""The staff pages over a town, on both databases: browsers that log in, or are let in as a role at once."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI

from bot.actions.house import House
from scheduler import sweeps
from staff import passwords
from staff.logging_in import LASTS, new_token
from staff.outside import Outside
from staff.pages import door, site
from staff.pages.program import Program
from storage import sessions, staff, units
from storage.db import Store
from tests.meeting_town import MeetingTown
from tests.town import LOOP

CHEAP = PasswordHasher.from_parameters(CHEAPEST)
HOST = "https://ingang.example"


@dataclass
class MadeUpProgram:
    """What pages are given of the program. `at` is lease time, and moves only when a test says so."""

    town: MeetingTown
    demo: bool = False
    is_private: bool = True
    public_url: str = HOST
    sms_number: str = "+46701740699"
    telegram_bot: str = "ingang_bot"
    at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    outside: Outside | None = None
    version: int = 0
    stopping: bool = False
    sends_here: bool = True
    clock: Any = field(init=False)

    def __post_init__(self) -> None:
        self.clock = self

    @property
    def store(self) -> Store:
        return self.town.store

    @property
    def house(self) -> House:
        return self.town.house

    def now(self) -> datetime:
        return self.town.now

    def lease_now(self) -> datetime:
        return self.at

    async def raise_alarms(self) -> None:
        sweeps.send_alarms(self.town.store, self.town.house, self.town.now)

    def changed(self) -> None:
        self.version += 1

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109
        return self.version


class InProcess(httpx.BaseTransport):
    """The application called straight, without a server: as a browser at `address` would."""

    def __init__(self, web: FastAPI, address: str) -> None:
        self.inner = httpx.ASGITransport(app=web, raise_app_exceptions=False, client=(address, 4711))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            answer = await self.inner.handle_async_request(sent)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return LOOP.run(ask())


class Browser(httpx.Client):
    """A browser: it keeps cookies, fills in hidden fields of the page that it is on, and follows a 303 by itself."""

    page: str = ""

    def __init__(self, web: FastAPI, address: str) -> None:
        super().__init__(transport=InProcess(web, address), base_url=HOST, follow_redirects=True)

    def fill(self, action: str, fields: dict[str, Any] | None = None, *, on: str | None = None) -> httpx.Response:
        """Send a form of the page `on` (else: of the page that was shown last) to `action`."""
        if on is not None:
            self.see(on)
        hidden = {"csrf": token_in(self.page)} if "csrf" in self.page else {}
        answer = self.post(action, data={**hidden, **(fields or {})})
        self.page = answer.text
        return answer

    def see(self, path: str, status: int = 200) -> str:
        """Open a page and give its text."""
        answer = self.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        self.page = answer.text
        return self.page


def token_in(page: str) -> str:
    """The hidden field that forms bring back."""
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    return found.group(1) if found else ""


@dataclass
class Rooms:
    """The pages, and ways into them."""

    town: MeetingTown
    program: MadeUpProgram
    web: FastAPI

    def stranger(self, address: str = "192.0.2.7") -> Browser:
        """A browser that is not logged in."""
        return Browser(self.web, address)

    def member(self, name: str = "Anna") -> int:
        """A staff member's id."""
        with self.town.store.read() as tx:
            return next(each.id for each in staff.list_staff(tx) if each.first_name == name)

    def hire(self, role: str, *unit_slugs: str, name: str = "Ida", email: str | None = None) -> int:
        """Add a staff member with a role."""
        with self.town.store.begin() as tx:
            unit_ids = [units.get_unit(tx, slug).id for slug in unit_slugs]
            return staff.add(tx, self.town.now, name, unit_ids, role=role, email=email)

    def logged_in(self, name: str = "Anna", role: str | None = None) -> Browser:
        """A browser of a staff member of the town, logged in; with `role` they have that one from now on."""
        staff_id = self.member(name)
        if role is not None:
            with self.town.store.begin() as tx:
                staff.set_role(tx, staff_id, role)
        return self.as_member(staff_id)

    def as_member(self, staff_id: int) -> Browser:
        """A browser with a full session of theirs, made without the log-in's work."""
        browser, token = self.stranger(), new_token()
        with self.town.store.begin() as tx:
            sessions.start(tx, self.program.at, token, staff_id, "full", "Prov", lasts=LASTS, proved=True)
        browser.cookies.set("__Host-ingang", token, domain="ingang.example")
        return browser

    def wait(self, **span: float) -> None:
        """Let real time pass."""
        self.program.at += timedelta(**span)


@dataclass
class Standing:
    """Stands for the program that has the application just now: to open a hundred routes takes a test's own time."""

    now_is: MadeUpProgram | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now_is, name)


_FREE: list[tuple[Standing, FastAPI]] = []
"""Applications that no test has. They keep nothing themselves: what pages know is the program's."""


@contextmanager
def open_rooms(town: MeetingTown, **program_has: Any) -> Iterator[Rooms]:
    """Open the pages over a town."""
    program = MadeUpProgram(town, **program_has)
    used = not program_has and bool(_FREE)  # what a program has decides which routes there are
    standing, web = _FREE.pop() if used else _made(program)
    standing.now_is = program
    yield Rooms(town, program, web)
    standing.now_is = None
    if not program_has:
        _FREE.append((standing, web))


def _made(program: MadeUpProgram) -> tuple[Standing, FastAPI]:
    standing, web = Standing(program), FastAPI(openapi_url=None)
    web.router.routes += site.router(cast("Program", standing)).routes  # as ingang/web.py does
    return standing, web


class _Tells:
    """In the place of the log: a page that fails tells the test why."""

    def exception(self, event: str, **told: Any) -> None:
        traceback.print_exc(file=sys.stdout)


@pytest.fixture(autouse=True)
def _failures_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "log", _Tells())


@pytest.fixture(autouse=True)
def _passwords_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with the least work that the library knows: one test (test_login.py) is about how much."""
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)


@pytest.fixture
def rooms(store: Store) -> Iterator[Rooms]:
    """The pages over a town, on each database."""
    with open_rooms(MeetingTown(store)) as opened:
        yield opened
