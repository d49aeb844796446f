"""Running it: what `ingang run`, `ingang web` and `ingang worker` do, and how each ends.

SIGTERM or Ctrl-C is a clean stop within 25 seconds: nothing more is claimed, what is on its way to a provider comes
back, requests under way are answered. A stop that hangs is cut off; what it left is looked for at the next start.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType

import structlog
import uvicorn

from ingang import systemd
from ingang.app import App
from ingang.errors import UserError
from ingang.life import Life, Role
from ingang.log import configure
from ingang.settings import Log, Settings, load_settings
from ingang.tuning import tune
from ingang.wiring import data_folder, open_app
from storage.keys import write_new

log = structlog.get_logger(__name__)

REQUESTS_END = 15
"""Seconds that requests under way get when the process is told to stop; a turn waits ten for the database at most."""
HARD_STOP = 24.5
"""Seconds after which a stop that hangs is cut off."""
LARGEST_HEAD = 16_384
"""Bytes of a request's headers."""


def run_all(*, demo: bool, host: str | None, port: int | None, data: Path) -> None:
    """Serve and do all the work until told to stop. Raises UserError or StoreError when it cannot start."""
    settings = demo_settings(data) if demo else load_settings()
    if not demo:
        settings.require_units()
    listening, address = _listening(settings, host, port)
    if demo:
        settings = replace(settings, web=replace(settings.web, public_url=address))
    configure(settings.log.format, settings.log.level)
    app = open_app(settings, demo=demo)
    if demo:
        print(f"Ingång is running, with simulated phones and made-up people:\n\n    {address}/demo\n", flush=True)
        print(f"Its data are in {data}/ and Ctrl-C stops it.", flush=True)
    _end(asyncio.run(_serve(app, "all", listening, demo=demo)))


def run_web(*, host: str | None, port: int | None) -> None:
    """Serve the doors until told to stop; `run_worker` in another process does the rest. Raises as `run_all` does."""
    settings = load_settings()
    settings.require_units()
    listening, _ = _listening(settings, host, port)
    configure(settings.log.format, settings.log.level)
    _end(asyncio.run(_serve(open_app(settings), "web", listening, demo=False)))


def run_worker() -> None:
    """Send, sweep and fetch until told to stop. Raises as `run_all` does."""
    settings = load_settings()
    settings.require_units()
    configure(settings.log.format, settings.log.level)
    _end(asyncio.run(_work(open_app(settings))))


def _end(failed: bool) -> None:
    """End. Where a part of ours died the exit code says so, and whoever watches starts it anew."""
    gc.freeze()  # Python would look through all the word lists once more before it ends: seconds of a stop
    if failed:
        raise SystemExit(1)


class _Server(uvicorn.Server):
    """Uvicorn, with the rest of the process going down at the same moment as the doors."""

    def __init__(self, config: uvicorn.Config, life: Life) -> None:
        super().__init__(config)
        self._life = life

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server. From here on requests are answered."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        _up()

    async def on_tick(self, counter: int) -> bool:
        """See uvicorn.Server; called ten times a second. When a part of ours has died, all of it ends."""
        self.should_exit = self.should_exit or self._life.died.is_set()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn.Server: a signal came. Uvicorn would raise it once more at the end, and the exit code be odd."""
        self.force_exit = self.should_exit and sig == signal.SIGINT  # Ctrl-C twice
        self.should_exit = True
        _cut_off_after(HARD_STOP)
        self._loop.call_soon_threadsafe(self._life.quiet)


async def _serve(app: App, role: Role, listening: socket.socket, *, demo: bool) -> bool:
    """Serve until a signal comes; True when a part of ours died."""
    from ingang.web import create_web  # half a second, which neither a worker nor a talk in a terminal needs

    life = Life(app, role)
    config = uvicorn.Config(
        create_web(app, demo=demo, life=life), log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=REQUESTS_END if not demo else 1, h11_max_incomplete_event_size=LARGEST_HEAD,
    )  # fmt: skip
    await _Server(config, life).serve(sockets=[listening])
    return life.failed


async def _work(app: App) -> bool:
    """Work until a signal comes; True when a part of ours died."""
    life, loop = Life(app, "worker"), asyncio.get_running_loop()

    def told_to_stop() -> None:
        _cut_off_after(HARD_STOP)
        life.quiet()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop)
    await life.start()
    _up()
    await life.died.wait()
    await life.stop()
    return life.failed


def _up() -> None:
    """All is there."""
    tune()
    systemd.notify(systemd.READY)


def _cut_off_after(seconds: float) -> None:
    def cut_off() -> None:
        log.error("process.cut_off")
        os._exit(1)

    timer = threading.Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()


def _listening(settings: Settings, host: str | None, port: int | None) -> tuple[socket.socket, str]:
    """Take the address to listen on, and give it as it is written in a link."""
    where, number = host or settings.web.host, settings.web.port if port is None else port
    listening = listen(where, number)
    return listening, f"http://{where}:{listening.getsockname()[1]}"


def listen(host: str, port: int) -> socket.socket:
    """Take an address to listen on, port 0 for any that is free; UserError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # TCP by its name: else asyncio does not know it for one, and each answer's body waits 40 ms for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        way_out = "stop what listens there, or name another port: --port 0 takes any that is free"
        raise UserError(f"cannot listen: {error.strerror}", f"{host}:{port}", way_out) from None
    return listening


def demo_settings(data: Path) -> Settings:
    """Settings that need no file: made-up units, a database and keys in a folder of their own."""
    from ingang.demo.units import UNITS

    folder = data_folder(data)
    keys = folder / "ingang.keys"
    if not keys.exists():
        write_new(keys)
    base = Settings()
    return replace(
        base,
        database=replace(base.database, url=f"sqlite:///{folder / 'ingang.db'}"),
        keys=replace(base.keys, file=keys),
        log=Log("console", "warning"),
        units=UNITS,
    )
