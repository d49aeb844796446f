from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.doubt import MOST_LOST, MOST_TRIES, PARK_AFTER, after_look, next_look
from rules.kinds import KINDS

SECOND = timedelta(seconds=1)
WAIT = 120 * SECOND
waits = st.integers(0, 4000).map(lambda seconds: seconds * SECOND)


def looks(wait: timedelta, first: timedelta) -> list[timedelta]:
    """When a row is looked for that is never to be seen."""
    waited = [first]
    while waited[-1] < PARK_AFTER:
        waited.append(waited[-1] + next_look(waited[-1], wait))
    return waited


def test_it_is_looked_for_soon_and_at_the_end_of_the_wait() -> None:
    assert looks(WAIT, 15 * SECOND)[:4] == [15 * SECOND, 60 * SECOND, WAIT, 180 * SECOND]


@given(waits, waits)
def test_looks_never_stop_and_never_hurry(waited: timedelta, wait: timedelta) -> None:
    assert SECOND <= next_look(waited, wait) <= max(wait, 60 * SECOND)


def test_half_an_hour_holds_no_more_looks_than_minutes() -> None:
    seen = looks(WAIT, 15 * SECOND)
    assert len(seen) <= 33
    assert all(later > earlier for earlier, later in pairwise(seen))


@pytest.mark.parametrize(
    ("seen", "waited", "tries", "kind", "becomes"),
    [
        ("found", 0, 1, "reply", "accepted"),
        ("found", 4000, 9, "invitation", "accepted"),
        ("not_there", 119, 1, "reply", "uncertain"),
        ("not_there", 120, 1, "reply", "queued"),
        ("not_there", 120, 1, "invitation", "queued"),
        ("not_there", 120, MOST_TRIES - 1, "reply", "queued"),
        ("not_there", 120, MOST_TRIES, "reply", "parked"),
        ("unreadable", 0, 1, "reply", "uncertain"),
        ("unreadable", 120, 1, "reply", "uncertain"),
        ("unreadable", 1799, 1, "reply", "uncertain"),
        ("unreadable", 1800, 1, "reply", "parked"),
        ("blind", 0, 1, "reply", "queued"),
        ("blind", 0, 1, "meeting", "queued"),
        ("blind", 0, 1, "distress", "queued"),
        ("blind", 0, 1, "staff_alarm", "queued"),
        ("blind", 0, 2, "reply", "parked"),
        ("blind", 0, 1, "invitation", "parked"),
        ("blind", 0, 1, "follow_up", "parked"),
        ("blind", 0, 1, "staff", "parked"),
    ],
)
def test_what_becomes_of_a_doubt(seen: Any, waited: int, tries: int, kind: str, becomes: str) -> None:
    assert after_look(seen, waited * SECOND, WAIT, tries, kind) == becomes


def test_a_worker_s_death_is_not_the_row_s_fault() -> None:
    assert after_look("not_there", WAIT, WAIT, 0, "reply", lost=MOST_LOST - 1) == "queued"
    assert after_look("not_there", WAIT, WAIT, 0, "reply", lost=MOST_LOST) == "parked"


@given(
    st.sampled_from(["found", "not_there", "unreadable", "blind"]), waits, waits, st.integers(1, 9),
    st.sampled_from(sorted(KINDS)),
)  # fmt: skip
def test_nothing_is_sent_again_while_it_may_turn_up(
    seen: Any, waited: timedelta, wait: timedelta, tries: int, kind: str
) -> None:
    if after_look(seen, waited, wait, tries, kind) == "queued":
        assert seen == "blind" or (seen == "not_there" and waited >= wait)
        assert tries < MOST_TRIES
