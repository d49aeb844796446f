"""Inställningar over HTTP: each section is kept or told what is wrong, places come and go, all counts at once."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from bot.actions import meetings
from bot.actions.sending_job import second_above
from storage import audit, units
from storage.units import Unit
from tests.staff.pages.conftest import Browser, Rooms

HERE = "/personal/installningar"
THE_UNIT = {
    "name": "Ingång Älvsbyn", "phone": "0929-170 00", "address": "Storgatan 27",
    "where_under_15": "Elevhälsan på Älvåkraskolan, 0929-171 00",
    "where_over_29": "Arbetsmarknadsenheten, 0929-170 50", "report_to": "",
}  # fmt: skip
SKUTAN = {
    "name": "Skutan", "find": "Vi väntar vid bänken.", "link": "https://karta.example/skutan", "where": "bada",
    "travel": "10", "starts": "",
}  # fmt: skip
FIVE_DAYS = {"promise_days": "5", "message_days": "1", "answers_per_day": "8"}


@pytest.fixture
def planner(rooms: Rooms) -> Browser:
    return rooms.logged_in("Anna", "samordnare")


def unit(rooms: Rooms) -> Unit:
    with rooms.town.store.read() as tx:
        return units.get_unit(tx, "alvsbyn")


def seen(page: str, action: str) -> str:
    form = page[page.index(f'action="{action}"') :]
    found = re.search(r'name="seen" value="([^"]*)"', form)
    assert found
    return found.group(1)


def log(rooms: Rooms) -> list[tuple[str, str]]:
    with rooms.town.store.read() as tx:
        return [(line.action, line.outcome) for line in reversed(audit.list_latest(tx)) if "change" in line.action]


def save(browser: Browser, section: str, **typed: str) -> str:
    page = browser.see(HERE)
    action = f"{HERE}/del/{section}"
    answer = browser.fill(action, {"seen": seen(page, action), **typed})
    return html.unescape(answer.text)


def test_everything_of_the_unit_is_shown(planner: Browser) -> None:
    page = html.unescape(planner.see(HERE))
    for words in ("Ingång Älvsbyn", "0929-170 00", "Skutan", "Påminnelse dagen före", "17.00", "Kontrollerad 20"):
        assert words in page, words


def test_a_section_is_kept_counts_at_once_and_is_in_the_log(rooms: Rooms, planner: Browser) -> None:
    told = save(planner, "enheten", **{**THE_UNIT, "name": "Ingången", "phone": "0929-999 99"})
    assert "Sparat. Det gäller från och med nu." in told
    assert (unit(rooms).name, unit(rooms).settings["phone"]) == ("Ingången", "0929-999 99")
    assert log(rooms) == [
        ("settings.change", "ok name: Ingång Älvsbyn > Ingången"),
        ("settings.change", "ok phone: 0929-170 00 > 0929-999 99"),
    ]
    assert "0929-999 99" in rooms.town.signed_up().writes("prata med någon")[-1]


def test_promises_lengthen_at_once(rooms: Rooms, planner: Browser) -> None:
    kim = rooms.town.signed_up()
    assert "senast i morgon" in kim.writes("prata med någon")[-1]
    save(planner, "loften", promise_days="2", message_days="3", answers_per_day="8")
    assert "senast torsdag" in kim.writes("prata med någon")[-1]


def test_meetings_keep_the_new_hours(rooms: Rooms, planner: Browser) -> None:
    save(planner, "moten", earliest="10", latest="14.30", notice_hours="0")
    rules = meetings.rules_of(unit(rooms))
    assert (f"{rules.earliest:%H:%M}", f"{rules.latest:%H:%M}", rules.notice) == ("10:00", "14:30", timedelta(0))


def test_groups_and_sendings_go_by_the_units_own_numbers(rooms: Rooms, planner: Browser) -> None:
    page = planner.see(HERE)
    assert 'name="hold_hours" type="text" value="24"' in page
    assert 'name="second_above" type="text" value="50"' in page
    save(planner, "grupper", hold_hours="6", second_above="2")
    assert unit(rooms).settings["groups"] == {"hold_hours": 6}
    assert second_above(unit(rooms)) == 2
    save(planner, "loften", promise_days="2", message_days="1", answers_per_day="3")
    assert unit(rooms).settings["answers_per_day"] == 3


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("section", "typed", "field", "told"),
    [
        ("enheten", {**THE_UNIT, "phone": "ring oss"}, "phone", "Skriv ett nummer med siffror"),
        ("enheten", {**THE_UNIT, "name": ""}, "name", "Det här behövs."),
        ("enheten", {**THE_UNIT, "villages": "Vidsel, 123"}, "villages", "Det här är inget namn: 123"),
        ("enheten", {**THE_UNIT, "villages": ", ".join(f"by{n}" for n in range(81))}, "villages", "Skriv högst 80."),
        ("enheten", {**THE_UNIT, "name": "x" * 61}, "name", "Det är 61 tecken. Skriv högst 60."),
        (
            "loften",
            {**FIVE_DAYS, "promise_days": "0"},
            "promise_days",
            "Skriv ett helt tal från 1 till 10.",
        ),
        (
            "loften",
            {**FIVE_DAYS, "promise_days": "²"},
            "promise_days",
            "Skriv ett helt tal från 1 till 10.",
        ),
        (
            "loften",
            {"promise_days": "2", "message_days": "1", "answers_per_day": "101"},
            "answers_per_day",
            "1 till 100",
        ),
        ("grupper", {"hold_hours": "73", "second_above": "50"}, "hold_hours", "Skriv ett helt tal från 1 till 72."),
        ("grupper", {"hold_hours": "24", "second_above": "x"}, "second_above", "Skriv ett helt tal från 1 till 500."),
        ("moten", {"earliest": "25", "latest": "17", "notice_hours": "3"}, "earliest", "Skriv ett klockslag: 09.00."),
        ("moten", {"earliest": "17", "latest": "9", "notice_hours": "3"}, "latest", "senare än den tidigaste"),
        ("sandning", {"from": "08.00", "to": "18"}, "from", "Tidigast kl. 09.00"),
        ("sandning", {"from": "10.00", "to": "20"}, "to", "Senast kl. 19.00"),
        ("sandning", {"from": "10.00", "to": "10"}, "to", "senare än den första"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_kept_in_it(
    rooms: Rooms, planner: Browser, section: str, typed: dict[str, str], field: str, told: str
) -> None:
    before = unit(rooms)
    page = planner.see(HERE)
    action = f"{HERE}/del/{section}"
    answer = planner.fill(action, {"seen": seen(page, action), **typed})
    assert answer.status_code == 422
    said = html.unescape(answer.text)
    error = re.search(rf'id="{field}-error">.*?</span>(.*?)</span>', said)
    assert error
    assert told in error.group(1)
    assert f'value="{typed[field]}"' in said or f">\n{typed[field]}</textarea>" in said
    assert unit(rooms) == before


def test_the_second_of_two_is_told_who_was_before(rooms: Rooms, planner: Browser) -> None:
    action = f"{HERE}/del/loften"
    old = seen(planner.see(HERE), action)
    save(rooms.logged_in("Erik", "samordnare"), "loften", promise_days="4", message_days="1", answers_per_day="8")
    answer = planner.fill(action, {"seen": old, **FIVE_DAYS}, on=HERE)
    assert answer.status_code == 422
    assert "Någon annan hann före: Erik har ändrat här" in answer.text
    assert unit(rooms).settings["promise_days"] == 4
    again = planner.fill(action, {"seen": seen(planner.page, action), **FIVE_DAYS})
    assert again.status_code == 200
    assert unit(rooms).settings["promise_days"] == 5


def test_the_same_press_twice_is_one_change(rooms: Rooms, planner: Browser) -> None:
    action = f"{HERE}/del/loften"
    fields = {"seen": seen(planner.see(HERE), action), **FIVE_DAYS}
    assert planner.fill(action, fields).status_code == 200
    assert planner.fill(action, fields, on=HERE).status_code == 200
    assert len(log(rooms)) == 1


def test_narrowed_sending_hours_hold_what_the_bot_starts(rooms: Rooms, planner: Browser) -> None:
    save(planner, "sandning", **{"from": "12.00", "to": "18.00"})
    kim = rooms.town.signed_up()
    rooms.town.books(kim)
    assert kim.new() == []
    rooms.town.until("2026-11-23 12:00")
    assert any("torsdag 26 november" in text.casefold() for text in kim.new())


def test_reminders_are_switched_and_timed(rooms: Rooms, planner: Browser) -> None:
    planner.see(HERE)
    fields = {"three_days_at": "16.30", "day_before_at": "17.00", "silence_at": "13.00", "on": ["day_before", "missed"]}
    assert planner.fill(f"{HERE}/paminnelser", fields).status_code == 200
    with rooms.town.store.read() as tx:
        policy = meetings.policy_of(tx, rooms.town.house, unit(rooms))
    assert "three_days" in policy.off
    assert "day_before" not in policy.off
    assert f"{policy.three_days_at:%H:%M}" == "16:30"
    answer = planner.fill(f"{HERE}/paminnelser", {**fields, "silence_at": "snart"}, on=HERE)
    assert answer.status_code == 422
    assert 'id="silence_at-error"' in answer.text
    assert 'value="snart"' in answer.text


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_place_is_added_and_can_be_booked_at_once(rooms: Rooms, planner: Browser) -> None:
    planner.see(f"{HERE}/platser/ny")
    typed = {**SKUTAN, "name": "Åparken norra", "find": "Vid grinden.", "where": "ute", "starts": "9.37, 13.07"}
    assert "Platsen är tillagd." in planner.fill(f"{HERE}/platser/ny", typed).text
    place = meetings.find_place(unit(rooms), "aparken-norra")
    assert place is not None
    assert (place.name, place.find, place.forms, place.travel) == (
        "Åparken norra",
        "Vid grinden.",
        ("walk_and_talk",),
        10,
    )
    assert [f"{each:%H:%M}" for each in place.starts] == ["09:37", "13:07"]
    kim = rooms.town.signed_up()
    rooms.town.books(kim, place="aparken-norra")
    assert any("Åparken norra" in text for text in kim.texts())


def test_a_place_is_changed(rooms: Rooms, planner: Browser) -> None:
    page = planner.see(f"{HERE}/platser/skutan")
    assert "Vi väntar vid bänken." in page
    action = f"{HERE}/platser/skutan"
    answer = planner.fill(action, {**SKUTAN, "name": "Båten", "seen": seen(page, action)})
    assert "Platsen är sparad." in answer.text
    place = meetings.find_place(unit(rooms), "skutan")
    assert place is not None
    assert (place.name, place.link) == ("Båten", "https://karta.example/skutan")
    late = planner.fill(action, {**SKUTAN, "name": "Skeppet", "seen": seen(page, action)}, on=action)
    assert late.status_code == 422
    assert "Anna har ändrat här" in late.text


def test_a_retired_place_stays_with_its_meetings_and_gets_no_new_ones(rooms: Rooms, planner: Browser) -> None:
    kim = rooms.town.signed_up()
    booked = rooms.town.books(kim, place="skutan")
    planner.see(f"{HERE}/platser/skutan")
    told = planner.fill(f"{HERE}/platser/skutan/anvandning", {"bruk": "nej"}).text
    assert "Platsen används inte för nya möten." in told
    assert "Används inte" in told
    usual = meetings.usual_place(unit(rooms), "walk_and_talk")
    assert usual is not None
    assert usual.slug == "storgatan"
    with rooms.town.store.read() as tx:
        facts = meetings.facts_of(tx, rooms.town.house, rooms.town.meeting(booked))
    assert facts["where"] == "Skutan"
    planner.see(f"{HERE}/platser/skutan")
    planner.fill(f"{HERE}/platser/skutan/anvandning", {"bruk": "ja"})
    usual = meetings.usual_place(unit(rooms), "walk_and_talk")
    assert usual is not None
    assert usual.slug == "skutan"
    assert [outcome for _, outcome in log(rooms)] == [
        "ok place Skutan: used > retired",
        "ok place Skutan: retired > used",
    ]


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"name": ""}, "name", "Det här behövs."),
        ({"name": "skutan"}, "name", "Det finns redan en plats som heter så."),
        ({"name": "Psykiatrin"}, "name", "får inte stå i ett sms"),
        ({"name": "Ny", "link": "javascript:alert(1)"}, "link", "börjar med https://"),
        ({"name": "Ny", "travel": "-1"}, "travel", "från 0 till 240"),
        ({"name": "Ny", "starts": "9, tolv"}, "starts", "Skriv ett klockslag"),
        ({"name": "Ny", "where": "under"}, "where", "Välj om platsen är ute"),
        ({"name": "Ny", "find": "x" * 121}, "find", "högst 120"),
    ],
)
def test_a_bad_place_is_told_beside_its_field(
    rooms: Rooms, planner: Browser, typed: dict[str, str], field: str, told: str
) -> None:
    planner.see(f"{HERE}/platser/ny")
    answer = planner.fill(f"{HERE}/platser/ny", {**SKUTAN, **typed})
    assert answer.status_code == 422
    error = re.search(rf'id="{field}-error">.*?</span>(.*?)</span>', html.unescape(answer.text))
    assert error
    assert told in error.group(1)
    assert len(unit(rooms).settings["places"]) == 2


def test_the_address_that_stood_for_a_place_stays_one(rooms: Rooms, planner: Browser) -> None:
    with rooms.town.store.begin() as tx:
        units.set_settings(tx, unit(rooms).id, places=[])
    planner.see(f"{HERE}/platser/ny")
    planner.fill(f"{HERE}/platser/ny", {**SKUTAN, "name": "Ny"})
    assert [place.slug for place in meetings.places_of(unit(rooms))] == ["hos-oss", "ny"]


def test_another_units_settings_are_not_there(planner: Browser) -> None:
    planner.see(f"{HERE}?enhet=pitea", 404)
    planner.see(HERE)
    assert planner.fill(f"{HERE}/del/loften", {"enhet": "pitea", "promise_days": "9"}).status_code == 404


def test_what_people_typed_is_only_text(planner: Browser) -> None:
    told = planner.see(f"{HERE}/platser/ny")
    assert told
    answer = planner.fill(f"{HERE}/platser/ny", {**SKUTAN, "name": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


def test_who_writes_a_village_is_understood_from_the_next_talk_on(rooms: Rooms) -> None:
    typed = {**THE_UNIT, "villages": " Vidsel ,Stora  Korsträsk,, Vidsel"}
    rooms.logged_in("Erik", "samordnare")  # the page shows what stands there now
    save(rooms.logged_in("Erik", "samordnare"), "enheten", **typed)
    assert unit(rooms).settings["villages"] == ["Vidsel", "Stora Korsträsk"]
    phone = rooms.town.phone("sim_sms")
    for text in ("hej", "ja", "Kim", "2003", "nära stora korsträsk"):
        phone.writes(text)
    assert phone.standing().unit_id == unit(rooms).id
