"""What people typically answer, so that a stranger can play with one tap. By the question that is open."""

from __future__ import annotations

from typing import Final

OPENERS: Final = ("hej såg lappen på coop", "hej min lillebror sitter bara hemma")
AFTERWARDS: Final = ("promenad", "hej igen", "kan nån ringa mig")
ABOUT_A_MEETING: Final = ("ja", "orkar inte idag", "när ses vi?", "sen 10 min", "ja men inte då", "byt", "sjuk")

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
    "part": ("2", "förmiddag", "torsdag efter tre?"),
    "time": ("1", "FLER", "fredag kl 10"),
    "right": ("ja", "nej"),
    "own_time": ("fredag kl 10", "nästa vecka efter lunch", "nej"),
    "length": ("20", "40", "hoppa över"),
    "plan_b": ("1", "3"),
    "reminder": ("ja", "nej"),
    "fits": ("ja", "byt", "nej"),
    "new_time": ("ja", "inte nu"),
    "instead": ("1", "2", "3", "4"),
    "which_meeting": ("1", "2"),
}
ANY_TIME: Final = ("orkar inte", "STOPP")


def for_question(key: str | None, *, began: bool, stopped: bool, meeting: bool = False) -> list[str]:
    """Give typical answers to a question (its journal key, None: none is open), then what may be said at any time.

    With a `meeting` ahead and no question open, it is what they may say about that.
    """
    if stopped:
        return ["BÖRJA", "hej?"]
    if key is None and meeting:
        return [*ABOUT_A_MEETING, "STOPP"]
    if key is None:
        return [*(AFTERWARDS if began else OPENERS), *(ANY_TIME if began else ())]
    answers = ANSWERS.get(key.split("#", maxsplit=1)[0], ("ja", "nej"))
    return [*answers, *ANY_TIME]
