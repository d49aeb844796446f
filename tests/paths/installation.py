"""A real installation in a folder: settings, keys, a database, and processes that are started, killed and stopped.

Nothing in it is the test's own but the providers, which are servers on this machine. The business clock of every
process and of the providers shows a Monday morning when the installation is made, and runs on from there.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from ingang.clock import SystemClock
from storage.crypto import KeyRing
from storage.db import Store
from tests import nursery
from tests.nursery import Child
from tests.town import MONDAY, UNITS

ROOT = Path(__file__).resolve().parents[2]
ASKING = httpx.Client(timeout=20, verify=False)
"""One for all: to make one takes longer than to ask."""
atexit.register(ASKING.close)


def until(is_so: Callable[[], Any], what: str, seconds: float = 20.0) -> None:
    """Wait for what other processes do, as long as it takes; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.03)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Running:
    """A process of ours."""

    process: subprocess.Popen[bytes] | Child
    log: Path
    port: int | None = None

    @property
    def address(self) -> str:
        """Where its doors are."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it on the spot."""
        self.process.kill()
        self.process.wait(10)

    def stop(self, seconds: float = 30) -> tuple[int, float]:
        """Stop it as systemd does; give its exit code and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        return code, time.monotonic() - began

    def worked(self) -> float:
        """How many seconds of a processor's time it has taken."""
        after_name = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        """All that it has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass
class Installation:
    """The folder, the database, and what is running."""

    folder: Path
    url: str
    keys: KeyRing
    sections: dict[str, dict[str, Any]]
    extra: dict[str, str] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ahead = (MONDAY - SystemClock().now()).total_seconds()
        self.port = free_port()
        held = self.folder / "ingang.keys"
        held.touch(mode=0o600)
        held.write_text(self.keys.dump(), encoding="utf-8")
        sections = {
            "database": {"url": self.url},
            "keys": {"file": str(held)},
            "log": {"level": "debug"},
            **self.sections,
        }
        (self.folder / "config.toml").write_text(_toml(sections) + _units(), encoding="utf-8")

    def now(self) -> datetime:
        """The time that every process of the installation has."""
        return SystemClock().now() + timedelta(seconds=self.ahead)

    def environment(self) -> dict[str, str]:
        """What a process is started with."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("INGANG_")}
        clean |= {"INGANG_CONFIG": str(self.folder / "config.toml"), "INGANG_TEST_NOW": f"{self.ahead:+.3f}"}
        return clean | {"PYTHONPATH": str(ROOT), **self.extra}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end."""
        return subprocess.run(
            [sys.executable, "-m", "ingang", *words], cwd=self.folder, env=self.environment(), capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip

    def start(self, *words: str, ready: bool = True, anew: bool = False) -> Running:
        """Start a process that stays; wait until its doors are open, if it has any.

        It has read the program already (tests/nursery.py), unless all of its start is asked for `anew`.
        """
        port = self.port if words[0] in ("run", "web") else None
        words = (*words, *(["--port", str(port)] if port else []))
        log = self.folder / f"{words[0]}-{len(self.running)}.log"
        process: subprocess.Popen[bytes] | Child
        if anew:
            command = [sys.executable, "-m", "ingang", *words]
            with log.open("wb") as out:
                process = subprocess.Popen(command, cwd=self.folder, env=self.environment(), stdout=out, stderr=out)
        else:
            process = nursery.shared().start(words, log, self.folder, self.environment())
        running = Running(process, log, port)
        self.running.append(running)
        if ready and port is not None:
            until(lambda: process.poll() is not None or _answers(running.address), "doors", 90)
            assert process.poll() is None, running.said()
        return running

    def ready(self, running: Running) -> None:
        """Wait until it says that it is ready."""
        asked = running.address + "/readyz"
        until(lambda: ASKING.get(asked).status_code == 200, "ready", 60)

    @cached_property
    def store(self) -> Store:
        """The database, opened by the test."""
        return Store.open(self.url, self.keys)

    def end(self) -> None:
        """End whatever is left."""
        for each in self.running:
            if each.process.poll() is None:
                each.kill()
        if "store" in vars(self):
            self.store.close()


def _answers(address: str) -> bool:
    try:
        return ASKING.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _toml(sections: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, values in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _units() -> str:
    """The units of the test's town, with work phones that get SMS."""
    parts = []
    for unit in UNITS:
        names = ("slug", "name", "municipality", "phone", "address", "where_under_15", "where_over_29")
        own = {name: getattr(unit, name) for name in names}
        parts.append("[[units]]\n" + _values(own))
        for member in unit.staff:
            given = {"first_name": member.first_name, "order": member.order, "manager": member.manager}
            parts.append("[[units.staff]]\n" + _values(given))
            hours = '[[units.staff.hours]]\ndays = "mon-fri"\nstarts = "08:00"\nends = "16:00"\n'
            parts.append(hours if member.hours else "")
    return "".join(parts)


def _values(given: dict[str, Any]) -> str:
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in given.items())
