import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from ingang import cli
from ingang.commands.explain import explain_lines, print_json, readable
from ingang.settings import SettingsError
from ingang.settings_read import Fault
from storage.errors import StoreError, StoreUnavailable
from tests import forked

HEAVY = (
    "sqlalchemy",
    "fastapi",
    "phonenumbers",
    "structlog",
    "jinja2",
    "cryptography",
    "holidays",
    "uvicorn",
    "alembic",
)


def ingang(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, and give what it said."""
    return forked.run(*arguments, given=given)


def lengths(line: Mapping[str, Any]) -> dict[str, Any]:
    """Stands in for an explanation."""
    if line["text"] == "bad":
        raise ValueError("that text is bad")
    return {"length": len(line["text"]), "text": line["text"]}


def explained(given: bytes) -> tuple[bool, list[dict[str, Any]]]:
    out = io.StringIO()
    good = explain_lines(io.BytesIO(given), out, lengths)
    return good, [json.loads(line) for line in out.getvalue().splitlines()]


def test_help_names_every_group() -> None:
    done = ingang("--help")
    assert done.returncode == 0
    for name in typer.main.get_command(cli.app).commands:  # type: ignore[attr-defined]
        assert f"\n  {name} " in done.stdout


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\nsys.argv = ['ingang', '--help']\nfrom ingang.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    loaded = done.stdout.rpartition("LOADED")[2].split()
    assert "ingang.commands.explain" in loaded
    assert not set(HEAVY) & set(loaded)


def test_every_command_says_what_it_does() -> None:
    def check(command: Any) -> None:
        assert command.help, command.name
        for inner in getattr(command, "commands", {}).values():
            check(inner)

    check(typer.main.get_command(cli.app))


def test_every_group_loads_nothing_heavy_until_used() -> None:
    names = [group.__name__ for group in cli.GROUPS]
    script = f"import sys, {', '.join(names)}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert not set(HEAVY) & set(done.stdout.split())


def test_a_fault_is_one_line_with_a_way_out() -> None:
    done = ingang("explain", "reply")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "ingang: there is no text (explain reply): give one, or --json and JSON lines on standard input\n"
    )


def ended(error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    """Give the exit code and standard error of a command that raised `error`."""

    def fail(prog_name: str) -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, capsys.readouterr().err


def test_a_fault_of_the_store_is_told_with_its_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ended(StoreError("the tables are older", "ingang db upgrade"), monkeypatch, capsys)
    assert (code, told) == (2, "ingang: the tables are older (database): ingang db upgrade\n")


def test_a_database_that_is_away_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ended(StoreUnavailable("gone"), monkeypatch, capsys)
    assert code == cli.LATER
    assert told.startswith("ingang: the database cannot be used now (gone)")


def test_every_fault_in_the_settings_gets_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = [Fault(name, "is missing", "config.toml", "add it") for name in ("web.host", "web.port")]
    code, told = ended(SettingsError(faults), monkeypatch, capsys)
    assert code == 2
    assert told.splitlines() == [
        "ingang: web.host is missing (config.toml): add it",
        "ingang: web.port is missing (config.toml): add it",
    ]


def test_a_fault_of_ours_does_not_tell_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ended(KeyError("Kim 0701740605"), monkeypatch, capsys)
    assert code == 1
    assert told.startswith("ingang: KeyError at ingang.cli:main:")
    assert "Kim" not in told


def test_an_unknown_command_ends_with_two() -> None:
    done = ingang("explan")
    assert done.returncode == 2
    assert "No such command 'explan'" in done.stderr


def test_lines_are_answered_in_order() -> None:
    good, answers = explained('{"text": "a"}\n{"text": "åäö", "more": 1}\n{"text": ""}'.encode())
    assert good
    assert [answer["length"] for answer in answers] == [1, 3, 0]


@pytest.mark.parametrize(
    "line", [b"{", b"", b"3", b"null", b'{"txt": "a"}', b'{"text": 1}', b'{"text": "\xff"}', b"[" * 100_000, b"\x00"]
)
def test_a_line_that_cannot_be_read_stops_nothing(line: bytes) -> None:
    good, answers = explained(b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n')
    assert not good
    assert [answer.get("length") for answer in answers] == [1, None, 1]
    assert answers[1]["error"].startswith("line 2: ")
    assert answers[1]["line"] == 2


def test_a_text_that_cannot_be_explained_is_told() -> None:
    good, answers = explained(b'{"text": "bad"}')
    assert not good
    assert answers == [{"error": "line 1: that text is bad", "line": 1}]


def test_a_lone_surrogate_is_printed_as_an_escape() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    print_json({"text": "å\ud83d"}, out)
    out.seek(0)
    assert json.loads(out.read()) == {"text": "å\ud83d"}


def test_a_result_is_laid_out_for_reading() -> None:
    result = {"meaning": "yes", "value": None, "sure": True, "words": ["ja", "japp"], "more": {"a": 1}}
    assert list(readable(result)) == [
        "meaning  yes",
        "value    -",
        "sure     yes",
        "words    ja, japp",
        "more",
        "  a  1",
    ]


def test_reply_is_explained_for_a_person_and_a_machine() -> None:
    assert "yes" in ingang("explain", "reply", "japp", "--question", "yesno").stdout
    done = ingang("explain", "reply", "--json", given=b'{"text": "japp", "question": "yesno"}\n{"text": "nej"}\nnot\n')
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["meaning"], second["meaning"]) == ("yes", "no")
    assert (third["line"], done.returncode) == (3, 1)


def test_when_is_explained_from_a_given_time() -> None:
    done = ingang("explain", "when", "imorgon kl 13", "--now", "2026-12-02T10:00", "--json")
    assert "2026-12-03T13:00" in done.stdout
    line = b'{"text": "imorgon kl 13", "now": "2026-12-02T10:00"}'
    assert ingang("explain", "when", "--json", given=line).stdout == done.stdout


def test_a_wrong_time_is_told_with_a_way_out() -> None:
    done = ingang("explain", "when", "imorgon", "--now", "nu")
    assert (done.returncode, done.stderr) == (
        2,
        "ingang: 'nu' is not a time; write 2026-12-02T10:00 (explain when): see `ingang explain when --help`\n",
    )


def test_phone_and_sms_are_explained() -> None:
    assert "+46701740605" in ingang("explain", "phone", "070-174 06 05").stdout
    assert json.loads(ingang("explain", "sms", "åäö", "--json").stdout)["sent"]["segments"] == 1


def test_a_reader_that_leaves_is_no_error() -> None:
    lines = b'{"text": "hej"}\n' * 2000
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "ingang", "explain", "sms", "--json"],
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(writing)
        os.close(reading)
        _, complaint = process.communicate(lines, timeout=60)
    assert complaint == b""


def test_the_installed_command_is_the_same() -> None:
    command = Path(sys.executable).with_name("ingang")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ingang("--help").stdout
