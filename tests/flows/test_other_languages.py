"""Whole sentences in the smaller languages, with the word lists of somebody who writes Swedish, and English."""

from __future__ import annotations

import pytest

from flows.answers import is_closing, read_reply
from tests.wordlists import lexicon

ALARMS = [
    ("بدي انام وما اصحى ابدا", "distress"),
    ("badi mot w khalas", "distress"),
    ("زوجي بيضربني قدام الولاد", "violence"),
    ("احذفوني من القائمة", "stop"),
    ("я більше не бачу сенсу жити", "distress"),
    ("не хочу больше просыпаться", "distress"),
    ("муж бьёт меня почти каждый день", "violence"),
    ("видаліть будь ласка мої дані і не пишіть", "stop"),
    ("haluaisin vaan nukkua enkä herätä ikinä", "distress"),
    ("isä lyö mua kun se on humalassa", "violence"),
    ("ottakaa mut pois listalta", "stop"),
    ("میخواهم بخوابم و هیچ وقت بیدار نشوم", "distress"),
    ("شوهرم گفته اگر بروم مرا میکشد", "violence"),
    ("دیگر به من پیام روان نکنید", "stop"),
    ("ma rabo inaan sii noolaado", "distress"),
    ("ninkaygu wuu i dilaa habeen walba", "violence"),
    ("fadlan ha ii soo qorina mar dambe", "stop"),
    ("please help my uncle is touching me at night", "violence"),
    ("ህይወተይ ጸሊአያ ክመውት ይሓይሽ", "distress"),
    ("ሰብኣየይ ወትሩ ይሃርመኒ", "violence"),
    ("መልእኽቲ ኣይትስደዱለይ በጃኹም", "stop"),
]
HARMLESS = [
    ("بدي موت من الضحك", {"unclear"}),
    ("لا شكرا لا اريد", {"no"}),
    ("ما بدي اجي", {"no"}),
    ("мене вбиває ця погода", {"unclear"}),
    ("ледь не вмер зі сміху", {"unclear"}),
    ("kuolin nauruun sille videolle", {"unclear"}),
    ("koulu tappaa mut tylsyyteen", {"unclear"}),
    ("از خنده مردم", {"unclear"}),
    ("qosol baan la dhintay", {"unclear"}),
]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(("text", "meaning"), ALARMS)
def test_an_alarm_is_heard(text: str, meaning: str, language: str) -> None:
    for question in (None, "confirm", "free"):
        reply = read_reply(text, question, lexicon(language))
        assert meaning in (reply.meaning, reply.also), reply


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(("text", "meanings"), HARMLESS)
def test_what_only_sounds_like_one_is_none(text: str, meanings: set[str], language: str) -> None:
    assert read_reply(text, "confirm", lexicon(language)).meaning in meanings


@pytest.mark.parametrize("text", ["شكرا", "дякую!", "kiitos", "تشکر", "mahadsanid", "የቐንየለይ"])
def test_a_thank_you_closes_a_talk(text: str) -> None:
    assert is_closing(text, lexicon())


def test_the_nets_of_alarms_are_made_once_for_all_languages() -> None:
    assert lexicon("sv").says is lexicon("en").says
    assert lexicon("sv").innocent is lexicon("en").innocent


@pytest.mark.parametrize("text", ["han slår mä", "farsan hota mä mä kniv"])
def test_a_word_that_is_spelt_anew_is_found_in_a_phrase(text: str) -> None:
    assert read_reply(text, None, lexicon()).meaning == "violence"


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("kan int i da", {"no", "not_now"}),  # Somali "i daa", leave me alone
        ("kommer i da", {"yes", "rebook"}),
        ("står i köket men jag kommer", {"yes"}),  # Finnish "kokeet", exams
        ("jag kommer trots denna kyla", {"yes"}),  # "kyllä", yes
        ("jag kommer inte i denna kyla", {"no"}),
        ("måste passa min lillebror", {"no", "rebook", "unclear"}),  # "passaa", it suits
    ],
)
def test_swedish_words_that_look_like_theirs_are_swedish(text: str, meanings: set[str]) -> None:
    reply = read_reply(text, "confirm", lexicon())
    assert reply.meaning in meanings
    assert reply.also is None
    assert reply.look is None
