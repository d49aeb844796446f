from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text import CUT_MARK, LIMIT, cut, fold, squeeze, words

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("JA!!", "ja"),
        ("Åh, nej då", "ah , nej da"),
        ("ＳＴＯＰ", "stop"),
        ("kl.14:30", "kl 14.30"),
        ("3:e", "3e"),
        ("sms:a", "smsa"),
        ("1️⃣", "1"),
        ("١٢", "12"),
        ("👍🏽", "👍"),
        ("don't", "dont"),
        ("st0pp", "stopp"),
        ("5topp", "stopp"),
        ("1aaa", "1aaa"),  # one that is held long, no word of three letters
        ("s t o p p", "stopp"),
        ("s.t.o.p.p", "stopp"),
        ("sтopp", "stopp"),
        ("ja :D <3", "ja ❤"),
        ("ja\n\nnej", "ja , nej"),
        ("می‌خواهم", "ميخواهم"),
        ("ꜱᴛᴏᴘ", "stop"),
        ("\x00\ud800", ""),
        ("...", ""),
    ],
)
def test_folding_gives_the_plain_form(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(ANY)
def test_squeezing_twice_is_squeezing_once(text: str) -> None:
    once = squeeze(fold(text))
    assert squeeze(once) == once


@given(ANY)
def test_words_hold_no_spaces_or_capitals(text: str) -> None:
    for word in words(text):
        assert word
        assert not any(char.isspace() for char in word)
        assert fold(word).replace(" ", "") == word.lower() or word == ","


def test_a_doubled_word_is_there_once() -> None:
    assert words("ja ja, nej nej 1 1") == ["ja", ",", "nej", "1", "1"]


def test_a_long_text_is_cut_visibly() -> None:
    text = "hej " * 5000
    assert len(cut(text)) <= LIMIT
    assert CUT_MARK in cut(text)
    assert cut("kort") == "kort"


def test_a_cut_keeps_head_tail_and_beacons() -> None:
    text = "Börjar här. " + "bla " * 3000 + "jag vill dö nu" + " bla" * 3000 + " slutar här"
    kept = cut(text, ["vill dö"])
    assert kept.startswith("Börjar här")
    assert kept.endswith("slutar här")
    assert "jag vill dö nu" in kept
    assert len(kept) <= LIMIT
