"""The demo: three phones, what staff see, a clock that moves, and nothing that a visitor sends makes it fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingang.demo import phones
from ingang.demo.suggestions import for_question
from ingang.demo.units import MOBILES
from storage import audit, contacts
from tests.site import Site, open_site

SIGN_UP = ("hej såg lappen på coop", "aa", "kim", "03", "1", "4 o 6", "promenad kanske", "1", "jobbigt m folk", "ja")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The demo, on a database of its own."""
    with open_site(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One demo for all tests of what is refused: nothing of theirs is kept."""
    with open_site(tmp_path_factory.mktemp("house") / "data") as opened:
        yield opened


def _texts(phone: dict[str, Any], who: str) -> list[str]:
    return [message["text"] for message in phone["messages"] if message["who"] == who]


def _sign_up(site: Site) -> str:
    for text in SIGN_UP:
        site.writes("sms", text)
    return str(site.state()["referrals"][0]["person"])


def test_front_page_leads_to_the_demo(site: Site) -> None:
    assert site.client.get("/").headers["location"] == "/demo"
    page = site.client.get("/demo")
    assert "påhittade" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_sign_up_lands_before_staff(site: Site) -> None:
    person = _sign_up(site)
    told = site.state(person=person)
    assert [(each["title"], each["name"]) for each in told["inbox"]] == [("Ny anmälan", "Kim")]
    assert told["referrals"][0]["place"] == "Älvsbyn"
    assert ["Vill ha hjälp med", "träffa folk, vet inte"] in told["person"]["facts"]
    assert ["Gör det lättare", "jobbigt m folk"] in told["person"]["facts"]
    assert "senast" in told["inbox"][0]["promise"]


def test_staffs_answer_reaches_the_phone(site: Site) -> None:
    person = _sign_up(site)
    for _ in range(3):
        answer = site.post("/demo/say", {"participant": person, "text": "Hej! /Anna", "id": "aaaaaaaa-1"})
        assert answer.status_code == 200
    phone = site.state()["phones"]["sms"]
    assert _texts(phone, "staff") == ["Hej! /Anna"]
    told = site.state(person=person)
    assert told["inbox"] == []
    assert told["referrals"][0]["answered"]
    assert told["person"]["lines"][-1]["state"] == "skickat"
    ids = [message["id"] for message in phone["messages"] if message["who"] != "me"]
    site.post("/demo/phones/sms/received", {"ids": ids})
    assert site.state(person=person)["person"]["lines"][-1]["state"] == "framme"


def test_reading_a_person_is_noted(site: Site) -> None:
    person = _sign_up(site)
    site.post(f"/demo/people/{person}/open")
    with site.app.store.read() as tx:
        (line,) = audit.list_latest(tx, object_ref=f"participant:{person}")
    assert (line.actor, line.action) == ("demo", "participant.show")


def test_clock_moves_forward_and_nudges_once(site: Site) -> None:
    site.writes("sms", "hej")
    site.writes("sms", "ja")
    before = site.state()
    assert any("en enda fråga" in each["what"] for each in before["coming"])
    for _ in range(4):
        assert site.post("/demo/clock", {"to": "tomorrow"}).status_code == 200
    after = site.state()
    assert after["clock"]["text"].startswith("fredag 27 november")
    said = _texts(after["phones"]["sms"], "bot")
    assert len(said) == len(_texts(before["phones"]["sms"], "bot")) + 1
    assert "Svara JA, INTE NU eller NEJ" in said[-1]


def test_alarm_shows_on_the_work_device(site: Site) -> None:
    site.post("/demo/phones/telegram/messages", {"begin": True})
    site.writes("telegram", "jag vill inte leva längre")
    told = site.state()
    assert {each["who"] for each in told["device"]} == {"Anna", "Erik"}
    assert all("leva" not in each["text"] for each in told["device"])
    (item,) = told["inbox"]
    assert (item["urgent"], item["promise"]) == (True, "läs nu")
    assert any("Sara" in each["what"] for each in told["coming"])
    site.post(f"/demo/items/{item['id']}/take")
    told = site.state(person=item["person"])
    assert not any("Sara" in each["what"] for each in told["coming"])
    assert told["person"]["resting"]
    site.post(f"/demo/items/{item['id']}/close")
    site.post(f"/demo/people/{item['person']}/release")
    told = site.state(person=item["person"])
    assert (told["inbox"], told["person"]["resting"]) == ([], False)


def test_what_happened_is_told_in_words(site: Site) -> None:
    site.writes("sms", "hej såg lappen på coop")
    site.writes("sms", "ja")
    newest, first = site.state()["happened"]
    assert (first["said"], newest["said"], newest["read"]) == ("hej såg lappen på coop", "ja", "ett ja")
    assert first["rules"] == ["Samtalet ”anmälan” började."]
    assert newest["answers"][0]["state"] == "skickat"
    assert len(bytes.fromhex(newest["sealed"])) == 14


def test_new_number_is_somebody_unknown(site: Site) -> None:
    _sign_up(site)
    number = site.state()["phones"]["sms"]["address"]
    site.post("/demo/phones/sms/renew")
    fresh = site.state()["phones"]["sms"]
    assert fresh["messages"] == []
    assert fresh["address"] != number
    assert site.state()["referrals"][0]["name"] == "Kim"


def test_made_up_numbers_never_run_out(site: Site) -> None:
    phone, now = phones.PHONES["sms"], site.app.clock.now()
    with site.app.store.begin() as tx:
        for number in MOBILES:
            contacts.create(tx, now, phone.channel, number)
        assert phones.fresh(tx, phone) == f"{MOBILES[0]}#2"
    assert phones.written(phone, f"{MOBILES[0]}#2") == "070-174 06 05"


def test_restart_shows_the_same_phones(tmp_path: Path) -> None:
    with open_site(tmp_path / "data") as first:
        first.writes("sms", "hej")
        before = first.state()["phones"]
        later = first.app.clock.now() + timedelta(seconds=5)
    with open_site(tmp_path / "data", later) as second:
        assert second.state()["phones"] == before


def test_voice_message_is_kept_for_staff(site: Site) -> None:
    site.post("/demo/phones/sms/messages", {"kind": "voice"})
    told = site.state()
    assert told["phones"]["sms"]["messages"][0]["note"] == "Röstmeddelande"
    assert told["inbox"][0]["note"] == "Röstmeddelande"


def test_suggestions_follow_the_open_question(site: Site) -> None:
    assert "03" in for_question("birth_year#2", began=True, stopped=False)
    assert site.state()["phones"]["sms"]["suggest"][0] == "hej såg lappen på coop"
    site.writes("sms", "hej")
    assert site.writes("sms", "ja")["suggest"][0] == "kim"
    assert site.writes("sms", "STOPP")["suggest"][0] == "BÖRJA"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/demo/phones/sms/messages", {}),
        ("/demo/phones/sms/messages", {"text": "  "}),
        ("/demo/phones/sms/messages", {"text": ["hej"]}),
        ("/demo/phones/sms/messages", {"kind": "text"}),
        ("/demo/phones/sms/messages", {"kind": 5, "text": "hej"}),
        ("/demo/phones/sms/messages", {"button": "x" * 500}),
        ("/demo/phones/sms/received", {"ids": "1"}),
        ("/demo/phones/sms/received", {"ids": ["9" * 19]}),
        ("/demo/phones/sms/received", {"ids": [1]}),
        ("/demo/clock", {}),
        ("/demo/clock", {"minutes": -60}),
        ("/demo/clock", {"minutes": 0}),
        ("/demo/clock", {"minutes": True}),
        ("/demo/clock", {"minutes": 1e9}),
        ("/demo/clock", {"minutes": 10**9}),
        ("/demo/say", {"participant": "abc", "text": "hej"}),
        ("/demo/say", {"participant": "1"}),
    ],
)
def test_wrong_asking_is_told_so(open_house: Site, path: str, data: dict[str, Any]) -> None:
    answer = open_house.post(path, data)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/demo/phones/fax/messages", 404),
        ("/demo/phones/fax/renew", 404),
        ("/demo/items/1/take", 200),
        ("/demo/items/x/take", 404),
        ("/demo/items/1/burn", 404),
        ("/demo/items/99999999999999999999/take", 404),
        ("/demo/people/1/burn", 404),
        ("/demo/people/²/open", 404),
    ],
)
def test_what_is_not_there_is_told_so(open_house: Site, path: str, status: int) -> None:
    assert open_house.post(path).status_code == status


def test_words_to_nobody_are_told_so(site: Site) -> None:
    assert site.post("/demo/say", {"participant": "1", "text": "hej"}).status_code == 409
    person = _sign_up(site)
    assert site.post("/demo/say", {"participant": person, "text": " "}).status_code == 409
    assert site.post("/demo/say", {"participant": person, "text": "a" * 5000}).status_code == 409


def test_other_sites_cannot_write_here(site: Site) -> None:
    answer = site.post("/demo/phones/sms/messages", {"text": "hej"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert site.state()["phones"]["sms"]["messages"] == []


def test_half_characters_do_not_break_the_page(site: Site) -> None:
    raw = json.dumps({"text": "hej \ud83d \x00 <b>"}).encode()
    assert site.client.post("/demo/phones/sms/messages", content=raw).status_code == 200
    person = site.state()
    site.post("/demo/phones/web/messages", {"begin": True})
    assert "<b>" in person["phones"]["sms"]["messages"][0]["text"]
    whom = _sign_up(site)
    staff = json.dumps({"participant": whom, "text": "hej \ud83d"}).encode()
    assert site.client.post("/demo/say", content=staff).status_code == 200
    assert site.state(person=whom)["person"]["lines"][-1]["text"].startswith("hej ")


@settings(max_examples=25, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["text", "button", "kind", "begin", "id", "ids", "minutes", "to", "participant"]), inner
), max_leaves=6))  # fmt: skip
def test_no_asking_makes_the_demo_fail(open_house: Site, data: Any) -> None:
    raw = json.dumps(data).encode()
    for path in ("phones/sms/messages", "phones/web/renew", "phones/sms/received", "say"):
        assert open_house.client.post(f"/demo/{path}", content=raw).status_code < 500
    assert open_house.client.get("/demo/state").status_code == 200


def test_too_long_asking_is_refused(site: Site) -> None:
    body = b'{"text": "' + b"a" * 2_000_000 + b'"}'
    assert site.client.post("/demo/phones/sms/messages", content=body).status_code == 413
    assert site.writes("sms", "b" * 1_000_000)["messages"][0]["text"].endswith(" [...]")


def test_events_come_at_once_and_on_change(site: Site) -> None:
    with site.client.stream("GET", "/demo/events") as answer:
        lines = answer.iter_lines()
        told = [next(line for line in lines if line.startswith("data:"))]
        asyncio.run_coroutine_threadsafe(_touched(site), site.loop).result()
        told.append(next(line for line in lines if line.startswith("data:")))
    assert told[0] != told[1]


async def _touched(site: Site) -> None:
    site.app.touch()
