"""What staff do from a terminal until their pages are there: the inbox, sign-ups, one person, their own words, exports.

Every command that shows or changes something about a person writes who did it in the audit log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingang.errors import UserError

if TYPE_CHECKING:
    from ingang.wiring import App
    from staff.people import Actor

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", help="Act as this staff member, by e-mail, id or first name: in the audit log beside your login."
    ),
]
UnitSlug = Annotated[str | None, typer.Option("--unit", help="Only this unit, by its short name.")]
Person = Annotated[str, typer.Argument(help="An id, a name (or how its words begin), or a phone number.")]
Item = Annotated[int, typer.Argument(help="The item's number in the inbox.")]
NamedReader = Annotated[
    bool,
    typer.Option("--named-reader", help="You are a named reader of this protected person. It is in the audit log."),
]

inbox = typer.Typer(help="What a human must look at: list it, take an item, close it.", invoke_without_command=True)


def register(root: typer.Typer) -> None:
    """Add the commands of the staff's desk."""
    root.add_typer(inbox, name="inbox")
    for command in (referrals, show, say, release, export):
        root.command()(command)


@contextmanager
def desk(as_whom: str | None) -> Iterator[tuple[App, Actor, datetime]]:
    """Open the store and find out who acts; tell the desk's faults as the person's at the keyboard."""
    from getpass import getuser

    from ingang.log import configure
    from ingang.settings import load_settings
    from ingang.wiring import open_app
    from staff.people import DeskFault, ManyFound, find_actor

    configure("console", "warning")
    app = open_app(load_settings())
    try:
        with app.store.read() as tx:
            actor = find_actor(tx, getuser(), as_whom)
        yield app, actor, app.clock.now()
    except DeskFault as fault:
        if isinstance(fault, ManyFound):
            from ingang.staff_views import print_matches

            print_matches(fault.matches, sys.stderr)
        from staff.cells import on_one_line

        raise UserError(*map(on_one_line, (fault.what, fault.where, fault.way_out))) from None
    finally:
        app.store.close()


@inbox.callback()
def list_inbox(context: typer.Context, unit: UnitSlug = None, as_json: AsJson = False, as_whom: As = None) -> None:
    """List what a human must look at, the most urgent first."""
    if context.invoked_subcommand is not None:
        return
    from ingang.staff_views import print_inbox
    from staff import desk as work

    with desk(as_whom) as (app, actor, now):
        print_inbox(work.list_inbox(app.store, now, actor, unit), now, as_json=as_json)


@inbox.command()
def take(item: Item, as_whom: As = None, named_reader: NamedReader = False) -> None:
    """Take an item: the others see it, and its alarms stop."""
    from staff import desk as work

    with desk(as_whom) as (app, actor, now):
        done = work.take_item(app.store, now, actor, item, named_reader=named_reader)
    typer.echo(f"Ärende {item} är ditt." + (f" Läs: ingang show P{done.person}" if done.person else ""))


@inbox.command()
def close(
    item: Item,
    why: Annotated[str, typer.Option("--why", help="svarat, ringt, träffat, lotsat, dubblett or klart.")],
    report: Annotated[
        str | None,
        typer.Option(help="For someone who may be under 18: was a report of concern (orosanmälan) made or not_needed?"),
    ] = None,
    as_whom: As = None,
    named_reader: NamedReader = False,
) -> None:
    """Close an item. Words to the person close what waited for an answer by themselves."""
    from ingang.staff_views import closing_word
    from staff import desk as work

    with desk(as_whom) as (app, actor, now):
        done = work.close_item(app.store, now, actor, item, closing_word(why), report, named_reader=named_reader)
    typer.echo(f"Ärende {item} är stängt.")
    for note in done.notes:
        typer.echo(note)


def referrals(unit: UnitSlug = None, as_json: AsJson = False, as_whom: As = None) -> None:
    """List the sign-ups that nobody has answered yet, the first promise on top."""
    from ingang.staff_views import print_referrals
    from staff import desk as work

    with desk(as_whom) as (app, actor, now):
        print_referrals(work.list_referrals(app.store, now, actor, unit), now, as_json=as_json)


def show(person: Person, as_json: AsJson = False, as_whom: As = None, named_reader: NamedReader = False) -> None:
    """Show one person: how to reach them, the talk, the sign-up, what is open."""
    from ingang.staff_views import print_person
    from staff.people import find_person
    from staff.person_page import show as read

    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person)
        print_person(read(app.store, now, actor, who, named_reader=named_reader), now, as_json=as_json)


def say(
    person: Person,
    text: Annotated[str, typer.Argument(help="Your words, sent as they stand.")],
    as_whom: As = None,
    named_reader: NamedReader = False,
) -> None:
    """Write to a person, in your own words, on the channel that they wrote on last."""
    from staff import desk as work
    from staff.people import find_person

    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person)
        message = work.say(app.store, app.house, now, actor, who, text, named_reader=named_reader)
    typer.echo(f"Köat till P{who} (meddelande {message}). Det som väntade på svar är stängt.")


def release(person: Person, as_whom: As = None, named_reader: NamedReader = False) -> None:
    """End the rest after distress: let the bot write to this person by itself again."""
    from staff import desk as work
    from staff.people import find_person

    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person)
        done = work.release(app.store, now, actor, who, named_reader=named_reader)
    typer.echo(f"P{who} vilar inte längre. Boten får skriva av sig själv igen.")
    for note in done.notes:
        typer.echo(note)


def export(
    what: Annotated[str, typer.Argument(help="referrals, participants, messages, ratings or attendance.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; only you can read it.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="csv (UTF-8 with BOM, semicolons, CRLF: opens right in Swedish Excel; a ' goes before what could be a "
            "formula), xlsx (text cells only) or json (one array).",
        ),
    ] = "csv",
    unit: UnitSlug = None,
    since: Annotated[str | None, typer.Option(help="Only what came on this day or later: 2026-11-01.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_whom: As = None,
) -> None:
    """Write sign-ups, people, messages, ratings or months of attendance to a file. Columns: docs/export.md."""
    from ingang.staff_views import read_day
    from staff.export import Wanted
    from staff.export import export as take_out

    wanted = Wanted(what, form, out, unit, read_day(since), force)
    with desk(as_whom) as (app, actor, now):
        count = take_out(app.store, now, actor, wanted)
    typer.echo(f"{count} rader i {out}. Filen är bara läsbar för dig. Ta bort den när du är klar.")
