"""The whole program served on a port of this machine: the demo, on a database and with a clock of the test's own."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from ingang.clock import MovableClock
from ingang.running import demo_settings
from ingang.web import create_web
from ingang.wiring import App, open_app
from storage.db import Store
from storage.keys import load as load_keys
from tests.town import MONDAY


@dataclass
class Site:
    """The program, and a browser's way to it."""

    app: App
    client: httpx.Client
    address: str
    loop: asyncio.AbstractEventLoop

    def post(self, path: str, data: Any = None, **more: Any) -> httpx.Response:
        """Post JSON as the page's script does."""
        return self.client.post(path, json={} if data is None else data, **more)

    def state(self, **query: str) -> dict[str, Any]:
        """What the demo's page shows, once nothing is on its way out."""
        for _ in range(200):
            told: dict[str, Any] = self.client.get("/demo/state", params=query).json()
            if not any(each["what"].startswith("Till ") for each in told["coming"]):
                return told
            self._wait_for_news(told["version"])
        raise AssertionError("something stays queued")

    def _wait_for_news(self, version: int) -> None:
        waiting = asyncio.run_coroutine_threadsafe(self.app.changed_since(version, 0.1), self.loop)
        waiting.result()

    def writes(self, phone: str, text: str) -> dict[str, Any]:
        """Write from a phone of the demo; give what that phone shows then."""
        assert self.post(f"/demo/phones/{phone}/messages", {"text": text}).status_code == 200
        shown: dict[str, Any] = self.state()["phones"][phone]
        return shown


class _Server(uvicorn.Server):
    """Tells when it is up, and on which loop it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.up.set()


@cache
def _migrated() -> Path:
    """A demo's keys and empty database: the migrations are more than half of what its start takes."""
    folder = Path(tempfile.mkdtemp(prefix="ingang-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = demo_settings(folder / "data")
    store = Store.open(settings.database.url, load_keys(settings.keys.file))
    store.upgrade()
    store.empty_wal()
    store.close()
    return folder / "data"


def put_demo_in(folder: Path) -> None:
    """Put what a demo's first start makes before anything has happened into a folder, unless it is there."""
    if not folder.exists():
        shutil.copytree(_migrated(), folder)


@contextmanager
def open_site(folder: Path, now: datetime = MONDAY) -> Iterator[Site]:
    """Open the program on a database in `folder`, at `now`, on a port that is free."""
    put_demo_in(folder)
    app = open_app(demo_settings(folder), demo=True, clock=MovableClock.starting_at(now))
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = _Server(uvicorn.Config(create_web(app, demo=True), log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert server.up.wait(20), "the program did not start"
        with httpx.Client(base_url=address, timeout=20) as client:
            yield Site(app, client, address, server.loop)
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
