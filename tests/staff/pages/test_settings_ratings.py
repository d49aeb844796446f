"""Inställningar, skattningar, over HTTP: what is asked, marks with their sources, and licensed texts."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from messages.scales import fill, load_scales
from rules.rating_choices import Choices
from rules.ratings import Marks
from storage import audit, unit_scales, units
from storage.unit_scales import Licensed
from tests.staff.pages.conftest import Browser, Rooms

HERE = "/personal/installningar/skattningar"
SRS = f"{HERE}/texter/srs"
CHOICES = {
    "after": "ja", "after_scale": "egna_efter", "before_scale": "egna_fore", "within_minutes": "120", "task_days": "2",
}  # fmt: skip
MARKS = {"ors_adult": "25", "ors_youth": "28", "reliable": "5", "srs": "36", "srs_item": "9", "low_item": "4"}
WORDS = {
    f"{key}_{word}": f"{word} om {key}"
    for key in ("relation", "goals", "approach", "overall")
    for word in ("question", "low", "high")
}
TEXTS = {"holder": "Älvsbyns kommun", "licensed_on": "2026-11-01", "opening": "", **WORDS}


@pytest.fixture
def planner(rooms: Rooms) -> Browser:
    return rooms.logged_in("Anna", "samordnare")


def seen(page: str, action: str) -> str:
    form = page[page.index(f'action="{action}"') :]
    found = re.search(r'name="seen" value="([^"]*)"', form)
    assert found
    return found.group(1)


def save(browser: Browser, action: str, typed: dict[str, Any], page: str = HERE) -> httpx.Response:
    return browser.fill(action, {"seen": seen(browser.see(page), action), **typed})


def choices(rooms: Rooms) -> Choices:
    with rooms.town.store.read() as tx:
        return Choices.of(units.get_unit(tx, "alvsbyn").settings)


def licensed(rooms: Rooms, scale: str = "srs") -> Licensed | None:
    with rooms.town.store.read() as tx:
        return unit_scales.find(tx, units.get_unit(tx, "alvsbyn").id, scale)


def log(rooms: Rooms) -> list[str]:
    with rooms.town.store.read() as tx:
        return [line.outcome for line in reversed(audit.list_latest(tx)) if line.action == "settings.change"]


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_it_says_what_is_in_use_and_where_marks_come_from(planner: Browser) -> None:
    page = words(planner.see(HERE))
    assert "Efter träffen: Egna frågor Programmets egna ord. Inga riktmärken gäller." in page
    assert "Läst hos OpenFIT (KA-01031)" in page
    assert "Ur minnet (Duncan m.fl. 2006), inte bekräftat i någon källa." in page
    assert "SRS Tom plats." in page
    assert "SRS (licensierade texter)" not in page


def test_choices_are_kept_and_are_in_the_log(rooms: Rooms, planner: Browser) -> None:
    assert choices(rooms) == Choices()
    typed = {**CHOICES, "before_by_message": "ja", "within_minutes": "60", "task_days": "3"}
    typed.pop("after")
    assert "Sparat. Det gäller från och med nu." in save(planner, HERE, typed).text
    assert choices(rooms) == Choices(after=False, before_by_message=True, within_minutes=60, task_days=3)
    assert set(log(rooms)) == {
        "ok ratings.after: ja > -", "ok ratings.before_by_message: - > ja",
        "ok ratings.within_minutes: 120 > 60", "ok ratings.task_days: 2 > 3",
    }  # fmt: skip
    save(planner, HERE, typed)
    assert len(log(rooms)) == 4, "nothing changed the second time"


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("name", "value"),
    [("within_minutes", "9"), ("within_minutes", "1441"), ("task_days", "0"), ("task_days", "bra"),
     ("after_scale", "srs"), ("after_scale", "egna_fore"), ("before_scale", ""), ("before_scale", "ors")],
)  # fmt: skip
def test_a_choice_that_cannot_be_is_told_beside_it(rooms: Rooms, planner: Browser, name: str, value: str) -> None:
    answer = save(planner, HERE, {**CHOICES, "task_days": "5", name: value})
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    assert choices(rooms) == Choices()


def test_marks_of_their_own_say_so(rooms: Rooms, planner: Browser) -> None:
    told = words(save(planner, f"{HERE}/riktmarken", {**MARKS, "ors_adult": "24", "reliable": "6,5"}).text)
    assert "enhetens eget tal, 24 i stället för 25" in told
    assert Marks.of(choices(rooms).marks) == Marks(ors_adult=24, reliable=6.5)
    assert choices(rooms).marks == {"ors_adult": 24, "reliable": 6.5}
    save(planner, f"{HERE}/riktmarken", MARKS)
    assert choices(rooms).marks == {}
    assert log(rooms)[-1] == "ok ratings.reliable: 6,5 > 5"


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("name", "value"),
    [("ors_adult", "41"), ("ors_adult", ""), ("srs_item", "11"), ("srs", "36,55"), ("low_item", "-1"),
     ("reliable", "0"), ("srs", "nan"), ("srs", "bra"), ("srs", "1e1"), ("srs", "9" * 400)],
)  # fmt: skip
def test_a_mark_that_cannot_be_is_told_beside_it(rooms: Rooms, planner: Browser, name: str, value: str) -> None:
    answer = save(planner, f"{HERE}/riktmarken", {**MARKS, "ors_youth": "27", name: value})
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    assert choices(rooms).marks == {}


def test_licensed_texts_are_kept_and_can_be_chosen(rooms: Rooms, planner: Browser) -> None:
    told = save(planner, SRS, TEXTS, SRS)
    assert "Texterna för SRS är sparade." in told.text
    there = licensed(rooms)
    assert there is not None
    assert (there.holder, there.licensed_on.isoformat()) == ("Älvsbyns kommun", "2026-11-01")
    scale = fill(load_scales()["srs"], there.texts, there.version)
    assert [item.low for item in scale.items] == [f"low om {key}" for key in scale.keys]
    assert choices(rooms).after_scale == "egna_efter", "to have them is not yet to use them"

    page = words(save(planner, HERE, {**CHOICES, "after_scale": "srs"}).text)
    assert "Licensen har Älvsbyns kommun sedan 2026-11-01. Riktmärkena gäller." in page
    assert choices(rooms).after_scale == "srs"
    assert log(rooms) == [f"ok srs texts: - > {there.version}", "ok ratings.after_scale: egna_efter > srs"]


def test_another_wording_is_another_version(rooms: Rooms, planner: Browser) -> None:
    save(planner, SRS, TEXTS, SRS)
    first = licensed(rooms)
    save(planner, SRS, {**TEXTS, "holder": "Kommunen"}, SRS)
    same = licensed(rooms)
    save(planner, SRS, {**TEXTS, "goals_low": "annat"}, SRS)
    other = licensed(rooms)
    assert first is not None
    assert same is not None
    assert other is not None
    assert (first.version, same.holder) == (same.version, "Kommunen")
    assert other.version != first.version


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("holder", ""),
        ("holder", "x" * 121),
        ("licensed_on", ""),
        ("licensed_on", "i går"),
        ("licensed_on", "2099-01-01"),
        ("goals_low", ""),
        ("overall_high", "x" * 61),
        ("relation_question", "Hur var {name}?"),
        ("opening", "x" * 201),
    ],
)
def test_texts_need_holder_date_and_both_ends(rooms: Rooms, planner: Browser, name: str, value: str) -> None:
    answer = save(planner, SRS, {**TEXTS, name: value}, SRS)
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    assert "low om relation" in answer.text, "what was typed is kept"
    assert licensed(rooms) is None


def test_texts_taken_away_give_own_questions_back(rooms: Rooms, planner: Browser) -> None:
    save(planner, SRS, TEXTS, SRS)
    save(planner, HERE, {**CHOICES, "after_scale": "srs"})
    planner.fill(f"{SRS}/ta-bort", {"enhet": "alvsbyn"}, on=SRS)
    assert licensed(rooms) is None
    assert choices(rooms).after_scale == "egna_efter"
    planner.fill(f"{SRS}/ta-bort", {"enhet": "alvsbyn"}, on=HERE)  # pressed twice
    assert log(rooms)[-1] == "ok srs texts: there > removed"


def test_the_second_of_two_is_told_who_was_before(rooms: Rooms, planner: Browser) -> None:
    page, texts = planner.see(HERE), planner.see(SRS)
    erik = rooms.logged_in("Erik", "samordnare")
    save(erik, HERE, {**CHOICES, "task_days": "4"})
    save(erik, f"{HERE}/riktmarken", {**MARKS, "srs": "35"})
    save(erik, SRS, TEXTS, SRS)
    for action, typed, was in (
        (HERE, {**CHOICES, "task_days": "7"}, page),
        (f"{HERE}/riktmarken", {**MARKS, "srs": "34"}, page),
        (SRS, {**TEXTS, "goals_low": "annat"}, texts),
    ):
        planner.see(HERE)
        answer = planner.fill(action, {"seen": seen(was, action), **typed}, on=HERE if action != SRS else SRS)
        assert answer.status_code == 422
        assert "Erik har ändrat här" in answer.text
    assert choices(rooms).task_days == 4


def test_only_licensed_places_and_own_units_are_there(planner: Browser) -> None:
    for path in (f"{HERE}/texter/egna_efter", f"{HERE}/texter/finns-inte", f"{HERE}?enhet=pitea"):
        planner.see(path, 404)


@pytest.mark.parametrize(("name", "text", "said"), [
    ("goals_question", "Var det här bra? → " + "x" * 60, ""),  # the arrow has a stand-in
    ("goals_question", "Прова " + "x" * 90, "Som sms blir frågan dyrare: Прова finns inte"),
    ("goals_question", "Прова " + "x" * 90, "Som sms blir frågan 3 delar. Fler än 2 är för många."),
    ("goals_low", "lite depression", "Som sms kan någon annan läsa ”depression”."),
])  # fmt: skip
def test_what_ails_a_text_as_an_sms_is_said_beside_it_and_stops_nothing(
    rooms: Rooms, planner: Browser, name: str, text: str, said: str
) -> None:
    told = save(planner, SRS, {**TEXTS, name: text}, page=SRS).text
    assert "Nu går de att välja." in words(told)
    assert ("Läs råden vid frågorna." in words(told)) == bool(said)
    kept = licensed(rooms)
    assert kept is not None
    assert text in kept.texts["items"]["goals"].values()
    page = planner.see(SRS)
    remarks = re.findall(r'<ul class="remarks" id="sms-(\w+)">(.*?)</ul>', page)
    assert [key for key, _ in remarks] == (["goals"] if said else [])
    assert said in words(page)


def test_the_longest_texts_there_may_be_say_how_many_parts(planner: Browser) -> None:
    longest = {name: "x" * (120 if name.endswith("question") else 60) for name in WORDS}
    page = words(planner.fill(SRS, {"seen": seen(planner.see(SRS), SRS), **TEXTS, **longest}).text)
    assert "3 delar" in page
    shown = planner.see(SRS)
    assert 'id="sms-relation"' in shown  # it is the first, and says how to answer
    assert 'id="sms-goals"' not in shown
