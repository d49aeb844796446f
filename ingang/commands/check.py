"""`ingang check`: what is wrong before anybody writes, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer


def register(root: typer.Typer) -> None:
    """Add `ingang check`."""
    root.command("check")(check)


def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Examine settings, keys, database, disk, clock, roster, help lines and providers, and say what to do."""
    from dataclasses import asdict

    from ingang.checking import examine
    from ingang.listing import print_json

    findings = examine()
    if as_json:
        print_json([asdict(each) for each in findings])
    else:
        for each in findings:
            typer.echo(f"{'fel ' if each.stops else 'obs '} {each.name}: {each.what}\n     {each.way_out}")
        if not findings:
            typer.echo("Allt är i ordning.")
    if any(each.stops for each in findings):
        raise typer.Exit(1)
