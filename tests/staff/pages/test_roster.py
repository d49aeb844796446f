"""The roster's page: who may change it, what is refused and kept, alarms that are tried, and the switch that opens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from storage import audit, roster, units
from tests.meeting_town import NEXT_WEEK, MeetingTown
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.test_calendar import field, text_of

PAGE = "/personal/bemanning"


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


@pytest.fixture
def boss(rooms: Rooms) -> Browser:
    return rooms.logged_in("Maria", "samordnare")


def week(**days: str) -> dict[str, str]:
    return {f"dag{number}": "" for number in range(7)} | days | {"enhet": "alvsbyn"}


def test_page_tells_who_reads_and_whom_an_alarm_reaches(rooms: Rooms) -> None:
    page = rooms.logged_in("Erik", "lasare").see(PAGE)
    words = text_of(page)
    assert "Nu läser Anna och Erik" in words
    assert "Vanlig vecka: vardagar kl. 8-16." in words
    assert "Först Anna och Erik. Sist, efter 10 minuter, chefen Maria." in words
    assert "Spara" not in words
    assert "Skicka prov" not in words
    assert len(page.encode()) < 100_000


def test_who_may_not_plan_changes_nothing(rooms: Rooms, town: MeetingTown) -> None:
    anna = rooms.logged_in()
    member = rooms.member("Erik")
    anna.see(f"{PAGE}/{member}", 404)
    for deed in (
        "dag",
        "dag/bort",
        "oppna",
        "stang",
        "hjalplinjer",
        f"{member}/vecka",
        f"{member}/larm",
        f"{member}/prov",
    ):
        assert anna.fill(f"{PAGE}/{deed}", {"enhet": "alvsbyn"}, on=PAGE).status_code == 404
    with town.store.read() as tx:
        assert units.get_unit(tx, "alvsbyn").live


def test_another_units_roster_is_not_there(rooms: Rooms, boss: Browser) -> None:
    sara = rooms.member("Sara")
    boss.see(f"{PAGE}?enhet=pitea", 404)
    boss.see(f"{PAGE}/{sara}", 404)
    assert boss.fill(f"{PAGE}/{sara}/vecka", week(dag0="8-16"), on=PAGE).status_code == 404
    assert boss.fill(f"{PAGE}/{sara}/larm", {"enhet": "alvsbyn", "order": "1"}).status_code in (403, 404)
    boss.see(PAGE)
    assert boss.fill(f"{PAGE}/{sara}/prov", {"enhet": "alvsbyn"}, on=PAGE).status_code == 404
    assert boss.fill(f"{PAGE}/stang", {"enhet": "pitea"}, on=PAGE).status_code == 404
    answer = boss.fill(
        f"{PAGE}/dag", {"enhet": "alvsbyn", "who": str(sara), "day": "2026-12-01", "kind": "away"}, on=PAGE
    )
    assert answer.status_code == 404


def test_a_week_is_changed_and_plans_are_asked_anew(rooms: Rooms, town: MeetingTown, boss: Browser) -> None:
    meeting, anna = town.books(town.signed_up(), NEXT_WEEK), rooms.member("Anna")
    town.later(seconds=1)
    assert town.meeting(meeting).look_at != town.now
    page = boss.see(f"{PAGE}/{anna}")
    fields = week(dag0="8-12, 13-16.30", was=field(page, "was"))
    assert "Veckan är sparad." in boss.fill(f"{PAGE}/{anna}/vecka", fields).text
    assert "8-12, 13-16.30" in boss.page
    assert town.meeting(meeting).look_at == town.now
    stale = boss.fill(f"{PAGE}/{anna}/vecka", {**fields, "dag0": "9-10"}, on=f"{PAGE}/{anna}")
    assert stale.status_code == 409
    assert "Nu står det: 8-12, 13-16.30." in text_of(stale.text)
    assert field(stale.text, "dag0") == "9-10"
    wrong = boss.fill(f"{PAGE}/{anna}/vecka", week(dag3="<b>sent</b>"))
    assert wrong.status_code == 422
    assert field(wrong.text, "dag3") == "&lt;b&gt;sent&lt;/b&gt;"
    assert "Skriv tiden så här" in wrong.text


def test_days_that_differ_are_added_and_taken_away(rooms: Rooms, boss: Browser) -> None:
    anna = str(rooms.member("Anna"))
    closed = {"enhet": "alvsbyn", "who": "", "day": "2026-12-23", "kind": "away", "hours": ""}
    assert "Onsdag 23 december: hela enheten, stängt" in text_of(boss.fill(f"{PAGE}/dag", closed, on=PAGE).text)
    extra = {**closed, "who": anna, "day": "2026-12-24", "kind": "hours", "hours": "9-12"}
    assert "Torsdag 24 december (julafton) : Anna, kl. 9-12 i stället" in text_of(boss.fill(f"{PAGE}/dag", extra).text)
    for bad in (
        {"day": "2026-11-01"},
        {"day": "x"},
        {"kind": "hours", "hours": ""},
        {"kind": "hours", "hours": "12-9"},
    ):
        answer = boss.fill(f"{PAGE}/dag", closed | bad, on=PAGE)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert boss.fill(f"{PAGE}/dag", {**closed, "who": "x"}, on=PAGE).status_code == 404
    boss.fill(f"{PAGE}/dag/bort", {"enhet": "alvsbyn", "who": "", "day": "2026-12-23"}, on=PAGE)
    assert "hela enheten, stängt" not in text_of(boss.page)


def test_alarm_is_set_and_tried(rooms: Rooms, town: MeetingTown, boss: Browser) -> None:
    anna = rooms.member("Anna")
    fields = {"enhet": "alvsbyn", "channel": "sim_sms", "device": "070-174 06 77", "order": "1"}
    assert "Larmet är sparat." in boss.fill(f"{PAGE}/{anna}/larm", fields, on=f"{PAGE}/{anna}").text
    assert "+46701740677" in boss.page
    wrong = boss.fill(f"{PAGE}/{anna}/larm", {**fields, "device": "0980-319 200"}, on=f"{PAGE}/{anna}")
    assert wrong.status_code == 422
    assert "Numret kan inte ta emot sms." in wrong.text
    assert 'value="0980-319 200"' in wrong.text
    assert boss.fill(f"{PAGE}/{anna}/larm", {**fields, "order": "noll"}).status_code == 422
    assert boss.fill(f"{PAGE}/{anna}/larm", {**fields, "channel": "brev"}).status_code == 422
    boss.see(PAGE)
    for _ in range(2):  # a double click
        assert (
            "Provlarmet är på väg."
            in boss.fill(f"{PAGE}/{anna}/prov", {"enhet": "alvsbyn", "once": "n1"}, on=PAGE).text
        )
    town.send()
    (text,) = town.phone("sim_sms", "+46701740677").texts()
    assert (
        text
        == "TEST, inget har hänt. Så här ser ett larm ut: Det finns ett brådskande ärende i Ingång. Öppna inkorgen."
    )
    with town.store.read() as tx:
        assert any(line.action == "roster.test_alarm" for line in audit.list_latest(tx, 5))
    boss.fill(f"{PAGE}/{anna}/larm", {**fields, "device": ""}, on=f"{PAGE}/{anna}")
    refused = boss.fill(f"{PAGE}/{anna}/prov", {"enhet": "alvsbyn"}, on=PAGE)
    assert refused.status_code == 409
    assert "Anna har ingen arbetstelefon som larm når." in refused.text


def test_unit_opens_when_nothing_is_missing(rooms: Rooms, town: MeetingTown, boss: Browser) -> None:
    assert "Enheten är stängd för nya." in boss.fill(f"{PAGE}/stang", {"enhet": "alvsbyn"}, on=PAGE).text
    assert "Allt som behövs finns." in boss.page
    with town.store.begin() as tx:
        roster.set_shifts(tx, units.get_unit(tx, "alvsbyn").id, [])
    town.now += timedelta(days=400)
    page = boss.see(PAGE)
    assert [name for name in ("vecka", "larm", "hjalplinjer") if f'<li><a href="#{name}">' in page] == [
        "vecka", "larm", "hjalplinjer",
    ]  # fmt: skip
    assert "Öppna enheten" not in page
    refused = boss.fill(f"{PAGE}/oppna", {"enhet": "alvsbyn"})
    assert refused.status_code == 409
    assert "Enheten kan inte öppna än." in refused.text
    boss.fill(f"{PAGE}/hjalplinjer", {"enhet": "alvsbyn"}, on=PAGE)
    assert re.search(r"Enheten gick igenom dem 2027-12-28, Maria", text_of(boss.page))
    anna = rooms.member("Anna")
    boss.fill(f"{PAGE}/{anna}/vecka", week(dag0="8-16", dag1="8-16"), on=f"{PAGE}/{anna}")
    for _ in range(2):
        done = boss.fill(f"{PAGE}/oppna", {"enhet": "alvsbyn"}, on=PAGE)
    assert "Enheten är öppen. Boten tar emot nya anmälningar." in done.text
    with town.store.read() as tx:
        assert units.get_unit(tx, "alvsbyn").live


def test_closed_unit_answers_kindly(rooms: Rooms, town: MeetingTown, boss: Browser) -> None:
    boss.fill(f"{PAGE}/stang", {"enhet": "alvsbyn"}, on=PAGE)
    phone = town.phone("sim_telegram", "4711")
    (text,) = phone.writes("/start alvsbyn_affisch")
    assert text.startswith("Tack för att du skrev. Ingång har inte öppnat i Älvsbyn än.")


def test_administrator_without_units_sees_every_roster_and_nobody_else(rooms: Rooms) -> None:
    mona = rooms.as_member(rooms.hire("administrator", name="Mona"))
    assert "Sara" in mona.see(f"{PAGE}?enhet=pitea")
    mona.see("/personal/kalender", 404)
    nobody = rooms.as_member(rooms.hire("lasare", name="Ny"))
    assert "Du hör inte till någon enhet än." in nobody.see(PAGE)
    ny = rooms.as_member(rooms.hire("handlaggare", name="Nya"))
    for path in ("/personal/kalender/tider", "/personal/kalender/sjuk"):
        assert "Du hör inte till någon enhet än" in ny.see(path)
    ny.see("/personal/kalender")
