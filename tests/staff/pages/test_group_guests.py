"""What staff do with an activity and its guests: change, call off, add by hand, free a place, choose who meets."""

from __future__ import annotations

import re

import pytest

from storage import activities, apart, audit, invitations, named_readers, participants, places
from tests.meeting_town import MeetingTown
from tests.staff.pages.conftest import Browser, Rooms
from tests.staff.pages.test_group_send import people, sends
from tests.staff.pages.test_groups import HERE, filled, guests, hidden, planned, text_of


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


def invited(rooms: Rooms, town: MeetingTown, **values: object) -> tuple[Browser, int, dict[str, int]]:
    """Kim, Alex and Ebba have been invited by message; the browser, the activity, and their ids by name."""
    names = ("Kim", "Alex", "Ebba")
    found = dict(zip(names, people(town, *names), strict=True))
    cooking = planned(town, **values)  # type: ignore[arg-type]
    browser = rooms.logged_in()
    sends(browser, f"{HERE}/{cooking}/bjud-in")
    town.later(minutes=3)
    return browser, cooking, found


def standing(town: MeetingTown, activity: int, person: int) -> invitations.Invitation:
    with town.store.read() as tx:
        found = invitations.find_for(tx, activity, person)
    assert found is not None
    return found


def changed(**fields: str) -> dict[str, str]:
    usual = {"title": "lagar vi mat", "places": "3", "least": "3", "last": "2026-12-01"}
    return filled(**{**usual, **fields})


# --- changing and calling off -----------------------------------------------------------------------------------------


def test_who_is_told_of_a_new_time_is_seen_first(rooms: Rooms, town: MeetingTown) -> None:
    browser, cooking, found = invited(rooms, town)
    town.phone(address="+46701740610").writes("1")
    path = f"{HERE}/{cooking}/andra"
    page = browser.see(path)
    assert 'value="lagar vi mat"' in page
    version = hidden(page, "version")
    fields = changed(clock="15:00", version=version)
    seen = browser.fill(path, {**fields, "steg": "visa"}, on=path).text
    words = text_of(seen)
    assert "3 får veta det: Kim, Alex, Ebba." in words
    assert "kl. 15" in words
    with town.store.read() as tx:
        assert activities.get(tx, cooking).version == 1
    told = browser.fill(path, {**fields, "steg": "spara", "sett": hidden(seen, "sett")}).text
    assert "Aktiviteten är ändrad. 3 får veta det." in told
    town.send()
    assert "15" in town.phone(address="+46701740611").texts()[-1]
    assert standing(town, cooking, found["Kim"]).state == "asked"


def test_two_who_change_the_same_are_told(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    path = f"{HERE}/{cooking}/andra"
    anna, erik = rooms.logged_in(), rooms.logged_in("Erik")
    first = hidden(anna.see(path), "version")
    for browser, clock in ((erik, "14:00"), (anna, "16:00")):
        fields = changed(clock=clock, version=first)
        seen = browser.fill(path, {**fields, "steg": "visa"}, on=path).text
        last = browser.fill(path, {**fields, "steg": "spara", "sett": hidden(seen, "sett")})
    assert last.status_code == 409
    assert "Någon annan hann ändra aktiviteten" in last.text


def test_fewer_places_than_those_who_come_is_refused(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    guests(town, cooking, "Kim", "Alex", state="yes")
    path = f"{HERE}/{cooking}/andra"
    browser = rooms.logged_in()
    fields = changed(places="1", least="1", version=hidden(browser.see(path), "version"))
    answer = browser.fill(path, {**fields, "steg": "visa"})
    assert answer.status_code == 422
    assert "2 har redan en plats" in answer.text


def test_called_off_tells_everyone_and_is_not_undone(rooms: Rooms, town: MeetingTown) -> None:
    browser, cooking, found = invited(rooms, town)
    path = f"{HERE}/{cooking}/stall-in"
    page = browser.see(path)
    assert "3 får veta det" in text_of(page)
    assert "Aktiviteten är inställd. 3 får veta det." in browser.fill(path, {"version": hidden(page, "version")}).text
    town.send()
    assert "blir inte av" in town.phone(address="+46701740610").texts()[-1]
    assert standing(town, cooking, found["Kim"]).state == "withdrawn"
    again = browser.see(path)
    assert "redan inställd" in again
    assert "Ställ in" not in browser.see(f"{HERE}/{cooking}")


# --- one who is invited -----------------------------------------------------------------------------------------------


def test_a_freed_place_goes_to_the_first_in_line(rooms: Rooms, town: MeetingTown) -> None:
    browser, cooking, found = invited(rooms, town, places=1, least=1)
    with town.store.read() as tx:
        asked = [each.participant_id for each in invitations.of_activity(tx, cooking)]
    town.later(days=1)
    for number in (10, 11, 12):
        town.phone(address=f"+467017406{number}").writes("1")
    page = browser.see(f"{HERE}/{cooking}")
    freed = re.search(rf'action="({HERE}/{cooking}/inbjudan/\d+/slapp)"', page)
    assert freed
    assert asked
    assert "Platsen är ledig" in browser.fill(freed.group(1)).text
    words = text_of(browser.see(f"{HERE}/{cooking}"))
    assert "platsen hålls till" in words
    with town.store.read() as tx:
        assert places.count(tx, cooking) == 1
    assert found


@pytest.mark.parametrize("deed", ["slapp", "ta-bort", "mot"])
def test_only_named_readers_do_anything_with_a_protected_guest(rooms: Rooms, town: MeetingTown, deed: str) -> None:
    browser, cooking, found = invited(rooms, town)
    town.phone(address="+46701740610").writes("1")
    kim, page = standing(town, cooking, found["Kim"]), f"{HERE}/{cooking}"
    with town.store.begin() as tx:
        participants.set_protected(tx, found["Kim"])
    address = f"{page}/inbjudan/{kim.id}/{deed}"
    assert browser.fill(address, {"member": str(rooms.member("Anna"))}, on=page).status_code == 404
    assert standing(town, cooking, found["Kim"]) == kim
    with town.store.begin() as tx:
        named_readers.add(tx, town.now, found["Kim"], rooms.member("Anna"))
    assert browser.fill(address, {"member": str(rooms.member("Anna"))}, on=page).status_code == 200
    assert standing(town, cooking, found["Kim"]) != kim


def test_somebody_is_added_by_hand(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, places=1)
    town.person(name="Kim Berg", birth_year=2001)
    kim = town.person(name="Kim Lund", birth_year=2003)
    town.person("pitea", name="Noor")
    browser, path = rooms.logged_in(), f"{HERE}/{cooking}/lagg-till"
    several = browser.fill(path, {"who": "kim", "reply": "hard"}, on=f"{HERE}/{cooking}")
    assert several.status_code == 422
    assert "Kim Berg" in several.text
    done = browser.fill(path, {"who": "kim", "person": str(kim), "reply": "hard"})
    assert "har en plats" in done.text
    assert standing(town, cooking, kim).meet == "wanted"
    assert "har redan en plats" in browser.fill(path, {"person": str(kim), "reply": "yes"}).text
    assert "Ingen här passar" in browser.fill(path, {"who": "Noor", "reply": "yes"}).text
    assert "står i kön" in browser.fill(path, {"who": "Kim Berg", "reply": "yes"}).text
    with town.store.read() as tx:
        assert "activity.join" in [line.action for line in audit.list_latest(tx, 5)]


def test_who_comes_all_the_same_stands_in_the_list(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, "2026-11-23 09:00")
    kim = town.person(name="Kim")
    browser = rooms.logged_in()
    done = browser.fill(f"{HERE}/{cooking}/lagg-till", {"who": "kim", "reply": "yes"}, on=f"{HERE}/{cooking}")
    assert "Notera närvaron i listan" in done.text
    path = f"{HERE}/{cooking}/narvaro"
    assert "Kim" in browser.see(path)
    fields = {"var": f"ja:{kim}:0", f"kvartar-{kim}": "4"}
    assert "Var där, 1 h" in text_of(browser.fill(path, fields).text)


def test_two_who_are_apart_are_not_added_beside_each_other(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    (kim,) = guests(town, cooking, "Kim", state="yes")
    alex = town.person(name="Alex")
    with town.store.begin() as tx:
        apart.add(tx, town.now, kim, alex, None)
    answer = rooms.logged_in().fill(f"{HERE}/{cooking}/lagg-till", {"person": str(alex), "reply": "yes"}, on=HERE)
    assert answer.status_code == 422
    assert "inte ska vara i samma grupp" in answer.text


def test_who_meets_them_is_chosen(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    (kim,) = guests(town, cooking, "Kim", state="hard")
    with town.store.begin() as tx:
        mine = invitations.find_for(tx, cooking, kim)
        assert mine
        invitations.change(tx, mine.id, meet="wanted")
    browser, path = rooms.logged_in(), f"{HERE}/{cooking}/inbjudan/{mine.id}/mot"
    assert "1 vill bli mött" in text_of(browser.see(HERE))
    done = browser.fill(path, {"member": str(rooms.member("Erik"))}, on=f"{HERE}/{cooking}").text
    assert "möts av Erik" in done
    assert browser.fill(path, {"member": str(rooms.member("Sara"))}).status_code == 409
    assert "Ingen är vald" in browser.fill(path, {"member": ""}, on=f"{HERE}/{cooking}").text
    other = planned(town, "2026-12-03 13:00")
    assert browser.fill(f"{HERE}/{other}/inbjudan/{mine.id}/mot", on=HERE).status_code == 404


def test_pages_of_many_guests_stay_small(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town, "2026-11-23 09:30", places=40)
    guests(town, cooking, *(f"Maximilian-Alexander Wennerström {number}" for number in range(60)), state="hard")
    browser = rooms.logged_in()
    for path in ("", "/narvaro"):
        assert len(browser.see(f"{HERE}/{cooking}{path}").encode()) < 100_000, path


def test_those_who_come_are_written_to(rooms: Rooms, town: MeetingTown) -> None:
    kim, alex = people(town, "Kim", "Alex")
    cooking = planned(town)
    with town.store.begin() as tx:
        asked = invitations.add_many(tx, town.now, cooking, 1, None, [kim, alex])
        invitations.change(tx, asked[kim], state="yes")
    browser = rooms.logged_in()
    page = f"/personal/utskick/nytt?till={cooking}"
    assert "Skriv till dem som kommer" in browser.see(page)
    fields = {"till": str(cooking), "text": "Ta med förkläde."}
    seen = browser.fill("/personal/utskick/nytt", {**fields, "steg": "visa"}).text
    assert "1 person får det nu" in text_of(seen)
    assert "Alex" not in seen


# --- the person's page ------------------------------------------------------------------------------------------------


def test_a_persons_groups_and_who_is_kept_apart(rooms: Rooms, town: MeetingTown) -> None:
    cooking = planned(town)
    (kim,) = guests(town, cooking, "Kim", state="yes")
    alex = town.person(name="Alex")
    browser, path = rooms.logged_in(), f"/personal/deltagare/{kim}"
    words = text_of(browser.see(path))
    assert "Vi lagar mat , onsdag 2 december kl. 13 Ja, har en plats" in words
    assert "bjuds aldrig in till samma grupp" in browser.fill(f"{path}/isar", {"apart": "alex"}).text
    assert "Alex" in text_of(browser.see(path)).partition("Inte i samma grupp som")[2]
    assert "Kim" in text_of(browser.see(f"/personal/deltagare/{alex}")).partition("Inte i samma grupp som")[2]
    with town.store.read() as tx:
        assert apart.of(tx, [kim, alex]) == {kim: {alex}, alex: {kim}}
    assert "samma person" in browser.fill(f"{path}/isar", {"other": str(kim)}, on=path).text
    assert "får vara i samma grupp" in browser.fill(f"{path}/isar/{alex}/ta-bort", on=path).text
    with town.store.read() as tx:
        assert apart.of(tx, [kim, alex]) == {}
    noor = town.person("pitea", name="Noor")
    assert browser.fill(f"{path}/isar", {"other": str(noor)}, on=path).status_code == 422


# --- the inbox --------------------------------------------------------------------------------------------------------


def test_an_item_about_a_group_leads_there(rooms: Rooms, town: MeetingTown) -> None:
    browser, cooking, found = invited(rooms, town)
    town.phone(address="+46701740610").writes("3")
    other = planned(town, "2026-12-09 13:00", title="fikar vi")
    page = browser.see("/personal/inkorg")
    item = re.search(r'href="(/personal/inkorg/\d+)"', page)
    assert item
    one = browser.see(item.group(1))
    assert "känns svårt" in one
    assert f'href="{HERE}/{cooking}"' in one
    assert f'href="{HERE}/{other}"' not in one
    assert found


def test_too_few_leads_to_the_activity(rooms: Rooms, town: MeetingTown) -> None:
    browser, cooking, _ = invited(rooms, town, least=3)
    town.until("2026-12-01 14:00")
    notes = [item for item in town.inbox("meeting") if "lagar vi mat" in (item.note or "")]
    assert notes
    assert f'href="{HERE}/{cooking}"' in browser.see(f"/personal/inkorg/{notes[0].id}")
