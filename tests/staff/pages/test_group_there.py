"""The list of who was there, the door, months that are sent in, and what is changed after that."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest

from staff.labels import HIDDEN
from storage import attendance, audit, exits, participants, units
from tests.meeting_town import MeetingTown, at
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.test_groups import HERE, guests, planned, text_of

MONTHS = f"{HERE}/manader"


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


def taps(
    browser: Browser, activity: int, person: int, was: str = "ja", quarters: int = 8, after: int = 0, why: str = ""
) -> str:
    """Press one of the two buttons; give the page that comes."""
    path = f"{HERE}/{activity}/narvaro"
    told = {"var": f"{was}:{person}:{after}", f"kvartar-{person}": str(quarters), "why": why}
    return browser.fill(path, told, on=path).text


# --- the list ---------------------------------------------------------------------------------------------------------


def test_one_tap_notes_somebody_and_a_second_corrects(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, "2026-11-23 09:00")
    kim, _ = guests(town, cooking, "Kim", "Alex", state="yes")
    browser = rooms.logged_in()
    words = text_of(browser.see(f"{HERE}/{cooking}/narvaro"))
    assert "0 är noterade, 2 är kvar" in words
    assert "har en plats" in words
    words = text_of(taps(browser, cooking, kim))
    assert "✓ Var där, 2 h" in words
    assert "Noterat av Anna" in words
    town.now += timedelta(minutes=5)
    erik = rooms.logged_in("Erik")
    words = text_of(taps(erik, cooking, kim, "nej", after=1))
    assert "○ Var inte där" in words
    assert "Rättad 1 gång" in words
    assert "var där, 2 h, Anna, i dag kl. 10" in words
    assert "var inte där, Erik, i dag kl. 10.05" in words
    with town.store.read() as tx:
        assert [each.number for each in attendance.history(tx, cooking, kim)] == [2, 1]
        assert audit.list_latest(tx, 9, object_ref=f"participant:{kim}")[0].action == "attendance.note"


def test_who_was_overtaken_is_told_by_whom(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, "2026-11-23 09:00")
    (kim,) = guests(town, cooking, "Kim", state="yes")
    anna, erik = rooms.logged_in(), rooms.logged_in("Erik")
    taps(anna, cooking, kim)
    words = text_of(taps(erik, cooking, kim, "nej"))
    assert "Någon annan hann före: var där, 2 h, Anna" in words
    same = text_of(taps(erik, cooking, kim))  # who says the same thing late says nothing new
    assert "hann före" not in same
    with town.store.read() as tx:
        assert len(attendance.history(tx, cooking, kim)) == 1


def test_another_time_is_kept_in_quarters(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, "2026-11-23 09:00")
    (kim,) = guests(town, cooking, "Kim", state="yes")
    browser = rooms.logged_in()
    assert "Var där, 1 h 15 min" in text_of(taps(browser, cooking, kim, quarters=5))
    for wrong in ("0", "49", "x", "-1", "9" * 30):
        path = f"{HERE}/{cooking}/narvaro"
        assert browser.fill(path, {"var": f"ja:{kim}:1", f"kvartar-{kim}": wrong}, on=path).status_code == 422


def test_nobody_is_noted_before_the_day(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    (kim,) = guests(town, cooking, "Kim", state="yes")
    assert "har inte varit än" in text_of(taps(rooms.logged_in(), cooking, kim))
    with town.store.read() as tx:
        assert attendance.history(tx, cooking, kim) == []


def test_the_door_shows_the_code_and_nobody(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, "2026-11-23 11:00")
    guests(town, cooking, "Kim", state="yes")
    page = rooms.logged_in().see(f"{HERE}/{cooking}/dorr")
    words = text_of(page)
    code = next(word for word in words.split() if word.isdigit() and len(word) == 4 and word != "2026")
    assert f"här {code}" in words
    assert "SMS: +46701740699" in words
    assert "Telegram: @ingang_bot" in words
    assert page.count('src="data:image/svg+xml') == 2
    assert "Kim" not in page
    assert len(page.encode()) < 100_000


# --- months -----------------------------------------------------------------------------------------------------------


def year(rooms: Rooms, town: MeetingTown) -> tuple[Browser, int, int, int]:
    """October and November, each with an activity where Kim was, as December begins; a coordinator, both, and Kim."""
    october, november = planned(town, "2026-10-14 13:00"), planned(town, "2026-11-11 13:00")
    (kim,) = guests(town, october, "Kim", state="yes")
    browser = rooms.logged_in("Anna", "samordnare")
    for activity in (october, november):
        taps(browser, activity, kim, quarters=6)
    town.now = at("2026-12-01 09:00").astimezone(town.now.tzinfo)
    return browser, october, november, kim


def sends_in(browser: Browser, month: str, signed: str = "Anna Berg") -> str:
    path = f"{MONTHS}/{month}"
    return browser.fill(path, {"enhet": "alvsbyn", "signed": signed}, on=f"{path}?enhet=alvsbyn").text


def test_a_month_is_sent_in_and_a_later_change_stands_out(rooms: Rooms, town: MeetingTown) -> None:
    browser, october, _, kim = year(rooms, town)
    assert "Vem intygar" in browser.see(f"{MONTHS}/2026-10")
    assert "skriv vem som intygar" in sends_in(browser, "2026-10", "").lower()
    for month in ("2026-10", "2026-11"):
        assert "Månaden är inlämnad." in sends_in(browser, month)
    again = sends_in(browser, "2026-10")
    assert "inget är ändrat sedan dess" in again
    town.now += timedelta(hours=1)
    refused = taps(browser, october, kim, quarters=4, after=1)
    assert "Månaden är inlämnad. Inget är ändrat än." in text_of(refused)
    assert 'id="why-error"' in refused
    assert "Rättat" not in browser.see(f"{MONTHS}/2026-10")
    assert "Rättad 1 gång" in taps(browser, october, kim, quarters=4, after=1, why="length")
    words = text_of(browser.see(f"{MONTHS}/2026-10"))
    assert "Tiden var fel" in words
    assert "Lämna in den igen, och efter den: november 2026" in words
    assert "var där, 1 h 30 min" in words
    assert "var där, 1 h efter inlämning" in words
    assert "Anna, i dag kl. 10" in words
    listed = text_of(browser.see(MONTHS))
    assert "Rättad, lämna in igen" in listed
    assert "Lämna in igen: en tidigare månad är rättad" in listed
    assert "på nytt" in sends_in(browser, "2026-10")
    assert "på nytt" in sends_in(browser, "2026-11")
    assert "igen" not in text_of(browser.see(MONTHS))


def test_a_month_that_is_not_over_is_not_sent_in(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in("Anna", "samordnare")
    assert "Månaden är inte slut än" in browser.see(f"{MONTHS}/2026-11")
    assert "månaden är inte slut" in sends_in(browser, "2026-11").lower()
    for nonsense in ("2026-13", "1999-01", "x", "2026-1"):
        browser.see(f"{MONTHS}/{nonsense}", 404)


def test_who_sees_no_people_sends_in_nothing(rooms: Rooms, town: MeetingTown) -> None:
    admin = rooms.as_member(rooms.hire("administrator", "alvsbyn"))
    admin.see(f"{MONTHS}/2026-10", 404)
    answer = admin.fill(f"{MONTHS}/2026-10", {"signed": "Ida", "enhet": "alvsbyn"}, on="/personal/konto")
    assert answer.status_code == 404
    sara = rooms.logged_in("Sara", "samordnare")
    sara.see(f"{MONTHS}/2026-10?enhet=alvsbyn", 404)


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_of_months(rooms: Rooms, town: MeetingTown) -> None:
    browser, october, november, kim = year(rooms, town)
    (noor,) = guests(town, november, "Noor", state="yes")
    taps(browser, november, noor, quarters=9)
    sends_in(browser, "2026-10")
    town.now += timedelta(hours=1)
    with town.store.begin() as tx:
        participants.set_protected(tx, noor)
        participants.set_status(tx, kim, "exited")
        exits.add(tx, at("2026-11-20 12:00"), kim, units.get_unit(tx, "alvsbyn").id, "work", "active", None)
    taps(browser, october, kim, quarters=4, after=1, why="slip")
    rooms.wait(minutes=1)
    browser.see("/personal/uttag")
    answer = browser.fill("/personal/uttag", {"what": "attendance", "form": "csv"})
    assert 'filename="narvaro.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    told = [(row["Månad"], row["Namn"], row["Började"], row["Slutade"], row["Timmar"], row["Kvartar"]) for row in rows]
    assert told == [
        ("2026-10", "Kim", "2026-10-14", "", "1", "4"),
        ("2026-11", "Kim", "2026-10-14", "2026-11-20", "1,50", "6"),
        ("2026-11", HIDDEN, "", "", "2,25", "9"),
    ]
    assert [row["Rättad efter inlämning"] for row in rows] == ["ja", "", ""]
    assert [row["Varför rättad"] for row in rows] == ["Feltryck, eller fel person", "", ""]
    assert rows[0]["Intygad av"] == "Anna Berg"
    assert rows[2]["Deltagare"] == ""
    browser.see("/personal/uttag")
    book = browser.fill("/personal/uttag", {"what": "attendance", "form": "xlsx", "since": "2026-11-20"})
    sheet = openpyxl.load_workbook(BytesIO(book.content)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["2026-11", "2026-11"]  # a month is taken whole
