"""The two-way question on "orkar inte" alone: too much today, or hard in another way. Not yet distress, not nothing."""

from __future__ import annotations

from flows.asks import Choose
from flows.commands import RaiseDistress
from flows.person import Person
from flows.steps import Ask, Do, Say, Talk


def hard_how(person: Person) -> Talk:
    """One two-way question. `person.extra["said"]` is what they wrote. Outcomes: hard, not_today."""
    picked = yield Ask("hard_how", Choose("hard", ("not_today", "hard")), message="first_care/hard_how")
    if picked.key == "hard":
        yield Do(RaiseDistress(person.extra.get("said", "")))
        return "hard"
    yield Say("first_care/hard_not_today")
    return "not_today"
