"""The preview: a row for each text and style, with what goes out and what is wrong."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from ingang.commands import preview
from ingang.errors import UserError
from messages.catalog import Catalog
from messages.preview import flow_rows, preview_rows

CATALOG = Catalog.load()


def command(*arguments: str) -> tuple[int, str, BaseException | None]:
    app = typer.Typer()
    app.callback()(lambda: None)
    preview.register(app)
    result = CliRunner().invoke(app, ["preview", *arguments])
    return result.exit_code, result.output, result.exception


def test_preview_shows_every_text_twice() -> None:
    rows = preview_rows("sv", CATALOG)
    assert [row.name for row in rows if row.style == "sms"] == list(CATALOG.names())
    assert len(rows) == 2 * len(CATALOG.names())
    assert all(row.text and 0 < row.segments <= row.worst_segments <= 2 for row in rows if row.style == "sms")
    assert not any(row.findings for row in rows)


def test_flow_rows_hold_the_pooled_lix() -> None:
    assert {row.flow for row in flow_rows("sv", CATALOG)} >= {"self_referral", "talk", "first_care"}
    assert all(0 < row.lix <= 25 and not row.findings for row in flow_rows("sv", CATALOG))


def test_command_shows_chosen_texts() -> None:
    code, output, _ = command("self_referral/welcome", "--style", "sms")
    assert code == 0
    assert "self_referral/welcome (sms)  GSM-7, segments 2, length 163" in output
    assert "self_referral/name" not in output


def test_command_prints_json_lines() -> None:
    code, output, _ = command("talk/left", "--json")
    assert code == 0
    assert [json.loads(line)["style"] for line in output.splitlines()] == ["sms", "chat"]


@pytest.mark.parametrize("arguments", [["--language", "xx"], ["--style", "fax"], ["nonsense"]])
def test_wrong_argument_is_explained(arguments: list[str]) -> None:
    assert isinstance(command(*arguments)[2], UserError)
