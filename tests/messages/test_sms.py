"""Lengths against known vectors, and the fold against letters, signs and chance."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.sms import GSM_BASIC, GSM_EXTENSION, Size, fits, fold, measure

EMOJI = "\U0001f60a"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

LENGTHS = [
    ("", "GSM-7", 0, 0),
    ("a", "GSM-7", 1, 1),
    ("a" * 160, "GSM-7", 1, 160),
    ("a" * 161, "GSM-7", 2, 161),
    ("a" * 306, "GSM-7", 2, 306),
    ("a" * 307, "GSM-7", 3, 307),
    ("€" * 80, "GSM-7", 1, 160),
    ("€" * 81, "GSM-7", 2, 162),
    ("a" * 152 + "€" + "b" * 153, "GSM-7", 3, 307),
    ("a" * 151 + "€" + "b" * 153, "GSM-7", 2, 306),
    ("åäöÅÄÖéÉüÜèàñøæß§@£¤Ç" * 7, "GSM-7", 1, 147),
    ("–" * 70, "UCS-2", 1, 70),
    ("–" * 71, "UCS-2", 2, 71),
    ("–" * 134, "UCS-2", 2, 134),
    ("–" * 135, "UCS-2", 3, 135),
    (EMOJI * 35, "UCS-2", 1, 70),
    (EMOJI * 36, "UCS-2", 2, 72),
    (EMOJI * 66, "UCS-2", 2, 132),
    (EMOJI * 67, "UCS-2", 3, 134),
    (EMOJI + "]" * 68, "UCS-2", 1, 70),
    (EMOJI + "]" * 69, "UCS-2", 2, 71),
    (EMOJI + "1" * 132, "UCS-2", 2, 134),
    (EMOJI + "1" * 133, "UCS-2", 3, 135),
    ("a" * 66 + EMOJI + "a" * 66, "UCS-2", 3, 134),
    ("\U0001f1ee\U0001f1f9" + "2" * 66, "UCS-2", 1, 70),
    ("\U0001f1ee\U0001f1f9" + "2" * 67, "UCS-2", 2, 71),
    ("a" * 60 + FAMILY + "b" * 66, "UCS-2", 3, 134),
    ("a\u030a", "UCS-2", 1, 2),
    ("é\u0301\u0301" + "a" * 67, "UCS-2", 1, 70),
    ("é\u0301\u0301" + "a" * 68, "UCS-2", 2, 71),
    ("a" * 150 + "\u201d", "UCS-2", 3, 151),
    ("rad\r\nrad", "GSM-7", 1, 8),
]

FOLDS = [
    ("Hej \u201dKim\u201d", 'Hej "Kim"'),
    ("kl. 9.00\u201315.30", "kl. 9.00-15.30"),
    ("vänta\u2026", "vänta..."),
    ("070-123\u00a045\u00a067", "070-123 45 67"),
    ("it\u2019s", "it's"),
    ("«citat»", '"citat"'),
    ("hej\u200bdå\ufeff", "hejdå"),
    ("hej\u200ddå", "hejdå"),
    ("a\u030ase A\u0308ng o\u0308", "åse Äng ö"),
    ("Ćosić", "Cosic"),
    ("Łukasz Wałęsa", "Lukasz Walesa"),
    ("Zoë", "Zoe"),
    ("José Åsa Öberg Müller", "José Åsa Öberg Müller"),
    ("Sørensen Weiß", "Sørensen Weiß"),
    ("Đorđe Þór Œuvre", "Dorde Thor OEuvre"),
    ("Nguyễn", "Nguyen"),
    ("ǻ ȫ", "å ö"),
    ("Françoise Ça", "Francoise Ça"),
    ("a\tb\r\nc\rd", "a b\nc\nd"),
    ("½ ¾ 3×4", "1/2 3/4 3x4"),
    ("\uff11\uff12 \uff2b\uff49\uff4d", "12 Kim"),
    ("1\ufe0f\u20e3 promenad", "1 promenad"),
    ("Kim \U0001f60a", "Kim \U0001f60a"),
    ("\u2764\ufe0f", "\u2764\ufe0f"),
    (FAMILY, FAMILY),
    ("Олена", "Олена"),
    ("محمد", "محمد"),
    ("ሰላም", "ሰላም"),
    ("Μαρία", "Μαρία"),
    ("nul\x00l\x07", "null"),
    ("half\ud83d", "half"),
    ("[kod] ~ €", "[kod] ~ €"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "encoding", "segments", "units"), LENGTHS)
def test_length_agrees_with_public_calculators(text: str, encoding: str, segments: int, units: int) -> None:
    size = measure(text)
    assert (size.encoding, size.segments, size.units) == (encoding, segments, units)


@pytest.mark.parametrize(("text", "folded"), FOLDS)
def test_fold_gives_a_fair_stand_in(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_gsm_tables_have_their_known_sizes() -> None:
    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


def test_fits_counts_the_parts_allowed() -> None:
    assert fits("a" * 306)
    assert not fits("a" * 307)
    assert not fits("a" * 161, segments=1)


def test_folding_a_curly_quote_saves_two_parts() -> None:
    text = "a" * 150 + "\u201d"
    assert measure(text).segments == 3
    assert measure(fold(text)) == Size("GSM-7", 1, 151)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(categories=["Mn", "Me", "Cf", "Lu", "Ll", "So", "Zs", "Cc"])))
def test_folding_marks_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(categories=["L"])))
def test_folding_never_writes_a_question_mark(text: str) -> None:
    assert "?" not in fold(text)
    assert len(text) == 0 or fold(text) != ""


@given(st.text(st.sampled_from("åäöÅÄÖéÉüÜ abc123\n")))
def test_swedish_letters_survive_the_fold(text: str) -> None:
    assert fold(text) == text
    assert fold(unicodedata.normalize("NFD", text)) == text


@given(st.text(max_size=600))
def test_parts_never_exceed_their_room(text: str) -> None:
    size = measure(text)
    alone, joined = (160, 153) if size.encoding == "GSM-7" else (70, 67)
    assert size.segments <= 1 or size.units > alone
    assert size.units <= max(alone, size.segments * joined)
    assert (size.segments == 0) == (text == "")


@given(st.text(max_size=300))
def test_folded_text_needs_no_more_parts(text: str) -> None:
    if measure(text).encoding == "GSM-7":
        assert measure(fold(text)).encoding == "GSM-7"
