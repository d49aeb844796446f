"""Whether the other person knows: a no is safe, and a yes must be said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.asks import Context, Telling, Unclear, Understood, YesNo
from flows.asks_others import Knows, MayAskWriter
from tests import wordlists

CONTEXT = Context(wordlists.lexicon(), 2026)


@pytest.mark.parametrize(
    ("text", "knows"),
    [
        ("ja", True), ("nej", False), ("ja han vet", True), ("hon vet om det", True), ("hen sitter bredvid", True),
        ("he knows", True), ("nej inte än", False), ("inte än", False), ("hon vet inte", False), ("vet inte", False),
        ("har inte sagt nåt", False), ("kanske", False), ("hon vet inte om det", False), ("she doesn't know", False),
    ],
)  # fmt: skip
def test_a_yes_must_be_said(text: str, knows: bool) -> None:
    assert Knows().read(text, CONTEXT) == Understood(knows)


@pytest.mark.parametrize("kind", [Knows(), MayAskWriter(ends=True)])
@pytest.mark.parametrize("text", ["han är 19 år", "jag tror hon tar droger", "sitter hemma hela dagarna och spelar"])
def test_what_they_tell_first_is_no_failed_answer(kind: YesNo, text: str) -> None:
    assert isinstance(kind.read(text, CONTEXT), Telling)


@pytest.mark.parametrize("text", ["hm", "070 174 06 07", "Erik Svensson", "vad är det för frågor?"])
def test_other_words_are_asked_again(text: str) -> None:
    assert isinstance(MayAskWriter(ends=True).read(text, CONTEXT), Unclear)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert Knows().read(text, CONTEXT) is not None
