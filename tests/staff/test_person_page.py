from datetime import timedelta

import pytest

from staff import labels
from staff.desk import say
from staff.labels import sign_up_lines
from staff.people import DeskFault, find_actor
from staff.person_page import show
from storage import choices, contacts, participants, units
from tests.staff.conftest import OPERATOR, Office

TALK = ("hej", "ja", "Kim", "2003", "älvsbyn", "4 och skriva låtar", "promenad", "1", "jobbigt m folk", "ja")


def signed_up(office: Office) -> int:
    phone = office.phone()
    for words in TALK:
        phone.writes(words)
    with office.store.read() as tx:
        (listed,) = participants.list_for_staff(tx)
    return listed.person.id


def test_a_page_tells_who_how_and_what(office: Office) -> None:
    page = show(office.store, office.now, OPERATOR, signed_up(office))
    assert (page.name, page.birth_year, page.unit, page.status) == ("Kim", 2003, "Älvsbyn", "referred")
    assert [(way.channel, way.address) for way in page.reach] == [("sim_sms", "+46701740605")]
    assert page.reach[0].standing == "Skrev senast i dag kl. 10"
    assert page.notices == ()
    assert [item.kind for item in page.items] == ["referral"]
    assert [one.kind for one in page.choices] == ["informed", "chose"]
    assert office.log() == [("participant.show", f"participant:{page.id}", "ok")]


def test_a_sign_up_is_told_in_swedish(office: Office) -> None:
    (sign_up,) = show(office.store, office.now, OPERATOR, signed_up(office)).sign_ups
    assert dict(sign_up.answers) == {
        "Vill ha hjälp med": "träffa folk – ”skriva låtar”",
        "Vill ses så här": "promenad",
        "Vill bli nådd": "skriv här",
        "Gör det lättare": "jobbigt m folk",
    }


def test_the_talk_tells_people_and_bot_apart(office: Office) -> None:
    who = signed_up(office)
    with office.store.read() as tx:
        anna = find_actor(tx, "drift", "Anna")
    office.now += timedelta(minutes=5)
    say(office.store, office.house, office.now, anna, who, "Hej Kim, Anna här.")
    talk = show(office.store, office.now, OPERATOR, who).talk
    assert [line.text for line in talk if line.who == "person"] == list(TALK)
    assert [(line.who, line.text, line.state) for line in talk][-1] == ("staff", "Hej Kim, Anna här.", "queued")
    assert {line.who for line in talk[:-1]} == {"person", "bot"}


def test_a_protected_page_needs_a_named_reader(office: Office) -> None:
    kim = office.person(name="Kim", protected=True)
    with pytest.raises(DeskFault, match=f"person {kim} har skyddade uppgifter"):
        show(office.store, office.now, OPERATOR, kim)
    page = show(office.store, office.now, OPERATOR, kim, named_reader=True)
    assert page.protected
    assert page.notices[0].startswith("Skyddade personuppgifter")
    assert office.log() == [
        ("participant.show", f"participant:{kim}", "refused: protected"),
        ("participant.show", f"participant:{kim}", "ok named reader"),
    ]


def test_another_units_page_is_refused_and_logged(office: Office) -> None:
    alva = office.person("pitea", name="Alva")
    with office.store.read() as tx:
        anna = find_actor(tx, "drift", "Anna")
    with pytest.raises(DeskFault, match="hör till en annan enhet"):
        show(office.store, office.now, anna, alva)
    assert office.log() == [("participant.show", f"participant:{alva}", "refused: other unit")]


def test_the_page_says_first_what_one_must_know(office: Office) -> None:
    kim = office.person(name="Kim", birth_year=2010)
    office.item(kim, "distress", "orkar inte leva")
    with office.store.begin() as tx:
        participants.set_resting(tx, kim, office.now)
        participants.set_read_by_others(tx, kim)
        contacts.opt_out(tx, contacts.list_of(tx, kim)[0].contact_id, office.now)
        units.set_settings(tx, office.unit("alvsbyn"), report_to="0929-172 00")
    rests, duty, others, stopped = show(office.store, office.now, OPERATOR, kim).notices
    assert rests == "Botens egna meddelanden vilar sedan i dag kl. 10. En människa släpper dem."
    assert "anmälningsplikten" in duty
    assert "0929-172 00, 0929-170 00" in duty
    assert others.startswith("Annan kan läsa")
    assert stopped.startswith("Personen har skrivit STOPP")


def test_an_item_shows_what_was_written(office: Office) -> None:
    kim = office.person(name="Kim")
    office.item(kim, "message", "när ses vi?")
    (item,) = show(office.store, office.now, OPERATOR, kim).items
    assert (item.note, item.duty) == ("när ses vi?", False)


def test_a_blocked_way_says_so(office: Office) -> None:
    kim = office.person(name="Kim")
    with office.store.begin() as tx:
        contacts.block(tx, contacts.list_of(tx, kim)[0].contact_id, office.now, "not a mobile")
    page = show(office.store, office.now, OPERATOR, kim)
    assert page.reach[0].standing == "Går inte att nå sedan i dag kl. 10"
    assert page.notices == ("Ingen kontaktväg går att nå just nu.",)


def test_a_choice_nobody_foresaw_still_shows(office: Office) -> None:
    kim = office.person(name="Kim")
    with office.store.begin() as tx:
        choices.record(tx, office.now, kim, "consent", "photos", "yes", "talk/photos", "abc")
    (chosen,) = show(office.store, office.now, OPERATOR, kim).choices
    assert (chosen.purpose, chosen.answer) == ("photos", "yes")


def test_answers_of_every_shape_are_words() -> None:
    details = {
        "help": {"chosen": ["work", "papers"], "words": ""},
        "meet": {"chosen": [], "words": "bara ute"},
        "reach": "no_call",
        "knows": False,
        "worry": "",
        "easier": None,
        "new_one": "något",
        "unit": "alvsbyn",
    }
    assert list(sign_up_lines(details, "alvsbyn_affisch")) == [
        ("Kom via", "alvsbyn_affisch"),
        ("Personen det gäller vet om det", "nej"),
        ("Vill ha hjälp med", "jobb, papper och myndigheter"),
        ("Vill ses så här", "bara ute"),
        ("Vill bli nådd", "ring inte"),
        ("new_one", "något"),
    ]
    assert list(sign_up_lines(None, None)) == []


@pytest.mark.parametrize(("minutes", "words"), [
    (0, "0 min"), (-5, "0 min"), (59, "59 min"), (60, "1 tim"), (1439, "23 tim"), (1440, "1 dag"), (5000, "3 dagar"),
])  # fmt: skip
def test_a_wait_is_said_in_whole_units(minutes: int, words: str) -> None:
    assert labels.lasted(timedelta(minutes=minutes)) == words
