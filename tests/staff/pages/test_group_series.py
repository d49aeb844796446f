"""A series changed or called off from one occasion on: what is carried over, who is told, and all of it or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from storage import activities, audit, invitations
from storage.activities import Activity
from storage.tables import outbox
from tests.meeting_town import MeetingTown
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.test_groups import HERE, all_of, guests, hidden, makes, text_of


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


@pytest.fixture
def browser(rooms: Rooms) -> Browser:
    """Anna, who has made a group of five Wednesdays from 2 December on."""
    found = rooms.logged_in()
    assert "5 gånger är inlagda" in makes(found, repeat="week", times="5")
    return found


def form_of(each: Activity, **fields: str) -> dict[str, str]:
    """What the form holds, as it is shown, with some of it typed anew."""
    usual = {"title": each.title, "day": f"{each.starts:%Y-%m-%d}", "clock": "13:00", "minutes": "120",
             "where": each.where or "", "places": str(each.places), "least": str(each.least),
             "last": f"{each.last_answer:%Y-%m-%d}"}  # fmt: skip
    return {**usual, **fields}


def changes(browser: Browser, each: Activity, **fields: str) -> tuple[str, str]:
    """Look at a change, and press the button; give the page of the look, and the one that comes."""
    there = f"{HERE}/{each.id}/andra"
    wanted = {**form_of(each, **fields), "version": hidden(browser.see(there), "version")}
    seen = browser.fill(there, {**wanted, "steg": "visa"}, on=there).text
    done = browser.fill(there, {**wanted, "steg": "spara", "sett": hidden(seen, "sett")}, on=there)
    return text_of(seen), text_of(done.text)


def when(found: list[Activity]) -> list[str]:
    return [f"{each.starts:%m-%d %H:%M}" for each in found]


def test_those_after_it_move_as_it_does_and_those_before_stay(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    seen, done = changes(browser, before[1], day="2026-12-10", clock="15:00", last="2026-12-07", later="ja")
    assert "De senare gångerna blir så här: torsdag 17 december kl. 15, till 17" in seen
    assert "4 gånger är ändrade." in done
    now = all_of(town)
    assert when(now) == ["12-02 12:00", "12-10 14:00", "12-17 14:00", "12-24 14:00", "12-31 14:00"]
    assert {each.minutes for each in now} == {120}
    assert [each.starts.date() - each.last_answer.date() for each in now[1:]] == [timedelta(days=3)] * 4
    assert [each.version for each in now] == [1, 2, 2, 2, 2]
    with town.store.read() as tx:
        lines = [line for line in audit.list_latest(tx, 20) if line.action == "activity.change"]
    assert {line.object_ref for line in lines} == {f"activity:{each.id}" for each in now[1:]}


def test_one_occasion_alone_is_changed_unless_told(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    seen, done = changes(browser, before[0], clock="14:00")
    assert "De senare gångerna" not in seen
    assert "Aktiviteten är ändrad." in done
    assert [each.version for each in all_of(town)] == [2, 1, 1, 1, 1]


def test_what_was_another_for_one_occasion_stays_so(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    changes(browser, before[2], where="Skogsgatan 1", places="6")
    changes(browser, before[0], clock="14:00", later="ja")
    now = all_of(town)
    assert [each.where for each in now] == [
        "Storgatan 27",
        "Storgatan 27",
        "Skogsgatan 1",
        "Storgatan 27",
        "Storgatan 27",
    ]
    assert [each.places for each in now] == [5, 5, 6, 5, 5]
    assert {f"{each.starts:%H:%M}" for each in now} == {"13:00"}


def test_the_clock_stays_over_the_night_when_clocks_change(rooms: Rooms, town: MeetingTown) -> None:
    anna = rooms.logged_in()
    makes(anna, day="2027-03-24", repeat="week", times="3")
    changes(anna, all_of(town)[0], day="2027-03-25", last="2027-03-22", later="ja")
    assert when(all_of(town)) == ["03-25 12:00", "04-01 11:00", "04-08 11:00"]


def test_a_later_one_that_comes_on_a_red_day_is_shown_so(browser: Browser, town: MeetingTown) -> None:
    seen, _ = changes(browser, all_of(town)[0], day="2026-12-04", last="2026-12-01", later="ja")
    assert "fredag 25 december kl. 13, till 15 Röd dag: juldagen" in seen


def test_what_has_been_or_is_called_off_is_left_alone(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    with town.store.begin() as tx:
        activities.cancel(tx, town.now, before[3].id)
    _, done = changes(browser, before[1], title="bakar vi", later="ja")
    assert "3 gånger är ändrade." in done
    assert [each.title for each in all_of(town)] == [
        "lagar vi mat hos oss", "bakar vi", "bakar vi", "lagar vi mat hos oss", "bakar vi",
    ]  # fmt: skip


def test_each_who_is_invited_to_any_of_them_is_told_of_theirs(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    (kim,) = guests(town, before[2].id, "Kim", state="yes")
    seen, done = changes(browser, before[1], clock="15:00", later="ja")
    assert "1 får veta det: Kim." in seen
    assert "kl. 15" in seen.partition("Så här står det")[2].partition("Spara")[0]
    assert "1 får veta det." in done
    with town.store.read() as tx:
        (mine,) = invitations.of_activity(tx, before[2].id)
        queued = tx.execute(select(outbox.c.message).where(outbox.c.participant_id == kim)).scalars().all()
    assert (mine.state, list(queued)) == ("asked", ["activity/moved"])


def test_too_few_places_on_one_of_them_changes_none_and_names_it(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    guests(town, before[3].id, "Kim", "Alex", "Noor", "Liam", state="yes")
    there = f"{HERE}/{before[0].id}/andra"
    wanted = form_of(before[0], places="3", later="ja", version=hidden(browser.see(there), "version"))
    answer = browser.fill(there, {**wanted, "steg": "visa"}, on=there)
    assert answer.status_code == 422
    assert "Gången onsdag 23 december kl. 13: " in text_of(answer.text)
    assert 'id="places-error"' in answer.text
    assert {each.places for each in all_of(town)} == {5}


def test_a_later_one_that_a_colleague_changed_is_told(browser: Browser, town: MeetingTown) -> None:
    before = all_of(town)
    there = f"{HERE}/{before[0].id}/andra"
    wanted = form_of(before[0], clock="14:00", later="ja", version=hidden(browser.see(there), "version"))
    seen = browser.fill(there, {**wanted, "steg": "visa"}, on=there).text
    with town.store.begin() as tx:
        activities.change(tx, town.now, before[4].id, where="Skogsgatan 1")
    answer = browser.fill(there, {**wanted, "steg": "spara", "sett": hidden(seen, "sett")}, on=there)
    assert answer.status_code == 409
    assert "någon annan hann ändra" in text_of(answer.text).lower()
    assert [each.version for each in all_of(town)] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize(("later", "left"), [("", ["12-02", "12-16", "12-23", "12-30"]), ("ja", ["12-02"])])
def test_one_or_all_after_it_are_called_off(browser: Browser, town: MeetingTown, later: str, left: list[str]) -> None:
    before = all_of(town)
    guests(town, before[4].id, "Kim", state="yes")
    there = f"{HERE}/{before[1].id}/stall-in"
    page = browser.see(f"{there}?senare={later}" if later else there)
    assert ("1 får veta det: Kim." in text_of(page)) is bool(later)
    said = browser.fill(there, {"version": hidden(page, "version"), "senare": later}, on=there).text
    assert ("4 gånger är inställda." if later else "Aktiviteten är inställd.") in text_of(said)
    assert [f"{each.starts:%m-%d}" for each in all_of(town) if each.state == "planned"] == left


def test_an_activity_of_its_own_has_no_such_choice(rooms: Rooms, town: MeetingTown) -> None:
    anna = rooms.logged_in()
    makes(anna)
    (each,) = all_of(town)
    assert 'name="later"' not in anna.see(f"{HERE}/{each.id}/andra")
    assert "senare" not in anna.see(f"{HERE}/{each.id}/stall-in")
    assert isinstance(each.starts, datetime)
