from __future__ import annotations

import pytest

from flows.lexicon import Lexicon
from flows.patterns import expand, parse
from messages.words import languages, load_words
from tests import wordlists


def says(*lines: str, innocent: tuple[str, ...] = (), **more: object) -> Lexicon:
    return Lexicon.from_data({"distress": {"says": list(lines), "innocent": list(innocent)}, **more})


def meaning(lexicon: Lexicon, text: str) -> str:
    from flows.answers import read_reply

    return read_reply(text, None, lexicon).meaning


@pytest.mark.parametrize("language", languages())
def test_every_languages_word_lists_compile(language: str) -> None:
    lexicon = Lexicon.from_data(load_words(language))
    assert lexicon.language == language
    assert len(lexicon.version) == 10


def test_the_version_follows_the_words() -> None:
    data = load_words("sv")
    before = Lexicon.from_data(data).version
    assert Lexicon.from_data(load_words("sv")).version == before
    data["whole"]["yes"].append("jomenvisst")
    assert Lexicon.from_data(data).version != before


def test_an_unknown_language_is_said_by_name() -> None:
    with pytest.raises(LookupError, match=r"'xx'.*sv"):
        load_words("xx")


def test_own_words_go_before_other_languages() -> None:
    assert load_words("sv")["whole"]["yes"][0] == "ja"
    assert load_words("en")["whole"]["yes"][0] == "yes"
    assert load_words("fi")["whole"]["yes"][0] == "kyllä"


@pytest.mark.parametrize(
    ("line", "text", "is_found"),
    [
        ("vill dö", "jag vill dö nu", True),
        ("vill dö", "jag vill, dö nu", True),
        ("vill dö", "jag vill inte dö", False),
        ("(vill|ska) dö", "ska dö", True),
        ("vill [bara] dö", "vill bara dö", True),
        ("vill * dö", "vill bara nu genast dö", True),
        ("vill * dö", "vill bara nu genast här dö", False),
        ("vill ** dö", "vill ett två tre fyra fem sex sju åtta dö", True),
        ("självm~", "har självmordstankar", True),
        ("# tabletter", "tog 30 tabletter", True),
        ("# tabletter", "tog många tabletter", False),
        ("< dö", "hej. dö nu", True),
        ("< dö", "hej dö nu", False),
        ("dö >", "vill dö, hej", True),
        ("dö >", "vill dö hej", False),
        ("dö (>|nu)", "vill dö nu hej", True),
        ("{den} dö", "vill inte dö", True),
    ],
)
def test_a_pattern_finds_what_it_says(line: str, text: str, is_found: bool) -> None:
    lexicon = says(line, sets={"den": ["inte", "aldrig mer"]})
    assert (meaning(lexicon, text) == "distress") is is_found


def test_a_harmless_phrase_hides_only_itself() -> None:
    lexicon = says("dö", "hunger * nu", innocent=("dö av hunger",))
    assert meaning(lexicon, "dö av hunger") == "unclear"
    assert meaning(lexicon, "dö av hunger, vill dö") == "distress"


def test_a_gap_may_span_a_harmless_phrase() -> None:
    lexicon = says("vill ** dö", innocent=("skratta ihjäl mig",))
    assert meaning(lexicon, "vill skratta ihjäl mig och sen dö") == "distress"


@pytest.mark.parametrize("line", ["(vill dö", "vill dö)", "[vill", "{okänd} dö", "", "abc~", "[vill]", "*"])
def test_a_faulty_pattern_is_refused_by_name(line: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|stem"):
        says(line)


def test_a_whole_reply_cannot_hold_a_gap() -> None:
    with pytest.raises(ValueError, match="plain phrase"):
        Lexicon.from_data({"whole": {"yes": ["ja * tack"]}})


def test_choices_expand_to_every_phrase() -> None:
    elements = parse("[ja] (kan|vill) inte", {})
    assert set(expand(elements, "")) == {
        ("kan", "inte"),
        ("vil", "inte"),
        ("ja", "kan", "inte"),
        ("ja", "vil", "inte"),
    }


def test_a_word_of_the_language_is_never_mended() -> None:
    mend = wordlists.lexicon().typos.mend
    for word in ("topen", "solen", "kyla", "skriker", "polis", "stol"):
        assert mend(word) == word


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("absoult", "absolut"), ("gärma", "garna"), ("sjavlklart", "sjalvklart"), ("pasar", "pasar"), ("slutta", "sluta")],
)
def test_a_slip_of_the_thumb_is_mended(typed: str, meant: str) -> None:
    from flows.text import fold, squeeze

    assert wordlists.lexicon().typos.mend(squeeze(fold(typed))) == meant
