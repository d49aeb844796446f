from itertools import product

import pytest

from rules.consent import State, may_go
from rules.kinds import KINDS, kind

FREE = State(opted_out=False, erased=False, blocked=False, resting=False, protected=False)
TRUTH = (False, True)

# Whether each state alone lets each kind through, in the order of CASES below.
STOP = {
    "distress": "yyyy",
    "staff_alarm": "yyyy",
    "reply": "nynn",
    "staff": "nnnn",
    "meeting": "nnnn",
    "change": "nnnn",
    "follow_up": "nnnn",
    "invitation": "nnnn",
}
REST = {
    "distress": "yyyy",
    "staff_alarm": "yyyy",
    "reply": "nyyn",
    "staff": "yyyy",
    "meeting": "nnny",
    "change": "nnny",
    "follow_up": "nnnn",
    "invitation": "nnnn",
}
PROTECTED = {
    "distress": "yyyy",
    "staff_alarm": "yyyy",
    "reply": "yyyy",
    "staff": "yyyy",
    "meeting": "nnnn",
    "change": "nnnn",
    "follow_up": "nnnn",
    "invitation": "nnnn",
}
CASES: tuple[dict[str, bool], ...] = ({}, {"is_receipt": True}, {"is_command_answer": True}, {"staff_decided": True})
STATES = [State(*flags) for flags in product(TRUTH, repeat=5)]


@pytest.mark.parametrize("name", KINDS)
def test_every_combination_of_states_is_decided(name: str) -> None:
    for state, (case, words) in product(STATES, enumerate(CASES)):
        columns = [(STOP, state.opted_out), (REST, state.resting), (PROTECTED, state.protected)]
        passes = all(column[name][case] == "y" for column, counts in columns if counts)
        verdict = may_go(kind(name), state, **words)
        assert verdict.ok is (passes and not state.erased and not state.blocked), (state, words)
        assert verdict.why_sv.endswith(".")
        assert verdict.retry_at is None


def test_nothing_hinders_an_ordinary_contact() -> None:
    assert all(may_go(row, FREE).ok for row in KINDS.values())


def test_stop_and_distress_in_one_message() -> None:
    both = State(opted_out=True, erased=False, blocked=False, resting=True, protected=False)
    assert may_go(kind("distress"), both).ok
    assert may_go(kind("reply"), both, is_receipt=True).ok
    assert not may_go(kind("reply"), both).ok


@pytest.mark.parametrize(
    ("name", "flag", "why"),
    [
        ("meeting", "erased", "Personens uppgifter är raderade."),
        ("distress", "blocked", "Kontaktvägen går inte att nå."),
        ("staff", "opted_out", "Personen har skrivit STOPP."),
        ("meeting", "protected", "Personen har skyddade uppgifter. Ring så som ni har kommit överens om."),
        ("meeting", "resting", "Samtalet vilar efter ett larm. En medarbetare avgör om det här går ut."),
        ("reply", "resting", "Samtalet vilar efter ett larm. Bara kommandon får svar."),
        ("follow_up", "resting", "Samtalet vilar efter ett larm. En medarbetare behöver släppa det först."),
    ],
)
def test_each_no_gives_its_own_reason(name: str, flag: str, why: str) -> None:
    state = State(**{field: field == flag for field in ("opted_out", "erased", "blocked", "resting", "protected")})
    assert may_go(kind(name), state).why_sv == why
