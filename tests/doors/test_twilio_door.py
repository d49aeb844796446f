"""Twilio's doors: in comes what Twilio has signed for our account, once; of all else only a count is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from bot import conversation
from bot.actions import first_care
from bot.channels.base import Inbound, Status
from bot.channels.sms import TwilioSms
from bot.doors import twilio
from ingang.tally import Tally
from scheduler import receipts
from storage.db import Store
from storage.errors import StoreUnavailable
from storage.tables import contacts, inbound
from tests.servers.twilio_api import ACCOUNT, KIM, NUMBER, TOKEN, TwilioApi, Webhook, refused, signed
from tests.town import CHANNELS, LOOP, Town

PUBLIC = "https://ingang.alvsbyn.se"
PATH = "/webhooks/twilio/message"
SORRY = "jag vill inte leva längre"


@dataclass
class House:
    """A town with Twilio's doors, as the program gives them to the world."""

    town: Town
    api: TwilioApi
    sms: TwilioSms
    tally: Tally = field(default_factory=Tally)
    statuses: list[Status] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self.web = FastAPI()
        self.web.include_router(twilio.router(self, self.sms))

    async def receive(self, message: Inbound) -> object:
        if self.broken:
            raise StoreUnavailable("locked")
        return await asyncio.to_thread(conversation.take_turn, self.town.store, self.town.house, message, self.town.now)

    async def status(self, status: Status) -> object:
        if self.broken:
            raise StoreUnavailable("locked")
        self.statuses.append(status)
        return await asyncio.to_thread(receipts.take, self.town.store, self.town.house, status, self.town.now)

    # --- what the world does ---------------------------------------------------------------------------------------

    async def _post(self, calls: list[tuple[str, bytes, dict[str, str]]]) -> list[httpx.Response]:
        inside = httpx.ASGITransport(self.web)
        async with httpx.AsyncClient(transport=inside, base_url="http://127.0.0.1:8800") as client:
            posts = (client.post(path, content=body, headers=headers) for path, body, headers in calls)
            return await asyncio.gather(*posts)

    def post(self, call: Webhook, times: int = 1, headers: Mapping[str, str] | None = None) -> list[int]:
        """Post it so many times at once; give the answers' statuses."""
        answers = LOOP.run(self._post([(call.path, call.body, call.headers | dict(headers or {}))] * times))
        return [answer.status_code for answer in answers]

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """Post something of one's own."""
        return LOOP.run(self._post([(path, body, headers)]))[0]

    def writes(self, body: str, phone: str = KIM, **more: str) -> list[str]:
        """Somebody writes, Kim if nobody else; give the texts that come back."""
        before = len(self.api.taken)
        call = self.api.incoming(self.api.writes(body, phone), PUBLIC, **more)
        assert self.post(call) == [200]
        self.town.lease += timedelta(seconds=1)  # or the channel's rate would hold the next ones
        self.town.send()
        return [each.body for each in self.api.taken[before:] if each.to == phone]

    def stopped(self, phone: str = KIM) -> bool:
        """Whether we may write there no more."""
        return self.town.phone("sms", phone).standing().opted_out_at is not None

    def kept(self) -> tuple[int, int]:
        """How many contacts and incoming messages the store holds."""
        with self.town.store.read() as tx:
            people = tx.execute(select(func.count()).select_from(contacts).where(contacts.c.channel == "sms")).scalar()
            return people or 0, tx.execute(select(func.count()).select_from(inbound)).scalar() or 0

    def refused(self) -> dict[str, int]:
        """The counts that were kept."""
        return self.tally.take()


@pytest.fixture
def house(store: Store) -> Iterator[House]:
    with TwilioApi() as api:
        sms = TwilioSms(
            ACCOUNT, TOKEN, public_url=PUBLIC, from_number=NUMBER, api_base_url=api.url, per_second=1_000
        )  # fmt: skip
        town = Town(store, channels={**CHANNELS, "sms": sms})
        api.clock = lambda: town.now
        yield House(town, api, sms)
        LOOP.run(sms.close())


def _call(house: House, body: str = "hej", public_url: str = PUBLIC, **more: str) -> Webhook:
    return house.api.incoming(house.api.writes(body), public_url, **more)


# --- a message comes in ---------------------------------------------------------------------------------------------


def test_a_talk_goes_over_both_doors(house: House) -> None:
    welcome, question = house.writes("hej")
    assert "Ingång" in welcome
    assert house.post(house.api.status(house.api.taken[-1], "delivered")) == [204]
    assert "kalla dig" in house.writes("ja")[0] + question
    assert house.writes("kim") == ["Hej Kim. Vilket år är du född?"]
    assert house.kept() == (1, 3)
    assert set(house.api.times_taken().values()) == {1}
    assert house.refused() == {}


def test_the_answer_is_said_in_empty_twiml(house: House) -> None:
    call = _call(house)
    answer = house.answer(call.path, call.body, call.headers)
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@pytest.mark.parametrize("times", [2, 20])
def test_the_same_message_twice_counts_once(house: House, times: int) -> None:
    assert house.post(_call(house), times) == [200] * times
    house.town.send()
    assert house.kept() == (1, 1)
    assert len(house.api.texts()) == 2


def test_what_could_not_be_kept_is_not_acknowledged(house: House) -> None:
    house.broken = True
    message = house.api.writes("hej")
    message.callback = f"{PUBLIC}/webhooks/twilio/status/abc"
    assert house.post(house.api.incoming(message, PUBLIC)) == [503]
    assert house.post(house.api.status(message, "sent")) == [503]
    assert house.kept() == (0, 0)
    house.broken = False
    assert house.post(house.api.incoming(message, PUBLIC)) == [200]
    assert house.kept() == (1, 1)


# --- who is let in --------------------------------------------------------------------------------------------------


def test_nothing_is_kept_of_a_forged_one_but_a_count(house: House) -> None:
    call = _call(house)
    plain = dict(call.headers)
    unsigned = {name: value for name, value in plain.items() if name != "X-Twilio-Signature"}
    forged = signed(PUBLIC + PATH, call.pairs, token="another-token")
    other = signed(PUBLIC + PATH, [*call.pairs[:-3], ("AccountSid", "AC" + "0" * 32), *call.pairs[-2:]])
    assert house.answer(PATH, call.body, unsigned).status_code == 403
    assert house.answer(PATH, call.body, forged.headers).status_code == 403
    assert house.answer(PATH, call.body + b"&Extra=1", plain).status_code == 403
    assert house.answer(PATH, b"", plain).status_code == 403
    assert house.answer(PATH + "?a=1", call.body, plain).status_code == 403
    assert house.answer("/webhooks/twilio/status/abc", call.body, plain).status_code == 403
    assert house.answer(PATH, call.body.replace(b"hej", b"hej\xff"), plain).status_code == 403
    assert house.answer(PATH, other.body, other.headers).status_code == 403
    assert house.kept() == (0, 0)
    assert house.statuses == []
    assert house.refused() == {
        "refused.twilio.unsigned": 1, "refused.twilio.forged": 6, "refused.twilio.account": 1
    }  # fmt: skip


HEADERS = [
    {"Host": "ingang.alvsbyn.se"},
    {"Host": "127.0.0.1:8800"},
    {"Host": "elsewhere.example"},
    {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-For": "10.0.0.1"},
    {"Forwarded": "for=10.0.0.1;host=elsewhere.example;proto=http"},
    {"X-Original-URL": "/elsewhere", "X-Rewrite-URL": "/elsewhere"},
]


def test_no_header_changes_what_is_signed(house: House) -> None:
    for headers in HEADERS:
        assert house.post(_call(house), headers=headers) == [200], headers
        elsewhere = _call(house, public_url="http://elsewhere.example")
        assert house.post(elsewhere, headers=headers) == [403], headers
    assert house.kept() == (1, len(HEADERS))


@pytest.mark.parametrize("query", ["", "?b=2&a=1", "?a=%C3%A5+x"])
def test_it_holds_behind_any_proxy(house: House, query: str) -> None:
    """The proxy ends TLS, has a port and a path of its own, and hands on the rest of the path with the query."""
    for public_url in (
        "https://ingang.alvsbyn.se", "https://ingang.alvsbyn.se:8443", "http://ingang.alvsbyn.se",
        "https://alvsbyn.se/ingang", "https://alvsbyn.se/ingang/", "https://[2001:db8::7]", "https://[2001:db8::7]:8443",
    ):  # fmt: skip
        sms = TwilioSms(ACCOUNT, TOKEN, public_url=public_url, from_number=NUMBER)
        behind, address = House(house.town, house.api, sms), public_url.rstrip("/") + PATH
        call = signed(address + query, house.api.incoming(house.api.writes("hej"), PUBLIC).pairs)
        more = PATH + query + ("&" if query else "?") + "z=1"
        assert behind.answer(PATH + query, call.body, call.headers).status_code == 200, public_url
        assert behind.answer(more, call.body, call.headers).status_code == 403, public_url


def test_what_has_no_sender_is_refused_although_signed(house: House) -> None:
    call = signed(PUBLIC + PATH, [("AccountSid", ACCOUNT), ("Body", "hej")])
    assert house.post(call) == [400]
    assert house.refused() == {"refused.twilio.unreadable": 1}


def test_too_much_is_refused_before_it_is_read(house: House) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "x"}
    assert house.answer(PATH, b"Body=" + b"x" * 1_100_000, headers).status_code == 413
    assert house.answer(PATH, urlencode([("a", "b")] * 501).encode(), headers).status_code == 413
    assert house.answer(PATH, b"\xff\xfe%ZZ&=&&==", headers).status_code == 403
    assert house.kept() == (0, 0)


def test_a_flood_of_forged_ones_is_few_lines(house: House, caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []
    log = twilio.log
    try:
        twilio.log = type("Log", (), {"warning": lambda self, event, **keys: lines.append(f"{event} {keys}")})()
        call = _call(house)
        headers = call.headers | {"X-Twilio-Signature": "forged"}
        for _ in range(50):
            house.answer(PATH, call.body, headers)
    finally:
        twilio.log = log
    assert house.refused() == {"refused.twilio.forged": 50}
    assert 1 <= len(lines) <= 12
    assert KIM not in "".join(lines)


# --- statuses -------------------------------------------------------------------------------------------------------


def test_a_status_reaches_the_row_by_our_reference(house: House) -> None:
    house.writes("hej")
    message = house.api.taken[0]
    assert house.post(house.api.status(message, "undelivered", 30005)) == [204]
    (status,) = house.statuses
    assert (status.ref, status.state, status.provider_id) == (message.ref, "undelivered", message.sid)
    assert (status.code, status.mark) == ("30005", "blocked")
    (row,) = [row for row in house.town.rows() if row.ref == message.ref]
    assert (row.state, row.provider_id) == ("undelivered", message.sid)
    assert house.town.phone("sms", KIM).standing().blocked_at is not None
    assert "gick inte fram" in (house.town.inbox("undelivered")[0].note or "")


def test_a_stop_that_comes_with_a_status_counts(house: House) -> None:
    house.writes("hej")
    assert house.post(house.api.status(house.api.taken[0], "failed", 21610)) == [204]
    assert house.stopped()
    assert "START" in (house.town.inbox("undelivered")[0].note or "")


def test_statuses_end_the_same_in_every_order(house: House) -> None:
    words = ["queued", "sending", "sent", "delivered"]
    for number, order in enumerate(permutations(words)):
        phone = f"+467017406{number:02d}"
        house.writes("hej", phone)
        message = house.api.taken[-1]
        for word in (*order, order[0]):
            assert house.post(house.api.status(message, word)) == [204]
        (row,) = [row for row in house.town.rows() if row.ref == message.ref]
        assert row.state == "delivered", order


@pytest.mark.parametrize("ref", ["abc%2Fdef", "a" * 65, "%00", "å", "a.b", "a%3Fb"])
def test_an_odd_reference_is_no_address(house: House, ref: str) -> None:
    call = signed(f"{PUBLIC}/webhooks/twilio/status/{ref}", [("AccountSid", ACCOUNT), ("MessageStatus", "sent")])
    assert house.answer(call.path, call.body, call.headers).status_code == 404
    assert house.statuses == []


def test_a_status_for_another_message_is_forged(house: House) -> None:
    house.writes("hej")
    call = house.api.status(house.api.taken[0], "failed", 21610)
    other = house.api.taken[1].callback.removeprefix(PUBLIC)
    assert house.answer(other, call.body, call.headers).status_code == 403
    assert house.statuses == []


# --- Twilio's own words ---------------------------------------------------------------------------------------------


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("before", [[], ["hej"], ["hej", "ja"]], ids=["nothing asked", "a yes asked", "a name asked"])
def test_a_word_that_twilio_stops_for_is_a_stop(house: House, before: list[str]) -> None:
    """Twilio lets nothing through from then on: so no receipt is tried, and staff are told the way back."""
    words = ("STOP", "stopall", "Unsubscribe", "CANCEL", "end", "QUIT", "revoke", " OPTOUT ")
    for number, word in enumerate(words):
        phone = f"+4670174060{number}"
        for text in before:
            house.writes(text, phone)
        tried = len(house.api.sends)
        assert house.writes(word, phone) == [], word
        assert len(house.api.sends) == tried
        assert house.stopped(phone), word
    notes = [item.note or "" for item in house.town.inbox("other")]
    assert len(notes) == len(words)
    assert all("START" in note for note in notes)
    assert all(any(f"skrev {word.strip()}." in note for note in notes) for word in words)


def test_our_own_word_gets_our_own_receipt(house: House) -> None:
    house.writes("hej")
    (receipt,) = house.writes("STOPP")
    assert "BÖRJA" in receipt
    assert house.town.inbox("other") == []


def test_a_word_that_the_operator_gave_twilio_is_one(house: House) -> None:
    house.writes("hej")
    assert house.writes("AVANMÄL MIG NU", OptOutType="STOP") == []
    assert house.stopped()


def test_a_word_that_twilio_opens_for_is_the_way_back(house: House) -> None:
    house.writes("hej")
    for word in ("START", "unstop", "YES", "yes"):
        house.writes("STOP")
        assert house.stopped()
        assert "skriva till dig igen" in house.writes(word)[0], word
        assert not house.stopped()


@pytest.mark.parametrize("word", ["YES", "yes"])
def test_a_yes_is_an_answer_while_nobody_has_stopped(house: House, word: str) -> None:
    house.writes("hej")
    assert "kalla dig" in house.writes(word)[0]


def test_a_yes_in_a_distress_rest_opens_nothing(house: House) -> None:
    house.writes("hej")
    house.writes("STOPP")
    house.writes(SORRY)
    assert house.writes("YES") == []
    assert house.stopped()
    assert "skriva till dig igen" in house.writes("START")[0]


def test_our_way_back_does_not_open_twilios_stop(house: House) -> None:
    """BÖRJA counts with us, but Twilio refuses the answer (21610): then they are stopped again, and staff see it."""
    house.writes("hej")
    house.writes("STOP")
    house.api.does(*[refused(400, 21610)] * 5)
    tried = len(house.api.sends)
    assert house.writes("BÖRJA") == []
    assert len(house.api.sends) == tried + 1
    assert house.stopped()
    assert any("gick inte fram" in (item.note or "") for item in house.town.inbox("undelivered"))


def test_distress_after_twilios_stop_still_alarms(house: House) -> None:
    """The answer cannot leave, so a person of ours must know at once, and know that."""
    house.writes("hej")
    house.writes("STOP")
    house.api.does(*[refused(400, 21610)] * 5)
    assert house.writes(SORRY) == []
    assert len(house.town.inbox("distress")) == 1
    assert any("gick inte fram" in (item.note or "") for item in house.town.inbox("undelivered"))


def test_a_stop_does_not_wait_behind_a_failed_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.writes("hej")
    real = first_care.hand_to_a_human

    def raises(*_: Any, **__: Any) -> None:
        raise RuntimeError("seeded")

    monkeypatch.setattr(first_care, "hand_to_a_human", raises)
    house.writes("prata med någon")
    monkeypatch.setattr(first_care, "hand_to_a_human", real)
    house.writes("SLUT PÅ DET", OptOutType="STOP")
    assert house.stopped()


def test_each_reference_is_sent_once_in_a_whole_talk(house: House) -> None:
    for text in ("hej", "ja", "kim", "2003", "nej", "STOP", "START", "STOPP"):
        house.writes(text)
    assert set(house.api.times_taken().values()) == {1}
