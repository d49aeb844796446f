from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from storage import participants, referrals, units
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.tables import person_keys
from storage.units import UnitSeed

HOUR = timedelta(hours=1)


def _register(tx: Tx, now: datetime, person: int, unit: int | None = None, promise: datetime | None = None) -> int:
    details = {"help": ["jobb"], "easier": "jobbigt m folk 😀"}
    return referrals.register(tx, now, person, unit, "self", "alvsbyn_affisch", "sms", details, True, promise)


def test_a_referral_comes_back_whole(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        made = _register(tx, now, kim, promise=now + HOUR)
        found = referrals.open_for(tx, kim)
        assert found is not None
        assert (found.id, found.details) == (made, {"help": ["jobb"], "easier": "jobbigt m folk 😀"})
        assert (found.source, found.poster, found.channel, found.complete) == ("self", "alvsbyn_affisch", "sms", True)
        assert (found.promise_by, found.answered_at, found.state) == (now + HOUR, None, "new")
        assert participants.get(tx, kim).status == "referred"


def test_words_are_added_after_those_before(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        made = _register(tx, now, kim)
        referrals.add_details(tx, made, added="en sak")
        referrals.add_details(tx, made, added="en till", help=["plugg"])
        found = referrals.open_for(tx, kim)
        assert found is not None
        assert found.details == {"help": ["plugg"], "easier": "jobbigt m folk 😀", "added": "en sak\nen till"}
        with pytest.raises(NotFound):
            referrals.add_details(tx, 404, added="x")


def test_the_promise_that_falls_due_first_is_on_top(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        unit = units.get_unit(tx, "alvsbyn").id
        people = [participants.create(tx, now)[0] for _ in range(4)]
        _register(tx, now, people[0], unit)
        _register(tx, now, people[1], unit, now + 5 * HOUR)
        _register(tx, now, people[2], unit, now + HOUR)
        _register(tx, now, people[3], None, now)
        assert [one.participant_id for one in referrals.list_open(tx, unit)] == [people[2], people[1], people[0]]
        assert len(referrals.list_open(tx)) == 4
        assert referrals.mark_answered(tx, people[2], now) == 1
        assert referrals.mark_answered(tx, people[2], now) == 0
        assert [one.participant_id for one in referrals.list_open(tx, unit)] == [people[1], people[0]]
        assert [one.participant_id for one in referrals.list_all(tx, unit)] == [people[2], people[1], people[0]]
        assert referrals.list_all(tx, unit, since=now + HOUR) == []


def test_an_answered_one_is_open_until_closed(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        made = _register(tx, now, kim)
        referrals.mark_answered(tx, kim, now + HOUR)
        found = referrals.open_for(tx, kim)
        assert found is not None
        assert (found.state, found.answered_at) == ("answered", now + HOUR)
        referrals.close(tx, made)
        assert referrals.open_for(tx, kim) is None


def test_a_list_shows_what_cannot_be_read(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, key = participants.create(tx, now)
        sam, _ = participants.create(tx, now)
        _register(tx, now, kim)
        _register(tx, now, sam)
        tx.execute(update(person_keys).where(person_keys.c.id == key.id).values(wrapped=b""))
        assert [one.details is None for one in referrals.list_open(tx)] == [True, False]
