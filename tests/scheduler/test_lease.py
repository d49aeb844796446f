"""Lease time comes from the database and runs on by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.lease import lease_clock
from storage.db import Store


def test_it_shows_the_database_s_time(store: Store) -> None:
    told = lease_clock(store)()
    assert told.tzinfo is UTC
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)  # noqa: TID251 - the database is on this machine


def test_it_runs_on_by_the_monotonic_clock(store: Store) -> None:
    ticks = [100.0]
    clock = lease_clock(store, lambda: ticks[0])
    first = clock()
    assert clock() == first
    ticks[0] += 61.5
    assert clock() - first == timedelta(seconds=61.5)
