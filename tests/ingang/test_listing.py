import io
import json

import pytest

from ingang.listing import print_block, print_heading, print_json, print_table


class Terminal(io.StringIO):
    """Stands in for a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_in_a_pipe_has_no_boxes_and_no_cuts() -> None:
    out = io.StringIO()
    print_table(("Namn", "Ort"), [("Kim", "Älvsbyn"), ("x" * 300, "å")], "Tomt.", out)
    first, second, third = out.getvalue().splitlines()
    assert first.split() == ["Namn", "Ort"]
    assert second.split() == ["Kim", "Älvsbyn"]
    assert third == f"{'x' * 300}  å"


def test_a_table_on_a_terminal_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = Terminal()
    print_table(("Namn", "Text"), [("Kim", "ord " * 30), ("[red]x[/red]", "\x1b[2J")], "Tomt.", out)
    shown = out.getvalue()
    assert "─" in shown
    assert "[red]x[/red]" in shown
    assert "\\x1b[2J" in shown
    assert "\x1b[2J" not in shown


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()])
def test_an_empty_table_says_so(out: io.StringIO) -> None:
    print_table(("Namn",), [], "Inget ligger i inkorgen.", out)
    assert out.getvalue() == "Inget ligger i inkorgen.\n"


def test_what_strangers_write_stays_on_its_line() -> None:
    out = io.StringIO()
    print_table(("Namn", "Text"), [("a\nlevel=info", "b\r\nc"), ("\ud83d\x00", "\u202e")], "", out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[2].split() == ["\\ud83d\\x00", "\\u202e"]


def test_a_block_keeps_its_lines_and_indent() -> None:
    out = io.StringIO()
    print_block("rad 1\n\nrad 2\x1b[2J", "  | ", out)
    assert out.getvalue() == "  | rad 1\n  |\n  | rad 2\\x1b[2J\n"


def test_a_heading_is_bold_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    pipe, terminal = io.StringIO(), Terminal()
    print_heading("Samtalet", pipe)
    print_heading("Samtalet", terminal)
    assert (pipe.getvalue(), terminal.getvalue()) == ("\nSamtalet\n", "\n\x1b[1mSamtalet\x1b[0m\n")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    print_heading("Samtalet", plain)
    assert plain.getvalue() == "\nSamtalet\n"


@pytest.mark.parametrize("value", [[], [{"a": "å\x1b\u202e"}, {"a": None}], {"a": [1, "x"]}])
def test_json_is_read_back(value: list[object] | dict[str, object]) -> None:
    out = io.StringIO()
    print_json(value, out)
    assert json.loads(out.getvalue()) == value
    assert "\x1b" not in out.getvalue()
