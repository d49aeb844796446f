"""What is stuck, silent or refused is told once, and once more when it is mended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules import troubles as rules
from scheduler import watch
from scheduler.watch import NOTES, Board, Watch, note
from storage import control, inbox, troubles
from storage.db import Store
from storage.errors import StoreUnavailable
from tests.town import MONDAY, Town

MINUTE = timedelta(minutes=1)


@dataclass
class Log:
    """Keeps what is logged."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def error(self, event: str, **keys: Any) -> None:
        self.lines.append({"event": event, "level": "error", **keys})

    def warning(self, event: str, **keys: Any) -> None:
        self.lines.append({"event": event, "level": "warning", **keys})


@dataclass
class House:
    """A watch with clocks of its own."""

    store: Store
    expected: dict[str, timedelta] = field(default_factory=lambda: {"sweep": MINUTE})
    now: datetime = MONDAY
    lease: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self.board = Board()
        self.watch = self.another()

    def another(self) -> Watch:
        """Another process's watch."""
        return Watch(self.store, lambda: self.now, lambda: self.lease, self.board, self.expected)

    def look(self, *, seconds: float = 0, beat: bool = True) -> list[dict[str, Any]]:
        """Let so much time pass, and look; give what was logged."""
        self.now += timedelta(seconds=seconds)
        self.lease += timedelta(seconds=seconds)
        if beat:
            with self.store.begin() as tx:
                control.beat(tx, "sweep", self.lease)
        self.log.lines.clear()
        self.watch.look()
        return list(self.log.lines)

    def known(self) -> list[str]:
        """What is known to be wrong."""
        with self.store.read() as tx:
            return [each.name for each in troubles.list_all(tx)]

    def items(self) -> list[str | None]:
        """What staff read of it."""
        with self.store.read() as tx:
            return [item.note for item in inbox.list_open(tx) if item.kind == "outage"]


@pytest.fixture
def house(store: Store, monkeypatch: pytest.MonkeyPatch) -> House:
    made = House(store)
    monkeypatch.setattr(watch, "log", made.log)
    return made


def test_nothing_is_told_while_all_is_well(house: House) -> None:
    assert house.look() == []
    assert house.known() == house.items() == []


def test_a_dead_token_is_told_once_and_mended_once(house: House) -> None:
    house.board.bad("sms.token", "20003")
    lines = house.look()
    assert [(line["event"], line["level"], line["trouble"]) for line in lines] == [
        ("trouble.began", "error", "sms.token")
    ]
    (told,) = house.items()
    assert told is not None
    assert told.startswith("SMS: Leverantören tar inte emot")
    house.board.bad("sms.token", "20003")
    assert house.look(seconds=15) == []
    assert len(house.items()) == 1
    house.board.good("sms.token")
    assert [line["event"] for line in house.look(seconds=15)] == ["trouble.ended"]
    assert house.known() == house.items() == []
    with house.store.read() as tx:
        trouble = troubles.list_all(tx)
    assert trouble == []


def test_a_warning_is_no_matter_for_staff(house: House) -> None:
    house.board.tell({"sms.credit": True, "sms.empty": False})
    (line,) = house.look()
    assert line["lets_down"] is False
    assert (house.known(), house.items()) == (["sms.credit"], [])


def test_two_processes_tell_of_one_trouble_once(house: House) -> None:
    other = house.another()
    house.board.bad("telegram.second_poller")
    house.look()
    house.board.bad("telegram.second_poller")
    house.log.lines.clear()
    other.look()
    assert house.log.lines == []
    assert len(house.items()) == 1


def test_what_was_well_long_ago_ends_nothing(house: House) -> None:
    house.board.good("sms.token")
    house.look()
    with house.store.begin() as tx:
        troubles.begin(tx, "sms.token", house.now)  # another process has been refused since
    house.look(seconds=15)
    assert house.known() == ["sms.token"]


def test_what_could_not_be_written_is_told_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.board.bad("sms.token")

    def full() -> None:
        raise StoreUnavailable("full")

    with monkeypatch.context() as broken:
        broken.setattr(house.store, "begin", full)
        with pytest.raises(StoreUnavailable):
            house.watch.look()
    house.look()
    assert house.known() == ["sms.token"]


def test_a_silent_component_is_told_and_comes_back(house: House) -> None:
    house.look()
    assert house.look(seconds=60, beat=False) == []
    house.look(seconds=1, beat=False)
    assert house.known() == ["silent.sweep"]
    house.look(seconds=1)
    assert house.known() == house.items() == []


def test_an_old_heartbeat_says_nothing_at_the_start(house: House) -> None:
    with house.store.begin() as tx:
        control.beat(tx, "sweep", house.lease - timedelta(days=3))
    assert house.look(seconds=30, beat=False) == []
    house.look(seconds=31, beat=False)
    assert house.known() == ["silent.sweep"]


def test_a_component_no_longer_expected_is_forgotten(house: House) -> None:
    house.look(seconds=61, beat=False)
    house.expected.clear()
    house.look(seconds=1, beat=False)
    assert house.known() == []


def waiting_message(store: Store) -> Town:
    town = Town(store)
    town.phone().writes("hej", send=False)
    return town


def test_an_answer_that_does_not_leave_is_told(house: House) -> None:
    town = waiting_message(house.store)
    assert house.look(seconds=240) == []
    assert house.look(seconds=60) == [], "late, but it may be on its way"
    house.look(seconds=60)
    assert house.known() == ["sending.late"]
    town.now = house.now
    town.send()
    house.look(seconds=15)
    assert house.known() == house.items() == []


def test_a_start_after_a_night_is_no_trouble(house: House) -> None:
    town = waiting_message(house.store)
    house.now += timedelta(hours=9)
    assert house.look() == []
    town.now = house.now
    town.send()
    assert house.look(seconds=90) == []


def test_a_hold_is_told_in_the_place_of_lateness(house: House) -> None:
    waiting_message(house.store)
    with house.store.begin() as tx:
        control.put(tx, control.SENDING_HOLD, "återställd")
    house.look(seconds=3600)
    house.look(seconds=3600)
    assert (house.known(), house.items()) == (["sending.held"], [])
    with house.store.begin() as tx:
        control.clear(tx, control.SENDING_HOLD)
    house.look(seconds=1)
    assert "sending.held" not in house.known()


def test_every_trouble_that_lets_down_has_words() -> None:
    for name in ("sending.late", "sms.token", "sms.empty", "sms.closed", "telegram.token", "telegram.second_poller",
                 "telegram.webhook", "silent.sweep"):  # fmt: skip
        assert rules.lets_people_down(name)
        assert any(words in note(name) for words in NOTES.values()), name


def test_the_board_is_safe_between_threads() -> None:
    board = Board()

    async def many() -> None:
        await asyncio.gather(*(asyncio.to_thread(board.bad, f"t{number}") for number in range(200)))

    asyncio.run(many())
    assert len(board.take()) == 200
    assert board.take() == {}
