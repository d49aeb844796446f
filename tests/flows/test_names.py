"""Names alone, names in sentences, and answers that hold no name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.names import read_name
from tests import wordlists

LEXICON = wordlists.lexicon()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kim", "Kim"),
        ("kim", "Kim"),
        ("KIM", "KIM"),
        ("Kim.", "Kim"),
        ("Kim!!!", "Kim"),
        ("Kim 😊", "Kim"),
        ("kim :)", "Kim"),
        ("jag heter Kim", "Kim"),
        ("Jag heter kim", "Kim"),
        ("hej kim heter jag", "Kim"),
        ("hej! jag heter kim. jag bor i piteå", "Kim"),
        ("ni kan kalla mig för Kim-Li", "Kim-Li"),
        ("du kan säga Kim", "Kim"),
        ("hej ta bara Robin", "Robin"),
        ("jag heter Kim men skriv Kimpan", "Kimpan"),
        ("skriv Melker tror jag", "Melker"),
        ("melker typ", "Melker"),
        ("dom kallar mig Kruttan", "Kruttan"),
        ("Fia med kn", "Fia med kn"),
        ("mitt namn är Åsa", "Åsa"),
        ("mitt namn är A\u030asa", "Åsa"),
        ("mitt namn: Kim", "Kim"),
        ("det är Kim", "Kim"),
        ("jag är kim", "Kim"),
        ("Kim här", "Kim"),
        ("ja kim", "Kim"),
        ("Kim, 19 år", "Kim"),
        ("kim 19", "Kim"),
        ("Kim och jag är 19", "Kim"),
        ("Kim går bra", "Kim"),
        ("Kim men alla kallar mig Kimpan", "Kimpan"),
        ("Kim (snälla skriv inte mitt riktiga namn)", "Kim"),
        ("anna-karin", "Anna-Karin"),
        ("o'neill", "O'Neill"),
        ("kim von der leyen", "Kim von der Leyen"),
        ("Fatima bint Ali", "Fatima bint Ali"),
        ("anna maria svensson lind", "Anna Maria Svensson Lind"),
        ("Mina", "Mina"),
        ("Hans", "Hans"),
        ("Bo", "Bo"),
        ("My", "My"),
        ("Love", "Love"),
        ("محمد", "محمد"),
        ("Олена", "Олена"),
        ("ሰላም", "ሰላም"),
        ("<b>Kim</b>", "Kim"),
        ("Kim\x00", "Kim"),
        ("\u202eKim", "Kim"),
        ("Kim\nAndersson", "Kim"),
        ("my name is Sam", "Sam"),
        ("Kim 20030415-1234", "Kim"),
    ],
)
def test_name_is_found(text: str, name: str) -> None:
    assert read_name(text, LEXICON) == name


@pytest.mark.parametrize(
    "text",
    [
        "vet inte",
        "varför undrar du det",
        "varför?",
        "vill inte säga",
        "spelar ingen roll",
        "det spelar ingen roll",
        "strunta i det",
        "jag är trött",
        "jag är så trött idag",
        "jag heter inte kim",
        "vem är du",
        "va?",
        "hej",
        "hej hej",
        "ja",
        "nej",
        "ok",
        "stopp",
        "inget",
        "ingenting",
        "jag",
        "heter",
        "03",
        "0701234567",
        "👍",
        "",
        "...",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "https://example.org",
        "kim@example.org",
        "a" * 61,
        "får jag vara anonym",
        "kan jag ta med min hund på promenaden",
        "får man ta med en kompis",
        "kör på vad som helst",
        "jag är på bussen",
        "jag är ute med hunden",
        "min mamma heter Anna",
        "på dagis",
        "nyss vaknat",
        "sover fortfarande",
        "ja gärna",
        "måste jag det",
    ],
)
def test_no_name_is_taken_from_it(text: str) -> None:
    assert read_name(text, LEXICON) is None


@settings(deadline=None)
@given(st.text(max_size=700))
def test_name_is_short_and_clean(text: str) -> None:
    name = read_name(text, LEXICON)
    if name is not None:
        assert 1 <= len(name) <= 60
        assert name == " ".join(name.split())
        assert not any(sign in name for sign in "<>{}[]$=|\\")
        assert all(unicodedata.category(sign)[0] != "C" or sign in "\u200c\u200d" for sign in name)


@settings(deadline=None)
@given(
    st.sampled_from(["Kim", "Åsa", "Li", "Mohammed", "Zoë"]),
    st.sampled_from(["", "jag heter ", "hej, jag heter ", "namn "]),
)
def test_lead_words_change_no_name(name: str, lead: str) -> None:
    assert read_name(f"{lead}{name}", LEXICON) == name
