"""Which question a message answers: the one the person had seen when they wrote, and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot import conversation
from bot.channels.base import NOT_TEXT
from flows.steps import Say, Talk
from scheduler import sweeps
from storage import conversations
from storage.db import Store
from tests.servers.scripted import UNKNOWN, later, taken
from tests.town import Phone, Town

SORRY = "jag vill inte leva längre"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """On SQLite only: the transcripts tell the same on both databases."""
    return sqlite_store


def _answers(phone: Phone) -> dict[str, Any]:
    """What holds now, by question."""
    talk = phone.standing().talk
    assert talk is not None
    return {entry["k"]: entry["v"] for entry in talk.journal if entry["t"] == "answer"}


def _as_far_as(town: Town, *words: str, channel: str = "sim_sms") -> Phone:
    phone = town.phone(channel)
    for word in words:
        phone.writes(word)
        town.later(seconds=30)
    phone.new()
    return phone


TO_EASIER = ("hej", "ja", "kim", "03", "1", "jobb", "promenad", "1")


# --- what the choices mean ------------------------------------------------------------------------------------------

ROAD = {"help": TO_EASIER[:5], "meet": TO_EASIER[:6], "reach": TO_EASIER[:7]}
MEANS = {"sv": ("vad betyder {}", "när du har valt"), "en": ("What does {} mean?", "when you have chosen")}


@pytest.mark.parametrize("language", MEANS)
@pytest.mark.parametrize("question", ROAD)
def test_each_choice_is_explained_to_who_asks(store: Store, question: str, language: str) -> None:
    town = Town(store)
    phone = _as_far_as(town, *ROAD[question], *(["EN"] if language == "en" else []), channel="sim_telegram")
    asks, ends = MEANS[language]
    options = town.house.catalog.books[language].options
    keys = town.house.lexicon(language).options[question].keys() - {"no_call"}  # "don't call" is heard as a stop
    labels = [options.label(question, key, {}) for key in sorted(keys)]
    said = [phone.writes(asks.format(label)) for label in labels]
    assert all(len(each) == 1 and each[0].rstrip(".").endswith(ends) for each in said), said
    assert len({each[0] for each in said}) == len(labels), "each in its own words"
    assert phone.standing().talk.question == question  # type: ignore[union-attr]
    assert not town.inbox("message"), "nobody needs to read it"


@pytest.mark.parametrize("words", ["vill inte säga", "Det är hemligt", "jag vill inte svara på det"])
def test_who_does_not_want_to_say_goes_on_at_once(store: Store, words: str) -> None:
    phone = _as_far_as(Town(store), *TO_EASIER[:3])
    assert "kommun" in phone.writes(words)[0]


def test_who_does_not_know_where_they_live_is_not_sent_away(store: Store) -> None:
    phone = _as_far_as(Town(store), *TO_EASIER[:4])
    assert "inte säker på vilken kommun" in phone.writes("vet inte riktigt, typ komma ut mer")[0]
    assert "hjälp med" in phone.writes("Älvsbyn")[0]


@pytest.mark.parametrize(
    "words", ["vem måste jag prata med?", "jag behöver prata, hur gör jag?", "hur berättar man att man måste prata"]
)
def test_who_needs_to_talk_is_not_told_that_they_need_not(store: Store, words: str) -> None:
    phone = _as_far_as(Town(store), *TO_EASIER[:6])
    assert phone.writes("måste man prata hela tiden?")[0].startswith("Nej.")
    assert not any(said.startswith("Nej.") for said in phone.writes(words))


# --- before our question was accepted -------------------------------------------------------------------------------


def test_a_yes_does_not_answer_what_was_not_sent_yet(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej", send=False)
    phone.writes("ja", send=False)
    assert phone.standing().talk.question == "may_ask"  # type: ignore[union-attr]
    assert [item.note for item in town.inbox("message")] == ["ja"]


@pytest.mark.parametrize("seconds", [1, 19, 45])
def test_a_second_line_joins_the_answer_before(store: Store, seconds: int) -> None:
    """Until our next question is accepted, which takes a moment, what comes belongs to the answer before it."""
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja", "kim", "03", "1")
    phone.writes("jobb", send=False)
    town.now += timedelta(seconds=seconds)
    phone.writes("och plugg", send=False)
    assert _answers(phone)["help"] == {"keys": ["work"], "words": "och plugg"}
    assert "meet" not in _answers(phone)
    assert town.inbox() == []


def test_a_second_line_to_free_words_is_kept_with_them(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, *TO_EASIER)
    phone.writes("gärna tolk", send=False)
    phone.writes("och inte så tidigt", send=False)
    assert _answers(phone)["easier"] == "gärna tolk\noch inte så tidigt"


def test_a_second_line_that_cannot_join_goes_to_staff(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    phone.writes("kim", send=False)
    phone.writes("2004 fast jag är inte säker", send=False)
    assert _answers(phone) == {"may_ask": True, "name": "Kim"}
    assert [item.note for item in town.inbox("message")] == ["2004 fast jag är inte säker"]
    town.send()
    phone.writes("2004")
    assert _answers(phone)["birth_year"] == 2004


def test_a_message_that_had_to_wait_answers_what_was_seen_then(store: Store) -> None:
    """ "ja" came before the next question was sent, and its turn was taken after."""
    town = Town(store)
    broken = [True]
    real = town.house.flows["self_referral"]

    def flow(person: Any) -> Talk:
        if broken[0]:
            raise RuntimeError("broken")
        return (yield from real(person))

    town.with_flows(self_referral=flow)
    phone = town.phone()
    phone.writes("hej")
    town.now += timedelta(seconds=2)
    phone.writes("ja")
    broken[0] = False
    town.later(seconds=40)
    assert "Får jag ställa" in phone.new()[1]
    town.later(seconds=5)
    assert phone.standing().talk.question == "may_ask"  # type: ignore[union-attr]
    assert _answers(phone) == {}
    assert [item.note for item in town.inbox("message")] == ["ja"]


def test_after_it_was_accepted_the_question_is_open(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    assert phone.writes("kim") == ["Hej Kim. Vilket år är du född?"]


# --- a question whose sending ended in doubt ------------------------------------------------------------------------


def test_an_answer_to_an_uncertain_question_is_read_back(store: Store) -> None:
    town = Town(store)
    channel = town.scripted(finds=True)
    phone = town.phone()
    phone.writes("hej")
    channel.does(taken(UNKNOWN))
    channel.unreadable = later(None)
    phone.writes("ja")
    assert town.rows("uncertain")
    phone.writes("kim", send=False)
    assert "name" not in _answers(phone)
    channel.unreadable = None
    town.doubt()
    town.send()
    assert "svar på frågan om" in channel.texts()[-1]
    phone.writes("ja")
    assert _answers(phone)["name"] == "Kim"


# --- buttons --------------------------------------------------------------------------------------------------------


def _values(phone: Phone) -> dict[str, str]:
    return {label: value for message in phone._messages() for label, value in message.buttons}


def test_a_button_of_an_earlier_question_says_so(store: Store) -> None:
    town = Town(store)
    phone = town.phone("sim_telegram")
    phone.writes("/start")
    yes = _values(phone)["Ja"]
    phone.presses("Ja")
    assert phone.writes(yes, kind="button") == [
        "Den knappen hör till en tidigare fråga. Du kan skriva svaret här i stället."
    ]
    assert phone.standing().talk.question == "name"  # type: ignore[union-attr]


def test_a_button_pressed_twice_answers_once(store: Store) -> None:
    town = Town(store)
    phone = town.phone("sim_telegram")
    phone.writes("/start alvsbyn_affisch")
    for word in ("ja", "Kim", "2003", "1"):
        phone.writes(word)
    walk = _values(phone)["Promenad"]
    phone.writes(walk, kind="button")
    assert "tidigare fråga" in phone.writes(walk, kind="button")[0]
    assert _answers(phone)["meet"]["keys"] == ["walk"]


def test_a_button_of_another_persons_talk_does_nothing(store: Store) -> None:
    town = Town(store)
    other = town.phone("sim_telegram", "chat:2")
    other.writes("/start")
    phone = town.phone("sim_telegram", "chat:1")
    phone.writes("/start")
    assert "tidigare fråga" in phone.writes(_values(other)["Ja"], kind="button")[0]
    assert _answers(phone) == {}
    assert _answers(other) == {}


@pytest.mark.parametrize(
    "value", ["", ":", "::", "x", "1:2", "1:2:3:4", "yes", "{talk}:1:", "{talk}:99:yes", "-1:0:yes", "\ud800:1:yes"]
)
def test_a_made_up_button_value_never_raises(store: Store, value: str) -> None:
    town = Town(store)
    phone = town.phone("sim_telegram")
    phone.writes("/start")
    talk = phone.standing().talk
    assert talk is not None
    phone.writes(value.replace("{talk}", str(talk.id)), kind="button")
    assert phone.report.state == "handled"
    assert _answers(phone) == {}


# --- silence --------------------------------------------------------------------------------------------------------


def test_one_nudge_and_then_a_rest(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    said: list[list[str]] = []
    for _ in range(14):
        town.later(days=1)
        said.append(phone.new())
    assert [len(texts) for texts in said].count(1) == 1
    assert sum(len(texts) for texts in said) == 1
    assert phone.standing().talk.state == "resting"  # type: ignore[union-attr]


def test_a_nudge_keeps_to_the_hours_and_the_white_days(store: Store) -> None:
    town = Town(store)
    town.now = town.now.replace(month=12, day=23, hour=22)
    phone = _as_far_as(town, "hej", "ja")
    for _ in range(24 * 6):
        town.later(hours=1)
        if fresh := phone.new():
            break
    assert "Vill du fortsätta?" in fresh[0]
    assert (town.now.month, town.now.day) == (12, 28)  # the 24th to the 26th are red, the 27th is a Sunday
    assert 9 <= town.now.hour + 1 < 19


def test_one_who_answers_just_before_the_nudge_gets_none(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    town.now += timedelta(days=1)
    with store.read() as tx:
        listed = conversations.list_to_wake(tx, town.now)
    assert len(listed) == 1
    phone.writes("kim")
    conversation.wake(store, town.house, listed[0], town.now)
    town.send()
    assert not any("Vill du fortsätta?" in text for text in phone.texts())
    assert sweeps.wake_talks(store, town.house, town.now) == []


def test_a_talk_that_cannot_be_woken_wakes_the_others(store: Store) -> None:
    town = Town(store)
    first, second = town.phone(), town.phone(address="+46701740606")
    broken = [False]
    real = town.house.flows["self_referral"]

    def flow(person: Any) -> Talk:
        if broken[0] and person.poster == "alvsbyn_x":
            raise RuntimeError("broken")
        return (yield from real(person))

    town.with_flows(self_referral=flow)
    first.writes("/start alvsbyn_x")
    second.writes("hej")
    broken[0] = True
    second.new()
    town.later(days=1)
    assert "Vill du fortsätta?" in second.new()[0]
    assert town.later(minutes=1) == []


def test_after_ninety_days_no_name_and_no_old_question(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja", "kim", "03", "1", "klar")
    town.later(days=91)
    said = phone.writes("hej")
    assert "Hej och välkommen!" in said[0]
    assert "Kim" not in " ".join(said)
    town.now += timedelta(minutes=1)
    phone.writes("ja")
    town.later(days=1)
    (nudge,) = phone.new()
    assert "Vill du fortsätta?" in nudge
    assert "Kim" not in nudge, "the number may be somebody else's"


def test_after_eighty_nine_days_the_talk_goes_on(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    town.now += timedelta(days=89)
    assert "Hej Kim" in phone.writes("kim")[0]


# --- what is not text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NOT_TEXT)
def test_what_is_not_text_gets_one_kind_line(store: Store, kind: str) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    (line,) = phone.writes("", kind=kind)
    assert "text" in line or "ändrar efteråt" in line
    (item,) = town.inbox("message")
    assert item.note == f"[{kind}]"
    assert phone.writes("kim") == ["Hej Kim. Vilket år är du född?"]


@pytest.mark.parametrize("kind", NOT_TEXT)
def test_what_is_not_text_may_come_first_of_all(store: Store, kind: str) -> None:
    town = Town(store)
    phone = town.phone("sim_telegram", "chat:9")
    assert len(phone.writes("", kind=kind)) == 1
    assert phone.report.state == "handled"


def test_after_protected_identity_the_bot_is_silent(store: Store) -> None:
    town = Town(store)
    phone = _as_far_as(town, "hej", "ja")
    (said,) = phone.writes("jag har skyddade personuppgifter")
    assert "Jag slutar skriva här nu." in said
    assert phone.writes("", kind="voice") == []
    assert phone.writes("kim") == []
    town.later(days=2)
    assert phone.new() == []
    assert "112" in " ".join(phone.writes(SORRY))


# --- a flow that loops or ends at once ------------------------------------------------------------------------------


def test_a_flow_that_never_stops_is_parked_and_handed_over(store: Store) -> None:
    town = Town(store)

    def endless(person: Any) -> Talk:
        while True:
            yield Say("welcome")

    town.with_flows(self_referral=endless)
    phone = town.phone()
    phone.writes("hej")
    assert phone.report.state == "handled"
    assert len(phone.texts()) <= 1
