"""Logging in with a municipal account, against a municipality on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwk

from staff import accounts
from staff.outside import Outside
from staff.people import Actor
from storage import staff
from storage.db import Store
from tests.meeting_town import MeetingTown
from tests.servers.oidc import Municipality, municipality
from tests.staff.pages.conftest import HOST, Browser, Rooms, open_rooms

BACK = f"{HOST}/personal/logga-in/kommun/svar"


@pytest.fixture
def theirs() -> Iterator[Municipality]:
    with municipality() as served:
        yield served


@pytest.fixture
def rooms(store: Store, theirs: Municipality) -> Iterator[Rooms]:
    outside = Outside(theirs.issuer, "ingang", "a-secret-of-ours", "Logga in med kommunens konto", BACK)
    with open_rooms(MeetingTown(store), outside=outside) as opened:
        theirs.at = opened.program.at
        yield opened


def leaves(browser: Browser, query: str = "") -> str:
    """Press the button: where the browser is sent."""
    answer = browser.get(f"/personal/logga-in/kommun{query}", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def comes_back(browser: Browser, query: str) -> Any:
    answer = browser.get(f"/personal/logga-in/kommun/svar{query}")
    browser.page = answer.text
    return answer


def bound(rooms: Rooms, theirs: Municipality, subject: str = "person-1") -> int:
    """Somebody whose municipal account is coupled by an invitation."""
    staff_id = rooms.hire("handlaggare", "alvsbyn", email=f"{subject}@kommunen.example")
    invitation = accounts.invite(rooms.town.store, rooms.program.at, rooms.town.now, Actor("os:drift"), staff_id)
    browser = rooms.stranger()
    assert "Logga in med kommunens konto" in browser.see(f"/personal/valkommen/{invitation}")
    address = leaves(browser, f"?invitation={invitation}")
    assert comes_back(browser, theirs.agree(address, subject)).status_code == 200
    assert "Mitt konto" in browser.see("/personal/konto")
    return staff_id


def test_invited_couples_the_account_and_logs_in_with_it_from_then_on(rooms: Rooms, theirs: Municipality) -> None:
    bound(rooms, theirs)
    browser = rooms.stranger()
    address = leaves(browser, "?vidare=%2Fpersonal%2Fkonto")
    assert address.startswith(f"{theirs.issuer}/authorize?")
    answer = comes_back(browser, theirs.agree(address))
    assert "Mitt konto" in answer.text
    assert "ingang.example" in str(answer.url)


def test_account_that_nobody_invited_is_not_let_in(rooms: Rooms, theirs: Municipality) -> None:
    browser = rooms.stranger()
    answer = comes_back(browser, theirs.agree(leaves(browser), "somebody-else"))
    assert answer.status_code == 403
    assert "inte kopplat" in answer.text
    assert "Logga in" in browser.see("/personal/konto")


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://elak.example"},
        {"exp": 1},
        {"amr": ["pwd"]},
        {"amr": "mfa"},
        {"sub": None},
    ],
)
def test_token_that_does_not_hold_lets_nobody_in(rooms: Rooms, theirs: Municipality, claims: dict[str, Any]) -> None:
    bound(rooms, theirs)
    theirs.claims = claims
    browser = rooms.stranger()
    assert comes_back(browser, theirs.agree(leaves(browser))).status_code == 403
    assert "Logga in" in browser.see("/personal/konto")


def test_token_signed_by_another_lets_nobody_in(rooms: Rooms, theirs: Municipality) -> None:
    bound(rooms, theirs)
    theirs.shown, theirs.key = theirs.key, jwk.RSAKey.generate_key(2048, {"kid": "1"})
    browser = rooms.stranger()
    assert comes_back(browser, theirs.agree(leaves(browser))).status_code == 403


def test_answer_is_for_the_browser_that_asked_and_counts_once(rooms: Rooms, theirs: Municipality) -> None:
    bound(rooms, theirs)
    asker, other = rooms.stranger(), rooms.stranger()
    query = theirs.agree(leaves(asker))
    leaves(other)
    assert comes_back(other, query).status_code == 403  # a log-in forced on somebody else's browser
    assert comes_back(rooms.stranger(), query).status_code == 403
    assert comes_back(asker, query.replace("state=", "state=x")).status_code == 403
    assert comes_back(asker, query).status_code == 403  # its session was used up by the try before


def test_municipality_that_does_not_answer_is_said_so(rooms: Rooms, theirs: Municipality) -> None:
    theirs.down = True
    answer = rooms.stranger().get("/personal/logga-in/kommun")
    assert answer.status_code == 403
    assert "svarar inte just nu" in answer.text


def test_whoever_left_is_not_let_in_by_the_municipality(rooms: Rooms, theirs: Municipality) -> None:
    staff_id = bound(rooms, theirs)
    mona = rooms.as_member(rooms.hire("administrator", name="Mona"))
    mona.fill(f"/personal/konton/{staff_id}/avsluta", on=f"/personal/konton/{staff_id}")
    browser = rooms.stranger()
    assert comes_back(browser, theirs.agree(leaves(browser))).status_code == 403


def test_one_account_is_one_staff_member(rooms: Rooms, theirs: Municipality) -> None:
    bound(rooms, theirs)
    other = rooms.hire("handlaggare", "pitea", name="Eva", email="eva@kommunen.example")
    invitation = accounts.invite(rooms.town.store, rooms.program.at, rooms.town.now, Actor("os:drift"), other)
    browser = rooms.stranger()
    answer = comes_back(browser, theirs.agree(leaves(browser, f"?invitation={invitation}")))
    assert answer.status_code == 403
    assert "redan kopplat" in answer.text


def test_without_the_setting_there_is_no_such_log_in(store: Store) -> None:
    with open_rooms(MeetingTown(store)) as plain:
        assert plain.stranger().get("/personal/logga-in/kommun").status_code == 404
        assert "kommunens konto" not in plain.stranger().see("/personal/logga-in")


def test_who_has_no_password_here_proves_it_there(rooms: Rooms, theirs: Municipality) -> None:
    staff_id = bound(rooms, theirs)
    with rooms.town.store.begin() as tx:
        staff.set_role(tx, staff_id, "samordnare")
    browser = rooms.stranger()
    comes_back(browser, theirs.agree(leaves(browser)))
    rooms.wait(minutes=6)
    theirs.at = rooms.program.at
    page = browser.see("/personal/uttag")
    assert "Logga in med kommunens konto" in page
    assert 'type="password"' not in page
    answer = comes_back(browser, theirs.agree(leaves(browser, "?vidare=%2Fpersonal%2Futtag")))
    assert "Ta ut" in answer.text
