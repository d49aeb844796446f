"""How commands show things to people: tables and blocks, in colour on a terminal and plain in a pipe.

What strangers wrote goes through `staff.cells` first: it can neither move the cursor nor pass for markup.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from staff.cells import json_text, on_one_line, on_screen, writable


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], empty: str, out: TextIO | None = None) -> None:
    """Print a table, or `empty` when there are no rows. On a terminal it fits the width; in a pipe no cell is cut."""
    out = out or sys.stdout
    cells = [[on_one_line(cell) for cell in row] for row in rows]
    if not cells:
        print(empty, file=out)
    elif out.isatty():
        _print_rich(headings, cells, out)
    else:
        for line in _plain([list(headings), *cells]):
            print(writable(line), file=out)


def _plain(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _print_rich(headings: Sequence[str], rows: Iterable[Sequence[str]], out: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=out, highlight=False).print(table)


def print_block(text: str, indent: str = "", out: TextIO | None = None) -> None:
    """Print text of several lines, each with the indent before it."""
    out = out or sys.stdout
    for line in on_screen(text).split("\n"):
        print(f"{indent}{line}".rstrip(), file=out)


def print_heading(text: str, out: TextIO | None = None) -> None:
    """Print a heading: bold on a terminal, after an empty line."""
    out = out or sys.stdout
    shown = on_one_line(text)
    bold = out.isatty() and not os.environ.get("NO_COLOR")
    print(f"\n\x1b[1m{shown}\x1b[0m" if bold else f"\n{shown}", file=out)


def print_json(value: Mapping[str, Any] | Sequence[Any], out: TextIO | None = None) -> None:
    """Print a value as JSON: an object on one line, a list with an object a line."""
    out = out or sys.stdout
    if isinstance(value, Mapping):
        print(json_text(value), file=out)
        return
    lines = ",\n".join(json_text(one) for one in value)
    print(f"[\n{lines}\n]" if lines else "[]", file=out)
