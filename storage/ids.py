"""Row ids that rise with time and need no round trip to the database.

63 bits: 41 of milliseconds since 2020 (enough until 2089) and 22 that start at random in each millisecond and count on
from there. Within a process they always rise. Two processes would have to write in the same millisecond and meet within
four million numbers; should they, the table's primary key refuses the later row and that turn is taken again.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_LOW_BITS: Final = 22
_MILLISECOND: Final = timedelta(milliseconds=1)
_LOW: Final = (1 << _LOW_BITS) - 1
_LARGEST: Final = (1 << 63) - 1

_taking = Lock()
_last = 0


def new_id(now: datetime) -> int:
    """Give a new id for a row made at `now` (aware); ValueError when `now` is naive or outside 2020-2089.

    When `now` stands still or goes back, the ids go on from the last one given.
    """
    global _last  # noqa: PLW0603 - that ids rise holds for the whole process
    if now.tzinfo is None:
        raise ValueError(f"a time without a zone has no place in an id: {now!r}")
    least = (now - EPOCH) // _MILLISECOND << _LOW_BITS
    if not 0 < least <= _LARGEST - _LOW:
        raise ValueError(f"the clock says {now:%Y}, and ids are for 2020 to 2089: set the clock")
    with _taking:
        _last = _last + 1 if least <= _last else least | secrets.randbits(_LOW_BITS)
        return _last


def _begin_anew() -> None:
    """In a forked child: it would else give the very ids that its parent, and its parent's other children, give."""
    global _taking, _last
    _taking, _last = Lock(), 0


os.register_at_fork(after_in_child=_begin_anew)


def least_id(at: datetime) -> int:
    """Give a number that no id made at `at` (aware) or later is below: rows since then are found by their ids."""
    return max(0, (at - EPOCH) // _MILLISECOND << _LOW_BITS)


def time_of(row_id: int) -> datetime:
    """Give when an id was made: aware, in UTC, to the millisecond."""
    return EPOCH + (row_id >> _LOW_BITS) * _MILLISECOND
