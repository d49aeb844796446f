"""`ingang check`: what is wrong before anybody writes, and what to do about it."""

from __future__ import annotations

import typer


def register(root: typer.Typer) -> None:
    """Add `ingang check`."""
    root.command("check")(check)


def check() -> None:
    """Examine settings, keys, database, roster and help lines, and say what to do."""
    from ingang.checking import examine

    findings = examine()
    for each in findings:
        typer.echo(f"{'fel ' if each.stops else 'obs '} {each.name}: {each.what}\n     {each.way_out}")
    if not findings:
        typer.echo("Allt är i ordning.")
    if any(each.stops for each in findings):
        raise typer.Exit(1)
