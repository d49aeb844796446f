"""Lease time for processes on many hosts: the database's clock, so that no two of them can differ."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from storage.db import Store

_ASKED = {"postgresql": "SELECT clock_timestamp()", "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"}


def lease_clock(store: Store, tick: Callable[[], float] = time.monotonic) -> Callable[[], datetime]:
    """Give a clock that shows the database's time, and runs on from there by the machine's monotonic one: aware, UTC.

    The database is asked once, here. A host whose own clock is wrong, or is put right meanwhile, then claims and doubts
    as all the others do. Raises StoreUnavailable.
    """
    with store.read() as tx:
        began, told = tick(), tx.conn.execute(text(_ASKED[tx.dialect])).scalar_one()
    start = told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)
    return lambda: start.astimezone(UTC) + timedelta(seconds=tick() - began)
