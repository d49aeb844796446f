from collections.abc import Callable
from datetime import timedelta

import pytest

from staff import person_deeds, person_view, readers
from staff.inbox_board import look as look_at_inbox
from staff.people import Actor, DeskFault, NotTheirs, find_actor
from staff.person_view import PersonView
from storage import appointments, contacts, exits, inbox, participants, referrals
from tests.staff.conftest import Office


def acting(office: Office, name: str = "Anna") -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", name)


def view(office: Office, who: int, name: str = "Anna", before: int | None = None) -> PersonView:
    return person_view.look(office.store, office.house, office.now, acting(office, name), who, before)


def open_kinds(office: Office, who: int) -> set[str]:
    with office.store.read() as tx:
        return inbox.open_kinds(tx, who)


# --- notes and calls --------------------------------------------------------------------------------------------------


def test_notes_are_kept_and_struck_by_their_author_alone(office_on_both: Office) -> None:
    office = office_on_both
    kim, anna = office.person(name="Kim"), acting(office)
    for _ in range(2):
        person_deeds.add_note(office.store, office.now, anna, kim, "Vill ses på tisdagar.", "once")
    (note,) = view(office, kim).notes
    assert (note.by, note.text, note.struck_at, note.own) == ("Anna", "Vill ses på tisdagar.", None, True)
    assert not view(office, kim, "Erik").notes[0].own
    with pytest.raises(DeskFault, match="bara den som skrev"):
        person_deeds.strike_note(office.store, office.now, acting(office, "Erik"), kim, note.id)
    person_deeds.strike_note(office.store, office.now, anna, kim, note.id)
    (note,) = view(office, kim).notes
    assert (note.text, note.struck_at) == ("Vill ses på tisdagar.", office.now)
    with pytest.raises(DeskFault):
        person_deeds.add_note(office.store, office.now, anna, kim, "")


def test_a_call_where_they_talked_is_an_answer(office: Office) -> None:
    kim, anna = office.person(name="Kim"), acting(office)
    office.referral(kim)
    for kind in ("callback", "referral", "distress"):
        office.item(kim, kind)
    person_deeds.called(office.store, office.now, anna, kim, "no_answer", "", "1")
    assert open_kinds(office, kim) == {"callback", "referral", "distress"}
    person_deeds.called(office.store, office.now, anna, kim, "talked", "Vill ses.", "2")
    assert open_kinds(office, kim) == {"distress"}
    with office.store.read() as tx:
        found = referrals.open_for(tx, kim)
    assert found is not None
    assert found.answered_at == office.now
    assert [note.text for note in view(office, kim).notes] == ["Ringde. Vi pratade. Vill ses.", "Ringde. Inget svar."]
    with pytest.raises(DeskFault, match="välj om ni pratade"):
        person_deeds.called(office.store, office.now, anna, kim, "kanske", "")


# --- the bot ----------------------------------------------------------------------------------------------------------


def test_staff_let_the_bot_rest_and_a_message_is_no_alarm(office_on_both: Office) -> None:
    office = office_on_both
    phone = office.phone()
    phone.writes("hej")
    kim = phone.standing().participant_id
    person_deeds.rest(office.store, office.now, acting(office), kim)
    assert view(office, kim).resting
    office.now += timedelta(minutes=30)
    phone.new()
    assert phone.writes("kan vi ses på tisdag") == []
    assert open_kinds(office, kim) == {"message"}
    assert office.device("anna") == []
    person_deeds.wake(office.store, office.now, acting(office), kim)
    assert not view(office, kim).resting
    assert ("participant.release", f"participant:{kim}", "ok") in office.log()


def test_distress_in_a_rest_is_still_distress(office: Office) -> None:
    phone = office.phone()
    phone.writes("hej")
    kim = phone.standing().participant_id
    person_deeds.rest(office.store, office.now, acting(office), kim)
    phone.writes("jag vill inte leva längre")
    assert open_kinds(office, kim) == {"distress"}
    phone.writes("är ni där")
    assert open_kinds(office, kim) == {"distress"}


def test_annan_kan_lasa_is_set_and_unset(office: Office) -> None:
    kim, anna = office.person(name="Kim"), acting(office)
    for on in (True, True, False):
        person_deeds.set_read_by_others(office.store, office.now, anna, kim, on)
        assert view(office, kim).read_by_others is on


def test_an_invitation_is_sent_once(office: Office) -> None:
    phone = office.phone()
    phone.writes("hej")
    kim = phone.standing().participant_id
    with office.store.begin() as tx:
        participants.set_unit(tx, kim, office.unit("alvsbyn"))
        who = contacts.list_of(tx, kim)[0]
        contacts.set_foreground(tx, who.contact_id, None)
    phone.new()
    for _ in range(2):
        person_deeds.invite(office.store, office.house, office.now, acting(office), kim, "once")
    office.send()
    assert len(phone.new()) == 1
    with pytest.raises(DeskFault, match="kan inte fråga"):
        person_deeds.invite(office.store, office.house, office.now, acting(office), kim, "other")


# --- units and exits --------------------------------------------------------------------------------------------------


def test_another_unit_takes_over_what_is_open(office_on_both: Office) -> None:
    office = office_on_both
    kim, anna = office.person(name="Kim"), acting(office)
    office.referral(kim)
    office.item(kim, "message", "hej")
    with pytest.raises(DeskFault, match="annan enhet"):
        person_deeds.move(office.store, office.now, anna, kim, "alvsbyn", "")
    person_deeds.move(office.store, office.now, anna, kim, "pitea", "Vill ha promenader.", "once")
    (entry,) = look_at_inbox(office.store, office.now, acting(office, "Sara")).entries
    assert {part.note for part in entry.parts} == {"hej", "Flyttad hit från Älvsbyn av Anna. Vill ha promenader."}
    assert look_at_inbox(office.store, office.now, anna).entries == ()
    with pytest.raises(NotTheirs):
        view(office, kim)
    assert view(office, kim, "Sara").page.unit == "Piteå"


def test_an_exit_calls_off_what_is_ahead_and_can_be_undone(office_on_both: Office) -> None:
    office = office_on_both
    phone = office.phone()
    phone.writes("hej")
    kim, anna = phone.standing().participant_id, acting(office)
    _book(office, kim)
    phone.new()
    office.send()
    before = len(phone.texts())
    with pytest.raises(DeskFault, match="välj varför"):
        person_deeds.leave(office.store, office.house, office.now, anna, kim, "skräp", "")
    for _ in range(2):
        person_deeds.leave(office.store, office.house, office.now, anna, kim, "work", "Lycka till!", "once")
    found = view(office, kim)
    assert found.exit is not None
    assert (found.exit.reason, found.page.status) == ("work", "exited")
    assert [each.standing for each in found.meetings] == ["avbokad av oss"]
    assert "Personen är avslutad: boten börjar inget av sig själv." in found.held
    office.later(days=3)
    assert phone.texts()[before:] == ["Lycka till!"], "the bot says nothing more by itself"
    person_deeds.reopen(office.store, office.now, anna, kim)
    again = view(office, kim)
    assert (again.exit, again.page.status) == (None, "active")
    with office.store.read() as tx:
        assert exits.find_latest(tx, kim) is None


def test_who_left_may_sign_up_again(office: Office) -> None:
    kim = office.person(name="Kim")
    person_deeds.leave(office.store, office.house, office.now, acting(office), kim, "moved", "")
    office.referral(kim)
    with office.store.read() as tx:
        assert participants.get(tx, kim).status == "referred"


def _book(office: Office, who: int) -> int:
    with office.store.begin() as tx:
        participants.set_unit(tx, who, office.unit("alvsbyn"))
        participants.set_status(tx, who, "active")
        starts = office.now + timedelta(days=2)
        new = appointments.NewAppointment(
            who, office.unit("alvsbyn"), acting(office).staff_id or 0, "walk_and_talk", starts,
            starts + timedelta(minutes=40), (1,), "staff", "skutan",
        )  # fmt: skip
        return appointments.book(tx, office.now, new)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_what_will_come_is_what_is_sent(office_on_both: Office) -> None:
    office = office_on_both
    phone = office.phone()
    phone.writes("hej")
    kim = phone.standing().participant_id
    meeting = _book(office, kim)
    phone.new()
    ahead = view(office, kim).ahead
    planned = [each for each in ahead if each.at is not None and each.what.startswith("Påminnelse")]
    assert [each.what.split(":")[0] for each in planned] == ["Påminnelse dagen före"]
    assert any(each.at is None and each.why for each in ahead), "what is not said, and why"
    with office.store.read() as tx:
        who = contacts.list_of(tx, kim)[0]
    with office.store.begin() as tx:
        contacts.opt_out(tx, who.contact_id, office.now)
    stopped = view(office, kim)
    assert stopped.held == (person_view.HELD["stopped"],)
    assert [each for each in stopped.ahead if each.at is not None and each.what.startswith("Påminnelse")] == []
    assert [each.id for each in stopped.meetings] == [meeting]


def test_a_long_talk_comes_a_page_at_a_time(office_on_both: Office) -> None:
    office = office_on_both
    phone = office.phone()
    for number in range(130):
        office.now += timedelta(minutes=20)
        phone.writes(f"rad {number}")
    kim = phone.standing().participant_id
    texts, before, pages = [], None, 0
    while True:
        found = view(office, kim, before=before)
        texts += [line.text for line in found.messages if line.who == "person"]
        pages, before = pages + 1, found.older
        if before is None:
            break
    assert texts == [f"rad {number}" for number in reversed(range(130))]
    assert pages >= 2
    assert [line.open for line in view(office, kim).messages[:7]] == [True] * 5 + [False] * 2


def test_very_long_messages_take_more_pages(office: Office) -> None:
    phone = office.phone()
    for number in range(12):
        office.now += timedelta(minutes=20)
        phone.writes(f"{number} " + "ord " * 2_000)
    kim = phone.standing().participant_id
    found = view(office, kim)
    assert sum(len(line.text) for line in found.messages) < person_view.MOST_SIGNS
    seen = [line.text.split()[0] for line in found.messages if line.who == "person"]
    while found.older is not None:
        found = view(office, kim, before=found.older)
        seen += [line.text.split()[0] for line in found.messages if line.who == "person"]
    assert seen == [str(number) for number in reversed(range(12))]


# --- who may ----------------------------------------------------------------------------------------------------------

DEEDS: list[Callable[[Office, Actor, int], object]] = [
    lambda office, who, kim: person_deeds.add_note(office.store, office.now, who, kim, "x"),
    lambda office, who, kim: person_deeds.called(office.store, office.now, who, kim, "talked", ""),
    lambda office, who, kim: person_deeds.rest(office.store, office.now, who, kim),
    lambda office, who, kim: person_deeds.wake(office.store, office.now, who, kim),
    lambda office, who, kim: person_deeds.set_read_by_others(office.store, office.now, who, kim, True),
    lambda office, who, kim: person_deeds.invite(office.store, office.house, office.now, who, kim),
    lambda office, who, kim: person_deeds.move(office.store, office.now, who, kim, "pitea", ""),
    lambda office, who, kim: person_deeds.leave(office.store, office.house, office.now, who, kim, "work", ""),
    lambda office, who, kim: person_deeds.reopen(office.store, office.now, who, kim),
    lambda office, who, kim: person_view.look(office.store, office.house, office.now, who, kim),
]


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_to_another_units_person_or_a_protected_one(
    office: Office, deed: Callable[[Office, Actor, int], object]
) -> None:
    kim, hidden = office.person(name="Kim"), office.person(name="Kaj", protected=True)
    with pytest.raises(NotTheirs):
        deed(office, acting(office, "Sara"), kim)
    with pytest.raises(NotTheirs):
        deed(office, acting(office), hidden)
    with pytest.raises(NotTheirs):
        deed(office, acting(office), 17)
    assert {outcome for _, what, outcome in office.log() if what == f"participant:{kim}"} == {"refused: other unit"}


def test_readers_are_named_by_number_and_written_down(office_on_both: Office) -> None:
    office = office_on_both
    hidden, anna = office.person(name="Kaj", protected=True), acting(office)
    erik = acting(office, "Erik").staff_id or 0
    readers.add(office.store, office.now, anna, hidden, erik)
    readers.add(office.store, office.now, anna, hidden, erik)
    found = readers.look(office.store, office.now, anna, hidden)
    assert found.readers == ((erik, "Erik"),)
    assert "Kaj" not in repr(found)
    assert view(office, hidden, "Erik").page.name == "Kaj"
    with pytest.raises(DeskFault, match="välj en kollega"):
        readers.add(office.store, office.now, anna, hidden, acting(office, "Sara").staff_id or 0)
    with pytest.raises(NotTheirs):
        readers.look(office.store, office.now, acting(office, "Sara"), hidden)
    readers.remove(office.store, office.now, anna, hidden, erik)
    with pytest.raises(NotTheirs):
        view(office, hidden, "Erik")
    assert [action for action, what, _ in office.log() if action.startswith("readers.")] == [
        "readers.add", "readers.add", "readers.show", "readers.show", "readers.remove",
    ]  # fmt: skip
