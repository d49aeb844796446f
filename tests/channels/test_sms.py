"""SMS over Twilio, against a Twilio of our own that keeps the truth about what it took."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.base import Outbound, Receipt, SendError
from bot.channels.sms import Account, TwilioSms
from bot.channels.twilio_http import Limits, proxy_for
from messages.sms import fold
from tests.servers.twilio_api import (
    ACCOUNT,
    KIM,
    NUMBER,
    OK,
    SERVICE,
    TOKEN,
    Act,
    TwilioApi,
    lost,
    refused,
    taken,
    too_many,
)
from tests.town import LOOP

PUBLIC = "https://ingang.alvsbyn.se"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REF = "8uWm0Jm1QmW2v0c1bJ1xkA"
TEXT = "Hej Kim! Vi ses onsdag 25 november kl. 13.30. /Anna"
SHORT = Limits(connect=0.5, total=0.6)


class Moved:
    """The server's clock, which only a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def api(clock: Moved) -> Iterator[TwilioApi]:
    with TwilioApi(clock=clock) as running:
        running.webhook = f"{PUBLIC}/webhooks/twilio/message"
        yield running


Make = Callable[..., TwilioSms]


@pytest.fixture
def make(api: TwilioApi) -> Iterator[Make]:
    """Make a channel; every one is closed in the end."""
    made: list[TwilioSms] = []

    def one(token: str = TOKEN, **how: Any) -> TwilioSms:
        sender = {} if "messaging_service_sid" in how else {"from_number": NUMBER}
        usual: dict[str, Any] = {"public_url": PUBLIC, "api_base_url": api.url, "limits": SHORT}
        made.append(TwilioSms(ACCOUNT, token, **usual | sender | how))
        return made[-1]

    yield one
    for channel in made:
        LOOP.run(channel.close())


@pytest.fixture
def sms(make: Make) -> TwilioSms:
    return make()


def _message(text: str = TEXT, ref: str = REF, to: str = KIM, **more: Any) -> Outbound:
    return Outbound(to, text, ref, **more)


def _refusal(channel: TwilioSms, message: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as error:
        LOOP.run(channel.send(message or _message()))
    return error.value


# --- what goes over the wire ----------------------------------------------------------------------------------------


def test_a_message_goes_as_it_is(api: TwilioApi, sms: TwilioSms) -> None:
    text = "Hej Åsa & Zoë!\nKl. 13.30? 100 % = 5 €  ja+nej ^{}\\ ł 👍"
    receipt = LOOP.run(sms.send(_message(text)))
    (sent,) = api.sends
    assert sent == {
        "To": KIM,
        "From": NUMBER,
        "Body": text,
        "StatusCallback": f"{PUBLIC}/webhooks/twilio/status/{REF}",
        "ValidityPeriod": "36000",
    }
    assert receipt == Receipt(api.taken[0].sid)
    assert api.taken[0].ref == REF


def test_a_messaging_service_picks_the_number(api: TwilioApi, make: Make) -> None:
    sms = make(messaging_service_sid=SERVICE)
    LOOP.run(sms.send(_message()))
    assert api.sends[0]["MessagingServiceSid"] == SERVICE
    assert "From" not in api.sends[0]
    assert api.taken[0].status == "accepted"


@pytest.mark.parametrize(
    ("left", "validity"),
    [(1, 1), (1.9, 1), (90, 90), (3_600, 3_600), (36_000, 36_000), (36_001, 36_000), (10**7, 36_000)],
)
def test_twilio_may_hold_it_until_its_moment(api: TwilioApi, sms: TwilioSms, left: float, validity: int) -> None:
    LOOP.run(sms.send(_message(now=NOW, not_after=NOW + timedelta(seconds=left))))
    assert api.sends[0]["ValidityPeriod"] == str(validity)


def test_the_longest_validity_is_a_setting(api: TwilioApi, make: Make) -> None:
    sms = make(longest_validity=timedelta(hours=2))
    LOOP.run(sms.send(_message()))
    assert api.sends[0]["ValidityPeriod"] == "7200"


@pytest.mark.parametrize("left", [0.9, 0, -60])
def test_a_message_past_its_moment_is_not_sent(api: TwilioApi, sms: TwilioSms, left: float) -> None:
    error = _refusal(sms, _message(now=NOW, not_after=NOW + timedelta(seconds=left)))
    assert (error.kind, api.sends) == ("later", [])


def test_a_message_too_long_is_told_so(api: TwilioApi, sms: TwilioSms) -> None:
    LOOP.run(sms.send(_message("å" * 1_600)))
    error = _refusal(sms, _message("å" * 1_601))
    assert (error.kind, error.code, len(api.sends)) == ("never", "21617", 1)


def test_a_broken_text_is_sent_visibly_broken(api: TwilioApi, sms: TwilioSms) -> None:
    LOOP.run(sms.send(_message("hej \ud800")))
    assert api.sends[0]["Body"] == "hej ?"


def test_one_hundred_at_once_share_the_pool(api: TwilioApi, make: Make) -> None:
    api.latency = 0.02
    sms = make(limits=Limits(connections=10))

    async def all_at_once() -> list[Receipt]:
        return await asyncio.gather(*(sms.send(_message(ref=f"r{each}")) for each in range(100)))

    receipts = LOOP.run(all_at_once())
    assert len({each.provider_id for each in receipts}) == 100
    assert max(api.times_taken().values()) == 1


# --- what an answer means -------------------------------------------------------------------------------------------

REFUSALS = [
    # status, code -> kind, mark, whole channel
    (400, 21610, "never", "opted_out", False),
    (400, 21211, "never", "blocked", False),
    (400, 21214, "never", "blocked", False),
    (400, 21217, "never", "blocked", False),
    (400, 21265, "never", "blocked", False),
    (400, 21614, "never", "blocked", False),
    (400, 21635, "never", "blocked", False),
    (400, 30005, "never", "blocked", False),
    (400, 30006, "never", "blocked", False),
    (400, 30004, "never", "blocked", False),
    (400, 21408, "never", "", False),
    (403, 21408, "never", "", False),
    (400, 21612, "never", "", False),
    (400, 21608, "never", "", False),
    (400, 21617, "never", "", False),
    (400, 21602, "never", "", False),
    (400, 30007, "never", "", False),
    (400, 29999, "never", "", False),  # a code of tomorrow
    (400, 21606, "later", "", False),
    (400, 21660, "later", "", False),
    (400, 21609, "later", "", False),
    (400, 21703, "later", "", False),
    (400, 30001, "later", "", False),
    (400, 30008, "later", "", False),
    (401, 20003, "later", "", True),
    (401, None, "later", "", True),
    (403, 20003, "later", "", True),
    (403, None, "later", "", True),
    (404, 20404, "later", "", True),
    (400, 20005, "later", "", True),
    (400, 30002, "later", "", True),
    (400, 21611, "later", "", True),
    (400, 63038, "later", "", True),
    (429, 20429, "later", "", True),
    (429, None, "later", "", True),
    (400, None, "later", "", False),  # a proxy's no, not Twilio's
    (413, None, "later", "", False),
    (301, None, "later", "", False),
    (408, None, "unknown", "", False),
    (500, 20500, "unknown", "", False),
    (500, None, "unknown", "", False),
    (502, None, "unknown", "", False),
    (503, 20503, "unknown", "", False),
    (504, None, "unknown", "", False),
]


@pytest.mark.parametrize(("status", "code", "kind", "mark", "whole_channel"), REFUSALS)
def test_each_refusal_has_its_meaning(
    api: TwilioApi, sms: TwilioSms, status: int, code: int | None, kind: str, mark: str, whole_channel: bool
) -> None:
    api.does(refused(status, code))
    error = _refusal(sms)
    assert (error.kind, error.mark, error.whole_channel) == (kind, mark, whole_channel)
    assert error.code == str(code or status)
    assert error.why
    assert KIM not in str(error)
    assert len(api.sends) == 1, "nothing is tried twice"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(None, None), (1, 1), (30, 30), (3_600, 3_600), ("soon", None), ("", None), (-5, -5), ("1e999", None),
     ("nan", None), ("0.5", 0.5)],
)  # fmt: skip
def test_a_pause_is_as_long_as_twilio_says(api: TwilioApi, sms: TwilioSms, told: object, seconds: float | None) -> None:
    api.does(too_many(told))
    error = _refusal(sms)
    assert (error.kind, error.retry_after, error.whole_channel) == ("later", seconds, True)


def test_a_pause_may_be_told_as_a_date(api: TwilioApi, sms: TwilioSms) -> None:
    date, until = "Mon, 23 Nov 2026 09:00:00 GMT", "Mon, 23 Nov 2026 09:02:00 GMT"
    api.does(refused(429, 20429, Date=date, **{"Retry-After": until}))
    assert _refusal(sms).retry_after == 120


def test_the_daily_limit_waits_an_hour(api: TwilioApi, sms: TwilioSms) -> None:
    api.does(refused(400, 63038))
    assert _refusal(sms).retry_after == 3_600


@pytest.mark.parametrize(
    "act",
    [taken("hang"), taken("reset"), taken("drip"), taken("cut"), taken("html"), taken("no_sid"), taken("answer", 500),
     taken("html", 502), lost("hang"), lost("reset"), lost("html"), lost("no_sid")],
    ids=lambda act: f"{'taken' if act.taken else 'lost'}-{act.then}-{act.status}",
)  # fmt: skip
def test_what_may_have_gone_out_is_unknown(api: TwilioApi, sms: TwilioSms, act: Any) -> None:
    api.does(act)
    assert _refusal(sms).kind == "unknown"
    assert len(api.sends) == 1
    assert LOOP.run(sms.find(_message())) == (Receipt(api.taken[0].sid) if act.taken else None)
    LOOP.run(sms.send(_message()))  # the channel goes on


@pytest.mark.parametrize(
    ("status", "code", "kind", "mark"),
    [("failed", 21610, "never", "opted_out"), ("failed", 30001, "later", ""), ("undelivered", None, "never", "")],
)
def test_taken_and_given_up_at_once_is_no_receipt(
    api: TwilioApi, sms: TwilioSms, monkeypatch: pytest.MonkeyPatch, status: str, code: int | None, kind: str, mark: str
) -> None:
    from tests.servers import twilio_api

    shown = twilio_api.Message.dump
    monkeypatch.setattr(twilio_api.Message, "dump", lambda self: shown(self) | {"status": status, "error_code": code})
    error = _refusal(sms)
    assert (error.kind, error.mark, error.code) == (kind, mark, str(code or status))


# --- where a request broke ------------------------------------------------------------------------------------------


def test_a_refused_connection_is_certainly_not_sent(make: Make) -> None:
    with TwilioApi() as other:
        url = other.url
    sms = make(api_base_url=url)
    error = _refusal(sms)
    assert (error.kind, error.whole_channel) == ("later", False)


def test_a_tls_fault_is_certainly_not_sent(api: TwilioApi, make: Make) -> None:
    sms = make(api_base_url=api.url.replace("http:", "https:"))
    error = _refusal(sms)
    assert (error.kind, error.code, api.sends) == ("later", "ClientConnectorSSLError", [])


def test_a_full_pool_is_certainly_not_sent(api: TwilioApi, make: Make) -> None:
    sms = make(limits=Limits(connect=0.1, total=0.4, connections=1))
    api.does(lost("hang"))

    async def both() -> list[Any]:
        return await asyncio.gather(*(sms.send(_message()) for _ in range(2)), return_exceptions=True)

    first, second = LOOP.run(both())
    assert (first.kind, second.kind, second.code) == ("unknown", "later", "ConnectionTimeoutError")
    assert len(api.sends) == 1


def test_a_closed_channel_sends_nothing(api: TwilioApi, sms: TwilioSms) -> None:
    LOOP.run(sms.open())
    LOOP.run(sms.close())
    assert (_refusal(sms).kind, api.sends) == ("later", [])


# --- the list -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["number", "service"])
def test_an_uncertain_one_is_found_by_its_words(api: TwilioApi, make: Make, how: str) -> None:
    sms = make(**({"messaging_service_sid": SERVICE} if how == "service" else {}))
    api.does(taken("reset"))
    message = _message(tried_at=NOW)
    assert _refusal(sms, message).kind == "unknown"
    assert LOOP.run(sms.find(message)) == Receipt(api.taken[0].sid)


def test_one_that_never_came_is_not_found(api: TwilioApi, sms: TwilioSms) -> None:
    api.does(OK, lost("reset"))
    LOOP.run(sms.send(_message("Något annat.")))
    assert _refusal(sms).kind == "unknown"
    assert LOOP.run(sms.find(_message(tried_at=NOW))) is None


def test_a_lagging_list_shows_it_in_time(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    api.lag = timedelta(seconds=50)
    api.does(taken("answer", 500))
    message = _message(tried_at=NOW)
    assert _refusal(sms, message).kind == "unknown"
    clock.later(49)
    assert LOOP.run(sms.find(message)) is None
    clock.later(71)
    assert timedelta(seconds=120) == sms.find_wait
    assert LOOP.run(sms.find(message)) == Receipt(api.taken[0].sid)


def test_the_same_words_sent_before_are_another(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    """A reminder that is sent twice on purpose: the first is known, so it is not the second."""
    first = LOOP.run(sms.send(_message()))
    again = clock.later(5)
    api.does(lost("reset"))
    second = _message(ref="second", tried_at=again)
    assert _refusal(sms, second).kind == "unknown"
    assert LOOP.run(sms.find(_message(ref="second", tried_at=again, not_these=frozenset({first.provider_id})))) is None
    api.does(taken("reset"))
    assert _refusal(sms, second).kind == "unknown"
    found = LOOP.run(sms.find(_message(ref="second", tried_at=again, not_these=frozenset({first.provider_id}))))
    assert found == Receipt(api.taken[1].sid)


def test_the_same_words_of_an_earlier_hour_are_another(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    """The first was parked and its id is not known: its time tells."""
    api.does(taken("reset"), lost("reset"))
    assert _refusal(sms, _message(ref="first")).kind == "unknown"
    again = clock.later(3_600)
    assert _refusal(sms, _message(ref="second")).kind == "unknown"
    assert LOOP.run(sms.find(_message(ref="second", tried_at=again))) is None


def test_the_first_of_two_copies_is_the_one(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    """The first try turned up too late, and it was sent again: `tried_at` is the first try's."""
    api.does(taken("reset"), taken("reset"))
    assert _refusal(sms).kind == "unknown"
    clock.later(300)
    assert _refusal(sms).kind == "unknown"
    assert LOOP.run(sms.find(_message(tried_at=NOW))) == Receipt(api.taken[0].sid)


def test_our_clock_may_be_ahead_of_twilios(api: TwilioApi, sms: TwilioSms) -> None:
    api.does(taken("reset"))
    assert _refusal(sms).kind == "unknown"
    assert LOOP.run(sms.find(_message(tried_at=NOW + timedelta(seconds=100)))) is not None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Vi ses “kl. 13.30” – eller…", 'Vi ses "kl. 13.30" - eller...'),
        ("Hej  Kim!\nVi ses.", "Hej Kim! Vi ses."),
        ("Hej Kim", "Sent from your Twilio trial account - Hej Kim"),
        ("👍", "👍"),
        ("å", "a\u030a"),
    ],
)
def test_what_twilio_does_to_the_signs_is_forgiven(api: TwilioApi, sms: TwilioSms, ours: str, theirs: str) -> None:
    LOOP.run(sms.send(_message(ours)))
    api.taken[0].body = theirs
    assert LOOP.run(sms.find(_message(ours, tried_at=NOW))) is not None
    assert LOOP.run(sms.find(_message(fold(ours) + " mer", tried_at=NOW))) is None


def test_an_account_without_words_is_searched_by_time(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    LOOP.run(sms.send(_message()))
    api.taken[0].body = ""
    assert LOOP.run(sms.find(_message(tried_at=NOW))) == Receipt(api.taken[0].sid)
    assert LOOP.run(sms.find(_message(tried_at=clock.later(3_600)))) is None


def test_what_others_send_is_not_ours(api: TwilioApi, sms: TwilioSms) -> None:
    LOOP.run(sms.send(_message()))
    api.taken[0].service = SERVICE  # another program of the municipality's, through a service
    api.writes(TEXT)  # the person quotes us
    api.messages[-1].to = KIM
    assert LOOP.run(sms.find(_message(tried_at=NOW))) is None


def test_it_is_found_on_any_page(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    api.page_size = 7
    message = _message(tried_at=NOW)
    LOOP.run(sms.send(message))
    for each in range(40):
        clock.later(1)
        LOOP.run(sms.send(_message(f"nummer {each}", ref=f"r{each}")))
    assert LOOP.run(sms.find(message)) == Receipt(api.taken[0].sid)
    assert len(api.reads_of) == 6
    assert all(f"To=%2B{KIM[1:]}" in read or f"To={KIM}" in read for read in api.reads_of)


def test_a_day_older_than_the_try_is_not_read(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    api.page_size = 5
    for each in range(50):
        LOOP.run(sms.send(_message(f"gammalt {each}", ref=f"r{each}")))
    again = clock.later(3 * 86_400)
    assert LOOP.run(sms.find(_message(tried_at=again))) is None
    assert len(api.reads_of) == 1


@pytest.mark.parametrize(
    "act",
    [refused(500), refused(503), too_many(5), refused(401, 20003), lost("hang"), lost("reset"), lost("html"),
     lost("cut"), lost("drip")],
    ids=lambda act: f"{act.then}-{act.status}",
)  # fmt: skip
@pytest.mark.parametrize("page", [0, 1])
def test_an_unreadable_list_says_nothing(api: TwilioApi, sms: TwilioSms, act: Any, page: int) -> None:
    api.page_size = 1
    LOOP.run(sms.send(_message("ett")))
    LOOP.run(sms.send(_message("två")))
    act = act if act.status != 201 else Act(False, act.then, 200)
    api.reads(*[Act(status=200)] * page, act, act)  # twice: aiohttp asks again on another connection when it only reads
    with pytest.raises(SendError):
        LOOP.run(sms.find(_message(tried_at=NOW)))


def test_a_list_that_points_elsewhere_is_not_followed(
    api: TwilioApi, sms: TwilioSms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our credentials go with every request: a page at another host would get them."""
    shown = api._list
    monkeypatch.setattr(
        api, "_list", lambda query: shown(query) | {"next_page_uri": "/../../elsewhere", "meta": {
            "next_page_url": "https://elsewhere.example/page", "key": "messages"}},
    )  # fmt: skip
    LOOP.run(sms.send(_message("ett")))
    with pytest.raises(SendError) as error:
        LOOP.run(sms.find(_message(tried_at=NOW)))
    assert error.value.code == "elsewhere"


def test_no_message_goes_twice_whatever_happens(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    """200 messages, each with another fate; each is looked for before it is sent again."""
    dice = random.Random(26)
    fates = [taken("answer", 500), taken("reset"), taken("html", 502), taken("no_sid"), lost("reset"), refused(500), OK]
    api.lag, kinds = timedelta(seconds=50), set[str]()

    async def until_taken(number: int) -> int:
        message = _message(f"Hej {number}!", ref=f"r{number}", to=f"+4670{number:07d}", tried_at=clock())
        for tries in range(1, 30):
            try:
                await sms.send(message)
            except SendError as error:
                kinds.add(error.kind)
            else:
                return tries
            clock.later(sms.find_wait.total_seconds())
            if await sms.find(message) is not None:
                return tries
        raise AssertionError("never taken")

    async def all_of_them() -> None:
        for number in range(200):
            api.does(dice.choice(fates))
            await until_taken(number)

    LOOP.run(all_of_them())
    counted = api.times_taken()
    assert (len(counted), set(counted.values()), kinds) == (200, {1}, {"unknown"})


# --- incoming ones --------------------------------------------------------------------------------------------------


def test_incoming_ones_are_read_from_every_page(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    api.page_size = 3
    for each in range(10):
        api.writes(f"hej {each}", from_=f"+4670174{each:04d}")
        clock.later(60)
        LOOP.run(sms.send(_message()))
    found = LOOP.run(sms.receive(NOW))
    assert [each.text for each in found] == [f"hej {each}" for each in range(10)]
    assert found[0].address == "+46701740000"
    assert found[0].received_at == NOW
    assert {each.channel for each in found} == {"sms"}
    assert all(each.provider_id.startswith("SM") for each in found)


def test_only_what_came_since_then_is_given(api: TwilioApi, sms: TwilioSms, clock: Moved) -> None:
    api.writes("i förrgår")
    clock.later(2 * 86_400)
    api.writes("i morse")
    since = clock.later(3_600)
    api.writes("STOP")
    api.writes("", media=1)
    (stop, file) = LOOP.run(sms.receive(since))
    assert (stop.text, stop.kind, stop.extra) == ("STOP", "text", {"provider": "stop"})
    assert (file.text, file.kind) == ("", "file")
    assert "DateSent%3E=2026-11-25" in api.reads_of[0] or "DateSent>=2026-11-25" in api.reads_of[0]


def test_a_services_numbers_are_asked_for_once(api: TwilioApi, make: Make) -> None:
    api.numbers = [NUMBER, "+46766861005"]
    sms = make(messaging_service_sid=SERVICE)
    api.writes("till den ena")
    api.writes("till den andra", to="+46766861005")
    api.writes("till ett annat system", to="+46766869999")
    assert [each.text for each in LOOP.run(sms.receive(NOW))] == ["till den ena", "till den andra"]
    assert len(LOOP.run(sms.receive(NOW))) == 2
    assert sum("PhoneNumbers" in read for read in api.reads_of) == 1


@pytest.mark.parametrize("act", [refused(500), too_many(), refused(401, 20003), lost("reset")])
def test_an_unreadable_list_of_incoming_ones_raises(api: TwilioApi, sms: TwilioSms, act: Any) -> None:
    api.reads(act, act)
    with pytest.raises(SendError):
        LOOP.run(sms.receive(NOW))


# --- the account, and forgetting ------------------------------------------------------------------------------------


def test_the_account_tells_how_it_stands(api: TwilioApi, sms: TwilioSms) -> None:
    assert LOOP.run(sms.examine()) == Account("active", "Full", 123.45, "USD", webhook=True)
    api.account_status, api.account_type, api.balance = "suspended", "Trial", None
    api.webhook = "https://demo.twilio.com/welcome/sms/reply"
    assert LOOP.run(sms.examine()) == Account("suspended", "Trial", None, "", webhook=False)
    api.numbers = []
    assert LOOP.run(sms.examine()).webhook is None


def test_a_services_account_tells_the_same(make: Make) -> None:
    sms = make(messaging_service_sid=SERVICE)
    assert LOOP.run(sms.examine()).webhook is True


def test_a_dead_token_is_told_by_its_code(make: Make) -> None:
    sms = make("wrong-token")
    with pytest.raises(SendError) as error:
        LOOP.run(sms.examine())
    assert (error.value.kind, error.value.code, error.value.whole_channel) == ("later", "20003", True)
    assert _refusal(sms).code == "20003"


def test_the_words_are_emptied_at_twilio(api: TwilioApi, sms: TwilioSms) -> None:
    receipt = LOOP.run(sms.send(_message()))
    LOOP.run(sms.redact(receipt.provider_id))
    assert (api.redacted, api.taken[0].body) == ([receipt.provider_id], "")
    LOOP.run(sms.redact("SM" + "0" * 32))


@pytest.mark.parametrize("act", [refused(400, 20009), refused(409, 20009), refused(500), lost("reset")])
def test_what_cannot_be_emptied_yet_is_told(api: TwilioApi, sms: TwilioSms, act: Any) -> None:
    receipt = LOOP.run(sms.send(_message()))
    api.reads(act)
    with pytest.raises(SendError) as error:
        LOOP.run(sms.redact(receipt.provider_id))
    assert error.value.kind == "later"


# --- what is not told -----------------------------------------------------------------------------------------------


def test_no_log_line_holds_a_number_or_a_secret(api: TwilioApi, sms: TwilioSms) -> None:
    """Every library at its most talkative, in fair weather and foul."""
    told: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(f"{record.name} {record.getMessage()} {record.exc_info}")

    top, before = logging.getLogger(), logging.getLogger().level
    ears = Listening()
    top.addHandler(ears)
    top.setLevel(logging.DEBUG)
    names = ("twilio", "twilio.async_http_client", "aiohttp", "aiohttp.client", "httpx", "httpcore", "yarl")
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        for act in (OK, taken("reset"), lost("hang"), refused(400, 21211), too_many(5), lost("cut"), refused(500)):
            api.does(act)
            try:
                LOOP.run(sms.send(_message("Ett hemligt ord")))
            except SendError as error:
                told.append(f"{error!r} {error} {error.why} {error.code}")
        LOOP.run(sms.find(_message(tried_at=NOW)))
        LOOP.run(sms.receive(NOW))
        LOOP.run(sms.examine())
        for act in (refused(500), lost("reset"), refused(401, 20003)):
            api.reads(act)
            try:
                LOOP.run(sms.find(_message(tried_at=NOW)))
            except SendError as error:
                told.append(f"{error!r} {error}")
        told.append(repr(sms))
    finally:
        top.removeHandler(ears)
        top.setLevel(before)
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET)
    everything = "\n".join(told)
    for canary in (KIM, KIM[1:], NUMBER[1:], TOKEN, "hemligt", ACCOUNT):
        assert canary not in everything


def test_nothing_is_said_to_a_proxy_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.kommun.se:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.kommun.se:3128")
    monkeypatch.setenv("NO_PROXY", "inne.kommun.se")
    assert proxy_for("https://api.twilio.com") == "http://proxy.kommun.se:3128"
    assert proxy_for("https://inne.kommun.se") is None
    assert proxy_for("http://127.0.0.1:8801") is None
    assert proxy_for("http://localhost:8801") is None
    assert proxy_for("http://[::1]:8801") is None
