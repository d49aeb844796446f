"""News on the pages: what a script asks for by itself, and how a process that does no work hears of it."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request

from staff.pages import site
from staff.pages.door import Door
from storage import audit, inbox, pulse
from tests.staff.pages.conftest import Browser, Rooms
from tests.town import LOOP


def seen(page: str) -> str:
    found = re.search(r'data-seen="([^"]+)"', page)
    assert found, page
    return found.group(1)


def listed(browser: Browser, mark: str) -> tuple[int, str]:
    answer = browser.get("/personal/inkorg/lista", params={"sett": mark})
    return answer.status_code, answer.text


def reads(rooms: Rooms) -> int:
    with rooms.town.store.read() as tx:
        return sum(each.action == "inbox.list" for each in audit.list_latest(tx, 100))


def test_list_is_fetched_and_noted_only_when_it_differs(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    mark = seen(browser.see("/personal/inkorg"))
    assert [listed(browser, mark) for _ in range(3)] == [(204, "")] * 3
    assert reads(rooms) == 1
    kim = rooms.town.person("alvsbyn", name="Kim")
    item = rooms.town.item(kim, "message", "hej")
    status, page = listed(browser, mark)
    assert (status, "Kim" in page, reads(rooms)) == (200, True, 2)
    with rooms.town.store.begin() as tx:
        inbox.take(tx, item, rooms.member("Erik"), rooms.town.now)
    assert listed(browser, seen(page))[0] == 200


def test_page_that_asks_by_itself_keeps_no_session_awake(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    browser.see("/personal/inkorg")
    for _ in range(4):
        rooms.wait(minutes=8)
        browser.get("/personal/inkorg/lista")
    assert "Logga in" in browser.see("/personal/inkorg")


def test_line_waits_for_a_page_that_somebody_looks_at(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    kim = rooms.town.person("alvsbyn", name="Kim")
    item = rooms.town.item(kim, "message", "hej")
    browser.see("/personal/inkorg")
    done = browser.post(f"/personal/inkorg/{item}/ta", data={"csrf": _csrf(browser)}, follow_redirects=False)
    assert done.status_code == 303
    browser.get("/personal/inkorg/lista")
    assert "Logga ut" in browser.see("/personal/inkorg")


def _csrf(browser: Browser) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', browser.page)
    assert found
    return found.group(1)


def test_pulse_moves_with_what_people_and_staff_do(rooms: Rooms) -> None:
    town = rooms.town

    def felt() -> pulse.Pulse:
        with town.store.read() as tx:
            return pulse.take(tx)

    first = felt()
    assert felt() == first
    town.phone().writes("hej")
    written = felt()
    assert written != first
    kim = town.person("alvsbyn", name="Kim")
    item = town.item(kim, "message", "hej")
    opened = felt()
    assert opened != written
    with town.store.begin() as tx:
        inbox.take(tx, item, rooms.member("Anna"), town.now)
    assert felt() != opened


def test_stream_tells_of_what_another_process_did(rooms: Rooms) -> None:
    browser, program = rooms.logged_in(), rooms.program
    browser.see("/personal/inkorg")
    program.sends_here = False
    declared = next(site.declared_of(route) for route in site.walk(rooms.web) if route.path.endswith("/handelser"))
    assert declared
    opened = Door(program, APIRouter())
    visit = opened._visit(Request({"type": "http", "headers": []}), {})
    visit.token = str(next(iter(browser.cookies.jar)).value)
    stream = opened._events(visit, declared)

    async def told() -> str:
        return await anext(stream)

    assert ["changed" in LOOP.run(told()) for _ in range(3)] == [False] * 3
    rooms.town.phone().writes("hej")
    assert "changed" in LOOP.run(told())
    assert "changed" not in LOOP.run(told())
    rooms.wait(hours=11)
    assert "ended" in LOOP.run(told())
