"""`ingang check`, as an operator meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingang.cli import app
from ingang.settings import load_settings
from ingang.wiring import open_app

RUN = CliRunner()


@pytest.fixture
def place(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the example settings, keys and an empty database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text((root / "config.example.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert RUN.invoke(app, ["keys", "new"]).exit_code == 0
    assert RUN.invoke(app, ["db", "upgrade"]).exit_code == 0
    return tmp_path


def test_a_unit_not_started_yet_is_told_of(place: Path) -> None:
    said = RUN.invoke(app, ["check"])
    assert said.exit_code == 0
    assert "finns i config.toml men inte i databasen" in said.output


def test_what_differs_between_file_and_database_is_named(place: Path) -> None:
    open_app(load_settings()).store.close()
    config = place / "config.toml"
    text = config.read_text(encoding="utf-8")
    slug = load_settings().units[0].slug
    phone = load_settings().units[0].phone
    config.write_text(text.replace(phone, "0929-123 45"), encoding="utf-8")
    said = RUN.invoke(app, ["check"])
    assert f"enhet {slug}: phone är '{phone}' i databasen" in said.output


def test_a_unit_that_nobody_reads_for_stops(place: Path) -> None:
    made = open_app(load_settings())
    from storage import roster, units

    with made.store.begin() as tx:
        for unit in units.list_units(tx):
            roster.set_shifts(tx, unit.id, [])
    made.store.close()
    said = RUN.invoke(app, ["check"])
    assert said.exit_code == 1
    assert "ingen läser" in said.output


def test_help_lines_checked_too_long_ago_stop(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_app(load_settings()).store.close()
    monkeypatch.setenv("INGANG_TEST_NOW", "2028-01-03T10:00:00+01:00")
    said = RUN.invoke(app, ["check"])
    assert said.exit_code == 1
    assert "90101" in said.output
