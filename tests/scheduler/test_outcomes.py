"""What becomes of a message that was not plainly taken: doubt, later, never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import SendError
from scheduler import flight
from storage import contacts
from storage.db import Store
from tests.scheduler.street import HOUR, Street
from tests.servers.scripted import BLOCKED, LATER, UNKNOWN, later, taken
from tests.town import Phone, Town

# --- doubt ----------------------------------------------------------------------------------------------------------


def test_found_at_the_provider_it_is_accepted(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    row = street.queues("a")
    street.town.send()
    assert street.state(row) == "uncertain"
    street.town.doubt()
    assert street.state(row) == "accepted"
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_not_found_it_is_sent_again_and_then_parked(street: Street) -> None:
    street.channel.does(*[UNKNOWN] * 5)
    row = street.queues("a")
    for _ in range(6):
        street.town.send()
        street.town.doubt()
    assert street.state(row) == "parked"
    assert len(street.channel.began) == 3
    (item,) = street.town.inbox("undelivered")
    assert "Vi vet inte om" in (item.note or "")


def test_where_none_can_look_it_is_sent_once_more_and_flagged(blind: Street) -> None:
    blind.channel.does(taken(UNKNOWN))
    row = blind.queues("a")
    blind.town.send()
    blind.town.doubt()
    blind.town.send()
    assert blind.state(row) == "accepted"
    assert blind.row(row).possible_duplicate is True
    assert blind.channel.texts() == ["a", "a"]


def test_where_none_can_look_it_is_never_sent_a_third_time(blind: Street) -> None:
    blind.channel.does(*[taken(UNKNOWN)] * 5)
    row = blind.queues("a")
    for _ in range(6):
        blind.town.send()
        blind.town.doubt(seconds=100)
    assert blind.state(row) == "parked"
    assert blind.channel.texts() == ["a", "a"]
    assert blind.town.inbox("undelivered")


def test_a_channel_that_breaks_in_the_look_leaves_the_others(street: Street) -> None:
    street.channel.does(taken(UNKNOWN), taken(UNKNOWN))
    first, second = street.queues("a"), street.queues("x", to="alex")
    street.town.send()
    find, seen = street.channel.find, list[str]()

    async def breaks_once(message: Any) -> Any:
        seen.append(message.text)
        if len(seen) == 1:
            raise ValueError("a bug in the channel")
        return await find(message)

    street.channel.find = breaks_once  # type: ignore[method-assign]
    street.town.doubt()
    assert sorted((street.state(first), street.state(second))) == ["accepted", "uncertain"]
    street.town.doubt(seconds=60)
    assert {street.state(first), street.state(second)} == {"accepted"}


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("act", [RuntimeError("a bug"), OSError("no route"), "hang"], ids=["bug", "os", "hang"])
def test_whatever_else_a_channel_raises_may_have_gone_out(
    street: Street, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "REQUEST_DEADLINE", 0.05)
    street.channel.does(taken(act))
    row = street.queues("a")
    street.town.send()
    assert street.state(row) == "uncertain"
    street.town.doubt()
    assert street.state(row) == "accepted"
    assert street.channel.texts() == ["a"]


# --- later, never ---------------------------------------------------------------------------------------------------


def test_later_waits_as_long_as_the_provider_says(street: Street) -> None:
    street.channel.does(later(90))
    row = street.queues("a")
    street.town.send()
    assert street.state(row) == "queued"
    street.after(89)
    assert street.channel.texts() == []
    street.after(2)
    assert street.state(row) == "accepted"


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("said", "waits"), [(0.001, 1), (86_400, 3600), (float("inf"), 3600), (float("nan"), 30), (-5, 1)]
)
def test_an_absurd_wait_is_brought_within_reason(street: Street, said: float, waits: int) -> None:
    street.channel.does(later(said))
    row = street.queues("a")
    street.town.send()
    assert street.row(row).not_before == street.town.now + timedelta(seconds=waits)


def test_later_without_a_time_backs_off(street: Street) -> None:
    street.channel.does(*[LATER] * 6)
    row = street.queues("a")
    waits = []
    for _ in range(6):
        street.town.send()
        waits.append(street.row(row).not_before - street.town.now)
        street.town.now = street.row(row).not_before
    assert all(timedelta(seconds=2.5 * 2**n) <= wait <= timedelta(seconds=5 * 2**n) for n, wait in enumerate(waits))
    street.town.send()
    assert street.state(row) == "accepted"


def test_a_provider_that_is_down_for_hours_loses_nothing(street: Street) -> None:
    row = street.queues("a")
    end = street.town.now + 4 * HOUR
    while street.town.now < end:
        street.channel.script.clear()
        street.channel.does(LATER)
        street.town.send()
        street.town.now = max(street.row(row).not_before, street.town.now + timedelta(seconds=1))
    street.channel.script.clear()
    street.town.now += HOUR
    street.town.send()
    assert street.state(row) == "accepted"


def test_after_many_hours_of_later_staff_are_told(street: Street) -> None:
    row = street.queues("a")
    street.channel.does(*[LATER] * 40)
    for _ in range(40):
        street.town.send()
        street.town.now += HOUR
    assert street.state(row) == "failed"
    assert "gick inte fram" in (street.town.inbox("undelivered")[0].note or "")


def test_a_whole_channel_pauses_and_no_other(store: Store) -> None:
    town = Town(store)
    sms, chat = town.scripted("sim_sms"), town.scripted("sim_telegram", style="chat")
    sms.does(later(60, whole_channel=True))
    phones = [Phone(town, "sim_sms", f"+4670000000{n}") for n in range(3)]
    phones[0].writes("hej")
    assert len(sms.began) == 1
    for phone in phones[1:]:
        phone.writes("hej")
    town.phone("sim_telegram").writes("hej")
    assert len(sms.began) == 1, "while the channel pauses, nothing is begun on it"
    assert len(chat.taken) == 2
    town.lease += timedelta(seconds=61)
    town.now += timedelta(seconds=61)
    town.send()
    assert len(sms.taken) == 6


def test_never_is_tried_once_and_marks_the_contact(street: Street) -> None:
    street.channel.does(BLOCKED)
    first, second = street.queues("a"), street.queues("b")
    street.town.send()
    street.town.doubt()
    street.town.send()
    assert (street.state(first), street.state(second)) == ("failed", "cancelled")
    assert len(street.channel.began) == 1
    assert "gick inte fram" in (street.town.inbox("undelivered")[0].note or "")
    with street.town.store.read() as tx:
        assert contacts.get(tx, street.person().contact_id).blocked_at is not None


def test_one_who_writes_again_is_reached_again(store: Store) -> None:
    town = Town(store)
    channel = town.scripted()
    phone = town.phone()
    channel.does(BLOCKED)
    phone.writes("hej")
    assert channel.texts() == []
    phone.writes("hej")
    assert channel.texts()
    assert phone.standing().blocked_at is None


def test_a_long_word_from_the_provider_loses_no_outcome(street: Street) -> None:
    street.channel.does(SendError("later", "x\x00" * 500), "ok")
    first, second = street.queues("a"), street.queues("x", to="alex")
    street.town.send()
    assert sorted((street.state(first), street.state(second))) == ["accepted", "queued"]


def test_a_channel_that_is_off_is_told_to_staff(street: Street) -> None:
    row = street.queues("a")
    street.town.house = replace(street.town.house, channels={})
    street.town.restart()
    street.town.later()
    assert street.state(row) == "failed"
    assert street.town.inbox("undelivered")
