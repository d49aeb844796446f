"""Whom to ask: fairly, never two who should be apart, and with a reason for everybody who is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.checks import StyleRules
from rules.bad_input import BadInput
from rules.choosing import WHY_SV, Candidate, choose

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def test_those_turned_away_come_first_then_the_longest_since() -> None:
    people = [
        Candidate(1, last_invited=NOW - 8 * DAY),
        Candidate(2),
        Candidate(3, turned_away=NOW - 9 * DAY, last_invited=NOW - 9 * DAY),
        Candidate(4, last_invited=NOW - 30 * DAY),
        Candidate(5, turned_away=NOW - 20 * DAY, last_invited=NOW - 8 * DAY),
        Candidate(6),
    ]
    chosen = choose(people, 4, NOW)
    assert (chosen.ask, chosen.later, chosen.left_out) == ((5, 3, 2, 6), (4, 1), ())


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        ({"protected": True}, "skyddade personuppgifter"),
        ({"opted_out": True}, "STOPP"),
        ({"read_by_others": True}, "annan kan läsa"),
        ({"resting": True}, "vilar"),
        ({"reachable": False}, "ingen väg"),
        ({"last_invited": NOW - 6 * DAY}, "mindre än en vecka"),
        ({"over_budget": True}, "så många meddelanden"),
        ({"in_talk": True}, "mitt i ett samtal"),
        ({"in_talk": True, "opted_out": True, "protected": True}, "skyddade personuppgifter"),
    ],
)
def test_everybody_left_out_has_a_reason(candidate: dict[str, Any], why: str) -> None:
    chosen = choose([replace(Candidate(1), **candidate), Candidate(2)], 5, NOW)
    assert chosen.ask == (2,)
    (left_out,) = chosen.left_out
    assert left_out.person == 1
    assert why in left_out.why_sv


def test_who_is_asked_already_is_not_asked_again() -> None:
    chosen = choose([Candidate(1), Candidate(2)], 5, NOW, invited={1})
    assert (chosen.ask, chosen.left_out[0].reason) == ((2,), "invited_here")


def test_a_week_is_counted_in_days_on_the_wall() -> None:
    """Invited on a Tuesday: free again on the next, from midnight."""
    invited = datetime(2026, 11, 24, 17, tzinfo=UTC)
    for now, free in (
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 30, 23, tzinfo=UTC), True),
    ):
        assert bool(choose([Candidate(1, last_invited=invited)], 1, now).ask) is free


def test_two_who_should_be_apart_are_never_asked_to_the_same() -> None:
    pair = [frozenset({1, 2})]
    chosen = choose([Candidate(1), Candidate(2), Candidate(3)], 1, NOW, apart=pair)
    assert (chosen.ask, chosen.later) == ((1,), (3,))
    assert [(each.person, each.reason) for each in chosen.left_out] == [(2, "apart")]
    assert choose([Candidate(2)], 1, NOW, invited={1}, apart=pair).ask == ()


def test_nobody_picked_is_named() -> None:
    with pytest.raises(BadInput) as raised:
        choose([], 5, NOW)
    assert raised.value.field == "audience"
    with pytest.raises(ValueError, match="less than none"):
        choose([Candidate(1)], -1, NOW)


def test_the_reasons_say_nothing_of_why_somebody_is_in_touch() -> None:
    rules = StyleRules("sv")
    assert [found for why in WHY_SV.values() for found in rules.findings("why", why)] == []


moments = st.none() | st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
people = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 12),
        turned_away=moments,
        last_invited=moments,
        protected=st.booleans(),
        in_talk=st.booleans(),
    ),
    min_size=1,
    unique_by=lambda each: each.person,
)
pairs = st.lists(st.sets(st.integers(1, 12), min_size=2, max_size=2).map(frozenset), max_size=8)


@given(people, st.integers(0, 8), pairs, st.sets(st.integers(1, 12), max_size=3))
def test_each_is_asked_or_later_or_left_out_and_no_pair_meets(
    candidates: list[Candidate], count: int, apart: list[frozenset[int]], invited: set[int]
) -> None:
    chosen = choose(candidates, count, NOW, invited=invited, apart=apart)
    everybody = [*chosen.ask, *chosen.later, *(each.person for each in chosen.left_out)]
    assert sorted(everybody) == sorted(each.person for each in candidates)
    assert len(chosen.ask) <= count
    assert not chosen.later or len(chosen.ask) == count
    new = {*chosen.ask, *chosen.later}
    assert not new & invited
    assert not any(pair <= new | invited and pair & new for pair in apart)
    assert not any(each.protected for each in candidates if each.person in new)
    by_id = {each.person: each for each in candidates}
    for before, after in pairwise(everybody[: len(new)]):
        one, two = by_id[before], by_id[after]
        assert (one.turned_away is None) <= (two.turned_away is None)
    assert choose(reversed(candidates), count, NOW, invited=invited, apart=apart) == chosen
