"""The program put together: what the doors and the demo are given."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import Inbound
from ingang import wiring
from ingang.clock import MovableClock
from ingang.errors import UserError
from ingang.running import demo_settings
from ingang.seeding import seed_units
from ingang.wiring import App, open_app
from messages.scales import BadScale
from storage import contacts, retention, staff, timeline, units
from storage.db import Store
from tests.town import UNITS

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The demo's program, on a Monday morning."""
    made = open_app(demo_settings(tmp_path / "data"), demo=True, clock=MovableClock.starting_at(MONDAY))
    yield made
    made.store.close()


def message(text: str, number: int = 1) -> Inbound:
    return Inbound("sim_sms", "+46701740605", f"m{number}", text)


def texts(app: App) -> list[str | None]:
    with app.store.read() as tx:
        who = contacts.find(tx, "sim_sms", "+46701740605")
        assert who is not None
        return [line.text for line in timeline.of_contact(tx, who.contact_id) if line.reached and line.who != "person"]


def test_the_same_message_five_times_at_once_has_one_effect(app: App) -> None:
    async def five() -> list[str]:
        reports = await asyncio.gather(*(app.receive(message("hej")) for _ in range(5)))
        await app.dispatcher.drain()
        return sorted(report.state for report in reports)

    assert asyncio.run(five()) == ["duplicate"] * 4 + ["handled"]
    assert len(texts(app)) == 2


def test_moving_the_clock_nudges_once_and_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INGANG_TEST_NOW", raising=False)  # a clock that is set remembers nothing
    app = open_app(demo_settings(tmp_path / "data"), demo=True)

    async def a_week() -> None:
        await app.receive(message("hej"))
        await app.dispatcher.drain()
        for _ in range(7):
            await app.move_clock(timedelta(days=1))

    asyncio.run(a_week())
    assert len(texts(app)) == 3
    app.store.close()
    again = open_app(demo_settings(tmp_path / "data"), demo=True)
    assert isinstance(again.clock, MovableClock)
    assert abs(again.clock.offset - app.clock.offset) < timedelta(seconds=1)  # type: ignore[attr-defined]
    again.store.close()


def test_a_sign_up_never_finished_is_marked_after_thirty_days(app: App) -> None:
    async def a_month() -> None:
        await app.receive(message("hej"))
        await app.dispatcher.drain()
        await app.move_clock(timedelta(days=31))

    asyncio.run(a_month())
    with app.store.read() as tx:
        (mark,) = retention.list_marks(tx)
        assert mark.decision == "Exempelbeslut 1"
        assert contacts.find(tx, "sim_sms", "+46701740605") is not None, "marked, not erased"


def test_two_processes_at_their_first_start_make_one_staff(store: Store, now: datetime) -> None:
    def first_start(_: int) -> list[str]:
        with store.begin() as tx:
            return seed_units(tx, UNITS, now)

    with ThreadPoolExecutor(4) as pool:
        added = sorted(pool.map(first_start, range(4)))
    assert added == [[], [], [], ["alvsbyn", "pitea"]]
    with store.read() as tx:
        assert [len(staff.list_members(tx, unit.id)) for unit in units.list_units(tx)] == [3, 1]


def test_the_clock_of_the_demo_only_goes_forward(app: App) -> None:
    with pytest.raises(ValueError, match="forward"):
        asyncio.run(app.move_clock(timedelta(hours=-1)))


def test_a_wrong_scale_is_told_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(language: str = "sv") -> None:
        raise BadScale(f"messages/{language}/scales/ny.toml: it has no items")

    monkeypatch.setattr(wiring, "load_scales", wrong)
    with pytest.raises(UserError, match=r"scales/ny\.toml: it has no items"):
        open_app(demo_settings(tmp_path / "data"), demo=True)
