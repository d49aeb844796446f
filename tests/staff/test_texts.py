"""A unit's own texts: tried, kept with their history, taken back, and what people of the unit read from then on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from staff import texts
from staff.people import Actor
from staff.texts import Overtaken
from storage import choices, unit_texts, units
from storage.db import Store
from storage.units import Unit
from tests.meeting_town import MeetingTown

SARA = Actor("staff:17")
YEAR = "self_referral/birth_year"
CONFIRMATION = "appointment/confirmation"


@pytest.fixture
def town(store: Store) -> MeetingTown:
    return MeetingTown(store)


def unit(town: MeetingTown, slug: str = "alvsbyn") -> Unit:
    with town.store.read() as tx:
        return units.get_unit(tx, slug)


def save(town: MeetingTown, name: str, text: str, after: int = 0, slug: str = "alvsbyn") -> texts.Tried:
    return texts.save(town.store, town.house.catalog, unit(town, slug), name, text, after, town.now, SARA)


def sheet(town: MeetingTown, name: str = YEAR) -> texts.Sheet:
    return texts.open_sheet(town.store, town.house.catalog, unit(town), name, town.now, SARA)


def restore(town: MeetingTown, name: str, number: int, after: int) -> texts.Tried | None:
    return texts.restore(town.store, town.house.catalog, unit(town), name, number, after, town.now, SARA)


def test_the_list_shows_every_message_and_which_are_the_units_own(town: MeetingTown) -> None:
    save(town, YEAR, "Vilket år föddes du?")
    listed = texts.list_texts(town.store, town.house.catalog, unit(town))
    lines = {line.name: line for flow in listed.values() for line in flow}
    assert lines.keys() == set(town.house.catalog.names())
    assert (lines[YEAR].own, lines[YEAR].begins) == (True, "Vilket år föddes du?")
    assert lines["first_care/distress"].locked
    assert lines["first_care/distress"].begins.startswith("Tack för att du skrev.")
    assert [line.name for line in lines.values() if line.own] == [YEAR]


def test_a_sheet_tells_what_there_is_to_know(town: MeetingTown) -> None:
    found = sheet(town)
    assert found.text == found.base == "Hej {förnamn}. Vilket år är du född?"
    assert [name for name, _, _ in found.fields] == ["förnamn"]
    assert [(look.style, look.text, look.segments) for look in found.looks] == [
        ("sms", "Hej Kim. Vilket år är du född?", 1),
        ("chat", "Hej Kim. Vilket år är du född?", 1),
    ]
    assert (found.number, found.own, found.past) == (0, False, ())


HUMAN, OWN_HUMAN = "talk/human", "Jag säger till {läsare}. {svarstid} {telefon}"


def version(town: MeetingTown, message: str) -> str:
    return str([row.text_version for row in town.rows() if row.message == message][-1])


def test_people_of_the_unit_read_its_words_in_a_reply(town: MeetingTown) -> None:
    kim = town.signed_up()
    before = kim.writes("prata med någon")[-1]
    assert "Jag har sagt till Anna och Erik" in before
    assert save(town, HUMAN, OWN_HUMAN).fine
    assert "Jag säger till Anna och Erik. Du får svar senast" in kim.writes("prata med någon")[-1]
    with town.store.read() as tx:
        (own,) = unit_texts.history(tx, unit(town).id, HUMAN)
    assert version(town, HUMAN) == own.version
    restore(town, HUMAN, 0, own.number)
    assert "Jag har sagt till Anna och Erik" in kim.writes("prata med någon")[-1]
    assert version(town, HUMAN) == town.house.catalog.find(HUMAN).version


def test_what_somebody_chose_is_kept_with_the_units_words(town: MeetingTown) -> None:
    reach = "self_referral/reach"
    save(town, reach, "Hur ska vi höra av oss?\n\n{val}")
    phone = town.phone()
    for words in ("hej", "ja", "Kim", "2003", "älvsbyn", "träffa folk", "promenad", "1", "nej", "ja"):
        phone.writes(words)
    assert any("Hur ska vi höra av oss?" in text for text in phone.texts())
    with town.store.read() as tx:
        chosen = {each.text_name: each.text_version for each in choices.list_for(tx, phone.standing().participant_id)}
    assert chosen[reach].startswith("u")
    assert chosen["self_referral/welcome"] == town.house.catalog.find("self_referral/welcome").version


def test_people_of_another_unit_do_not(town: MeetingTown) -> None:
    save(town, HUMAN, OWN_HUMAN, slug="pitea")
    assert "Jag har sagt till" in town.signed_up().writes("prata med någon")[-1]


def test_what_the_bot_starts_goes_out_in_the_units_words(town: MeetingTown) -> None:
    save(town, CONFIRMATION, "Välkommen {förnamn}. {Tid} är det {mötesform}. {plats} {med vem} {kalenderlänk} {frågan}")
    kim = town.signed_up()
    town.books(kim)
    (told,) = [text for text in kim.texts() if "Välkommen" in text]
    assert "Välkommen Kim. Torsdag 26 november kl. 13.30 är det en promenad." in told
    assert version(town, CONFIRMATION).startswith("u")


def test_one_text_costs_one_question_for_all_that_follows(town: MeetingTown) -> None:
    save(town, HUMAN, OWN_HUMAN)
    kim = town.signed_up()
    kim.writes("prata med någon")
    known = town.house.own_texts
    with town.store.read() as tx:
        first = known.of(tx, town.house.catalog, unit(town))
        assert known.of(tx, town.house.catalog, unit(town)) is first
        assert set(first) == {HUMAN}
        assert known.of(tx, town.house.catalog, unit(town, "pitea")) == {}
        assert known.of(tx, town.house.catalog, None) == {}


def test_every_text_has_its_history_and_a_way_back(town: MeetingTown) -> None:
    save(town, YEAR, "Vilket år föddes du?")
    town.later(minutes=1)
    save(town, YEAR, "Vilket år är du född, {förnamn}?", after=1)
    found = sheet(town)
    assert (found.text, found.number, found.own) == ("Vilket år är du född, {förnamn}?", 2, True)
    assert [(past.number, past.text, past.who) for past in found.past] == [
        (2, "Vilket år är du född, {förnamn}?", "medarbetare 17"),
        (1, "Vilket år föddes du?", "medarbetare 17"),
    ]
    assert restore(town, YEAR, 1, after=2) is None
    assert (sheet(town).text, sheet(town).number) == ("Vilket år föddes du?", 3)
    assert restore(town, YEAR, 0, after=3) is None
    assert (sheet(town).text, sheet(town).own, sheet(town).number) == (sheet(town).base, False, 4)
    with pytest.raises(LookupError):
        restore(town, YEAR, 9, after=4)
    changes = [entry for entry in town.log() if entry[0] in ("text.change", "text.restore")]
    assert [action for action, _, _ in changes] == ["text.change", "text.change", "text.restore", "text.restore"]
    assert {ref for _, ref, _ in changes} == {f"unit:{unit(town).id}"}


def test_the_second_of_two_editors_is_told(town: MeetingTown) -> None:
    save(town, YEAR, "Vilket år föddes du?")
    with pytest.raises(Overtaken) as told:
        save(town, YEAR, "Vilket år är du från?", after=0)
    assert (told.value.who, told.value.text) == ("medarbetare 17", "Vilket år föddes du?")
    assert sheet(town).text == "Vilket år föddes du?"


def test_the_same_press_twice_is_one_change(town: MeetingTown) -> None:
    save(town, YEAR, "Vilket år föddes du?")
    save(town, YEAR, "Vilket år föddes du?")
    assert len(sheet(town).past) == 1


def test_the_projects_own_words_take_the_units_away(town: MeetingTown) -> None:
    save(town, YEAR, "Vilket år föddes du?")
    save(town, YEAR, sheet(town).base, after=1)
    assert not sheet(town).own
    save(town, YEAR, sheet(town).base, after=2)
    assert len(sheet(town).past) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hej {förnamn}. Har du försörjningsstöd?", "”försörjningsstöd” får inte stå i ett meddelande"),
        ("Du måste svara. Vilket år?", "Ordet går inte: ”du måste”"),
        ("Vilket år? Vilken dag?", "Fråga en sak åt gången."),
        ("Vilket år föddes du? Svara CANCEL.", "CANCEL är ett ord som leverantören stoppar sms för."),
        ("Vilket år är du född? " + "Det är bra att veta. " * 18, "Texten blir mer än två sms"),
    ],
)
def test_what_must_not_go_out_is_not_kept(town: MeetingTown, text: str, told: str) -> None:
    tried = save(town, YEAR, text)
    assert not tried.fine
    assert any(remark.stops and remark.words.startswith(told) for remark in tried.remarks), tried.remarks
    assert tried.looks
    assert sheet(town).past == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Vill du svara får du gärna göra det. Vilket år?", "Skriv ”om du vill” i stället för"),
        ("Jag undrar vilket år du är född och det kan du gärna svara på nu om du vill det.", "En mening har mer än 15"),
        ("Hej! Hej! Vilket år?", "Ett utropstecken räcker."),
        ("{förnamn} {förnamn}, vilket år?", "Säg namnet en gång."),
        ("Vilket år? Svara FIKA.", "FIKA står med stora bokstäver."),
        ("Omfattningsbeskrivningar understödjer kommunikationsfrågorna.", "Texten är tung att läsa: LIX"),
    ],
)
def test_what_is_only_heavy_is_advice(town: MeetingTown, text: str, told: str) -> None:
    tried = save(town, YEAR, text)
    assert tried.fine, tried
    assert any(not remark.stops and remark.words.startswith(told) for remark in tried.remarks), tried.remarks


def test_first_care_cannot_be_worded(town: MeetingTown) -> None:
    tried = save(town, "first_care/distress", "Hej")
    assert (tried.fine, tried.looks) == (False, ())
    assert sheet(town, "first_care/distress").why.startswith("Den här texten handlar om akut hjälp")


def test_an_old_text_that_no_longer_fits_is_not_taken_back(town: MeetingTown) -> None:
    with town.store.begin() as tx:
        unit_texts.write(tx, town.now, unit(town).id, YEAR, "Hej {gammalt}.", "u1", by="staff:1", after=0)
        unit_texts.write(tx, town.now, unit(town).id, YEAR, None, "", by="staff:1", after=1)
    tried = restore(town, YEAR, 1, after=2)
    assert tried is not None
    assert "Fältet {gammalt} finns inte" in tried.wrong[0]


def test_a_kept_text_that_no_longer_fits_gives_way(town: MeetingTown) -> None:
    with town.store.begin() as tx:
        unit_texts.write(tx, town.now, unit(town).id, HUMAN, "Hej {gammalt}.", "u1", by="staff:1", after=0)
    assert "Jag har sagt till" in town.signed_up().writes("prata med någon")[-1]


def test_of_many_who_save_at_once_one_is_kept(town: MeetingTown) -> None:
    def work(number: int) -> str:
        try:
            save(town, YEAR, f"Vilket år föddes du{' ' * number}, {'x' * number}?")
        except Overtaken as told:
            return told.who
        return "kept"

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(work, range(1, 5)))
    assert sorted(told) == ["kept", *["medarbetare 17"] * 3]
    assert len(sheet(town).past) == 1
    assert unit_texts.changes(unit(town)) == 1
