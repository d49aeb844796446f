"""Processes as systemd starts and stops them: a start that refuses, a stop that is clean, a heart that is heard."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingang.running import listen
from storage.crypto import KeyRing
from storage.db import Store
from storage.tables import outbox
from tests import forked
from tests.paths.installation import ASKING, Installation, until
from tests.servers import telegram_api
from tests.servers.telegram_api import TelegramApi

pytestmark = pytest.mark.slow


@pytest.fixture
def api() -> Iterator[TelegramApi]:
    with TelegramApi() as api:
        yield api


@pytest.fixture
def installation(tmp_path: Path, database_url: str, key_ring: KeyRing, api: TelegramApi) -> Iterator[Installation]:
    sections: dict[str, dict[str, Any]] = {"telegram": {"token": telegram_api.TOKEN, "base_url": api.url}}
    made = Installation(tmp_path, database_url, key_ring, sections)
    yield made
    made.end()


@pytest.fixture
def bare(tmp_path: Path, sqlite_store: Store, key_ring: KeyRing) -> Iterator[Installation]:
    """Only doors, on SQLite."""
    made = Installation(tmp_path, f"sqlite:///{sqlite_store.url.database}", key_ring, {})
    yield made
    made.end()


def test_an_answer_on_a_kept_connection_waits_for_no_acknowledgement() -> None:
    """A body that goes out after its head would wait 40 ms for one, on each page, were it gathered up."""

    async def is_at_once() -> bool:
        served: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        listening = listen("127.0.0.1", 0)
        server = await asyncio.start_server(lambda _, writer: served.put_nowait(writer), sock=listening)
        _, ours = await asyncio.open_connection(*listening.getsockname())
        theirs = await served.get()
        told = theirs.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for each in (ours, theirs, server):
            each.close()
        return bool(told)

    assert asyncio.run(is_at_once())


# --- a start that refuses ------------------------------------------------------------------------------------------


def refused(installation: Installation, *words: str, anew: bool = False) -> str:
    """Give the line with which it refused; it was told within five seconds of the machine's own work.

    Not `anew`, what only reads the program is left out of it: that is the same for every refusal.
    """
    began = os.times()
    if anew:
        done = installation.run(*words)
    else:
        done = forked.run(*words, folder=installation.folder, environment=installation.environment())
    ended = os.times()
    worked = ended.children_user + ended.children_system - began.children_user - began.children_system
    assert (done.returncode, done.stdout) == (2, "")
    assert worked <= 5
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("command", ["run", "web", "worker"])
def test_a_wrong_setting_refuses_the_start(bare: Installation, command: str) -> None:
    bare.extra = {"INGANG_WEB__PORT": "0"}
    assert refused(bare, command, anew=True).startswith("ingang: web.port is")


@pytest.mark.parametrize("command", ["run", "worker"])
def test_missing_keys_refuse_the_start(bare: Installation, command: str) -> None:
    (bare.folder / "ingang.keys").unlink()
    assert "there is no file of keys" in refused(bare, command)


@pytest.mark.parametrize("command", ["run", "worker"])
def test_tables_that_are_missing_refuse_the_start(bare: Installation, command: str, tmp_path: Path) -> None:
    bare.extra = {"INGANG_DATABASE__URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    assert "ingang db upgrade" in refused(bare, command)


def test_no_unit_refuses_the_start(bare: Installation) -> None:
    config = bare.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").partition("[[units]]")[0], encoding="utf-8")
    assert "units has no unit" in refused(bare, "worker")


def test_a_database_that_is_away_may_be_tried_again(bare: Installation) -> None:
    bare.extra = {"INGANG_DATABASE__URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    done = forked.run("worker", folder=bare.folder, environment=bare.environment())
    assert done.returncode == 75
    assert done.stderr.startswith("ingang: the database cannot be used now (gone)")


# --- alive, and down again -----------------------------------------------------------------------------------------


def test_systemd_hears_ready_alive_and_stopping(bare: Installation) -> None:
    name = str(bare.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name)
        listening.settimeout(30)
        bare.extra = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "900000"}
        worker = bare.start("worker", anew=True)
        heard = [listening.recv(100).decode() for _ in range(4)]
        assert set(heard) == {"READY=1", "WATCHDOG=1"}
        assert worker.stop()[0] == 0
        while heard[-1] != "STOPPING=1":
            heard.append(listening.recv(100).decode())


def test_doors_are_answered_before_ready_is_told(bare: Installation) -> None:
    name = str(bare.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name)
        listening.settimeout(30)
        bare.extra = {"NOTIFY_SOCKET": name}
        web = bare.start("web", ready=False, anew=True)
        assert listening.recv(100) == b"READY=1"
        assert ASKING.get(f"{web.address}/healthz").status_code == 200
        assert ASKING.get(f"{web.address}/readyz").json()["checks"]["sweep"] == "not heard of yet", "no worker is here"


def test_it_is_soon_ready(installation: Installation) -> None:
    """Three seconds on an idle machine; told by what only importing costs, for this one may have much else to do."""
    began = os.times()
    subprocess.run([sys.executable, "-c", "import sqlalchemy, telegram, fastapi, twilio"], check=True)
    ended = os.times()
    importing = ended.children_user - began.children_user + ended.children_system - began.children_system
    start = time.monotonic()
    running = installation.start("run", anew=True)
    opened = time.monotonic()
    installation.ready(running)
    assert time.monotonic() - opened <= max(3.0, opened - start), "what is alive says so at once, not at its next tick"
    assert running.worked() <= 5.5 * importing


def test_an_open_page_does_not_hold_up_the_stop(bare: Installation) -> None:
    web = bare.start("web")
    with httpx.stream("GET", f"{web.address}/chatt/events", timeout=30):
        code, seconds = web.stop()
    assert code == 0
    assert seconds < 10


def states(installation: Installation) -> list[str]:
    with installation.store.read() as tx:
        return [row.state for row in tx.execute(outbox.select().order_by(outbox.c.id))]


def test_a_stop_under_load_leaves_nothing_in_doubt(installation: Installation, api: TelegramApi) -> None:
    """Fifteen people write, each answer takes a second at the provider, and the stop comes in the midst of it."""
    command = "run" if installation.url.startswith("sqlite") else "worker"
    running = installation.start(command)
    api.latency = 1.0
    api.date = int(installation.now().timestamp())
    for number in range(15):
        api.writes("hej", chat=7_000_000 + number)
    until(lambda: api.times("sendMessage") >= 5, "requests under way", 60)
    code, seconds = running.stop()
    assert code == 0, running.said()[-3000:]
    assert seconds <= 25
    left = states(installation)
    assert set(left) <= {"accepted", "queued"}, "nothing is left half-way"
    assert left.count("accepted") == len(api.taken) == api.times("sendMessage")
    api.latency = 0.0
    running = installation.start(command)
    until(lambda: len(api.taken) == 30, "the rest leaves after the next start", 60)
    until(lambda: set(states(installation)) == {"accepted"}, "all is settled")
    assert max(api.times_taken().values()) == 1


HANGS = """
import time
from ingang import running
from ingang.life import Life

async def never(life):
    time.sleep(60)

running.HARD_STOP = 1.0
Life.stop = never
running.run_worker()
"""


def test_a_stop_that_hangs_is_cut_off(bare: Installation) -> None:
    name = str(bare.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name)
        listening.settimeout(30)
        bare.extra = {"NOTIFY_SOCKET": name}
        command = [sys.executable, "-c", HANGS]
        with subprocess.Popen(command, cwd=bare.folder, env=bare.environment(), stderr=subprocess.PIPE) as process:
            assert listening.recv(100) == b"READY=1"
            process.terminate()
            _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"process.cut_off" in said
