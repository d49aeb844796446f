"""What somebody invited to a group means by what they write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.asks import Context
from flows.group_words import ABOUT, GROUP, read_group_words
from flows.lexicon import Lexicon
from messages.words import load_words

CONTEXTS = {
    language: Context(Lexicon.from_data(load_words(language)), 2026, None, datetime(2026, 12, 1, 9, tzinfo=UTC))
    for language in ("sv", "en")
}
SAID = {
    "many": [
        "hur många kommer?",
        "hur många blir vi",
        "är det många där",
        "hur stor är gruppen",
        "är det en stor grupp",
    ],
    "who": ["vilka är med", "vilka fler kommer", "är det bara tjejer", "kommer det nån jag känner", "vilka kommer"],
    "home": ["kan man gå hem när man vill", "får jag gå tidigare om det inte känns bra", "måste man stanna hela tiden"],
    "mind": ["kan jag ändra mig", "har ändrat mig, kan jag vara med?", "är det för sent att hänga på"],
    "worry": ["känner ingen där", "är så nervös", "har social fobi", "vågar inte komma själv", "kan inte laga mat"],
    "no": ["nej jag vågar inte", "4", "ok. 4 då", "nja inte min grej", "känner ingen så jag kommer inte"],
    "maybe": ["kanske isf", "2", "vet inte än", "osäker", "ok 2"],
    "yes": ["ok 1", "okej jag hakar på"],
    "hard": ["3", "tar 3an", "ok. 3 då", "3 tror jag", "är nervös men kommer ändå"],
    "free": ["hm", "3 kanske", "kl 4", "1 eller 2", "kan jag ta med en kompis"],
}
SAID_IN_ENGLISH = {
    "many": ["how many people are coming"],
    "who": ["who else is coming?", "will I know anyone"],
    "home": ["can I leave early"],
    "mind": ["can i change my mind"],
    "worry": ["I don't know anyone", "I'm so nervous"],
    "no": ["ok. 4"],
}


@pytest.mark.parametrize(
    ("language", "text", "wish"),
    [("sv", text, wish) for wish, texts in SAID.items() for text in texts]
    + [("en", text, wish) for wish, texts in SAID_IN_ENGLISH.items() for text in texts],
)
def test_what_is_written_of_an_invitation(language: str, text: str, wish: str) -> None:
    assert read_group_words(text, CONTEXTS[language], GROUP).wish == wish


@given(
    number=st.sampled_from("1234"),
    before=st.sampled_from(["ok", "ok.", "nä", "ja", "jo", "nej", "hm,", "kanske", "visst", "tyvärr", "typ"]),
    after=st.sampled_from(["", "då", "tack", "tror jag", "!", "kanske", "isf"]),
)
def test_a_number_is_that_option_or_asked_about_and_never_another(number: str, before: str, after: str) -> None:
    wish = read_group_words(f"{before} {number} {after}".strip(), CONTEXTS["sv"], GROUP).wish
    assert wish in {GROUP[int(number) - 1], "free"}


@given(text=st.text(max_size=120))
def test_any_text_means_one_thing(text: str) -> None:
    known = {*GROUP, *ABOUT, "not_now", "move", "sick", "late", "lost", "when", "free", ""}
    assert read_group_words(text, CONTEXTS["sv"], GROUP).wish in known
