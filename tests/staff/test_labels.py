from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staff import labels
from staff.pages.health import PARTS


def test_a_text_is_cut_at_a_word() -> None:
    assert labels.cut("Tack. Hur vill du ha det första gången?\n1 promenad", 30) == "Tack. Hur vill du ha det\u00a0…"
    assert labels.cut("kort", 30) == "kort"
    assert labels.cut("x" * 80, 70) == "x" * 70 + "\u00a0…"


@given(st.text(), st.integers(5, 90))
def test_what_is_cut_is_never_longer_than_asked_and_a_sign(text: str, longest: int) -> None:
    assert len(labels.cut(text, longest)) <= longest + 2


def test_every_part_that_beats_has_a_swedish_name() -> None:
    assert {
        "alive",
        "dispatcher",
        "doors",
        "doubt",
        "sweep",
        "watch",
        "telegram",
        "sms_list",
        "examine",
    } <= PARTS.keys()


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("lagar vi mat hos oss", "Vi lagar mat hos oss"), ("blir det brädspel", "Det blir brädspel"),
        ("brädspel på Skutan", "Brädspel på Skutan"), ("fikar vi", "Vi fikar"), ("", ""),
    ],
)  # fmt: skip
def test_what_a_group_does_stands_as_a_heading(title: str, heading: str) -> None:
    assert labels.activity(title) == heading
