"""`ingang chat`: a phone in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(root: typer.Typer) -> None:
    """Add `ingang chat`."""
    root.command("chat")(chat)


def chat(
    number: Annotated[
        str, typer.Option("--as", help="Whose phone this is; the same word is the same person.")
    ] = "terminal",
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(".demo"),
    live: Annotated[bool, typer.Option("--live", help="Use config.toml and its database, not the demo's.")] = False,
) -> None:
    """Talk with the bot as a participant would. An empty line or Ctrl-D puts the phone away."""
    from ingang.terminal import Phone

    Phone.open(number, data=data, live=live).talk()
