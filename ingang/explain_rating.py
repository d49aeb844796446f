"""How a rating is scored, for `ingang explain rating`: no settings, no database, the marks as the book has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.ratings import Scored, read_item, score, swedish

SKIPPED: Final = "-"
"""Stands for an item that was skipped, where items are typed as words."""

_CLASSES: Final[Mapping[str, str]] = {
    "recovered": "recovered: reliably better, and from below the mark to it or above",
    "improved": "improved: reliably better",
    "no_change": "no_change: no reliable change",
    "deteriorated": "deteriorated: reliably worse",
}


def score_line(line: Mapping[str, Any]) -> Scored:
    """Score {"instrument", "items", "age", "turns_18_this_year", "first_total"}: all but the first two may be left out.

    An item is a number 0-10 with at most one decimal, or null when it was skipped; age and first_total may be null.
    Raises ValueError, naming what is wrong.
    """
    items = line.get("items")
    if not isinstance(items, list):
        raise ValueError('"items" is not a list; write [7, 8.5, null, 9]')
    turns = line.get("turns_18_this_year")
    if turns is not None and not isinstance(turns, bool):
        raise ValueError('"turns_18_this_year" is not true or false')
    return score(
        line["instrument"],
        items,
        age=line.get("age"),
        turns_18_this_year=bool(turns),
        first_total=line.get("first_total"),
    )


def read_items(words: Iterable[str]) -> list[float | None]:
    """Read items as typed: 7, 7,5 or 7.5, and - for one that was skipped. Raises ValueError with its place."""
    items: list[float | None] = []
    for place, word in enumerate(words, start=1):
        try:
            items.append(None if word == SKIPPED else read_item(word))
        except ValueError as fault:
            raise ValueError(f"item {place}: {fault}") from None
    return items


def read_total(word: str | None) -> float | str | None:
    """Read a total as typed, with comma or point; what is no number is given back, to be refused by name."""
    if word is None:
        return None
    try:
        return float(word.replace(",", "."))
    except ValueError:
        return word


def as_object(scored: Scored) -> dict[str, Any]:
    """What --json prints: numbers in points, null where nothing can be said."""
    return {
        "total": scored.total,
        "mark": scored.mark,
        "below_mark": scored.below_mark,
        "low_items": list(scored.low_items),
        "change": scored.change,
        "reliable": scored.reliable,
        "class": scored.outcome,
        "sources": list(scored.sources),
    }


def as_lines(scored: Scored) -> Iterable[str]:
    """The same for a person to read, with what each number rests on last."""
    yield f"total    {_points(scored.total)}" + (", all answered alike" if scored.straight else "")
    side = {None: "", True: ": below it", False: ": not below it"}[scored.below_mark]
    yield f"mark     {_points(scored.mark)}{side}"
    yield f"low      {', '.join(f'item {place}' for place in scored.low_items) or '-'}"
    sure = {None: "", True: ": reliable", False: ": not reliable"}[scored.reliable]
    sign = "+" if scored.change is not None and scored.change > 0 else ""
    yield f"change   {sign}{_points(scored.change)}{sure}"
    yield f"class    {_CLASSES[scored.outcome] if scored.outcome else '-'}"
    for number, source in enumerate(scored.sources):
        yield f"{'sources' if number == 0 else '':<9}{source}"


def _points(value: float | None) -> str:
    return "-" if value is None else swedish(value)
