"""Labels of what can be chosen and changed, and the words that the readers get from the same files."""

from __future__ import annotations

import re

import pytest

from flows.asks import Context
from flows.asks_back import find_change
from messages.catalog import Catalog
from messages.checks import STYLES
from messages.options import UnknownOptionError
from messages.samples import NOW, QUESTIONS, SLOTS
from tests import wordlists

CATALOG = Catalog.load()
LANGUAGES = CATALOG.languages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_its_labels(language: str) -> None:
    written = dict.fromkeys(
        ("alvsbyn", "pitea", "skelleftea", "arvidsjaur", "staff_name", "t1", "t2", "t3", "m1", "m2", "m3"), "x"
    )
    options = CATALOG.books[language].options
    for option_set, keys in QUESTIONS.values():
        sets = ("read_back",) if len(keys) > 2 and option_set == "yesno" else (option_set,)
        assert all(options.label(sets[0], key, written) for key in keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_are_labels_written_from_facts(language: str) -> None:
    times = [{"key": "t1", "starts": "2026-12-03T12:30:00+00:00", "with": None}]
    times += [{"key": "t2", "starts": "2026-12-03T13:00:00+00:00", "with": "Erik"}]
    facts = {
        "times": times,
        "options": ("t1", "t2", "more"),
        "option_set": "time",
        "offered": "first",
        "staff_name": None,
    }
    sms, chat = (
        CATALOG.render("times/times", language=language, style=style, facts=facts, now=NOW) for style in STYLES
    )
    first, second = ("torsdag 3 december kl. 13.30", "torsdag 3 december kl. 14, Erik")
    if language == "en":
        first, second = ("Thursday 3 December at 13:30", "Thursday 3 December at 14:00, Erik")
    assert f"1 {first}\n2 {second}\n" in sms.text
    assert not re.search(r"^3 ", sms.text, re.MULTILINE), "other times are asked for by a word"
    assert [button.value for button in chat.buttons] == ["t1", "t2", "more"]
    assert chat.buttons[1].label.casefold() == second.casefold()


def test_who_rings_is_named_where_it_is_known() -> None:
    for name, said in (("Anna", "2 Anna ringer dig"), (None, "2 någon av oss ringer dig")):
        facts = {"options": ("shorter", "phone"), "option_set": "not_today", "staff_name": name}
        assert said in CATALOG.render("appointment/instead", style="sms", facts=facts, now=NOW).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_can_be_named(language: str) -> None:
    options = CATALOG.books[language].options
    for slot in SLOTS:
        assert options.about(slot)
        assert options.label("slot", slot, {})


def test_unknown_slot_is_named() -> None:
    with pytest.raises(UnknownOptionError, match="nonsense"):
        CATALOG.books["sv"].options.about("nonsense")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_reach_the_lexicon(language: str) -> None:
    lexicon = wordlists.lexicon(language)
    walk = "promenad" if language == "sv" else "walk"
    assert walk in lexicon.options["meet"]["walk"]
    assert "label" not in lexicon.options["meet"]["walk"]
    assert ("namnet" if language == "sv" else "name") in lexicon.slots["name"]


@pytest.mark.parametrize(
    "text", ["ja, vi ses", "ja hör av er", "det stämmer, tack", "ja jag vet", "yes, see you", "nice to meet you"]
)
def test_plain_yes_names_no_answer_to_change(text: str) -> None:
    for language in LANGUAGES:
        context = Context(wordlists.lexicon(language), 2026)
        assert find_change(text, SLOTS, context) is None
