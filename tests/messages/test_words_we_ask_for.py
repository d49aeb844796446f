"""Every word in capitals is one that we ask people to write, so the reader must know it, in every language."""

from __future__ import annotations

import re

import pytest

from flows.answers import command, read_reply
from flows.asks import Context
from flows.meeting_words import read_meeting_words, wants_a_walk
from flows.values import read_choices
from messages.catalog import Catalog
from messages.checks import PROVIDER_WORDS, samples
from tests import wordlists

CATALOG = Catalog.load()
LEXICONS = {language: wordlists.lexicon(language) for language in CATALOG.languages()}

REPLIES = {
    "sv": {
        "JA": "yes",
        "NEJ": "no",
        "INTE NU": "not_now",
        "BYT": "rebook",
        "INTE IDAG": "not_now",
        "STOPP": "stop",
        "BÖRJA": "start",
        "PRATA MED NÅGON": "human",
    },
    "en": {
        "Y": "yes",
        "N": "no",
        "NOT NOW": "not_now",
        "NEW TIME": "rebook",
        "NOT TODAY": "not_now",
        "STOPP": "stop",
        "BEGIN": "start",
        "TALK TO SOMEONE": "human",
    },
}
COMMANDS = {
    "sv": {
        "TILLBAKA": "back",
        "HOPPA ÖVER": "skip",
        "KLAR": "finish",
        "FLER": "more",
        "AVBRYT": "cancel",
        "ÄNDRA": "change",
        "ÄNDRA NAMN": "change",
        "ÄNDRA ÅR": "change",
        "KOPPLA": "join",
        "NY KOD": "new_code",
        "EN": "language:en",
    },
    "en": {
        "BACK": "back",
        "SKIP": "skip",
        "DONE": "finish",
        "MORE": "more",
        "EXIT": "cancel",
        "CHANGE": "change",
        "CHANGE NAME": "change",
        "CHANGE YEAR": "change",
        "CONNECT": "join",
        "NEW CODE": "new_code",
        "SV": "language:sv",
    },
}
PLAN_B = "PLAN B"
WALK = {"sv": "PROMENAD", "en": "WALK"}
REMINDED = {"sv": "PÅMINN MIG", "en": "REMIND ME"}
CHOICES = {"sv": {"ANNAN"}, "en": {"ANOTHER"}}
CASES = [
    (language, word, meaning, table is COMMANDS)
    for table in (REPLIES, COMMANDS)
    for language, words in table.items()
    for word, meaning in words.items()
]


def asked_for(language: str) -> set[str]:
    """The words in capitals in all texts; one letter counts when it is an answer."""
    found: set[str] = set()
    for name in CATALOG.books[language].files:
        for sample in samples(CATALOG, CATALOG.find(name, language), "sms", long_lists=True):
            text = re.sub(r"\b[IA]\b|two P\b", "", sample.text)
            found.update(re.findall(r"(?<![\w-])[A-ZÅÄÖ]+(?: [A-ZÅÄÖ]+)*(?![\w-])", text))
    return found


@pytest.mark.parametrize("language", CATALOG.languages())
def test_no_other_word_is_asked_for(language: str) -> None:
    known = REPLIES[language].keys() | COMMANDS[language].keys() | CHOICES[language]
    known |= {WALK[language], REMINDED[language], PLAN_B}
    assert asked_for(language) == known


@pytest.mark.parametrize(("language", "word", "meaning", "is_command"), CASES)
def test_word_that_we_ask_for_is_understood(language: str, word: str, meaning: str, is_command: bool) -> None:
    lexicon = LEXICONS[language]
    got = command(word, lexicon) if is_command else read_reply(word, "yesno", lexicon).meaning
    assert got == meaning


@pytest.mark.parametrize("language", CATALOG.languages())
def test_what_we_ask_for_about_meetings_is_understood(language: str) -> None:
    context = Context(LEXICONS[language], 2026)
    assert wants_a_walk(WALK[language], LEXICONS[language])
    assert read_meeting_words(REMINDED[language], context).wish == "remind"
    assert read_meeting_words(PLAN_B, context).wish == "plan_b"
    for word, meaning in REPLIES[language].items():
        wish = {"rebook": "move", "not_now": "not_today"}.get(meaning, meaning)
        if meaning not in ("stop", "start", "human"):
            assert read_meeting_words(word, context).wish == wish


@pytest.mark.parametrize("language", CATALOG.languages())
def test_another_place_can_be_chosen_by_word(language: str) -> None:
    word = next(iter(CHOICES[language]))
    assert read_choices(word, "unit", LEXICONS[language], ("alvsbyn", "elsewhere")).chosen == ("elsewhere",)


@pytest.mark.parametrize("language", CATALOG.languages())
def test_no_word_of_the_provider_is_asked_for(language: str) -> None:
    assert not asked_for(language) & set(PROVIDER_WORDS)


@pytest.mark.parametrize("language", CATALOG.languages())
def test_every_label_chooses_its_option(language: str) -> None:
    options = CATALOG.books[language].options
    for option_set, keys in (
        ("help", ("work", "studies", "wellbeing", "people", "papers", "unsure")),
        ("meet", ("walk", "ours", "home", "phone", "video", "unsure")),
        ("reach", ("here", "sms", "call", "no_call")),
        ("reach", ("here", "call", "no_call")),
        ("hard", ("not_today", "hard")),
        ("part", ("morning", "after_lunch", "later", "any")),
        ("length", ("short", "usual", "long")),
        ("plan_b", ("indoors", "phone", "none")),
        ("not_today", ("shorter", "phone", "another_day", "nothing")),
    ):
        for key in keys:
            label = options.label(option_set, key, {"staff_name": "Anna"})
            read = read_choices(label, option_set, LEXICONS[language], keys)
            assert read.chosen == (key,), f"{label!r} reads as {read}"
