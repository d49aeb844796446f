"""Whatever is sent to whichever page by whoever is logged in: no page fails, and nothing of it comes to life.

The routes are those of the application's own table, their addresses and forms those that its pages show, and the names
of fields those that its handlers ask for: a new page is covered by being there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staff.pages.visit import Visit
from staff.roles import ROLES
from storage import (
    activities,
    appointments,
    attendance,
    inbox,
    invitations,
    participants,
    places,
    saved_replies,
    sendings,
    units,
)
from storage.activities import NewActivity
from storage.sendings import NewSending
from tests import check_ins
from tests.staff.pages.conftest import Rooms
from tests.staff.pages.hostile import CORPUS, MARKUP, Route, Visitor, encoded, paths_with, routes_of, wrong_in

EVERYTHING = os.environ.get("INGANG_FAULTS") == "full"
EACH_TIME = 1  # pieces of the corpus that a route is tried with in an ordinary run; which ones differs by role
KINDS = (
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/x-www-form-urlencoded; charset=utf-16",
    "",
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that handlers ask for, as they do."""
    names: list[str] = []
    for way in ("all", "query"):
        ordinary = getattr(Visit, way)

        def noting(visit: Visit, name: str, _ordinary: object = ordinary) -> object:
            names.append(name)
            return _ordinary(visit, name)  # type: ignore[operator]

        monkeypatch.setattr(Visit, way, noting)
    return names


@pytest.fixture
def lived_in(rooms: Rooms) -> Rooms:
    """The pages over a town where people have written, met and been hurt; some of them write in markup."""
    town = rooms.town
    check_ins.put_in(town)
    kim = town.signed_up()
    town.books(kim)
    for text in (*MARKUP, "byt", "jag orkar inte leva längre"):
        kim.writes(text)
    for number, text in enumerate(MARKUP):
        one = town.signed_up("sim_telegram", f"88006{number}", name=text)
        one.writes(text)
        town.books(one, f"2026-11-27 {9 + number:02}:00", note=text)
        with town.store.begin() as tx:
            who = one.standing().participant_id
            unit = participants.get(tx, who).unit_id
            assert unit is not None
            saved_replies.save(tx, town.now, unit, text[:40], text)
            inbox.open_item(tx, town.now, "other", 0, unit, who, town.now + timedelta(days=1), text)
    _in_groups(rooms, kim.standing().participant_id)
    return rooms


def _in_groups(rooms: Rooms, kim: int) -> None:
    """Group activities, past and coming, with people invited, one place, one in line, one noted; and two releases."""
    town, now = rooms.town, rooms.town.now
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn").id
        for days, text in ((-20, MARKUP[0]), (9, MARKUP[1])):
            starts = now + timedelta(days=days)
            new = NewActivity(
                unit, text[:60], starts, starts + timedelta(hours=2), starts - timedelta(days=2), None, text[:60],
                text[:100], places=1,
            )  # fmt: skip
            each = activities.add(tx, now, new)
            invited = invitations.add_many(tx, now, each, 1, None, [kim])
            for invitation in invited.values():
                invitations.change(tx, invitation, state="hard", answered_at=now, meet="wanted")
                places.take(tx, each, invitation, 1)
            if days < 0:
                attendance.note(tx, now, each, kim, present=True, quarters=8, how="staff", by=None)
        attendance.lock(tx, now, unit, "2026-11", None, MARKUP[2])
        for state in (None, now):
            sendings.add(tx, now, NewSending(unit, "broadcast", 1, None, state, text=MARKUP[3]), {})


@pytest.fixture
def visitor(lived_in: Rooms) -> Visitor:
    """A coordinator who has been everywhere once."""
    found = _visitor(lived_in, "samordnare")
    found.go_round()
    assert found.faults == []
    return found


def _visitor(rooms: Rooms, role: str) -> Visitor:
    """Somebody of a role, who knows of one of each thing."""
    town = rooms.town
    with town.store.read() as tx:
        who = town.phone().standing().participant_id
        known = {
            "person": f"P{who}",
            "participant": str(who),
            "meeting": str(appointments.list_of_person(tx, who)[0].id),
            "item": str(inbox.list_open(tx)[0].id),
            "member": str(rooms.member("Anna")),
            "reply": str(saved_replies.list_for(tx, None)[0].id),
            "enhet": "alvsbyn",
            "activity": str(activities.list_between(tx, None, town.now, town.now + timedelta(days=30))[0].id),
            "sending": str(sendings.list_latest(tx, None)[0].id),
            "month": "2026-11",
        }
        known["invitation"] = str(invitations.of_activity(tx, int(known["activity"]))[0].id)
    return Visitor(rooms, role, routes_of(rooms), known=known)


def test_what_comes_to_life_is_seen() -> None:
    for text in MARKUP[:4]:
        assert wrong_in(f"<p>{text}</p>") or wrong_in(f"<p title='{text}'>") or wrong_in(f'<p title="{text}">'), text
    assert wrong_in(f'<a href="{MARKUP[4]}">')
    assert wrong_in(f"<p>{1337 * 1337}")
    assert not wrong_in('<p title="&lt;x7q&gt;">&lt;script&gt;x7q()</p><a href="/personal/inkorg">Inkorg</a>')


LESSER = ("handlaggare", "lasare")
"""Roles with no page that a coordinator has not, who puts the same questions to the second database."""
TRIED = [
    (database, role)
    for database in ("sqlite", "postgres")
    for role in ("", *sorted(ROLES))
    if EVERYTHING or database == "sqlite" or role not in LESSER
]


def test_lesser_roles_have_no_page_of_their_own() -> None:
    assert all(ROLES[role] < ROLES["samordnare"] for role in LESSER)


@pytest.mark.slow
@pytest.mark.every_word
@pytest.mark.parametrize(("database_url", "role"), TRIED, indirect=["database_url"])
def test_every_field_takes_anything_and_shows_it_dead(lived_in: Rooms, asked: list[str], role: str) -> None:
    visitor = _visitor(lived_in, role)
    assert visitor.go_round() >= 2
    turn = count(sorted(["", *ROLES]).index(role) * 4 + 2 * (lived_in.town.store.lane.dialect == "sqlite"))
    for route in visitor.open_routes:
        _learn(visitor, route, asked)
        for value in _some(turn):
            for path in paths_with(route, value):
                visitor.send(route, visitor.base(route), path)
            visitor.send(route, {name: [value] for name in sorted(route.asked)})
            _one_at_a_time(visitor, route, value, next(turn))
        _wrongly_sent(visitor, route, next(turn))
    for route in visitor.routes:
        route.seen.clear()
    visitor.go_round(most=3)  # all that was kept is shown once more
    assert visitor.faults == []
    assert visitor.sent > 3 * len(visitor.open_routes)


def _learn(visitor: Visitor, route: Route, asked: list[str]) -> None:
    """Send it as it stands, then with nothing in it, and note what its handler asks for."""
    asked.clear()
    visitor.send(route, visitor.base(route))
    visitor.send(route, {})
    route.asked.update(asked, visitor.base(route))


def _some(turn: Iterator[int]) -> tuple[str, ...]:
    if EVERYTHING:
        return CORPUS
    return tuple(CORPUS[next(turn) * 11 % len(CORPUS)] for _ in range(EACH_TIME))


def _one_at_a_time(visitor: Visitor, route: Route, value: str, turn: int) -> None:
    """One field spoilt and the others as they should be: what is checked later is reached too."""
    names = sorted(route.asked - {"csrf"})
    if names:
        spoilt = names[turn % len(names)]
        ways: list[dict[str, list[str]]] = [{spoilt: [value]}, {spoilt: [value] * 3, f"{spoilt}[]": [value]}]
        for way in ways if EVERYTHING else ways[turn % 2 :][:1]:
            visitor.send(route, {**visitor.base(route), **way})


def _wrongly_sent(visitor: Visitor, route: Route, turn: int) -> None:
    """What no form of ours sends. The door reads every route's form, so each is tried with one kind, in turn."""
    where = visitor.address(route)
    if route.method == "GET":
        visitor.ask("GET", f"{where}?q=%ff%fe%00&q=%&enhet=%ff&&=&dag=%F0%9F", cookie="ingang=%ff; a")
        return
    for kind in KINDS if EVERYTHING else KINDS[turn % len(KINDS) :][:1]:
        visitor.ask("POST", where, '{"csrf": "@", "body": ["x7q"]}', kind)
    visitor.ask("POST", where, "csrf=@&" + "&".join(f"{name}=%ff%fe%00" for name in sorted(route.asked)))
    visitor.ask("POST", where, b"\xff\xfe\x00=&&;%%%=" + b"\x80" * 100)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_request_makes_a_page_fail(visitor: Visitor, data: st.DataObject) -> None:
    """As somebody would who has the table of routes, and neither plan nor mercy."""
    route = data.draw(st.sampled_from(visitor.routes), "route")
    values = st.one_of(st.sampled_from(CORPUS), st.text(st.characters(), max_size=40), st.integers().map(str))
    base = visitor.base(route)
    names = st.one_of(st.sampled_from([*base, "enhet", "q", "sida", "dag", "vidare"]), st.text(max_size=5))
    spoilt = data.draw(st.dictionaries(names, st.lists(values, max_size=3), max_size=5), "fields")
    left_out = data.draw(st.sets(st.sampled_from([*base, "csrf"])), "left out")
    fields = {name: told for name, told in {**base, **spoilt}.items() if name not in left_out}
    path = data.draw(
        st.one_of(st.none(), values.flatmap(lambda value: st.sampled_from([*paths_with(route, value), None])))
    )
    body = data.draw(st.one_of(st.none(), st.binary(max_size=60)), "body")
    if body is not None and route.method == "POST":
        visitor.ask("POST", path or visitor.address(route), body, data.draw(st.sampled_from(KINDS)))
    else:
        visitor.send(route, fields, path)
    faults, visitor.faults = visitor.faults, []
    assert faults == [], encoded([(name, str(told)) for name, told in fields.items()])[:500]
