"""The drawing of ratings and its table: they tell the same, all is in the box, and nothing is joined that differs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import curve_svg, rating_points
from messages.curve import Point, draw
from messages.curve_svg import FEW, Sign
from messages.page_words import page_words
from messages.rating_points import Row

SVG = "{http://www.w3.org/2000/svg}"
DAY = date(2026, 12, 3)
WORDS = page_words()
MISSING, MODE_WORDS = WORDS.plain("curve.missing"), WORDS.under("curve.mode")

values = st.none() | st.integers(0, 100).map(lambda tenths: tenths / 10)


def point(session: int = 0, total: float | None = 20.0, **how: Any) -> Point:
    """A rating, a week after the one of the session before."""
    each = None if total is None else total / 4
    told: dict[str, Any] = {
        "session": session, "day": DAY + timedelta(weeks=session), "role": "before", "instrument": "own",
        "items": (each,) * 4, "total": total, "mode": None if total is None else "page",
        "scale": "egna_fore", "version": "1", "texts": "egna frågor",
    }  # fmt: skip
    return Point(**told | how)


@st.composite
def points(draw_one: st.DrawFn) -> Point:
    """Any rating that can be kept."""
    items = tuple(draw_one(st.lists(values, min_size=1, max_size=6)))
    known = [value for value in items if value is not None]
    total = round(sum(known), 1) if len(known) == len(items) else None
    top = 10.0 * len(items)
    return Point(
        session=draw_one(st.integers(0, 70)),
        day=DAY + timedelta(days=draw_one(st.integers(0, 1000))),
        role=draw_one(st.sampled_from(("before", "after", "check_in"))),
        instrument=draw_one(st.sampled_from(("ORS", "SRS", "own"))),
        items=items,
        total=total,
        mode=draw_one(st.none() | st.sampled_from(tuple(MODE_WORDS))),
        scale=draw_one(st.sampled_from(("egna", "ors"))),
        version=draw_one(st.sampled_from(("1", "2"))),
        texts=draw_one(st.text(max_size=20)),
        episode=draw_one(st.integers(0, 2)),
        mark=draw_one(st.none() | st.floats(0, top)),
        reliable=draw_one(st.none() | st.floats(0, top)),
        straight=draw_one(st.booleans()),
        state=draw_one(st.sampled_from(("answered", "partly", "asked", "declined", "expired", "other"))),
    )


def curve(given_points: Sequence[Point], name: str = "kurva") -> str:
    """The drawing in Swedish."""
    return curve_svg.curve(given_points, WORDS, name)


def signs(given_points: Sequence[Point]) -> tuple[Sign, ...]:
    """Its signs in Swedish."""
    return curve_svg.signs(given_points, WORDS)


def table(given_points: Sequence[Point]) -> tuple[Row, ...]:
    """Its table in Swedish."""
    return rating_points.table(given_points, WORDS)


def parsed(drawn: str) -> ET.Element:
    """The drawing as XML; it must be well formed."""
    return ET.fromstring(drawn)


def of_class(drawn: str, name: str) -> list[ET.Element]:
    """The parts of a drawing with a class."""
    return [part for part in parsed(drawn).iter() if name in part.get("class", "").split()]


# --- whatever comes ---------------------------------------------------------------------------------------------------


@given(st.lists(points(), min_size=1, max_size=80))
def test_nothing_leaves_the_box_and_all_is_in_both(given_points: list[Point]) -> None:
    drawn = draw(given_points)
    assert drawn is not None
    assert "nan" not in drawn.svg.casefold()
    assert not re.search(r"\binf\b", drawn.svg)
    box = parsed(drawn.svg)
    height = float(box.get("height", ""))
    for part in box.iter():
        for name in ("x", "x1", "x2"):
            where = part.get(name)
            if where is not None and where.endswith("%"):
                assert 0 <= float(where[:-1]) <= 100
        if part.get("x", "").endswith("%") and part.tag == f"{SVG}rect":
            assert float(part.get("x", "")[:-1]) + float(part.get("width", "")[:-1]) <= 100
            assert float(part.get("y", "")) + float(part.get("height", "")) <= height
        if part.get("y") is not None and (part.get("x", "").endswith("%") or part.tag == f"{SVG}text"):
            assert 0 <= float(part.get("y", "")) <= height
        for name in ("y1", "y2"):
            assert part.get(name) is None or 0 <= float(part.get(name, "")) <= height
    assert len(of_class(drawn.svg, "c-point")) == len(drawn.rows) == len(given_points)
    missing = sum(each.total is None for each in given_points)
    assert len(of_class(drawn.svg, "c-missing")) == missing
    assert sum(row.total.startswith(MISSING) for row in drawn.rows) == missing


@given(st.lists(points(), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_does_not_matter(given_points: list[Point], chance: Any) -> None:
    unique = {(each.day, each.session, each.role): each for each in given_points}
    kept = list(unique.values())
    mixed = list(kept)
    chance.shuffle(mixed)
    assert draw(mixed) == draw(kept)


@given(st.text(max_size=60))
def test_what_is_written_is_only_ever_text(words: str) -> None:
    clean = "".join(each for each in words if each.isprintable())
    drawn = curve([point()], name=clean)
    assert [part.tag for part in parsed(drawn).iter() if part.tag in (f"{SVG}script", f"{SVG}style")] == []


def test_the_drawing_needs_no_style_and_no_script() -> None:
    """A page's policy allows neither; the text's own colour is what is drawn with."""
    drawn = curve([point(0), point(1, 25.0, mark=25.0, instrument="ORS", reliable=5.0)])
    assert not re.search(r"style=|<style|<script|href=|on\w+=|#[0-9a-f]{3,6}\b|var\(", drawn)
    assert 'stroke="currentColor"' in drawn


def test_it_is_a_picture_with_a_name_and_words() -> None:
    box = parsed(curve([point(0, 18.25), point(1, None, state="declined"), point(2, 24.0)], name="anna"))
    assert box.get("role") == "img"
    names = {part.get("id"): part.text for part in box if part.tag in (f"{SVG}title", f"{SVG}desc")}
    assert box.get("aria-labelledby", "").split() == list(names)
    assert "3 dec 2026: 18,2 av 40" in (names["anna-text"] or "")
    assert "1 svar saknas" in (names["anna-text"] or "")


def test_nothing_to_draw() -> None:
    assert draw([]) is None
    assert table([]) == ()
    with pytest.raises(ValueError, match="nothing to draw"):
        curve([])


@pytest.mark.parametrize("wrong", [
    {"total": 40.1}, {"total": -0.1}, {"total": float("nan")}, {"total": float("inf")}, {"items": ()},
    {"items": (11.0, 1.0, 1.0, 1.0)}, {"mark": 41.0}, {"reliable": float("nan")},
])  # fmt: skip
def test_a_number_outside_its_scale_is_no_rating(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"between|item"):
        replace(point(), **wrong)


# --- what is joined ---------------------------------------------------------------------------------------------------


def joins(*given_points: Point) -> int:
    """How many pieces of line there are."""
    return len(of_class(curve(given_points), "c-join"))


def test_a_line_joins_answers_that_are_alike() -> None:
    assert joins(point(0), point(1), point(2)) == 2


@pytest.mark.parametrize("change", [
    {"mode": "sms"}, {"version": "2"}, {"scale": "ors"}, {"episode": 1},
])  # fmt: skip
def test_what_differs_is_never_joined_and_the_change_is_shown(change: dict[str, Any]) -> None:
    other = point(1, **change)
    assert joins(point(0), other) == 0
    assert len(of_class(curve([point(0), other]), "c-change")) == 1
    assert any("Andra frågor" in sign.words for sign in signs([point(0), other]))


@pytest.mark.parametrize("mode", ["staff_page", "paper"])
def test_lines_on_a_page_and_on_paper_are_one_form(mode: Any) -> None:
    assert joins(point(0), point(1, mode=mode)) == 1


def test_the_line_breaks_where_an_answer_is_missing_and_zero_is_no_gap() -> None:
    drawn = curve([point(0), point(1, None, state="expired"), point(2), point(3, 0.0)])
    assert len(of_class(drawn, "c-join")) == 1
    (missing,) = of_class(drawn, "c-missing")
    zero = [part for part in of_class(drawn, "c-point") if "0,0 av 40" in (part.findtext(f"{SVG}title") or "")]
    assert float(missing.get("y", "")) > float(zero[0].get("y", ""))


def test_a_session_where_it_was_not_asked_breaks_the_line_too() -> None:
    after = point(1, role="after")
    assert joins(point(0), after, point(2)) == 0


def test_before_and_after_stand_in_panels_of_their_own_over_the_same_sessions() -> None:
    drawn = curve([
        point(0, instrument="ORS"), point(0, role="after", instrument="SRS"), point(1, instrument="ORS"),
        point(1, role="after", instrument="SRS"),
    ])  # fmt: skip
    first, second = of_class(drawn, "c-panel")
    across = [
        [part.get("x") for part in panel.iter() if "c-point" in part.get("class", "")] for panel in (first, second)
    ]
    assert across[0] == across[1]
    assert [panel[0].text for panel in (first, second)] == ["Före träffen (ORS)", "Efter träffen (SRS)"]
    assert {part.get("y1") for part in first.iter() if part.get("class") == "c-grid"}.isdisjoint(
        part.get("y1") for part in second.iter() if part.get("class") == "c-grid"
    )


@pytest.mark.parametrize("mode", MODE_WORDS)
def test_the_way_it_was_given_is_told_by_shape_and_in_words(mode: Any) -> None:
    shape = mode if mode in ("page", "staff_page", "paper") else "numbers"
    (drawn,) = of_class(curve([point(mode=mode)]), "c-point")
    assert f"c-{shape}" in drawn.get("class", "").split()
    assert MODE_WORDS[mode] in (drawn.findtext(f"{SVG}title") or "")
    assert table([point(mode=mode)])[0].mode == MODE_WORDS[mode]


def test_four_shapes_differ_without_any_colour() -> None:
    shapes = {ET.tostring(of_class(curve([point(mode=mode)]), "c-point")[0][1]) for mode in MODE_WORDS}
    assert len(shapes) == 4


# --- marks, the band, straight answers -------------------------------------------------------------------------------


def ors(session: int, total: float | None = 20.0, **how: Any) -> Point:
    """A licensed one."""
    told: dict[str, Any] = {"instrument": "ORS", "scale": "ors", "mark": 25.0, "reliable": 5.0, "texts": "ORS"}
    return point(session, total, **told | how)


def test_the_mark_of_the_time_stands_with_its_words() -> None:
    drawn = curve([ors(0, mark=28.0), ors(1, mark=28.0), ors(2, mark=None), ors(3), ors(4)])
    lines = of_class(drawn, "c-mark")
    assert len(lines) == 2
    assert all(part.get("stroke-dasharray") for part in lines)
    assert "riktmärke 28" in drawn
    assert "riktmärke 25" in drawn
    assert float(lines[0].get("y1", "")) < float(lines[1].get("y1", ""))
    assert "klinisk" not in drawn


def test_a_missing_answer_does_not_end_a_mark() -> None:
    assert len(of_class(curve([ors(0), ors(1, None, mark=None), ors(2)]), "c-mark")) == 1


def test_own_questions_have_no_mark_and_no_band() -> None:
    drawn = curve([point(0, reliable=5.0), point(1, reliable=5.0)])
    assert of_class(drawn, "c-mark") == of_class(drawn, "c-band") == []
    assert "riktmärke" not in drawn


def test_the_band_lies_around_the_first_of_each_form() -> None:
    (band,) = of_class(curve([ors(0, 20.0), ors(1, 30.0)]), "c-band")
    assert float(band.get("height", "")) == pytest.approx(150 * 10 / 40, abs=0.1)
    assert len(of_class(curve([ors(0), ors(1), ors(2, mode="sms"), ors(3, mode="sms")]), "c-band")) == 2
    assert of_class(curve([ors(0)]), "c-band") == []


def test_the_band_ends_at_the_edges_of_the_scale() -> None:
    (band,) = of_class(curve([ors(0, 39.0), ors(1, 30.0)]), "c-band")
    assert float(band.get("height", "")) == pytest.approx(150 * 6 / 40, abs=0.1)


def test_a_straight_answer_is_flagged_in_both() -> None:
    flagged = [point(0, 40.0, straight=True), point(1)]
    assert len(of_class(curve(flagged), "c-straight")) == 1
    assert "Svarade lika på allt" in [sign.words for sign in signs(flagged)]
    assert [row.note for row in table(flagged)] == ["svarade lika på allt", ""]


# --- the table and the days ------------------------------------------------------------------------------------------


def test_a_row_tells_all_that_a_point_does() -> None:
    (row,) = table([ors(0, None, items=(7.5, None, 0.0, 10.0), mode="sms", state="partly", texts="ORS, Älvsbyn")])
    assert row.day == "3 dec 2026"
    assert row.role == "Före träffen"
    assert row.total == "saknas (svarade på en del)"
    assert row.items == ("7,5", "saknas", "0,0", "10,0")
    assert row.mode == "med siffror i sms"
    assert row.texts == "ORS, Älvsbyn"


def test_many_sessions_show_few_days_and_say_that_they_scroll() -> None:
    drawn = draw([point(session) for session in range(60)])
    assert drawn is not None
    assert drawn.many
    shown = [part.text or "" for part in parsed(drawn.svg).iter(f"{SVG}text")]
    assert len([words for words in shown if re.fullmatch(r"\d+ \w+", words)]) == 5
    assert len(drawn.svg) < 60_000
    few = draw([point(session) for session in range(FEW)])
    assert few is not None
    assert not few.many


def test_a_long_pause_is_marked_on_the_axis() -> None:
    assert of_class(curve([point(0), point(1)]), "c-pause") == []
    assert len(of_class(curve([point(0), point(9)]), "c-pause")) == 1


def test_check_ins_have_a_panel_with_their_own_highest() -> None:
    drawn = curve([point(0, role="check_in", items=(5.0, 6.0, 7.0), total=18.0)])
    assert "Avstämning" in drawn
    assert "18,0 av 30" in drawn
