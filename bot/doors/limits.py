"""How often one sender may knock: a bucket that fills with time. In this process's memory, never about a person."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """Lets `burst` through at once and then `per_minute`, for each key; remembers the `most` latest keys."""

    burst: int
    per_minute: float
    most: int = 10_000
    ticking: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def knows(self, key: str) -> bool:
        """Tell whether this sender has knocked lately."""
        return key in self._left

    def take(self, key: str) -> bool:
        """Tell whether one more may pass now."""
        now = self.ticking()
        left, since = self._left.pop(key, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.per_minute / 60)
        passes = left >= 1
        self._left[key] = (left - 1 if passes else left, now)
        while len(self._left) > self.most:
            self._left.popitem(last=False)
        return passes
