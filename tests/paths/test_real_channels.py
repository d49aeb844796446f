"""A whole sign-up over both real client libraries, against servers of our own, in processes as they are in the world.

    run     `ingang run`; Telegram is polled
    split   `ingang web` and `ingang worker`; Telegram comes by its webhook

One process on SQLite and two on PostgreSQL, and under `make faults` each on both, with the talks of the golden
transcripts, word for word. Half-way the process that sends is killed with -9 and people write before it is back: to
nobody at all, or to doors that are open still.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions import staff_words
from bot.channels.pickup import SIMULATED_SMS
from ingang.settings import Settings
from ingang.wiring import build_house
from storage import contacts, referrals
from storage.crypto import KeyRing
from storage.tables import inbound, outbox
from tests.paths.installation import ASKING, Installation, Running, until
from tests.servers import telegram_api, twilio_api
from tests.servers.telegram_api import TelegramApi
from tests.servers.twilio_api import TwilioApi

pytestmark = pytest.mark.slow

PUBLIC = "https://ingang.example"
"""What the providers know us as. Nobody listens there: requests come by another way, as behind a proxy."""
SECRET = "Zx9-hemligt_i_testet-0123456789"
TALKS = Path(__file__).resolve().parents[1] / "flows" / "transcripts"
KILLED_AT = 5  # lines into the talk
ROBIN = "+46701740699"
STAFF_WORDS = "Hej Robin! Hur har du det?"
CANARIES = ("Kim", "kim", "701740605", "jobbigt", "coop", telegram_api.TOKEN, twilio_api.TOKEN, SECRET, "6100200300")
"""Looked for as whole words: the head of the audit chain is letters from a to p, where kim and coop come by chance."""

Talk = list[tuple[str, list[str]]]


def talk(name: str) -> Talk:
    """What the person does and what comes back, out of a golden transcript."""
    text = (TALKS / f"{name}.txt").read_text(encoding="utf-8").replace("http://127.0.0.1:8800", PUBLIC)
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("> ")]
    return [(first[2:], rest) for first, *rest in blocks]


def flat(texts: list[str]) -> list[str]:
    """As a transcript writes it."""
    return [re.sub(r"\n+", " / ", text) for text in texts]


@dataclass
class Place:
    """An installation with both providers, and the processes that make it up."""

    installation: Installation
    telegram: TelegramApi
    twilio: TwilioApi
    shape: str
    door: Running = field(init=False)
    sender: Running = field(init=False)

    @property
    def polls(self) -> bool:
        """Whether Telegram is asked, and does not come."""
        return self.shape == "run"

    def start(self) -> None:
        """Start what there is."""
        self.start_sender()
        if not self.polls:
            self.door = self.installation.start("web")
            until(lambda: self.telegram.webhook is not None, "the webhook is set")

    def start_sender(self) -> None:
        """Start what was killed."""
        self.sender = self.installation.start("run" if self.polls else "worker")
        if self.polls:
            self.door = self.sender

    @property
    def is_down(self) -> bool:
        """Whether nobody listens."""
        return self.door.process.poll() is not None

    def comes_by_sms(self, text: str, sender: str = twilio_api.KIM) -> None:
        """Somebody writes, and Twilio tells us. Where nobody listens it does not come again."""
        message = self.twilio.writes(text, sender)
        if not self.is_down:
            assert self.posts(self.twilio.incoming(message, PUBLIC)).status_code == 200

    def comes_by_telegram(self, what: str) -> None:
        """Somebody writes or presses, and Telegram waits for us or comes."""
        self.telegram.date = int(self.installation.now().timestamp())
        pressed = re.fullmatch(r"\[(.+)\]", what)
        update = self.telegram.presses(pressed[1]) if pressed else self.telegram.writes(what)
        if not self.polls:
            assert self.telegram.webhook is not None
            headers = {"X-Telegram-Bot-Api-Secret-Token": self.telegram.webhook["secret_token"]}
            assert self.post("/webhooks/telegram", json=update, headers=headers).status_code == 200

    def posts(self, hook: twilio_api.Webhook) -> httpx.Response:
        """Twilio makes a request of us."""
        return self.post(hook.path, content=hook.body, headers=hook.headers)

    def post(self, path: str, **how: Any) -> httpx.Response:
        """A request by way of the proxy, which knows us by our address on this machine."""
        return ASKING.post(self.door.address + path, **how)

    def rows(self) -> list[Any]:
        """The outbox."""
        with self.installation.store.read() as tx:
            return list(tx.execute(outbox.select().order_by(outbox.c.id)))

    def settled(self) -> bool:
        """Whether nothing is on its way out."""
        return not {row.state for row in self.rows()} & {"queued", "sending", "uncertain"}


EVERYTHING = os.environ.get("INGANG_FAULTS") == "full"
TRIED = [("sqlite", "run"), ("postgres", "split")]
THE_REST = [("sqlite", "split"), ("postgres", "run")]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, database_url: str, key_ring: KeyRing) -> Iterator[Place]:
    with TelegramApi() as telegram, TwilioApi() as twilio:
        polls = request.param == "run"
        installation = Installation(
            tmp_path, database_url, key_ring,
            {
                "web": {"public_url": PUBLIC},
                "telegram": {
                    "token": telegram_api.TOKEN, "base_url": telegram.url, "mode": "polling" if polls else "webhook",
                    "webhook_secret": SECRET,
                },
                "sms": {
                    "account_sid": twilio_api.ACCOUNT, "auth_token": twilio_api.TOKEN,
                    "from_number": twilio_api.NUMBER, "api_base_url": twilio.url, "per_second": 50,
                },
            },
        )  # fmt: skip
        twilio.clock = installation.now
        made = Place(installation, telegram, twilio, request.param)
        try:
            made.start()
            yield made
        finally:
            installation.end()


@pytest.mark.every_word
@pytest.mark.parametrize(("database_url", "place"), [*TRIED, *(THE_REST if EVERYTHING else [])], indirect=True)
def test_a_whole_sign_up_on_each_channel(place: Place) -> None:
    by_sms, by_telegram = talk("self_referral.sms"), talk("self_referral.poster_and_buttons")
    heard: dict[str, list[str]] = {"sms": [], "telegram": []}
    place.comes_by_sms("hej", ROBIN)
    for number in range(max(len(by_sms), len(by_telegram))):
        if number == KILLED_AT:
            place.sender.kill()
            staff_write_and_robin_stops(place)
        if number < len(by_sms):
            place.comes_by_sms(by_sms[number][0])
            heard["sms"] += by_sms[number][1]
        if number < len(by_telegram):
            place.comes_by_telegram(by_telegram[number][0])
            heard["telegram"] += by_telegram[number][1]
        if number == KILLED_AT:
            place.start_sender()
        until(lambda: len(place.twilio.texts()) >= len(heard["sms"]), f"SMS, line {number}", 60)
        until(lambda: len(place.telegram.texts()) >= len(heard["telegram"]), f"Telegram, line {number}", 60)
        until(place.settled, "what a person can have read is settled")
    assert flat(place.twilio.texts()) == heard["sms"]
    assert flat(place.telegram.texts()) == heard["telegram"]
    assert max(place.twilio.times_taken().values()) == 1
    assert all(count == 1 for count in place.telegram.times_taken().values())
    signed_up(place, len(by_sms) + len(by_telegram) + 2)
    stopp_was_heard_first(place)
    receipts_reach_their_rows(place)
    strangers_are_turned_away(place)
    it_tells_how_it_is(place)
    it_stops_cleanly_and_has_told_nothing(place)


def staff_write_and_robin_stops(place: Place) -> None:
    """Nobody sends. Words of staff's wait to go to Robin, and Robin writes STOPP."""
    store = place.installation.store
    with store.begin() as tx:
        robin = contacts.find(tx, "sms", ROBIN)
        assert robin is not None
        house = build_house(tx, Settings(), {"sms": SIMULATED_SMS})
        staff_words.say(tx, house, robin.participant_id, STAFF_WORDS, "staff:1", place.installation.now())
    place.comes_by_sms("stopp", ROBIN)


def stopp_was_heard_first(place: Place) -> None:
    """Robin got the welcome and the receipt; what waited was never sent."""
    texts = place.twilio.texts(ROBIN)
    assert len(texts) == 3
    assert STAFF_WORDS not in "".join(texts)
    (row,) = [row for row in place.rows() if row.author == "staff"]
    assert row.state == "cancelled"


def signed_up(place: Place, messages: int) -> None:
    """Two people have signed up, and every message of theirs is there once."""

    def came() -> list[Any]:
        with place.installation.store.read() as tx:
            return list(tx.execute(inbound.select()))

    until(lambda: len(came()) >= messages, "the last words, which have no answer, have come in", 60)
    with place.installation.store.read() as tx:
        assert [one.complete for one in referrals.list_open(tx)] == [True, True]
    assert len(came()) == messages
    assert {row.state for row in came()} == {"handled"}


def receipts_reach_their_rows(place: Place) -> None:
    """Twilio tells of each SMS that it has arrived; told twice or late it changes nothing."""
    for message in place.twilio.taken:
        for status in ("delivered", "sent", "delivered"):
            assert place.posts(place.twilio.status(message, status)).status_code in (200, 204)
    by_ref = {row.ref: row.state for row in place.rows() if row.channel == "sms" and row.author == "bot"}
    assert by_ref == {message.ref: "delivered" for message in place.twilio.taken}


def strangers_are_turned_away(place: Place) -> None:
    """A request that is not the provider's is 403, and nothing of it is kept but a count."""
    rows = len(place.rows())
    hook = place.twilio.incoming(place.twilio.writes("hej", ROBIN), PUBLIC)
    for changed in ({"X-Twilio-Signature": "x"}, {"Host": "ingang.example", "X-Twilio-Signature": ""}):
        assert place.post(hook.path, content=hook.body, headers=hook.headers | changed).status_code == 403
    elsewhere = place.twilio.incoming(place.twilio.writes("hej", ROBIN), "https://another.example")
    assert place.posts(elsewhere).status_code == 403
    spoofed = elsewhere.headers | {"Host": "another.example", "X-Forwarded-Host": "another.example"}
    assert place.post(elsewhere.path, content=elsewhere.body, headers=spoofed).status_code == 403
    if not place.polls:
        assert place.post("/webhooks/telegram", json={}, headers={}).status_code == 403
    assert len(place.rows()) == rows


def it_tells_how_it_is(place: Place) -> None:
    """Ready, with numbers of what was done, the menu set, and the webhook where it belongs."""
    place.installation.ready(place.door)
    assert place.telegram.menus[""]
    if place.polls:
        assert place.telegram.webhook is None
    else:
        assert place.telegram.webhook is not None
        assert place.telegram.webhook["url"] == f"{PUBLIC}/webhooks/telegram"
        assert place.telegram.webhook["secret_token"] == SECRET
    numbers = ASKING.get(f"{place.door.address}/metrics").text
    assert "ingang_messages_due 0" in numbers
    assert "ingang_trouble{" not in numbers
    assert ASKING.get(f"{place.door.address}/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403


def it_stops_cleanly_and_has_told_nothing(place: Place) -> None:
    """Each ends by itself and with 0; in the logs stands no word, name, number or secret."""
    for each in {id(place.door): place.door, id(place.sender): place.sender}.values():
        code, seconds = each.stop()
        assert (code, seconds <= 25) == (0, True)
    assert {row.state for row in place.rows()} <= {"accepted", "delivered", "cancelled"}
    for each in place.installation.running:
        said = each.said()
        assert "process.stopped" in said or each.process.returncode == -9
        assert [word for word in CANARIES if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", said)] == []
        assert '"level": "error"' not in said, said[-3000:]
