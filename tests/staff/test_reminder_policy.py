"""A unit's own say about reminders: shown, changed, and in effect at once."""

from __future__ import annotations

import pytest

from staff import reminder_policy
from staff.people import Actor, DeskFault
from storage.db import Store
from tests.town import Town

OPERATOR = Actor("os:test")


@pytest.fixture
def town(store: Store) -> Town:
    """A town with two units."""
    return Town(store)


def test_a_unit_begins_with_everything_on_but_the_thanks(town: Town) -> None:
    """And the clocks of the design."""
    told = reminder_policy.read(town.store, town.house, town.now, OPERATOR, "alvsbyn")
    assert [name for name, on in told[0].kinds.items() if not on] == ["thank_you"]
    assert told[0].clocks == {"three_days_at": "17:00", "day_before_at": "17:00", "silence_at": "13:00"}


def test_a_change_is_of_one_unit_and_is_kept(town: Town) -> None:
    """Off, on again, and another clock."""
    change = (town.store, town.house, town.now, OPERATOR, "alvsbyn")
    reminder_policy.change(*change, off=["three_days", "same_day"], clocks={"day_before_at": "16:00"})
    reminder_policy.change(*change, on=["same_day", "thank_you"])
    mine, other = reminder_policy.read(town.store, town.house, town.now, OPERATOR, None)
    assert [name for name, on in mine.kinds.items() if not on] == ["three_days"]
    assert mine.clocks["day_before_at"] == "16:00"
    assert [name for name, on in other.kinds.items() if not on] == ["thank_you"]
    assert other.clocks["day_before_at"] == "17:00"


@pytest.mark.parametrize(
    "wrong",
    [{"off": ["confirmation"]}, {"on": ["nonsense"]}, {"clocks": {"day_before_at": "halv fem"}}],
    ids=["always told", "no such kind", "no clock"],
)
def test_what_cannot_be_is_refused_and_changes_nothing(town: Town, wrong: dict[str, object]) -> None:
    """With what there is to choose among."""
    before = reminder_policy.read(town.store, town.house, town.now, OPERATOR, "alvsbyn")
    with pytest.raises(DeskFault):
        reminder_policy.change(town.store, town.house, town.now, OPERATOR, "alvsbyn", **wrong)  # type: ignore[arg-type]
    assert reminder_policy.read(town.store, town.house, town.now, OPERATOR, "alvsbyn") == before


def test_another_unit_is_not_theirs_to_change(town: Town) -> None:
    """Whoever acts as a staff member changes their own unit only."""
    with pytest.raises(DeskFault):
        reminder_policy.change(
            town.store, town.house, town.now, Actor("staff:1", 1, frozenset()), "alvsbyn", off=["missed"]
        )
