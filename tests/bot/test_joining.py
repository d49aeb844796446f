"""KOPPLA: two contacts become one person's by a code that is shown to one and written in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import conversation
from bot.actions import joining as joining_actions
from bot.channels.base import Inbound
from rules.codes import MISSES_BY_ONE, SHOWN_TO_ONE
from staff.people import Actor, DeskFault
from staff.person_page import show
from storage import choices, contacts, inbox, joining, participants, referrals, retention
from storage.db import Store
from storage.errors import Unreadable
from storage.tables import conversations, erased_keys, inbound, person_keys
from storage.tables import participants as people
from storage.tables_joining import join_codes
from tests.town import Phone, Town

ASK_MORE = {
    "test_an_answer_and_a_join_at_once_lose_nothing",
    "test_answers_from_both_phones_at_once_lose_nothing",
    "test_both_keys_die_with_the_person",
    "test_each_writes_the_others_codeat_once",
    "test_joins_in_a_ring_at_once_end_as_one",
    "test_no_row_points_at_who_is_no_more",
    "test_the_sign_up_that_came_further_goes_on",
    "test_two_who_write_one_codeat_once",
}
"""The tests that put to the database what no test of another file does, and those where two meet there."""
pytestmark = pytest.mark.few_on_postgres(only=ASK_MORE)

SIGN_UP = ("hej", "ja", "kim", "03", "1", "jobb", "promenad", "1", "nej", "ja")
SORRY = "jag vill inte leva längre"


def code_in(texts: list[str]) -> str:
    """The code that stands in the texts."""
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", " ".join(texts))
    return str(code)


def says(phone: Phone, *words: str) -> list[str]:
    """Write each, half a minute apart; give what came back to the last. What is due happens before the first."""
    said: list[str] = []
    phone.town.later(seconds=0)
    for word in words:
        phone.town.now += timedelta(seconds=30)
        phone.new()
        said = phone.writes(word)
    return said


def two(store: Store) -> tuple[Town, Phone, Phone]:
    """A town, one who signed up by SMS, and a Telegram that has never written."""
    town = Town(store)
    sms = town.phone()
    says(sms, *SIGN_UP)
    return town, sms, town.phone("sim_telegram", "tg:1")


def joined(store: Store) -> tuple[Town, Phone, Phone]:
    """The same two, joined."""
    town, sms, chat = two(store)
    says(chat, code_in(says(sms, "koppla")))
    sms.new()
    return town, sms, chat


def count_people(store: Store) -> int:
    with store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(people)).scalar_one())


# --- what a code does -------------------------------------------------------------------------------------------------


def test_a_code_makes_two_contacts_one_persons(store: Store) -> None:
    town, sms, chat = two(store)
    before = sms.standing()
    said = says(chat, code_in(says(sms, "koppla")))
    assert said == ["Klart. Nu hör den här chatten ihop med ditt nummer för sms. Du kan svara på vilket du vill."]
    (there,) = sms.new()
    assert "en chatt i Telegram" in there
    assert "Var det inte du?" in there
    assert chat.report.meaning == "unclear"
    assert sms.standing().participant_id == chat.standing().participant_id == before.participant_id
    assert chat.standing().profile == before.profile
    assert (chat.standing().status, chat.standing().unit_id) == ("referred", before.unit_id)
    assert count_people(store) == 1
    assert not town.inbox("other")


def test_it_works_the_other_way_round_too(store: Store) -> None:
    _, sms, chat = two(store)
    before = sms.standing().participant_id
    assert "Klart" in says(sms, code_in(says(chat, "hej", "koppla")))[0]
    assert sms.standing().participant_id == chat.standing().participant_id == before


def test_two_numbers_may_be_one_persons(store: Store) -> None:
    town, sms, _ = two(store)
    other = town.phone(address="+46701740606")
    says(other, code_in(says(sms, "koppla")))
    assert other.standing().participant_id == sms.standing().participant_id


def test_a_code_opens_once(store: Store) -> None:
    town, sms, chat = two(store)
    code = code_in(says(sms, "koppla"))
    says(chat, code)
    stranger = town.phone("sim_telegram", "tg:2")
    assert "gäller inte" in says(stranger, code)[0]
    assert stranger.standing().participant_id != sms.standing().participant_id


def test_a_code_is_too_old_after_a_quarter(store: Store) -> None:
    town, sms, chat = two(store)
    code = code_in(says(sms, "koppla"))
    town.later(minutes=15)
    assert "gäller inte" in says(chat, code)[0]
    assert chat.standing().participant_id != sms.standing().participant_id


def test_a_new_code_ends_the_one_before(store: Store) -> None:
    _, sms, chat = two(store)
    old, new = code_in(says(sms, "koppla")), code_in(says(sms, "KOPPLA!"))
    assert "gäller inte" in says(chat, old)[0]
    assert "Klart" in says(chat, new)[0]


def test_written_where_it_was_shown_it_does_nothing(store: Store) -> None:
    _, sms, chat = two(store)
    code = code_in(says(sms, "koppla"))
    assert says(sms, code) == ["Koden är till det andra stället. Skriv den till oss i Telegram."]
    assert "Klart" in says(chat, code)[0]


def test_joined_already_says_so_and_no_more(store: Store) -> None:
    _, sms, chat = joined(store)
    assert "redan ihop" in says(chat, code_in(says(sms, "koppla")))[0]
    assert sms.new() == []


def test_only_so_many_codes_are_shown_a_day(store: Store) -> None:
    town, sms, _ = two(store)
    for _ in range(SHOWN_TO_ONE):
        code_in(says(sms, "koppla"))
    assert "många koder" in says(sms, "koppla")[0]
    town.later(days=1, hours=1)
    code_in(says(sms, "koppla"))


def test_the_same_code_is_never_shown_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _, sms, chat = two(store)
    drawn: Iterator[str] = iter(["486213", "486213", "975099"])
    monkeypatch.setattr(joining_actions, "draw_code", lambda: next(drawn))
    assert code_in(says(sms, "koppla")) == "486213"
    assert code_in(says(chat, "koppla")) == "975099"


def test_no_code_stands_in_the_database(store: Store) -> None:
    _, sms, chat = two(store)
    code = code_in(says(sms, "koppla"))
    with store.read() as tx:
        rows = tx.execute(select(join_codes)).all()
    assert code not in repr(rows)
    assert "Klart" in says(chat, code)[0]


# --- a code and the question that is open -----------------------------------------------------------------------------


def test_a_code_goes_ahead_of_the_year_that_is_asked(store: Store) -> None:
    """Only as a code that holds at this moment; then the year is asked again."""
    town, sms, chat = two(store)
    code = code_in(says(sms, "koppla"))
    assert "Vilket år" in says(chat, "hej", "ja", "kim")[0]
    answer, *rest = says(chat, code)
    assert "Klart" in answer
    assert rest == []  # they have signed up, so there is nothing left to ask
    assert not chat.standing().talk
    assert town.inbox("message") == []


@pytest.mark.parametrize("born", ["030512", "120503", "200305", "20 03 05"])
def test_six_digits_of_a_birthday_are_no_code(store: Store, born: str) -> None:
    town = Town(store)
    phone = town.phone()
    (said,) = says(phone, "hej", "ja", "kim", born)
    assert "år" in said if born != "030512" else phone.standing().talk.question == "municipality"  # type: ignore[union-attr]
    with store.read() as tx:
        assert tx.execute(select(join_codes)).all() == [], "it was not even looked up"


def test_six_digits_that_open_nothing_are_read_as_an_answer(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    says(phone, "hej", "ja", "kim", "03", "1", "jobb", "promenad", "2")
    assert "inte säker på numret" in says(phone, "486213")[0]
    says(phone, "070-174 06 06", "486213")
    answers = {entry["k"]: entry["v"] for entry in phone.standing().talk.journal if entry["t"] == "answer"}  # type: ignore[union-attr]
    assert answers["easier"] == "486213"


def test_one_who_guesses_is_not_looked_up(store: Store) -> None:
    town, sms, _ = two(store)
    stranger = town.phone("sim_telegram", "tg:9")
    for number in range(MISSES_BY_ONE):
        assert "gäller inte" in says(stranger, f"99990{number}")[0]
    code = code_in(says(sms, "koppla"))
    says(stranger, code)
    assert stranger.standing().participant_id != sms.standing().participant_id
    town.later(days=1, hours=1)
    assert "Klart" in says(stranger, code_in(says(sms, "koppla")))[0]


def test_when_many_guess_nobody_is_looked_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    town, sms, chat = two(store)
    monkeypatch.setattr("rules.codes.MISSES_IN_AN_HOUR", 3)
    for number in range(3):
        says(town.phone("sim_telegram", f"tg:{number + 10}"), f"99990{number}")
    says(chat, code_in(says(sms, "koppla")))
    assert chat.standing().participant_id != sms.standing().participant_id


def test_a_web_chat_shows_codes_and_takes_none(store: Store) -> None:
    """Its address is anybody's for the asking, so one could guess there without end."""
    town, sms, _ = two(store)
    web = town.phone("web", "w:1")
    says(web, "hej", code_in(says(sms, "koppla")))
    assert web.standing().participant_id != sms.standing().participant_id
    assert "Klart" in says(sms, code_in(says(web, "koppla")))[0]
    assert web.standing().participant_id == sms.standing().participant_id


# --- what follows along -----------------------------------------------------------------------------------------------


def test_what_was_both_is_the_joined_persons(store: Store) -> None:
    town, sms, chat = two(store)
    says(chat, *("hej", "ja", "kimmie", "04", "2", "plugg", "hos oss", "skriv här", "nej", "ja"))
    one, other = sms.standing().participant_id, chat.standing().participant_id
    with store.read() as tx:
        told = len(choices.list_for(tx, one)) + len(choices.list_for(tx, other))
    says(chat, code_in(says(sms, "koppla")))
    with store.read() as tx:
        assert {each.participant_id for each in referrals.list_all(tx)} == {one}
        assert {item.participant_id for item in inbox.list_open(tx) if item.participant_id} == {one}
        assert len(choices.list_for(tx, one)) == told
        profile = participants.profile(tx, one)
    assert profile == {"name": "Kim", "birth_year": 2004}, "the younger year, for safety's sake"
    notes = {item.unit_id: item.note or "" for item in town.inbox("other")}
    assert len(notes) == 2
    assert "namn Kimmie, födelseår 2003" in notes[sms.standing().unit_id]
    assert "2 anmälningar" in notes[sms.standing().unit_id]
    (told_off,) = [note for unit, note in notes.items() if unit != sms.standing().unit_id]
    assert f"P{other}" in told_off
    assert "kim" not in told_off.casefold()


def test_no_row_points_at_who_is_no_more(store: Store) -> None:
    town, sms, chat = two(store)
    says(chat, "hej", "ja", "kim", "prata med någon")
    gone, keeps = chat.standing().participant_id, sms.standing().participant_id
    with store.begin() as tx:
        retention.mark(tx, town.now, gone, "half_done")
        retention.mark(tx, town.now, keeps, "half_done")
    says(chat, code_in(says(sms, "koppla")))
    with store.read() as tx:
        for table, column in joining.pointing_at_people():
            assert not tx.execute(select(table).where(column == gone)).all(), table.name
        assert participants.find(tx, gone) is None
        assert retention.list_marks(tx) == [], "they were heard from now"


def test_both_keys_die_with_the_person(store: Store) -> None:
    _, sms, chat = joined(store)
    says(chat, "hej", "mer om mig")
    person, keys = sms.standing().participant_id, (sms.standing().key, chat.standing().key)
    with store.read() as tx:
        bodies = [(row.id, row.body_enc) for row in tx.execute(select(inbound))]
    with store.begin() as tx:
        assert participants.erase(tx, person, chat.town.now)
    with store.read() as tx:
        assert {row[0] for row in tx.execute(select(erased_keys.c.key_id))} == {key.id for key in keys}
        assert tx.execute(select(person_keys).where(person_keys.c.participant_id == person)).all() == []
        for row_id, blob in bodies:
            with pytest.raises(Unreadable):
                tx.vault.open_any(tx, person, "inbound", "body_enc", row_id, blob)
        assert contacts.find(tx, "sim_telegram", "tg:1") is None
        assert tx.execute(select(join_codes)).all() == []


def test_staff_see_both_contacts_and_one_talk(store: Store) -> None:
    town, sms, chat = two(store)
    says(chat, "hej")
    gone = chat.standing().participant_id
    says(chat, code_in(says(sms, "koppla")))
    page = show(store, town.now, Actor("os:test"), sms.standing().participant_id)
    assert {(way.channel, way.address) for way in page.reach} == {
        ("sim_sms", "+46701740605"), ("sim_telegram", "tg:1")
    }  # fmt: skip
    assert {line.channel for line in page.talk} == {"sim_sms", "sim_telegram"}
    assert all(line.text is not None for line in page.talk)
    with pytest.raises(DeskFault, match=f"samma som P{page.id}"):
        show(store, town.now, Actor("os:test"), gone)


def test_staffs_words_go_where_they_wrote_last(store: Store) -> None:
    town, sms, chat = joined(store)
    person = sms.standing().participant_id
    for phone, other in ((chat, sms), (sms, chat)):
        says(phone, "tack", "en fråga till er här")
        conversation.say(store, town.house, person, "Hej Kim!", "staff:1", town.now, phone.channel)
        town.send()
        assert phone.new()[-1] == "Hej Kim!"
        assert other.new() == []


def test_staffs_words_pass_by_the_contact_that_stopped(store: Store) -> None:
    town, sms, chat = joined(store)
    says(sms, "STOPP")
    conversation.say(store, town.house, sms.standing().participant_id, "Hej Kim!", "staff:1", town.now)
    town.send()
    assert chat.new()[-1] == "Hej Kim!"


# --- care -------------------------------------------------------------------------------------------------------------


def test_stopp_stops_one_and_tells_of_the_other(store: Store) -> None:
    _, sms, chat = joined(store)
    (receipt,) = says(sms, "STOPP")
    assert "Skriv STOPP i Telegram också" in receipt
    assert (sms.standing().opted_out_at is None, chat.standing().opted_out_at is None) == (False, True)
    assert says(sms, "hej") == []
    assert says(chat, "hej")
    (receipt,) = says(chat, "STOPP")
    assert "också" not in receipt


@pytest.mark.parametrize("first", ["before", "after"])
def test_distress_on_either_rests_both(store: Store, first: str) -> None:
    town, sms, chat = two(store)
    code = code_in(says(sms, "koppla"))
    if first == "before":
        says(sms, SORRY)
    assert says(chat, code), "the answer to a command, which a rest lets through"
    if first == "after":
        says(sms, SORRY)
    assert sms.standing().resting_since == chat.standing().resting_since is not None
    (item,) = town.inbox("distress")
    assert item.participant_id == chat.standing().participant_id
    assert "112" in says(chat, "orkar inte mer nu")[0] or town.inbox("distress")


def test_protected_on_either_covers_both(store: Store) -> None:
    town, sms, chat = joined(store)
    says(chat, "jag har skyddad identitet")
    assert sms.standing().protected
    assert says(sms, "hej") == []
    with pytest.raises(DeskFault, match="skyddade"):
        show(store, town.now, Actor("os:test"), sms.standing().participant_id)


def test_a_number_silent_for_90_days_is_not_joined(store: Store) -> None:
    """It may be somebody else's now, and so would everything be that was said by it."""
    town, sms, chat = two(store)
    says(chat, "hej")
    town.later(days=91)
    assert "människa" in says(sms, "koppla")[0]
    town.later(minutes=1)
    code = code_in(says(chat, "hej", "koppla"))
    with store.begin() as tx:
        contacts.heard_from(tx, sms.standing().contact_id, town.now - timedelta(days=91))
    assert "människa" in says(sms, code)[0]
    assert sms.standing().participant_id != chat.standing().participant_id
    assert town.inbox("other")


# --- the talk that is open --------------------------------------------------------------------------------------------


def test_the_sign_up_that_came_further_goes_on(store: Store) -> None:
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    says(chat, "hej")
    says(sms, "hej", "ja", "kim")
    answer = says(chat, code_in(says(sms, "koppla")))
    assert ["Klart" in answer[0], "Vilket år" in answer[1]] == [True, True]
    assert sms.standing().talk is None
    says(chat, "03")
    assert chat.standing().talk.question == "municipality"  # type: ignore[union-attr]
    with store.read() as tx:
        states = sorted(row.state for row in tx.execute(select(conversations.c.state)))
    assert states == ["finished", "open"]


def test_answers_on_either_side_count(store: Store) -> None:
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    says(sms, "hej", "ja", "kim")
    says(chat, code_in(says(sms, "koppla")))
    said = [says(sms, "03"), says(chat, "1"), says(sms, "jobb"), says(chat, "promenad"), says(sms, "1")]
    said += [says(chat, "nej"), says(sms, "ja")]
    assert all(len(texts) == 1 for texts in said)
    with store.read() as tx:
        (referral,) = referrals.list_all(tx)
    assert referral.details["meet"]["chosen"] == ["walk"]  # type: ignore[index]
    assert sms.standing().profile == {"name": "Kim", "birth_year": 2003}


def test_a_greeting_elsewhere_brings_the_question(store: Store) -> None:
    _, sms, chat = two(store)
    says(chat, code_in(says(sms, "koppla")))
    (asked,) = says(chat, "hej")
    assert "Vill du lägga till något?" in asked
    sms.new()
    (again,) = says(sms, "hallå")
    assert again == "Ingång: " + asked or again == asked
    assert (chat.standing().talk, sms.standing().talk.question) == (None, "add")  # type: ignore[union-attr]
    assert says(sms, "jag behöver tolk")[0].startswith("Tack. Jag har lagt till")


def test_what_is_unclear_elsewhere_is_not_held_against_them(store: Store) -> None:
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    says(sms, "hej", "ja", "kim")
    says(chat, code_in(says(sms, "koppla")))
    for phone in (sms, chat, sms):
        (asked,) = says(phone, "va sa du")
        assert asked.endswith("Vilket år är du född?")
    assert town.inbox("message") == []


def test_a_talk_behind_the_open_one_comes_along(store: Store) -> None:
    """The two-way question interrupted the sign-up: both go on where the answer comes."""
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    says(sms, "hej", "ja", "kim")
    says(chat, code_in(says(sms, "koppla")))
    says(sms, "03", "orkar inte")
    assert sms.standing().talk.flow == "hard_how"  # type: ignore[union-attr]
    says(chat, "1")
    assert chat.standing().talk.question == "municipality"  # type: ignore[union-attr]
    assert says(chat, "1")[0].startswith("Tack. Vad vill du ha hjälp med?")


def test_a_question_about_this_place_stays_there(store: Store) -> None:
    _, sms, chat = joined(store)
    says(sms, "min pojkvän slår mig")
    assert sms.standing().talk.flow == "after_violence"  # type: ignore[union-attr]
    says(chat, "ja")
    assert sms.standing().talk is not None


def test_no_question_is_brought_to_a_number_long_silent(store: Store) -> None:
    town, sms, chat = joined(store)
    town.later(days=91)
    says(chat, "hej", "ja")
    (welcome, *_) = says(sms, "hej")
    assert "kim" not in welcome.casefold()
    assert chat.standing().talk is not None


def test_a_nudge_goes_where_the_talk_is_now(store: Store) -> None:
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    says(sms, "hej", "ja", "kim")
    says(chat, code_in(says(sms, "koppla")), "03")
    sms.new()
    town.later(days=1, hours=2)
    assert len(chat.new()) == 1
    assert sms.new() == []


# --- at once ----------------------------------------------------------------------------------------------------------


def at_once(town: Town, *written: tuple[Phone, str]) -> list[conversation.Report]:
    """Let each write this at the same moment."""
    messages = [Inbound(phone.channel, phone.address, f"m{next(town.numbers)}", text) for phone, text in written]
    with ThreadPoolExecutor(len(written)) as pool:
        return list(pool.map(lambda each: conversation.take_turn(town.store, town.house, each, town.now), messages))


def test_two_who_write_one_codeat_once(store: Store) -> None:
    town, sms, chat = two(store)
    other = town.phone("sim_telegram", "tg:2")
    code = code_in(says(sms, "koppla"))
    reports = at_once(town, (chat, code), (other, code))
    assert {report.state for report in reports} == {"handled"}
    mine = sms.standing().participant_id
    assert sorted(phone.standing().participant_id == mine for phone in (chat, other)) == [False, True]


def test_each_writes_the_others_codeat_once(store: Store) -> None:
    town, sms, chat = two(store)
    says(chat, "hej")
    for _ in range(3):
        here, there = code_in(says(sms, "koppla")), code_in(says(chat, "koppla"))
        reports = at_once(town, (sms, there), (chat, here))
        assert {report.state for report in reports} == {"handled"}
        assert sms.standing().participant_id == chat.standing().participant_id
    assert count_people(store) == 1


def test_joins_in_a_ring_at_once_end_as_one(store: Store) -> None:
    town = Town(store)
    ring = [town.phone(address=f"+4670174060{number}") for number in range(4)]
    shown = [code_in(says(phone, "hej", "koppla")) for phone in ring]
    reports = at_once(town, *((phone, shown[(place + 1) % 4]) for place, phone in enumerate(ring)))
    town.later(minutes=1)
    assert {report.state for report in reports} <= {"handled", "failed"}
    assert len({phone.standing().participant_id for phone in ring}) == 1
    assert count_people(store) == 1
    assert {phone.standing().waiting_inbound for phone in ring} == {0}


def test_an_answer_and_a_join_at_once_lose_nothing(store: Store) -> None:
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    says(chat, "hej")
    says(sms, "hej", "ja", "kim")
    code = code_in(says(sms, "koppla"))
    reports = at_once(town, (chat, code), (sms, "03"))
    assert {report.state for report in reports} == {"handled"}
    (talk,) = filter(None, [phone.standing().talk for phone in (sms, chat)])
    answers = {entry["k"]: entry["v"] for entry in talk.journal if entry["t"] == "answer"}
    assert answers["birth_year"] == 2003
    assert talk.question == "municipality"


def test_answers_from_both_phones_at_once_lose_nothing(store: Store) -> None:
    town = Town(store)
    sms, chat = town.phone(), town.phone("sim_telegram", "tg:1")
    for word in ("hej", "ja", "kim", "03", "1", "hoppa över", "hoppa över", "hoppa över"):
        says(sms, word)
    says(chat, code_in(says(sms, "koppla")))
    lines = [f"rad nummer {number}" for number in range(4)]
    reports = at_once(town, *(((sms, chat)[place % 2], line) for place, line in enumerate(lines)))
    assert {report.state for report in reports} == {"handled"}
    (talk,) = filter(None, [phone.standing().talk for phone in (sms, chat)])
    raw = "\n".join(entry.get("raw", "") for entry in talk.journal)
    assert all(line in raw for line in lines), "a turn wrote over another's journal"
