"""Workers killed with -9 while they send: the provider's own count shows each message once, and each person's in order.

The small figures are for every run; `make faults` asks for those of the release.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from typing import Any

import pytest

from ingang.clock import SystemClock
from storage import contacts, outbox
from storage.crypto import KeyRing
from storage.db import Store
from storage.outbox import Body, NewMessage
from tests.databases import ON_POSTGRES
from tests.faults.workers import ANYWHERE, POINTS, STALLS
from tests.servers.telegram_api import TelegramApi
from tests.servers.twilio_api import TwilioApi

pytestmark = pytest.mark.slow
FULL = os.environ.get("INGANG_FAULTS") == "full"
MESSAGES, KILLS, EACH_POINT = (3_000, 100, 25) if FULL else (300, 10, 1)
IN_A_ROW = 3  # messages to one person


@pytest.fixture
def queue(database_url: str, key_ring: KeyRing) -> Any:
    """Queue messages to people, three to each, numbered in the order of their writing."""

    def queues(channel: str, messages: int) -> None:
        now, store = SystemClock().now(), Store.open(database_url, key_ring)
        with store.begin() as tx:
            for person in range(-(-messages // IN_A_ROW)):
                address = f"+4670{person:07d}" if channel == "sms" else f"{10_000_000 + person}"
                who = contacts.create(tx, now, channel, address)
                new = [
                    NewMessage(
                        who.contact_id, who.participant_id, channel, "reply", f"{address}:{number}", "Prov.",
                        Body(f"n{number}"),
                    )
                    for number in range(IN_A_ROW)
                ]  # fmt: skip
                outbox.queue(tx, who.key, now, new)
        store.close()

    return queues


def in_order(taken: list[tuple[str, str]]) -> bool:
    """Whether each person got theirs in the order of writing, a second copy of one apart."""
    by_person: dict[str, list[str]] = defaultdict(list)
    for to, text in taken:
        if text not in by_person[to]:
            by_person[to].append(text)
    return all(texts == sorted(texts) for texts in by_person.values())


def test_random_kills_lose_nothing_and_send_nothing_twice(queue: Any, lives: Any) -> None:
    with TwilioApi(latency=0.05, lag=2) as api:
        queue("sms", MESSAGES)
        told = lives(api, kills=KILLS, per_second=2, longest=600 if FULL else 120)
        assert told.seen["left"] == 0
        assert told.seen["killed"] == KILLS
        assert told.seen["codes"] == [0, 0]
        assert told.states() == {"accepted": MESSAGES}
        assert api.times_taken() == Counter(row.ref for row in told.rows), "each exactly once"
        assert in_order([(each.to, each.body) for each in api.taken])
        sids = {each.ref: each.sid for each in api.taken}
        assert all(row.provider_id == sids[row.ref] for row in told.rows)


@pytest.mark.parametrize(
    "stalls", [[at] * 2 for at in (ANYWHERE, *STALLS)] if FULL else [STALLS[:1]], ids=lambda at: at[0]
)
def test_one_that_sleeps_through_its_lease_sends_nothing_twice(queue: Any, lives: Any, stalls: list[str]) -> None:
    """Its machine stands still for longer than a lease, in the middle of it, while another goes on."""
    with TwilioApi(latency=0.05) as api:
        messages = 180 * len(stalls) if FULL else 90
        queue("sms", messages)
        told = lives(api, stalls=stalls, per_second=1.2, longest=300)
        assert told.seen["stalled"] == len(stalls)
        assert told.states() == {"accepted": messages}, {row.outcome for row in told.rows}
        assert api.times_taken() == Counter(row.ref for row in told.rows)
        assert in_order([(each.to, each.body) for each in api.taken])


@ON_POSTGRES
def test_connections_cut_again_and_again_lose_nothing(queue: Any, lives: Any, database_url: str) -> None:
    """PostgreSQL goes away in the middle of whatever is being done, and is back at once."""
    with TwilioApi(latency=0.02) as api:
        queue("sms", MESSAGES)
        # So slowly that there is something to send until the last cut, however quick the machine.
        told = lives(api, cuts=KILLS, per_second=2, longest=600 if FULL else 120)
        assert told.seen["cut"] == KILLS
        assert told.seen["codes"] == [0, 0]
        assert told.states() == {"accepted": MESSAGES}
        assert api.times_taken() == Counter(row.ref for row in told.rows)
        assert in_order([(each.to, each.body) for each in api.taken])


def test_killed_at_each_point_an_sms_goes_once(queue: Any, lives: Any) -> None:
    crashes = [(point, times + 1) for times in range(EACH_POINT) for point in POINTS]
    with TwilioApi(latency=0.02, lag=1) as api:
        queue("sms", 60 * EACH_POINT)
        told = lives(api, workers=1, crashes=crashes, longest=600 if FULL else 120)
        assert {point.partition(":")[0] for point in told.seen["crashed"]} == set(POINTS), "they are passed still"
        assert told.seen["left"] == 0
        assert told.states() == {"accepted": 60 * EACH_POINT}
        assert api.times_taken() == Counter(row.ref for row in told.rows)
        assert in_order([(each.to, each.body) for each in api.taken])


def test_killed_at_each_point_telegram_gets_one_more_at_most(queue: Any, lives: Any) -> None:
    """It cannot be asked what it took: nothing is lost, none comes a third time, what went twice is flagged."""
    crashes = [(point, times + 1) for times in range(EACH_POINT) for point in POINTS]
    with TelegramApi(latency=0.02) as api:
        queue("telegram", 60 * EACH_POINT)
        told = lives(api, channel="telegram", workers=1, crashes=crashes, longest=600 if FULL else 120)
        assert {point.partition(":")[0] for point in told.seen["crashed"]} == set(POINTS)
        assert told.seen["left"] == 0
        by_key = {row.dedupe_key: row for row in told.rows}
        times = {f"{chat}:{text[1:]}": count for (chat, text), count in api.times_taken().items()}
        assert max(times.values()) <= 2
        assert all(by_key[key].possible_duplicate for key, count in times.items() if count == 2)
        missing = {key for key, row in by_key.items() if key not in times}
        assert {by_key[key].state for key in missing} <= {"parked"}, "what may not have gone out is before staff"
        assert in_order([(str(each["chat_id"]), each["text"]) for each in api.taken])
