"""Reading a code: six digits and nothing more that means anything."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.asks import Context, Understood
from flows.codes import Code, read_code, six_digits
from flows.lexicon import Lexicon
from flows.values import read_birth_year
from rules.codes import HOW_MANY, code_of, is_code
from tests import wordlists

CODES = st.integers(0, HOW_MANY - 1).map(code_of)
OTHER_DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９")


@cache
def lexicon() -> Lexicon:
    return wordlists.lexicon()


SAID = (
    "{}", " {} ", "koden är {}", "Kod: {}.", "min kod e {}!", "/start {}", "koppla {}", "{} tack", "hej {}", "CODE {}",
    "the code is {}",
)  # fmt: skip


@given(CODES, st.sampled_from(SAID))
def test_a_code_is_read_in_few_words(code: str, said: str) -> None:
    assert read_code(said.format(code), lexicon()) == code


@given(CODES, st.sampled_from(["{0}{1}{2}", "{0}{1} {2}", "{0} {1} {2}", "{0}-{1}-{2}", "{0} - {1} - {2}"]))
def test_digits_may_stand_in_groups(code: str, grouped: str) -> None:
    written = grouped.format(code[:2], code[2:4], code[4:])
    assert read_code(written, lexicon()) == (code if grouped != "{0}{1} {2}" else None)
    assert read_code(f"{code[:3]} {code[3:]}", lexicon()) == code
    assert read_code(f"{code[:3]}-{code[3:]}", lexicon()) == code


@given(CODES, st.sampled_from(OTHER_DIGITS))
def test_digits_of_any_script_are_read(code: str, script: str) -> None:
    assert read_code("".join(script[int(digit)] for digit in code), lexicon()) == code


@given(st.text(max_size=80))
def test_any_text_gives_a_code_or_none(text: str) -> None:
    code = read_code(text, lexicon())
    assert code is None or (len(code) == 6 and code.isascii() and code.isdigit())
    assert code is None or six_digits(text) == code


@given(st.text(max_size=40), CODES)
def test_an_unknown_word_makes_it_ordinary(word: str, code: str) -> None:
    assume(any(ch.isalpha() for ch in word) and not any(ch.isdigit() for ch in word))
    assert read_code(f"portkod qqq {word} {code}", lexicon()) is None


@pytest.mark.parametrize(
    "text",
    ["48621", "4862133", "486213 1", "070-486 213", "+486213", "486213?", "48.62.13.1", "portkod 486213", "486 2135",
     "", "486\n213", "486213%", "jag bor på 486213", "1 2 3 4 5 6", "kod", "486213 eller 486214"],
)  # fmt: skip
def test_other_texts_are_no_code(text: str) -> None:
    assert read_code(text, lexicon()) is None


@given(CODES)
def test_no_code_of_ours_is_a_birth_year(code: str) -> None:
    born = read_birth_year(code, 2026, lexicon())
    assert born.year is None or not is_code(code), "a code that is also an answer"


@given(CODES, st.text(st.characters(categories=["L", "Z"]), max_size=20))
def test_an_open_question_for_it_takes_it_in_any_words(code: str, word: str) -> None:
    reading = Code().read(f"{word} {code}", Context(lexicon(), 2026))
    assert reading == Understood(code)


@pytest.mark.parametrize("text", ["ny kod", "NY KOD", "det kom inget sms", "fick ingen kod", "new code", "kom inte"])
def test_none_came_is_an_answer_too(text: str) -> None:
    assert Code().read(text, Context(lexicon(), 2026)) == Understood("")


@pytest.mark.parametrize("text", ["vilken kod?", "48621", "", "hej"])
def test_all_else_is_unclear(text: str) -> None:
    assert not isinstance(Code().read(text, Context(lexicon(), 2026)), Understood)
