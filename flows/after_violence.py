"""The one question after someone wrote of violence: shall we write here? The one who does harm may hold the phone."""

from __future__ import annotations

from flows.asks import YesNo
from flows.commands import NoteChoice
from flows.person import Person
from flows.steps import Ask, Do, Say, Talk


def after_violence(person: Person) -> Talk:
    """Names no line and asks nothing about it. `person.extra["staffed"]` is true when somebody was alarmed."""
    staffed = bool(person.extra.get("staffed"))
    here = yield Ask("write_here", YesNo(), message="first_care/violence", facts={"staffed": staffed})
    yield Do(NoteChoice("chose", "write_here", "yes" if here else "no", "first_care/violence"))
    yield Say("first_care/violence_yes" if here else "first_care/violence_no")
    return "yes" if here else "no"
