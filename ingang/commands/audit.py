"""`ingang audit ...`: is the audit log as it was written, what stands in it, and a month's sample of it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ingang.commands.staff_desk import As, AsJson, UnitSlug, desk

if TYPE_CHECKING:
    from storage.audit_check import Fault

app = typer.Typer(help="The audit log: check its chain, read it, draw a month's sample.", no_args_is_help=True)

Anchor = Annotated[
    str | None, typer.Option("--head", help="A head from the program's log or `ingang audit head`: WORD:COUNT.")
]
Month = Annotated[str, typer.Option("--month", help="2026-11")]


def register(root: typer.Typer) -> None:
    """Add `ingang audit ...`."""
    root.add_typer(app, name="audit")


@app.command()
def verify(head: Anchor = None, as_json: AsJson = False) -> None:
    """Check every line and link; exit code 1 when something was changed, taken away, put in or cut off."""
    from ingang.listing import print_json
    from ingang.open_store import opened_store
    from ingang.settings import load_settings
    from storage.audit_check import verify as check

    anchor = _read_anchor(head)
    with opened_store(load_settings()) as store, store.read() as tx:
        found = check(tx, anchor)
    if as_json:
        shown = None if found.head is None else f"{found.head.word}:{found.head.count}"
        told = [asdict(fault) | {"line": _text(fault.line)} for fault in found.faults]
        print_json(
            {"whole": found.whole, "links": found.links, "waiting": found.waiting, "head": shown, "faults": told}
        )
    elif found.whole:
        typer.echo(f"The chain is whole: {found.links} lines, and {found.waiting} that wait for their link.")
    else:
        typer.echo(f"The chain is broken. {found.links} links; the first fault: {_say(found.faults[0])}")
        for fault in found.faults[1:]:
            typer.echo(f"  then: {_say(fault)}")
    if not found.whole:
        raise typer.Exit(1)


@app.command()
def head(as_json: AsJson = False) -> None:
    """Show where the chain ends now. Keep it somewhere else: `ingang audit verify --head` takes it."""
    from ingang.listing import print_json
    from ingang.open_store import opened_store
    from ingang.settings import load_settings
    from storage import audit_chain

    with opened_store(load_settings()) as store, store.read() as tx:
        end = audit_chain.head(tx)
    if as_json:
        print_json({"head": end.word, "count": end.count})
    else:
        typer.echo(f"{end.word}:{end.count}")


@app.command(name="list")
def list_lines(
    person: Annotated[
        str | None, typer.Option("--person", help="About this person: an id, a name or a number.")
    ] = None,
    *,
    member: Annotated[str | None, typer.Option("--member", help="By this staff member.")] = None,
    month: Annotated[str | None, typer.Option("--month", help="2026-11")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many lines, the newest first.")] = 200,
    as_json: AsJson = False,
    as_whom: As = None,
) -> None:
    """List who read and did what, the newest first."""
    from ingang.listing import print_json, print_table
    from staff.audit_log import Ask, Row, read_log
    from staff.labels import iso, stamp
    from staff.people import find_member, find_person

    rows: list[Row] = []
    with desk(as_whom) as (app, actor, now):
        who = find_person(app.store, now, actor, person) if person else None
        by = None
        if member:
            with app.store.read() as tx:
                by = find_member(tx, member, "--member").id
        before: int | None = None
        while len(rows) < limit:
            page = read_log(app.store, now, actor, Ask(who, by, month or "", None, before))
            rows += page.rows
            before = page.older
            if before is None:
                break
    if as_json:
        texts = [
            {"id": str(row.id), "at": iso(row.at), "person": f"P{row.person}" if row.person else None}
            for row in rows[:limit]
        ]
        print_json([asdict(row) | text for row, text in zip(rows, texts, strict=False)])
        return
    cells = ((stamp(row.at), row.who, row.what, row.whom, row.outcome) for row in rows[:limit])
    print_table(("När", "Vem", "Gjorde", "Med", "Hur"), cells, "Inget står i loggen.")


@app.command()
def sample(
    month: Month,
    unit: UnitSlug = None,
    size: Annotated[int, typer.Option(min=1, max=500, help="How many are drawn.")] = 20,
    as_json: AsJson = False,
    as_whom: As = None,
) -> None:
    """Draw a month's sample for the manager who reviews the log: the same every time, known to nobody beforehand."""
    from ingang.listing import print_heading, print_json, print_table
    from staff.audit_sample import Pair, draw
    from staff.labels import iso, stamp

    with desk(as_whom) as (app, actor, now):
        found = draw(app.store, now, actor, month, unit or "", size)

    def cells(pairs: tuple[Pair, ...]) -> list[tuple[str, ...]]:
        return [(p.who, f"P{p.person}", str(p.reads), stamp(p.first), stamp(p.last), ", ".join(p.why)) for p in pairs]

    if as_json:
        both = {
            name: [
                asdict(p) | {"person": f"P{p.person}", "first": iso(p.first), "last": iso(p.last), "why": p.why}
                for p in pairs
            ]
            for name, pairs in (("drawn", found.drawn), ("marked", found.marked))
        }
        print_json({"unit": found.unit, "month": found.month, "pairs": found.pairs, "reads": found.reads, **both})
        return
    typer.echo(f"{found.unit}, {found.month}: {found.reads} läsningar, {found.pairs} par av medarbetare och person.")
    headings = ("Vem", "Person", "Gånger", "Först", "Sist", "Att fråga om")
    print_heading(f"Slumpvis utvalda ({len(found.drawn)})")
    print_table(headings, cells(found.drawn), "Ingen har läst.")
    print_heading(f"Sticker ut ({found.all_marked})")
    print_table(headings, cells(found.marked), "Inget sticker ut.")


def _read_anchor(text: str | None) -> tuple[str, int] | None:
    from ingang.errors import UserError

    if text is None:
        return None
    match = re.fullmatch(r"([a-p]{32}):(\d{1,18})", text.strip())
    if match is None:
        raise UserError("that is not the head of a chain", "--head", "write it as `ingang audit head` does: WORD:COUNT")
    return match[1], int(match[2])


def _say(fault: Fault) -> str:
    said = {
        "changed": "line {line} (link {position}) is not as it was written",
        "missing": "line {line} is gone" if fault.line is not None else "link {position} is gone",
        "inserted": "line {line} was written by another hand",
        "unlinked": "line {line} has lost its link",
        "cut": "the chain ends at link {position}, and once went further",
        "beginning": "the chain does not begin as this installation's does",
        "anchor": "link {position} is another than the head says",
    }[fault.kind]
    return said.format(line=fault.line, position=fault.position)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
