"""One visit to a page: who it is, what was asked for and typed, and the ways to answer it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NoReturn

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.actions.house import House
from bot.channels.base import keepable
from staff.pages.drawing import HEADERS, PAGES, PRIVATE_HEADERS
from staff.pages.program import Program
from staff.people import Actor
from staff.roles import Need, may
from storage import audit, sessions, units
from storage.db import Store
from storage.sessions import Session, Visitor
from storage.units import Unit

if TYPE_CHECKING:
    from staff.pages.site import Room

PREFIX: Final = "/personal"
LARGEST_ID: Final = 2**63 - 1
Form = Mapping[str, list[str]]


class Missing(Exception):
    """There is no such page for the one who asks: unknown, another unit's, or not for their role. All look the same."""


@dataclass
class Visit:
    """What a handler is given. It is called in a thread of its own, and may read and write the store."""

    program: Program
    request: Request
    form: Form
    at: datetime
    now: datetime
    rooms: tuple[Room, ...] = ()
    session: Session | None = None
    who: Visitor | None = None
    token: str = ""
    told: str | None = None
    _units: list[Unit] | None = field(default=None, repr=False)
    _csrf: tuple[str, str] = field(default=("", ""), repr=False)

    # --- who ----------------------------------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The open database."""
        return self.program.store

    @property
    def house(self) -> House:
        """Texts, channels, hours."""
        return self.program.house

    @property
    def role(self) -> str:
        """Their role; empty for a stranger."""
        return self.who.role if self.who else ""

    @property
    def actor(self) -> Actor:
        """Who does it, as the rest of the program knows them. Missing when nobody is logged in."""
        if self.who is None:
            raise Missing
        everywhere = not self.who.unit_ids and self.is_everywhere
        return Actor(f"staff:{self.who.staff_id}", self.who.staff_id, None if everywhere else self.who.unit_ids)

    @property
    def is_everywhere(self) -> bool:
        """Whether their work is the whole municipality's when they belong to no unit."""
        from staff.roles import EVERY_UNIT

        return self.role in EVERY_UNIT

    def may(self, need: Need) -> bool:
        """Tell whether their role may what needs that."""
        return may(self.role, need)

    @property
    def units(self) -> list[Unit]:
        """The units that they see, in order."""
        if self._units is None:
            with self.store.read() as tx:
                self._units = [unit for unit in units.list_units(tx) if self.actor.sees(unit.id)]
        return self._units

    def know(self, seen: Iterable[Unit]) -> None:
        """Take the units that they see from what was read for the page: they are not asked for again."""
        self._units = list(seen)

    def unit(self) -> Unit | None:
        """The unit chosen by `enhet`, in the address or the form; None: all that they see. Missing when not theirs."""
        slug = self.text("enhet") or self.query("enhet")
        if not slug:
            return None
        return next((unit for unit in self.units if unit.slug == slug), None) or self.missing()

    # --- what was asked for -------------------------------------------------------------------------------------------

    def word(self, name: str) -> str:
        """A part of the address."""
        return keepable(str(self.request.path_params[name]))

    def number(self, name: str) -> int:
        """An id in the address, with or without its P; Missing when it is none."""
        return read_number(str(self.request.path_params[name]).removeprefix("P")) or self.missing()

    def query(self, name: str) -> str:
        """A value in the address, stripped; empty when there is none."""
        return keepable(self.request.query_params.get(name, "")).strip()

    def text(self, name: str) -> str:
        """A field of the form, stripped, newlines as one sign; empty when there is none."""
        return (self.all(name) or [""])[-1]

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [keepable(value).replace("\r\n", "\n").replace("\r", "\n").strip() for value in self.form.get(name, ())]

    @property
    def nonce(self) -> str:
        """A random word for a form's hidden field `once`: the same deed sent twice is one deed."""
        return secrets.token_urlsafe(12)

    @property
    def csrf(self) -> str:
        """What each form under one log-in must bring back: reckoned once a page, however many forms it has."""
        if self._csrf[0] != self.token:
            self._csrf = (self.token, csrf_of(self.token))
        return self._csrf[1]

    # --- answers ------------------------------------------------------------------------------------------------------

    def page(self, template: str, *, title: str, room: str = "", status: int = 200, **facts: Any) -> Response:
        """Draw a page in the shell."""
        shell = {
            "title": title,
            "room": room,
            "rooms": [each for each in self.rooms if any(self.may(need) for need in each.needs)],
            "visit": self,
            "now": self.now,
            "told": self.told,
            "full": self.session is not None and self.session.stage == "full",
        }
        return HTMLResponse(PAGES.draw(template, **shell, **facts), status, self.headers)

    def fragment(self, template: str, **facts: Any) -> Response:
        """Draw a part of a page, for a script that puts it in its place."""
        return HTMLResponse(PAGES.draw(template, visit=self, now=self.now, **facts), 200, self.headers)

    def go(self, where: str, told: str = "") -> Response:
        """Send them on with a GET, to an address under /personal; `told` is shown once there, and names nobody."""
        if told and self.session is not None:
            with self.store.begin() as tx:
                sessions.tell(tx, self.session.id, told)
        return RedirectResponse(where, 303, self.headers)

    def missing(self, object_ref: str = "") -> NoReturn:
        """There is nothing here for them: the page 404, and a line in the audit log."""
        if self.who is not None:
            what = object_ref or self.request.scope["route"].path.removeprefix(PREFIX)[:80]
            with self.store.begin() as tx:
                audit.write(tx, self.now, f"staff:{self.who.staff_id}", "page.missing", what, "refused")
        raise Missing

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every answer."""
        return dict(PRIVATE_HEADERS if self.program.is_private else HEADERS)


def read_number(text: str) -> int:
    """Give an id, or another number above zero, as it stands in an address or a field; 0 for what is none.

    An id has 19 digits from 2027 on, and at most 63 bits: what a column takes.
    """
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if number <= LARGEST_ID else 0


def csrf_of(token: str) -> str:
    """Give what the forms of a session must bring back: it tells nothing of the session's own token."""
    return hmac.new(token.encode(), b"form", sha256).hexdigest()[:40] if token else ""
