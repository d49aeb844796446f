"""Ten thousand invited while the worker is killed -9 five times: the provider counts exactly one to each person.

Fewer in every run; `make faults` asks for all of them.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import sending_many
from bot.actions.sending_many import Choice
from ingang.clock import SystemClock
from ingang.seeding import seed_units
from ingang.settings import Settings
from ingang.wiring import build_house
from storage import activities, contacts, participants, sendings, units
from storage.activities import NewActivity
from storage.crypto import KeyRing
from storage.db import Store
from tests.faults.workers import How, channel, without_ceiling
from tests.servers.twilio_api import TwilioApi
from tests.town import MONDAY, UNITS

pytestmark = pytest.mark.slow
FULL = os.environ.get("INGANG_FAULTS") == "full"
PEOPLE = 10_000 if FULL else 400
KILLS = 5
BETWEEN = (1.0, 3.0) if FULL else (0.05, 0.3)


def invite(store: Store, api: TwilioApi, people: int) -> int:
    """Invite so many, four minutes before the Monday morning when the workers begin; give the release."""
    now = MONDAY - timedelta(minutes=4)
    day = timedelta(days=1)
    with store.begin() as tx:
        seed_units(tx, UNITS, now)
        unit = units.list_units(tx)[0]
        units.set_settings(tx, unit.id, many={"second_above": people})
        unit = units.get_unit(tx, unit.id)
        sends = channel(How("", "", api.url))
        house = without_ceiling(build_house(tx, Settings(), {sends.name: sends}))
        for number in range(people):
            who = contacts.create(tx, now, "sms", f"+4670{number:07d}", unit_id=unit.id)
            participants.set_status(tx, who.participant_id, "referred")
        new = NewActivity(unit.id, "lagar vi mat", now + 7 * day, now + 7 * day, now + 5 * day, places=people)
        choice = Choice(activity_id=activities.add(tx, now, new))
        made = sending_many.release(tx, house, unit, choice, now, by=None, nonce="once")
        while sending_many.queue_more(tx, house, made.sending_id, now):
            pass
        assert made.count == people
    return made.sending_id


def test_each_person_is_invited_once_whoever_dies(lives: Any, database_url: str, key_ring: KeyRing) -> None:
    store = Store.open(database_url, key_ring)
    with TwilioApi(latency=0.05, lag=2) as api:
        release = invite(store, api, PEOPLE)
        ahead = (MONDAY - SystemClock().now()).total_seconds()
        api.clock = lambda: SystemClock().now() + timedelta(seconds=ahead)  # its list is asked for by the same time
        told = lives(api, workers=1, kills=KILLS, between=BETWEEN, longest=600 if FULL else 120, ahead=ahead)
        assert (told.seen["killed"], told.seen["left"]) == (KILLS, 0)
        assert told.states() == {"accepted": PEOPLE}, {row.outcome for row in told.rows}
        by_person = Counter(each.to for each in api.taken)
        assert len(by_person) == PEOPLE
        assert set(by_person.values()) == {1}, "the provider's own count"
        assert api.times_taken() == Counter(row.ref for row in told.rows)
        assert all("lagar vi mat" in each.body for each in api.taken)
    with store.begin() as tx:
        assert sending_many.follow(tx, release, MONDAY) == "done"
        assert sendings.states(tx, release) == {"accepted": PEOPLE}
    store.close()
