"""The words of people's own pages: each in every language, plain, short, and what they ask for is understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from flows.answers import command, read_reply
from messages.catalog import Catalog
from messages.checks import MOST_LIX, MOST_WORDS, StyleRules
from messages.lix import lix, sentences, words
from messages.page_words import HOME, page_words
from tests import wordlists

CATALOG = Catalog.load()
LANGUAGES = CATALOG.languages()
PAGES = ("base", "meeting", "gone", "rating", "curve", "chat", "info")
OF_LAW = {"info": 36}
"""What is kept and by which law cannot be said as lightly as the rest, and is long."""

FACTS = {
    "answer": "4", "count": "4", "day": "onsdag 25 november", "days": "14", "form": "Promenad", "holder": "Älvsbyn",
    "hours": "vardagar", "instrument": "ORS", "link": "imy.se", "mark": "7", "met": "Anna", "minutes": "40",
    "moment": "Onsdag 25 november kl. 13.30", "most": "40", "name": "Mind", "number": "1", "phone": "0911",
    "place": "Ingång", "reader": "Anna", "role": "Före", "says": "ring 90101", "title": "Frågor", "total": "27",
    "value": "7", "who": "Anna", "why": "sent",
}  # fmt: skip
TO_WRITE = {
    "MIN KURVA": "curve", "MINA UPPGIFTER": "my_data", "RÄTTA": "my_data", "RADERA MIG": "my_data",
    "STOPP": "stop", "BÖRJA": "start",
    "MY CURVE": "curve", "MY DATA": "my_data", "CORRECT MY DATA": "my_data", "DELETE ME": "my_data", "BEGIN": "start",
}  # fmt: skip


def fields(text: str) -> set[str]:
    """What is filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def asked_for(text: str) -> list[str]:
    """The words that a person is told to write."""
    return re.findall(r"\*([^*]+)\*", text)


def of_page(page: str, language: str) -> Iterator[tuple[str, str]]:
    """The words of one page, filled in."""
    for name, text in page_words(language).words.items():
        if name.startswith(f"{page}."):
            # "min" is mine here, and no short form of minutes.
            yield (
                name,
                text.format(**FACTS).replace("*", "").replace("min kurva", "kurvan").replace("MIN KURVA", "KURVA"),
            )


def test_every_page_has_its_words() -> None:
    assert {name.partition(".")[0] for name in page_words().words} == set(PAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_in_every_language(language: str) -> None:
    """And each is filled in with the same, so that no page fails in one language alone."""
    home, own = page_words(HOME).words, page_words(language)
    assert own.language == language
    assert own.words.keys() == home.keys()
    assert {name for name, text in own.words.items() if fields(text) != fields(home[name])} == set()
    assert {name for name, text in own.words.items() if len(asked_for(text)) != len(asked_for(home[name]))} == set()
    assert all(text.strip() == text and text for text in own.words.values() if len(text) != 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_words_keep_the_rules_of_texts(page: str, language: str) -> None:
    rules = StyleRules(language)
    found = [
        *((name, *each) for name, text in of_page(page, language) for each in rules.findings(name, text)),
        *((name, text) for name, text in of_page(page, language) if re.search("[–—…“”’‘\u00a0!]|  ", text)),
        *(
            (name, sentence)
            for name, text in of_page(page, language)
            for sentence in sentences(text)
            if page not in OF_LAW and len(words(sentence)) > MOST_WORDS
        ),
    ]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_light_to_read(page: str, language: str) -> None:
    assert lix(text for _, text in of_page(page, language)) <= OF_LAW.get(page, MOST_LIX)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["base", "meeting", "gone", "chat"])
def test_a_link_reveals_no_more_than_the_sms_it_stood_in(page: str, language: str) -> None:
    assert [name for name, text in of_page(page, language) if CATALOG.guard.findings(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_page_asks_one_to_write_is_understood(language: str) -> None:
    lexicon, asked = wordlists.lexicon(language), set[str]()
    for text in page_words(language).words.values():
        asked.update(asked_for(text))
    assert {word: command(word, lexicon) or read_reply(word, None, lexicon).meaning for word in asked} == {
        word: TO_WRITE[word] for word in asked
    }
    assert len(asked) == 6


def test_what_is_filled_in_is_text_and_a_word_to_write_stands_out() -> None:
    words = page_words()
    assert words.say("meeting.phone", phone="<b>&*1*") == "Du kan ringa oss på &lt;b&gt;&amp;*1*."
    assert '<span class="word">MIN KURVA</span>' in words.say("curve.own.again")
    assert words.plain("meeting.phone", phone="<b>") == "Du kan ringa oss på <b>."
    with pytest.raises(KeyError):
        words.say("meeting.phone")
    with pytest.raises(KeyError):
        words.say("meeting.nothing")


def test_a_language_that_lacks_a_word_shows_its_pages_in_swedish(tmp_path: Path) -> None:
    """Whole, so that no page is in two languages."""
    for language, text in (("sv", 'a = "Hej"\nb = "Då"\n'), ("fi", 'a = "Hei"\n'), ("no", 'a = "Hei"\nb = "Da"\n')):
        folder = tmp_path / language / "pages"
        folder.mkdir(parents=True)
        (folder / "page.toml").write_text(text, encoding="utf-8")
    assert [page_words(code, tmp_path).say("page.a") for code in ("sv", "fi", "no", "xx")] == [
        "Hej",
        "Hej",
        "Hei",
        "Hej",
    ]
    assert [page_words(code, tmp_path).language for code in ("fi", "no")] == ["sv", "no"]
