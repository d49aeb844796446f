"""A person's ratings over their sessions: drawn, and the same as a table, so that the two never tell different things.

A drawing stands in a page with its signs and the table by the macro `figure` of messages/pages/shared/curve.html; the
page takes curve.css beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from messages.curve_svg import FEW, Sign, curve, signs
from messages.page_words import PageWords, page_words
from messages.rating_points import Point, Row, columns, in_order, table

__all__ = ["Drawn", "Point", "Row", "Sign", "curve", "draw", "signs", "table"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing with what explains it, and the same as a table; `many` says that a small screen must scroll.

    `words` are those that the page says the rest in.
    """

    svg: str
    signs: tuple[Sign, ...]
    rows: tuple[Row, ...]
    many: bool
    words: PageWords


def draw(points: Iterable[Point], name: str = "kurva", words: PageWords | None = None) -> Drawn | None:
    """Draw ratings; None when there are none. `name` begins the ids of the drawing: one of its own on each page.

    In `words`; in the Swedish ones, as staff read it, unless they are given.
    """
    kept, words = in_order(points), words or page_words()
    if not kept:
        return None
    many = len(columns(kept)) > FEW
    return Drawn(curve(kept, words, name), signs(kept, words), table(kept, words), many, words)
