"""Help lines: by age, never one that is unconfirmed or closed, and told when a check has grown old."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import messages
from messages.helplines import FRESH_FOR, HelpLine, fitting, load_help_lines, stale

FOLDER = Path(messages.__file__).parent
LINES = load_help_lines()
CHECKED = date(2026, 11, 22)


def keys(road: str) -> list[str]:
    return [line["key"] for line in fitting(LINES, road)]  # type: ignore[arg-type]


def line(key: str) -> HelpLine:
    return next(line for line in LINES if line.key == key)


def test_lines_follow_the_age() -> None:
    assert keys("minor") == ["bris"]
    assert keys("adult") == ["mind"]
    assert keys("unknown") == ["mind", "bris"]


def test_unconfirmed_line_is_never_offered() -> None:
    assert not line("hjalplinjen").on
    assert all("hjalplinjen" not in keys(road) for road in ("minor", "adult", "unknown"))


@pytest.mark.parametrize("number", ["112", "116 111", "90101", "1177"])
def test_numbers_stand_as_they_are_dialled(number: str) -> None:
    assert number in [line.number for line in LINES]


@pytest.mark.parametrize("closed", ["0771-22 00 60", "020-22 00 60"])
def test_closed_lines_are_not_listed(closed: str) -> None:
    assert closed not in [line.number for line in LINES]


def test_every_line_has_a_source_and_a_date() -> None:
    for each in LINES:
        assert each.source
        assert each.checked <= CHECKED


def test_line_is_stale_after_180_days() -> None:
    assert stale(LINES, CHECKED + FRESH_FOR) == []
    assert {each.key for each in stale(LINES, CHECKED + FRESH_FOR + timedelta(days=1))} == {
        each.key for each in LINES if each.on
    }


def test_english_says_the_same_numbers() -> None:
    english = {each.key: each for each in load_help_lines("en")}
    assert english["bris"].number == "116 111"
    assert english["bris"].says == "call 116 111 or chat at bris.se"


def test_translation_may_not_change_numbers(tmp_path: Path) -> None:
    for language, text in (("sv", (FOLDER / "sv/helplines.toml").read_text()), ("xx", '[bris]\nnumber = "1"\n')):
        (tmp_path / language).mkdir()
        (tmp_path / language / "helplines.toml").write_text(text)
    with pytest.raises(ValueError, match="bris"):
        load_help_lines("xx", tmp_path)


def test_line_without_a_date_is_refused(tmp_path: Path) -> None:
    text = re.sub(r"\nchecked = .*", "", (FOLDER / "sv/helplines.toml").read_text(), count=1)
    (tmp_path / "sv").mkdir()
    (tmp_path / "sv/helplines.toml").write_text(text)
    with pytest.raises(ValueError, match="emergency"):
        load_help_lines("sv", tmp_path)
