import csv
import errno
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from staff import export as exporting
from staff.cells import from_csv_cell, writable
from staff.export import FORMS, Wanted, export, shown
from staff.export_columns import EXPORTS, Column, Export, Row
from staff.labels import HIDDEN
from staff.people import Actor, DeskFault, find_actor
from storage import activities, attendance, contacts, inbound, outbox, ratings, staff, units
from storage.activities import NewActivity
from storage.ids import new_id
from storage.outbox import Body, NewMessage
from tests import rated
from tests.staff.conftest import OPERATOR, Office
from tests.staff.test_cells import FORMULAS, PLAIN

INERT = (
    "'; DROP TABLE participants; --",
    "<script>alert(1)</script>",
    '<svg onload="alert(1)">',
    "{{7*7}}{% raw %}",
    "%s {0} %(x)n",
    "a\r\nSet-Cookie: x=1",
    "a\nlevel=info msg=fake",
    '";"x"\r\n"y"',
    "\x1b[2J",
    "\u202ekim",
    "half \ud83d",
    "<r></r></is><f>1+1</f><is><r></r>",
    "_x003D_1",
    "å" * 40_000,
)
CORPUS = (*FORMULAS, *PLAIN[:3], *INERT)


def wrote(office: Office, who: int, *texts: str) -> None:
    with office.store.begin() as tx:
        contact = contacts.list_of(tx, who)[0]
        for number, text in enumerate(texts):
            inbound.receive(tx, contact.key, office.now, contact.contact_id, "sim_sms", f"{who}:{number}", "text", text)


def answered(office: Office, who: int, text: str) -> None:
    with office.store.begin() as tx:
        contact = contacts.list_of(tx, who)[0]
        message = NewMessage(
            contact.contact_id, who, "sim_sms", "reply", f"test:{who}:{new_id(office.now)}", "Svar.", Body(text)
        )
        outbox.queue(tx, contact.key, office.now, [message])


def rates(office: Office, who: int, items: Any = 8.0, **more: Any) -> int:
    here = office.unit("alvsbyn")
    with office.store.begin() as tx:
        return rated.answered(tx, more.pop("now", office.now), who, here, items, **more)


def take_out(office: Office, what: str, form: str, path: Path, **more: Any) -> int:
    return export(office.store, office.now, OPERATOR, Wanted(what, form, path, **more))


def read_csv(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def cells_of(path: Path) -> list[Any]:
    return [
        cell
        for sheet in load_workbook(BytesIO(path.read_bytes()))
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


# --- nothing hides in a cell (the corpus in every field) --------------------------------------------------------------


def attends(office: Office, who: int) -> None:
    """Somebody is at the unit's group activity, made when there is none yet."""
    with office.store.begin() as tx:
        unit, now = units.get_unit(tx, "alvsbyn").id, office.now
        there = [each.id for each in activities.list_between(tx, [unit], now, now + timedelta(hours=1))]
        new = NewActivity(unit, "=fikar vi", now, now + timedelta(hours=2), now, where="Hos oss")
        each = there[0] if there else activities.add(tx, now, new)
        attendance.note(tx, now, each, who, present=True, quarters=8, how="staff", by=None)


@pytest.fixture
def nasty(office: Office) -> Office:
    """A town where everybody is called, answers and writes what should never run."""
    for text in CORPUS:
        who = office.person(name=text, phone=text, birth_year=2003)
        office.referral(who, easier=text, added=text, help={"chosen": [], "words": text})
        wrote(office, who, text)
        answered(office, who, text)
        rates(office, who, comment=text)
        attends(office, who)
    return office


@pytest.mark.parametrize("what", EXPORTS)
def test_no_cell_of_a_csv_file_is_a_formula(nasty: Office, tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.csv"
    count = take_out(nasty, what, "csv", path)
    rows = read_csv(path)
    assert len(rows) == count >= len(CORPUS)
    for row in rows:
        for cell in row.values():
            assert not cell or cell.lstrip()[:1] not in {*"=+-@＝＋－＠"}
            assert cell[:1] not in {*"\t\r\n\0"}


def test_cells_of_a_csv_file_parse_back_equal(nasty: Office, tmp_path: Path) -> None:
    take_out(nasty, "messages", "csv", tmp_path / "a.csv")
    texts = [from_csv_cell(row["Text"]) for row in read_csv(tmp_path / "a.csv") if row["Riktning"] == "in"]
    assert texts == [writable(text) for text in CORPUS]


@pytest.mark.parametrize("what", EXPORTS)
def test_no_cell_of_a_spreadsheet_is_a_formula(nasty: Office, tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.xlsx"
    take_out(nasty, what, "xlsx", path)
    cells = cells_of(path)
    assert len(cells) > 4 * len(CORPUS)
    assert {cell.data_type for cell in cells} == {"s"}
    with ZipFile(path) as archive:
        sheets = b"".join(archive.read(name) for name in archive.namelist() if "sheet" in name)
        assert b"<f>" not in sheets
        assert not any("external" in name.lower() or "vba" in name.lower() for name in archive.namelist())
    assert "+46701740605" in {cell.value for cell in cells} or what in ("messages", "ratings", "attendance")


def test_a_long_text_is_whole_but_in_a_spreadsheet(nasty: Office, tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "json"):
        take_out(nasty, "messages", form, tmp_path / f"a.{form}")
    assert any(row["Text"] == "å" * 40_000 for row in read_csv(tmp_path / "a.csv"))
    assert any(row["text"] == "å" * 40_000 for row in json.loads((tmp_path / "a.json").read_text(encoding="utf-8")))
    longest = max(cells_of(tmp_path / "a.xlsx"), key=lambda cell: len(str(cell.value)))
    assert len(longest.value) == 32_767
    assert longest.value.endswith(" […]")


def test_json_is_one_array_with_every_key(nasty: Office, tmp_path: Path) -> None:
    take_out(nasty, "referrals", "json", tmp_path / "a.json")
    rows = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [row["easier"] for row in rows] == list(CORPUS)
    assert {tuple(row) for row in rows} == {tuple(column.key for column in EXPORTS["referrals"].columns)}


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_a_sign_up_fills_its_row(office: Office, tmp_path: Path) -> None:
    kim = office.person(name="Kim Åström", birth_year=2003, phone="+46701740605")
    referral = office.referral(
        kim, help={"chosen": ["people"], "words": "låtar"}, meet={"chosen": ["walk"]}, reach="here"
    )
    take_out(office, "referrals", "csv", tmp_path / "a.csv")
    (row,) = read_csv(tmp_path / "a.csv")
    assert row | {"Affisch": ""} == {column.heading: "" for column in EXPORTS["referrals"].columns} | {
        "Anmälan": f"A{referral}",
        "Deltagare": f"P{kim}",
        "Enhet": "Älvsbyn",
        "Kom in": "2026-11-23 10:00",
        "Källa": "Personen själv",
        "Kanal": "SMS (demo)",
        "Läge": "Väntar på svar",
        "Hel": "ja",
        "Lovat svar senast": "2026-11-23 10:00",
        "Namn": "Kim Åström",
        "Födelseår": "2003",
        "Telefon": "'+46701740605",
        "Vill ha hjälp med": "träffa folk – ”låtar”",
        "Vill ses så här": "promenad",
        "Vill bli nådd": "skriv här",
    }


def test_days_to_an_answer_are_counted_as_days(office: Office, tmp_path: Path) -> None:
    from staff.desk import say

    kim = office.person(name="Kim")
    office.referral(kim)
    office.now += timedelta(hours=15)  # past midnight in Sweden
    say(office.store, office.house, office.now, OPERATOR, kim, "Hej!")
    take_out(office, "referrals", "json", tmp_path / "a.json")
    (row,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (row["days_to_answer"], row["state"]) == (1, "Besvarad")
    assert datetime.fromisoformat(row["answered_at"]) == office.now


def test_messages_come_in_the_order_they_were_said(office: Office, tmp_path: Path) -> None:
    kim = office.person(name="Kim")
    wrote(office, kim, "hej")
    answered(office, kim, "Hej Kim")
    office.now += timedelta(minutes=1)
    answered(office, kim, "Är du där?")
    take_out(office, "messages", "json", tmp_path / "a.json")
    rows = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [(row["direction"], row["author"], row["text"]) for row in rows] == [
        ("in", "Personen", "hej"),
        ("ut", "Boten", "Hej Kim"),
        ("ut", "Boten", "Är du där?"),
    ]
    assert [row["state"] for row in rows] == ["", "Köad", "Köad"]


@pytest.mark.parametrize("what", EXPORTS)
@pytest.mark.parametrize("form", FORMS)
def test_protected_people_are_anonymous_rows(office: Office, tmp_path: Path, what: str, form: str) -> None:
    hidden = office.person(name="Kim Andersson", birth_year=2001, phone="+46701740699", protected=True)
    referral = office.referral(hidden, easier="inga folksamlingar")
    wrote(office, hidden, "jag är rädd")
    answered(office, hidden, "Tack Kim")
    rates(office, hidden, comment="jag är rädd")
    attends(office, hidden)
    path = tmp_path / "a"
    assert take_out(office, what, form, path) == (2 if what == "messages" else 1)
    text = "\n".join(str(cell.value) for cell in cells_of(path)) if form == "xlsx" else path.read_text(encoding="utf-8")
    assert HIDDEN in text
    assert "2026-11-23" not in text
    for secret in ("Kim", "2001", "46701", "folksamlingar", "rädd", str(hidden), str(referral), "affisch", "SMS"):
        assert secret not in text


def test_a_unit_and_a_day_narrow_it(office: Office, tmp_path: Path) -> None:
    office.person(name="Gammal")
    office.now = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 1 December in Sweden
    office.person(name="Ny")
    office.person("pitea", name="Annan")
    office.person(None, name="Ingen")

    def named(**more: Any) -> list[str]:
        take_out(office, "participants", "json", tmp_path / "a.json", force=True, **more)
        return [row["name"] for row in json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))]

    assert named() == ["Gammal", "Ny", "Annan", "Ingen"]
    assert named(since=date(2026, 12, 1)) == ["Ny", "Annan", "Ingen"]
    assert named(unit_slug="alvsbyn", since=date(2026, 12, 1)) == ["Ny"]
    with office.store.read() as tx:
        anna = find_actor(tx, "drift", "Anna")
    export(office.store, office.now, anna, Wanted("participants", "csv", tmp_path / "b.csv"))
    assert [row["Namn"] for row in read_csv(tmp_path / "b.csv")] == ["Gammal", "Ny"]


def test_an_empty_export_has_its_headings(office: Office, tmp_path: Path) -> None:
    for form in FORMS:
        assert take_out(office, "referrals", form, tmp_path / form) == 0
    assert read_csv(tmp_path / "csv") == []
    assert json.loads((tmp_path / "json").read_text(encoding="utf-8")) == []
    assert [cell.value for cell in cells_of(tmp_path / "xlsx")] == [
        each.heading for each in EXPORTS["referrals"].columns
    ]


def test_an_export_is_in_the_audit_log_twice(office: Office, tmp_path: Path) -> None:
    office.person(name="Kim")
    take_out(office, "participants", "csv", tmp_path / "a.csv", unit_slug="alvsbyn", since=date(2026, 1, 1))
    ref = f"export:participants unit:{office.unit('alvsbyn')} since:2026-01-01"
    assert len(ref) <= 80
    assert office.log() == [("export.begin", ref, "ok"), ("export", ref, "ok 1")]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_only_its_owner_can_read_the_file(office: Office, tmp_path: Path) -> None:
    for form in FORMS:
        take_out(office, "messages", form, tmp_path / form)
        assert (tmp_path / form).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith("only.db")} == set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_never_overwritten_unasked(office: Office, tmp_path: Path, form: str) -> None:
    path = tmp_path / "a"
    path.write_text("kvar", encoding="utf-8")
    with pytest.raises(DeskFault, match=r"finns redan \(--out\): välj ett annat namn"):
        take_out(office, "messages", form, path)
    assert path.read_text(encoding="utf-8") == "kvar"
    take_out(office, "messages", form, path, force=True)
    assert path.read_bytes() != b"kvar"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_came_meanwhile_is_left(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"

    def meanwhile(file: Path, chosen: Export, rows: Iterator[Row]) -> int:
        path.write_text("en annans", encoding="utf-8")
        return FORMS["csv"](file, chosen, rows)

    monkeypatch.setattr(exporting, "FORMS", {"csv": meanwhile})
    with pytest.raises(DeskFault, match="finns redan"):
        take_out(office, "messages", "csv", path)
    assert path.read_text(encoding="utf-8") == "en annans"


def test_a_disk_without_hard_links_will_do(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    take_out(office, "messages", "csv", tmp_path / "a.csv")
    assert read_csv(tmp_path / "a.csv") == []


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_leaves_nothing_behind(
    nasty: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    real, calls = exporting.shown, iter(range(100))

    def fill_up(value: Any) -> str:
        if next(calls, 100) == 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(value)

    monkeypatch.setattr(exporting, "shown", fill_up)
    monkeypatch.setattr(exporting, "json_text", lambda value: fill_up("") + fill_up("") * 200)
    if form == "json":
        calls = iter(range(10))
    with pytest.raises(DeskFault, match="kunde inte skrivas"):
        take_out(nasty, "messages", form, tmp_path / "a.file")
    assert {path.name for path in tmp_path.iterdir()} == before
    assert [entry[0] for entry in nasty.log()] == ["export.begin"]


@pytest.mark.parametrize(("out", "told"), [
    ("", "är en mapp"), ("nowhere/a.csv", "kan inte skrivas"), ("only.db/a.csv", "kan inte skrivas"),
])  # fmt: skip
def test_a_place_that_cannot_be_written_is_told(office: Office, tmp_path: Path, out: str, told: str) -> None:
    with pytest.raises(DeskFault, match=told):
        take_out(office, "messages", "csv", tmp_path / out)


def test_a_link_is_not_written_through(office: Office, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(DeskFault, match="finns redan"):
        take_out(office, "messages", "csv", link)
    take_out(office, "messages", "csv", link, force=True)
    assert not target.exists()
    assert not link.is_symlink()


@pytest.mark.parametrize(("what", "form", "told"), [("passwords", "csv", "WHAT"), ("messages", "pdf", "--format")])
def test_what_does_not_exist_is_told(office: Office, tmp_path: Path, what: str, form: str, told: str) -> None:
    with pytest.raises(DeskFault, match=told):
        take_out(office, what, form, tmp_path / "a")
    assert office.log() == []


# --- size -------------------------------------------------------------------------------------------------------------

WIDE = Export("wide", "Bred", tuple(Column(f"c{n}", f"C{n}", "") for n in range(8)), lambda tx, scope, places: iter(()))


def many(count: int) -> Iterator[Row]:
    return ({f"c{n}": f"rad {number} ord {n}" * 4 for n in range(8)} for number in range(count))


@pytest.mark.parametrize("form", FORMS)
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, form: str) -> None:
    def peak_of(count: int) -> int:
        tracemalloc.start()
        assert FORMS[form](tmp_path / f"{count}", WIDE, many(count)) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_of(10)  # what is imported and cached once
    assert peak_of(3_000) < peak_of(300) + 300_000


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SHEET_ROWS", 3)
    assert FORMS["xlsx"](tmp_path / "a.xlsx", WIDE, many(7)) == 7
    book = load_workbook(tmp_path / "a.xlsx")
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("Bred", 4), ("Bred 2", 4), ("Bred 3", 2)]
    assert book["Bred 3"]["A2"].value == "rad 6 ord 0" * 4


def test_every_value_has_a_swedish_form() -> None:
    assert [shown(each) for each in (None, True, False, 0, 2003, "x", datetime(2026, 7, 1, 12, tzinfo=UTC))] == [
        "", "ja", "nej", "0", "2003", "x", "2026-07-01 14:00",
    ]  # fmt: skip


# --- ratings ----------------------------------------------------------------------------------------------------------


def ratings_out(office: Office, tmp_path: Path, actor: Actor = OPERATOR) -> list[dict[str, Any]]:
    out = tmp_path / f"{new_id(office.now)}.json"
    export(office.store, office.now, actor, Wanted("ratings", "json", out))
    rows: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return rows


def test_a_rating_is_a_row_with_all_that_it_was_held_against(office: Office, tmp_path: Path) -> None:
    kim = office.person("alvsbyn", name="Kim")
    rates(office, kim, 3.5, scale="ors", now=office.now - timedelta(days=1))
    last = rates(office, kim, 9, scale="ors", version="2021-1", mode="paper", comment="Bra nu")
    _, row = ratings_out(office, tmp_path)
    assert row == {
        "id": f"S{last}", "person": f"P{kim}", "unit": "Älvsbyn", "session_at": None,
        "asked_at": "2026-11-23T09:00:00+00:00", "answered_at": "2026-11-23T09:00:00+00:00", "role": "Före träffen",
        "scale": "ors", "version": "2021-1", "instrument": "ORS", "mode": "på papper", "state": "Svarade",
        "item_1": 9.0, "item_2": 9.0, "item_3": 9.0, "item_4": 9.0, "more_items": "", "total": 36.0, "mark": 25.0,
        "below": False, "change": 22.0, "class": "Bättre, till riktmärket eller över", "straight": True,
        "comment": "Bra nu",
    }  # fmt: skip


def test_a_missing_answer_is_empty_and_never_zero(office: Office, tmp_path: Path) -> None:
    rates(office, office.person("alvsbyn"), {"relation": 0, "goals": None, "overall": 7.5})
    [row] = ratings_out(office, tmp_path)
    assert [row[f"item_{place}"] for place in range(1, 5)] == [0.0, None, None, 7.5]
    assert (row["total"], row["mark"], row["below"], row["straight"]) == (None, None, None, None)
    assert row["state"] == "Svarade på en del"
    take_out(office, "ratings", "csv", tmp_path / "a.csv")
    [cells] = read_csv(tmp_path / "a.csv")
    assert [cells[f"Svar {place}"] for place in range(1, 5)] == ["0", "", "", "7,5"]


def test_an_item_of_the_srs_alone_puts_it_under_its_mark(office: Office, tmp_path: Path) -> None:
    kim = office.person("alvsbyn")
    rates(office, kim, {"relation": 10, "goals": 10, "approach": 10, "overall": 8.9}, scale="srs")
    rates(office, kim, {"relation": 10, "goals": 10, "approach": 10, "overall": 9}, scale="srs")
    assert [row["below"] for row in ratings_out(office, tmp_path)] == [True, False]


def test_protected_people_are_a_row_that_says_nothing_more(office: Office, tmp_path: Path) -> None:
    rates(office, office.person("alvsbyn", protected=True), 2, comment="hemligt")
    [row] = ratings_out(office, tmp_path)
    assert {key: value for key, value in row.items() if value is not None} == {
        "person": HIDDEN, "unit": "Älvsbyn", "asked_at": "2026-11", "state": "Svarade",
    }  # fmt: skip


def test_what_is_kept_from_the_reader_has_no_answers(office: Office, tmp_path: Path) -> None:
    made = rates(office, office.person("alvsbyn"), 2, comment="om Anna")
    with office.store.begin() as tx:
        anna, erik = (find_actor(tx, "drift", str(each.id)) for each in staff.list_staff(tx)[:2])
        ratings.hide_from(tx, made, anna.staff_id)
    [hers], [his] = ratings_out(office, tmp_path, anna), ratings_out(office, tmp_path, erik)
    assert (hers["id"], hers["comment"], hers["total"]) == (his["id"], "Personen vill att någon annan läser", None)
    assert "om Anna" not in json.dumps(hers)
    assert not any(isinstance(value, float) for value in hers.values())
    assert (his["comment"], his["total"]) == ("om Anna", 8.0)


# --- the page that tells of it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_every_column_is_in_the_docs(name: str, root: Path) -> None:
    from staff.export_columns import columns_page

    assert columns_page(EXPORTS[name]) in (root / "docs/export.md").read_text(encoding="utf-8")


def test_rows_use_no_key_without_a_column(nasty: Office) -> None:
    from storage.reports import Scope

    hidden = nasty.person(name="Kim", protected=True)
    nasty.referral(hidden)
    wrote(nasty, hidden, "hej")
    rates(nasty, hidden)
    with nasty.store.read() as tx:
        for chosen in EXPORTS.values():
            keys = {key for row in chosen.rows(tx, Scope(), {}) for key in row}
            assert keys <= {column.key for column in chosen.columns}
