from collections.abc import Sequence
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.delivery import RANK, STATUSES, allowed, contradicts, merge_status

STATES = tuple(RANK)
states, statuses = st.sampled_from(STATES), st.sampled_from([*sorted(STATUSES), "receiving", "", "DELIVERED"])

# Drawn by hand from the design; receipts that raise the rank are added in the test.
MOVES = {
    ("queued", "sending"),
    ("queued", "expired"),
    ("queued", "cancelled"),
    ("sending", "queued"),
    ("sending", "accepted"),
    ("sending", "failed"),
    ("sending", "uncertain"),
    ("sending", "cancelled"),
    ("uncertain", "queued"),
    ("uncertain", "parked"),
    ("uncertain", "cancelled"),
    ("parked", "queued"),
    ("parked", "cancelled"),
}
PROOF = {
    (old, new)
    for old in STATES
    for new in ("accepted", "sent", "delivered", "undelivered", "failed")
    if RANK[new] > RANK[old]
} | {("failed", "undelivered"), ("failed", "delivered"), ("undelivered", "delivered")}


def after(old: str, received: Sequence[str]) -> str:
    return reduce(merge_status, received, old)


def test_exactly_the_drawn_moves_are_allowed() -> None:
    assert {(old, new) for old in STATES for new in STATES if allowed(old, new)} == MOVES | PROOF


def test_rank_tells_how_much_is_known() -> None:
    ours = {"queued", "sending", "uncertain", "parked", "expired", "cancelled"}
    tiers = [ours, {"accepted"}, {"sent"}, {"delivered", "undelivered", "failed"}]
    assert {state: rank for rank, tier in enumerate(tiers) for state in tier} == RANK


ENDED = ("delivered", "undelivered", "failed", "expired", "cancelled")


def test_a_lost_lease_never_queues_finals() -> None:
    assert not any(allowed(old, new) for old in ENDED for new in ("queued", "sending", "uncertain", "parked"))
    assert not any(allowed("delivered", new) for new in STATES)


@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])))
@pytest.mark.parametrize("start", ["sending", "uncertain", "accepted", "parked"])
def test_all_orders_of_receipts_end_alike(order: tuple[str, ...], start: str) -> None:
    assert after(start, order) == "delivered"


@given(states, st.lists(statuses, max_size=8))
def test_rank_only_rises_whatever_comes(old: str, received: list[str]) -> None:
    state = old
    for status in received:
        new = merge_status(state, status)
        assert new == state or (allowed(state, new) and RANK[new] >= RANK[state])
        state = new


@given(states, st.lists(statuses, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_receipts_never_matters(old: str, received: list[str], chance: object) -> None:
    shuffled = received[:]
    assert hasattr(chance, "shuffle")
    chance.shuffle(shuffled)
    assert after(old, received) == after(old, shuffled)


@given(states, st.lists(statuses, max_size=8))
def test_receipts_twice_change_nothing_more(old: str, received: list[str]) -> None:
    once = after(old, received)
    assert after(once, received) == once


def test_of_last_words_delivered_counts_most() -> None:
    assert merge_status("undelivered", "delivered") == "delivered"
    assert merge_status("delivered", "undelivered") == "delivered"
    assert merge_status("failed", "undelivered") == "undelivered"
    assert merge_status("undelivered", "failed") == "undelivered"


def test_words_that_speak_against_each_other_are_seen() -> None:
    assert contradicts("undelivered", "delivered")
    assert contradicts("delivered", "failed")
    assert not contradicts("delivered", "read")
    assert not contradicts("delivered", "sent")
    assert not contradicts("sent", "delivered")
    assert not contradicts("delivered", "no such status")


def test_late_proof_outranks_expired_and_cancelled() -> None:
    assert merge_status("expired", "delivered") == "delivered"
    assert merge_status("cancelled", "sent") == "sent"
    assert merge_status("parked", "queued") == "accepted"


def test_words_that_are_no_state_raise() -> None:
    with pytest.raises(ValueError, match="queued, sending"):
        merge_status("borta", "sent")
    with pytest.raises(ValueError, match="borta"):
        allowed("queued", "borta")
    with pytest.raises(ValueError, match="borta"):
        allowed("borta", "queued")
