"""`ingang db ...`: the tables, backups, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make or update the tables, back them up, restore them.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The folder to write to; nobody else may look into it.")]
Data = Annotated[Path, typer.Argument(help="The backup's data file, that ends in .db.")]
Keys = Annotated[Path, typer.Argument(help="The key file made with it, that ends in .keys.jsonl.")]
Replace = Annotated[bool, typer.Option("--replace", help="Move a database that is there aside.")]
Erased = Annotated[
    Path | None, typer.Option(help="Who was erased since: a later backup's data file, or key ids, one a line.")
]


def register(root: typer.Typer) -> None:
    """Add `ingang db ...`."""
    root.add_typer(app, name="db")


@app.command()
def upgrade() -> None:
    """Bring the database's tables to what this Ingång was written for. Make a backup first."""
    from ingang.open_store import opened_store
    from ingang.settings import load_settings
    from storage.schema import revision

    with opened_store(load_settings()) as store:
        store.upgrade()
        with store.read() as tx:
            typer.echo(f"The tables are up to date ({revision(tx.conn)}).")


@app.command()
def backup(folder: Folder = Path("backups")) -> None:
    """Write two files, data and wrapped keys; key files older than 30 days are removed. Ingång may be running."""
    from ingang.clock import SystemClock
    from ingang.open_store import opened_store
    from ingang.settings import load_settings
    from storage.backup import backup as make

    with opened_store(load_settings()) as store:
        data, keys = make(store, folder, SystemClock().now())
    typer.echo(f"Data: {data}\nKeys: {keys}")
    typer.echo("Keep them in two places, the key file for 30 days at most. Neither can be read without your keys.")


@app.command()
def restore(data: Data, keys: Keys, replace: Replace = False, erased: Erased = None) -> None:
    """Put a backup in the database's place. Stop Ingång first."""
    from ingang.clock import SystemClock
    from ingang.settings import load_settings
    from storage.backup import read_erased
    from storage.backup import restore as bring_back
    from storage.keys import load as load_keys

    settings = load_settings()
    ring = load_keys(settings.keys.file)
    gone = read_erased(erased) if erased else set()
    done = bring_back(data, keys, settings.database.url, ring, gone, SystemClock().now(), replace=replace)
    typer.echo(f"Restored, with the keys of {done.keys}. Erased since, and kept out: {done.erased}.")
    if done.people_erased:
        typer.echo(f"{done.people_erased} persons were in the backup, are erased, and were erased again.")
    if done.without_key:
        typer.echo(f"{done.without_key} keys are in no file: what they seal cannot be read.")
    if done.before:
        typer.echo(f"The database from before is {done.before}. Remove it when you have seen that all is well.")
    typer.echo("Nothing is sent until you have compared with what went out since, and run: ingang db release")


@app.command()
def release() -> None:
    """Let messages go out again after a restore."""
    from ingang.open_store import opened_store
    from ingang.settings import load_settings
    from storage import control

    with opened_store(load_settings()) as store, store.begin() as tx:
        held = control.find(tx, control.SENDING_HOLD)
        control.clear(tx, control.SENDING_HOLD)
    typer.echo("Messages go out again." if held else "Sending was not held.")
