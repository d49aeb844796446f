from __future__ import annotations

from datetime import datetime, timedelta

from rules.retention import HALF_DONE, due
from storage import contacts, participants, referrals, retention
from storage.db import Store

MONTH = timedelta(days=31)


def test_a_half_done_sign_up_is_found_by_its_last_sign(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        silent, _ = participants.create(tx, now - 2 * MONTH)
        came_back = contacts.create(tx, now - MONTH, "sms", "+46701740605")
        contacts.heard_from(tx, came_back.contact_id, now - timedelta(days=1))
        done, _ = participants.create(tx, now - 2 * MONTH)
        referrals.register(tx, now, done, None, "self", None, "sms", {}, True, None)
        found = retention.subjects(tx, now)
    assert [(one.participant, one.since) for one in found] == [
        (silent, now - 2 * MONTH),
        (came_back.participant_id, now - timedelta(days=1)),
    ]
    assert [mark.participant for mark in due([HALF_DONE], found, now)] == [silent]


def test_a_mark_is_made_once_and_waits(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now - 2 * MONTH)
        assert retention.mark(tx, now, kim, HALF_DONE.name)
        assert not retention.mark(tx, now + MONTH, kim, HALF_DONE.name)
        assert retention.subjects(tx, now) == []
        (marked,) = retention.list_marks(tx, undecided=True)
        assert (marked.participant_id, marked.rule, marked.marked_at, marked.decision) == (
            kim,
            HALF_DONE.name,
            now,
            None,
        )
        retention.decide(tx, kim, HALF_DONE.name, "KS 2026/17")
        assert retention.list_marks(tx, undecided=True) == []
        assert retention.list_marks(tx)[0].decision == "KS 2026/17"


def test_who_writes_again_is_unmarked_unless_decided(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        sam, _ = participants.create(tx, now)
        for person in (kim, sam):
            retention.mark(tx, now, person, HALF_DONE.name)
        retention.decide(tx, sam, HALF_DONE.name, "KS 2026/17")
        retention.unmark(tx, kim, HALF_DONE.name)
        retention.unmark(tx, sam, HALF_DONE.name)
        assert [mark.participant_id for mark in retention.list_marks(tx)] == [sam]
