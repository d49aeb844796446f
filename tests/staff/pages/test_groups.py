"""Grupper: an activity made by form with everything wrong said first, the year, the list, and what staff do there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from storage import activities, audit, invitations, places, units
from storage.activities import Activity, NewActivity
from tests.meeting_town import MeetingTown, at
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.hostile import MARKUP, wrong_in

HERE = "/personal/grupper"
NEW = f"{HERE}/ny"


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


def text_of(page: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def hidden(page: str, name: str) -> str:
    """What stands in a hidden field."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def filled(**fields: str) -> dict[str, str]:
    usual = {"title": "lagar vi mat hos oss", "day": "2026-12-02", "clock": "13:00", "minutes": "120",
             "where": "Storgatan 27", "places": "5", "least": "3", "enhet": "alvsbyn"}  # fmt: skip
    return {**usual, **fields}


def makes(browser: Browser, **fields: str) -> str:
    """Fill in the form, look, and press the button; give the page that comes."""
    wanted = filled(**fields)
    seen = browser.fill(NEW, {**wanted, "steg": "visa"}, on=NEW)
    assert seen.status_code == 200, text_of(seen.text)
    return browser.fill(NEW, {**wanted, "steg": "spara", "sett": hidden(seen.text, "sett")}).text


def planned(town: MeetingTown, when: str = "2026-12-02 13:00", **values: object) -> int:
    """An activity of Älvsbyn, made straight in the store."""
    starts = at(when).astimezone(UTC)
    with town.store.begin() as tx:
        new = {"unit_id": units.get_unit(tx, "alvsbyn").id, "title": "lagar vi mat", "starts": starts,
               "ends": starts + timedelta(hours=2), "last_answer": starts - timedelta(days=1), "where": "Storgatan 27",
               "places": 3}  # fmt: skip
        return activities.add(tx, town.now, NewActivity(**{**new, **values}))  # type: ignore[arg-type]


def all_of(town: MeetingTown) -> list[Activity]:
    with town.store.read() as tx:
        return activities.list_between(tx, None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def guests(town: MeetingTown, activity: int, *names: str, state: str = "asked") -> list[int]:
    """People of Älvsbyn who are invited; those who come have a place, or stand in line. Their ids."""
    people = [town.person(name=name, birth_year=2003) for name in names]
    with town.store.begin() as tx:
        each = activities.get(tx, activity)
        for who, invitation in invitations.add_many(tx, town.now, activity, 1, None, people).items():
            if state == "asked":
                continue
            invitations.change(tx, invitation, state=state, answered_at=town.now)
            if state in invitations.COMES and places.take(tx, activity, invitation, each.places) is None:
                invitations.change(tx, invitation, waiting_since=town.now)
            assert who
    return people


# --- making one -------------------------------------------------------------------------------------------------------


def test_an_activity_is_looked_at_and_then_made(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()
    seen = browser.fill(NEW, {**filled(), "steg": "visa"}, on=NEW).text
    assert "Onsdag 2 december kl. 13 lagar vi mat hos oss." in text_of(seen)
    assert "Inget är sparat än" in seen
    assert all_of(town) == []
    made = browser.fill(NEW, {**filled(), "steg": "spara", "sett": hidden(seen, "sett")}).text
    assert "Aktiviteten är inlagd" in made
    (each,) = all_of(town)
    assert (each.title, each.places, each.least, each.minutes) == ("lagar vi mat hos oss", 5, 3, 120)
    assert each.last_answer == at("2026-11-30 17:00")
    with town.store.read() as tx:
        assert "activity.add" in [line.action for line in audit.list_latest(tx, 3)]


def test_a_group_of_many_gets_advice_and_is_made_all_the_same(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()
    seen = browser.fill(NEW, {**filled(places="12"), "steg": "visa"}, on=NEW).text
    assert "I grupper med fler än 7 blir en del tysta." in seen
    makes(browser, places="12")
    assert [each.places for each in all_of(town)] == [12]


def test_what_was_changed_after_the_look_is_looked_at_again(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()
    seen = browser.fill(NEW, {**filled(), "steg": "visa"}, on=NEW).text
    again = browser.fill(NEW, {**filled(places="6"), "steg": "spara", "sett": hidden(seen, "sett")}).text
    assert "Inget är sparat än" in again
    assert all_of(town) == []


def test_a_double_click_makes_one(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()
    seen = browser.fill(NEW, {**filled(), "steg": "visa"}, on=NEW).text
    fields = {**filled(), "steg": "spara", "sett": hidden(seen, "sett"), "once": hidden(seen, "once")}
    browser.fill(NEW, fields, on=NEW)
    browser.fill(NEW, fields, on=NEW)
    assert len(all_of(town)) == 1


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "Skriv vad ni gör"),
        ("title", "x" * 61, "Högst 60"),
        ("title", "hej {namn}", "Fält i klammer"),
        ("day", "2026-11-20", "har redan varit"),
        ("day", "2029-11-20", "mer än två år bort"),
        ("day", "2026-02-31", "Välj en dag, eller skriv den så här"),
        ("clock", "25:00", "Välj ett klockslag"),
        ("minutes", "5", "15 till 720"),
        ("minutes", "x", "15 till 720"),
        ("places", "0", "1 till 40"),
        ("places", "41", "1 till 40"),
        ("least", "6", "ryms inte"),
        ("last", "2026-12-03", "efter aktiviteten"),
        ("last", "2026-11-20", "har redan varit"),
        ("place", "finns-inte", "Välj en av enhetens platser"),
        ("where", "", "Skriv var det är"),
        ("leader", "4711", "Välj någon i enheten"),
        ("leader", "²", "Välj någon i enheten"),
        ("repeat", "ofta", "Välj hur ofta"),
        ("repeat", "week", "En serie behöver ett slut"),
        ("how", "å" * 161, "Högst 160"),
        ("title", "äter vi \N{SLICE OF PIZZA}", "ryms inte i ett vanligt sms"),
        ("how", "För dig med depression.", "Någon annan kan läsa"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    rooms: Rooms, town: MeetingTown, field: str, value: str, said: str
) -> None:
    browser = rooms.logged_in()
    answer = browser.fill(NEW, {**filled(**{field: value}), "steg": "spara", "sett": "x"}, on=NEW)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert f'id="{"until" if value == "week" else field}-error"' in answer.text
    assert all_of(town) == []


def test_all_that_is_wrong_is_said_at_once(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    answer = browser.fill(NEW, {**filled(title="", day="i går", places="x", where=""), "steg": "visa"}, on=NEW)
    assert "4 saker behöver rättas" in answer.text
    assert 'value="i går"' in answer.text


# --- a series ---------------------------------------------------------------------------------------------------------


def test_a_series_skips_red_days_when_told_to(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()
    fields = {"day": "2026-12-18", "repeat": "week", "times": "3"}
    kept = text_of(browser.fill(NEW, {**filled(**fields), "steg": "visa"}, on=NEW).text)
    assert "Röd dag: juldagen" in kept
    seen = text_of(browser.fill(NEW, {**filled(**fields, skip_red="ja"), "steg": "visa"}, on=NEW).text)
    assert "Varje fredag kl. 13, 3 gånger" in seen
    assert "Hoppas över, röda dagar: 2026-12-25 (juldagen), 2027-01-01 (nyårsdagen)" in seen
    makes(browser, **fields, skip_red="ja")
    assert [f"{each.starts:%m-%d}" for each in all_of(town)] == ["12-18"]


def test_a_series_stands_by_month_in_the_year(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()
    assert "4 gånger är inlagda" in makes(browser, repeat="month", times="4")
    found = all_of(town)
    assert len({each.series_id for each in found}) == 1
    assert [f"{each.starts:%Y-%m-%d}" for each in found] == ["2026-12-02", "2027-01-06", "2027-02-03", "2027-03-03"]
    assert all(each.last_answer < each.starts for each in found)
    year = text_of(browser.see(f"{HERE}/ar"))
    assert "December 2026 onsdag 2 december kl. 13-15, lagar vi mat hos oss" in year
    assert "Röd dag: trettondedag" in year
    assert "Oktober 2027 Inget inlagt" in year


def test_summer_time_keeps_the_clock(rooms: Rooms, town: MeetingTown) -> None:
    makes(rooms.logged_in(), day="2027-03-25", repeat="week", until="2027-04-01")
    assert [f"{each.starts:%H:%M}" for each in all_of(town)] == ["12:00", "11:00"]


# --- the list and one activity ----------------------------------------------------------------------------------------


def test_the_list_says_what_needs_doing(rooms: Rooms, town: MeetingTown) -> None:
    few = planned(town, "2026-11-24 13:00", title="fikar vi", last_answer=town.now - timedelta(hours=1))
    guests(town, few, "Kim", state="hard")
    today = planned(town, "2026-11-23 09:00", title="promenerar vi")
    guests(town, today, "Alex", state="yes")
    browser = rooms.logged_in()
    words = text_of(browser.see(HERE))
    assert words.index("Vi promenerar") < words.index("Vi fikar")
    assert "1 av 3 platser" in words
    assert "Närvaro saknas för 1" in words
    assert "För få: 1 av minst 3" in words
    assert "Ingen leder" in words
    assert "Kim" not in words


def test_one_activity_shows_who_and_in_which_order(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    guests(town, cooking, "Kim", "Alex", "Noor", "Liam", state="yes")
    guests(town, cooking, "Ebba", state="maybe")
    guests(town, cooking, "Sam")
    page = rooms.logged_in().see(f"{HERE}/{cooking}")
    words = text_of(page)
    assert "Kommer (3 av 3)" in words
    assert "I kön (1)" in words
    assert re.search(r"Liam .*?Nummer 1 i kön", words)
    assert "Kanske (1)" in words
    assert "Har inte svarat (1)" in words
    assert len(page.encode()) < 100_000


def test_other_units_and_protected_people_are_not_named(rooms: Rooms, town: MeetingTown) -> None:
    from storage import participants

    cooking = planned(town)
    kim, alex = guests(town, cooking, "Kim", "Alex", state="yes")
    with town.store.begin() as tx:
        participants.set_protected(tx, kim)
        participants.set_unit(tx, alex, units.get_unit(tx, "pitea").id)
    anna = rooms.logged_in()
    for path in ("", "/narvaro"):
        words = text_of(anna.see(f"{HERE}/{cooking}{path}"))
        assert "Kim" not in words
        assert "Alex" not in words
        assert "Skyddade uppgifter" in words
        assert "Hör till en annan enhet" in words
    sara = rooms.logged_in("Sara")
    assert "lagar vi mat" not in sara.see(HERE)
    for path in ("", "/narvaro", "/dorr"):
        sara.see(f"{HERE}/{cooking}{path}", 404)
    csrf = {"var": f"ja:{kim}:0", f"kvartar-{kim}": "4"}
    assert sara.fill(f"{HERE}/{cooking}/narvaro", csrf, on=HERE).status_code == 404
    assert anna.fill(f"{HERE}/{cooking}/narvaro", csrf, on=HERE).status_code == 409


def test_markup_in_a_title_stays_words(rooms: Rooms, town: MeetingTown) -> None:
    for text in MARKUP:
        planned(town, title=text[:80], where=text[:120], how=text[:200])
    browser = rooms.logged_in()
    for path in (HERE, f"{HERE}/ar", *(f"{HERE}/{each.id}" for each in all_of(town))):
        assert wrong_in(browser.see(path)) == [], path
