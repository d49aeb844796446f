"""Ready means: what people write would be kept, and everything that ticks has ticked within a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from bot.doors import health
from storage import control, schema, troubles
from storage.db import Store
from storage.errors import StoreUnavailable

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EXPECTED = {"sweep": timedelta(seconds=60), "doubt": timedelta(minutes=5)}


@dataclass
class Asked:
    """The program as far as this door looks at it."""

    store: Any
    at: datetime = NOW

    def lease_now(self) -> datetime:
        return self.at


async def _get(app: Any, path: str) -> Response:
    web = FastAPI()
    web.include_router(health.router(app, EXPECTED))
    async with AsyncClient(transport=ASGITransport(web), base_url="http://here") as client:
        return await client.get(path)


def _ask(app: Any, path: str = "/readyz") -> Response:
    import asyncio

    return asyncio.run(_get(app, path))


def _beat(store: Store, *names: str, at: datetime = NOW) -> None:
    with store.begin() as tx:
        for name in names:
            control.beat(tx, name, at)


def test_alive_needs_nothing_else() -> None:
    answer = _ask(SimpleNamespace(), "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_ready_when_all_are_heard_of_lately(store: Store) -> None:
    _beat(store, "sweep", "doubt")
    answer = _ask(Asked(store, NOW + timedelta(seconds=60)))
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "sweep": "ok", "doubt": "ok", "sending": "ok"}


def test_one_silent_component_is_named(store: Store) -> None:
    _beat(store, "sweep")
    _beat(store, "doubt", at=NOW - timedelta(days=2))
    answer = _ask(Asked(store))
    assert answer.status_code == 503
    assert answer.json()["checks"]["doubt"] == "silent for 172800 s"
    assert answer.json()["checks"]["sweep"] == "ok"


def test_each_component_has_a_time_of_its_own(store: Store) -> None:
    _beat(store, "sweep", "doubt")
    checks = _ask(Asked(store, NOW + timedelta(seconds=61))).json()["checks"]
    assert (checks["sweep"], checks["doubt"]) == ("silent for 61 s", "ok")


def test_what_is_no_longer_expected_says_nothing(store: Store) -> None:
    _beat(store, "sweep", "doubt")
    _beat(store, "telegram", at=NOW - timedelta(days=2))
    assert _ask(Asked(store)).status_code == 200


def test_not_ready_before_the_first_tick(store: Store) -> None:
    answer = _ask(Asked(store))
    assert (answer.status_code, answer.json()["checks"]["sweep"]) == (503, "not heard of yet")


def test_not_ready_while_a_restore_holds_sending(store: Store) -> None:
    _beat(store, "sweep", "doubt")
    with store.begin() as tx:
        control.put(tx, control.SENDING_HOLD, "återställd ur säkerhetskopia")
    answer = _ask(Asked(store))
    assert (answer.status_code, answer.json()["checks"]["sending"]) == (503, "held: ingang db release")


def test_only_what_lets_people_down_is_not_ready(store: Store) -> None:
    _beat(store, "sweep", "doubt")
    with store.begin() as tx:
        troubles.begin(tx, "sms.credit", NOW)
    assert _ask(Asked(store)).status_code == 200
    with store.begin() as tx:
        troubles.begin(tx, "sms.token", NOW, "20003")
    answer = _ask(Asked(store))
    assert answer.status_code == 503
    assert answer.json()["checks"]["trouble.sms.token"] == "since 2026-11-23T09:00:00+00:00"


def test_asking_leaves_nothing_in_the_database(store: Store) -> None:
    _beat(store, "sweep")
    _ask(Asked(store))
    with store.read() as tx:
        assert control.find(tx, "readyz") is None


def test_tables_of_another_version_are_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _beat(store, "sweep", "doubt")
    monkeypatch.setattr(schema, "revisions", lambda: ["0001", "9999"])
    answer = _ask(Asked(store))
    assert answer.status_code == 503
    assert "ingang db upgrade" in answer.json()["checks"]["database"]


def test_unusable_database_is_told_without_fault() -> None:
    class Gone:
        def schema_is_current(self) -> bool:
            raise StoreUnavailable("full")

        def read(self) -> None:
            raise StoreUnavailable("full")

    answer = _ask(Asked(Gone()))
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "full", "heartbeats": "unknown"}
