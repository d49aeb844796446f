from __future__ import annotations

from datetime import timedelta

import pytest

from rules import troubles
from rules.troubles import OTHER_LATE, REPLY_LATE, Waiting, is_late, lets_people_down, of_credit, of_refusal

A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("waiting", "late"),
    [
        (Waiting(), False),
        (Waiting(reply=REPLY_LATE - A_SECOND), False),
        (Waiting(reply=REPLY_LATE), True),
        (Waiting(other=REPLY_LATE), False),
        (Waiting(other=OTHER_LATE), True),
    ],
)
def test_an_answer_is_late_sooner_than_the_rest(waiting: Waiting, late: bool) -> None:
    assert is_late(waiting, told=False) is late


def test_what_was_told_is_over_only_when_half_as_late() -> None:
    nearly = Waiting(reply=REPLY_LATE - A_SECOND)
    assert is_late(nearly, told=True)
    assert not is_late(Waiting(reply=REPLY_LATE / 2 - A_SECOND), told=True)


@pytest.mark.parametrize(
    "name", ["sending.late", "sms.token", "telegram.token", "sms.empty", "sms.closed", "telegram.second_poller",
             "telegram.webhook", "silent.sweep", "silent.dispatcher"],
)  # fmt: skip
def test_people_are_let_down_where_nothing_gets_through(name: str) -> None:
    assert lets_people_down(name)


@pytest.mark.parametrize("name", ["sms.credit", "sending.held", "silent.sms_list"])
def test_a_warning_lets_nobody_down_yet(name: str) -> None:
    assert not lets_people_down(name)


@pytest.mark.parametrize(
    ("balance", "low", "told"),
    [
        (None, 20, {}),
        (123.45, 20, {"sms.empty": False, "sms.credit": False}),
        (19.99, 20, {"sms.empty": False, "sms.credit": True}),
        (0.0, 20, {"sms.empty": True, "sms.credit": False}),
        (-3, 0, {"sms.empty": True, "sms.credit": False}),
        (0.5, 0, {"sms.empty": False, "sms.credit": False}),
    ],
)
def test_money_is_low_before_it_is_gone(balance: float | None, low: float, told: dict[str, bool]) -> None:
    assert of_credit("sms", balance, low) == told


def test_only_some_codes_speak_of_the_whole_channel() -> None:
    assert of_refusal("telegram", "401") == of_refusal("telegram", "404") == "telegram" + troubles.TOKEN
    assert of_refusal("sms", "20003") == "sms.token"
    assert of_refusal("sms", "20005") == "sms.closed"
    assert of_refusal("sms", "404") is of_refusal("telegram", "403") is of_refusal("sms", "") is None
