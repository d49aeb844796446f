"""`ingang book|move|cancel|mark|meetings|plan|sick|offer|availability`: what they print, and exit code 2 for faults."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from ingang import cli
from ingang.settings import Settings
from storage.db import Store
from tests.meeting_town import MeetingTown
from tests.town import Phone

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


@pytest.fixture
def run(town: MeetingTown, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `ingang ...` on the town; give the exit code, standard output and standard error."""
    app = SimpleNamespace(store=town.store, house=town.house, clock=SimpleNamespace(now=lambda: town.now))
    monkeypatch.setattr("ingang.wiring.open_app", lambda settings: app)
    monkeypatch.setattr("ingang.settings.load_settings", Settings)
    monkeypatch.setenv("LOGNAME", "drift")

    def ingang(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["ingang", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(str(end.value.code)), told.out, told.err

    return ingang


def booked(run: Run, *more: str) -> str:
    code, out, err = run("book", "kim", "--at", "2026-12-02 13:30", "--with", "anna", *more)
    assert (code, err) == (0, "")
    found = re.fullmatch(r"Bokat: promenaden onsdag 2 december kl\. 13\.30 \(tid (\d+)\)\.\n", out)
    assert found, out
    return found[1]


def test_a_meeting_from_booking_to_mark(run: Run, town: MeetingTown, kim: Phone) -> None:
    meeting = booked(run, "--note", "gillar hundar")
    town.send()
    assert "Onsdag 2 december kl. 13.30" in kim.new()[0]
    assert run("move", meeting, "--at", "2026-12-03 10:00")[:2] == (
        0, f"Ändrat: promenaden torsdag 3 december kl. 10 (tid {meeting}).\n"
    )  # fmt: skip
    rows = run("meetings", "--unit", "alvsbyn")[1].splitlines()
    for word in (meeting, "promenad", "Anna", "Skutan", "Kim", "inte svarat"):
        assert word in rows[1]
    town.until("2026-12-03 12:00")
    assert run("mark", meeting, "kom") == (0, "Sparat: promenaden i dag kl. 10.\n", "")
    assert "kom" in run("meetings", "--person", "kim")[1]


def test_the_list_is_json_too(run: Run, town: MeetingTown, kim: Phone) -> None:
    meeting = booked(run)
    (row,) = json.loads(run("meetings", "--json")[1])
    assert (row["id"], row["starts"], row["standing"]) == (meeting, "2026-12-02T12:30:00+00:00", "inte svarat")
    assert row["person"] == f"P{kim.standing().participant_id}"
    assert run("meetings", "--unit", "pitea")[1] == "Inga tider är bokade.\n"
    assert run("meetings", "--unit", "pitea", "--json")[1] == "[]\n"


def test_the_plan_says_when_and_why_not(run: Run, kim: Phone) -> None:
    code, out, _ = run("plan", booked(run))
    assert code == 0
    assert out.startswith("Promenaden onsdag 2 december kl. 13.30 (tid ")
    assert "söndag 29 november kl. 17" in out
    assert "Personen har inte bett om en påminnelse samma dag." in out


def test_calling_off_and_a_sick_day(run: Run, town: MeetingTown, kim: Phone) -> None:
    meeting = booked(run)
    assert run("sick", "anna")[1] == "Inga tider är kvar den dagen.\n"
    out = run("sick", "anna", "--day", "2026-12-02")[1]
    assert out == f"Avbokat: promenaden onsdag 2 december kl. 13.30 (P{kim.standing().participant_id}).\n"
    assert run("cancel", meeting)[0] == 2
    other = booked(run)
    assert run("cancel", other) == (0, "Avbokat: promenaden onsdag 2 december kl. 13.30.\n", "")


def test_an_offer_reaches_the_person(run: Run, town: MeetingTown, kim: Phone) -> None:
    assert run("offer", "kim") == (0, f"Boten frågar P{kim.standing().participant_id} om en promenad.\n", "")
    town.send()
    assert "promenad" in kim.new()[0].lower()


def test_availability_is_set_and_listed(run: Run) -> None:
    assert run("availability", "week", "anna", "tis-tor 09:00-15:30")[0] == 0
    assert run("availability", "day", "anna", "2026-12-24")[:2] == (0, "Sparat.\n")
    out = run("availability", "list", "--unit", "alvsbyn")[1]
    assert "2026-12-24: inte alls" in out
    assert run("availability", "day", "anna", "2026-12-24", "--as-usual")[0] == 0
    assert "2026-12-24" not in run("availability", "list")[1]


@pytest.mark.parametrize("words", [
    ("book", "kim"),
    ("book", "kim", "--at", "i morgon", "--with", "anna"),
    ("book", "kim", "--at", "2026-11-22 13:30", "--with", "anna"),
    ("book", "kim", "--at", "2026-12-02 20:00", "--with", "anna"),
    ("book", "kim", "--at", "2027-03-28 02:30", "--with", "anna"),
    ("book", "kim", "--at", "9999-12-31 13:30", "--with", "anna"),
    ("book", "kim", "--at", "2026-12-02 13:30"),
    ("book", "kim", "--at", "2026-12-02 13:30", "--with", "nils"),
    ("book", "kim", "--at", "2026-12-02 13:30", "--with", "sara"),
    ("book", "kim", "--at", "2026-12-02 13:30", "--with", "anna", "--place", "ishallen"),
    ("book", "kim", "--at", "2026-12-02 13:30", "--with", "anna", "--form", "picknick"),
    ("book", "kim", "--at", "2026-12-02 13:30", "--with", "anna", "--minutes", "0"),
    ("book", "nobody", "--at", "2026-12-02 13:30", "--with", "anna"),
    ("book", "P912628541034507418", "--at", "2026-12-02 13:30", "--with", "anna"),
    ("move", "17", "--at", "2026-12-02 13:30"),
    ("move", "99999999999999999999999", "--at", "2026-12-02 13:30"),
    ("move", "-1", "--at", "2026-12-02 13:30"),
    ("cancel", "17"),
    ("cancel", "kim"),
    ("mark", "17", "kom"),
    ("plan", "17"),
    ("meetings", "--unit", "lulea"),
    ("meetings", "--days", "0"),
    ("meetings", "--person", "nobody"),
    ("sick", "nils"),
    ("sick", "anna", "--day", "i dag"),
    ("offer", "nobody"),
    ("availability", "week", "anna", "alltid"),
    ("availability", "week", "nils", "mån 09:00-10:00"),
    ("availability", "week", "anna", "mån 09:00-10:00", "--unit", "pitea"),
    ("availability", "day", "anna", "2026-13-01"),
    ("availability", "day", "anna", "2026-11-01"),
    ("availability", "day", "anna", "2026-12-01", "--hours", "10-11"),
])  # fmt: skip
def test_a_fault_is_one_clear_line_and_exit_code_2(run: Run, kim: Phone, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.strip()


def test_a_word_that_is_no_outcome_lists_those_that_are(run: Run, town: MeetingTown, kim: Phone) -> None:
    code, _, err = run("mark", booked(run), "kanske")
    assert (code, err) == (
        2, "ingang: kanske är inget sätt som det kan gå på (OUTCOME): välj bland: kom, uteblev, vi, avbokad\n"
    )  # fmt: skip
