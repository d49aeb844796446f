from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.channels.base import Outbound, SendError
from ingang.heeded import Heeded
from ingang.tally import Tally
from scheduler.watch import Board
from tests.servers.scripted import BLOCKED, LATER, UNKNOWN, Scripted

HELLO = Outbound("+46701740605", "hej", "ref")
REFUSED = SendError("later", "wrong token", code="20003", whole_channel=True)


def test_counts_from_many_threads_add_up() -> None:
    tally = Tally()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: tally.add("turn", "sms", "handled"), range(1000)))
    assert tally.take() == {"turn.sms.handled": 1000}
    assert tally.take() == {}


def test_counts_that_could_not_be_kept_come_back() -> None:
    tally = Tally()
    tally.add("turn", "sms", "handled")
    kept = tally.take()
    tally.add("turn", "sms", "handled")
    tally.give_back(kept)
    assert tally.take() == {"turn.sms.handled": 2}


@pytest.mark.parametrize("odd", ["", "a b", "+46701740605", "å", "x" * 21, "a.b", 'a"b', "a\nb"])
def test_what_is_no_word_is_counted_as_other(odd: str) -> None:
    tally = Tally()
    tally.add("error", "sms", odd)
    assert tally.take() == {"error.sms.other": 1}


def sent(channel: Heeded) -> None:
    try:
        asyncio.run(channel.send(HELLO))
    except SendError:
        return


def test_every_try_is_counted_by_its_result() -> None:
    inner, tally = Scripted("sms"), Tally()
    channel = Heeded(inner, tally, Board())
    inner.does("ok", LATER, BLOCKED, UNKNOWN, KeyError("odd"))
    for _ in range(4):
        sent(channel)
    with pytest.raises(KeyError):
        asyncio.run(channel.send(HELLO))
    assert tally.take() == {
        "send.sms.accepted": 1, "send.sms.later": 1, "send.sms.never": 1, "send.sms.unknown": 2,
        "error.sms.later": 1, "error.sms.403": 1, "error.sms.unknown": 1,
    }  # fmt: skip


def test_a_refused_token_is_put_on_the_board() -> None:
    inner, board = Scripted("sms"), Board()
    channel = Heeded(inner, Tally(), board)
    inner.does(REFUSED, LATER, "ok")
    sent(channel)
    assert board.take() == {"sms.token": "20003"}
    sent(channel)
    assert board.take() == {}, "not now says nothing of the token"
    sent(channel)
    assert board.take() == {"sms.token": None}


def test_a_heeded_channel_is_the_channel() -> None:
    inner = Scripted("telegram", "chat", finds=False)
    channel = Heeded(inner, Tally(), Board())
    assert (channel.name, channel.style, channel.reachable, channel.finds) == ("telegram", "chat", True, False)
    assert (channel.find_wait, channel.rates) == (inner.find_wait, inner.rates)
    sent(channel)
    assert asyncio.run(channel.find(HELLO)) is not None
    channel.board.take()
    inner.unreadable = REFUSED
    with pytest.raises(SendError):
        asyncio.run(channel.find(HELLO))
    assert channel.board.take() == {}, "20003 is no code of Telegram"
