"""Inviting by page: who gets what is seen first; out, back, a second pair of eyes, and how far it has come."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from storage import apart, audit, contacts, invitations, participants, sendings, units
from tests.meeting_town import MeetingTown
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.test_groups import HERE, hidden, planned, text_of

SENT = "/personal/utskick"


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


def people(town: MeetingTown, *names: str) -> list[int]:
    """People of Älvsbyn who can be invited."""
    found = []
    for number, name in enumerate(names):
        phone = town.signed_up(address=f"+467017406{number + 10}", name=name)
        found.append(phone.standing().participant_id)
    return found


def sends(browser: Browser, path: str, **fields: object) -> str:
    """Look, and press send; give the page that comes."""
    seen = browser.fill(path, {**fields, "steg": "visa"}, on=path)
    assert seen.status_code == 200, text_of(seen.text)
    return browser.fill(path, {**fields, "steg": "skicka", "sett": hidden(seen.text, "sett")}).text


def test_who_gets_it_and_who_not_is_seen_before_anything_is_sent(rooms: Rooms, town: MeetingTown) -> None:
    kim, alex, noor, _ = people(town, "Kim", "Alex", "Noor", "Ebba")
    cooking = planned(town, places=5)
    with town.store.begin() as tx:
        contacts.opt_out(tx, contacts.list_of(tx, alex)[0].contact_id, town.now)
        participants.set_protected(tx, noor)
        assert kim
    path = f"{HERE}/{cooking}/bjud-in"
    browser = rooms.logged_in()
    seen = browser.fill(path, {"steg": "visa"}, on=path).text
    words = text_of(seen)
    assert "2 personer får det nu" in words
    assert "Kim" in words
    assert "lagar vi mat" in words
    assert "1 = ja" in words or "1 ja" in words or "1. ja" in words
    assert "Har skrivit STOPP. (1: Alex )" in words
    assert "Noor" not in words
    assert "Bara namngivna läsare ser vilka. (1)" in words
    assert town.rows() == []
    with town.store.read() as tx:
        assert [line.action for line in audit.list_latest(tx, 1)] == ["sending.preview"]


def test_sent_undone_and_sent_again(rooms: Rooms, town: MeetingTown) -> None:
    people(town, "Kim", "Alex")
    path = f"{HERE}/{planned(town)}/bjud-in"
    browser = rooms.logged_in()
    page = sends(browser, path)
    assert "Går ut kl. 10.02.00" in text_of(page)
    assert "Ångra" in page
    assert len(town.rows("queued")) == 2
    undo = re.search(rf'action="({SENT}/\d+/angra)"', page)
    assert undo
    assert "Ångrat. Inget gick ut." in browser.fill(undo.group(1)).text
    assert town.rows("queued") == []
    sends(browser, path)
    town.later(minutes=3)
    with town.store.read() as tx:
        (one,) = [each for each in sendings.list_latest(tx, None) if each.state != "taken_back"]
    words = text_of(browser.see(f"{SENT}/{one.id}"))
    assert "Framme 2" in words or "Skickade 2" in words
    assert browser.fill(f"{SENT}/{one.id}/angra", on=f"{SENT}/{one.id}").status_code in (200, 409)
    part = browser.see(f"{SENT}/{one.id}/lista")
    assert 'id="lage"' in part
    assert "<html" not in part


def test_a_second_pair_of_eyes_above_the_units_number(rooms: Rooms, town: MeetingTown) -> None:
    people(town, "Kim", "Alex", "Ebba")
    with town.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "alvsbyn").id, many={"second_above": 2})
    path = f"{HERE}/{planned(town)}/bjud-in"
    anna, erik = rooms.logged_in(), rooms.logged_in("Erik")
    page = sends(anna, path)
    assert "Be en kollega" in page
    assert town.rows() == []
    found = re.search(rf'action="({SENT}/\d+)/angra"', page)
    assert found
    approve = found.group(1)
    assert anna.fill(f"{approve}/godkann", on=approve).status_code == 409
    assert "vill skicka till 3 personer" in text_of(erik.see(approve))
    assert "Godkänt" in erik.fill(f"{approve}/godkann").text
    assert len(town.rows("queued")) == 3
    sara = rooms.logged_in("Sara")
    sara.see(approve, 404)
    assert sara.fill(f"{approve}/stoppa", on=HERE).status_code == 404
    assert "Stoppat" in anna.fill(f"{approve}/stoppa", on=approve).text


def test_own_list_names_every_bad_line_and_keeps_the_good_ones(rooms: Rooms, town: MeetingTown) -> None:
    people(town, "Kim", "Alex")
    path = f"{HERE}/{planned(town)}/bjud-in"
    own = "namn;nummer\nKim;0701740610\nNågon;070-1\nZoë\n;08-123\n0701740611"
    browser = rooms.logged_in()
    words = text_of(browser.fill(path, {"own": own, "steg": "visa"}, on=path).text)
    assert "3 rader gick inte att läsa. 2 gick bra." in words
    assert "Rad 4, ”Zoë”: Ingen hos er heter så." in words
    assert "2 personer får det nu" in words
    assert "Skicka till de 2" in words
    assert town.rows() == []
    nobody = browser.fill(path, {"own": "x\ny", "steg": "visa"}, on=path)
    assert nobody.status_code == 422
    assert 'id="own-error"' in nobody.text


def test_somebody_taken_away_gets_nothing(rooms: Rooms, town: MeetingTown) -> None:
    kim, alex = people(town, "Kim", "Alex")
    cooking = planned(town)
    sends(rooms.logged_in(), f"{HERE}/{cooking}/bjud-in", without=[str(kim)])
    with town.store.read() as tx:
        assert [each.participant_id for each in invitations.of_activity(tx, cooking)] == [alex]


def test_two_kept_apart_are_told_of(rooms: Rooms, town: MeetingTown) -> None:
    kim, alex = people(town, "Kim", "Alex")
    with town.store.begin() as tx:
        apart.add(tx, town.now, kim, alex, None)
    path = f"{HERE}/{planned(town)}/bjud-in"
    words = text_of(rooms.logged_in().fill(path, {"steg": "visa"}, on=path).text)
    assert "1 person får det nu" in words
    assert "Ska inte vara i samma grupp" in words


def test_words_to_many(rooms: Rooms, town: MeetingTown) -> None:
    people(town, "Kim")
    path = f"{SENT}/nytt"
    browser = rooms.logged_in()
    assert browser.fill(path, {"enhet": "alvsbyn", "text": "", "steg": "visa"}, on=path).status_code == 422
    page = sends(browser, path, enhet="alvsbyn", text="Vi har stängt på fredag.")
    assert "Vi har stängt på fredag." in page
    town.later(minutes=3)
    assert town.phone(address="+46701740610").texts()[-1].endswith("Vi har stängt på fredag.")
    assert "Meddelande" in text_of(browser.see(SENT))


def test_the_past_and_the_called_off_are_not_invited_to(rooms: Rooms, town: MeetingTown) -> None:
    people(town, "Kim")
    cooking = planned(town, last_answer=town.now - timedelta(hours=1))
    path = f"{HERE}/{cooking}/bjud-in"
    answer = rooms.logged_in().fill(path, {"steg": "visa"}, on=path)
    assert answer.status_code == 422
    assert "Sista svarsdagen har passerat" in answer.text
