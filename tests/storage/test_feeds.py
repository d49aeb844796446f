from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from storage import feeds, staff
from storage.db import Store


def member(store: Store, now: datetime, name: str = "Anna") -> int:
    with store.begin() as tx:
        return staff.add(tx, now, name)


def test_a_link_opens_its_owners_calendar_and_only_a_hash_of_it_is_kept(store: Store, now: datetime) -> None:
    anna, erik = member(store, now), member(store, now, "Erik")
    with store.begin() as tx:
        made, other = feeds.renew(tx, anna, now), feeds.renew(tx, erik, now)
        assert feeds.owner_of(tx, made.token) == anna
        assert feeds.owner_of(tx, other.token) == erik
        assert feeds.find(tx, anna) == made
        assert len(made.token) == 32
        rows = str(tx.execute(text("select token_hash, salt from calendar_feeds")).all())
    assert made.token not in rows


def test_a_renewed_link_and_one_that_is_switched_off_open_nothing(store: Store, now: datetime) -> None:
    anna = member(store, now)
    with store.begin() as tx:
        first = feeds.renew(tx, anna, now)
        second = feeds.renew(tx, anna, now + timedelta(days=1))
        assert feeds.owner_of(tx, first.token) is None
        assert feeds.owner_of(tx, second.token) == anna
        assert feeds.switch_off(tx, anna)
        assert not feeds.switch_off(tx, anna)
        assert feeds.owner_of(tx, second.token) is None
        assert feeds.find(tx, anna) is None
        third = feeds.renew(tx, anna, now)
        assert third.token not in (first.token, second.token)


def test_somebody_who_has_left_has_no_calendar(store: Store, now: datetime) -> None:
    anna = member(store, now)
    with store.begin() as tx:
        made = feeds.renew(tx, anna, now)
        staff.disable(tx, anna, now)
        assert feeds.owner_of(tx, made.token) is None


def test_words_that_are_no_link_open_nothing(store: Store) -> None:
    with store.read() as tx:
        for word in ("", "x", "a" * 5_000, "å\ud800", "'; drop table calendar_feeds; --"):
            assert feeds.owner_of(tx, word) is None
