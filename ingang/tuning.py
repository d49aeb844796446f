"""What a process that lives for weeks tells Python about its memory and its threads."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def making_much() -> Iterator[None]:
    """While this lasts so much is made, none of it garbage, that to look for cycles would take as long again."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


def tune() -> None:
    """Call it when the process is up, and again when the last texts, word lists and libraries are there.

    They never go, so the collector is to leave them alone, and to look for cycles in what comes later less often: that
    took a sender a seventh of its time. And a thread that writes to the database gets its turn after a millisecond of
    the event loop's work instead of five, for it asks for one twenty times in each transaction.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(0.001)
