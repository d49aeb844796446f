"""What somebody with a meeting ahead wants: every phrase of the table, and what chance may bring."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.asks import Context
from flows.lexicon import Lexicon
from flows.meeting_words import read_meeting_words, wants_a_walk
from messages.words import load_words
from tests.flows.meeting_talks import CONTEXT, LEXICON, WISHES, at

TABLE = Path(__file__).with_name("meeting_phrases.tsv")


def _rows() -> list[tuple[str, str, int | None]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[0], row[1], int(row[2]) if len(row) > 2 else None) for row in rows]


ROWS = _rows()


def test_table_holds_a_hundred_and_fifty_phrases() -> None:
    assert len(ROWS) >= 150
    assert len({text for text, _, _ in ROWS}) == len(ROWS)


def test_every_phrase_is_read_as_meant() -> None:
    read = {text: read_meeting_words(text, CONTEXT) for text, _, _ in ROWS}
    assert {text: (each.wish, each.minutes) for text, each in read.items()} == {row[0]: row[1:] for row in ROWS}


def test_capitals_dots_and_polite_words_change_nothing() -> None:
    assert {text: read_meeting_words(text.upper(), CONTEXT).wish for text, _, _ in ROWS} == {
        text: wish for text, wish, _ in ROWS
    }


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("kan vi ta fredag i stället", "2026-12-03T23:00:00+00:00"),
        ("byt till fredag kl 10", "2026-12-04T09:00:00+00:00"),
        ("sjuk, kan vi ta fredag kl 10", "2026-12-04T09:00:00+00:00"),
        ("inte idag, hellre i morgon kl 10", "2026-12-01T09:00:00+00:00"),
        ("en timme senare", "2026-12-03T13:30:00+00:00"),
    ],
)
def test_a_time_that_is_named_comes_with_the_wish(text: str, starts: str) -> None:
    read = read_meeting_words(text, CONTEXT, datetime.fromisoformat(at("2026-12-03 13:30")))
    assert read.wanted is not None
    assert read.wanted["starts"] == starts


@pytest.mark.parametrize("text", ["feber", "har feber", "ja", "1", "2", "3", "ja men inte halv två", "10 min sen"])
def test_no_time_is_heard_where_none_is_named(text: str) -> None:
    assert read_meeting_words(text, CONTEXT).wanted is None


@pytest.mark.parametrize(
    "text",
    [
        "promenad", "Promenad!", "en promenad", "boka promenad", "boka en promenad", "kan vi ta en promenad",
        "jag vill ta en promenad",
        "kan vi gå en promenad", "vill gärna gå på promenad", "skulle vilja boka en promenad", "prommenad",
        "promnad", "ny promenad",
        "hej promenad", "promenad tack", "går det att boka en promenad på torsdag", "kan vi gå ut och gå",
        "gå en promenad", "walk", "vill ha promenad",
        "jag vill boka en ny promenad",
    ],
)  # fmt: skip
def test_a_walk_is_asked_for(text: str) -> None:
    assert wants_a_walk(text, LEXICON)


@pytest.mark.parametrize(
    "text",
    [
        "promenaden var skön", "promenaden var bra", "vilken fin promenad det var", "det var en skön promenad",
        "tack för promenaden",
        "jag gick en promenad igår", "vill inte ha promenad", "orkar inte gå på promenad", "ingen promenad",
        "jag hatar promenader",
        "är på promenad med hunden", "jag går promenader med hunden varje dag", "avboka promenaden", "ja", "hej",
        "är det en promenad?",
        "jag hittar inga promenadskor", "sluta med promenader", "",
    ],
)  # fmt: skip
def test_a_walk_is_only_talked_of(text: str) -> None:
    assert not wants_a_walk(text, LEXICON)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("yes", "yes"), ("no", "no"), ("not today", "not_today"), ("running late", "late"), ("i'm sick", "sick"),
        ("where are you", "lost"), ("when is it", "when"), ("another time", "move"), ("remind me", "remind"),
    ],
)  # fmt: skip
def test_english_is_read_with_its_own_lists(text: str, wish: str) -> None:
    assert read_meeting_words(text, Context(Lexicon.from_data(load_words("en")), 2026)).wish == wish


@settings(deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from([text for text, _, _ in ROWS]), max_size=4).map(" ".join))
def test_any_text_is_read(text: str) -> None:
    read = read_meeting_words(text, CONTEXT)
    assert read.wish in WISHES
    assert read.minutes is None or 0 < read.minutes <= 240
    wants_a_walk(text, LEXICON)
