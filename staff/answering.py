"""Staff's own words to a person, looked at before they go: what the sender should know, and asked once.

Whatever is found, staff decide: the same words sent with the answer to the question go out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final

from bot.actions import staff_words
from bot.actions.house import House
from bot.actions.staff_words import CannotSay
from messages.guard import Guard
from messages.sms import measure
from rules.calendar import to_local
from rules.kinds import KINDS
from rules.sending import may_send
from staff.inbox_board import clocks_with, item_for
from staff.inbox_deeds import closed_by, taken_by
from staff.labels import SENT_STATE, label
from staff.people import SMS_CHANNELS, Actor, DeskFault, guard
from storage import contacts, inbox, inbox_board, participants, timeline
from storage.db import Store, Tx
from storage.inbox import Item

MOST_SEGMENTS: Final = 2
"""SMS of one message before the sender is asked: what the bot itself holds to."""

REFUSED: Final = {
    "diagnosis": "en sjukdom eller diagnos",
    "benefit": "en ersättning eller myndighet",
    "rating": "en skattning",
    "reason": "varför personen har kontakt med er",
    "own_words": "det som personen själv skrev",
}
"""What the guard found, in words for staff."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the sender should know first. `sure` goes back with the same words, and means "send it anyway"."""

    about: tuple[str, ...]
    sure: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The words are queued: the message's id, and whose they are for."""

    message: int
    person: int


@dataclass(frozen=True, slots=True)
class Words:
    """What a form brings: the words, its own random word, and the answer to the question, if one was put."""

    text: str
    once: str = ""
    sure: str = ""


def answer(store: Store, house: House, now: datetime, actor: Actor, item_id: int, words: Words) -> Sent | Question:
    """Answer the person whom an item is about; what waited for an answer is closed.

    Raises NotTheirs for an item that is not theirs, DeskFault when nothing can be sent.
    """
    with store.begin() as tx:
        item = item_for(tx, now, actor, "inbox.answer", item_id, to_change=True)
        if not isinstance(item, DeskFault):
            if item.participant_id is None:
                raise DeskFault("det finns ingen person att svara", "text", "stäng ärendet när det är klart")
            return _send(tx, house, now, actor, item.participant_id, words, item)
    raise item


def write(store: Store, house: House, now: datetime, actor: Actor, person_id: int, words: Words) -> Sent | Question:
    """Write to a person of one's own accord; else as `answer`."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "say", person_id, named_reader=False, noted=True)
        if not isinstance(person, DeskFault):
            return _send(tx, house, now, actor, person_id, words, None)
    raise person


def _send(
    tx: Tx, house: House, now: datetime, actor: Actor, person_id: int, words: Words, item: Item | None
) -> Sent | Question:
    nonce = f"{actor.staff_id or 0}:{person_id}:{words.once[:64]}" if words.once else ""
    if not staff_words.is_said(tx, nonce):
        about = tuple(_worth_knowing(tx, house, now, actor, person_id, words.text, item))
        sure = sha256(repr((words.text, about)).encode()).hexdigest()[:16]
        fits = 0 < len(words.text.strip()) <= staff_words.LONGEST
        if about and fits and words.sure != sure:
            return Question(about, sure)
    try:
        message = staff_words.say(tx, house, person_id, words.text, actor.ref, now, nonce, actor.staff_id)
    except CannotSay as fault:
        raise DeskFault(str(fault).rstrip("."), "text", "ring, eller träffas på ett annat sätt") from None
    for each in inbox_board.clocks_behind(tx, [person_id], actor.staff_id).get(person_id, []):
        inbox.take(tx, each.id, actor.staff_id, now)  # who answers has what is left, such as an alarm: it stops
    return Sent(message, person_id)


def _worth_knowing(
    tx: Tx, house: House, now: datetime, actor: Actor, person_id: int, text: str, item: Item | None
) -> Iterator[str]:
    yield from _others(tx, now, actor, item)
    who = staff_words.best_way(house, contacts.list_of(tx, person_id))
    if who is not None and who.channel in SMS_CHANNELS:
        size = measure(text)
        if size.segments > MOST_SEGMENTS:
            signs = "" if size.encoding == "GSM-7" else " Det finns tecken i texten som gör den dyrare än vanligt."
            yield f"Texten blir {size.segments} sms, och kostar som {size.segments}.{signs}"
    for kind, found in {each.kind: each.words for each in content_guard().findings(text)}.items():
        yield f"Texten nämner {REFUSED.get(kind, 'något känsligt')} (”{found}”). Någon annan kan läsa på telefonen."
    if participants.get(tx, person_id).read_by_others:
        yield "Annan kan läsa på telefonen: skriv inget om plats, namn, skattning eller aktivitet."
    late = may_send(KINDS["staff"], now, house.hours)
    wall = to_local(now, house.hours.zone).time()
    if not house.hours.starts <= wall < house.hours.ends:
        yield late.why_sv


def _others(tx: Tx, now: datetime, actor: Actor, item: Item | None) -> Iterator[str]:
    """Somebody was here before: they have it, or it has been answered since the page was drawn."""
    if item is None:
        return
    if item.state == "closed" and item.closed_by != actor.staff_id:
        told = closed_by(tx, item, now)
        yield f"{told[:1].upper()}{told[1:]}."
    found = {
        each.taken_by: each for each in clocks_with(tx, item, actor) if each.taken_by not in {None, actor.staff_id}
    }
    for each in found.values():
        told = taken_by(tx, each, now)
        yield f"{told[:1].upper()}{told[1:]}."


@cache
def content_guard() -> Guard:
    """What staff's words are looked at by, read once."""
    return Guard.load()


# --- what became of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fate:
    """How far a message has come, in words, and why not further. `settled`: nothing more is to be told."""

    person: int
    name: str
    state: str
    words: str
    why: str
    at: datetime
    settled: bool


SETTLED: Final = ("delivered", "undelivered", "failed", "expired", "cancelled")


def fate_of(store: Store, now: datetime, actor: Actor, message: int) -> Fate | None:
    """Give what became of a message of staff's; None when there is none of that id, or it is not theirs to see."""
    with store.begin() as tx:
        found = timeline.find_out(tx, message)
        if found is None or found[1].who != "staff":
            return None
        person_id, line = found
        person = guard(tx, now, actor, "message.state", person_id, named_reader=False, noted=True)
        if isinstance(person, DeskFault):
            return None
        name = str(participants.profile(tx, person_id).get("name") or "")
        return Fate(person_id, name, line.state, label(SENT_STATE, line.state), line.outcome or "", line.at,
                    line.state in SETTLED)  # fmt: skip
