"""What goes in which order, and whose a claimed message is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import conversation
from scheduler import flight
from scheduler.flight import Ended
from storage import claims, outcomes
from storage.claims import LEASE
from storage.db import Store
from storage.tables import outbox_attempts
from tests.scheduler.street import HOUR, Street
from tests.servers.scripted import LATER, UNKNOWN, later, taken
from tests.town import Town

# --- why a message exists is a unique key ---------------------------------------------------------------------------


def test_one_reason_queues_one_message(street: Street) -> None:
    street.queues("ett", key="turn:1:0")
    street.queues("ett igen", key="turn:1:0")
    street.town.send()
    assert street.channel.texts() == ["ett"]


def test_the_same_form_from_staff_sends_once(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    for _ in range(3):
        person = phone.standing().participant_id
        conversation.say(store, town.house, person, "Hej, det är Anna.", "staff:1", town.now, nonce="form-1")
    town.send()
    assert phone.new() == ["Hej, det är Anna."]


# --- order ----------------------------------------------------------------------------------------------------------


def test_one_person_reads_in_the_order_of_writing(street: Street) -> None:
    for text in "abcdef":
        street.queues(text)
    for text in "xyz":
        street.queues(text, to="alex")
    street.town.round()
    assert sorted(street.channel.texts()) == ["a", "x"], "one row a contact is open at a time"
    street.town.send()
    mine = [each.text for each in street.channel.taken if each.address == "+46700000000"]
    assert mine == list("abcdef")


def test_an_uncertain_message_holds_the_next_ones(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    street.channel.unreadable = LATER
    for text in "abc":
        street.queues(text)
    street.town.send()
    street.queues("x", to="alex")
    street.town.send()
    assert street.channel.texts() == ["a", "x"]
    street.town.doubt()
    street.town.send()
    assert street.channel.texts() == ["a", "x"], "unreadable: neither sent again nor overtaken"
    street.channel.unreadable = None
    street.town.doubt(seconds=60)
    street.town.send()
    assert street.channel.texts() == ["a", "x", "b", "c"]


def test_the_most_urgent_waits_for_nothing(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    street.channel.unreadable = LATER
    for text in "ab":
        street.queues(text)
    street.town.send()
    urgent = street.queues("112", kind="distress")
    street.town.send()
    assert street.state(urgent) == "accepted"
    assert street.channel.texts() == ["a", "112"]


def test_what_goes_to_many_is_overtaken_and_keeps_its_order_among_its_like(street: Street) -> None:
    """Kim has two of them queued when somebody answers Kim; one that was put off is overtaken as well."""
    street.channel.does(later(600))
    street.queues("först", kind="invitation")
    street.queues("sedan", kind="invitation")
    street.town.send()
    street.queues("svar")
    street.queues("tid", kind="meeting")
    street.town.send()
    assert street.channel.texts() == ["svar", "tid"]
    street.after(601)
    assert street.channel.texts() == ["svar", "tid", "först"], "one a day is enough"
    street.after(24 * 3600)
    assert street.channel.texts() == ["svar", "tid", "först", "sedan"]


def test_what_is_not_to_many_keeps_the_order_of_writing_whatever_its_priority(street: Street) -> None:
    street.queues("påminnelse", kind="meeting")
    street.queues("svar")
    street.town.send()
    assert street.channel.texts() == ["påminnelse", "svar"]


def test_two_urgent_ones_keep_their_order(street: Street) -> None:
    first_done: list[str] = []

    async def slow_first(message: Any) -> Any:
        if message.text == "linjer":
            for _ in range(20):
                await asyncio.sleep(0)
        first_done.append(message.text)
        return street.channel._receipt(message)

    street.channel.send = slow_first  # type: ignore[method-assign]
    street.queues("linjer", kind="distress")
    street.queues("vem som larmats", kind="distress")
    street.town.send()
    assert first_done == ["linjer", "vem som larmats"]


def test_one_persons_silence_holds_up_nobody_else(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flight, "REQUEST_DEADLINE", 0.05)
    street.channel.does("hang")
    slow = street.queues("a")
    quick = street.queues("x", to="alex")
    street.town.send()
    assert sorted((street.state(slow), street.state(quick))) == ["accepted", "uncertain"]


# --- leases ---------------------------------------------------------------------------------------------------------


def test_a_lease_that_runs_out_is_uncertain_and_never_queued(blind: Street) -> None:
    row = blind.queues("a")
    blind.claims()
    blind.town.doubt(seconds=59)
    assert blind.state(row) == "sending"
    with blind.town.store.begin() as tx:
        assert outcomes.lose_leases(tx, blind.town.now, blind.town.lease + timedelta(seconds=2)) == 1
    assert blind.state(row) == "uncertain"


def test_what_was_claimed_and_not_sent_is_sent_once(street: Street) -> None:
    row = street.queues("a")
    street.claims()
    street.town.restart()
    street.town.doubt(seconds=61)
    assert street.state(row) == "queued"
    street.town.send()
    assert street.channel.texts() == ["a"]
    assert street.row(row).possible_duplicate is False


def test_what_was_sent_and_not_settled_is_found(street: Street) -> None:
    row = street.queues("a")
    street.sends(*street.claims())
    street.town.restart()
    street.town.doubt(seconds=61)
    street.town.send()
    assert street.state(row) == "accepted"
    assert street.row(row).provider_id
    assert street.channel.texts() == ["a"]


def test_a_sleepers_late_word_changes_nothing(street: Street) -> None:
    """It slept through its lease; the row was looked for, and sent by another. What it says now is kept, no more."""
    row = street.queues("a")
    (sleeper,) = street.claims()
    street.town.doubt(seconds=61)
    street.town.send()
    before = street.row(row)
    street.writes(Ended(sleeper, flight.outcome(sleeper, "failed", why="sov", provider_id="late")))
    assert street.row(row) == before
    assert street.town.inbox() == []
    with street.town.store.read() as tx:
        tries = tx.execute(select(outbox_attempts).order_by(outbox_attempts.c.id)).all()
    assert [(each.number, each.outcome) for each in tries] == [(1, "lease ran out"), (2, "accepted"), (1, "sov")]
    assert tries[2].provider_id == "late"


def test_a_sleeper_that_wakes_late_does_not_begin(street: Street) -> None:
    row = street.queues("a")
    (sleeper,) = street.claims()
    street.town.lease += timedelta(seconds=36)
    (ended,) = street.sends(sleeper)
    assert ended.outcome.state == "queued"
    assert street.channel.began == []
    assert street.state(row) == "sending"


def test_a_sleeper_that_sleeps_between_the_look_and_the_request_does_not_begin(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has looked, and found all well; then its machine stands still until the lease is over."""
    row = street.queues("a")
    (sleeper,) = street.claims()
    look = claims.look

    def sleeps(*given: Any) -> Any:
        found = look(*given)
        street.town.lease += LEASE
        return found

    monkeypatch.setattr(claims, "look", sleeps)
    (ended,) = street.sends(sleeper)
    assert street.channel.began == []
    street.writes(ended)
    assert street.state(row) == "queued"


def test_a_row_that_is_in_doubt_meanwhile_is_not_sent_and_not_lost(street: Street) -> None:
    """It slept through its lease, another has seen that, and it alone knows that nothing went out."""
    row = street.queues("a")
    (sleeper,) = street.claims()
    with street.town.store.begin() as tx:
        outcomes.lose_leases(tx, street.town.now, street.town.lease + HOUR)
    ended = street.sends(sleeper)
    assert street.channel.began == []
    assert street.state(row) == "uncertain"
    street.writes(*ended)
    kept = street.row(row)
    assert (kept.state, kept.risked) == ("queued", 0)
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_a_row_that_another_has_meanwhile_is_left_to_it(street: Street) -> None:
    row = street.queues("a")
    (sleeper,) = street.claims()
    street.town.doubt(seconds=61)
    (other,) = street.claims()
    street.writes(*street.sends(sleeper))
    assert street.channel.began == []
    assert street.state(row) == "sending"
    street.writes(*street.sends(other))
    assert street.channel.texts() == ["a"]


def test_two_who_look_at_once_send_it_once_more_at_most(blind: Street) -> None:
    """A slow second look at an uncertain row may not put it in the queue once more."""
    blind.channel.does(taken(UNKNOWN), taken(UNKNOWN))
    row = blind.queues("a")
    blind.town.send()
    with blind.town.store.begin() as tx:
        (slow,) = outcomes.take_doubtful(tx, blind.town.now, blind.town.lease, 10)
    blind.town.doubt(seconds=61)
    blind.town.send()
    assert blind.state(row) == "uncertain"
    with blind.town.store.begin() as tx:
        assert outcomes.resolve(tx, blind.town.now, slow, "queued", flag=True) is False
    assert blind.state(row) == "uncertain"
