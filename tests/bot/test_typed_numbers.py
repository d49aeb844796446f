"""A number typed in a chat: nobody's until the code that went there is written, and nothing else goes there before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import conversation
from flows.values import read_birth_year
from rules.codes import BY_ONE, TO_ONE
from scheduler import forgetting
from staff.people import Actor
from staff.person_page import show
from storage import contacts, participants
from storage.db import Store
from storage.tables import contacts as contact_rows
from storage.tables import erased_keys, outbox, person_keys
from storage.tables_joining import join_codes
from tests.bot.test_joining import at_once, code_in, count_people, says
from tests.town import Phone, Town

ASK_MORE = {
    "test_a_stranger_who_wrote_once_is_joined_by_the_code",
    "test_the_number_writes_as_it_is_typed",
    "test_the_right_code_makes_the_number_theirs",
    "test_two_days_later_nothing_is_left_of_a_number",
    "test_until_then_the_number_is_nobodys",
    "test_without_sms_nothing_is_asked",
    "test_wrong_three_times_a_person_looks",
}
"""The tests that put to the database what no test of another file does, and those where two meet there."""
pytestmark = pytest.mark.few_on_postgres(only=ASK_MORE)

NUMBER = "+46701740605"
TYPED = "070-174 06 05"
SORRY = "jag vill inte leva längre"


def to_the_code(phone: Phone, number: str = TYPED) -> list[str]:
    """Sign up and want SMS to a number; give the answers to the last line."""
    reach = "1" if phone.channel == "web" else "sms"
    return says(phone, *("hej", "ja", "kim", "03", "1", "jobb", "promenad", reach, number, "nej", "ja"))


def asked(store: Store, channel: str = "sim_telegram") -> tuple[Town, Phone, Phone]:
    """A town, a chat where the code of an SMS is asked for, and the phone that it went to."""
    town = Town(store)
    chat = town.phone(channel, "chat:1")
    to_the_code(chat)
    return town, chat, town.phone()


def question_of(phone: Phone) -> str | None:
    talk = phone.standing().talk
    return talk.question if talk else None


def sent_to(town: Town, phone: Phone) -> list[Any]:
    """The rows of the outbox that are for this phone."""
    with town.store.read() as tx:
        contact = contacts.find_id(tx, phone.channel, phone.address)
        return list(tx.execute(select(outbox).where(outbox.c.contact_id == contact).order_by(outbox.c.id)))


# --- the code ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sim_telegram", "web"])
def test_the_right_code_makes_the_number_theirs(store: Store, channel: str) -> None:
    town, chat, sms = asked(store, channel)
    (text,) = sms.new()
    assert text.startswith("Det här är Ingång, Älvsbyns kommun. Din kod är ")
    assert says(chat, code_in([text])) == ["Tack. Nu kan vi skriva till ditt nummer. Du kan svara både här och i sms."]
    assert sms.standing().participant_id == chat.standing().participant_id
    assert sms.standing().verified_at is not None
    assert question_of(chat) is None
    assert count_people(store) == 1
    page = show(store, town.now, Actor("os:test"), chat.standing().participant_id)
    assert {(way.channel, way.address) for way in page.reach} == {("sim_sms", NUMBER), (channel, "chat:1")}


def test_a_number_to_be_rung_gets_no_code(store: Store) -> None:
    town = Town(store)
    chat = town.phone("web", "chat:1")
    (last,) = says(chat, *("hej", "ja", "kim", "03", "1", "jobb", "promenad", "2", TYPED, "nej", "ja"))
    assert "ringer dig" in last
    assert town.phone().texts() == []


def test_the_sms_says_nothing_of_whom_or_why(store: Store) -> None:
    town, _, sms = asked(store)
    (text,) = sms.new()
    assert not any(word in text.casefold() for word in ("kim", "anmäl", "jobb", "promenad", "hjälp", "anna"))
    (row,) = sent_to(town, sms)
    assert row.not_after - row.created_at == timedelta(minutes=15)
    assert row.participant_id is None


def test_until_then_the_number_is_nobodys(store: Store) -> None:
    town, chat, sms = asked(store)
    with store.read() as tx:
        assert contacts.find(tx, "sim_sms", NUMBER) is None
        (row,) = tx.execute(select(contact_rows).where(contact_rows.c.channel == "sim_sms")).all()
        key = tx.execute(select(person_keys).where(person_keys.c.id == row.key_id)).one()
        assert (row.participant_id, row.verified_at, key.participant_id) == (None, None, None)
        assert len(participants.list_for_staff(tx)) == 1
    conversation.say(store, town.house, chat.standing().participant_id, "Hej Kim!", "staff:1", town.now)
    town.later(days=2)
    assert len(sent_to(town, sms)) == 1, "the code, and nothing else"
    assert chat.new()[-1] == "Hej Kim!"
    page = show(store, town.now, Actor("os:test"), chat.standing().participant_id)
    assert page.notices == ("Numret är inte bekräftat, så inga sms går dit. Det går att ringa.",)


def test_a_stranger_who_answers_is_themselves(store: Store) -> None:
    """The one who typed the number has shown nothing by it, and sees nothing of what the stranger writes."""
    town, chat, sms = asked(store)
    before = chat.standing().participant_id
    assert "Jag är en bot" in says(sms, "vem är ni?")[0] or sms.texts()
    assert sms.standing().participant_id != before
    assert sms.standing().profile == {}
    says(sms, "STOPP")
    assert says(chat, "ny kod")
    assert len([row for row in sent_to(town, sms) if row.message == "joining/number_code"]) == 1


def test_a_stranger_who_wrote_once_is_joined_by_the_code(store: Store) -> None:
    _, chat, sms = asked(store)
    code = code_in(sms.new())
    says(sms, "hej")
    assert "Tack. Nu kan vi" in says(chat, code)[0]
    assert sms.standing().participant_id == chat.standing().participant_id
    assert count_people(store) == 1
    assert question_of(sms) is None, "they have signed up already"


def test_the_code_written_by_sms_opens_nothing(store: Store) -> None:
    """Whoever has the phone may be tricked into sending it back: it counts where the number was typed."""
    _, chat, sms = asked(store)
    code = code_in(sms.new())
    assert says(sms, code) == ["Skriv koden i chatten där du skrev ditt nummer, inte här."]
    assert sms.standing().participant_id != chat.standing().participant_id
    assert "Tack. Nu kan vi" in says(chat, code)[0]


def test_the_code_is_worth_nothing_in_another_chat(store: Store) -> None:
    town, chat, sms = asked(store)
    code = code_in(sms.new())
    other = town.phone("sim_telegram", "chat:2")
    says(other, "hej", code)
    to_the_code(other, "070-174 06 09")
    says(other, code)
    assert question_of(other) == "code#2"
    assert "Tack. Nu kan vi" in says(chat, code)[0]


def test_the_number_writes_as_it_is_typed(store: Store) -> None:
    """Its first SMS and the code that is to go there, at once: both are taken."""
    town = Town(store)
    chat, sms = town.phone("sim_telegram", "chat:1"), town.phone()
    says(chat, *("hej", "ja", "kim", "03", "1", "jobb", "promenad", "sms", TYPED, "nej"))
    reports = at_once(town, (chat, "ja"), (sms, "hej"))
    assert {report.state for report in reports} == {"handled"}
    town.send()
    assert "Tack. Nu kan vi" in says(chat, code_in([text for text in sms.new() if "kod är" in text]))[0]
    assert count_people(store) == 1


def test_a_work_device_that_writes_is_put_before_staff(store: Store) -> None:
    """Alarms go to it, and nobody reads there: once it made the turn raise, again and again."""
    town = Town(store)
    says(town.phone(), "hej", SORRY)
    device = town.phone("device", "anna")
    for _ in range(2):
        assert device.writes("jag tar det", provider_id="d1") != ["jag tar det"]
    (item,) = town.inbox("message")
    assert item.note == "Någon skrev från en arbetstelefon som får larm: jag tar det"
    assert count_people(store) == 1


# --- never told -------------------------------------------------------------------------------------------------------


def _known(store: Store, how: str) -> list[list[str]]:
    """What the chat is told about a number that is new, known, or has written STOPP."""
    town = Town(store)
    sms = town.phone()
    if how != "new":
        says(sms, "hej", "ja", "alex", "02", "2", "plugg", "hos oss", "1", "nej", "ja")
    if how == "stopped":
        says(sms, "STOPP")
    sms.new()
    chat = town.phone("sim_telegram", "chat:1")
    said = [to_the_code(chat), says(chat, "vilken kod?"), says(chat, "111111"), says(chat, "ny kod")]
    assert len(sms.new()) == (0 if how == "stopped" else 2)
    return said


def test_a_known_number_is_never_told_apart(store: Store, sqlite_store: Store) -> None:
    if store.lane.dialect == "sqlite":
        assert _known(store, "known")[0][-1] == _known(sqlite_store, "new")[0][-1]
    else:
        assert _known(store, "stopped") == _known(sqlite_store, "new")


def test_a_number_that_stopped_gets_no_sms(store: Store) -> None:
    _known(store, "stopped")


def test_a_known_persons_number_joins_the_two(store: Store) -> None:
    town = Town(store)
    sms = town.phone()
    says(sms, "hej", "ja", "kim", "03", "1", "jobb", "promenad", "1", "nej", "ja")
    first = sms.standing().participant_id
    chat = town.phone("web", "chat:1")
    to_the_code(chat)
    assert "Tack. Nu kan vi" in says(chat, code_in(sms.new()))[0]
    assert chat.standing().participant_id == sms.standing().participant_id == first
    assert "2 anmälningar" in (town.inbox("other")[0].note or "")
    conversation.say(store, town.house, first, "Hej Kim!", "staff:1", town.now)
    town.send()
    assert sms.new()[-1] == "Hej Kim!", "a page that must be opened is no way to reach somebody"


def test_a_number_long_silent_is_looked_at_by_a_person(store: Store) -> None:
    town = Town(store)
    sms = town.phone()
    says(sms, "hej", "ja", "alex", "02", "2", "plugg", "hos oss", "1", "nej", "ja")
    town.later(days=91)
    sms.new()
    chat = town.phone("sim_telegram", "chat:1")
    to_the_code(chat)
    assert "människa" in says(chat, code_in(sms.new()))[0]
    assert chat.standing().participant_id != sms.standing().participant_id
    assert chat.standing().profile["name"] == "Kim"
    assert any("annan kontakt" in (item.note or "") for item in town.inbox("other"))


# --- when it does not come, or is wrong -------------------------------------------------------------------------------


def test_wrong_three_times_a_person_looks(store: Store) -> None:
    town, chat, sms = asked(store)
    code = code_in(sms.new())
    assert "Det är inte koden" in says(chat, "999901")[0]
    assert "Det är inte koden" in says(chat, "999902")[0]
    assert "människa" in says(chat, "999903")[0]
    says(chat, code)
    with store.read() as tx:
        assert contacts.find(tx, "sim_sms", NUMBER) is None
    (item,) = town.inbox("other")
    assert item.note == "Numret är inte bekräftat, så inga sms går dit. Rätt kod kom inte."
    assert item.due_at is not None


def test_one_more_code_and_no_third(store: Store) -> None:
    town, chat, sms = asked(store)
    first = code_in(sms.new())
    assert "ny kod" in says(chat, "ny kod")[0]
    second = code_in(sms.new())
    assert first != second
    assert "människa" in says(chat, "det kom inget sms")[0]
    assert sms.new() == []
    assert town.inbox("other")


@pytest.mark.parametrize("which", [0, 1])
def test_either_of_two_codes_will_do(store: Store, which: int) -> None:
    _, chat, sms = asked(store)
    says(chat, "ny kod")
    assert "Tack. Nu kan vi" in says(chat, code_in([sms.new()[which]]))[0]


def test_a_code_that_is_too_old_brings_a_new_one(store: Store) -> None:
    town, chat, sms = asked(store)
    old = code_in(sms.new())
    town.later(minutes=15)
    assert "för gammal" in says(chat, old)[0]
    assert "Tack. Nu kan vi" in says(chat, code_in(sms.new()))[0]


@pytest.mark.parametrize("word", ["hoppa över", "klar", "SKIP"])
def test_it_may_be_left_out(store: Store, word: str) -> None:
    _, chat, _ = asked(store)
    assert says(chat, word)[0].startswith("Okej. Då skriver vi till dig här")
    assert question_of(chat) is None


def test_what_is_not_understood_goes_to_a_human(store: Store) -> None:
    town, chat, _ = asked(store)
    assert "inte säker på koden" in says(chat, "mitt nummer funkar väl")[0]
    assert "Jag förstod inte" in says(chat, "gurka och tomat")[0]
    assert [item.note for item in town.inbox("message")] == ["gurka och tomat"]


def test_distress_is_heard_at_the_code_too(store: Store) -> None:
    town, chat, _ = asked(store)
    assert "112" in " ".join(says(chat, SORRY))
    assert town.inbox("distress")


def test_a_code_left_open_is_let_go_of(store: Store) -> None:
    town, chat, _ = asked(store)
    town.later(days=1, hours=3)
    assert chat.new() == [], "nobody is nudged about a code"
    assert "Vill du lägga till något?" in says(chat, "hej")[0]


def test_tillbaka_cannot_undo_what_was_sent(store: Store) -> None:
    _, chat, _ = asked(store)
    assert "redan skickat" in says(chat, "tillbaka")[0]
    assert question_of(chat) == "code"


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["0911-23 10 00", "+47 406 12 345"])
def test_no_code_goes_to_such_a_number(store: Store, typed: str) -> None:
    town = Town(store)
    chat = town.phone("sim_telegram", "chat:1")
    assert "kan inte skicka sms" in to_the_code(chat, typed)[-1]
    assert question_of(chat) is None
    with store.read() as tx:
        assert tx.execute(select(join_codes)).all() == []


def test_one_number_gets_so_many_codes_a_day(store: Store) -> None:
    """Whoever asks; and each is told the same."""
    town = Town(store)
    said = {to_the_code(town.phone("web", f"chat:{number}"))[-1] for number in range(TO_ONE + 2)}
    assert len(said) == 1
    assert len(town.phone().texts()) == TO_ONE


def test_one_chat_sends_so_many_codes_a_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.codes.MOST_SENT", 99)
    _, chat, _ = asked(store)
    for _ in range(BY_ONE - 1):
        assert "ny kod" in says(chat, "ny kod")[0]
    assert "människa" in says(chat, "ny kod")[0]


def test_a_game_of_codes_is_ended_and_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.codes.IN_A_DAY", 3)
    town = Town(store)
    for number in range(5):
        to_the_code(town.phone("web", f"chat:{number}"), f"070-174 06 {number + 10}")
    assert len([row for row in town.rows() if row.message == "joining/number_code"]) == 3
    (item,) = [item for item in town.inbox("other") if item.participant_id is None]
    assert "Ovanligt många koder" in (item.note or "")


def test_without_sms_nothing_is_asked(store: Store) -> None:
    town = Town(store)
    del town.house.channels["sim_sms"]  # type: ignore[attr-defined]
    chat = town.phone("sim_telegram", "chat:1")
    (last,) = to_the_code(chat)
    assert last.startswith("Tack Kim.")
    assert question_of(chat) is None


# --- forgotten --------------------------------------------------------------------------------------------------------


def test_two_days_later_nothing_is_left_of_a_number(store: Store) -> None:
    town, chat, _ = asked(store)
    with store.read() as tx:
        key = tx.execute(select(contact_rows.c.key_id).where(contact_rows.c.channel == "sim_sms")).scalar_one()
    town.now += timedelta(days=1, hours=23)
    assert forgetting.forget_codes(store, town.house, town.now) == 0
    town.now += timedelta(hours=2)
    assert forgetting.forget_codes(store, town.house, town.now) == 2
    assert forgetting.forget_codes(store, town.house, town.now) == 0
    with store.read() as tx:
        assert contacts.find_id(tx, "sim_sms", NUMBER) is None
        assert tx.execute(select(join_codes)).all() == []
        assert key in set(tx.execute(select(erased_keys.c.key_id)).scalars())
        assert tx.execute(select(person_keys).where(person_keys.c.id == key)).all() == []
    assert chat.standing().profile["phone"] == NUMBER, "it is theirs to tell us, in the sign-up"


def test_a_number_that_is_theirs_is_kept(store: Store) -> None:
    town, chat, sms = asked(store)
    says(chat, code_in(sms.new()))
    town.now += timedelta(days=3)
    forgetting.forget_codes(store, town.house, town.now)
    assert sms.standing().participant_id == chat.standing().participant_id


def test_the_sample_code_is_no_birth_year(store: Store) -> None:
    """What the texts show as an example could be a code of ours."""
    town = Town(store)
    assert read_birth_year("486213", 2026, town.house.lexicon("sv")).year is None
