"""Labels of what can be chosen and changed, and the words that the readers get from the same files."""

from __future__ import annotations

import pytest

from flows.asks import Context, find_change
from messages.catalog import Catalog
from messages.options import UnknownOptionError
from messages.samples import QUESTIONS, SLOTS
from tests import wordlists

CATALOG = Catalog.load()
LANGUAGES = CATALOG.languages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_its_labels(language: str) -> None:
    options = CATALOG.books[language].options
    for option_set, keys in QUESTIONS.values():
        sets = ("read_back",) if len(keys) > 2 and option_set == "yesno" else (option_set,)
        assert all(
            options.label(sets[0], key, {"alvsbyn": "x", "pitea": "x", "skelleftea": "x", "arvidsjaur": "x"})
            for key in keys
        )


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
