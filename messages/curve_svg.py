"""Draws ratings: a panel for what is asked before a session and one for after it, over the same sessions.

Works where no style and no script may stand in a page: shapes, dashes and the text's own colour tell everything, and
classes only add to it, so it reads alike in print, in the dark and without colour. Across it goes in per cent and down
in pixels: the writing keeps its size from a small phone to a sheet of paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from itertools import pairwise
from typing import Final

from messages.page_words import PageWords
from messages.rating_points import (
    ROLES,
    Point,
    Role,
    columns,
    in_order,
    long_day,
    short_day,
    total_of,
    whole,
)

LEFT: Final = 9.0
RIGHT: Final = 97.0
HEAD: Final = 38
"""Above a panel's highest line: its name, and the sign of a straight answer."""
PLOT: Final = 150
LANE: Final = 24
"""Under a panel's zero: where what is missing is shown, so that it is not taken for a zero."""
FOOT: Final = 44
FEW: Final = 28
"""So many sessions fit in a small phone's width without the marks hiding each other."""
PAUSE: Final = timedelta(days=60)
"""From so long a time between two sessions on, the axis is cut: sessions stand in equal steps. Our choice."""
DAYS_SHOWN: Final = 5

SHAPES: Final[Mapping[str, str]] = {
    "page": '<circle r="{r}" fill="currentColor"/>',
    "staff_page": '<path d="M0 -{d}L{d} 0L0 {d}L-{d} 0Z" fill="currentColor"/>',
    "paper": '<path d="M0 -{d}L{d} {r}L-{d} {r}Z" fill="currentColor"/>',
    "numbers": '<rect class="c-open" x="-{r}" y="-{r}" width="{w}" height="{w}" fill="Canvas" stroke="currentColor" stroke-width="2"/>',  # noqa: E501 - one shape
    "missing": '<path d="M-{r} -{r}L{r} {r}M{r} -{r}L-{r} {r}" stroke="currentColor" stroke-width="2"/>',
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of the drawing and what it means. `svg` is a small drawing of its own."""

    svg: str
    words: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One role's place on the drawing. `top` is the y of its highest value, in pixels."""

    role: Role
    points: tuple[Point, ...]
    top: int
    most: float

    @property
    def zero(self) -> int:
        """The y of nothing at all."""
        return self.top + PLOT

    def y(self, value: float) -> float:
        """The y of a value; what is outside is shown at the edge."""
        return self.zero - PLOT * min(max(value, 0.0), self.most) / self.most


def curve(points: Sequence[Point], words: PageWords, name: str = "kurva") -> str:
    """Draw ratings as one svg element; `name` begins its ids. ValueError without points."""
    if not points:
        raise ValueError("there is nothing to draw")
    kept = in_order(points)
    where = columns(kept)
    step = (RIGHT - LEFT) / len(where)
    across = {session: LEFT + step * (place + 0.5) for session, place in where.items()}
    panels = _panels(kept)
    height = panels[-1].zero + LANE + FOOT
    drawn = [part for panel in panels for part in _panel(panel, words, across, step)]
    drawn += _days(kept, words, across, panels[-1].zero + LANE, step)
    safe = escape(name)
    return (
        f'<svg class="curve" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{safe}-namn {safe}-text" '
        f'width="100%" height="{height}" font-size="13" color="currentColor">'
        f'<title id="{safe}-namn">{escape(words.plain("curve.title"))}</title>'
        f'<desc id="{safe}-text">{escape(told(kept, words))}</desc>{"".join(drawn)}</svg>'
    )


def told(points: Sequence[Point], words: PageWords) -> str:
    """Say in words what the drawing shows, for whoever hears it."""
    said = []
    for role in ROLES:
        theirs = [point for point in points if point.role == role]
        known = [point for point in theirs if point.total is not None]
        name = words.plain(f"curve.role.{role}")
        if known:
            first, last = known[0], known[-1]
            day, total = long_day(first.day, words), total_of(first, words)
            said.append(words.plain("curve.told.first", role=name, count=len(known), day=day, total=total))
            if last is not first:
                day, total = long_day(last.day, words), total_of(last, words)
                said.append(words.plain("curve.told.last", day=day, total=total))
        if len(known) < len(theirs):
            said.append(words.plain("curve.told.missing", role=name, count=len(theirs) - len(known)))
    return " ".join([*said, words.plain("curve.told.table")])


def signs(points: Sequence[Point], words: PageWords) -> tuple[Sign, ...]:
    """Give the signs that this drawing uses, with their words."""
    used = {_shape(point) for point in points}
    drawn = {shape: _drawn(shape, 5) for shape in SHAPES if shape in used}
    if any(point.straight for point in points):
        drawn["straight"] = EQUAL
    if any(point.mark is not None for point in points):
        drawn["mark"] = _stroke(-11, 0, 11, 0, 'stroke-dasharray="7 4"')
    if any(_bands(points)):
        drawn["band"] = '<rect x="-11" y="-7" width="22" height="14" fill="currentColor" fill-opacity="0.12"/>'
    if any(True for role in ROLES for _ in _changes([p for p in points if p.role == role])):
        drawn["change"] = _stroke(0, -8, 0, 8, 'stroke-dasharray="2 3"')
    return tuple(Sign(_small(inside), words.plain(f"curve.sign.{name}")) for name, inside in drawn.items())


HALO: Final = 'stroke="Canvas" stroke-width="3" paint-order="stroke"'
EQUAL: Final = '<path class="c-straight" d="M-5 -2H5M-5 2H5" stroke="currentColor" stroke-width="2"/>'


def _small(inside: str) -> str:
    return (
        '<svg class="c-sign" xmlns="http://www.w3.org/2000/svg" width="24" height="18" viewBox="-12 -9 24 18" '
        f'aria-hidden="true" focusable="false">{inside}</svg>'
    )


def _stroke(x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor" stroke-width="2" {more}/>'


# --- the parts of a panel ---------------------------------------------------------------------------------------------


def _panels(points: Sequence[Point]) -> list[Panel]:
    found: list[Panel] = []
    for role in ROLES:
        theirs = tuple(point for point in points if point.role == role)
        if theirs:
            top = HEAD + len(found) * (HEAD + PLOT + LANE)
            found.append(Panel(role, theirs, top, max(point.top for point in theirs)))
    return found


def _panel(panel: Panel, words: PageWords, across: Mapping[int, float], step: float) -> Iterator[str]:
    yield f'<g class="c-panel c-{panel.role}">'
    yield _text("0", panel.top - 24, _name(panel, words), 'font-weight="600"')
    yield from _grid(panel, words)
    yield from (_band(panel, across, step, *band) for band in _bands(panel.points))
    yield from _marks(panel, words, across, step)
    for one, other in _changes(panel.points):
        yield _line("c-change", (across[one.session] + across[other.session]) / 2, panel.top, None, panel.zero, "2 3")
    yield from _joins(panel, across)
    size = 5 if len(across) <= FEW else 3.5
    yield from (_point(panel, words, point, across[point.session], size) for point in panel.points)
    yield "</g>"


def _name(panel: Panel, words: PageWords) -> str:
    used = {point.instrument for point in panel.points}
    known = used.pop() if len(used) == 1 else ""
    role = words.plain(f"curve.role.{panel.role}")
    return f"{role} ({known})" if known in ("ORS", "SRS") else role


def _grid(panel: Panel, words: PageWords) -> Iterator[str]:
    for quarter in range(5):
        value = panel.most * quarter / 4
        y = panel.y(value)
        yield _line("c-grid", LEFT, y, RIGHT, y, "", 'stroke-opacity="0.25"', width=1)
        yield _text(f"{LEFT - 1.5:.2f}%", y + 4, whole(value, words), 'text-anchor="end"')


def _bands(points: Sequence[Point]) -> list[tuple[float, float, Point, Point]]:
    """The bands around the first ORS of what is compared: lowest and highest total, first and last rating."""
    groups: dict[tuple[int, str, str], list[Point]] = {}
    for point in points:
        if point.instrument == "ORS" and point.role == "before" and point.total is not None:
            groups.setdefault(point.compared_with, []).append(point)
    found = []
    for theirs in groups.values():
        first = theirs[0]
        if len(theirs) > 1 and first.reliable is not None and first.total is not None:
            found.append((first.total - first.reliable, first.total + first.reliable, first, theirs[-1]))
    return found


def _band(
    panel: Panel, across: Mapping[int, float], step: float, low: float, high: float, first: Point, last: Point
) -> str:
    x, y = across[first.session] - step / 2, panel.y(high)
    width, height = across[last.session] + step / 2 - x, panel.y(low) - y
    return (
        f'<rect class="c-band" x="{x:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{height:.1f}" '
        'fill="currentColor" fill-opacity="0.12"/>'
    )


def _marks(panel: Panel, words: PageWords, across: Mapping[int, float], step: float) -> Iterator[str]:
    """A dashed line for as long as one mark held, and its words where it first stands."""
    said: set[float] = set()
    for mark, first, last in _runs(panel.points):
        x1, x2 = across[first.session] - step / 2, across[last.session] + step / 2
        y = panel.y(mark)
        yield _line("c-mark", x1, y, x2, y, "7 4", width=1.5)
        if mark not in said:
            said.add(mark)
            late = x1 > (LEFT + RIGHT) / 2
            anchor = f'class="c-words" {HALO} text-anchor="{"end" if late else "start"}"'
            at = x2 if late else x1
            said_so = words.plain("curve.mark", value=whole(mark, words))
            yield _text(f"{at:.2f}%", y - 4 if y > panel.top + 20 else y + 14, said_so, anchor)


def _runs(points: Sequence[Point]) -> Iterator[tuple[float, Point, Point]]:
    """Neighbouring ratings with one mark, as (mark, first, last)."""
    first: Point | None = None
    last: Point | None = None
    for point in (point for point in points if point.total is not None):  # what is missing has no mark and ends none
        if first is not None and last is not None and first.mark is not None and point.mark != first.mark:
            yield first.mark, first, last
            first = None
        if first is None and point.mark is not None:
            first = point
        last = point
    if first is not None and last is not None and first.mark is not None:
        yield first.mark, first, last


def _changes(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """Neighbouring answers that are both there and yet not compared."""
    known = [point for point in points if point.total is not None]
    for one, other in pairwise(known):
        if not one.joins(other):
            yield one, other


def _joins(panel: Panel, across: Mapping[int, float]) -> Iterator[str]:
    """The line itself. It breaks where a session has no answer, and where two may not be compared."""
    place = {session: number for number, session in enumerate(across)}
    for one, other in pairwise(panel.points):
        if one.total is None or other.total is None or not one.joins(other):
            continue
        if place[other.session] - place[one.session] > 1:
            continue
        x1, y1, x2, y2 = across[one.session], panel.y(one.total), across[other.session], panel.y(other.total)
        yield _line("c-join", x1, y1, x2, y2)


def _shape(point: Point) -> str:
    if point.total is None:
        return "missing"
    return "numbers" if point.form == "numbers" else point.mode or "page"


def _drawn(shape: str, size: float) -> str:
    return SHAPES[shape].format(r=f"{size:g}", w=f"{2 * size:g}", d=f"{size * 1.3:g}")


def _point(panel: Panel, words: PageWords, point: Point, x: float, size: float) -> str:
    shape = _shape(point)
    y = panel.zero + LANE / 2 if point.total is None else panel.y(point.total)
    mode = f", {words.plain(f'curve.mode.{point.mode}')}" if point.mode and point.total is not None else ""
    title = f"{long_day(point.day, words)}: {total_of(point, words)}{mode}"
    flag = f'<g transform="translate(0 -11)">{EQUAL}</g>' if point.straight and point.total is not None else ""
    return (
        f'<svg class="c-point c-{shape}" x="{x:.2f}%" y="{y:.1f}" width="1" height="1" overflow="visible">'
        f"<title>{escape(title)}</title>{_drawn(shape, size if point.total is not None else 4)}{flag}</svg>"
    )


# --- the days under it ------------------------------------------------------------------------------------------------


def _days(
    points: Sequence[Point], words: PageWords, across: Mapping[int, float], y: float, step: float
) -> Iterator[str]:
    days = list({point.session: point.day for point in points}.values())
    places = list(across.values())
    for place, (one, other) in enumerate(pairwise(days)):
        if other - one > PAUSE:
            yield (
                f'<svg class="c-pause" x="{places[place] + step / 2:.2f}%" y="{y + 2:.1f}" width="1" height="1" '
                f'overflow="visible"><title>{escape(words.plain("curve.pause", days=(other - one).days))}</title>'
                '<path d="M-4 5L0 -5M0 5L4 -5" stroke="currentColor" stroke-width="1.5"/></svg>'
            )
    shown = min(DAYS_SHOWN, len(days))
    chosen = sorted({round(number * (len(days) - 1) / max(shown - 1, 1)) for number in range(shown)})
    year = None
    for place in chosen:
        last = step < 6 and place == len(days) - 1  # a long day would not fit beside the edge
        anchor = f'text-anchor="{"end" if last else "middle"}"'
        yield _text(f"{places[place]:.2f}%", y + 20, short_day(days[place], words), anchor)
        if days[place].year != year:
            year = days[place].year
            yield _text(f"{places[place]:.2f}%", y + 36, str(year), anchor)


def _text(x: str, y: float, words: str, more: str) -> str:
    return f'<text x="{x}" y="{y:.1f}" fill="currentColor" {more}>{escape(words)}</text>'


def _line(
    name: str, x1: float, y1: float, x2: float | None, y2: float, dashes: str = "", more: str = "", width: float = 2
) -> str:
    end = x1 if x2 is None else x2
    dashed = f'stroke-dasharray="{dashes}" ' if dashes else ""
    return (
        f'<line class="{name}" x1="{x1:.2f}%" y1="{y1:.1f}" x2="{end:.2f}%" y2="{y2:.1f}" stroke="currentColor" '
        f'stroke-width="{width}" {dashed}{more}/>'
    )
