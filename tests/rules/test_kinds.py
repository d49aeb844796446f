import dataclasses

import pytest

from rules.kinds import KINDS, Kind, UnknownKindError, kind

# The design's table, row by row, written out once more on purpose.
TABLE = {
    "distress": ("person", "exempt", True, False, 0, "once", "yes"),
    "staff_alarm": ("person", "exempt", True, False, 0, "once", "yes"),
    "reply": ("person", "exempt", True, False, 1, "receipt", "commands"),
    "staff": ("staff", "warned", True, False, 1, "no", "yes"),
    "meeting": ("bot", "held", True, False, 2, "no", "staff"),
    "change": ("bot", "exempt", True, False, 2, "no", "staff"),
    "follow_up": ("bot", "held", False, True, 3, "no", "no"),
    "invitation": ("staff", "held", False, True, 4, "no", "no"),
}


def test_the_table_is_the_designs_table() -> None:
    assert {name: dataclasses.astuple(row)[1:] for name, row in KINDS.items()} == TABLE
    assert all(row.name == name for name, row in KINDS.items())


@pytest.mark.parametrize("name", TABLE)
def test_a_kind_is_found_by_name(name: str) -> None:
    assert kind(name) is KINDS[name]


def test_an_unknown_kind_names_the_known() -> None:
    with pytest.raises(UnknownKindError) as error:
        kind("reminder")
    assert isinstance(error.value, KeyError)
    assert "'reminder'" in str(error.value)
    assert all(name in str(error.value) for name in TABLE)


def test_nobody_can_change_the_table() -> None:
    with pytest.raises(TypeError):
        KINDS["meeting"] = KINDS["distress"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind("meeting").priority = 0  # type: ignore[misc]


def test_only_kinds_held_by_hours_have_budgets() -> None:
    def has_sense(row: Kind) -> bool:
        return row.hours == "held" or (row.red_days and not row.budget)

    assert all(has_sense(row) for row in KINDS.values())
