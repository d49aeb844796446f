"""Every route, every role, every unit: what is not declared does not start, what is not theirs is not there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from staff.pages import site
from staff.pages.door import Declared, safe_path
from staff.pages.visit import read_number
from staff.roles import ROLES, Need
from storage import audit
from tests.staff.pages.conftest import HOST, Browser, Rooms, token_in
from tests.staff.pages.test_hostile import LESSER

A_PERSONS = ("person", "participant")  # names of path parts that are a person's id
UNKNOWN = "4611686018427387904"


def routes_of(rooms: Rooms) -> list[tuple[str, str, Declared]]:
    """Every address of the pages: method, path, what it needs."""
    found = []
    for route in site.walk(rooms.web):
        declared = site.declared_of(route)
        if isinstance(route, APIRoute) and declared is not None:
            found += [(method, route.path, declared) for method in sorted(route.methods or ())]
    assert len(found) > 20
    return found


def filled(path: str, value: str = UNKNOWN) -> str:
    """A path with every part of it filled in."""
    return re.sub(r"\{[^}]+\}", value, path)


def ask(browser: Browser, method: str, path: str, csrf: str) -> Any:
    if method == "GET":
        return browser.get(path, follow_redirects=False)
    return browser.post(path, data={"csrf": csrf}, follow_redirects=False)


def test_route_that_declares_nothing_keeps_the_program_from_starting() -> None:
    routes, web = APIRouter(), FastAPI()
    routes.get("/personal/baksida")(lambda: None)
    web.include_router(routes)
    with pytest.raises(site.Undeclared, match="/personal/baksida"):
        site.check_declared(web)


def test_stranger_is_asked_to_log_in_everywhere_but_at_the_log_in(rooms: Rooms) -> None:
    for method, path, declared in routes_of(rooms):
        answer = ask(rooms.stranger(), method, filled(path), "")
        if not declared.is_public():
            assert answer.status_code in (303, 401), (method, path, answer.status_code)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/personal/logga-in"), path


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("role", [*sorted(ROLES), "okänd"])
def test_role_without_the_need_finds_nothing_there(rooms: Rooms, role: str) -> None:
    browser = rooms.as_member(rooms.hire(role, "alvsbyn"))
    csrf = token_in(browser.see("/personal/konto")) if role in ROLES else ""
    for method, path, declared in routes_of(rooms):
        if declared.is_public() or declared.lets_in(role) or path.endswith("/handelser"):
            continue
        assert ask(browser, method, filled(path), csrf).status_code in ((404,) if role in ROLES else (403, 404)), path


@pytest.mark.parametrize("role", [
    pytest.param(role, marks=pytest.mark.few_on_postgres(only=())) if role in LESSER else role
    for role in sorted(ROLES)
])  # fmt: skip
def test_unknown_ids_are_not_there_for_anyone(rooms: Rooms, role: str) -> None:
    browser = rooms.as_member(rooms.hire(role, "alvsbyn"))
    csrf = token_in(browser.see("/personal/konto"))
    for method, path, declared in routes_of(rooms):
        if "{" not in path or declared.is_public() or "rest" in path or not declared.lets_in(role):
            continue
        for value in (UNKNOWN, "P" + UNKNOWN, "0", "-1", "9" * 30, "kim", "%00", "..%2f"):
            answer = ask(browser, method, filled(path, value), csrf)
            assert answer.status_code in (307, 404, 405, 422), (method, path, value, answer.status_code)


def test_forms_from_elsewhere_change_nothing(rooms: Rooms) -> None:
    browser = rooms.logged_in("Anna", "samordnare")
    csrf = token_in(browser.see("/personal/konto"))
    other = token_in(rooms.logged_in("Erik").see("/personal/konto"))
    assert csrf
    assert other
    assert csrf != other
    for method, path, _ in routes_of(rooms):
        if method == "GET":
            continue
        for data, headers in (
            ({}, {}),
            ({"csrf": "x"}, {}),
            ({"csrf": other}, {}),
            ({"csrf": csrf}, {"Sec-Fetch-Site": "cross-site"}),
            ({"csrf": csrf}, {"Sec-Fetch-Site": "same-site"}),
            ({"csrf": csrf}, {"Origin": "https://elak.example"}),
            ({"csrf": csrf}, {"Origin": "null"}),
        ):
            answer = browser.post(filled(path), data=data, headers=headers, follow_redirects=False)
            assert answer.status_code == 403, (path, data, headers, answer.status_code)


def test_every_answer_has_the_headers_that_keep_it_to_itself(rooms: Rooms) -> None:
    browser = rooms.logged_in("Anna", "samordnare")
    csrf = token_in(browser.see("/personal/konto"))
    for method, path, declared in routes_of(rooms):
        if path.endswith("/handelser"):
            continue
        headers = ask(browser, method, filled(path), csrf).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["strict-transport-security"].startswith("max-age="), path
        assert declared.needs


def test_what_was_refused_is_in_the_log(rooms: Rooms) -> None:
    rooms.logged_in("Anna").see("/personal/konton", 404)
    with rooms.town.store.read() as tx:
        last = audit.list_latest(tx, 1)[0]
    assert (last.action, last.object_ref, last.outcome) == ("page.missing", "/konton", "refused: role")


def test_menu_holds_what_the_role_may_open(rooms: Rooms) -> None:
    for role, needs in ROLES.items():
        browser = rooms.as_member(rooms.hire(role, "alvsbyn"))
        page = browser.see("/personal/konto")
        for room in site.ROOMS:
            if f'href="{room.path}"' in page:
                assert set(room.needs) & needs, (role, room)
                assert browser.get(room.path).status_code == 200, (role, room)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elak.example/personal/",
        "//elak.example/personal/",
        "/\\elak.example",
        "/personal/\\..",
        "javascript:alert(1)",
        "/demo",
        "/personal\n/x",
        "",
        "/personal/" + "x" * 2000,
    ],
)
def test_log_in_sends_nobody_elsewhere(elsewhere: str) -> None:
    assert safe_path(elsewhere) == "/personal/"


def test_log_in_goes_on_to_the_page_that_was_asked_for(rooms: Rooms) -> None:
    answer = rooms.stranger().get("/personal/konto?a=1", follow_redirects=False)
    assert answer.headers["location"] == "/personal/logga-in?vidare=%2Fpersonal%2Fkonto%3Fa%3D1"
    assert safe_path("/personal/konto?a=1") == "/personal/konto?a=1"


def test_too_much_at_once_is_refused_in_words(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    browser.see("/personal/konto")
    answer = browser.fill("/personal/konto/losenord", {"before": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "för mycket" in answer.text


def test_administrator_keeps_accounts_of_own_units_alone(rooms: Rooms) -> None:
    local = rooms.as_member(rooms.hire("administrator", "alvsbyn", name="Lena"))
    everywhere = rooms.as_member(rooms.hire("administrator", name="Mona"))
    anna, sara = rooms.member("Anna"), rooms.member("Sara")
    assert "Sara" not in local.see("/personal/konton")
    assert "Anna" in local.see("/personal/konton")
    local.see(f"/personal/konton/{sara}", 404)
    assert "Sara" in everywhere.see("/personal/konton")
    local.see(f"/personal/konton/{anna}")
    for deed in ("", "/bjud-in", "/avsluta"):
        fields = {"role": "administrator", "units": "alvsbyn", "email": "sara@kommunen.example"}
        assert local.fill(f"/personal/konton/{sara}{deed}", fields, on="/personal/konto").status_code == 404


def test_account_that_opens_another_unit_too_is_not_a_local_administrators(rooms: Rooms) -> None:
    both = rooms.hire("handlaggare", "alvsbyn", "pitea", name="Eva", email="eva@kommunen.example")
    nowhere = rooms.hire("dataskydd", name="Dag", email="dag@kommunen.example")
    local = rooms.as_member(rooms.hire("administrator", "alvsbyn", name="Lena"))
    assert "Eva" not in local.see("/personal/konton")
    fields = {"role": "samordnare", "units": "alvsbyn", "email": "eva@kommunen.example"}
    for account in (both, nowhere):
        local.see(f"/personal/konton/{account}", 404)
        for deed in ("", "/bjud-in", "/avsluta"):
            answer = local.fill(f"/personal/konton/{account}{deed}", fields, on="/personal/konto")
            assert answer.status_code == 404, deed


def test_account_is_added_changed_and_invited(rooms: Rooms) -> None:
    mona = rooms.as_member(rooms.hire("administrator", name="Mona"))
    wrong = mona.fill(
        "/personal/konton/ny", {"name": "Ulla", "role": "handlaggare", "email": "ulla"}, on="/personal/konton/ny"
    )
    assert wrong.status_code == 422
    assert 'value="Ulla"' in wrong.text
    assert "e-postadressen går inte" in wrong.text.lower()
    fields = {
        "name": "Ulla",
        "role": "handlaggare",
        "email": "ulla@kommunen.example",
        "units": "alvsbyn",
        "hours": "mån-fre 8.00-16.00",
    }
    done = mona.fill("/personal/konton/ny", fields)
    link = re.search(rf'value="{HOST}(/personal/valkommen/[^"]+)"', done.text)
    assert link, done.text
    assert "Välkommen, Ulla!" in rooms.stranger().see(link.group(1))
    path = f"/personal/konton/{rooms.member('Ulla')}"
    changed = mona.fill(
        path, {"role": "lasare", "email": "ulla@kommunen.example", "units": ["alvsbyn", "pitea"]}, on=path
    )
    assert "Kontot är ändrat" in changed.text
    assert "Läsare" in changed.text
    assert "Älvsbyn, Piteå" in changed.text
    nothing = mona.fill(path, {"role": "lasare", "email": "ulla@kommunen.example"}, on=path)
    assert nothing.status_code == 422


def test_nobody_raises_or_ends_themselves(rooms: Rooms) -> None:
    lena = rooms.hire("administrator", "alvsbyn", name="Lena", email="lena@kommunen.example")
    browser, path = rooms.as_member(lena), f"/personal/konton/{lena}"
    fields = {"role": "samordnare", "email": "lena@kommunen.example", "units": "alvsbyn"}
    assert browser.fill(path, fields, on=path).status_code == 422
    assert browser.fill(f"{path}/avsluta", on=path).status_code == 422
    assert "Mitt konto" in browser.see("/personal/konto")


def test_stream_ends_with_the_session(rooms: Rooms) -> None:
    assert rooms.stranger().get("/personal/handelser").status_code == 401
    assert Need.OWN in ROLES["lasare"]


def test_address_that_there_is_not_is_a_page_too(rooms: Rooms) -> None:
    for browser in (rooms.stranger(), rooms.logged_in()):
        for path in ("/personal/finns-inte", "/personal/konto/losenord", "/personal/inkorg/x/y/z"):
            assert "Sidan finns inte" in browser.see(path, 404)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("912632529658369736", 912632529658369736),
        ("1000000000000000001", 1000000000000000001),  # ids have 19 digits from the summer of 2027 on
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), 0),
        ("9" * 20, 0),
        ("-1", 0),
        ("1.5", 0),
        ("\u0663", 0),
        ("\u00b2", 0),
        ("", 0),
    ],
)
def test_numbers_of_the_years_to_come_are_read(text: str, number: int) -> None:
    assert read_number(text) == number
