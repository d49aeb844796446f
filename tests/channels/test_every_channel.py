"""What every channel must pass, those to come too."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

import bot.channels
from bot.channels.base import (
    BUTTON,
    CUT,
    LONGEST_IN,
    NOT_TEXT,
    TEXT,
    Channel,
    Inbound,
    Outbound,
    Receipt,
    Style,
    keepable,
)
from bot.channels.telegram import Telegram
from ingang.wiring import SIMULATED
from tests.servers.scripted import Scripted
from tests.servers.telegram_api import TOKEN, TelegramApi
from tests.town import CHANNELS, LOOP

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _ready_made() -> dict[str, Channel]:
    """Every channel that a module under bot/channels makes, and the tests' own."""
    found: dict[str, Channel] = {}
    for each in pkgutil.iter_modules(bot.channels.__path__):
        module = importlib.import_module(f"bot.channels.{each.name}")
        found |= {
            value.name: value
            for value in vars(module).values()
            if not isinstance(value, type) and hasattr(value, "send") and hasattr(value, "finds")
        }
    return found | {"scripted": Scripted("scripted")}


READY = _ready_made()
REAL = {"telegram": "46701740605"}
"""Channels of real providers, each a fixture with its library and a server of our own; and an address there."""


@pytest.fixture(scope="module")
def telegram() -> Iterator[Channel]:
    with TelegramApi() as api:
        made = Telegram(TOKEN, base_url=api.url)
        yield made
        LOOP.run(made.close())


@pytest.fixture(params=[*sorted(READY), *REAL])
def channel(request: pytest.FixtureRequest) -> Channel:
    made: Channel = request.getfixturevalue(request.param) if request.param in REAL else READY[request.param]
    return made


def _to(channel: Channel, message: Outbound) -> Outbound:
    return replace(message, address=REAL.get(channel.name, message.address))


def _message(text: str = "Hej Kim. Vilket år är du född?", **more: Any) -> Outbound:
    return Outbound("+46701740605", text, "8uWm0Jm1QmW2v0c1bJ1xkA", **more)


def test_every_channel_of_the_house_is_tried() -> None:
    assert {channel.name for channel in (*SIMULATED.values(), *CHANNELS.values())} <= {
        each.name for each in READY.values()
    }


def test_a_channel_says_what_it_is(channel: Channel) -> None:
    assert channel.name
    assert len(channel.name) <= 20, "the column holds no more"
    assert channel.style in get_args(Style)
    assert channel.reachable in {True, False}
    assert channel.finds in {True, False}


@pytest.mark.parametrize(
    "message",
    [
        _message(),
        _message("å" * 2_000),
        _message("\U0001f44d"),
        _message(buttons=(("Ja", "1:2:yes"),)),
        _message(not_after=NOW),
    ],
    ids=["plain", "long", "emoji", "buttons", "with an end"],
)
def test_a_message_gets_a_receipt(channel: Channel, message: Outbound) -> None:
    receipt = LOOP.run(channel.send(_to(channel, message)))
    assert isinstance(receipt, Receipt)
    assert 0 < len(receipt.provider_id) <= 120


def test_what_was_sent_is_found(channel: Channel) -> None:
    message = _to(channel, _message())
    receipt = LOOP.run(channel.send(message))
    if channel.finds:
        assert LOOP.run(channel.find(message)) == receipt


def test_the_same_reference_twice_does_no_harm(channel: Channel) -> None:
    message = _to(channel, _message())
    once, again = LOOP.run(channel.send(message)), LOOP.run(channel.send(message))
    if channel.name in REAL:
        assert once != again, "a provider knows no reference of ours: that is why nothing is sent again unseen"
    else:
        assert once == again


@pytest.mark.parametrize("kind", [TEXT, BUTTON, *NOT_TEXT])
def test_every_kind_of_message_comes_in(channel: Channel, kind: str) -> None:
    message = Inbound(channel.name, "+46701740605", "SM1", "hej", kind)
    assert (message.kind, message.text) == (kind, "hej")


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of message"):
        Inbound("sim_sms", "+46701740605", "SM1", "hej", "dance")


@pytest.mark.parametrize("size", [LONGEST_IN - 1, LONGEST_IN, LONGEST_IN + 1, 1_000_000])
def test_a_long_text_is_kept_or_visibly_cut(size: int) -> None:
    text = "å" * size
    kept = Inbound("sim_sms", "+46701740605", "SM1", text).text
    assert len(kept) <= LONGEST_IN
    assert kept == text if size <= LONGEST_IN else kept.endswith(CUT)


@pytest.mark.parametrize(
    ("text", "kept"), [("a\x00b", "ab"), ("\ud800hej", "?hej"), ("\udcff", "?"), ("\u202eab\u202c", "\u202eab\u202c")]
)
def test_what_no_database_takes_is_made_fit(text: str, kept: str) -> None:
    assert keepable(text) == kept
    keepable(text).encode("utf-8")
