"""How fast: a channel's rate, an address's rest, a provider that says wait, one that is down, and who goes first."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.channels.base import Rates, SendError
from scheduler import pace
from scheduler.dispatcher import Dispatcher
from storage.db import Store
from storage.pace import of_channels
from tests.scheduler.street import Street
from tests.servers.scripted import LATER, UNKNOWN, Act, later
from tests.town import LOOP, Town

DOWN = SendError("later", "no route")
SECOND = timedelta(seconds=1)


def hangs(times: int) -> list[Act]:
    """So many requests that are never answered."""
    return ["hang"] * times


def _walks(street: Street, seconds: float, step: float = 0.02) -> list[datetime]:
    """Let so much time pass in small steps; give the lease time at which each request began."""
    began: list[datetime] = []
    street.channel.on_send = lambda _: began.append(street.town.lease)
    for _ in range(round(seconds / step)):
        street.town.send()
        street.town.lease += timedelta(seconds=step)
        street.town.now += timedelta(seconds=step)
    return began


def _most_in_a_second(began: list[datetime]) -> int:
    return max(sum(each <= other < each + SECOND for other in began) for each in began)


# --- rates ------------------------------------------------------------------------------------------------------------


def test_a_channel_is_never_used_faster_than_its_rate(store: Store) -> None:
    street = Street(store, rates=Rates(25))
    for number in range(60):
        street.queues(f"n{number}", to=f"p{number}")
    began = _walks(street, 2)
    assert 40 <= len(began) <= 50
    assert _most_in_a_second(began) <= 25


def test_two_workers_share_one_rate(store: Store) -> None:
    street = Street(store, rates=Rates(25))
    for number in range(80):
        street.queues(f"n{number}", to=f"p{number}")
    town, began = street.town, list[datetime]()
    street.channel.on_send = lambda _: began.append(town.lease)
    other = Dispatcher(store, town.house, lambda: town.now, lambda: town.lease)
    for _ in range(100):
        town.send()
        LOOP.run(other.drain())
        town.lease += timedelta(seconds=0.02)
    assert 40 <= len(began) <= 50
    assert _most_in_a_second(began) <= 25


def test_one_address_gets_one_a_second(store: Store) -> None:
    street = Street(store, rates=Rates(25, address_gap=1.0))
    for text in "abc":
        street.queues(text)
    street.queues("x", to="alex")
    began = _walks(street, 3)
    assert street.channel.texts() == ["a", "x", "b", "c"]
    mine = [moment for moment, message in zip(began, street.channel.began, strict=True) if message.text != "x"]
    assert all(after - earlier >= SECOND for earlier, after in pairwise(mine))


def test_an_address_that_did_not_get_it_rests_too(store: Store) -> None:
    street = Street(store, rates=Rates(25, address_gap=1.0))
    street.channel.does(SendError("never", "no"))
    street.queues("a")
    street.queues("b")
    began = _walks(street, 2)
    assert [message.text for message in street.channel.began] == ["a", "b"]
    assert began[1] - began[0] >= SECOND


# --- wait, said the provider ------------------------------------------------------------------------------------------


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(("said", "waits"), [(1, 1), (30, 30), (3600, 3600), (None, 30), (10**9, 3600), (-1, 1)])
def test_a_429_stops_the_channel_for_so_long(street: Street, said: float | None, waits: int) -> None:
    street.channel.does(later(said, whole_channel=True))
    row = street.queues("a")
    street.town.send()
    other = street.queues("x", to="alex")
    for _ in range(3):
        street.town.send()
        street.town.lease += timedelta(seconds=waits) / 3 - timedelta(milliseconds=1)
    street.town.send()
    assert len(street.channel.began) == 1
    street.town.lease += timedelta(milliseconds=4)
    street.town.send()
    assert [street.state(each) for each in (row, other)] == ["accepted", "accepted"]
    assert street.channel.texts() == ["a", "x"], "it kept its place"


def test_a_row_told_to_wait_with_the_channel_is_not_blamed(street: Street) -> None:
    """Our key is refused for a day: no row fails for it."""
    row = street.queues("a")
    for _ in range(40):
        street.channel.does(later(None, whole_channel=True))
        street.town.send()
        street.town.lease += timedelta(seconds=31)
    assert len(street.channel.began) == 40
    street.channel.script.clear()
    street.town.lease += timedelta(seconds=31)
    street.town.send()
    kept = street.row(row)
    assert (kept.state, kept.refused, kept.risked) == ("accepted", 0, 1)


def test_a_rest_outlives_the_process(street: Street) -> None:
    street.channel.does(later(60, whole_channel=True))
    street.queues("a")
    street.town.send()
    street.town.restart()
    street.town.lease += timedelta(seconds=59)
    street.town.send()
    assert len(street.channel.began) == 1


def test_what_is_claimed_already_waits_for_the_rest_to_end(street: Street) -> None:
    """One comes back with a 429 while the next is claimed and has not begun."""
    street.channel.does(later(60, whole_channel=True))
    street.queues("a")
    street.queues("x", to="alex")
    first, second = street.claims()
    ended = street.sends(first)
    ended += street.sends(second)
    street.writes(*ended)
    assert [message.text for message in street.channel.began] == ["a"]
    assert {row.state for row in street.town.rows()} == {"queued"}


def test_a_rest_is_not_forgotten_when_the_channel_is_found_up(street: Street) -> None:
    """It was down, one is told to wait for an hour, and another is taken at the same time: it rests for the hour."""
    for number in range(10):
        street.queues(f"n{number}", to=f"p{number}")
    street.channel.does(*[DOWN] * 5, later(3600, whole_channel=True))
    street.town.send()
    before = len(street.channel.began)
    for _ in range(20):
        street.town.send()
        street.town.lease += timedelta(seconds=60)
        street.town.now += timedelta(seconds=60)
    assert len(street.channel.began) == before
    street.town.lease += timedelta(seconds=3600)
    street.town.send()
    assert len(street.channel.began) > before


# --- down -------------------------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_tried_twice_a_minute(street: Street) -> None:
    rows = [street.queues(f"n{number}", to=f"p{number}") for number in range(20)]
    street.channel.does(*[DOWN] * 500)
    street.town.send()
    before = len(street.channel.began)
    assert before <= 20
    began: list[datetime] = []
    street.channel.on_send = lambda _: began.append(street.town.lease)
    for _ in range(600):
        street.town.send()
        street.town.lease += SECOND
        street.town.now += SECOND
    assert 15 <= len(began) <= 20
    assert all(after - earlier >= 30 * SECOND for earlier, after in pairwise(began))
    street.channel.script.clear()
    for _ in range(70):
        street.town.send()
        street.town.lease += 60 * SECOND
        street.town.now += 60 * SECOND
    assert {street.state(row) for row in rows} == {"accepted"}
    assert street.channel.times_taken().most_common(1)[0][1] == 1


def test_that_it_is_down_outlives_the_process(street: Street) -> None:
    for number in range(10):
        street.queues(f"n{number}", to=f"p{number}")
    street.channel.does(*[DOWN] * 500)
    street.town.send()
    street.town.restart()
    before = len(street.channel.began)
    for _ in range(61):
        street.town.send()
        street.town.lease += SECOND
        street.town.now += SECOND
    assert len(street.channel.began) - before <= 3


def test_one_that_is_up_again_is_used_at_once(street: Street) -> None:
    for number in range(10):
        street.queues(f"n{number}", to=f"p{number}")
    street.channel.does(*[DOWN] * 10)
    street.town.send()
    street.town.restart()  # another worker finds it up
    street.town.lease += 31 * SECOND
    street.town.now += timedelta(hours=1)
    street.town.send()
    assert len(street.town.rows("accepted")) == 10
    with street.town.store.read() as tx:
        assert of_channels(tx)["sim_sms"].failing is False


def test_one_person_who_cannot_be_reached_is_not_a_channel_that_is_down(street: Street) -> None:
    street.channel.does(*[DOWN] * 8)
    row = street.queues("a")
    for _ in range(8):
        street.town.send()
        street.town.now = street.row(row).not_before
    street.channel.script.clear()
    street.queues("x", to="alex")
    street.town.send()
    assert "x" in street.channel.texts()


def test_another_channel_does_not_notice(store: Store) -> None:
    town = Town(store)
    sms, chat = town.scripted("sim_sms"), town.scripted("sim_telegram", style="chat")
    sms.does(*[DOWN] * 100)
    for number in range(8):
        town.phone("sim_sms", f"+4670000000{number}").writes("hej")
    assert sms.taken == []
    town.phone("sim_telegram").writes("hej")
    assert len(chat.taken) == 2


# --- who goes first ---------------------------------------------------------------------------------------------------


def test_an_answer_goes_before_hundreds_of_invitations(street: Street) -> None:
    for number in range(300):
        street.queues(f"n{number}", to=f"p{number}", kind="invitation")
    LOOP.run(street.town.dispatcher._beat())
    answer = street.queues("svar", to="alex")
    street.town.round()
    assert street.state(answer) == "accepted"
    assert len(street.town.rows("queued")) > 20


async def _fills(dispatcher: Dispatcher, beats: int = 8) -> int:
    """Let it take off as long as there is a place; give how many are out."""
    for _ in range(beats):
        await dispatcher._beat()
    return len(dispatcher._flight.out)


async def _falls(dispatcher: Dispatcher) -> None:
    for task in dispatcher._flight.out:
        task.cancel()
    await asyncio.wait(dispatcher._flight.out)


def test_places_are_kept_for_answers(street: Street) -> None:
    """A hundred invitations hang: an answer finds a place all the same."""
    street.channel.does(*hangs(pace.AT_ONCE))
    for number in range(200):
        street.queues(f"n{number}", to=f"p{number}", kind="invitation")

    async def answers() -> Any:
        dispatcher = street.town.dispatcher
        assert await _fills(dispatcher) == pace.AT_ONCE
        row = street.queues("svar", to="alex")
        await _fills(dispatcher)
        state = street.state(row)
        await _falls(dispatcher)
        return state

    assert LOOP.run(answers()) == "accepted"
    assert len(street.channel.began) == pace.AT_ONCE + 1


@pytest.mark.parametrize(("kind", "most"), [("invitation", pace.AT_ONCE), ("reply", pace.AT_ONCE + pace.FOR_ANSWERS)])
def test_no_more_than_so_many_are_under_way(street: Street, kind: str, most: int) -> None:
    street.channel.does(*hangs(300))
    for number in range(300):
        street.queues(f"n{number}", to=f"p{number}", kind=kind)

    async def beats() -> int:
        out = await _fills(street.town.dispatcher)
        await _falls(street.town.dispatcher)
        return out

    assert LOOP.run(beats()) == most
    assert most <= len(street.town.rows("sending")) <= most + pace.AHEAD


def test_what_is_put_off_keeps_its_place(street: Street) -> None:
    """The first is told "later": the second waits for it, though it is due now."""
    street.channel.does(LATER)
    street.queues("a")
    street.queues("b")
    street.town.send()
    assert street.channel.texts() == []
    street.town.now += timedelta(seconds=10)
    street.town.send()
    assert street.channel.texts() == ["a", "b"]


def test_what_is_put_off_holds_up_no_answer(street: Street) -> None:
    street.channel.does(LATER)
    street.queues("bjudning", kind="invitation")
    street.town.send()
    street.queues("svar")
    street.town.send()
    assert street.channel.texts() == ["svar"]


def test_a_channel_that_is_shut_is_not_used(street: Street) -> None:
    row = street.queues("a")
    dispatcher = street.town.dispatcher
    dispatcher.shut("sim_sms", street.town.lease + timedelta(seconds=30))
    street.town.send()
    assert street.state(row) == "queued"
    dispatcher.open("sim_sms")
    street.town.send()
    assert street.state(row) == "accepted"


def test_a_channel_is_not_shut_for_ever(street: Street) -> None:
    row = street.queues("a")
    street.town.dispatcher.shut("sim_sms", street.town.lease + timedelta(seconds=30))
    street.town.lease += timedelta(seconds=31)
    street.town.send()
    assert street.state(row) == "accepted"


def test_doubt_is_no_sign_that_a_channel_is_down(street: Street) -> None:
    street.channel.does(*[UNKNOWN] * 20)
    for number in range(20):
        street.queues(f"n{number}", to=f"p{number}")
    street.town.send()
    street.queues("x", to="alex")
    street.town.send()
    assert "x" in street.channel.texts()
