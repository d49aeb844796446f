"""Numbered options chosen by number, by word, by both, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.choices import Choices, read_choices
from tests import wordlists

LEXICON = wordlists.lexicon()
HELP = ("work", "studies", "wellbeing", "people", "papers", "unsure")
MEET = ("walk", "ours", "home", "phone", "video", "unsure")
REAL = HELP[:-1]


def _help(text: str) -> Choices:
    return read_choices(text, "help", LEXICON, HELP)


def _meet(text: str) -> Choices:
    return read_choices(text, "meet", LEXICON, MEET)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("4 o 6", ("people", "unsure")),
        ("4 o 5", ("people", "papers")),
        ("1,3", ("work", "wellbeing")),
        ("1 3", ("work", "wellbeing")),
        ("1/3", ("work", "wellbeing")),
        ("1 & 3", ("work", "wellbeing")),
        ("1. 3.", ("work", "wellbeing")),
        ("1-3", ("work", "studies", "wellbeing")),
        ("3 till 5", ("wellbeing", "people", "papers")),
        ("ett och två", ("work", "studies")),
        ("en", ("work",)),
        ("tvåan", ("studies",)),
        ("3:an", ("wellbeing",)),
        ("3an", ("wellbeing",)),
        ("nr 2", ("studies",)),
        ("#2", ("studies",)),
        ("2)", ("studies",)),
        ("första", ("work",)),
        ("sista", ("unsure",)),
        ("alla", REAL),
        ("allt", REAL),
        ("allt utom 3", ("work", "studies", "people", "papers")),
        ("alla utom jobb", ("studies", "wellbeing", "people", "papers")),
        ("1️⃣ och 3️⃣", ("work", "wellbeing")),
        ("３", ("wellbeing",)),
        ("٣", ("wellbeing",)),
        ("jobb", ("work",)),
        ("JOBB!!", ("work",)),
        ("jobbb", ("work",)),
        ("pluga", ("studies",)),
        ("jobb o plugg", ("work", "studies")),
        ("må bättre och träffa folk", ("wellbeing", "people")),
        ("ma battre", ("wellbeing",)),
        ("1 jobb 4 träffa folk", ("work", "people")),
        ("5 papper", ("papers",)),
        ("vet inte", ("unsure",)),
        ("vet ej", ("unsure",)),
        ("inget", ("unsure",)),
        ("ingen aning", ("unsure",)),
        ("jobb men inte plugg", ("work",)),
        ("1 och 7", ("work",)),
        ("1 1 1", ("work",)),
    ],
)
def test_options_are_chosen_surely(text: str, chosen: tuple[str, ...]) -> None:
    read = _help(text)
    assert (read.chosen, read.unsure) == (chosen, False)


@pytest.mark.parametrize("text", ["7", "17", "0", "", "hmm", "båda", "inte jobb", "99999999999999", "jag är 19", "😊"])
def test_nothing_is_chosen_and_all_is_left(text: str) -> None:
    read = _help(text)
    assert (read.chosen, read.rest) == ((), text)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("13", ("work", "wellbeing")),
        ("2 jobb", ("studies", "work")),
        ("jobb? vet inte", ("work",)),
    ],
)
def test_a_choice_in_doubt_is_unsure(text: str, chosen: tuple[str, ...]) -> None:
    read = _help(text)
    assert (read.chosen, read.unsure) == (chosen, True)


@pytest.mark.parametrize(
    ("text", "chosen", "rest"),
    [
        ("promenad kanske", ("walk",), "kanske"),
        ("en promenad", ("walk",), ""),
        ("promenaden", ("walk",), ""),
        ("promnad", ("walk",), ""),
        ("ring mig", ("phone",), ""),
        ("video eller telefon", ("video", "phone"), ""),
        ("1 men bara om det inte regnar", ("walk",), "bara om det inte regnar"),
        ("hemma. har hund", ("home",), "har hund"),
    ],
)
def test_words_beside_a_choice_are_kept(text: str, chosen: tuple[str, ...], rest: str) -> None:
    read = _meet(text)
    assert read.chosen == chosen
    assert rest in read.rest


def test_numbers_of_other_things_are_let_go() -> None:
    assert _help("jag är 19 o vill ha jobb").chosen == ("work",)
    assert _help("har sökt 3 jobb").chosen == ("work",)


def test_a_refused_word_after_all_is_unsure() -> None:
    read = _meet("telefon vill jag inte")
    assert (read.chosen, read.unsure) == (("phone",), True)
    assert _meet("1 men bara om det inte regnar").unsure is False


def test_both_needs_exactly_two_options() -> None:
    assert read_choices("båda", "help", LEXICON, ("work", "studies")).chosen == ("work", "studies")
    assert read_choices("båda två", "help", LEXICON, ("work", "studies", "unsure")).chosen == ("work", "studies")


def test_thirteen_of_thirteen_is_one_choice() -> None:
    options = tuple(f"key{number}" for number in range(1, 14))
    assert read_choices("13", "none", LEXICON, options) == Choices(("key13",), "", False)


def test_only_allowed_options_are_chosen() -> None:
    assert read_choices("jobb", "help", LEXICON, ("studies", "papers")).chosen == ()
    assert read_choices("1", "help", LEXICON, ("papers",)).chosen == ("papers",)


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from([HELP, MEET, ("work",), ()]))
def test_any_text_gives_allowed_options(text: str, allowed: tuple[str, ...]) -> None:
    read = read_choices(text, "help", LEXICON, allowed)
    assert set(read.chosen) <= set(allowed)
    assert len(set(read.chosen)) == len(read.chosen)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True), st.sampled_from([", ", " ", " och ", "\n", " & "])
)
def test_joined_numbers_are_all_chosen(numbers: list[int], joint: str) -> None:
    read = _help(joint.join(map(str, numbers)))
    assert read == Choices(tuple(HELP[number - 1] for number in numbers), "", False)
