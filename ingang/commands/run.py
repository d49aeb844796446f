"""`ingang run`: everything in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(root: typer.Typer) -> None:
    """Add `ingang run`."""
    root.command("run")(run)


def run(
    demo: Annotated[
        bool, typer.Option("--demo", help="Simulated phones, made-up people, no account anywhere.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; 0 for any that is free.")] = None,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(".demo"),
) -> None:
    """Run Ingång: pages, messages and time, in one process."""
    from ingang.running import run_all

    run_all(demo=demo, host=host, port=port, data=data)
