"""Pieces with their places, and known words a slip away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flows.near import Near, one_slip
from flows.tokens import LIMIT, remembered, tidy, tokenise


def test_pieces_keep_their_kind_and_place() -> None:
    text = tidy("Kl 14.30 på FREDAG")
    assert [(piece.kind, piece.text) for piece in tokenise(text)] == [
        ("word", "kl"),
        ("number", "14"),
        ("sign", "."),
        ("number", "30"),
        ("word", "pa"),
        ("word", "fredag"),
    ]
    assert [text[piece.start : piece.end] for piece in tokenise(text)] == ["Kl", "14", ".", "30", "på", "FREDAG"]


def test_digits_and_dashes_become_plain() -> None:
    assert tidy("１３–١٥ 1\ufe0f\u20e3") == "13-15 1"


@given(st.text())
def test_tidied_text_stays_within_its_limit(text: str) -> None:
    tokens = tokenise(tidy(text))
    assert all(piece.start < piece.end for piece in tokens)
    assert len(tokens) <= len(tidy(text)) <= 20 * LIMIT


def test_one_slip_finds_the_one_meaning() -> None:
    near = Near.build({"torsdag": 3, "tisdag": 1, "onsdag": 2})
    assert [near.find(word) for word in ("trosdag", "torsdg", "torssdag", "torzdag")] == [3, 3, 3, 3]
    assert [near.find(word) for word in ("orsdag", "dag", "torsk", "t1sdag")] == [2, None, None, None]


def test_two_meanings_a_slip_away_are_none() -> None:
    assert Near.build({"kalle": 1, "kulle": 2}).find("kolle") is None
    assert Near.build({"kalle": 1, "kulle": 1}).find("kolle") == 1


@given(st.text(st.sampled_from("abc"), min_size=5, max_size=7), st.text(st.sampled_from("abc"), min_size=4, max_size=8))
def test_slips_are_at_most_one_letter(meant: str, typed: str) -> None:
    if one_slip(typed, meant):
        assert abs(len(typed) - len(meant)) <= 1
    if typed == meant:
        assert one_slip(typed, meant)


def test_word_lists_are_compiled_once() -> None:
    built: list[int] = []

    def build(data: object) -> int:
        built.append(1)
        return len(built)

    compiled = remembered(build)
    first, second = {"a": 1}, {"a": 1}
    assert compiled(first) == compiled(first) == 1
    assert compiled(second) == 2
