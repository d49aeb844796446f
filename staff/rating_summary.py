"""A unit's ratings in a year, for the talk among those who work there: numbers that point out nobody.

A number about fewer than five people is not shown, nor one that could be worked out from those that are. Years only:
periods that overlap could be taken from each other. Own and licensed texts, and lines and numbers, stand apart always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from messages.page_words import page_words
from messages.rating_points import ROLES
from messages.scales import Scale
from rules.calendar import to_local, to_utc
from storage import rating_figures
from storage.db import Tx
from storage.rating_figures import Behind, Changed, Count
from storage.units import Unit

LEAST: Final = 5
"""The fewest people that a number may be about (the design's part on privacy)."""

STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "answered": ("answered",),
    "partly": ("partly",),
    "declined": ("declined",),
    "expired": ("expired",),
    "open": ("asked", "begun"),
}
"""What became of a question, as the page tells it."""

CLASSES: Final = ("recovered", "improved", "no_change", "deteriorated")
_FORMS: Final = {"line": "På linje (sida eller papper)", "numbers": "Med siffror (sms, chatt eller siffror på en sida)"}
_SIDES: Final[Mapping[bool | None, str]] = {
    True: "Började under riktmärket",
    False: "Började på eller över riktmärket",
    None: "Utan riktmärke",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One number. `count` None: hidden. `share` in whole percent of its row, None where it is not told."""

    count: int | None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of the questions on one scale in one version. `cells` by STATES, `modes` of the answered."""

    role: str
    texts: str
    licensed: bool
    version: str
    total: Cell
    cells: Mapping[str, Cell]
    modes: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """How the ORS of those who began on one side of the mark has changed, in one form; people, each once."""

    form: str
    side: str
    total: Cell
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Summary:
    """A unit's year."""

    year: int
    asked: tuple[Asked, ...]
    moved: tuple[Moved, ...]


def years(tx: Tx, unit: Unit, now: datetime) -> list[int]:
    """The years that can be looked at, the latest first: this one, and back to the first rating's."""
    this = to_local(now).year
    there = rating_figures.span(tx, unit.id)
    first = this if there is None else min(to_local(there[0]).year, this)
    return list(range(this, first - 1, -1))


def summary(tx: Tx, unit: Unit, year: int, scales: Mapping[str, Scale]) -> Summary:
    """Give the unit's calendar year (Swedish time)."""
    since, until = (to_utc(date(each, 1, 1), time(0)) for each in (year, year + 1))
    counts = rating_figures.counts(tx, unit.id, since, until)
    people = _People(counts, rating_figures.first_behind(tx, unit.id, since, until))
    for scale, version, state in people.in_doubt():
        people.add(rating_figures.behind(tx, unit.id, since, until, scale, version, state))
    return Summary(year, _asked(counts, people, scales), _moved(rating_figures.changes(tx, unit.id, since, until)))


# --- what was asked ---------------------------------------------------------------------------------------------------


class _People:
    """Who is behind the numbers, as far as that must be known: one who is there in two modes or states is one."""

    def __init__(self, counts: list[Count], first: list[Behind]) -> None:
        self._counts = counts
        self._all_seen = sum(each.ratings for each in counts) <= rating_figures.FIRST
        self._behind: dict[tuple[str, str], dict[tuple[str, str | None], set[int]]] = {}
        self.add(first)

    def add(self, found: list[Behind]) -> None:
        """Take in people who are behind numbers."""
        for each in found:
            of_scale = self._behind.setdefault((each.scale, each.version), {})
            of_scale.setdefault((each.state, each.mode), set()).add(each.participant_id)

    def in_doubt(self) -> list[tuple[str, str, str]]:
        """The (scale, version, state) of numbers that may be of more people than were seen, where that matters."""
        if self._all_seen:
            return []
        doubted: set[tuple[str, str, str]] = set()
        for each in self._counts:
            for states, modes in (((each.state,), (each.mode,)), ((each.state,), ()), ((), ())):
                if self._ratings(each, states, modes) >= LEAST > self.of(each.scale, each.version, states, modes):
                    doubted.add((each.scale, each.version, each.state))
        return sorted(doubted)

    def _ratings(self, like: Count, states: tuple[str, ...], modes: tuple[str | None, ...]) -> int:
        same = (each for each in self._counts if (each.scale, each.version) == (like.scale, like.version))
        return sum(
            each.ratings for each in same if (not states or each.state in states) and (not modes or each.mode in modes)
        )

    def of(self, scale: str, version: str, states: tuple[str, ...] = (), modes: tuple[str | None, ...] = ()) -> int:
        """How many people have a rating in these states and modes, none given: any. At least so many, when many."""
        found: set[int] = set()
        for (state, mode), people in self._behind.get((scale, version), {}).items():
            if (not states or state in states) and (not modes or mode in modes):
                found |= people
        return len(found)


def _asked(counts: list[Count], people: _People, scales: Mapping[str, Scale]) -> tuple[Asked, ...]:
    rows: dict[tuple[str, str, str, str], list[Count]] = {}
    for each in counts:
        rows.setdefault((each.role, each.instrument, each.scale, each.version), []).append(each)
    return tuple(
        _asked_row(key, rows[key], people, scales) for key in sorted(rows, key=lambda k: (ROLES.index(k[0]), k))
    )


def _asked_row(
    key: tuple[str, str, str, str], counts: list[Count], people: _People, scales: Mapping[str, Scale]
) -> Asked:
    role, instrument, slug, version = key
    parts = {
        name: (
            sum(each.ratings for each in counts if each.state in states),
            people.of(slug, version, states),
        )
        for name, states in STATES.items()
    }
    total = (sum(each.ratings for each in counts), people.of(slug, version))
    shown_total, cells = shown(parts, total)
    modes: dict[str, tuple[int, int]] = {}
    for each in counts:
        if each.state == "answered" and each.mode is not None:
            modes[each.mode] = (each.ratings, people.of(slug, version, ("answered",), (each.mode,)))
    hidden = cells["answered"].count is None
    _, by_mode = shown(modes, (0, 0) if hidden else parts["answered"])
    scale, words = scales.get(slug), page_words()
    return Asked(
        role=words.plain(f"curve.role.{role}"),
        texts=scale.title if scale is not None else slug,
        licensed=instrument != "own",
        version=version,
        total=shown_total,
        cells=cells,
        modes=tuple((said, by_mode[mode]) for mode, said in words.under("curve.mode").items() if mode in modes),
    )


# --- how it has changed -----------------------------------------------------------------------------------------------


def _moved(changes: list[Changed]) -> tuple[Moved, ...]:
    made = []
    for form, form_words in _FORMS.items():
        for side, side_words in _SIDES.items():
            found = {each.outcome: each.people for each in changes if (each.form, each.from_below) == (form, side)}
            if found:
                parts = {name: (found.get(name, 0), found.get(name, 0)) for name in CLASSES}
                total = sum(found.values())
                shown_total, cells = shown(parts, (total, total))
                made.append(Moved(form_words, side_words, shown_total, cells))
    return tuple(made)


# --- what is hidden ---------------------------------------------------------------------------------------------------


def shown(parts: Mapping[str, tuple[int, int]], total: tuple[int, int]) -> tuple[Cell, Mapping[str, Cell]]:
    """Give a row's total and parts with what would point somebody out hidden. In: (number, people) of each.

    Under five people in all: nothing is shown. Else every part under five is hidden, and with it the smallest other
    ones until what is hidden can't be worked out: at least two parts, and at least five together. Zero is shown.
    """
    if total[1] < LEAST:
        return Cell(None), {name: Cell(None) for name in parts}
    hidden = _hidden(parts)
    return Cell(total[0]), {
        name: Cell(None) if name in hidden else Cell(count, round(100 * count / total[0]))
        for name, (count, _) in parts.items()
    }


def _hidden(parts: Mapping[str, tuple[int, int]]) -> frozenset[str]:
    there = sorted((name for name, (count, _) in parts.items() if count), key=lambda name: parts[name])
    hidden = [name for name in there if parts[name][1] < LEAST]
    if not hidden:
        return frozenset()
    rest = [name for name in there if name not in hidden]
    while rest and (len(hidden) < 2 or sum(parts[name][0] for name in hidden) < LEAST):
        hidden.append(rest.pop(0))
    return frozenset(hidden if len(hidden) > 1 else parts)
