"""Scales are data: what ships, what a new file brings, how licensed texts are put in, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from messages import lix, sms
from messages.catalog import Catalog
from messages.scales import BadScale, Scale, ScaleItem, fill, in_language, load_scales
from rules.ratings import score

SCALES = load_scales()
LANGUAGES = Catalog.load().languages()
OWN = [scale for scale in SCALES.values() if not scale.licensed]

CHECK_IN = """
title = "Avstämning"
role = "check_in"
instrument = "own"
months = [0, 3, 6, 12]

[[items]]
key = "days"
dimension = "Vardagen"
question = "Hur går vardagen?"
low = "inte alls"
high = "bra"

[[items]]
key = "hope"
dimension = "Framåt"
question = "Hur ser det ut framåt?"
low = "mörkt"
high = "ljust"
"""
TEXTS: dict[str, Any] = {
    "opening": "Inledning.",
    "items": {
        key: {"question": f"Fråga {key}", "low": f"Lågt {key}", "high": f"Högt {key}"}
        for key in ("relation", "goals", "approach", "overall")
    },
}


def written(folder: Path, text: str, slug: str = "ny", language: str = "sv") -> Path:
    """A messages folder with one scale in it."""
    place = folder / language / "scales"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{slug}.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_programs_own_scales_and_the_empty_places() -> None:
    assert {slug: (scale.role, scale.instrument, scale.is_empty) for slug, scale in SCALES.items()} == {
        "egna_efter": ("after", "own", False),
        "egna_fore": ("before", "own", False),
        "ors": ("before", "ORS", True),
        "srs": ("after", "SRS", True),
    }
    assert all(len(scale.items) == 4 for scale in SCALES.values())
    assert SCALES["egna_efter"].keys == SCALES["srs"].keys == ("relation", "goals", "approach", "overall")
    assert SCALES["egna_fore"].keys == SCALES["ors"].keys == ("individual", "close", "social", "overall")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", [scale.slug for scale in OWN])
def test_every_question_fits_an_sms_and_reads_easily(slug: str, language: str) -> None:
    scale = load_scales(language)[slug]
    said = [scale.opening] if scale.opening else []
    for item in scale.items:
        for name in ("Anna", None):
            asked = f"4 av 4. {item.asked(name)} 0 är {item.low}. 10 är {item.high}."
            assert "{" not in asked
            assert item.asked(name)
            if language in ("sv", "en"):
                measured = sms.measure(sms.fold(asked))
                assert (measured.encoding, measured.segments) == ("GSM-7", 1), asked
            said.append(asked)
    if language == "sv":
        assert lix.lix(said) <= 25


def test_english_is_whole() -> None:
    for scale in OWN:
        english = in_language(scale, "en")
        assert english.keys == scale.keys
        assert english.version != scale.version
        assert all(theirs.question != ours.question for theirs, ours in zip(english.items, scale.items, strict=True))
        assert (english.title, english.role, english.instrument) == (scale.title, scale.role, scale.instrument)


def test_a_language_without_scales_asks_in_swedish() -> None:
    assert load_scales("so") == SCALES
    assert in_language(SCALES["egna_efter"], "fi") == SCALES["egna_efter"]


def test_a_new_scale_takes_a_file_and_no_code(tmp_path: Path) -> None:
    scale = load_scales("sv", written(tmp_path, CHECK_IN, "avstamning"))["avstamning"]
    assert (scale.role, scale.months, scale.keys) == ("check_in", (0, 3, 6, 12), ("days", "hope"))
    assert not scale.licensed
    assert score(scale.instrument, [7, 2.5]).total == 9.5


def test_a_translation_falls_back_item_by_item(tmp_path: Path) -> None:
    written(tmp_path, CHECK_IN)
    half = '[items.hope]\nquestion = "How does it look ahead?"\nlow = "dark"\nhigh = "bright"\n'
    scale = load_scales("en", written(tmp_path, half, language="en"))["ny"]
    assert [item.question for item in scale.items] == ["Hur går vardagen?", "How does it look ahead?"]
    assert scale.months == (0, 3, 6, 12)


def test_version_follows_the_words(tmp_path: Path) -> None:
    one = load_scales("sv", written(tmp_path / "a", CHECK_IN))["ny"]
    other = load_scales("sv", written(tmp_path / "b", CHECK_IN.replace("vardagen?", "det?")))["ny"]
    months = load_scales("sv", written(tmp_path / "c", CHECK_IN.replace("3, 6", "6")))["ny"]
    assert one.version != other.version
    assert one.version == months.version
    assert load_scales("sv", written(tmp_path / "d", f'version = "2"{CHECK_IN}'))["ny"].version == "2"


def test_a_question_names_the_staff_member_or_nobody() -> None:
    item = SCALES["egna_efter"].items[0]
    assert item.asked("Anna") == "Lyssnade Anna på dig?"
    assert item.asked("{name}") == "Lyssnade {name} på dig?"
    assert item.asked(None) == item.asked("") == "Lyssnade vi på dig?"
    assert ScaleItem("a", "A", "Fråga?").asked("Anna") == "Fråga?"


# --- licensed texts --------------------------------------------------------------------------------------------------


def test_licensed_texts_fill_the_empty_place() -> None:
    scale = fill(SCALES["srs"], TEXTS, "2021-1")
    assert not scale.is_empty
    assert (scale.version, scale.opening, scale.instrument) == ("2021-1", "Inledning.", "SRS")
    assert [item.low for item in scale.items] == [f"Lågt {key}" for key in scale.keys]
    assert in_language(scale, "en") == scale
    assert SCALES["srs"].is_empty


def without(key: str) -> dict[str, Any]:
    return {"items": {each: words for each, words in TEXTS["items"].items() if each != key}}


def changed(key: str, **words: Any) -> dict[str, Any]:
    return {"items": TEXTS["items"] | {key: TEXTS["items"][key] | words}}


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({}, "srs, licensed texts, relation: question is missing"),
        (without("goals"), "srs, licensed texts, goals: question is missing"),
        (changed("goals", low=""), "srs, licensed texts, goals: low is missing"),
        (changed("goals", low="  "), "srs, licensed texts, goals: low is missing"),
        (changed("goals", low=7), "srs, licensed texts, goals: low is 7; write a text"),
        (changed("goals", high="a\nb"), "write a text on one line"),
        (changed("goals", question="x" * 121), "question has 121 characters; at most 120"),
        (changed("goals", colour="red"), "'colour' is not known"),
        (changed("goals", question="Hur var {namn}?"), "only {name} can stand in braces"),
        ({"items": TEXTS["items"] | {"extra": {}}}, "there is no item 'extra'; the items are relation, goals"),
        ({"items": ["x"]}, "items is no table"),
        ({**TEXTS, "title": "x"}, "'title' is not known"),
    ],
)
def test_licensed_texts_that_are_not_whole_are_refused(texts: dict[str, Any], told: str) -> None:
    with pytest.raises(BadScale) as caught:
        fill(SCALES["srs"], texts, "1")
    assert told in str(caught.value)


def test_only_an_empty_place_is_filled() -> None:
    with pytest.raises(BadScale, match="the program's own"):
        fill(SCALES["egna_efter"], TEXTS, "1")


# --- files that are wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('role = "check_in"', 'role = "efter"', "role is 'efter'; write one of before, after, check_in"),
        ('instrument = "own"', 'instrument = "XYZ"', "instrument is 'XYZ'; write one of ORS, SRS, own"),
        ('instrument = "own"', 'instrument = "ORS"', "ORS and SRS are licensed and own is not"),
        ('instrument = "own"', 'instrument = "ORS"\nlicensed = true', "item 1: a licensed scale lies here without"),
        ('instrument = "own"', 'instrument = "own"\nlicensed = "ja"', "licensed is 'ja'; write true or false"),
        ("[0, 3, 6, 12]", "[3, 0]", "write each once, in order"),
        ("[0, 3, 6, 12]", '["3"]', "write whole numbers of months"),
        ("[0, 3, 6, 12]", "[true]", "write whole numbers of months"),
        ("months = [0, 3, 6, 12]", "", "months says when a check-in is due"),
        ('title = "Avstämning"', "", "title is missing"),
        ('title = "Avstämning"', 'titel = "Avstämning"', "'titel' is not known"),
        ('key = "hope"', 'key = "days"', "two items have the same key"),
        ('key = "hope"', 'key = "Hope!"', "item 2: key is 'Hope!'"),
        ('high = "ljust"', "", "item 2: high is missing"),
        ('question = "Hur går vardagen?"', 'question = "Hur är {name}?"', "write without_name too"),
        ('low = "mörkt"', 'low = "{name}"', "only {name} can stand in braces, and only in the question"),
        ('title = "Avstämning"', "title =", "it is not TOML"),
    ],
)
def test_a_file_that_is_wrong_says_where_and_what(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in CHECK_IN
    with pytest.raises(BadScale) as caught:
        load_scales("sv", written(tmp_path, CHECK_IN.replace(old, new)))
    assert str(caught.value).startswith("messages/sv/scales/ny.toml")
    assert told in str(caught.value)


def test_a_file_without_items_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadScale, match="it has no items"):
        load_scales("sv", written(tmp_path, CHECK_IN.partition("[[items]]")[0]))


@pytest.mark.parametrize(
    ("text", "slug", "told"),
    [
        ("", "okand", "only a scale of messages/sv/scales"),
        ('title = "x"', "ny", "'title' is not known"),
        ('[items.other]\nquestion = "x"', "ny", "there is no item 'other'"),
        ('[items.hope]\nquestion = "x"', "ny", "hope: low is missing"),
    ],
)
def test_a_translation_that_is_wrong_says_where(tmp_path: Path, text: str, slug: str, told: str) -> None:
    written(tmp_path, CHECK_IN)
    with pytest.raises(BadScale) as caught:
        load_scales("en", written(tmp_path, text, slug, "en"))
    assert str(caught.value).startswith(f"messages/en/scales/{slug}.toml")
    assert told in str(caught.value)


def test_no_licensed_words_ship() -> None:
    empty: list[Scale] = [scale for scale in SCALES.values() if scale.licensed]
    assert [(item.question, item.low, item.high) for scale in empty for item in scale.items] == [("", "", "")] * 8
