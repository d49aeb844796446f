"""`ingang keys ...`: make the installation's keys, and put another in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path | None, typer.Argument(help="The file to write; else the setting keys.file.")]

app = typer.Typer(help="Make the keys that everything personal is sealed with, and change them.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add `ingang keys ...`."""
    root.add_typer(app, name="keys")


@app.command()
def new(file: File = None) -> None:
    """Make new keys in a file that only you can read. A file that is there is never overwritten."""
    from ingang.clock import SystemClock
    from ingang.settings import load_settings
    from storage.keys import write_new

    path = file or load_settings().keys.file
    write_new(path, SystemClock().now().date())
    typer.echo(f"New keys are in {path}, which only you can read.")
    typer.echo("Keep a copy in another safe place, apart from the backups: without the keys nobody can read anything.")


@app.command()
def rotate() -> None:
    """Put a new key in use and wrap everybody's key with it. Ingång may be running; if broken off, run it again."""
    from ingang.clock import SystemClock
    from ingang.errors import UserError
    from ingang.open_store import opened_store
    from ingang.settings import load_settings
    from storage.keys import rotate as rotate_keys

    settings = load_settings()
    if settings.keys.held:
        raise UserError("keys in the environment cannot be changed from here", "INGANG_KEYS", "put them in a file")
    with opened_store(settings) as store:
        changed, dropped = rotate_keys(store, settings.keys.file, SystemClock().now().date())
    typer.echo(f"A new key is in use; keys wrapped with it: {changed}. Copy {settings.keys.file} anew.")
    typer.echo("The key before stays in the file for 31 days: backups from now back need it.")
    if dropped:
        typer.echo(f"Thrown away, since nothing needs them any more: {', '.join(dropped)}.")
