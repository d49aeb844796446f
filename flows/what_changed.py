"""Staff have done something about what somebody answered: one question, whether they want to know what."""

from __future__ import annotations

from flows.asks import YesNo
from flows.commands_ratings import LeaveUntold, TellWhatChanged
from flows.person import Person
from flows.steps import Ask, Do, Say, Talk


def what_changed(person: Person) -> Talk:
    """Says nothing of what they wrote.

    `person.extra`: `item`, the task; `wrote`, whether there were words in it; `met`, whether it was about a session.
    Outcomes: told, not_wanted, nothing (the words are gone).
    """
    about = {"wrote": bool(person.extra.get("wrote")), "met": bool(person.extra.get("met", True))}
    facts = {"name": person.name, **about}
    if (yield Ask("want_to_know", YesNo(), facts=facts, skippable=True)) is not True:
        yield Do(LeaveUntold(int(person.extra["item"])))
        yield Say("not_wanted")
        return "not_wanted"
    told = yield Do(TellWhatChanged(int(person.extra["item"])))
    if told["told"]:
        return "told"
    yield Say("nothing_to_tell")
    return "nothing"
