"""Someone who has signed up already comes back: one question, what they want to add."""

from __future__ import annotations

from flows.asks import Words
from flows.commands import AddToReferral
from flows.person import Person
from flows.steps import Ask, Do, Say, Talk


def already_signed_up(person: Person) -> Talk:
    """One open question, and no more. Outcomes: added, nothing."""
    words = yield Ask("add", Words(nothing_counts=True), facts={"promise": person.promise}, skippable=True)
    if not words:
        yield Say("nothing_added", promise=person.promise)
        return "nothing"
    answer = yield Do(AddToReferral(words))
    yield Say("added", **answer)
    return "added"
