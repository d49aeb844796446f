"""The day's ceiling for SMS: it stops what the bot starts, never an answer, and a person is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import conversation
from storage import spending
from storage.db import Store, Tx
from storage.outbox import NewMessage, queue
from tests.bot.test_joining import says
from tests.town import Phone, Town

DAY = timedelta(days=1)


def town_of(store: Store, most: int) -> Town:
    """A town with that many SMS a day."""
    town = Town(store)
    town.house = replace(town.house, sms_per_day=most)
    town.restart()
    return town


def starts(town: Town, phone: Phone, number: int, **how: Any) -> None:
    """Let the bot start something by itself: an answer to a meeting, say."""
    who = phone.standing()
    message = NewMessage(
        who.contact_id, who.participant_id, who.channel, "meeting", f"plan:{number}", "En påminnelse.",
        message="talk/help_where", **how,
    )  # fmt: skip
    with town.store.begin() as tx:
        queue(tx, who.key, town.now, [message])
    town.send()


def test_what_the_bot_starts_waits_for_tomorrow(store: Store) -> None:
    town = town_of(store, 4)
    phone = town.phone()
    says(phone, "hej", "ja")  # three SMS
    starts(town, phone, 1)
    assert len(phone.new()) == 1
    starts(town, phone, 2)
    assert phone.new() == []
    (row,) = town.rows("queued")
    assert row.outcome == "Dagens gräns för sms är nådd."
    (item,) = town.inbox("other")
    assert "Den är 4." in (item.note or "")
    town.later(days=1, hours=-1, minutes=5)
    assert len(phone.new()) == 1, "at 9.05, in the sending hours of the next day"


def test_answers_and_staffs_words_always_go(store: Store) -> None:
    town = town_of(store, 1)
    phone = town.phone()
    assert len(says(phone, "hej")) == 2
    assert len(says(phone, "ja")) == 1
    conversation.say(store, town.house, phone.standing().participant_id, "Hej!", "staff:1", town.now)
    town.send()
    assert phone.new() == ["Hej!"]
    assert "112" in " ".join(says(phone, "jag vill inte leva längre"))


def test_what_cannot_wait_is_dropped_and_told(store: Store) -> None:
    town = town_of(store, 1)
    phone = town.phone()
    says(phone, "hej")
    starts(town, phone, 1, not_after=town.now + timedelta(hours=3))
    assert len(town.rows("expired")) == 1
    assert any("hann inte gå ut" in (item.note or "") for item in town.inbox("expired"))


def test_it_is_told_once_a_day(store: Store) -> None:
    town = town_of(store, 1)
    phone = town.phone()
    says(phone, "hej")
    for number in range(3):
        starts(town, phone, number)
    told = [item for item in town.inbox("other") if "Dagens gräns" in (item.note or "")]
    assert len(told) == 1


def test_other_channels_have_no_ceiling(store: Store) -> None:
    town = town_of(store, 1)
    says(town.phone(), "hej")
    chat = town.phone("sim_telegram", "tg:1")
    says(chat, "hej")
    starts(town, chat, 1)
    assert len(chat.new()) == 1


def test_one_claim_does_not_go_past_it(store: Store) -> None:
    town = town_of(store, 6)
    phones = [town.phone(address=f"+4670174061{number}") for number in range(2)]
    for phone in phones:
        says(phone, "hej")  # four SMS
    for number in range(8):
        phone = phones[number % 2]
        who = phone.standing()
        message = NewMessage(
            who.contact_id, who.participant_id, who.channel, "meeting", f"plan:{number}", "En påminnelse.",
            message="talk/help_where",
        )  # fmt: skip
        with store.begin() as tx:
            queue(tx, who.key, town.now, [message])
    town.send()
    assert len(town.rows("accepted")) == 6
    assert len(town.rows("queued")) == 6


def claims_and_counts(town: Town, claims: int, monkeypatch: pytest.MonkeyPatch, **between: float) -> int:
    """How many times the day's SMS are counted in so many claims, each of two messages."""
    phones, counted = [town.phone(address=f"+4670174061{number}") for number in range(2)], [0]
    count = spending.count_sms

    def counting(tx: Tx, since: datetime) -> int:
        counted[0] += 1
        return count(tx, since)

    for phone in phones:
        says(phone, "hej")
    monkeypatch.setattr(spending, "count_sms", counting)
    for number in range(claims):
        for phone in phones:
            starts(town, phone, number * 2 + phones.index(phone))
        town.later(**between)
    return counted[0]


def test_far_from_it_the_days_sms_are_not_counted_in_every_claim(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert claims_and_counts(town_of(store, 100_000), 4, monkeypatch, seconds=1) == 1


def test_they_are_counted_again_after_a_minute(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert claims_and_counts(town_of(store, 100_000), 3, monkeypatch, minutes=1) == 3


def test_near_it_they_are_counted_in_every_claim(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """For another worker may have sent, of which this one does not know."""
    assert claims_and_counts(town_of(store, 2_500), 4, monkeypatch, seconds=1) == 8


def test_no_code_is_sent_past_it(store: Store) -> None:
    town = town_of(store, 1)
    says(town.phone(address="+46701740699"), "hej")
    chat = town.phone("web", "chat:1")
    said = says(chat, *("hej", "ja", "kim", "03", "1", "jobb", "promenad", "1", "070-174 06 05", "nej", "ja"))
    assert "kan inte skicka sms" in said[-1]
    assert town.phone().texts() == []


@pytest.mark.parametrize("hour", [23, 24])
def test_the_day_is_the_local_one(store: Store, hour: int) -> None:
    town = town_of(store, 2)
    phone = town.phone()
    says(phone, "hej")
    town.later(hours=hour - 10)  # it was ten in the morning
    says(phone, "prata med någon")
    starts(town, phone, 1)
    held = town.rows("queued")
    assert len(held) == 1
    assert held[0].outcome != "Dagens gräns för sms är nådd." or hour == 23
