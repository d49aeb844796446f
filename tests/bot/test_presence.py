"""A person blocks us, or lets us in again."""

from __future__ import annotations

import pytest

from bot.actions import presence
from bot.channels.base import Presence
from storage.db import Store
from tests.town import Phone, Town

CHANNEL, ADDRESS = "sim_telegram", "6100200300"


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


@pytest.fixture
def phone(town: Town) -> Phone:
    phone = town.phone(CHANNEL, ADDRESS)
    phone.writes("hej")
    return phone


def _blocks(town: Town, *, blocked: bool = True, address: str = ADDRESS) -> bool:
    return presence.take(town.store, Presence(CHANNEL, address, blocked), town.now)


def test_a_block_is_put_before_staff_once(town: Town, phone: Phone) -> None:
    assert _blocks(town)
    assert not _blocks(town), "the same word again changes nothing"
    assert phone.standing().blocked_at == town.now
    (item,) = town.inbox("undelivered")
    assert item.participant_id == phone.standing().participant_id
    assert item.note == presence.BLOCKED


def test_nothing_is_sent_to_one_who_blocked(town: Town, phone: Phone) -> None:
    before = phone.texts()
    phone.writes("ja", send=False)
    _blocks(town)
    town.send()
    assert phone.texts() == before
    assert town.rows("queued") == []


def test_one_who_comes_back_is_written_to_again(town: Town, phone: Phone) -> None:
    _blocks(town)
    assert _blocks(town, blocked=False)
    assert not _blocks(town, blocked=False)
    assert phone.standing().blocked_at is None
    assert phone.writes("ja") != []
    assert len(town.inbox("undelivered")) == 1, "coming back is no case for staff"


def test_a_message_says_by_itself_that_they_are_back(town: Town, phone: Phone) -> None:
    _blocks(town)
    assert phone.writes("ja") != []
    assert phone.standing().blocked_at is None


def test_after_an_alarm_a_block_is_more_urgent(town: Town, phone: Phone) -> None:
    _blocks(town)
    (usual,) = town.inbox("undelivered")
    other = town.phone(CHANNEL, "6100200301")
    other.writes("jag vill inte leva längre")
    _blocks(town, address="6100200301")
    mine = [item for item in town.inbox("undelivered") if item.participant_id == other.standing().participant_id]
    assert mine[0].urgency < usual.urgency


@pytest.mark.parametrize("blocked", [True, False])
def test_a_stranger_leaves_no_trace(town: Town, blocked: bool) -> None:
    assert not _blocks(town, blocked=blocked, address="999")
    with pytest.raises(AssertionError):
        town.phone(CHANNEL, "999").standing()
    assert town.inbox() == []
