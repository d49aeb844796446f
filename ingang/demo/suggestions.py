"""What people typically answer, so that a stranger can play with one tap. By the question that is open."""

from __future__ import annotations

from typing import Final

OPENERS: Final = ("hej såg lappen på coop", "hej min lillebror sitter bara hemma")
AFTERWARDS: Final = ("hej igen", "mina uppgifter", "kan nån ringa mig")

ANSWERS: Final = {
    "may_ask": ("ja", "aa", "nej"),
    "name": ("kim", "jag heter Alex"),
    "birth_year": ("03", "2009", "jag är 14"),
    "municipality": ("1", "piteå"),
    "help": ("4 o 6", "jobb", "vet inte"),
    "meet": ("promenad kanske", "hos er", "6"),
    "reach": ("1", "ring mig"),
    "phone": ("070-174 06 50", "hoppa över"),
    "easier": ("jobbigt m folk", "nej"),
    "read_back": ("ja", "ändra namn till Alex"),
    "hard_how": ("1", "2"),
    "add": ("jag vill hellre ses utomhus", "nej"),
    "knows": ("ja", "nej"),
    "worry": ("han går aldrig ut", "hoppa över"),
    "nudge": ("ja", "inte nu", "nej"),
}
ANY_TIME: Final = ("orkar inte", "STOPP")


def for_question(key: str | None, *, began: bool, stopped: bool) -> list[str]:
    """Give typical answers to a question (its journal key, None: none is open), then what may be said at any time."""
    if stopped:
        return ["BÖRJA", "hej?"]
    if key is None:
        return [*(AFTERWARDS if began else OPENERS), *(ANY_TIME if began else ())]
    answers = ANSWERS.get(key.split("#", maxsplit=1)[0], ("ja", "nej"))
    return [*answers, *ANY_TIME]
