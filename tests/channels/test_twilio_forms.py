"""What Twilio posts: that it is Twilio's, whatever stands between us, and what it says, whatever it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import LONGEST_IN, Inbound
from bot.channels.sms import TwilioSms
from bot.channels.twilio_codes import MEANINGS, WORDS, word_of
from rules.delivery import RANK, merge_status
from tests.servers.twilio_api import ACCOUNT, KIM, NUMBER, SERVICE, TOKEN, Message, TwilioApi, received, signed
from tests.town import MONDAY

PUBLIC = "https://ingang.alvsbyn.se"
PATH = "/webhooks/twilio/message"
SID = "SM" + "0f" * 16
REF = "8uWm0Jm1QmW2v0c1bJ1xkA"
Pairs = list[tuple[str, str]]


def _sms(public_url: str = PUBLIC, token: str = TOKEN) -> TwilioSms:
    return TwilioSms(ACCOUNT, token, public_url=public_url, from_number=NUMBER)


def _pairs(body: str = "hej", **more: str) -> Pairs:
    message = Message(SID, KIM, NUMBER, body, MONDAY, "inbound", "received")
    return list((dict(received(message)) | more).items())


def _read(pairs: Pairs) -> Inbound:
    read = _sms().parse(pairs)
    assert read is not None
    return read


# --- the signature --------------------------------------------------------------------------------------------------


def test_twilios_own_example_is_verified() -> None:
    """The known vector of Twilio's documentation: its token, its address, its parameters, its signature."""
    sms = TwilioSms("AC", "12345", public_url="https://mycompany.com", from_number=NUMBER)
    form = [("CallSid", "CA1234567890ABCDE"), ("Caller", "+12349013030"), ("Digits", "1234"),
            ("From", "+12349013030"), ("To", "+18005551212")]  # fmt: skip
    assert sms.judge("/myapp.php?foo=1&bar=2", form, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=") == "account", "it is signed"
    assert sms.judge("/myapp.php?foo=1&bar=2", form, "1/KCTR6DLpKmkAf8muzZqo1nDgQ=") == "forged"


@pytest.mark.parametrize(
    ("public_url", "signed_for"),
    [
        ("https://ingang.alvsbyn.se", "https://ingang.alvsbyn.se"),
        ("https://ingang.alvsbyn.se/", "https://ingang.alvsbyn.se"),
        ("https://ingang.alvsbyn.se", "https://ingang.alvsbyn.se:443"),
        ("https://ingang.alvsbyn.se:443", "https://ingang.alvsbyn.se"),
        ("https://ingang.alvsbyn.se:443", "https://ingang.alvsbyn.se:443"),
        ("https://ingang.alvsbyn.se:8443", "https://ingang.alvsbyn.se:8443"),
        ("https://ingang.alvsbyn.se:8443", "https://ingang.alvsbyn.se"),
        ("http://ingang.alvsbyn.se", "http://ingang.alvsbyn.se"),
        ("http://ingang.alvsbyn.se", "http://ingang.alvsbyn.se:80"),
        ("https://alvsbyn.se/ingang", "https://alvsbyn.se/ingang"),
        ("https://alvsbyn.se/ingang/", "https://alvsbyn.se:443/ingang"),
        ("https://[2001:db8::7]", "https://[2001:db8::7]"),
        ("https://[2001:db8::7]", "https://[2001:db8::7]:443"),
        ("https://[2001:db8::7]:8443", "https://[2001:db8::7]:8443"),
        ("https://[2001:db8::7]:8443", "https://[2001:db8::7]"),
        ("https://twilio:hemligt@alvsbyn.se", "https://twilio:hemligt@alvsbyn.se"),
        ("https://twilio:hemligt@alvsbyn.se:8443", "https://twilio:hemligt@alvsbyn.se"),
    ],
)
@pytest.mark.parametrize("query", ["", "?b=2&a=1", "?a=1&b=2", "?a=%C3%A5+%20", "?"[:0] + "?x"])
def test_the_signature_holds_for_our_public_address(public_url: str, signed_for: str, query: str) -> None:
    call = signed(f"{signed_for}{PATH}{query}", _pairs("åäö 👍 +&="))
    assert _sms(public_url).verify(f"{PATH}{query}", call.pairs, call.signature)


@pytest.mark.parametrize(
    "signed_for",
    [
        f"http://ingang.alvsbyn.se{PATH}",
        f"https://ingang.alvsbyn.se:8443{PATH}",
        f"https://ingang.pitea.se{PATH}",
        f"https://ingang.alvsbyn.se/ingang{PATH}",
        f"https://ingang.alvsbyn.se{PATH}/",
        f"https://ingang.alvsbyn.se{PATH}?a=1",
        f"https://ingang.alvsbyn.se/webhooks/twilio/status/{REF}",
        f"http://127.0.0.1:8800{PATH}",
    ],
)
def test_a_signature_for_another_address_is_forged(signed_for: str) -> None:
    call = signed(signed_for, _pairs())
    assert _sms().judge(PATH, call.pairs, call.signature) == "forged"


def test_the_order_of_a_query_is_part_of_it() -> None:
    call = signed(f"{PUBLIC}{PATH}?a=1&b=2", _pairs())
    assert not _sms().verify(f"{PATH}?b=2&a=1", call.pairs, call.signature)


@pytest.mark.parametrize("signature", [None, ""])
def test_an_unsigned_request_is_told_apart(signature: str | None) -> None:
    assert _sms().judge(PATH, _pairs(), signature) == "unsigned"


@pytest.mark.parametrize("signature", ["x", "å", "\udcff", "=" * 28, "0" * 10_000, "\x00"])
def test_an_odd_signature_is_forged(signature: str) -> None:
    assert _sms().judge(PATH, _pairs(), signature) == "forged"


def test_half_a_character_pair_is_forged() -> None:
    assert _sms().judge(PATH, _pairs("\ud800"), "x" * 28) == "forged"


def test_another_account_is_not_ours() -> None:
    call = signed(PUBLIC + PATH, _pairs(AccountSid="AC" + "0" * 32))
    assert _sms().judge(PATH, call.pairs, call.signature) == "account"
    missing = signed(PUBLIC + PATH, [pair for pair in _pairs() if pair[0] != "AccountSid"])
    assert _sms().judge(PATH, missing.pairs, missing.signature) == "account"
    both = signed(PUBLIC + PATH, [*_pairs(), ("AccountSid", "AC" + "0" * 32)])
    assert _sms().judge(PATH, both.pairs, both.signature) == "account"


def test_a_field_that_comes_twice_is_signed_twice() -> None:
    call = signed(PUBLIC + PATH, [*_pairs(), ("Again", "b"), ("Again", "a"), ("Again", "b")])
    assert _sms().verify(PATH, call.pairs, call.signature)


def test_none_of_1000_changes_gets_through() -> None:
    dice, sms = random.Random(45), _sms()
    call = signed(PUBLIC + PATH, _pairs("Hej, det är Kim."))

    def changed() -> tuple[str, Pairs, str]:
        pairs, path, signature = list(call.pairs), PATH, call.signature
        place = dice.randrange(len(pairs))
        name, value = pairs[place]
        match dice.randrange(7):
            case 0:
                pairs[place] = (name, value + dice.choice("x0+ \u200bå"))
            case 1:
                del pairs[place]
                pairs += [("", "")] * (not name + value)
            case 2:
                pairs.append((f"Extra{dice.randrange(99)}", str(dice.randrange(99))))
            case 3:
                other = dice.randrange(len(pairs))
                mine, theirs = (name, pairs[other][1]), (pairs[other][0], value)
                pairs[place], pairs[other] = mine, theirs
                if value == theirs[1] and pairs == list(call.pairs):
                    path += "/"
            case 4:
                at = dice.randrange(len(signature) - 1)
                signature = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
            case 5:
                path = dice.choice(["/webhooks/twilio/messages", f"/webhooks/twilio/status/{REF}", PATH + "?x=1", "/"])
            case _:
                pairs[place] = (name, value.swapcase() if value.swapcase() != value else value + "1")
        return path, pairs, signature

    through = [each for each in (changed() for _ in range(1_000)) if sms.verify(*each)]
    assert through == []


def test_fields_run_together_change_neither_who_nor_which() -> None:
    """The scheme signs names and values as one string, with nothing between: what can be moved must not matter."""
    pairs, sms = sorted(_pairs("hej")), _sms()
    call = signed(PUBLIC + PATH, pairs)
    for place in range(len(pairs) - 1):
        (name, value), (next_name, next_value) = pairs[place : place + 2]
        merged = [*pairs[:place], (name, value + next_name + next_value), *pairs[place + 2 :]]
        moved = [*pairs[:place], (name + value[:1], value[1:]), *pairs[place + 1 :]]
        for form in (merged, moved):
            read = sms.parse(form) if sms.verify(PATH, form, call.signature) else None
            assert read is None or (read.address, read.provider_id) == (KIM, SID)


# --- incoming ones --------------------------------------------------------------------------------------------------


def test_a_plain_message_is_read_whole() -> None:
    assert _read(_pairs("Hej! Jag heter Åsa 👍")) == Inbound("sms", KIM, SID, "Hej! Jag heter Åsa 👍")


SERVICE_FIELDS = {"MessagingServiceSid": SERVICE, "NumSegments": "3"}
PAYLOADS: list[tuple[str, Pairs, dict[str, Any]]] = [
    ("through a service", _pairs("hej", **SERVICE_FIELDS), {"text": "hej", "kind": "text"}),
    ("three segments", _pairs("å" * 400, NumSegments="3"), {"text": "å" * 400}),
    ("longer than we keep", _pairs("x" * 9_000), {"text": "x" * (LONGEST_IN - 6) + " [...]"}),
    ("empty", _pairs(""), {"text": "", "kind": "text"}),
    ("only spaces", _pairs("  "), {"text": "  ", "kind": "text"}),
    ("a NUL", _pairs("a\x00b"), {"text": "ab"}),
    ("a picture", _pairs("", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0="https://api.twilio.com/x"),
     {"kind": "picture", "text": ""}),
    ("a picture with words", _pairs("titta", NumMedia="2", MediaContentType0="image/heic"),
     {"kind": "picture", "text": "titta"}),
    ("a voice message", _pairs("", NumMedia="1", MediaContentType0="audio/amr; codecs=x"), {"kind": "voice"}),
    ("a film", _pairs("", NumMedia="1", MediaContentType0="video/3gpp"), {"kind": "file"}),
    ("a card", _pairs("", NumMedia="1", MediaContentType0="text/x-vcard"), {"kind": "contact"}),
    ("a paper", _pairs("", NumMedia="1", MediaContentType0="application/pdf"), {"kind": "file"}),
    ("no sort", _pairs("", NumMedia="1"), {"kind": "file"}),
    ("ten files", _pairs("", NumMedia="10", MediaContentType0="image/png"), {"kind": "picture"}),
    ("no number of files", _pairs("hej", NumMedia=""), {"kind": "text"}),
    ("a strange number of files", _pairs("hej", NumMedia="några"), {"kind": "file"}),
    ("a place", _pairs("", Latitude="65.67", Longitude="20.98", Address="Storgatan 27"), {"kind": "place"}),
    ("WhatsApp", _pairs("hej", From=f"whatsapp:{KIM}", ProfileName="Kim", WaId="46701740605"),
     {"address": f"whatsapp:{KIM}"}),
    ("WhatsApp's button", _pairs("", From=f"whatsapp:{KIM}", ButtonText="Ja", ButtonPayload="yes"), {"text": "Ja"}),
    ("RCS", _pairs("hej", From=f"rcs:{KIM}", ChannelPrefix="rcs"), {"address": KIM}),
    ("a name for a number", _pairs("Saldo", From="Telia"), {"address": "Telia"}),
    ("only the old name of the id", [pair for pair in _pairs() if pair[0] != "MessageSid"], {"provider_id": SID}),
    ("fields of tomorrow", _pairs("hej", NewThing='{"a": 1}'), {"text": "hej"}),
    ("advanced: stop", _pairs("AVBOKA", OptOutType="STOP"), {"extra": {"provider": "stop"}}),
    ("advanced: start", _pairs("JA TACK", OptOutType="START"), {"extra": {"provider": "start"}}),
    ("advanced: help", _pairs("?", OptOutType="HELP"), {"extra": {"provider": "help"}}),
    ("advanced: something new", _pairs("hej", OptOutType="PAUSE"), {"extra": {}}),
]  # fmt: skip


@pytest.mark.parametrize(("pairs", "told"), [each[1:] for each in PAYLOADS], ids=[each[0] for each in PAYLOADS])
def test_each_payload_is_read(pairs: Pairs, told: dict[str, Any]) -> None:
    read = _read(pairs)
    assert {name: getattr(read, name) for name in told} == told


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("Body", "hej")],
        _pairs(From=""),
        _pairs(From=" "),
        _pairs(MessageSid="", SmsMessageSid=""),
        _pairs(MessageSid="../../etc"),
        _pairs(MessageSid="S" * 65),
    ],
)
def test_what_has_no_sender_or_id_is_nothing(pairs: Pairs) -> None:
    assert _sms().parse(pairs) is None


@given(
    st.dictionaries(
        st.sampled_from(
            [name for name, _ in _pairs()] + ["MediaContentType0", "OptOutType", "ErrorCode", "MessageStatus"]
        ),
        st.text(max_size=40),
    )
)
def test_no_payload_raises(form: dict[str, str]) -> None:
    sms = _sms()
    sms.parse(form)
    sms.parse_status(REF, form)
    sms.judge(PATH, form.items(), form.get("Body"))


# --- Twilio's own words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [str.upper, str.lower, str.title, lambda word: f"  {word}\n"])
def test_a_bare_word_is_what_twilio_makes_of_it(shape: Callable[[str], str]) -> None:
    for word, means in WORDS.items():
        assert word_of(shape(word)) == means
        assert _read(_pairs(shape(word))).extra == {"provider": means}


@pytest.mark.parametrize("text", ["STOP PLEASE", "please cancel", "STOPP", "stop.", "sluta", "ja", "yes!", "end 5", ""])
def test_anything_more_than_the_word_is_not(text: str) -> None:
    assert word_of(text) == ""
    assert _read(_pairs(text)).extra == {}


# --- statuses -------------------------------------------------------------------------------------------------------


def _callback(status: str, code: int | None = None, **more: str) -> Pairs:
    message = Message(SID, NUMBER, KIM, "hej", MONDAY, callback=f"{PUBLIC}/webhooks/twilio/status/{REF}")
    return list(TwilioApi().status(message, status, code, **more).pairs)


@pytest.mark.parametrize(
    ("status", "state"),
    [("queued", "accepted"), ("accepted", "accepted"), ("scheduled", "accepted"), ("sending", "accepted"),
     ("sent", "sent"), ("delivered", "delivered"), ("read", "delivered"), ("undelivered", "undelivered"),
     ("failed", "failed"), ("canceled", "failed"), ("DELIVERED", "delivered"), ("partially_delivered", "accepted"),
     ("something new", "accepted"), ("", "accepted")],
)  # fmt: skip
def test_each_status_has_its_state(status: str, state: str) -> None:
    read = _sms().parse_status(REF, _callback(status))
    assert (read.ref, read.state, read.provider_id, read.code, read.mark) == (REF, state, SID, "", "")


@pytest.mark.parametrize(
    ("status", "code", "mark", "words"),
    [
        ("failed", 21610, "opted_out", "START"),
        ("undelivered", 30004, "blocked", "tar inte emot"),
        ("undelivered", 30005, "blocked", "finns inte"),
        ("undelivered", 30006, "blocked", "finns inte"),
        ("undelivered", 30003, "", "avstängd"),
        ("undelivered", 30007, "", "skräppost"),
        ("undelivered", 30008, "", "Operatören"),
        ("failed", 30001, "", "Operatören"),
        ("failed", 30036, "", "för gammalt"),
        ("undelivered", 39999, "", ""),
        ("delivered", 30005, "", ""),
    ],
)
def test_an_error_code_is_kept_and_marks(status: str, code: int, mark: str, words: str) -> None:
    read = _sms().parse_status(REF, _callback(status, code))
    assert (read.code, read.mark) == (str(code), mark)
    assert words in read.why
    assert bool(words) == bool(read.why)


def test_statuses_end_the_same_in_every_order() -> None:
    statuses = ["queued", "sent", "undelivered", "sending"]
    for order in permutations(statuses):
        state = "sending"
        for word in (*order, *order):
            state = merge_status(state, _sms().parse_status(REF, _callback(word)).state)
        assert state == "undelivered"


def test_every_code_has_words_for_staff() -> None:
    for code, meaning in MEANINGS.items():
        assert code.isdigit()
        assert meaning.why.endswith(".")
        assert meaning.kind == "never" or not meaning.mark
    assert {"accepted", "sent", "delivered", "undelivered", "failed"} <= set(RANK)
