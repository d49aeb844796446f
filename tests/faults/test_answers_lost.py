"""A provider that takes the message and then answers 500, hangs or resets: no SMS twice, and none lost.

The real client against a server of ours that keeps the truth. The list may lag as long as we wait for it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import pytest

from bot.channels.sms import TwilioSms
from bot.channels.twilio_http import Limits
from storage import contacts, outbox
from storage.db import Store
from storage.outbox import Body, NewMessage
from tests.servers.twilio_api import ACCOUNT, NUMBER, TOKEN, Act, TwilioApi, lost, refused, taken, too_many
from tests.town import LOOP, Town

FULL = os.environ.get("INGANG_FAULTS") == "full"
MESSAGES = 2_000 if FULL else 200
FEW = 40
LAG = 100
"""Seconds until the list shows a message: within the 120 that we wait."""


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with TwilioApi(lag=LAG) as api:
        yield api


@pytest.fixture
def town(store: Store, api: TwilioApi) -> Iterator[Town]:
    """A town that writes by SMS; the provider's clock is the town's."""
    channel = TwilioSms(
        ACCOUNT, TOKEN, public_url="https://ingang.example", from_number=NUMBER, api_base_url=api.url,
        per_second=100_000, limits=Limits(total=2.0),
    )  # fmt: skip
    town = Town(store, channels={"sms": channel})
    api.clock = lambda: town.now
    yield town
    LOOP.run(channel.close())


def _queues(town: Town, messages: int) -> None:
    with town.store.begin() as tx:
        for number in range(messages):
            who = contacts.create(tx, town.now, "sms", f"+4670{number:07d}")
            new = NewMessage(
                who.contact_id, who.participant_id, "sms", "reply", f"n{number}", "Prov.", Body(f"Hej {number % 7}")
            )
            outbox.queue(tx, who.key, town.now, [new])


def _goes_on(town: Town, seconds: float, step: float = 15) -> None:
    """Let so much time pass, as the program does."""
    for _ in range(round(seconds / step)):
        town.now += timedelta(seconds=step)
        town.doubt(seconds=step)
        while town.rows("uncertain") and _due_for_a_look(town):
            town.doubt()
        town.send()


def _due_for_a_look(town: Town) -> bool:
    return any(row.look_at is None or row.look_at <= town.lease for row in town.rows("uncertain"))


def _each_once(town: Town, api: TwilioApi) -> None:
    rows = town.rows()
    assert {row.state for row in rows} == {"accepted"}
    assert api.times_taken() == Counter(row.ref for row in rows)
    sids = {each.ref: each.sid for each in api.taken}
    assert all(row.provider_id == sids[row.ref] for row in rows)
    assert not any(row.possible_duplicate for row in rows)


@pytest.mark.few_on_postgres
@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "messages"),
    [
        (taken("answer", 500), MESSAGES), (taken("hang"), MESSAGES), (taken("reset"), MESSAGES),
        (taken("answer", 502), FEW), (taken("cut"), FEW), (taken("no_sid"), FEW), (taken("drip"), FEW),
    ],
    ids=["500", "hangs", "resets", "502", "cut off", "no sid", "drips"],
)  # fmt: skip
def test_taken_and_then_lost_it_goes_once(town: Town, api: TwilioApi, act: Act, messages: int) -> None:
    api.does(*[act] * messages)
    _queues(town, messages)
    town.send()
    assert {row.state for row in town.rows()} == {"uncertain"}
    assert len(api.sends) == messages
    _goes_on(town, 180)
    _each_once(town, api)
    assert len(api.sends) == messages, "none was sent again"


@pytest.mark.few_on_postgres
@pytest.mark.slow
@pytest.mark.parametrize("act", [refused(500), lost("reset"), lost("hang")], ids=["500", "resets", "hangs"])
def test_not_taken_and_lost_it_goes_once(town: Town, api: TwilioApi, act: Act) -> None:
    api.does(*[act] * 60)
    _queues(town, 60)
    town.send()
    assert api.taken == []
    _goes_on(town, 180)
    _each_once(town, api)
    assert len(api.sends) == 120


@pytest.mark.slow
def test_of_everything_at_once_each_goes_once(town: Town, api: TwilioApi) -> None:
    acts: list[Any] = [
        Act(), taken("answer", 500), refused(500), taken("hang"), refused(429, 20429), taken("reset"), lost("reset"),
        Act(), too_many(2),
    ]  # fmt: skip
    api.does(*islice(cycle(acts), MESSAGES))
    _queues(town, MESSAGES)
    town.send()
    _goes_on(town, 1_200)
    _each_once(town, api)


def test_a_list_that_is_down_sends_nothing_again(town: Town, api: TwilioApi) -> None:
    api.does(*[taken("answer", 500)] * 20)
    api.reads(*[refused(500)] * 100_000)
    _queues(town, 20)
    town.send()
    _goes_on(town, 1_500, step=60)
    assert {row.state for row in town.rows()} == {"uncertain"}
    _goes_on(town, 420, step=60)
    assert {row.state for row in town.rows()} == {"parked"}
    assert len(api.sends) == 20
    assert len(town.inbox("undelivered")) == 20, "staff see each"
