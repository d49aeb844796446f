import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from staff.cells import CUT, csv_cell, from_csv_cell, json_text, on_one_line, on_screen, writable, xlsx_cell

FORMULAS = (
    "=1+1",
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://a.example","x")',
    "+1",
    "-1+2",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "﹦1",
    "⁼1",
    "−1",
    " =1",
    "\u200b=1",
    "\ufeff=1",
    "\u00a0=1",
    "\u202e=1",
    "\x1f=1",
    "+46701740605",
    "0701740605",
    "912628541034507418",
)
PLAIN = ("Kim", "a=1", "'hej'", "", " ", "3", "3/12", "1a", "åäö", "👍🏽", "(+46)", "P912628541034507418")
TEXTS = st.text(st.characters(), max_size=30)
NASTY = st.text(st.sampled_from("'=+-@\t\r\n\0＝＋－＠ a1;\",\u200b"), max_size=8)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == text


@given(TEXTS | NASTY)
def test_no_cell_begins_as_a_formula(text: str) -> None:
    cell = csv_cell(text)
    seen = cell.lstrip("".join(c for c in cell if c.isspace() or unicodedata.category(c) in {"Cc", "Cf"}))
    assert not cell or cell[0] not in "=+-@\t\r\n\0"
    assert not seen or unicodedata.normalize("NFKC", seen)[0] not in "=+-@"


@given(TEXTS | NASTY)
@example("'=1")
@example("''=1")
def test_a_cell_can_be_read_back(text: str) -> None:
    assert from_csv_cell(csv_cell(text)) == writable(text)


@given(st.lists(NASTY, min_size=1, max_size=5))
def test_cells_survive_a_csv_file(texts: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow(map(csv_cell, texts))
    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=";")
    assert [from_csv_cell(cell) for cell in row] == texts


def test_half_a_surrogate_pair_becomes_an_escape() -> None:
    assert csv_cell("hej \ud83d") == "hej \\ud83d"


def test_a_long_text_is_cut_where_it_shows() -> None:
    assert xlsx_cell("å" * 32_767) == "å" * 32_767
    cut = xlsx_cell("👍" * 20_000)
    assert cut.endswith(f"👍{CUT}")
    assert len(cut.encode("utf-16-le")) // 2 <= 32_767


@pytest.mark.parametrize(
    "text",
    ["<r></r></is><f>1+1</f><is><r></r>", "<r><t>x</t></r>", "<r></r>", "a<b>&c", "_x0041_", "]]>", "\ufffe\uffff"],
)
def test_markup_stays_words_in_a_spreadsheet(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, xlsx_cell(text))
    cell = load_workbook(path).active["A1"]
    assert cell.data_type == "s"
    assert str(cell.value).strip("'") in {text, "_x005F_x0041_", "_xFFFE__xFFFF_"}


@given(TEXTS)
@example("\x1b[31m\x9b2J\u202e\u2066\x00\ud83d\ue000")
def test_nothing_on_screen_moves_the_cursor(text: str) -> None:
    shown = on_one_line(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert "\n" not in shown


def test_line_breaks_and_joined_emoji_stay_on_screen() -> None:
    assert on_screen("rad 1\r\nrad 2 👩‍🔧 می‌خواهم") == "rad 1\nrad 2 👩‍🔧 می‌خواهم"
    assert on_one_line("rad 1\nrad 2") == "rad 1 ⏎ rad 2"
    assert on_screen("\x1b[2J") == "\\x1b[2J"


@given(st.dictionaries(TEXTS, TEXTS | st.none() | st.booleans() | st.integers(), max_size=4))
def test_json_is_read_back_and_harmless(value: dict[str, object]) -> None:
    text = json_text(value)
    assert json.loads(text) == value
    text.encode("utf-8")
    assert on_one_line(text) == text
