"""Running it all in one process: what `ingang run` does."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import uvicorn

from ingang.errors import UserError
from ingang.log import configure
from ingang.settings import Log, Settings, load_settings
from ingang.web import create_web
from ingang.wiring import App, data_folder, open_app
from storage.keys import write_new

CLEAN_STOP = 20
"""Seconds that requests under way get when the process is told to stop."""


def run_all(*, demo: bool, host: str | None, port: int | None, data: Path) -> None:
    """Serve until told to stop. Raises UserError or StoreError, with the way out, when it cannot start."""
    settings = demo_settings(data) if demo else load_settings()
    if not demo:
        settings.require_units()
    web = replace(settings.web, host=host or settings.web.host, port=settings.web.port if port is None else port)
    listening = _listen(web.host, web.port)
    address = f"http://{web.host}:{listening.getsockname()[1]}"
    if demo:
        web = replace(web, public_url=address)
    settings = replace(settings, web=web)
    configure(settings.log.format, settings.log.level)
    app = open_app(settings, demo=demo)
    if demo:
        print(f"Ingång is running, with simulated phones and made-up people:\n\n    {address}/demo\n", flush=True)
        print(f"Its data are in {data}/ and Ctrl-C stops it.", flush=True)
    asyncio.run(_serve(app, listening, demo=demo))


async def _serve(app: App, listening: socket.socket, *, demo: bool) -> None:
    config = uvicorn.Config(
        create_web(app, demo=demo), log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=CLEAN_STOP if not demo else 1,
    )  # fmt: skip
    await uvicorn.Server(config).serve(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
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
