"""A page asks the database as often whether it stands for few or for many: nothing is asked once a row.

The pages are those of the application's own table of routes, opened on a town that is then made several times larger.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from benchmarks.stored_town import StoredTown
from storage import activities, apart, attendance, hot, invitations, places, sendings, units
from storage.activities import NewActivity
from storage.bulk import Bulk
from storage.sendings import NewSending
from storage.tables import inbox_items
from storage.tables_meetings import appointments
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.hostile import routes_of

QUERIES = {
    "/personal/deltagare": ("", "q=Kim", "q=Kim+And", "vantar=ja", "tyst=30"),
    "/personal/grupper": ("", "enhet=alvsbyn"),
    "/personal/inkorg": ("", "visa=mina", "visa=vilar", "enhet=alvsbyn"),
    "/personal/kalender": ("", "vems=enhet", "vems=enhet&enhet=alvsbyn", "dag=2026-11-24&vems=enhet"),
}
"""Ways to ask for a page beside the plain one."""

REHEARSED = ("/personal/kalender/sjuk", "/personal/grupper/{activity}/stall-in")
"""They show what will go out by doing it and taking it back: once for each meeting of a day, or guest of a group."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that reaches the database, by SQLAlchemy or past it."""
    told: list[str] = []

    def by_alchemy(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        told.append(statement)

    for kind, name in ((hot.Hot, "_execute"), (Bulk, "_step")):
        ordinary = getattr(kind, name)

        def past_it(self: Any, *values: Any, _ordinary: Any = ordinary) -> Any:
            told.append(str(self._statement))
            return _ordinary(self, *values)

        monkeypatch.setattr(kind, name, past_it)
    event.listen(Engine, "before_cursor_execute", by_alchemy)
    yield told
    event.remove(Engine, "before_cursor_execute", by_alchemy)


def _addresses(rooms: Rooms) -> list[str]:
    """Every page that stands for one thing or a list, with the first of each thing in its address."""
    with rooms.town.store.read() as tx:
        ahead = select(appointments.c.id, appointments.c.participant_id).where(appointments.c.starts > rooms.town.now)
        meeting = tx.execute(ahead.order_by(appointments.c.starts.desc(), appointments.c.id)).all()[0]
        known = {
            "person": meeting.participant_id,
            "meeting": meeting.id,
            "item": tx.execute(select(inbox_items.c.id).where(inbox_items.c.state == "open")).scalars().first(),
            "member": rooms.member("Anna"),
            "activity": activities.list_between(tx, None, rooms.town.now, rooms.town.now + timedelta(days=5))[0].id,
            "sending": sendings.list_latest(tx, None)[-1].id,
            "month": "2026-11",
        }
    found = []
    for route in routes_of(rooms):
        parts = set(re.findall(r"\{(\w+)[^}]*\}", route.path))
        if (
            route.method == "GET"
            and parts <= known.keys()
            and not route.declared.is_public()
            and route.path not in REHEARSED
        ):
            path = re.sub(r"\{(\w+)[^}]*\}", lambda part: str(known[part.group(1)]), route.path)
            found += [f"{path}?{query}" if query else path for query in QUERIES.get(route.path, ("",))]
    return found


def _with_groups(rooms: Rooms, town: StoredTown, first: int, count: int) -> None:
    """Group activities of the first unit: the nearest is the same for few and many, and more are invited to it."""
    store, now = rooms.town.store, rooms.town.now
    with store.begin() as tx:
        unit = units.list_units(tx)[0].id
        near = activities.list_between(tx, [unit], now, now + timedelta(days=5))
        for number in range(first, count):
            starts = now + timedelta(days=number % 50 - 20, hours=1)
            new = NewActivity(unit, "fikar vi", starts, starts + timedelta(hours=1), starts, None, "Hos oss", places=40)
            near.append(activities.get(tx, activities.add(tx, now, new)))
        for each in near:
            asked = invitations.add_many(tx, now, each.id, 1, None, town.people[:count])
            for number, (who, invitation) in enumerate(asked.items()):
                invitations.change(tx, invitation, state=("yes", "hard", "maybe")[number % 3], answered_at=now)
                if number % 3 < 2 and places.take(tx, each.id, invitation, each.places) is None:
                    invitations.change(tx, invitation, waiting_since=now)
                if each.starts < now:
                    attendance.note(tx, now, each.id, who, present=True, quarters=4, how="staff", by=None)
        sendings.add(tx, now, NewSending(unit, "broadcast", 1, None, now, text="Hej!"), {})
        apart.add(tx, now, town.people[0], town.people[1], None)


def _counts(browser: Browser, addresses: list[str], asked: list[str]) -> dict[str, list[str]]:
    """What each page asks, the second time that it is opened."""
    told = {}
    for address in addresses:
        browser.get(address, follow_redirects=False)
        asked.clear()
        answer = browser.get(address, follow_redirects=False)
        assert answer.status_code < 500, (address, answer.status_code)
        if answer.status_code == 200:
            told[address] = list(asked)
    return told


ROLES = ("samordnare", "administrator", "dataskydd", "drift")


@pytest.mark.few_on_postgres(only=())  # how often is the pages' own doing, whichever database answers
@pytest.mark.slow
def test_a_page_asks_as_often_for_many_as_for_few(rooms: Rooms, asked: list[str]) -> None:
    store, now = rooms.town.store, rooms.town.now
    with store.read() as tx:
        slugs = [unit.slug for unit in units.list_units(tx)]
    browsers = {role: rooms.as_member(rooms.hire(role, *slugs)) for role in ROLES}  # with meetings as the others have
    small = StoredTown(store, now, 24, 24 * 8)
    small.fill(meetings=360, waiting=12)
    _with_groups(rooms, small, 0, 23)
    addresses = _addresses(rooms)
    before = {role: _counts(browser, addresses, asked) for role, browser in browsers.items()}
    large = StoredTown(store, now, 96, 96 * 20, first=1_000, hour=4)
    large.fill(meetings=360, waiting=50)
    _with_groups(rooms, large, 23, 60)
    for role, browser in browsers.items():
        few, many = before[role], _counts(browser, addresses, asked)
        assert few.keys() == many.keys()
        assert len(few) >= 2
        grown = [
            f"{role}: {address}: {len(few[address])} -> {len(many[address])}, {_most(many[address])}"
            for address in few
            if len(many[address]) > len(few[address])
        ]
        assert grown == []


def _most(statements: list[str]) -> str:
    """What was asked most often, as far as one needs to find it."""
    statement, times = Counter(re.sub(r"\s+", " ", each)[:300] for each in statements).most_common(1)[0]
    return f"{times} times {statement}"
