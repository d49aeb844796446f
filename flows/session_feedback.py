"""A few short questions after a session, or on the morning before one: may I ask, one item a message, an open one.

What is asked was recorded when the talk began: `person.extra` holds `rating` (its id), `role`, `items` (question, low,
high and key of each, and the same `by_language`), and what the opening says of who reads.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

from flows.asks import YesNo
from flows.asks_ratings import MayAsk, OpenAnswer, Rating, RightNumber
from flows.commands_ratings import ChooseReader, DeclineRating, FinishRating, KeepItem, KeepWords, LookAtRating
from flows.person import Person
from flows.steps import SKIPPED, Ask, Do, Say, Step, Talk

MOST_READ_BACK: Final = 3
"""So often is one answer read back; after that it is missing, for a score is never guessed."""


def session_feedback(person: Person) -> Talk:
    """The talk. Outcomes: answered, declined, already (the page was faster, or it is too late)."""
    told, rating = person.extra, int(person.extra["rating"])
    before = told.get("role") == "before"
    if not (yield from _may_ask(person, before=before)):
        yield Do(DeclineRating(rating))
        yield Say("declined")
        return "declined"
    over = yield Do(LookAtRating(rating))
    if over["open"]:
        over = yield from _items(rating, told["items"], echo=bool(told.get("echo", True)))
    if not over["open"]:
        yield Say("too_late" if over["why"] == "expired" else "already")
        return "already"
    yield Do(FinishRating(rating))
    reads = OpenAnswer()
    if before:
        words = yield Ask("anything", reads, skippable=True)
    else:
        words = yield Ask("change", reads, skippable=True)
    if not words:
        yield Say("thanks")
        return "answered"
    kept = yield Do(KeepWords(rating, words))
    yield Say("thanks_for_words", reader=kept["reader"], read_by=kept["read_by"])
    return "answered"


def _may_ask(person: Person, *, before: bool) -> Generator[Step, Any, bool]:
    """Whether they want to. Who wants another reader gets one where there is one, and else hears that there is none."""
    told = person.extra
    others = bool(told.get("others"))
    facts = {
        "name": person.name, "many": len(told["items"]), "reader": told.get("reader"), "read_by": told.get("read_by"),
        "others": others, "answer_link": told.get("answer_link"), "told": False,
    }  # fmt: skip
    if before:
        may = yield Ask("may_rate_before", MayAsk(others), facts=facts, skippable=True)
    else:
        may = yield Ask("may_rate", MayAsk(others), facts=facts, skippable=True)
    if may is SKIPPED or may == "no":
        return False
    if may == "yes":
        return True
    chosen = yield Do(ChooseReader(int(told["rating"])))
    if chosen["found"]:
        yield Say("another_reads", reader=chosen["reader"], read_by=chosen["read_by"])
        return True
    anyway = yield Ask("no_other", YesNo(), facts={"reader": told.get("reader")}, skippable=True)
    return anyway is True


def _items(rating: int, items: Sequence[Mapping[str, Any]], *, echo: bool) -> Generator[Step, Any, Any]:
    """Each item in turn, kept at once. Gives what the last keeping said: {"open", "why"}."""
    kept: Any = {"open": True, "why": ""}
    for n, item in enumerate(items, start=1):
        facts = {"n": n, "many": len(items), "question": item["question"], "low": item["low"], "high": item["high"]}
        facts["by_language"] = item.get("by_language")
        answer = yield Ask("rating", Rating(echo), message="item", facts=facts, skippable=True)
        for _ in range(MOST_READ_BACK):
            if answer is SKIPPED or answer["sure"]:
                break
            read_as = answer["value"]
            answer = yield Ask("right_number", RightNumber(read_as), facts={"value": read_as}, skippable=True)
        value = answer["value"] if answer is not SKIPPED and answer["sure"] else None
        kept = yield Do(KeepItem(rating, item["key"], value))
        if not kept["open"]:
            break
    return kept
