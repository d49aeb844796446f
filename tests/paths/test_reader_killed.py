"""Killed at any moment while it reads from Telegram: every update is handled, each once, and all are acknowledged."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import nursery
from tests.paths.talker import SCRIPT
from tests.servers.telegram_api import TelegramApi

PEOPLE = range(6_100_000_001, 6_100_000_006)
UPDATES = len(SCRIPT) * len(PEOPLE)
POINTS = ("before_fetch", "after_fetch", "before_commit", "after_commit", "after_turn")


@pytest.fixture
def api() -> Iterator[TelegramApi]:
    """Five people have written their whole sign-up while we were away, everybody in turn."""
    with TelegramApi() as started:
        started.date += 86_400  # so that every question has gone out before its answer was written
        for text in SCRIPT:
            for person in PEOPLE:
                started.writes(text, person)
        yield started


def lives(root: Path, folder: Path, api: TelegramApi, kills: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read through these deaths; give those that were died."""
    folder.mkdir(mode=0o700)
    how = json.dumps({"url": api.url, "kills": kills})
    said = nursery.shared().run("tests.paths.reader", str(folder), how, folder=root)
    killed: list[dict[str, Any]] = json.loads(said.splitlines()[-1])["killed"]
    return killed


def sound(folder: Path, api: TelegramApi) -> None:
    """Each update was handled once, in the order of its chat, and Telegram has been told so."""
    assert api.waiting == []
    moved = [offset for offset in api.offsets if offset]
    assert moved == sorted(moved), "only a new life begins from the start"
    raw = sqlite3.connect(folder / "talk.db")
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert raw.execute("SELECT count(*), count(DISTINCT provider_id) FROM inbound").fetchone() == (UPDATES, UPDATES)
    assert raw.execute("SELECT DISTINCT state FROM inbound").fetchall() == [("handled",)]
    assert raw.execute("SELECT count(*) FROM contacts WHERE channel = 'telegram'").fetchone() == (len(PEOPLE),)
    # Nothing was answered twice: every talk came to one sign-up, and each person has the same number of answers.
    assert raw.execute("SELECT count(*) FROM referrals").fetchone() == (len(PEOPLE),)
    answers = raw.execute(
        "SELECT DISTINCT n FROM (SELECT count(*) AS n FROM outbox WHERE channel = 'telegram' GROUP BY contact_id)"
    ).fetchall()
    assert len(answers) == 1
    raw.close()


def test_killed_at_every_point_all_is_read(root: Path, tmp_path: Path, api: TelegramApi) -> None:
    """Each point, at its first passing of a life and at later ones; some kills only come when hardly any are left."""
    kills = [{"at": point, "times": times} for times in (1, 7) for point in POINTS]
    killed = lives(root, tmp_path / "talk", api, kills)
    assert {kill["at"] for kill in killed} == set(POINTS), "the points are still passed"
    sound(tmp_path / "talk", api)


def test_killed_at_random_moments_all_is_read(root: Path, tmp_path: Path, api: TelegramApi) -> None:
    dice = random.Random()
    kills = [{"after_ms": round(dice.uniform(30, 250), 1)} for _ in range(15)]
    killed = lives(root, tmp_path / "talk", api, kills)
    assert len(killed) >= 3, kills
    sound(tmp_path / "talk", api)
