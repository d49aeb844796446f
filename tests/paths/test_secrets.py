"""What somebody writes stands nowhere in the clear: not in the database, its backups or the logs, nor after erasure."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select

from bot import conversation
from flows.steps import Say, Talk
from ingang import log
from storage import contacts, control, participants
from storage.backup import backup, restore
from storage.crypto import KeyRing
from storage.db import Store
from storage.errors import NotFound
from storage.tables import metadata
from tests.town import Phone, Town

NAME, OTHER_NAME = "Zebulonia", "Qvintilia"
SENTENCE = "jag sover dåligt sedan katten Mirabelle dog"
STAFF_WORDS = "Hej, det är Anna. Ska vi ses vid den gamla kvarnen?"
TALK = (
    "hej", "ja", NAME, "2003", "1", f"jobb och {SENTENCE}", "promenad", "2", "070-174 06 05", SENTENCE,
    f"ändra namn till {OTHER_NAME}", "ja", f"prata med någon, {SENTENCE}",
    "jag vill inte leva längre, mitt nummer är 0701740605",
)  # fmt: skip
CANARIES = (
    "Zebulonia", "Qvintilia", "zebulonia", "qvintilia", "ZEBULONIA", "Mirabelle", "mirabelle", "sover dåligt",
    "kvarnen", "701740605", "70-174 06 05", "174 06 05", "46701740605", "leva längre",
)  # fmt: skip


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that the process logs, at its most talkative, as the program would write it."""
    top, before = logging.getLogger(), structlog.get_config()
    handlers, level = top.handlers[:], top.level
    stream = io.StringIO()
    log.configure("json", "debug", stream)
    yield stream
    top.handlers[:] = handlers
    top.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**before)


def _talks(town: Town) -> Phone:
    phone = town.phone()
    for text in TALK:
        phone.writes(text)
        town.later(seconds=40)
    conversation.say(town.store, town.house, phone.standing().participant_id, STAFF_WORDS, "staff:1", town.now)
    town.send()
    assert any(OTHER_NAME in text for text in phone.texts())
    return phone


def _raises(town: Town) -> None:
    """A turn that breaks with the person's words in the exception, and a channel that breaks with their number."""

    def flow(person: Any) -> Talk:
        if person is not None:
            raise ValueError(f"cannot read {SENTENCE} of {NAME} at +46701740605")
        yield Say("welcome")
        return ""

    real = town.house.flows
    town.with_flows(self_referral=flow, already_signed_up=flow)
    phone = town.phone(address="+46701740606")
    phone.writes(f"hej, {SENTENCE}")
    assert phone.report.state == "failed"
    town.with_flows(**real)
    channel = town.scripted("sim_telegram", style="chat")
    channel.does(RuntimeError(f"cannot send {SENTENCE} to +46701740605"))
    town.phone("sim_telegram", "+46701740605").writes("hej")


def _found(folder: Path) -> list[tuple[str, str]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [(file.name, canary) for file in files for canary in CANARIES if canary.encode() in file.read_bytes()]


def test_nothing_stands_in_the_clear_anywhere(sqlite_store: Store, tmp_path: Path, logged: io.StringIO) -> None:
    town = Town(sqlite_store)
    _talks(town)
    _raises(town)
    (tmp_path / "only.db-wal").read_bytes()  # the WAL is there to be looked into
    backup(sqlite_store, tmp_path / "backups", town.now)
    assert _found(tmp_path) == []
    told = logged.getvalue()
    assert "turn.failed" in told
    assert "dispatcher.channel_raised" in told
    assert "dispatcher.settled" in told
    assert [canary for canary in CANARIES if canary in told] == []


def test_an_erased_person_is_nowhere(
    sqlite_store: Store, tmp_path: Path, key_ring: KeyRing, logged: io.StringIO
) -> None:
    """And a backup from before, put back, cannot be read where they stand in it."""
    town = Town(sqlite_store)
    phone = _talks(town)
    other = town.phone(address="+46701740607")
    other.writes("hej")
    person = phone.standing().participant_id
    data, wrapped = backup(sqlite_store, tmp_path / "backups", town.now)
    with sqlite_store.begin() as tx:
        assert participants.erase(tx, person, town.now)
    sqlite_store.empty_wal()

    with sqlite_store.read() as tx:
        assert contacts.find(tx, "sim_sms", phone.address) is None
        assert participants.find(tx, person) is None
        for table in metadata.sorted_tables:
            if "participant_id" in table.c:
                left = select(func.count()).select_from(table).where(table.c.participant_id == person)
                assert tx.execute(left).scalar_one() == 0, table.name
    shown = other.texts()
    assert shown, "the others are still there"

    url = f"sqlite:///{tmp_path / 'only.db'}"
    sqlite_store.close()
    done = restore(data, wrapped, url, key_ring, (), town.now + timedelta(days=1), replace=True)
    assert done.people_erased == 1
    back = Store.open(url, key_ring)
    with back.read() as tx:
        assert contacts.find(tx, "sim_sms", phone.address) is None
        with pytest.raises(NotFound):
            participants.get(tx, person)
        assert control.find(tx, control.SENDING_HOLD)
    restored = Town(back, now=town.now + timedelta(days=1))
    same = restored.phone(address=other.address)
    assert same.texts() == shown
    same.writes("ja", provider_id="after the restore")
    assert restored.rows("queued"), "after a restore nothing is sent until somebody releases it"
    back.close()
    assert _found(tmp_path) == []
    assert [canary for canary in CANARIES if canary in logged.getvalue()] == []
