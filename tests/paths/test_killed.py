"""Killed at any moment and started again, the talk goes on where it was: nothing asked twice, nothing said twice."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import nursery
from tests.paths.talker import SCRIPT, lines

POINTS = (
    "before_commit", "after_commit", "before_acknowledge", "after_acknowledge", "before_claim", "after_claim",
    "before_send", "after_send", "before_settle", "after_settle",
)  # fmt: skip


@dataclass
class Told:
    """What came of many lives."""

    killed: list[dict[str, Any]]
    rows: list[list[Any]]
    taken: list[tuple[str, str]]
    folder: Path

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.taken]


def lives(root: Path, folder: Path, kills: list[dict[str, Any]], *, finds: bool = True) -> Told:
    """Hold the talk through these deaths."""
    folder.mkdir(mode=0o700, exist_ok=True)
    how = json.dumps({"finds": finds, "kills": kills})
    said = json.loads(nursery.shared().run("tests.paths.talker", str(folder), how, folder=root).splitlines()[-1])
    return Told(said["killed"], said["rows"], [tuple(json.loads(line)) for line in lines(folder / "taken")], folder)


def sound(told: Told) -> None:
    """The database is whole, everything is settled, each message was acknowledged once, and one sign-up came of it."""
    raw = sqlite3.connect(told.folder / "talk.db")
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    assert raw.execute("SELECT count(*) FROM inbound").fetchone() == (len(SCRIPT),)
    assert raw.execute("SELECT count(*) FROM referrals").fetchone() == (1,)
    assert raw.execute("SELECT count(*) FROM contacts WHERE waiting_inbound <> 0").fetchone() == (0,)
    raw.close()
    assert lines(told.folder / "acknowledged") == list(SCRIPT)


@pytest.fixture(scope="module")
def unharmed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The talk as it goes when nothing happens to it."""
    told = lives(root, tmp_path_factory.mktemp("unharmed"), [])
    sound(told)
    assert "Alex" in told.texts[-1]
    return told


def test_killed_at_every_point_the_talk_goes_on(root: Path, tmp_path: Path, unharmed: Told) -> None:
    """Each point, at its first passing of a life and at a later one."""
    kills = [{"at": point, "times": times} for times in (1, 2) for point in POINTS]
    told = lives(root, tmp_path / "talk", kills)
    sound(told)
    assert {kill["at"] for kill in told.killed} == set(POINTS), "the points are still passed"
    assert told.texts == unharmed.texts
    assert {state for _, state, _ in told.rows} == {"accepted"}
    assert sorted(ref for ref, _ in told.taken) == sorted(ref for ref, _, _ in told.rows)


def test_killed_at_random_moments_the_talk_goes_on(root: Path, tmp_path: Path, unharmed: Told) -> None:
    dice = random.Random()
    kills = [{"after_ms": round(dice.uniform(2, 60), 2)} for _ in range(25)]
    told = lives(root, tmp_path / "talk", kills)
    sound(told)
    assert len(told.killed) >= 10, kills
    assert told.texts == unharmed.texts, kills
    assert {state for _, state, _ in told.rows} == {"accepted"}, kills


def test_where_none_can_look_a_doubt_is_sent_once_more(root: Path, tmp_path: Path, unharmed: Told) -> None:
    """A channel that cannot find: nothing is lost, nothing comes a third time, and every second one is flagged."""
    kills = [
        {"at": point, "times": times} for times in (1, 2) for point in ("after_send", "before_settle", "after_claim")
    ]
    told = lives(root, tmp_path / "talk", kills, finds=False)
    sound(told)
    times = Counter(ref for ref, _ in told.taken)
    flagged = {ref for ref, _, twice in told.rows if twice}
    assert max(times.values()) == 2
    assert {ref for ref, count in times.items() if count == 2} <= flagged
    assert list(dict.fromkeys(told.texts)) == list(dict.fromkeys(unharmed.texts))
