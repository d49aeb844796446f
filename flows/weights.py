"""A small linear model: how much each clue in a text speaks for each kind of meaning. Taught by benchmarks/teach.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Any, Final

UNIT: Final = 200.0
"""Weights are whole numbers in the data: so many make one point."""

LENGTH: Final = 8.0

_BITS: Final = 24
_HALF: Final = 1 << (_BITS - 1)
_MASK: Final = (1 << _BITS) - 1

Clues = Mapping[str, Sequence[str]]
"""The clues of a text by their sort, each as often as it is there."""


class Weights:
    """What was taught, ready to weigh with: a table of clues for each sort of clue."""

    def __init__(self, kinds: tuple[str, ...], values: Mapping[str, float], data: Mapping[str, Any]) -> None:
        """In: the kinds, what each sort of clue counts, and {"base", "need", "weights"}; without, nothing weighs."""
        base, need = data.get("base", {}), data.get("need", {})
        self.kinds = kinds
        self.values = values
        self.base = tuple(float(base.get(kind, 0)) - float(need.get(kind, 0)) for kind in kinds)
        self.tables = {sort: _table(data.get("weights", {}).get(sort, "")) for sort in values}

    def __bool__(self) -> bool:
        """Whether anything was taught."""
        return any(self.tables.values())

    def points(self, clues: Clues) -> tuple[float, ...]:
        """How much the clues speak for each kind, over what that kind needs: 0 or more is enough."""
        return self.weighed(self.said(clues), square(clues, self.values))

    def said(self, clues: Clues) -> int:
        """What the clues say together (see `packed`)."""
        total = 0
        for sort, found in clues.items():
            table = self.tables[sort]
            total += sum([table[clue] for clue in found if clue in table])
        return total

    def weighed(self, said: int, squared: float) -> tuple[float, ...]:
        """The points of clues that say so much together, and whose values squared sum up to so much."""
        if not squared:
            return self.base
        size = UNIT * sqrt(squared) / LENGTH
        return tuple(
            [number / size + base for number, base in zip(unpacked(said, len(self.kinds)), self.base, strict=True)]
        )


def square(clues: Clues, values: Mapping[str, float]) -> float:
    """The sum of the clues' values squared: weights are divided by its root, so that long texts weigh no more."""
    return sum(values[sort] ** 2 * len(found) for sort, found in clues.items()) or 1.0


def packed(numbers: Sequence[int]) -> int:
    """What a clue says for each kind, as one number: sums of such numbers are the sums for each kind.

    One number and not many: texts have a hundred clues, and a sum of numbers is what Python does fastest.
    """
    return sum(number << (_BITS * place) for place, number in enumerate(numbers))


def unpacked(said: int, kinds: int) -> list[int]:
    """The numbers for each kind again."""
    out = []
    for _ in range(kinds):
        number = ((said + _HALF) & _MASK) - _HALF
        out.append(number)
        said = (said - number) >> _BITS
    return out


def pieces(word: str, sizes: tuple[int, ...]) -> Iterator[str]:
    """Every run of so many letters in a word of four or more, with its ends marked."""
    if len(word) > 3:
        whole = f"<{word}>"
        for size in sizes:
            for place in range(len(whole) - size + 1):
                yield whole[place : place + size]


def written(table: Mapping[str, Sequence[int]]) -> str:
    """A table as it stands in the data: a clue and its numbers with tabs between, nothing for 0."""
    return "\n".join("\t".join((clue, *(str(one or "") for one in row))).rstrip("\t") for clue, row in table.items())


def _table(text: str) -> dict[str, int]:
    out = {}
    for line in text.splitlines():
        clue, *numbers = line.split("\t")
        if numbers:
            out[clue] = packed([int(one or 0) for one in numbers])
    return out
