"""The states of an outgoing message, the moves between them, and what a provider's receipt changes.

    queued -> sending -> accepted -> sent -> delivered | undelivered
       |         |-> queued (certainly not sent) | failed (never) | uncertain (may have gone out) | cancelled
       |-> expired | cancelled      uncertain -> accepted | queued | parked | cancelled

Source: the design's state machine of sending.
"""

from collections.abc import Mapping
from types import MappingProxyType

RANK: Mapping[str, int] = MappingProxyType(
    {
        "queued": 0,
        "sending": 0,
        "uncertain": 0,
        "parked": 0,
        "expired": 0,
        "cancelled": 0,
        "accepted": 1,
        "sent": 2,
        "delivered": 3,
        "undelivered": 3,
        "failed": 3,
    }
)
"""How much is known of where the message is: 0 nothing from the provider, 3 its last word. Receipts only raise it."""

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "accepted": "accepted",
        "scheduled": "accepted",
        "queued": "accepted",
        "sending": "accepted",
        "sent": "sent",
        "delivered": "delivered",
        "read": "delivered",
        "undelivered": "undelivered",
        "failed": "failed",
        "canceled": "failed",
    }
)
"""A provider's words (Twilio's message statuses) as our states: its "queued" is its own queue, so accepted by us."""

_MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "queued": frozenset({"sending", "expired", "cancelled"}),
        "sending": frozenset({"queued", "accepted", "failed", "uncertain", "cancelled"}),
        "uncertain": frozenset({"queued", "parked", "cancelled"}),
        "parked": frozenset({"queued", "cancelled"}),
    }
)


def allowed(old: str, new: str) -> bool:
    """Say whether a message may move from `old` to `new`; staying put isn't a move.

    Besides the drawn moves any state may rise to what a receipt can say, since a receipt is proof. Raises ValueError
    for a word that is no state.
    """
    return new in _MOVES.get(old, frozenset()) or (_weight(new) > _weight(old) and new in _PROVEN)


def merge_status(old_state: str, new_status: str) -> str:
    """Return the state after a provider's status came for a message in `old_state`.

    Rank only rises, so receipts may come late, twice and in any order. Of two last words that speak against each other
    delivered counts most, then undelivered: whichever came first, the state is the same. A status that we don't know
    changes nothing. Raises ValueError when `old_state` is no state.
    """
    new = STATUSES.get(new_status, old_state)
    return new if _weight(new) > _weight(old_state) else old_state


def contradicts(old_state: str, new_status: str) -> bool:
    """Say whether a status speaks against a last word already heard (delivered after undelivered, or the reverse).

    Both receipts are kept, and staff can read that the provider said both.
    """
    new = STATUSES.get(new_status, old_state)
    return _rank(old_state) == _LAST and _rank(new) == _LAST and new != old_state


FAILING = frozenset({"undelivered", "failed"})
"""The states that say that it did not reach the person."""


_PROVEN = frozenset(STATUSES.values())
_LAST = max(RANK.values())
_LAST_WORDS = ("failed", "undelivered", "delivered")


def _weight(state: str) -> tuple[int, int]:
    return _rank(state), _LAST_WORDS.index(state) if state in _LAST_WORDS else 0


def _rank(state: str) -> int:
    try:
        return RANK[state]
    except KeyError:
        raise ValueError(f"no message is {state!r}; the states are {', '.join(RANK)}") from None
