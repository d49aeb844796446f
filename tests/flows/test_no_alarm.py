"""What must never be heard as an alarm by the second net: the golden talks, names, places, choices.

The phrase lists are measured elsewhere. Here the net is switched on and off, and may add nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from flows.answers import read_reply
from flows.confusion import ALARMS
from flows.lexicon import Lexicon
from messages.words import load_words
from tests.wordlists import lexicon

HERE = Path(__file__).parent
QUESTIONS = (None, "yesno", "confirm", "free", "choice", "time", "name", "year", "phone", "rating", "code")


@cache
def without_net(language: str = "sv") -> Lexicon:
    return Lexicon.from_data({**load_words(language), "second": {}})


def added(text: str, question: str | None, language: str = "sv") -> set[str | None]:
    """What the net hears, or would have somebody look at, that the lists do not hear."""
    now = read_reply(text, question, lexicon(language))
    before = read_reply(text, question, without_net(language))
    return ({now.meaning, now.also, now.look} - {before.meaning, before.also}) & ALARMS


def inputs(path: Path) -> list[str]:
    """What the person types in a golden talk."""
    lines = [line[2:] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("> ")]
    return [line for line in lines if line[0] not in "[({"]


TALKS = sorted((HERE / "transcripts").glob("*.txt"))


def test_nothing_in_a_golden_talk_is_an_alarm_that_is_none_there() -> None:
    texts = {text for path in TALKS for text in inputs(path)}
    assert [(text, question) for text in sorted(texts) for question in QUESTIONS if added(text, question)] == []


def test_there_are_golden_talks_to_hold_it_to() -> None:
    assert sum(len(inputs(path)) for path in TALKS) >= 150


FIRST_NAMES = (HERE / "first_names.txt").read_text(encoding="utf-8").split()
PLACES = (HERE / "municipalities.txt").read_text(encoding="utf-8").strip().split(", ")


def test_a_first_name_is_no_alarm() -> None:
    assert len(set(FIRST_NAMES)) >= 280
    for name in FIRST_NAMES:
        for question in (None, "yesno", "free", "name"):
            for text in (name, name.lower(), f"jag heter {name}", f"{name} heter jag", f"kalla mig {name}"):
                assert not added(text, question), (text, question)


def test_a_whole_name_is_no_alarm() -> None:
    last_names = ("Johansson", "Dödsberg", "Stopp", "Slagström", "Hotti", "Mördh", "Svärd", "Skarp", "Niemi", "Wik")
    for at, name in enumerate(FIRST_NAMES):
        text = f"{name} {last_names[at % len(last_names)]}"
        for question in (None, "free", "name"):
            assert not added(text, question), (text, question)


def test_a_municipality_is_no_alarm() -> None:
    assert len(PLACES) == 290
    for place in PLACES:
        for question in (None, "free", "choice"):
            for text in (place, f"jag bor i {place}", f"{place} kommun", f"hon bor i {place.lower()}"):
                assert not added(text, question), (text, question)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_choice_or_a_command_is_no_alarm(language: str) -> None:
    known = lexicon(language)
    choices = [words for keys in known.options.values() for words in keys.values()]
    texts = {word for words in (*choices, *known.slots.values()) for word in words} | set(known.commands)
    assert len(texts) >= 200
    for text in sorted(texts):
        for question in QUESTIONS:
            assert not added(text, question, language), (text, question)


@pytest.mark.parametrize("text", ["Do", "Dödsberg", "2003", "03", "19", "070-123 45 67", "4 o 6", "12 345", "{code}"])
def test_a_number_or_one_word_is_no_alarm(text: str) -> None:
    assert [question for question in QUESTIONS if added(text, question)] == []
