import threading
from datetime import timedelta

import pytest

from staff import answering, inbox_deeds
from staff.answering import Question, Sent, Words, answer, fate_of, write
from staff.people import Actor, DeskFault, NotTheirs, find_actor
from storage import contacts, inbox, participants
from tests.staff.conftest import Office


def acting(office: Office, name: str = "Anna") -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", name)


def asks(office: Office, item: int, words: Words, name: str = "Anna") -> Sent | Question:
    return answer(office.store, office.house, office.now, acting(office, name), item, words)


def waiting(office: Office) -> tuple[int, int]:
    kim = office.person(name="Kim")
    return kim, office.item(kim)


def test_a_short_answer_goes_at_once_and_closes_what_waited(office_on_both: Office) -> None:
    office = office_on_both
    kim, item = waiting(office)
    sent = asks(office, item, Words("Hej Kim! Vi ses i morgon.", "n1"))
    assert isinstance(sent, Sent)
    assert asks(office, item, Words("Hej Kim! Vi ses i morgon.", "n1")) == sent  # a double click
    assert len(office.rows()) == 1
    with office.store.read() as tx:
        found = inbox.get_item(tx, item)
    assert (found.state, found.closed_why, found.closed_by) == ("closed", "answered", acting(office).staff_id)
    told = fate_of(office.store, office.now, acting(office), sent.message)
    assert told is not None
    assert (told.person, told.name, told.words, told.settled) == (kim, "Kim", "Köad", False)
    office.send()
    told = fate_of(office.store, office.now, acting(office), sent.message)
    assert told is not None
    assert told.state == "accepted"
    assert fate_of(office.store, office.now, acting(office, "Sara"), sent.message) is None


def test_who_answers_has_the_alarm_that_is_left(office: Office) -> None:
    kim, item = waiting(office)
    alarm = office.item(kim, "distress")
    assert isinstance(asks(office, item, Words("Hej Kim, jag ringer dig nu.")), Sent)
    with office.store.read() as tx:
        left = inbox.get_item(tx, alarm)
    assert (left.state, left.taken_by) == ("taken", acting(office).staff_id)


def test_of_two_who_answer_at_the_same_moment_one_is_asked(office_on_both: Office) -> None:
    office = office_on_both
    for _ in range(8):
        kim, first = waiting(office)
        second, before = office.item(kim, "callback"), len(office.rows())
        done: list[Sent | Question] = []
        ready = threading.Barrier(2)

        def send(name: str, item: int, done: list[Sent | Question] = done, go: threading.Barrier = ready) -> None:
            go.wait()
            done.append(asks(office, item, Words("Hej Kim!", name), name))

        threads = [threading.Thread(target=send, args=each) for each in (("Anna", first), ("Erik", second))]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
        assert sorted(type(one).__name__ for one in done) == ["Question", "Sent"]
        assert len(office.rows()) == before + 1


def test_a_long_text_shows_its_cost_first(office: Office) -> None:
    _, item = waiting(office)
    long = "Hej Kim! " * 40
    question = asks(office, item, Words(long, "n1"))
    assert isinstance(question, Question)
    assert question.about == ("Texten blir 3 sms, och kostar som 3.",)
    assert office.rows() == []
    assert isinstance(asks(office, item, Words(f"{long}!", "n1", question.sure)), Question), "other words: asked anew"
    assert isinstance(asks(office, item, Words(long, "n1", question.sure)), Sent)


@pytest.mark.parametrize(("text", "told"), [
    ("Hur går det med din depression?", "Texten nämner en sjukdom eller diagnos (”depression”)."),
    ("Hej 🙂 " * 20, "Det finns tecken i texten som gör den dyrare än vanligt."),
])  # fmt: skip
def test_what_others_should_not_read_is_asked_about(office: Office, text: str, told: str) -> None:
    _, item = waiting(office)
    question = asks(office, item, Words(text))
    assert isinstance(question, Question)
    assert any(told in each for each in question.about)
    assert isinstance(asks(office, item, Words(text, sure=question.sure)), Sent), "staff decide"


def test_at_night_and_to_a_phone_that_others_read(office: Office) -> None:
    kim, item = waiting(office)
    with office.store.begin() as tx:
        participants.set_read_by_others(tx, kim)
    office.now += timedelta(hours=12)
    question = asks(office, item, Words("Hej!"))
    assert isinstance(question, Question)
    assert [each.split(":")[0].split(".")[0] for each in question.about] == [
        "Annan kan läsa på telefonen",
        "Klockan är 22",
    ]


def test_two_who_answer_the_same_are_told(office: Office) -> None:
    _, item = waiting(office)
    inbox_deeds.take(office.store, office.now, acting(office, "Erik"), item)
    question = asks(office, item, Words("Hej!", "a"))
    assert isinstance(question, Question)
    assert question.about == ("Erik tog det 10.00.",)
    assert isinstance(asks(office, item, Words("Hej!", "e"), "Erik"), Sent)
    office.now += timedelta(minutes=42)
    question = asks(office, item, Words("Hej!", "a", question.sure))
    assert isinstance(question, Question), "what was answered meanwhile is told too"
    assert question.about == ("Erik svarade 10.00.",)
    assert isinstance(asks(office, item, Words("Hej!", "a", question.sure)), Sent)


@pytest.mark.parametrize(("text", "told"), [("  ", "Meddelandet är tomt"), ("a" * 1_601, "1601 tecken")])
def test_words_that_cannot_go_are_told(office: Office, text: str, told: str) -> None:
    _, item = waiting(office)
    with pytest.raises(DeskFault, match=told):
        asks(office, item, Words(text))


def test_who_wrote_stopp_and_who_is_nobody(office: Office) -> None:
    kim, item = waiting(office)
    with office.store.begin() as tx:
        contacts.opt_out(tx, contacts.list_of(tx, kim)[0].contact_id, office.now)
    with pytest.raises(DeskFault, match="Personen har skrivit STOPP"):
        asks(office, item, Words("Hej!"))
    with pytest.raises(DeskFault, match="ingen person"):
        asks(office, office.item(None, "other", "skrivaren"), Words("Hej!"))


def test_another_unit_can_write_nothing(office: Office) -> None:
    kim, item = waiting(office)
    with pytest.raises(NotTheirs):
        asks(office, item, Words("Hej!"), "Sara")
    with pytest.raises(NotTheirs):
        write(office.store, office.house, office.now, acting(office, "Sara"), kim, Words("Hej!"))
    assert isinstance(write(office.store, office.house, office.now, acting(office), kim, Words("Hej!", "w")), Sent)
    assert answering.fate_of(office.store, office.now, acting(office), 17) is None
