"""Running counts of this process, until they are added to the store's: nothing in them is about a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

_WORD = re.compile(r"[A-Za-z0-9_]{1,20}")


@dataclass
class Tally:
    """Counts by name: `turn.handled`, `send.sms.accepted`, `error.sms.30003`, `receipt.delivered`. For any thread."""

    _counts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def add(self, *words: str, by: int = 1) -> None:
        """Count one more of these words, joined by dots. What is no short word is counted as `other`."""
        name = ".".join(word if _WORD.fullmatch(word) else "other" for word in words)
        with self._lock:
            self._counts[name] += by

    def take(self) -> dict[str, int]:
        """Give the counts, and begin anew."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return dict(counts)

    def give_back(self, counts: Mapping[str, int]) -> None:
        """They could not be kept: go on from them."""
        with self._lock:
            self._counts.update(counts)
