"""`ingang preview`: every message on every channel with its length, parts and LIX, and what the checks find."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ingang.errors import UserError

if TYPE_CHECKING:
    from messages.preview import FlowRow, Row

Name = Annotated[str | None, typer.Argument(help="Show only messages whose name begins so: talk, self_referral/name.")]
Language = Annotated[str, typer.Option(help="The language of the texts.")]
Style = Annotated[str | None, typer.Option(help="Only sms, or only chat.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


def register(root: typer.Typer) -> None:
    """Add `ingang preview`."""
    root.command()(preview)


def preview(name: Name = None, language: Language = "sv", style: Style = None, as_json: AsJson = False) -> None:
    """Show every message with length, segments, LIX and what the checks find; exit code 1 when they find something."""
    from messages.catalog import Catalog
    from messages.preview import flow_rows, preview_rows

    catalog = Catalog.load()
    if language not in catalog.languages():
        raise UserError(
            f"there is no {language!r}", "--language", f"the languages are {', '.join(catalog.languages())}"
        )
    if style not in (None, "sms", "chat"):
        raise UserError(f"there is no {style!r}", "--style", "give sms or chat")
    names = [each for each in sorted(catalog.books[language].files) if each.startswith(name or "")]
    if not names:
        raise UserError(f"no message begins with {name!r}", "preview", "run `ingang preview` to see them all")
    rows = [row for row in preview_rows(language, catalog, names) if style in (None, row.style)]
    print("\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in rows) if as_json else _page(rows))
    flows = flow_rows(language, catalog)
    if not as_json:
        print(_summary(rows, flows))
    # A flow whose texts are too heavy together has no one row to blame.
    if any(row.findings for row in rows) or any(flow.findings for flow in flows):
        sys.stdout.flush()
        raise typer.Exit(1)


def _page(rows: list[Row]) -> str:
    return "\n\n".join("\n".join(_lines(row)) for row in rows)


def _lines(row: Row) -> list[str]:
    head = f"{row.name} ({row.style})"
    if row.style == "sms":
        worst = f"at worst {row.worst_segments} and {row.worst_length}"
        head += f"  {row.encoding}, segments {row.segments}, length {row.length} ({worst})"
    else:
        head += f"  length {row.length}"
    lines = [f"{head}, LIX {row.lix:.0f}", *(f"    {line}" for line in row.text.splitlines())]
    if row.buttons:
        lines.append("    " + " ".join(f"[{label}]" for label in row.buttons))
    return lines + [f"    ! {finding}" for finding in row.findings]


def _summary(rows: list[Row], flows: list[FlowRow]) -> str:
    heavy = ", ".join(f"{row.flow} {row.lix:.0f}" for row in flows if row.style == "sms")
    found = sum(len(row.findings) for row in rows) + sum(len(row.findings) for row in flows)
    return f"\n{len(rows)} texts, {found} findings. LIX of each flow's texts together, as SMS: {heavy}."
