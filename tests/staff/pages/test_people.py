"""Deltagare through HTTP: the search, a person's page, and what one does there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from staff.people_index import PeopleIndex
from storage import contacts, named_readers, participants, units
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.test_inbox import item, person

PERSON = "/personal/deltagare"


def deed(browser: Browser, who: int, path: str, **fields: object) -> tuple[int, str]:
    if "csrf" not in browser.page:
        browser.see(PERSON)
    answer = browser.fill(f"{PERSON}/{who}/{path}", dict(fields))
    return answer.status_code, answer.text


def test_people_are_found_by_name_and_number(rooms: Rooms) -> None:
    kim = person(rooms, "Kim Åkesson")
    person(rooms, "Alva", "pitea", "+46701740602")
    item(rooms, kim)
    anna = rooms.logged_in()
    for asked in ("", "?q=akes", "?q=kim+%C3%A5", "?q=0701740601", "?vantar=ja", "?enhet=alvsbyn"):
        page = anna.see(PERSON + asked)
        assert f'href="{PERSON}/{kim}"' in page, asked
        assert "Alva" not in page
    assert "0 personer" in anna.see(f"{PERSON}?q=alva")
    assert "Ingen passar" in anna.see(f"{PERSON}?mina=ja")
    assert anna.get(f"{PERSON}?q=P{kim}").url.path == f"{PERSON}/{kim}"
    anna.see(f"{PERSON}?enhet=pitea", 404)


@pytest.mark.parametrize("asked", [
    "?q=%00", "?q=" + "a" * 500, "?sida=-1", "?sida=99999999999999999999", "?tyst=x", "?q='%3B--", "?q=%25", "?enhet=",
    "?q=%F0%9F%98%80", "?sida=&tyst=7",
])  # fmt: skip
def test_odd_questions_are_answered(rooms: Rooms, asked: str) -> None:
    person(rooms)
    rooms.logged_in().see(PERSON + asked)


def test_an_index_that_is_being_built_says_so(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staff.people_index.PATIENCE", 0.0)
    monkeypatch.setattr(PeopleIndex, "build", lambda self, store: 0)
    assert "Sökningen förbereds" in rooms.logged_in().see(f"{PERSON}?q=kim")


def test_a_persons_page_tells_it_all(rooms: Rooms) -> None:
    town = rooms.town
    phone = town.phone("sim_sms", "+46701740601")
    for text in ("hej", "ja", "kim", "2003", "4 o 6", "1", "nej", "ja"):
        phone.writes(text)
    kim = phone.standing().participant_id
    with town.store.begin() as tx:
        participants.set_unit(tx, kim, units.get_unit(tx, "alvsbyn").id)
    page = rooms.logged_in().see(f"{PERSON}/{kim}")
    for told in (
        "Samtalet",
        "Varför gick det här till",
        "Vad kommer",
        "Vem och hur",
        "Fick veta och valde",
        "+46701740601",
    ):
        assert told in page, told
    assert page.count("<details open>") <= 5
    assert len(page.encode()) < 100_000
    reader = rooms.logged_in("Erik", role="lasare").see(f"{PERSON}/{kim}")
    assert "Samtalet" in reader
    for button in ("Skicka", "Boka", "Avsluta", "Låt boten vila", "Spara", "<textarea"):
        assert button not in reader, button


def test_writing_shows_how_far_it_came(rooms: Rooms) -> None:
    kim, anna = person(rooms), rooms.logged_in()
    status, page = deed(anna, kim, "skriv", text="Hej Kim!", once="a")
    assert status == 200
    assert "Köad" in page
    deed(anna, kim, "skriv", text="Hej Kim!", once="a")
    assert len(rooms.town.rows()) == 1
    _, page = deed(anna, kim, "skriv", text="Hur är det med din depression?", once="b")
    assert "Texten nämner en sjukdom" in page
    sure = re.search(r'name="sure" value="([^"]+)"', page)
    assert sure
    deed(anna, kim, "skriv", text="Hur är det med din depression?", once="b", sure=sure[1])
    assert len(rooms.town.rows()) == 2


def test_notes_calls_and_marks(rooms: Rooms) -> None:
    kim, anna, erik = person(rooms), rooms.logged_in(), rooms.logged_in("Erik")
    item(rooms, kim, "callback")
    for _ in range(2):
        _, page = deed(anna, kim, "anteckning", note="Vill ses ute.", once="n")
    assert page.count("Vill ses ute.") == 1
    note = re.search(r"/anteckning/(\d+)/stryk", page)
    assert note
    assert deed(erik, kim, f"anteckning/{note[1]}/stryk")[0] == 422
    assert "<del>Vill ses ute.</del>" in deed(anna, kim, f"anteckning/{note[1]}/stryk")[1]
    _, page = deed(anna, kim, "ringt", outcome="talked", call="Mår bra.", once="c")
    assert "Ringde. Vi pratade. Mår bra." in page
    assert rooms.town.inbox() == []
    assert "Boten vilar" in deed(anna, kim, "vila", once="v")[1]
    assert "Väck boten" not in deed(anna, kim, "vack", once="w")[1]
    assert "Annan kan läsa: skriv inget" in deed(anna, kim, "annan-laser", on="ja")[1]
    assert "Texterna blir som vanligt" in deed(anna, kim, "annan-laser", on="nej")[1]
    assert "Boten frågar vilken tid" in deed(anna, kim, "bjud-in", once="i")[1]


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(("path", "fields", "told"), [
    ("skriv", {"text": ""}, "Meddelandet är tomt"),
    ("anteckning", {"note": ""}, "Skriv en anteckning"),
    ("anteckning", {"note": "a" * 3_001}, "högst 3000 tecken"),
    ("ringt", {"outcome": ""}, "Välj om ni pratade"),
    ("flytta", {"to": ""}, "Välj en annan enhet"),
    ("flytta", {"to": "lulea"}, "Välj en annan enhet"),
    ("avsluta", {"reason": ""}, "Välj varför"),
    ("avsluta", {"reason": "work", "words": "a" * 1_601}, "1601 tecken"),
    ("oppna", {}, "Personen är inte avslutad"),
])  # fmt: skip
def test_what_is_wrong_is_told_and_kept(rooms: Rooms, path: str, fields: dict[str, str], told: str) -> None:
    kim, anna = person(rooms), rooms.logged_in()
    status, page = deed(anna, kim, path, **fields)
    assert status == 422
    assert told in page
    for name, typed in fields.items():
        assert typed in page or name == "to"


def test_moving_and_leaving(rooms: Rooms) -> None:
    kim, kaj, anna = person(rooms), person(rooms, "Kaj", address="+46701740602"), rooms.logged_in()
    status, page = deed(anna, kim, "flytta", to="pitea", handover="Hej", once="m")
    assert status == 200
    assert "Personen hör till den andra enheten nu." in page
    anna.see(f"{PERSON}/{kim}", 404)
    rooms.logged_in("Sara").see(f"{PERSON}/{kim}")
    assert "Inga tider är bokade" in anna.see(f"{PERSON}/{kaj}/avsluta")
    _, page = deed(anna, kaj, "avsluta", reason="studies", words="", once="l")
    assert "Avslutad i dag" in page
    assert "Studier" in page
    assert "Öppna igen" not in deed(anna, kaj, "oppna", once="o")[1]


def test_another_units_person_and_the_unknown_are_the_same_page(rooms: Rooms) -> None:
    kim, sara, anna = person(rooms), rooms.logged_in("Sara"), rooms.logged_in()
    paths = "skriv anteckning anteckning/17/stryk ringt vila vack annan-laser bjud-in flytta avsluta oppna".split()
    fields: dict[str, Any] = {"text": "Hej", "note": "x", "outcome": "talked", "to": "pitea", "reason": "work"}
    for browser, wrong in ((sara, kim), (anna, 17), (anna, 9_000_000_000_000_000_000)):
        for page in ("", "/avsluta"):
            browser.see(f"{PERSON}/{wrong}{page}", 404)
        for path in paths:
            assert deed(browser, wrong, path, **fields)[0] == 404, path
    anna.see(f"{PERSON}/abc", 404)
    assert rooms.town.rows() == []


def test_the_protected_are_for_named_readers(rooms: Rooms) -> None:
    hidden = person(rooms, "Kaj Hemlig")
    which = item(rooms, hidden, "protected", "Kaj skrev")
    with rooms.town.store.begin() as tx:
        participants.set_protected(tx, hidden)
    anna, erik = rooms.logged_in(role="samordnare"), rooms.logged_in("Erik")
    for browser in (anna, erik):
        assert "Kaj" not in browser.see("/personal/inkorg")
        assert "Hemlig" not in browser.see(f"{PERSON}?q=kaj")
        browser.see(f"{PERSON}/{hidden}", 404)
        browser.see(f"/personal/inkorg/{which}", 404)
    erik.see(f"{PERSON}/{hidden}/lasare", 404)
    page = anna.see(f"{PERSON}/{hidden}/lasare")
    assert "Kaj" not in page
    assert f"P{hidden}" in page
    assert deed(anna, hidden, "lasare", reader="17")[0] == 422
    assert "Läsaren är tillagd" in deed(anna, hidden, "lasare", reader=str(rooms.member("Erik")))[1]
    assert "Kaj Hemlig" in erik.see(f"{PERSON}/{hidden}")
    assert "Kaj skrev" in erik.see("/personal/inkorg")
    assert "Hemlig" in erik.see(f"{PERSON}?q=kaj")
    anna.see(f"{PERSON}/{hidden}", 404)
    deed(anna, hidden, f"lasare/{rooms.member('Erik')}/ta-bort")
    erik.see(f"{PERSON}/{hidden}", 404)
    rooms.logged_in("Sara", role="samordnare").see(f"{PERSON}/{hidden}/lasare", 404)


def test_what_is_written_is_never_markup(rooms: Rooms) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"
    kim, anna = person(rooms, evil), rooms.logged_in()
    deed(anna, kim, "anteckning", note=evil)
    deed(anna, kim, "skriv", text=evil)
    deed(anna, kim, "ringt", outcome="talked", call=evil)
    pages = [anna.see(PERSON + path) for path in ("", "?q=script", f"/{kim}", f"/{kim}/avsluta")]
    for page in (*pages, deed(anna, kim, "flytta", to=evil, handover=evil)[1]):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in page.split("alert(1)")[-1][:80]


def test_the_questions_asked_do_not_grow(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.db import Tx
    from storage.hot import Hot

    asked: list[str] = []

    def counting(was: Any) -> Any:
        def ask(*args: Any, **more: Any) -> Any:
            asked.append("?")
            return was(*args, **more)

        return ask

    for kind, name in ((Tx, "execute"), (Hot, "_execute")):
        monkeypatch.setattr(kind, name, counting(getattr(kind, name)))
    anna, counts = rooms.logged_in(), []
    phone = rooms.town.phone("sim_sms", "+46701740601")
    for number in range(40):
        person(rooms, f"Kim {number}", address=f"+467017408{number:02}")
        phone.writes("hej" if number == 0 else f"rad {number}")
        if number in (7, 39):
            kim = phone.standing().participant_id
            for path in (PERSON, f"{PERSON}?q=kim", f"{PERSON}/{kim}"):
                anna.see(path)
                asked.clear()
                anna.see(path)
                counts.append((path, len(asked)))
    assert counts[:3] == counts[3:]


def test_a_contact_without_a_reader_is_nobodys_secret(rooms: Rooms) -> None:
    """Somebody whose unit is not known yet is everybody's to see."""
    with rooms.town.store.begin() as tx:
        nobody = contacts.create(tx, rooms.town.now, "sim_sms", "+46701740677").participant_id
        named_readers.add(tx, rooms.town.now, nobody, rooms.member("Anna"))
    for name in ("Anna", "Sara"):
        assert "(inget namn)" in rooms.logged_in(name).see(f"{PERSON}/{nobody}")


def test_who_left_the_sign_up_half_way_is_met_by_name(rooms: Rooms) -> None:
    """An acute alarm after the third answer stood as "(inget namn)", and "kan vara under 18" of one born 2003."""
    phone = rooms.town.phone("sim_sms", "+46701740688")
    for text in ("hej", "ja", "Kim", "2003", "jag vill inte leva längre"):
        phone.writes(text)
    kim = phone.standing().participant_id
    anna = rooms.logged_in()
    board = anna.see("/personal/inkorg")
    for page in (board, anna.see(f"{PERSON}/{kim}"), anna.see(f"{PERSON}?q=kim")):
        assert "Kim" in page
        assert "(inget namn)" not in page
    assert "under 18" not in board
    page = anna.see(f"{PERSON}/{kim}")
    assert "Svar lovat" not in page  # an alarm's clock calls the next device, and is nobody's promise
    assert "frågar en gång" not in page  # the bot rests


@pytest.mark.parametrize("said", [("hej", "ja", "Kim", "1971"), ("hej", "ja", "Kim", "2003", "nån annanstans")])
def test_no_name_is_kept_of_who_is_turned_away(rooms: Rooms, said: tuple[str, ...]) -> None:
    phone = rooms.town.phone("sim_sms", "+46701740689")

    def known() -> dict[str, Any]:
        with rooms.town.store.begin() as tx:
            return participants.profile(tx, phone.standing().participant_id)

    for text in said[:-1]:
        phone.writes(text)
    assert known()["name"] == "Kim"
    phone.writes(said[-1])
    assert known() == {}


def test_a_persons_page_names_texts_and_links_in_words(rooms: Rooms) -> None:
    """The page said "self_referral/welcome (fd64d2f7)", and "/start alvsbyn_webb" for what nobody typed."""
    phone = rooms.town.phone("sim_telegram")
    for text in ("/start alvsbyn_webb", "ja"):
        phone.writes(text)
    page = rooms.logged_in().see(f"{PERSON}/{phone.standing().participant_id}")
    assert "(kom genom länken alvsbyn_webb)" in page
    assert "/start" not in page
    assert "Välkommen</span>" in page
    assert "self_referral/" not in page
