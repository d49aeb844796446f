"""Texter over HTTP: read, tried, kept, taken back; two editors; what is locked."""

from __future__ import annotations

import html

import pytest

from storage import audit
from tests.staff.pages.conftest import Browser, Rooms

HERE = "/personal/installningar/texter"
YEAR = f"{HERE}/self_referral/birth_year"
OWN = "Vilket år föddes du, {förnamn}?"


@pytest.fixture
def planner(rooms: Rooms) -> Browser:
    return rooms.logged_in("Anna", "samordnare")


def send(browser: Browser, text: str, *, do: str = "spara", after: int = 0, where: str = YEAR) -> tuple[int, str]:
    browser.see(where)
    answer = browser.fill(where, {"text": text, "do": do, "after": str(after)})
    return answer.status_code, html.unescape(answer.text)


def test_every_text_is_listed_with_its_first_words(planner: Browser) -> None:
    page = html.unescape(planner.see(HERE))
    assert "Påminnelse dagen före" in page
    assert "Hej {förnamn}. Vilket år är du född?" in page
    assert page.count("Går inte att ändra") > 30
    assert len(planner.page.encode()) < 100_000


def test_a_text_is_shown_as_it_looks_on_each_channel(planner: Browser) -> None:
    page = html.unescape(planner.see(YEAR))
    assert page.count("Hej Kim. Vilket år är du född?") == 2
    assert "1 sms, 30 tecken" in page
    assert "LIX" in page
    assert "{förnamn}" in page


def test_it_is_tried_before_it_is_kept(planner: Browser) -> None:
    status, page = send(planner, OWN, do="prova")
    assert status == 200
    assert "Vilket år föddes du, Kim?" in page
    assert "Inget att anmärka" in page
    assert "Egen text" not in planner.see(YEAR)


def test_it_is_kept_listed_and_taken_back(rooms: Rooms, planner: Browser) -> None:
    status, page = send(planner, OWN)
    assert status == 200
    assert "Texten är sparad" in page
    assert "Egen text" in page
    assert "Vilket år föddes du, Kim?" in page
    assert "1 egna" in planner.see(HERE)
    planner.see(YEAR)
    back = planner.fill(f"{YEAR}/tillbaka", {"after": "1", "number": "0"})
    assert "Grundtexten används igen." in back.text
    assert "Hej Kim. Vilket år är du född?" in back.text
    again = planner.fill(f"{YEAR}/tillbaka", {"after": "2", "number": "1"})
    assert "Texten är den gamla igen." in again.text
    with rooms.town.store.read() as tx:
        actions = [line.action for line in reversed(audit.list_latest(tx)) if line.action.startswith("text.")]
    assert [action for action in actions if action != "text.show"] == ["text.change", "text.restore", "text.restore"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Texten är tom."),
        ("Hej {namn}", "Fältet {namn} finns inte"),
        ("Du måste svara. Vilket år?", "”du måste”"),
        ("Vilket år? Vilken dag?", "Fråga en sak åt gången."),
    ],
)
def test_what_stops_it_is_told_and_what_was_typed_is_kept(planner: Browser, text: str, told: str) -> None:
    status, page = send(planner, text)
    assert status == 422
    assert told in page
    assert f">\n{text}</textarea>" in page
    assert "Egen text" not in planner.see(YEAR)


def test_the_second_of_two_editors_sees_the_firsts_words(rooms: Rooms, planner: Browser) -> None:
    planner.see(YEAR)
    send(rooms.logged_in("Erik", "samordnare"), OWN)
    answer = planner.fill(YEAR, {"text": "Vilket år?", "do": "spara", "after": "0"})
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert "Någon annan hann före: Erik har ändrat här" in page
    assert OWN in page
    assert ">\nVilket år?</textarea>" in page
    assert planner.fill(YEAR, {"text": "Vilket år?", "do": "spara", "after": "1"}).status_code == 200


def test_first_care_is_shown_and_cannot_be_changed(planner: Browser) -> None:
    where = f"{HERE}/first_care/distress"
    page = html.unescape(planner.see(where))
    assert "Ring 112" in page
    assert "Den är lika för alla" in page
    assert "<textarea" not in page
    assert planner.fill(where, {"text": "Hej", "do": "spara", "after": "0"}).status_code == 422


def test_markup_in_a_text_is_only_text(planner: Browser) -> None:
    status, _ = send(planner, "<b>Vilket</b> år? <script>x</script>", do="prova")
    assert status == 200
    assert "<script>x" not in planner.page
    assert "<b>" not in planner.page


def test_what_is_not_there_is_missing(planner: Browser) -> None:
    planner.see(f"{HERE}/self_referral/nothing", 404)
    planner.see(YEAR)
    assert planner.fill(f"{HERE}/self_referral/nothing", {"text": "x"}).status_code == 404
    assert planner.fill(f"{YEAR}/tillbaka", {"number": "7", "after": "0"}, on=YEAR).status_code == 404
