from collections.abc import Callable
from datetime import timedelta

import pytest

from staff import labels
from staff.desk import close_item, list_inbox, list_referrals, release, say, take_item
from staff.labels import HIDDEN, NOBODY
from staff.people import Actor, DeskFault, find_actor
from storage import alarms, contacts, inbox, participants, referrals, timeline
from tests.staff.conftest import OPERATOR, Office


def anna(office: Office) -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", "Anna")


def open_ids(office: Office) -> list[int]:
    with office.store.read() as tx:
        return [item.id for item in inbox.list_open(tx)]


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_inbox_shows_the_most_urgent_first(office: Office) -> None:
    kim, alva = office.person(name="Kim", birth_year=2000), office.person("pitea", name="Alva")
    office.item(kim, "referral", due=office.now + timedelta(hours=4))
    office.item(alva, "distress", due=office.now - timedelta(minutes=5))
    office.now += timedelta(hours=3)
    first, second = list_inbox(office.store, office.now, OPERATOR)
    assert (first.kind, first.name, first.unit, first.overdue) == ("distress", "Alva", "Piteå", True)
    assert (second.kind, second.name, second.unit, second.overdue) == ("referral", "Kim", "Älvsbyn", False)
    assert second.waited == timedelta(hours=3)
    assert office.log() == [("inbox.list", "units", "ok 2")]


def test_the_inbox_can_be_one_units(office: Office) -> None:
    office.item(office.person(name="Kim"))
    office.item(office.person("pitea", name="Alva"))
    office.item(office.person(None, name="Bo"))
    assert [row.name for row in list_inbox(office.store, office.now, OPERATOR, "pitea")] == ["Alva"]
    assert [row.name for row in list_inbox(office.store, office.now, anna(office))] == ["Kim", "Bo"]
    with pytest.raises(DeskFault):
        list_inbox(office.store, office.now, anna(office), "pitea")


def test_protected_people_show_as_that_and_no_more(office: Office) -> None:
    hidden = office.person(name="Kim Andersson", birth_year=2001, protected=True)
    office.referral(hidden, easier="inga folksamlingar")
    office.item(hidden, "protected", note="Kim Andersson skrev")
    everything = repr(
        (list_inbox(office.store, office.now, OPERATOR), list_referrals(office.store, office.now, OPERATOR))
    )
    assert everything.count(HIDDEN) == 2
    for secret in ("Kim", "Andersson", "2001", "folksamlingar", "affisch", "+46"):
        assert secret not in everything


def test_somebody_without_a_name_is_listed_too(office: Office) -> None:
    office.item(office.person())
    office.item(None, "other", note="Databasen är snart full.")
    assert [row.name for row in list_inbox(office.store, office.now, OPERATOR)] == [NOBODY, ""]


@pytest.mark.parametrize(("kind", "born", "duty"), [
    ("distress", 2009, True), ("violence", None, True), ("distress", 2008, True), ("distress", 2007, False),
    ("message", 2009, False),
])  # fmt: skip
def test_the_reporting_duty_shows_for_those_under_18(office: Office, kind: str, born: int | None, duty: bool) -> None:
    office.item(office.person(name="Kim", birth_year=born), kind)
    assert [row.duty for row in list_inbox(office.store, office.now, OPERATOR)] == [duty]


def test_sign_ups_wait_until_somebody_answers(office_on_both: Office) -> None:
    office = office_on_both
    kim, alva = office.person(name="Kim", birth_year=2003), office.person("pitea", name="Alva")
    office.referral(kim, complete=False)
    office.referral(alva)
    office.now += timedelta(days=2)
    rows = list_referrals(office.store, office.now, OPERATOR)
    assert [(row.name, row.complete, row.overdue) for row in rows] == [("Kim", False, True), ("Alva", True, True)]
    assert rows[0].waited == timedelta(days=2)
    say(office.store, office.house, office.now, OPERATOR, kim, "Hej Kim!")
    assert [row.name for row in list_referrals(office.store, office.now, OPERATOR)] == ["Alva"]


# --- taking and closing -----------------------------------------------------------------------------------------------


def test_taking_an_item_stops_its_alarms(office: Office) -> None:
    kim, who = office.person(name="Kim", birth_year=2000), anna(office)
    assert who.staff_id is not None
    item = office.item(kim, "distress")
    with office.store.begin() as tx:
        alarms.plan(tx, office.now, item, [(1, office.now, who.staff_id)])
    assert take_item(office.store, office.now, who, item).person == kim
    with office.store.read() as tx:
        assert alarms.list_due(tx, office.now) == []
    (row,) = list_inbox(office.store, office.now, OPERATOR)
    assert (row.state, row.taken_by) == ("taken", "Anna")
    assert ("inbox.take", f"inbox:{item}", "ok") in office.log()


def test_a_taken_item_is_not_taken_again(office: Office) -> None:
    item = office.item(office.person(name="Kim"))
    take_item(office.store, office.now, anna(office), item)
    with pytest.raises(DeskFault, match=f"ärende {item} är redan taget av Anna"):
        take_item(office.store, office.now, OPERATOR, item)


def test_an_unknown_item_is_told(office: Office) -> None:
    with pytest.raises(DeskFault, match="det finns inget ärende 17"):
        take_item(office.store, office.now, OPERATOR, 17)
    with pytest.raises(DeskFault, match="det finns inget ärende 17"):
        close_item(office.store, office.now, OPERATOR, 17, "done")


def test_a_closed_item_stays_as_it_was(office: Office) -> None:
    item = office.item(office.person(name="Kim"))
    close_item(office.store, office.now, OPERATOR, item, "duplicate")
    logged = office.log()
    told = rf"ärende {item} är redan stängt \(dubblett\)"
    with pytest.raises(DeskFault, match=told):
        close_item(office.store, office.now, OPERATOR, item, "called")
    with pytest.raises(DeskFault, match=told):
        take_item(office.store, office.now, OPERATOR, item)
    assert office.log() == logged


def test_another_units_item_cannot_be_touched(office: Office) -> None:
    item = office.item(office.person("pitea", name="Alva"))
    with pytest.raises(DeskFault, match="hör till en annan enhet"):
        close_item(office.store, office.now, anna(office), item, "done")
    assert open_ids(office) == [item]


def test_a_word_that_is_no_way_of_closing_is_told(office: Office) -> None:
    item = office.item(office.person(name="Kim"))
    with pytest.raises(DeskFault, match="välj bland: svarat, ringt"):
        close_item(office.store, office.now, OPERATOR, item, "Kim mår bättre")
    assert open_ids(office) == [item]


@pytest.mark.parametrize(("why", "answered"), [("called", True), ("met", True), ("duplicate", False), ("done", False)])
def test_a_call_answers_the_sign_up(office: Office, why: str, answered: bool) -> None:
    kim = office.person(name="Kim")
    office.referral(kim)
    close_item(office.store, office.now, OPERATOR, office.item(kim, "referral"), why)
    with office.store.read() as tx:
        found = referrals.open_for(tx, kim)
    assert found is not None
    assert (found.answered_at is not None) is answered


def test_distress_of_the_young_is_closed_with_a_decision(office: Office) -> None:
    item = office.item(office.person(name="Kim", birth_year=2010), "distress")
    with pytest.raises(DeskFault, match="kan vara under 18"):
        close_item(office.store, office.now, OPERATOR, item, "called")
    assert open_ids(office) == [item]
    close_item(office.store, office.now, OPERATOR, item, "called", "made")
    assert open_ids(office) == []
    assert ("report.decided", f"inbox:{item}", "made") in office.log()


# --- the rest after distress ------------------------------------------------------------------------------------------


def test_a_human_ends_the_rest(office: Office) -> None:
    kim = office.person(name="Kim", birth_year=2000)
    item = office.item(kim, "distress")
    with office.store.begin() as tx:
        participants.set_resting(tx, kim, office.now)
    done = release(office.store, office.now, OPERATOR, kim)
    assert done.notes == (f"Ärende {item} (Akut oro) är inte stängt.",)
    with office.store.read() as tx:
        assert participants.get(tx, kim).resting_since is None
    assert office.log() == [("participant.release", f"participant:{kim}", "ok")]


def test_closing_distress_does_not_end_the_rest(office: Office) -> None:
    kim = office.person(name="Kim", birth_year=2000)
    item = office.item(kim, "distress")
    with office.store.begin() as tx:
        participants.set_resting(tx, kim, office.now)
    (note,) = close_item(office.store, office.now, OPERATOR, item, "called").notes
    assert f"ingang release P{kim}" in note
    with office.store.read() as tx:
        assert participants.get(tx, kim).resting_since is not None


def test_who_does_not_rest_cannot_be_released(office: Office) -> None:
    kim = office.person(name="Kim")
    with pytest.raises(DeskFault, match=f"person {kim} vilar inte"):
        release(office.store, office.now, OPERATOR, kim)
    assert office.log() == []


# --- own words --------------------------------------------------------------------------------------------------------


def test_staffs_words_go_out_as_they_stand(office: Office) -> None:
    phone = office.phone()
    phone.writes("hej")
    phone.new()
    with office.store.read() as tx:
        (who,) = [one.person.id for one in participants.list_for_staff(tx)]
    say(office.store, office.house, office.now, anna(office), who, "Hej! {{ 7*7 }} Anna här.")
    office.send()
    assert phone.new() == ["Hej! {{ 7*7 }} Anna här."]
    assert [entry[0] for entry in office.log()].count("say") == 1


@pytest.mark.parametrize(("text", "told"), [
    ("", "Meddelandet är tomt"), (" \n ", "Meddelandet är tomt"), ("a" * 1_601, "Meddelandet är 1601 tecken"),
])  # fmt: skip
def test_words_that_cannot_go_are_told(office: Office, text: str, told: str) -> None:
    kim = office.person(name="Kim")
    item = office.item(kim)
    with pytest.raises(DeskFault, match=told):
        say(office.store, office.house, office.now, OPERATOR, kim, text)
    assert open_ids(office) == [item]
    assert office.log() == []


def test_nothing_goes_to_someone_who_wrote_stopp(office: Office) -> None:
    kim = office.person(name="Kim")
    with office.store.begin() as tx:
        contacts.opt_out(tx, contacts.list_of(tx, kim)[0].contact_id, office.now)
    with pytest.raises(DeskFault, match=f"Personen har skrivit STOPP \\(person {kim}\\): "):
        say(office.store, office.house, office.now, OPERATOR, kim, "Hej!")


def test_an_unknown_person_is_told(office: Office) -> None:
    with pytest.raises(DeskFault, match="det finns ingen person 912628541034507418"):
        say(office.store, office.house, office.now, OPERATOR, 912628541034507418, "Hej!")


def test_only_a_named_reader_acts_on_a_protected_person(office: Office) -> None:
    kim = office.person(name="Kim", protected=True)
    item = office.item(kim, "protected")
    acts: list[Callable[[], object]] = [
        lambda: say(office.store, office.house, office.now, OPERATOR, kim, "Hej!"),
        lambda: release(office.store, office.now, OPERATOR, kim),
        lambda: take_item(office.store, office.now, OPERATOR, item),
        lambda: close_item(office.store, office.now, OPERATOR, item, "done"),
    ]
    for act in acts:
        with pytest.raises(DeskFault, match="har skyddade uppgifter"):
            act()
    assert [entry[2] for entry in office.log()] == ["refused: protected"] * 4
    close_item(office.store, office.now, OPERATOR, item, "called", named_reader=True)
    say(office.store, office.house, office.now, OPERATOR, kim, "Hej!", named_reader=True)
    assert ("say", f"participant:{kim}", "ok named reader") in office.log()
    with office.store.read() as tx:
        assert [line.text for line in timeline.of_participant(tx, kim)] == ["Hej!"]


def test_the_desk_names_every_kind_of_item() -> None:
    assert set(inbox.URGENCY) <= set(labels.ITEM)
