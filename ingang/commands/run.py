"""`ingang run`, `ingang web`, `ingang worker`: everything in one process, or the same split over several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Port = Annotated[int | None, typer.Option(help="The port to listen on; 0 for any that is free.")]


def register(root: typer.Typer) -> None:
    """Add the three."""
    root.command("run")(run)
    root.command("web")(web)
    root.command("worker")(worker)


def run(
    demo: Annotated[
        bool, typer.Option("--demo", help="Simulated phones, made-up people, no account anywhere.")
    ] = False,
    host: Host = None,
    port: Port = None,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(".demo"),
) -> None:
    """Run Ingång: pages, messages and time, in one process."""
    from ingang.running import run_all

    run_all(demo=demo, host=host, port=port, data=data)


def web(host: Host = None, port: Port = None) -> None:
    """Run the doors only: webhooks, the web chat, pages, health. As many as you like, beside `ingang worker`."""
    from ingang.running import run_web

    run_web(host=host, port=port)


def worker() -> None:
    """Run the rest: sending, what is due, Telegram's messages. As many as you like, beside `ingang web`."""
    from ingang.running import run_worker

    run_worker()
