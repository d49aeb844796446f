"""The first names of those who work here: what is written of one of them is read as it would be of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers import read_reply
from flows.asks import Context
from flows.meeting_words import read_meeting_words
from tests import wordlists
from tests.flows.meeting_talks import CONTEXT

LISTS = wordlists.lexicon()
OURS = LISTS.with_our(["Sara", "Mohammed", "Bo", "Max", "Åsa"])
WITH_OURS = Context(OURS, CONTEXT.this_year, None, CONTEXT.now)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("kommer sara?", "when"), ("är mohammed sjuk", "free"), ("var är Sara", "lost"), ("var är åsa", "lost"),
        ("jag vill inte träffa Mohammed", "not_with"), ("jag väntar på sara", "here"), ("max 20 min", "shorter"),
        ("jag är sjuk", "sick"), ("kommer", "yes"),
    ],
)  # fmt: skip
def test_what_is_written_of_one_of_ours(text: str, wish: str) -> None:
    assert read_meeting_words(text, WITH_OURS).wish == wish


@pytest.mark.parametrize("question", [None, "confirm", "free"])
@pytest.mark.parametrize("text", ["jag vill sara mig sjalv", "jag vill såra mig själv", "bo slår mig", "Sara slår mig"])
def test_a_name_that_is_another_word_hides_no_alarm(text: str, question: str | None) -> None:
    assert read_reply(text, question, OURS).meaning == read_reply(text, question, LISTS).meaning
    assert read_reply(text, question, OURS).meaning in ("distress", "violence")


def test_a_word_of_the_lists_is_no_name() -> None:
    assert read_reply("jag bor i bo", "confirm", OURS).why == read_reply("jag bor i bo", "confirm", LISTS).why


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzåäö ", max_size=60))
def test_names_that_nobody_wrote_change_nothing(text: str) -> None:
    assert read_reply(text, "confirm", LISTS.with_our(["Xerxes"])) == read_reply(text, "confirm", LISTS)
