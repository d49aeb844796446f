"""A small linear model: how much each clue in a text speaks for each kind of meaning. Taught by benchmarks/teach.py."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
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

    def __init__(self, kinds: tuple[str, ...], values: Mapping[str, float], data: bytes) -> None:
        """In: the kinds, what each sort of clue counts, and what was taught (see `written`); b"" weighs nothing."""
        header, tables = _read(data) if data else ({}, {})
        if header and tuple(header["kinds"]) != kinds:
            raise ValueError(f"taught for {header['kinds']}, not for {kinds}: run python benchmarks/teach.py")
        base, need = header.get("base", {}), header.get("need", {})
        self.kinds = kinds
        self.values = values
        self.taught_from = str(header.get("taught_from", ""))
        self.base = tuple(float(base.get(kind, 0)) - float(need.get(kind, 0)) for kind in kinds)
        self.tables = {sort: tables.get(sort, {}) for sort in values}

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


Table = Mapping[str, Sequence[int]]
"""Clues, and how much each speaks for each kind."""


def written(header: Mapping[str, Any], tables: Mapping[str, Table]) -> bytes:
    """What was taught, as it lies in the data.

    In: {"kinds", "base", "need", "taught_from"} and the clues of each sort. Out, compressed by zlib: a line of JSON,
    the header with how many clues each sort has; the clues, a line each, and a 0 byte; then all their numbers for the
    first kind, for the second and so on, of 16 bits each, the low byte first.
    """
    counts = {sort: len(table) for sort, table in tables.items()}
    head = json.dumps({**header, "sorts": counts}, ensure_ascii=False)
    clues = "\n".join(clue for table in tables.values() for clue in table)
    rows = [row for table in tables.values() for row in table.values()]
    numbers = array("h", [number for column in zip(*rows, strict=True) for number in column])
    if sys.byteorder == "big":
        numbers.byteswap()
    return zlib.compress(f"{head}\n{clues}\0".encode() + numbers.tobytes(), 9)


def _read(data: bytes) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
    """The header, and for each sort its clues with what they say (see `packed`)."""
    text, _, rest = zlib.decompress(data).partition(b"\0")
    head, *clues = text.decode().split("\n")
    header = json.loads(head)
    numbers = array("h", rest)
    if sys.byteorder == "big":
        numbers.byteswap()
    said = [0] * len(clues)
    for place in range(len(header["kinds"])):
        column = numbers[place * len(clues) : (place + 1) * len(clues)]
        said = [total + (number << (_BITS * place)) for total, number in zip(said, column, strict=True)]
    tables, start = {}, 0
    for sort, count in header["sorts"].items():
        tables[sort] = dict(zip(clues[start : start + count], said[start : start + count], strict=True))
        start += count
    return header, tables
