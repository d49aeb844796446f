"""What `ingang explain plan` answers, and that the page on reminders shows it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingang.explain_plan import as_object, as_table, read_plan
from tests import forked

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reminders.md"
EXAMPLE = {"start": "2027-03-28T10:00", "booked": "2027-03-20T12:00"}


def explained(**line: Any) -> dict[str, Any]:
    return as_object(read_plan(EXAMPLE | line))


def ingang(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("INGANG_")}
    return forked.run("explain", "plan", *arguments, environment=clean, given=given)


def given(**line: Any) -> list[str]:
    """The same as options."""
    return [word for name, value in (EXAMPLE | line).items() for word in (f"--{name}", value)]


def test_the_example_is_written_out() -> None:
    assert explained() == {
        "send": [
            {"kind": "confirmation", "when": "2027-03-20T12:00+01:00", "expires": "2027-03-25T14:00+01:00"},
            {"kind": "silence", "when": "2027-03-25T13:00+01:00", "expires": "2027-03-28T10:00+02:00"},
            {"kind": "three_days", "when": "2027-03-25T17:00+01:00", "expires": "2027-03-26T17:00+01:00"},
            {"kind": "day_before", "when": "2027-03-27T17:00+01:00", "expires": "2027-03-28T08:00+02:00"},
        ],
        "dropped": [{"kind": "same_day", "why": "Personen har inte bett om en påminnelse samma dag."}],
        "after": [{"kind": "how_did_it_go", "when": "2027-03-30T08:00+02:00", "expires": "2027-04-29T08:00+02:00"}],
    }


def test_the_page_shows_what_the_command_answers() -> None:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    tries = [part.partition("\n") for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    assert len(tries) == 5
    for command, _, told in tries:
        words = shlex.split(command)
        assert words[:3] == ["ingang", "explain", "plan"]
        done = ingang(*words[3:])
        wild = ".*?".join(re.escape(part) for part in re.split(r"\s*\.\.\.\s*", told.strip()))
        assert re.fullmatch(wild, (done.stdout + done.stderr).strip(), re.DOTALL), f"$ {command}\n{done.stdout}"


def test_a_wish_for_the_same_day_moves_and_drops() -> None:
    said = explained(same_day=True)
    assert said["send"][-1] == {
        "kind": "same_day",
        "when": "2027-03-27T18:30+01:00",
        "expires": "2027-03-28T09:30+02:00",
    }
    assert said["dropped"] == [{"kind": "day_before", "why": "Nästa påminnelse kommer inom tre timmar."}]


def test_a_later_now_drops_what_has_passed() -> None:
    said = explained(now="2027-03-26T18:00")
    assert [each["kind"] for each in said["send"]] == ["silence", "day_before"]
    assert said["dropped"][0] == {
        "kind": "confirmation",
        "why": "Det är för sent: det skulle ha gått före torsdag 25 mars kl. 14.",
    }


def test_an_answer_changes_the_plan() -> None:
    assert [each["kind"] for each in explained(answered="yes")["send"]] == ["confirmation", "three_days", "day_before"]
    assert explained(answered="no")["send"] == explained(answered="no")["after"] == []
    assert {each["why"] for each in explained(answered="move")["dropped"]} == {
        "Personen vill ha en annan tid.",
        "Personen har svarat.",
    }


def test_a_clock_that_comes_twice_is_told() -> None:
    first = explained(start="2027-10-31T02:30")
    [note] = first["notes"]
    assert note.startswith('"start": 2027-10-31T02:30 comes twice that night; the first is meant')
    assert note.endswith("write 2027-10-31T02:30+01:00 for the second")
    assert first["send"][-1]["expires"] == "2027-10-31T00:30+02:00"
    second = explained(start="2027-10-31T02:30+01:00")
    assert "notes" not in second
    assert second["send"][-1]["expires"] == "2027-10-31T01:30+02:00"
    assert list(as_table(read_plan(EXAMPLE | {"start": "2027-10-31T02:30"})))[-1].startswith('note: "start"')


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            {"start": "2027-03-28T02:30"},
            '"start": there is no 2027-03-28T02:30 in Sweden; the clocks are put forward that night',
        ),
        ({"booked": None}, 'there is no "booked"; write 2027-03-28T10:00'),
        ({"start": "2027-03-28"}, "\"start\": '2027-03-28' is not a day and a clock; write 2027-03-28T10:00"),
        (
            {"start": "2027-02-30T10:00"},
            "\"start\": '2027-02-30T10:00' is not a day and a clock; write 2027-03-28T10:00",
        ),
        ({"start": 7}, '"start": 7 is not a day and a clock; write 2027-03-28T10:00'),
        ({"now": "Tuesday"}, "\"now\": 'Tuesday' is not a day and a clock; write 2027-03-28T10:00"),
        ({"start": "9999-12-31T23:59-10:00"}, '"start": 9999-12-31T23:59-10:00 is not between 2000 and 2100'),
        ({"booked": "0001-01-01T00:00+10:00"}, '"booked": 0001-01-01T00:00+10:00 is not between 2000 and 2100'),
        ({"booked": "2027-03-28T10:00"}, "the meeting starts before it is booked"),
        ({"same_day": "yes"}, '"same_day" is not true or false'),
        ({"answered": "maybe"}, "\"answered\" is yes, no, move or left out, not 'maybe'"),
        ({"answered": ["yes"]}, "\"answered\" is yes, no, move or left out, not ['yes']"),
    ],
)
def test_bad_input_is_named(line: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        read_plan(EXAMPLE | line)


def test_a_fault_ends_with_two_and_a_way_out() -> None:
    done = ingang(*given(start="2027-03-28T02:30"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'ingang: "start": there is no 2027-03-28T02:30 in Sweden; the clocks are put forward that night '
        "(explain plan): see `ingang explain plan --help`\n"
    )
    bare = ingang()
    assert (bare.returncode, bare.stderr.split(";")[0]) == (2, 'ingang: there is no "start"')


def test_lines_are_planned_in_order() -> None:
    lines = [EXAMPLE, EXAMPLE | {"same_day": True, "answered": None}, {"start": 3}, {"start": "2027-03-28T10:00"}]
    done = ingang("--json", given="\n".join(json.dumps(line) for line in [*lines, EXAMPLE]).encode() + b"\nnot\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert answers[0] == answers[4] == explained()
    assert answers[1] == explained(same_day=True)
    assert [each.get("error", "")[:30] for each in answers[2:4]] == [
        'line 3: no "start" string; wri',
        'line 4: there is no "booked"; ',
    ]
    assert answers[5] == {"error": 'line 6: not JSON; write {"start": "..."}', "line": 6}


def test_options_hold_for_lines_that_say_nothing_else() -> None:
    line = json.dumps({"start": EXAMPLE["start"]}).encode()
    done = ingang("--json", "--booked", EXAMPLE["booked"], "--same-day", given=line)
    assert (done.returncode, json.loads(done.stdout)) == (0, explained(same_day=True))


def test_settings_and_database_are_not_needed(tmp_path: Path) -> None:
    script = (
        "import sys\nsys.argv = ['ingang', 'explain', 'plan', '--start', '2027-03-28T10:00', '--booked',"
        " '2027-03-20T12:00', '--json']\nfrom ingang.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
    )
    answer, loaded = done.stdout.splitlines()
    assert json.loads(answer) == explained()
    assert not {"sqlalchemy", "ingang.settings", "fastapi", "structlog"} & set(loaded.split())
