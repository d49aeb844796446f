"""`ingang book|move|cancel|mark|meetings|plan|sick|availability`: meetings, until staff have pages for them."""

from __future__ import annotations

from typing import Annotated

import typer

from ingang.commands.staff_desk import As, AsJson, NamedReader, Person, UnitSlug, desk

Meeting = Annotated[int, typer.Argument(help="The meeting's number in `ingang meetings`.")]
At = Annotated[str | None, typer.Option("--at", help='Day and time, local: "2026-12-03 13:30".')]
Minutes = Annotated[int | None, typer.Option("--minutes", help="How long, in minutes. A new meeting: 40.")]
With = Annotated[str | None, typer.Option("--with", help="The staff member: a first name, e-mail or number. You.")]
Place = Annotated[str | None, typer.Option("--place", help="One of the unit's places, by its short name.")]
Where = Annotated[
    str | None, typer.Option("--where", help="A place in your own words, sent to the person as it stands.")
]
Note = Annotated[str | None, typer.Option("--note", help="For staff only; never sent.")]
Member = Annotated[str, typer.Argument(help="A first name, an e-mail address or a number.")]

availability = typer.Typer(help="When staff can meet people: the bot offers times from here.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add the commands."""
    for command in (book, offer, move, cancel, mark, meetings, plan, sick, reminders):
        root.command()(command)
    root.add_typer(availability, name="availability")


def book(
    person: Person,
    at: At = None,
    *,
    minutes: Minutes = None,
    form: Annotated[
        str | None, typer.Option("--form", help="promenad, hembesök, hos oss, telefon or video. New: promenad.")
    ] = None,
    with_: With = None,
    place: Place = None,
    where: Where = None,
    note: Note = None,
    as_whom: As = None,
    named_reader: NamedReader = False,
) -> None:
    """Book a meeting: the person is told at once, reminded, and answers with a word."""
    from staff import meetings as work
    from staff.people import find_person

    ask = work.Ask(at, minutes, form, with_, place, where, note)
    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person)
        kept = work.book(app.store, app.house, now, actor, who, ask, named_reader=named_reader)
    _say(f"Bokat: {kept.what} (tid {kept.id}).", kept.notes)


def offer(person: Person, as_whom: As = None) -> None:
    """Offer a person a walk: the bot asks which of your free times suits them."""
    from staff import meetings as work
    from staff.people import find_person

    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person)
        work.offer(app.store, app.house, now, actor, who)
    typer.echo(f"Boten frågar P{who} om en promenad.")


def move(
    meeting: Meeting,
    at: At = None,
    *,
    minutes: Minutes = None,
    with_: With = None,
    place: Place = None,
    where: Where = None,
    note: Note = None,
    as_whom: As = None,
) -> None:
    """Give a meeting another time, length, place or staff member: the person is told at once."""
    from staff import meetings as work

    ask = work.Ask(at, minutes, None, with_, place, where, note)
    with desk(as_whom) as (app, actor, now):
        kept = work.move(app.store, app.house, now, actor, meeting, ask)
    _say(f"Ändrat: {kept.what} (tid {kept.id}).", kept.notes)


def cancel(meeting: Meeting, as_whom: As = None) -> None:
    """Call a meeting off: the person is told that it is not their fault, and offered a new time."""
    from staff import meetings as work

    with desk(as_whom) as (app, actor, now):
        kept = work.cancel(app.store, app.house, now, actor, meeting)
    _say(f"Avbokat: {kept.what}.", kept.notes)


def mark(
    meeting: Meeting,
    outcome: Annotated[str, typer.Argument(help="kom, uteblev, vi (we did not come) or avbokad.")],
    as_whom: As = None,
) -> None:
    """Say how a meeting went. After `uteblev` the person gets a kind line and an offer of a new time."""
    from staff import meetings as work

    with desk(as_whom) as (app, actor, now):
        kept = work.mark(app.store, app.house, now, actor, meeting, work.read_outcome(outcome))
    _say(f"Sparat: {kept.what}.", kept.notes)


def meetings(
    unit: UnitSlug = None,
    person: Annotated[
        str | None, typer.Option("--person", help="All of one person's: an id, a name or a number.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="So many days from today.")] = 14,
    as_json: AsJson = False,
    as_whom: As = None,
) -> None:
    """List meetings: when, with whom, and what the person has answered."""
    from dataclasses import asdict

    from ingang.listing import print_json, print_table
    from staff import meetings as work
    from staff.labels import iso, moment
    from staff.people import find_person

    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person) if person else None
        rows = work.list_meetings(app.store, now, actor, unit, days=days, person_id=who)
    if as_json:
        ids = [{"id": str(row.id), "person": f"P{row.person}"} for row in rows]
        times = [{"starts": iso(row.starts), "since": iso(row.since)} for row in rows]
        print_json([asdict(row) | one | two for row, one, two in zip(rows, ids, times, strict=True)])
        return
    headings = ("Tid", "När", "Min", "Vad", "Med", "Var", "Namn", "Läge", "Sedan", "Person")
    cells = (
        (str(row.id), moment(row.starts, now), str(row.minutes), row.form, row.member, row.place or "-", row.name,
         row.standing, moment(row.since, now), f"P{row.person}")
        for row in rows
    )  # fmt: skip
    print_table(headings, cells, "Inga tider är bokade.")


def plan(meeting: Meeting, as_whom: As = None) -> None:
    """Show what is said about a meeting and when, and what is not said and why."""
    from staff import meetings as work
    from staff.labels import PLAN, moment

    with desk(as_whom) as (app, actor, now):
        kept, found = work.plan_of(app.store, app.house, now, actor, meeting)
    typer.echo(f"{kept.what[0].upper()}{kept.what[1:]} (tid {kept.id})")
    for item in found.items:
        late = " (har passerat)" if item.expired else ""
        typer.echo(f"  {moment(item.when, now)}  {PLAN[item.kind]}{late}. {item.why}")
    for each in found.dropped:
        typer.echo(f"  -  {PLAN[each.kind]}: {each.why}")


def sick(
    member: Member,
    day: Annotated[str | None, typer.Option("--day", help="2026-12-03; today when not given.")] = None,
    as_whom: As = None,
) -> None:
    """Somebody is away for a day: call off all that is left of it, and offer everybody a new time."""
    from ingang.staff_views import read_day
    from staff import meetings as work

    with desk(as_whom) as (app, actor, now):
        gone = work.sick(app.store, app.house, now, actor, member, read_day(day))
    if not gone:
        typer.echo("Inga tider är kvar den dagen.")
    for kept in gone:
        _say(f"Avbokat: {kept.what} (P{kept.person}).", kept.notes)


Kinds = Annotated[list[str] | None, typer.Option(help="A kind, as `ingang plan` and docs/reminders.md name it.")]


def reminders(
    unit: UnitSlug = None,
    *,
    off: Kinds = None,
    on: Kinds = None,
    three_days_at: Annotated[str | None, typer.Option(help='When the one three days before goes: "17:00".')] = None,
    day_before_at: Annotated[str | None, typer.Option(help='When the one on the day before goes: "17:00".')] = None,
    silence_at: Annotated[str | None, typer.Option(help='When silence reaches the inbox: "13:00".')] = None,
    as_whom: As = None,
) -> None:
    """Show what a unit says about meetings, or change it: it takes effect at once."""
    from staff import reminder_policy as work
    from staff.labels import PLAN

    given = {"three_days_at": three_days_at, "day_before_at": day_before_at, "silence_at": silence_at}
    clocks = {name: value for name, value in given.items() if value is not None}
    with desk(as_whom) as (app, actor, now):
        if off or on or clocks:
            change = work.change(
                app.store, app.house, now, actor, unit or "", off=off or (), on=on or (), clocks=clocks
            )
            told = [change]
        else:
            told = work.read(app.store, app.house, now, actor, unit)
    for each in told:
        typer.echo(each.unit)
        for kind, is_on in each.kinds.items():
            clock = each.clocks.get(f"{kind}_at")
            typer.echo(f"  {'på' if is_on else 'av':<3} {kind:<14} {PLAN[kind]}{f', kl. {clock}' if clock else ''}")


@availability.command()
def week(
    member: Member,
    hours: Annotated[
        list[str] | None, typer.Argument(help='Lines such as "tis-tor 09:00-15:30"; none: no times.')
    ] = None,
    unit: UnitSlug = None,
    as_whom: As = None,
) -> None:
    """Set when somebody can meet people, every week, instead of what was."""
    from staff import availability as work

    with desk(as_whom) as (app, actor, now):
        words = work.set_week(app.store, now, actor, member, hours or [], unit)
    typer.echo(f"Kan träffa deltagare: {words}.")


@availability.command()
def day(
    member: Member,
    which: Annotated[str, typer.Argument(metavar="DAY", help="2026-12-24")],
    hours: Annotated[
        list[str] | None, typer.Option("--hours", help='"09:00-11:00"; may be given several times.')
    ] = None,
    as_usual: Annotated[bool, typer.Option("--as-usual", help="As the week has it again.")] = False,
    unit: UnitSlug = None,
    as_whom: As = None,
) -> None:
    """Let one day differ from the week: other hours, or (without --hours) not at all."""
    from ingang.staff_views import read_day
    from staff import availability as work

    with desk(as_whom) as (app, actor, now):
        wanted = read_day(which)
        if wanted is not None:
            work.set_day(app.store, now, actor, member, wanted, None if as_usual else hours or [], unit)
    typer.echo("Sparat.")


@availability.command(name="list")
def list_availability(unit: UnitSlug = None, as_whom: As = None) -> None:
    """List when everybody can meet people."""
    from ingang.listing import print_table
    from staff import availability as work

    with desk(as_whom) as (app, actor, now):
        rows = work.list_rows(app.store, now, actor, unit)
    cells = ((row.member, row.unit, row.week or "inga tider", ", ".join(row.days) or "-") for row in rows)
    print_table(("Namn", "Enhet", "Veckan", "Dagar som skiljer sig"), cells, "Ingen arbetar här.")


def _say(line: str, notes: tuple[str, ...]) -> None:
    typer.echo(line)
    for note in notes:
        typer.echo(note)
