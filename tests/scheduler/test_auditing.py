"""The audit log's upkeep: reads get their links, the chain is gone over, and its end is told outside the database."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from scheduler import auditing
from storage import audit, audit_chain, troubles
from storage.db import Store
from tests.ingang.test_log import lines, out
from tests.storage.chain_hands import tampering

__all__ = ["out"]


def reads(store: Store, now: datetime, count: int) -> None:
    with store.begin() as tx:
        for number in range(count):
            audit.write(tx, now, "staff:17", "participant.show", f"participant:{number}")


def test_what_waits_is_sealed_500_at_a_time(store: Store, now: datetime) -> None:
    reads(store, now, 501)
    assert auditing.seal(store) == 501
    assert auditing.seal(store) == 0


def test_the_end_is_logged_once_an_hour(store: Store, now: datetime, out: io.StringIO) -> None:
    reads(store, now, 1)
    auditing.seal(store)
    with store.read() as tx:
        head = audit_chain.head(tx)
    for minutes in (0, 1, 59, 60, 61):
        auditing.check(store, now + timedelta(minutes=minutes))
    assert [(line["event"], line["head"], line["count"]) for line in lines(out)] == [("audit.head", head.word, 1)] * 2


def test_a_broken_chain_is_told_of_once_a_fault(store: Store, now: datetime, out: io.StringIO) -> None:
    reads(store, now, 2)
    auditing.seal(store)
    with tampering(store) as tx:
        tx.execute(text("UPDATE audit SET actor = 'staff:18' WHERE object_ref = 'participant:1'"))
    for hours in range(3):
        auditing.check(store, now + timedelta(hours=hours))
    assert [(line["event"], line["position"]) for line in lines(out) if line["event"] == "audit.broken"] == [
        ("audit.broken", 2)
    ]
    with store.read() as tx:
        assert [(each.name, each.detail) for each in troubles.list_all(tx)] == [("audit.broken", "changed")]


def test_a_trouble_is_over_when_a_whole_round_finds_nothing(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        troubles.begin(tx, "audit.broken", now)
    reads(store, now, 1)
    auditing.sweep(store, now)
    with store.read() as tx:
        assert troubles.list_all(tx) == []


def test_a_long_chain_is_gone_over_in_parts(store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(store, now, 5)
    auditing.seal(store)
    monkeypatch.setattr(auditing, "PART", 2)
    first = auditing.check(store, now)
    assert first is not None
    assert (first.position, first.whole_at) == (2, None)
    assert auditing.check(store, now + timedelta(seconds=29)) is None
    auditing.check(store, now + timedelta(seconds=30))
    last = auditing.check(store, now + timedelta(seconds=60))
    assert last is not None
    assert (last.position, last.whole_at) == (0, now + timedelta(seconds=60))
