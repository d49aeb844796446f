"""`ingang staff ...`: who works for which unit, when they read, and whose device an alarm goes to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ingang.commands.staff_desk import As, AsJson, UnitSlug, desk

if TYPE_CHECKING:
    from ingang.app import App
    from staff.people import Actor

WHO_READ: Final = ("handlaggare", "samordnare")
app = typer.Typer(help="Who works here: add, list, disable.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add `ingang staff ...`."""
    root.add_typer(app, name="staff")


@app.command()
def add(
    first_name: Annotated[str, typer.Argument(help="The first name, as participants meet it.")],
    *,
    unit: Annotated[
        list[str] | None, typer.Option("--unit", help="The unit's short name; may be given several times.")
    ] = None,
    email: Annotated[str | None, typer.Option(help="The work address; each may be used once.")] = None,
    role: Annotated[
        str, typer.Option(help="lasare, handlaggare, samordnare, administrator, dataskydd or drift.")
    ] = "handlaggare",
    order: Annotated[int, typer.Option(min=1, max=99, help="Whose device an alarm goes to first: 1, then 2.")] = 1,
    manager: Annotated[bool, typer.Option("--manager", help="Alarms that nobody took end here.")] = False,
    device: Annotated[str | None, typer.Option(help="The work phone: CHANNEL:ADDRESS, as sms:+46701740605.")] = None,
    hours: Annotated[
        list[str] | None, typer.Option(help='When they read: "mon-fri 08:00-16:00"; may be given several times.')
    ] = None,
    as_whom: As = None,
) -> None:
    """Add a staff member, with the hours they read and the device that alarms go to; with an address, invite them."""
    from staff.roll import NewMember, add_member

    wanted = NewMember(first_name, tuple(unit or ()), email, role, order, manager, device, tuple(hours or ()))
    with desk(as_whom) as (app, actor, now):
        staff_id = add_member(app.store, now, actor, wanted)
        link = _invitation(app, actor, now, staff_id) if email else None
    typer.echo(f"{wanted.first_name.strip()} är tillagd, med nummer {staff_id}.")
    if link is not None:
        typer.echo(_said(link))
    if not hours and wanted.role in WHO_READ:
        typer.echo("Inga tider är inlagda: boten räknar inte med att hen läser. Lägg till med --hours.")


@app.command()
def invite(
    member: Annotated[
        str, typer.Argument(help="The number in `ingang staff list`, an e-mail address or a first name.")
    ],
    as_whom: As = None,
) -> None:
    """Make a new invitation to log in. What they logged in with before no longer works."""
    from staff.people import find_member

    with desk(as_whom) as (app, actor, now):
        with app.store.read() as tx:
            staff_id = find_member(tx, member, "MEMBER").id
        link = _invitation(app, actor, now, staff_id)
    typer.echo(_said(link))


def _invitation(app: App, actor: Actor, now: datetime, staff_id: int) -> str:
    from staff.accounts import invite as make_invitation

    token = make_invitation(app.store, app.lease_now(), now, actor, staff_id)
    return f"{app.settings.web.public_url.rstrip('/')}/personal/valkommen/{token}"


def _said(link: str) -> str:
    return f"Ge dem länken: den gäller i tre dagar, en gång, och visas bara nu.\n{link}"


@app.command(name="list")
def list_staff(
    unit: UnitSlug = None,
    everyone: Annotated[bool, typer.Option("--all", help="Also those who have left.")] = False,
    as_json: AsJson = False,
    as_whom: As = None,
) -> None:
    """List those who work here: units, hours, and the order of alarms."""
    from ingang.listing import print_json, print_table
    from staff.roll import list_roll

    with desk(as_whom) as (app, actor, now):
        rows = list_roll(app.store, now, actor, unit, everyone=everyone)
    if as_json:
        print_json([row.for_machines() for row in rows])
        return
    headings = ("Nummer", "Namn", "Roll", "Enhet", "Läser", "Larm", "Arbetstelefon", "E-post")
    print_table(
        headings, (row.for_people() for row in rows), "Ingen medarbetare är inlagd. Se: ingang staff add --help"
    )


@app.command()
def disable(
    member: Annotated[
        str, typer.Argument(help="The number in `ingang staff list`, an e-mail address or a first name.")
    ],
    as_whom: As = None,
) -> None:
    """Take somebody who has left out of names, rosters and alarms. What they did stays in the audit log."""
    from staff.roll import disable_member

    with desk(as_whom) as (app, actor, now):
        left = disable_member(app.store, now, actor, member)
    typer.echo(f"{left.name} är borttagen ur bemanningen, namnen och larmen.")
    for note in left.notes:
        typer.echo(note)
