"""What `ingang explain rating` answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import forked

KEYS = ["total", "mark", "below_mark", "low_items", "change", "reliable", "class", "sources"]


def ingang(*words: str, given: bytes = b"") -> Any:
    return forked.run("explain", "rating", *words, folder=Path(), environment={}, given=given)


def lines(*given: object) -> tuple[int, list[dict[str, Any]]]:
    raw = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in given)
    done = ingang("--json", given=raw.encode())
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_lines_are_scored_in_order_with_the_keys_in_order() -> None:
    code, answers = lines(
        {"instrument": "ORS", "age": 19, "items": [5, 6.5, 7, 4], "first_total": 15.5},
        {"instrument": "SRS", "age": None, "items": [9, 9, 9, 8.9]},
        {"instrument": "own", "age": 19, "items": [0, 0, 0, 0], "first_total": None},
        {"instrument": "ORS", "items": [5, None, 7, 4]},
    )
    assert code == 0
    assert [list(answer) for answer in answers] == [KEYS] * 4
    shown = [[answer[key] for key in KEYS[:-1]] for answer in answers]
    assert shown == [
        [22.5, 25, True, [4], 7, True, "improved"],
        [35.9, 36, True, [], None, None, None],
        [0, None, None, [1, 2, 3, 4], None, None, None],
        [None, None, None, [4], None, None, None],
    ]
    assert all(answer["sources"] and all(isinstance(each, str) for each in answer["sources"]) for answer in answers)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"instrument": "ORS", "items": [11, 1, 1, 1]}, "item 1: 11 is not a number"),
        ({"instrument": "ORS", "items": [1, -1, 1, 1]}, "item 2: -1 is not a number"),
        ('{"instrument": "ORS", "items": [1, 1, NaN, 1]}', "item 3: nan is not a number"),
        ('{"instrument": "ORS", "items": [1, 1, 1, 1e999]}', "item 4: inf is not a number"),
        ({"instrument": "ORS", "items": [7.25, 1, 1, 1]}, "item 1: 7.25 is not a number"),
        ({"instrument": "ORS", "items": ["bra", 1, 1, 1]}, "item 1: 'bra' is not a number"),
        ({"instrument": "ORS", "items": [True, 1, 1, 1]}, "item 1: True is not a number"),
        ({"instrument": "ORS", "items": [1, 1]}, "ORS has four items and 2 were given"),
        ({"instrument": "ORS", "items": 7}, '"items" is not a list'),
        ({"instrument": "ORS"}, '"items" is not a list'),
        ({"instrument": "ors", "items": [1, 1, 1, 1]}, "'ors' is no instrument"),
        ({"instrument": "ORS", "items": [1, 1, 1, 1], "age": "19"}, "age: it is not a whole number"),
        ({"instrument": "ORS", "items": [1, 1, 1, 1], "first_total": 41}, "first_total: it is not a number"),
        ({"instrument": "ORS", "items": [1, 1, 1, 1], "turns_18_this_year": 1}, '"turns_18_this_year" is not'),
        ({"items": [1, 1, 1, 1]}, 'no "instrument" string'),
        ("bra", "not JSON"),
    ],
)
def test_a_bad_line_keeps_its_place_and_the_rest_go_on(bad: object, told: str) -> None:
    good = {"instrument": "SRS", "items": [9, 9, 9, 9]}
    code, answers = lines(good, bad, good)
    assert code == 1
    assert answers[0] == answers[2]
    assert answers[0]["total"] == 36
    assert answers[1]["error"].startswith(f"line 2: {told}")


def test_a_person_reads_it_too() -> None:
    done = ingang("ORS", "5", "6,5", "7", "4", "--age", "19", "--first-total", "15,5")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:5] == [
        "total    22,5",
        "mark     25: below it",
        "low      item 4",
        "change   +7: reliable",
        "class    improved: reliably better",
    ]
    assert "OpenFIT" in done.stdout
    skipped = ingang("SRS", "5", "-", "7", "4")
    assert skipped.stdout.startswith("total    -\nmark     36\nlow      item 4\nchange   -\n")
    assert "all answered alike" in ingang("SRS", "10", "10", "10", "10").stdout


def test_one_is_printed_as_json_as_a_line_of_many_is() -> None:
    done = ingang("SRS", "9", "9", "9", "9", "--json")
    assert [json.loads(done.stdout)] == lines({"instrument": "SRS", "items": [9, 9, 9, 9]})[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ORS", "-1", "5", "5", "5"), "item 1: '-1' is not a number"),
        (("ORS", "5", "5"), "ORS has four items and 2 were given"),
        (("XYZ", "5", "5", "5", "5"), "'XYZ' is no instrument"),
        (("ORS", "5", "5", "5", "5", "--first-total", "mycket"), "first_total: it is not a number"),
        ((), "there is no rating"),
    ],
)
def test_a_fault_ends_with_two_and_a_way_out(words: tuple[str, ...], told: str) -> None:
    done = ingang(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"ingang: {told}")
    assert "explain rating" in done.stderr


def test_options_hold_for_lines_that_say_nothing_else() -> None:
    given = b'{"instrument": "ORS", "items": [5, 5, 5, 5]}\n{"instrument": "ORS", "items": [5, 5, 5, 5], "age": 17}\n'
    done = ingang("--json", "--age", "19", given=given)
    assert [json.loads(line)["mark"] for line in done.stdout.splitlines()] == [25, 28]
