"""A provider's list of what came in while nobody listened: STOPP first, each once, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import conversation
from bot.actions.house import House
from bot.channels.base import BUTTON, Inbound, SendError
from bot.conversation import Report
from scheduler.lists import read_inbound
from storage.db import Store
from storage.errors import StoreUnavailable
from tests.town import LOOP, Town

PHONE, OTHER, THIRD = "+46701740605", "+46701740606", "+46701740607"


@dataclass
class Listed:
    """A channel with a list."""

    messages: list[Inbound] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    unreadable: SendError | None = None
    name: str = "sim_sms"

    async def receive(self, since: datetime) -> Sequence[Inbound]:
        self.asked.append(since)
        if self.unreadable is not None:
            raise self.unreadable
        return self.messages


@dataclass
class Desk:
    """Takes turns as the program does."""

    town: Town
    taken: list[str] = field(default_factory=list)
    breaks_on: str = ""

    @property
    def house(self) -> House:
        return self.town.house

    async def receive(self, message: Inbound) -> Report:
        if message.text == self.breaks_on:
            raise StoreUnavailable("full") if message.text == "full" else ValueError("a bug")
        self.taken.append(message.text)
        return conversation.take_turn(self.town.store, self.town.house, message, self.town.now)


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


def _message(number: int, text: str, address: str = PHONE, **more: Any) -> Inbound:
    return Inbound("sim_sms", address, f"SM{number}", text, **more)


def _reads(desk: Desk, channel: Listed, hours: float = 1) -> int:
    return LOOP.run(read_inbound(desk, channel, desk.town.now - timedelta(hours=hours)))


def test_what_came_in_is_taken_in_once(town: Town) -> None:
    town.phone().writes("hej", provider_id="SM1")
    channel, desk = Listed([_message(1, "hej"), _message(2, "ja")]), Desk(town)
    assert _reads(desk, channel) == 1
    assert _reads(desk, channel) == 0
    town.send()
    assert len(town.phone().texts()) == 3
    assert channel.asked[0] == town.now - timedelta(hours=1)


def test_stopp_and_distress_come_first(town: Town) -> None:
    channel = Listed(
        [
            _message(1, "hej", THIRD), _message(2, "ja"), _message(3, "jag vill inte leva längre", OTHER),
            _message(4, "STOPP", THIRD, kind=BUTTON), _message(5, "STOPP"), _message(6, "tack", THIRD),
        ]
    )  # fmt: skip
    desk = Desk(town)
    _reads(desk, channel)
    assert desk.taken == ["ja", "jag vill inte leva längre", "STOPP", "hej", "STOPP", "tack"]
    assert town.inbox("distress")


def test_a_stopp_that_was_missed_holds_before_anything_is_sent(town: Town) -> None:
    phone = town.phone()
    phone.writes("hej")
    person = phone.standing().participant_id
    conversation.say(town.store, town.house, person, "Hej, det är Anna.", "staff:1", town.now)
    _reads(Desk(town), Listed([_message(9, "STOPP")]))
    town.send()
    assert [text for text in phone.new() if "Anna" in text] == []
    assert phone.standing().opted_out_at is not None


def test_what_one_person_wrote_stays_in_its_order(town: Town) -> None:
    town.phone().writes("hej", provider_id="SM0")
    desk = Desk(town)
    listed = [_message(1, "tack", OTHER), _message(2, "BÖRJA"), _message(3, "STOPP"), _message(4, "tack")]
    _reads(desk, Listed(listed))
    assert desk.taken == ["BÖRJA", "STOPP", "tack", "tack"]
    assert town.phone().standing().opted_out_at is not None


def test_a_list_that_cannot_be_read_says_so(town: Town) -> None:
    with pytest.raises(SendError):
        _reads(Desk(town), Listed(unreadable=SendError("unknown", "500")))


def test_what_cannot_be_kept_is_read_again_later(town: Town) -> None:
    channel, desk = Listed([_message(1, "hej"), _message(2, "full"), _message(3, "ja")]), Desk(town, breaks_on="full")
    with pytest.raises(StoreUnavailable):
        _reads(desk, channel)
    desk.breaks_on = ""
    assert _reads(desk, channel) == 2


def test_one_that_breaks_keeps_no_other_out(town: Town) -> None:
    channel, desk = Listed([_message(1, "hej"), _message(2, "x"), _message(3, "ja")]), Desk(town, breaks_on="x")
    assert _reads(desk, channel) == 2
    assert desk.taken == ["hej", "ja"]
