"""Whom a first message is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.about import is_about_another
from tests.wordlists import lexicon


@pytest.mark.parametrize(
    "text",
    [
        "min son sitter bara hemma",
        "Jag har haft honom i skolan i tre år och nu är han avskriven. Kan ni ta vid?",
        "hon är 23 och bor kvar i sitt flickrum, vi vet inte vad vi ska göra",
        "Jag är granne med en ung man som aldrig går ut. Kan ni höra av er till honom?",
    ],
)
def test_somebody_else_is_heard(text: str) -> None:
    assert is_about_another(text, lexicon())


@pytest.mark.parametrize(
    "text",
    [
        "hej såg lappen på coop",
        "min kompis tipsade om er",
        "jag är 19 och har inget jobb",
        "mamma tvingade mig att skriva hit",
        "bor hos farsan igen och vill göra nåt",
        "han",
    ],
)
def test_who_writes_for_themself_is_left_alone(text: str) -> None:
    assert not is_about_another(text, lexicon())


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert is_about_another(text, lexicon()) in {True, False}
