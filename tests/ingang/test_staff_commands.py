import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingang import cli
from ingang.settings import Settings
from storage import audit, participants
from storage.db import Store
from tests.staff.conftest import Office
from tests.town import Town

TALK = ("hej", "ja", "Kim", "2003", "älvsbyn", "träffa folk", "promenad", "1", "nej", "ja")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def town(sqlite_store: Store) -> Town:
    return Office(sqlite_store)


@pytest.fixture
def kim(town: Town) -> int:
    """Kim, who has signed up, with a sign-up that waits in the inbox."""
    phone = town.phone()
    for words in TALK:
        phone.writes(words)
    with town.store.read() as tx:
        (listed,) = participants.list_for_staff(tx)
    return listed.person.id


@pytest.fixture
def run(town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
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


def actors(town: Town) -> list[tuple[str, str]]:
    with town.store.read() as tx:
        return [(one.actor, one.action) for one in reversed(audit.list_latest(tx))]


def test_an_empty_desk_says_so(run: Run) -> None:
    assert run("inbox") == (0, "Inget ligger i inkorgen.\n", "")
    assert run("referrals") == (0, "Ingen anmälan väntar på svar.\n", "")
    assert run("inbox", "--json")[1] == "[]\n"


def test_the_inbox_reads_well_in_a_pipe(run: Run, kim: int, town: Town) -> None:
    code, out, err = run("inbox")
    headings, row = out.splitlines()
    assert (code, err) == (0, "")
    assert headings.split() == ["Ärende", "Vad", "Väntat", "Svar", "senast", "Läge", "Enhet", "Namn", "Person"]
    for word in ("Anmälan", "0 min", "onsdag 25 november kl. 16", "Öppet", "Älvsbyn", "Kim", f"P{kim}"):
        assert word in row
    assert actors(town) == [("os:drift", "inbox.list")]


def test_lists_are_json_too(run: Run, kim: int) -> None:
    (item,) = json.loads(run("inbox", "--json")[1])
    assert (item["kind"], item["person"], item["overdue"]) == ("referral", f"P{kim}", False)
    (referral,) = json.loads(run("referrals", "--json", "--unit", "alvsbyn")[1])
    assert (referral["name"], referral["birth_year"], referral["complete"]) == ("Kim", 2003, True)
    page = json.loads(run("show", "kim", "--json")[1])
    assert [line["text"] for line in page["talk"] if line["who"] == "person"] == list(TALK)
    assert page["sign_ups"][0]["answers"][0] == ["Vill ha hjälp med", "träffa folk"]


def test_a_person_is_shown_by_name_and_by_id(run: Run, kim: int, town: Town) -> None:
    code, out, _ = run("show", "kim", "--as", "anna")
    assert code == 0
    for word in ("Kim  P", "Vill ses så här: promenad", "10.00  Personen    > hej", "10.00  Boten         Hej!"):
        assert word in out
    assert run("show", f"P{kim}")[1] == run("show", str(kim))[1] == out
    assert actors(town)[0][0].startswith("staff:")
    assert {action for _, action in actors(town)} == {"participant.show"}


def test_words_of_ones_own_go_out(run: Run, kim: int, town: Town) -> None:
    code, out, _ = run("say", f"P{kim}", "Hej Kim, Anna här.", "--as", "anna")
    assert (code, out.split(" (")[0]) == (0, f"Köat till P{kim}")
    town.send()
    assert town.phone().texts()[-1] == "Hej Kim, Anna här."
    assert run("inbox")[1] == "Inget ligger i inkorgen.\n"


def test_an_item_is_taken_and_closed(run: Run, kim: int) -> None:
    (item,) = json.loads(run("inbox", "--json")[1])
    assert (
        run("inbox", "take", item["id"], "--as", "Anna")[1] == f"Ärende {item['id']} är ditt. Läs: ingang show P{kim}\n"
    )
    assert "Taget av Anna" in run("inbox")[1]
    assert run("inbox", "close", item["id"], "--why", "ringt") == (0, f"Ärende {item['id']} är stängt.\n", "")
    assert run("referrals")[1] == "Ingen anmälan väntar på svar.\n"


def test_a_distress_case_is_closed_and_released(run: Run, kim: int, town: Town) -> None:
    town.phone().writes("orkar inte leva längre")
    item = json.loads(run("inbox", "--json")[1])[0]
    assert (item["kind"], item["duty"]) == ("distress", False)
    assert f"ingang release P{kim}" in run("inbox", "close", item["id"], "--why", "träffat")[1]
    assert run("release", "kim")[1].startswith(f"P{kim} vilar inte längre.")
    assert run("release", "kim")[0] == 2


def test_a_file_is_written_and_not_overwritten(run: Run, kim: int, tmp_path: Path) -> None:
    path = tmp_path / "anmälningar.csv"
    code, out, _ = run("export", "referrals", "--out", str(path))
    assert (code, out[: len(str(path)) + 10]) == (0, f"1 rader i {path}")
    before = path.read_bytes()
    assert run("export", "referrals", "--out", str(path)) == (
        2, "", f"ingang: {path} finns redan (--out): välj ett annat namn, eller skriv över med --force\n",
    )  # fmt: skip
    assert run("export", "messages", "--format", "csv", "--out", str(path), "--force", "--since", "2026-11-01")[0] == 0
    assert path.read_bytes() != before


@pytest.mark.parametrize(("words", "told"), [
    (("show", "alva"), "ingang: ingen här passar på alva (PERSON): "),
    (("show", "P912628541034507418"), "ingang: det finns ingen person 912628541034507418 (PERSON): "),
    (("show", ""), "ingang: det står inte vem (PERSON): "),
    (("show", "\x1b[2J"), "ingang: ingen här passar på \\x1b[2J (PERSON): "),
    (("say", "kim", " "), "ingang: Meddelandet är tomt (person "),
    (("say", "kim", "x" * 2000), "ingang: Meddelandet är 2000 tecken (person "),
    (("inbox", "take", "17"), "ingang: det finns inget ärende 17 (ITEM): "),
    (("inbox", "close", "17", "--why", "ringt"), "ingang: det finns inget ärende 17 (ITEM): "),
    (("inbox", "close", "17", "--why", "Kim mår bra"), "ingang: Kim mår bra är inget av sätten att stänga (--why): "),
    (("inbox", "--unit", "lulea"), "ingang: det finns ingen enhet lulea här (--unit): välj bland: alvsbyn, pitea"),
    (("inbox", "--as", "nils"), "ingang: ingen medarbetare som arbetar nu är nils (--as): "),
    (("export", "messages", "--out", "/nowhere/a"), "ingang: /nowhere/a kan inte skrivas (No such file"),
    (("export", "messages", "--out", "a", "--since", "i går"), "ingang: i går är ingen dag (--since): "),
    (("staff", "disable", "nils"), "ingang: ingen medarbetare som arbetar nu är nils (MEMBER): "),
    (("staff", "add", "Nils", "--unit", "alvsbyn", "--hours", "alltid"), "ingang: tiderna alltid går inte att läsa ("),
])  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(run: Run, kim: int, words: tuple[str, ...], told: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith(told)
    assert err.count("\n") == 1


def test_several_found_are_listed_to_choose_from(run: Run, kim: int, town: Town) -> None:
    with town.store.begin() as tx:
        other, _ = participants.create(tx, town.now)
        participants.set_profile(tx, other, name="Kimberly")
    code, out, err = run("show", "kim")
    assert (code, out) == (2, "")
    assert f"P{kim}" in err
    assert f"P{other}" in err
    assert err.endswith("ingang: 2 personer passar på kim (PERSON): välj en med id\n")


def test_a_protected_person_needs_a_named_reader(run: Run, kim: int, town: Town) -> None:
    with town.store.begin() as tx:
        participants.set_protected(tx, kim)
    code, out, err = run("show", f"P{kim}")
    assert (code, out) == (2, "")
    assert "--named-reader" in err
    assert "Skyddade uppgifter" in run("inbox")[1]
    assert "Kim  P" in run("show", f"P{kim}", "--named-reader")[1]


def test_staff_are_added_listed_and_disabled(run: Run) -> None:
    code, out, _ = run(
        "staff", "add", "Nils", "--unit", "pitea", "--hours", "tis 08:00-12:00", "--manager", "--order", "2"
    )
    assert code == 0
    assert out.startswith("Nils är tillagd, med nummer ")
    rows = run("staff", "list", "--unit", "pitea")[1].splitlines()
    assert "tisdag kl. 8-12" in rows[2]
    assert " sist " in rows[2]
    assert [row["name"] for row in json.loads(run("staff", "list", "--json")[1])] == [
        "Anna",
        "Erik",
        "Maria",
        "Sara",
        "Nils",
    ]
    assert run("staff", "disable", "nils")[1].startswith("Nils är borttagen")
    assert "slutat" in run("staff", "list", "--all")[1]


def test_somebody_without_hours_is_warned_about(run: Run) -> None:
    assert "Inga tider är inlagda" in run("staff", "add", "Nils", "--unit", "pitea")[1]


def test_export_help_tells_how_the_file_is(run: Run) -> None:
    told = " ".join(run("export", "--help")[1].split())
    assert "UTF-8 with BOM, semicolons, CRLF" in told


@pytest.mark.slow
def test_the_real_thing_starts_on_its_own_files(root: Path, tmp_path: Path) -> None:
    shutil.copyfile(root / "config.example.toml", tmp_path / "config.toml")
    environment = {**os.environ, "INGANG_TEST_NOW": "2026-11-23T10:00:00+01:00", "PYTHONPATH": str(root)}

    def ingang(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ingang", *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    assert ingang("keys", "new").returncode == 0
    assert ingang("db", "upgrade").returncode == 0
    done = ingang("inbox")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Inget ligger i inkorgen.\n", "")
    assert "Anna" in ingang("staff", "list").stdout
