"""LIX, sentences and words, against counts by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.lix import lix, sentences, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0.0),
        ("Hej.", 1.0),
        ("Vi ses. Vi hörs.", 2.0),
        # 8 words, 1 sentence, 2 longer than six letters: 8 + 25.
        ("Kommunens promenad går vid en sjö nu ikväll.", 33.0),
        ("Ring oss: vi svarar.", 2.0),
    ],
)
def test_lix_is_counted_as_by_hand(text: str, expected: float) -> None:
    assert lix([text]) == pytest.approx(expected)


def test_texts_are_counted_together() -> None:
    assert lix(["Hej.", "Vi ses i morgon bitti."]) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Vi ses kl. 13.30 i dag.", 1),
        ("Läs på bris.se. Ring oss.", 2),
        ("Vad vill du? Svara NEJ.", 2),
        ("Välj en.\n1 jobb\n2 plugg\n3 må bättre", 1),
        ("Ett ord\nett till", 2),
    ],
)
def test_sentences_end_where_readers_stop(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_number_and_address_are_one_word() -> None:
    assert words("Ring 0911-00 00 00 eller bris.se") == ["Ring", "0911-000000", "eller", "bris.se"]


@given(st.lists(st.text()))
def test_lix_never_raises_or_goes_below_zero(texts: list[str]) -> None:
    assert lix(texts) >= 0
