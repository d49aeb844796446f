"""Inkorg through HTTP: what is shown, what is done, and what is told when it cannot be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from storage import contacts, inbox, participants, saved_replies, units
from tests.staff.pages.conftest import Browser, Rooms


def person(rooms: Rooms, name: str = "Kim", unit: str = "alvsbyn", address: str = "+46701740601") -> int:
    town = rooms.town
    with town.store.begin() as tx:
        unit_id = units.get_unit(tx, unit).id
        who = contacts.create(tx, town.now, "sim_sms", address, unit_id=unit_id).participant_id
        participants.set_profile(tx, who, name=name, birth_year=2003)
    return who


def item(rooms: Rooms, who: int | None, kind: str = "message", note: str | None = None) -> int:
    with rooms.town.store.begin() as tx:
        unit_id = participants.get(tx, who).unit_id if who else None
        return inbox.open_item(tx, rooms.town.now, kind, inbox.URGENCY[kind], unit_id, who, None, note)[0]


def deed(browser: Browser, which: int, path: str, **fields: object) -> tuple[int, str]:
    if "csrf" not in browser.page:
        browser.see("/personal/inkorg")
    answer = browser.fill(f"/personal/inkorg/{which}/{path}", dict(fields))
    return answer.status_code, answer.text


def test_the_inbox_shows_who_waits_and_counts_them(rooms: Rooms) -> None:
    kim = person(rooms)
    item(rooms, kim, "message", "när ses vi?")
    item(rooms, kim, "referral")
    item(rooms, person(rooms, "Alva", "pitea", "+46701740602"), note="hemligt")
    rooms.town.now += timedelta(hours=3)
    page = rooms.logged_in().see("/personal/inkorg")
    assert "<title>(1) Inkorg" in page
    assert "1 väntar, 2 kollegor i dag" in page
    assert "när ses vi?" in page
    assert "Anmälan" in page
    assert "Har väntat 3 tim" in page
    assert "Alva" not in page
    assert "hemligt" not in page
    assert len(page.encode()) < 100_000


def test_an_answer_goes_out_and_shows_how_far_it_came(rooms: Rooms) -> None:
    kim = person(rooms)
    which, anna = item(rooms, kim), rooms.logged_in()
    status, page = deed(anna, which, "svara", text="Hej Kim! Vi ses.", once="a")
    assert status == 200
    assert "Köad" in page
    assert "Inget väntar" in page
    again, _ = deed(anna, which, "svara", text="Hej Kim! Vi ses.", once="a")
    assert again == 200
    assert len(rooms.town.rows()) == 1, "a double click"
    rooms.town.send()
    sent = rooms.town.rows()[0].id
    assert "Lämnad till leverantören" in anna.see(f"/personal/inkorg/lista?skickat={sent}")
    assert "Ditt svar" not in rooms.logged_in("Sara").see(f"/personal/inkorg?skickat={sent}")


def test_who_of_us_wrote_stands_with_the_words(rooms: Rooms) -> None:
    kim = person(rooms)
    which, anna = item(rooms, kim), rooms.logged_in()
    deed(anna, which, "svara", text="Hej Kim! Vi ses.", once="a")
    rooms.town.send()
    rooms.town.now += timedelta(hours=1)
    page = rooms.logged_in("Erik").see(f"/personal/inkorg/{item(rooms, kim, note='ok')}")
    assert re.search(r'class="line line-staff"><p class="small muted">Anna ', page)
    assert re.search(r"<strong>Anna</strong>.*Hej Kim! Vi ses\.", anna.see(f"/personal/deltagare/{kim}"), re.DOTALL)


def test_a_long_answer_shows_its_cost_and_keeps_the_words(rooms: Rooms) -> None:
    which, anna = item(rooms, person(rooms)), rooms.logged_in()
    long = "Hej Kim! " * 40
    _, page = deed(anna, which, "svara", text=long, once="a")
    assert "Texten blir 3 sms" in page
    assert "Skicka ändå" in page
    assert long.strip() in page
    assert rooms.town.rows() == []
    sure = re.search(r'name="sure" value="([^"]+)"', page)
    assert sure
    status, page = deed(anna, which, "svara", text=long, once="a", sure=sure[1])
    assert (status, len(rooms.town.rows())) == (200, 1)


def test_who_is_second_is_told(rooms: Rooms) -> None:
    which = item(rooms, person(rooms))
    erik, anna = rooms.logged_in("Erik"), rooms.logged_in()
    anna.see("/personal/inkorg")
    deed(erik, which, "ta", once="e")
    rooms.town.now += timedelta(minutes=5)
    status, page = deed(anna, which, "ta", once="a")
    assert status == 409
    assert "Erik tog det 10.00." in page
    _, page = deed(anna, which, "svara", text="Hej!", once="b")
    assert "Erik tog det 10.00." in page
    assert "Skicka ändå" in page
    deed(erik, which, "svara", text="Hej från Erik", once="c")
    _, page = deed(anna, which, "svara", text="Hej!", once="b")
    assert "Erik svarade 10.05." in page
    assert "Hej!" in page
    assert len(rooms.town.rows()) == 1


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(("path", "fields", "told"), [
    ("svara", {"text": ""}, "Meddelandet är tomt"),
    ("lamna", {"colleague": "17"}, "Välj en kollega"),
    ("vila", {"nap": ""}, "Välj hur länge"),
    ("vila", {"when": "2026-13-45"}, "Skriv dag och klockslag"),
    ("vila", {"when": "2026-11-20T10:00"}, "Den tiden har redan varit"),
    ("stang", {"why": "skräp", "parts": "1"}, "Välj hur det blev"),
    ("stang", {"why": "done"}, "Välj vad som är klart"),
])  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(rooms: Rooms, path: str, fields: dict[str, str], told: str) -> None:
    which, anna = item(rooms, person(rooms), note="hej"), rooms.logged_in()
    status, page = deed(anna, which, path, **fields)
    assert status == 422
    assert told in page
    assert 'aria-invalid="true"' in page or 'aria-describedby="parts-error"' in page
    assert len(rooms.town.inbox()) == 1


def test_handing_over_resting_and_closing(rooms: Rooms) -> None:
    which, anna, erik = item(rooms, person(rooms)), rooms.logged_in(), rooms.logged_in("Erik")
    _, page = deed(anna, which, "lamna", colleague=str(rooms.member("Erik")), once="1")
    assert "Erik har ärendet nu." in page
    assert "Till dig från Anna" in erik.see("/personal/inkorg?visa=mina")
    _, page = deed(erik, which, "vila", nap="nasta_dag", once="2")
    assert "vilar till i morgon kl. 8" in page
    assert "Vilar (1)" in page
    assert "Kim" in erik.see("/personal/inkorg?visa=vilar")
    _, page = deed(erik, which, "vack", once="3")
    assert "Alla (1)" in page
    _, page = deed(erik, which, "stang", why="called", parts=str(which), once="4")
    assert "Inget väntar" in page
    assert "stängde det" in anna.see(f"/personal/inkorg/{which}")


def test_the_reporting_duty_stands_in_the_form(rooms: Rooms) -> None:
    kim = person(rooms)
    with rooms.town.store.begin() as tx:
        participants.set_profile(tx, kim, birth_year=2011)
    which, anna = item(rooms, kim, "distress"), rooms.logged_in()
    assert "väg in anmälningsplikten" in anna.see("/personal/inkorg")
    status, page = deed(anna, which, "stang", why="called", parts=str(which))
    assert status == 422
    assert "orosanmälan är gjord" in page
    assert 'name="report"' in page
    status, _ = deed(anna, which, "stang", why="called", parts=str(which), report="made")
    assert status == 200
    assert rooms.town.inbox() == []


def test_taking_it_stands_before_the_answer(rooms: Rooms) -> None:
    which, anna = item(rooms, person(rooms), note="hej"), rooms.logged_in()
    page = anna.see(f"/personal/inkorg/{which}")
    assert page.index(f"/personal/inkorg/{which}/ta") < page.index('id="svara"')
    deed(anna, which, "ta", once="1")
    assert "Släpp det" in anna.see(f"/personal/inkorg/{which}")


def test_another_unit_and_the_unknown_are_the_same_page(rooms: Rooms) -> None:
    which = item(rooms, person(rooms))
    sara, anna = rooms.logged_in("Sara"), rooms.logged_in()
    for browser, wrong in ((sara, which), (anna, 17), (anna, 9_000_000_000_000_000_000)):
        browser.see(f"/personal/inkorg/{wrong}", 404)
        for path in ("ta", "svara", "fyll", "lamna", "vila", "vack", "stang", "slapp"):
            assert deed(browser, wrong, path, text="Hej", why="done", parts=str(wrong), nap="en_timme")[0] == 404, path
    sara.see("/personal/inkorg?enhet=alvsbyn", 404)
    assert len(rooms.town.inbox()) == 1


def test_a_reader_sees_and_has_no_buttons(rooms: Rooms) -> None:
    which = item(rooms, person(rooms), note="hej")
    reader = rooms.logged_in(role="lasare")
    for path in ("/personal/inkorg", f"/personal/inkorg/{which}"):
        page = reader.see(path)
        assert "hej" in page
        assert "Skicka" not in page
        assert "/ta" not in page
        assert "/stang" not in page
    assert deed(reader, which, "ta")[0] == 404


def test_what_is_written_is_never_markup(rooms: Rooms) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}{förnamn}"
    which = item(rooms, person(rooms, evil), note=evil)
    anna = rooms.logged_in()
    for path in ("/personal/inkorg", "/personal/inkorg/lista", f"/personal/inkorg/{which}"):
        page = anna.see(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49{" not in page
    _, page = deed(anna, which, "stang", why=evil, parts=evil)
    assert "<script>alert" not in page
    with rooms.town.store.begin() as tx:
        saved_replies.save(tx, rooms.town.now, units.get_unit(tx, "alvsbyn").id, evil[:60], evil)
    assert "<img src=x" not in anna.see("/personal/inkorg/svar")


def test_a_saved_reply_is_put_into_the_answer(rooms: Rooms) -> None:
    which, anna = item(rooms, person(rooms, "Kim Andersson")), rooms.logged_in(role="samordnare")
    anna.see("/personal/inkorg/svar/nytt")
    bad = anna.fill("/personal/inkorg/svar/nytt", {"name": "Hej", "text": "Hej {namn}!"})
    assert bad.status_code == 422
    assert "Fältet {namn} finns inte" in bad.text
    assert "Hej {namn}!" in bad.text
    for _ in range(2):  # a double click
        anna.fill("/personal/inkorg/svar/nytt", {"name": "Hej", "text": "Hej {förnamn}! /{mitt namn}", "once": "x"})
    page = anna.see("/personal/inkorg/svar")
    assert page.count("Hej {förnamn}!") == 1
    with rooms.town.store.read() as tx:
        (reply,) = saved_replies.list_for(tx, None)
    _, page = deed(anna, which, "fyll", text="Tack.", reply=str(reply.id))
    assert "Tack.\nHej Kim! /Anna</textarea>" in page
    handler = rooms.logged_in("Erik")
    assert "Ändra" not in handler.see("/personal/inkorg/svar")
    handler.see("/personal/inkorg/svar/nytt", 404)
    anna.see(f"/personal/inkorg/svar/{reply.id}")
    assert "Inga svar" in anna.fill(f"/personal/inkorg/svar/{reply.id}/ta-bort").text
    anna.see(f"/personal/inkorg/svar/{reply.id}", 404)


def test_the_questions_asked_do_not_grow_with_the_inbox(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
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
    for number in range(25):
        item(rooms, person(rooms, address=f"+467017407{number:02}"), note="hej")
        if number in (4, 24):
            anna.see("/personal/inkorg")
            asked.clear()
            page = anna.see("/personal/inkorg")
            counts.append(len(asked))
    assert counts[0] == counts[1], counts
    assert len(page.encode()) < 100_000
