"""How long to wait before a provider is tried again."""

import hashlib
import math
from datetime import timedelta

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(hours=1)
UNSAID = timedelta(seconds=30)
"""The wait when a provider says "later" with no time that can be read; our choice, the pace of a probe."""

OPENS_AFTER = 5
"""So many different messages in a row that were all told "later": the channel is down, and they are not all tried."""

PROBE_EVERY = timedelta(seconds=30)
"""How often one message is tried on a channel that is down (the fault catalogue's figure)."""

_MOST_DOUBLINGS = 40


def retry_in(
    attempt: int, key: str, base: timedelta = timedelta(seconds=5), cap: timedelta = timedelta(hours=1)
) -> timedelta:
    """Return the wait after failed attempt number `attempt` (from 1) of the row called `key`.

    `base` is doubled per attempt up to `cap`; the wait lies in the upper half of that, at a place taken from a hash of
    key and attempt. So rows that failed together spread out, while the same row always gets the same answer and a test
    needs no luck. Raises ValueError for an attempt under 1.
    """
    if attempt < 1:
        raise ValueError(f"attempts are counted from 1, not {attempt}")
    doublings = min(attempt - 1, _MOST_DOUBLINGS)
    full = min(base * (1 << doublings), cap)
    digest = hashlib.sha256(f"{attempt}:{key}".encode("utf-8", "surrogatepass")).digest()
    share = int.from_bytes(digest[:8]) / 2**64
    return full / 2 + full / 2 * share


def clamp_retry_after(seconds: float | None) -> timedelta:
    """Return a provider's "try again in" as a wait that we can live with: 1 second to 1 hour.

    None and not-a-number are 30 seconds, infinity is an hour, zero and less are a second.
    """
    if seconds is None or math.isnan(seconds):
        return UNSAID
    return timedelta(seconds=min(max(seconds, SHORTEST.total_seconds()), LONGEST.total_seconds()))
