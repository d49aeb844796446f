"""Exports: what the store holds, as a file for a spreadsheet or a program, with nothing in it that could be run.

The rows stream from the database to the file, so that their number does not matter. The file is written whole beside
its place, in a folder that only its owner may open, and is moved into place when all is well: a broken export leaves
nothing behind. Who took out what is in the audit log before the first row is read, and again before the file is there.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, TextIO

from rules.calendar import to_utc
from rules.ratings import swedish
from staff import labels
from staff.cells import csv_cell, json_text, xlsx_cell
from staff.export_columns import EXPORTS, Export, Row, Value
from staff.people import Actor, DeskFault, find_unit
from storage import audit, units
from storage.db import Store
from storage.reports import Scope

SHEET_ROWS: Final = 1_048_575
"""Rows of data in a sheet: Excel's 1,048,576 less the headings. What comes after goes on in the next sheet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to take out: which export, as what, where to, and of which unit and since which Swedish day."""

    what: str  # referrals | participants | messages | ratings
    form: str  # csv | json | xlsx
    out: Path
    unit_slug: str | None = None
    since: date | None = None
    force: bool = False


def export(store: Store, now: datetime, actor: Actor, wanted: Wanted) -> int:
    """Write the file, of mode 0600, and give how many rows it has, headings apart.

    Raises DeskFault when the file is there already (unless `force`) or cannot be written; then nothing has changed.
    """
    chosen, write = _chosen(wanted)
    with store.begin() as tx:
        unit = find_unit(tx, wanted.unit_slug, actor)
        whose = f"unit:{unit.id}" if unit else "units"
        ref = f"export:{wanted.what} {whose} since:{wanted.since or '-'}"
        audit.write(tx, now, actor.ref, "export.begin", ref)
    unit_ids = frozenset({unit.id}) if unit else actor.unit_ids
    since = None if wanted.since is None else to_utc(wanted.since, time(0))
    scope = Scope(unit_ids, since, actor.staff_id)
    with written_whole(wanted.out, force=wanted.force) as file:
        with store.read() as tx:
            places = {each.id: each.municipality for each in units.list_units(tx)}
            count = write(file, chosen, chosen.rows(tx, scope, places))
        with store.begin() as tx:
            audit.write(tx, now, actor.ref, "export", ref, f"ok {count}")
    return count


def _chosen(wanted: Wanted) -> tuple[Export, Callable[[Path, Export, Iterator[Row]], int]]:
    if wanted.what not in EXPORTS:
        raise DeskFault(f"{wanted.what} går inte att ta ut", "WHAT", f"välj bland: {', '.join(EXPORTS)}")
    if wanted.form not in FORMS:
        raise DeskFault(f"formatet {wanted.form} finns inte", "--format", f"välj bland: {', '.join(FORMS)}")
    return EXPORTS[wanted.what], FORMS[wanted.form]


# --- the file ---------------------------------------------------------------------------------------------------------


@contextmanager
def written_whole(out: Path, *, force: bool) -> Iterator[Path]:
    """Give a path to write to; at the end what is there is moved to `out`, or, if anything went wrong, removed."""
    if out.is_dir():
        raise _cannot(out, "är en mapp", "skriv ett filnamn också")
    if not force and _is_there(out):
        raise _cannot(out, "finns redan", "välj ett annat namn, eller skriv över med --force")
    try:
        folder = Path(tempfile.mkdtemp(prefix=".ingang-export-", dir=out.parent))
    except OSError as fault:
        raise _cannot(out, f"kan inte skrivas ({fault.strerror})", "välj en mapp som finns och är din") from None
    try:
        yield folder / "export"
        _move(folder / "export", out, force=force)
    except OSError as fault:
        what = f"kunde inte skrivas ({fault.strerror or fault})"
        raise _cannot(out, what, "inget är ändrat; gör plats och försök igen") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move(written: Path, out: Path, *, force: bool) -> None:
    """Put the file in its place in one step; without `force` never over a file that came there meanwhile."""
    written.chmod(0o600)
    with written.open("rb+") as file:
        os.fsync(file.fileno())
    if force:
        written.replace(out)
        return
    try:
        out.hardlink_to(written)
    except FileExistsError:
        raise _cannot(out, "finns redan", "välj ett annat namn, eller skriv över med --force") from None
    except OSError:  # a disk without hard links: look once more, then move
        if _is_there(out):
            raise
        written.replace(out)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _cannot(out: Path, what: str, way_out: str) -> DeskFault:
    return DeskFault(f"{out} {what}", "--out", way_out)


# --- the forms --------------------------------------------------------------------------------------------------------


def shown(value: Value) -> str:
    """Give a value as text for a cell: times as clocks in Sweden show them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float):
        return swedish(value)
    return labels.stamp(value) if isinstance(value, datetime) else str(value)


def _write_csv(path: Path, chosen: Export, rows: Iterator[Row]) -> int:
    """UTF-8 with a byte order mark, semicolons and CRLF: what Excel with Swedish settings opens by a double click."""
    count = 0
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        lines.writerow(column.heading for column in chosen.columns)
        for row in rows:
            count += 1
            lines.writerow(csv_cell(shown(row.get(column.key))) for column in chosen.columns)
    return count


def _write_json(path: Path, chosen: Export, rows: Iterator[Row]) -> int:
    """One array, an object a line, every key in every object."""
    with path.open("x", encoding="utf-8") as file:
        file.write("[")
        count = _write_objects(file, chosen, rows)
        file.write("\n]\n")
    return count


def _write_objects(file: TextIO, chosen: Export, rows: Iterator[Row]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        values = ((column.key, row.get(column.key)) for column in chosen.columns)
        known = {key: labels.iso(value) if isinstance(value, datetime) else value for key, value in values}
        file.write(f"{',' if count > 1 else ''}\n{json_text(known)}")
    return count


def _write_xlsx(path: Path, chosen: Export, rows: Iterator[Row]) -> int:
    """String cells only, formatted as text. Each row is on disk when it is written, in the private folder."""
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxFileError

    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            return _write_sheets(book, chosen, rows)
    except XlsxFileError as fault:  # xlsxwriter's name for an OSError while it closes the file
        raise OSError(str(fault)) from fault


def _write_sheets(book: Any, chosen: Export, rows: Iterator[Row]) -> int:
    as_text, heading = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
    sheet = _new_sheet(book, chosen, heading, 1)
    count = 0
    for count, row in enumerate(rows, start=1):
        full, line = divmod(count - 1, SHEET_ROWS)
        if full and line == 0:
            sheet = _new_sheet(book, chosen, heading, full + 1)
        for place, column in enumerate(chosen.columns):
            value = shown(row.get(column.key))
            if value:
                sheet.write_string(line + 1, place, xlsx_cell(value), as_text)
    return count


def _new_sheet(book: Any, chosen: Export, heading: Any, number: int) -> Any:
    sheet = book.add_worksheet(chosen.sheet if number == 1 else f"{chosen.sheet} {number}")
    for place, column in enumerate(chosen.columns):
        sheet.set_column(place, place, column.width)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(chosen.columns):
        sheet.write_string(0, place, column.heading, heading)
    return sheet


FORMS: Final[Mapping[str, Callable[[Path, Export, Iterator[Row]], int]]] = {
    "csv": _write_csv,
    "json": _write_json,
    "xlsx": _write_xlsx,
}
