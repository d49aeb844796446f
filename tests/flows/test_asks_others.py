"""Whether the other person knows: a no is safe, and a yes must be said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.asks import Context, Unclear, Understood
from flows.asks_others import Knows
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


def test_other_words_are_asked_again() -> None:
    assert isinstance(Knows().read("han är 19 år", CONTEXT), Unclear)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert Knows().read(text, CONTEXT) is not None
