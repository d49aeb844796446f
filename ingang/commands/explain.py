"""`ingang explain ...`: how the program reasons about a text or a meeting. Needs no settings and no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, BinaryIO, TextIO
from zoneinfo import ZoneInfo

import typer

from ingang.errors import UserError

Explanation = Mapping[str, Any]
Text = Annotated[str | None, typer.Argument(help='The text. Without it, --json reads lines such as {"text": "ja"}.')]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: one object, or one for each line read.")]
Question = Annotated[
    str | None, typer.Option(help="What was asked: yesno, confirm, free, choice, name, year, phone or rating.")
]
Now = Annotated[str | None, typer.Option(help="The time to reckon from, Swedish time: 2026-12-02T10:00.")]

app = typer.Typer(help="Show how the program reasons about a text.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add `ingang explain ...`."""
    root.add_typer(app, name="explain")


@app.command()
def reply(text: Text = None, question: Question = None, as_json: AsJson = False) -> None:
    """Show how an answer is read, and why."""
    from ingang.explain_reply import explain_reply

    def explain(line: Explanation) -> Explanation:
        return explain_reply(line["text"], _string(line, "question", question))

    _answer("reply", text, as_json, explain)


@app.command()
def when(text: Text = None, now: Now = None, as_json: AsJson = False) -> None:
    """Show which day and time a text means."""
    from ingang.explain_values import explain_when

    def explain(line: Explanation) -> Explanation:
        return explain_when(line["text"], _swedish_time(_string(line, "now", now)))

    _answer("when", text, as_json, explain)


@app.command()
def phone(text: Text = None, as_json: AsJson = False) -> None:
    """Show which phone number a text holds."""
    from ingang.explain_values import explain_phone

    _answer("phone", text, as_json, lambda line: explain_phone(line["text"]))


@app.command()
def sms(text: Text = None, as_json: AsJson = False) -> None:
    """Show what a text becomes as an SMS, and how many segments it takes."""
    from ingang.explain_values import explain_sms

    _answer("sms", text, as_json, lambda line: explain_sms(line["text"]))


@app.command()
def plan(
    start: Annotated[str | None, typer.Option(help="When the meeting starts, Swedish time: 2027-03-28T10:00.")] = None,
    booked: Annotated[str | None, typer.Option(help="When it was booked, Swedish time.")] = None,
    same_day: Annotated[bool, typer.Option("--same-day", help="The person wants a reminder on the same day.")] = False,
    answered: Annotated[str | None, typer.Option(help="What the person has answered: yes, no or move.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to look from, Swedish time; else the booking.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is sent about a meeting and when, and what is not and why."""
    from ingang.explain_plan import as_object, as_table, read_plan

    given = {"start": start, "booked": booked, "same_day": same_day, "answered": answered, "now": now}

    def explain(line: Explanation) -> Explanation:
        return as_object(read_plan({**given, **{name: value for name, value in line.items() if value is not None}}))

    if start is None and as_json:
        if not explain_lines(sys.stdin.buffer, sys.stdout, explain, needs="start"):
            raise typer.Exit(1)
        return
    try:
        explained = read_plan(given)
    except ValueError as fault:
        raise UserError(str(fault), "explain plan", "see `ingang explain plan --help`") from None
    if as_json:
        print_json(as_object(explained), sys.stdout)
    else:
        print("\n".join(as_table(explained)))


@app.command(context_settings={"ignore_unknown_options": True})  # so that -1 is a bad answer, not a bad option
def rating(
    instrument: Annotated[
        str | None,
        typer.Argument(
            help='ORS, SRS or own. Without it, --json reads lines such as {"instrument": "ORS", "age": 19, '
            '"items": [5, 6.5, 7, 4], "first_total": 15.5}.'
        ),
    ] = None,
    items: Annotated[list[str] | None, typer.Argument(help="The answers, 0 to 10; - for one that was skipped.")] = None,
    age: Annotated[int | None, typer.Option(help="Years, on the day of the rating.")] = None,
    first_total: Annotated[str | None, typer.Option(help="The total of the first rating.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how a rating is scored, against which marks, and where they come from."""
    from ingang.explain_rating import as_lines, as_object, read_items, read_total, score_line

    options = {"age": age, "first_total": read_total(first_total)}

    def explain(line: Explanation) -> Explanation:
        return as_object(score_line({**options, **line}))

    if instrument is None and as_json:
        if not explain_lines(sys.stdin.buffer, sys.stdout, explain, needs="instrument"):
            raise typer.Exit(1)
        return
    if instrument is None:
        raise UserError("there is no rating", "explain rating", "give one, or --json and JSON lines on standard input")
    try:
        scored = score_line({"instrument": instrument, "items": read_items(items or ()), **options})
    except ValueError as fault:
        raise UserError(str(fault), "explain rating", "see `ingang explain rating --help`") from None
    if as_json:
        print_json(as_object(scored), sys.stdout)
    else:
        print("\n".join(as_lines(scored)))


@app.command()
def confusion() -> None:
    """Show how well the labelled replies of the repository are read: a table, and everything that was misread."""
    from ingang.explain_reply import confusion as read_all

    try:
        print(read_all())
    except FileNotFoundError as fault:
        raise UserError(str(fault), "explain confusion", "run it from the repository, where tests/ lies") from None


def _answer(name: str, text: str | None, as_json: bool, explain: Callable[[Explanation], Explanation]) -> None:
    """Explain the one text given, or every line of standard input; exit code 1 when a line could not be read."""
    if text is not None:
        try:
            result = explain({"text": text})
        except ValueError as fault:
            raise UserError(str(fault), f"explain {name}", f"see `ingang explain {name} --help`") from None
        if as_json:
            print_json(result, sys.stdout)
        else:
            print("\n".join(readable(result)))
    elif as_json:
        if not explain_lines(sys.stdin.buffer, sys.stdout, explain):
            raise typer.Exit(1)
    else:
        raise UserError("there is no text", f"explain {name}", "give one, or --json and JSON lines on standard input")


def explain_lines(
    lines: BinaryIO, out: TextIO, explain: Callable[[Explanation], Explanation], needs: str = "text"
) -> bool:
    """Print one object for each line, in order, and say whether all could be read.

    A line that is no JSON object with a string called `needs` gets {"error": ..., "line": its number}, and the rest go
    on.
    """
    all_read = True
    for number, raw in enumerate(lines, start=1):
        try:
            result = explain(_read_line(raw, needs))
        except ValueError as fault:
            all_read = False
            result = {"error": f"line {number}: {fault}", "line": number}
        print_json(result, out)
    return all_read


def _read_line(raw: bytes, needs: str) -> Explanation:
    try:
        line = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError(f'not JSON; write {{"{needs}": "..."}}') from None
    if not isinstance(line, dict) or not isinstance(line.get(needs), str):
        raise ValueError(f'no "{needs}" string; write {{"{needs}": "..."}}')
    return line


def _string(line: Explanation, key: str, otherwise: str | None) -> str | None:
    """Give the line's own value for `key`, or what was given on the command line."""
    value = line.get(key)
    if value is None:
        return otherwise
    if not isinstance(value, str):
        raise ValueError(f'"{key}" is not a string')
    return value


def _swedish_time(given: str | None) -> datetime:
    """Give the time meant, aware, as clocks in Sweden show it; now, when none is given."""
    from ingang.clock import business_clock

    sweden = ZoneInfo("Europe/Stockholm")
    if given is None:
        return business_clock().now().astimezone(sweden)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise ValueError(f"{given!r} is not a time; write 2026-12-02T10:00") from None
    return moment.replace(tzinfo=sweden) if moment.tzinfo is None else moment.astimezone(sweden)


def print_json(result: Explanation, out: TextIO) -> None:
    """Print one object on one line, at once; half of a surrogate pair, which UTF-8 cannot hold, as an escape."""
    line = json.dumps(result, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(result)
    print(line, file=out, flush=True)


def readable(result: Explanation, indent: str = "") -> Iterable[str]:
    """Give a result as lines for a person to read: names to the left, values to the right."""
    width = max((len(name) for name in result), default=0)
    for name, value in result.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}"
            yield from readable(value, indent + "  ")
        else:
            yield f"{indent}{name.ljust(width)}  {_plain(value)}".rstrip()


def _plain(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value) or "-"
    return str(value)
