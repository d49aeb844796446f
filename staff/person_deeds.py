"""What staff do on a person's page. One transaction each, in the audit log; the same form sent twice is done once.

What is refused raises `DeskFault` and has changed nothing; `NotTheirs` when the person is not theirs to see.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.actions import leaving, reminding, staff_words
from bot.actions.house import House
from bot.actions.staff_words import CannotSay
from staff import labels, meetings
from staff.people import Actor, DeskFault, guard
from storage import (
    appointments,
    audit,
    exits,
    inbox,
    inbox_board,
    once,
    outbox,
    participants,
    person_notes,
    referrals,
    staff,
    units,
)
from storage.db import Store, Tx
from storage.participants import Participant, Status

RANG: Final = {"talked": "Vi pratade", "no_answer": "Inget svar"}


def _do(
    store: Store, now: datetime, actor: Actor, action: str, person_id: int, nonce: str,
    act: Callable[[Tx, Participant], None],
) -> bool:  # fmt: skip
    """Do something with a person, once; give whether it was done now."""
    with store.begin() as tx:
        person = guard(tx, now, actor, action, person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            if not once.first_time(tx, now, actor.ref, nonce):
                return False
            act(tx, person)
            return True
    raise person


# --- notes ------------------------------------------------------------------------------------------------------------


def add_note(store: Store, now: datetime, actor: Actor, person_id: int, text: str, nonce: str = "") -> None:
    """Keep a note about a person. DeskFault when there is nothing in it, or too much."""
    _check_note(text)
    _do(
        store, now, actor, "note.add", person_id, nonce,
        lambda tx, person: _note(tx, now, actor, person, text),
    )  # fmt: skip


def _check_note(text: str) -> None:
    if not text or len(text) > person_notes.LONGEST:
        raise DeskFault(f"skriv en anteckning på högst {person_notes.LONGEST} tecken", "note", "korta den")


def _note(tx: Tx, now: datetime, actor: Actor, person: Participant, text: str) -> None:
    person_notes.add(tx, now, person.id, actor.staff_id, text)


def strike_note(store: Store, now: datetime, actor: Actor, person_id: int, note_id: int) -> None:
    """Take back a note of one's own; it stays to be read, struck. DeskFault for another's."""

    def act(tx: Tx, person: Participant) -> None:
        if not person_notes.strike(tx, now, person.id, note_id, actor.staff_id):
            raise DeskFault("bara den som skrev en anteckning kan stryka den", "note", "skriv en ny")

    _do(store, now, actor, "note.strike", person_id, "", act)


# --- calls ------------------------------------------------------------------------------------------------------------


def called(store: Store, now: datetime, actor: Actor, person_id: int, outcome: str, text: str, nonce: str = "") -> None:
    """Note a call. When they talked, what waited for an answer is closed, and a sign-up counts as answered."""
    if outcome not in RANG:
        raise DeskFault("välj om ni pratade", "outcome", "välj ett av dem")
    if len(text) > person_notes.LONGEST - 100:
        _check_note(text + " " * 200)

    def act(tx: Tx, person: Participant) -> None:
        words = "Ringde. Vi pratade." if outcome == "talked" else "Ringde. Inget svar."
        _note(tx, now, actor, person, f"{words} {text}".strip())
        if outcome == "talked":
            inbox.close_answered(tx, person.id, now, actor.staff_id, "called")
            referrals.mark_answered(tx, person.id, now)

    _do(store, now, actor, f"call.{outcome}", person_id, nonce, act)


# --- the bot ----------------------------------------------------------------------------------------------------------


def rest(store: Store, now: datetime, actor: Actor, person_id: int, nonce: str = "") -> None:
    """Let the bot write nothing by itself to a person until it is woken; what they write goes to the inbox."""

    def act(tx: Tx, person: Participant) -> None:
        if person.resting_since is None:
            participants.set_resting(tx, person.id, now)
            outbox.cancel_bots_own(tx, now, "Personalen låter boten vila.", participant_id=person.id)
            appointments.look_again(tx, now, participant_id=person.id)

    _do(store, now, actor, "participant.rest", person_id, nonce, act)


def wake(store: Store, now: datetime, actor: Actor, person_id: int, nonce: str = "") -> None:
    """Let the bot write by itself again, after an alarm or a rest of staff's own."""

    def act(tx: Tx, person: Participant) -> None:
        participants.end_rest(tx, person.id)
        reminding.look_again(tx, now, person.id)

    _do(store, now, actor, "participant.release", person_id, nonce, act)


def set_read_by_others(store: Store, now: datetime, actor: Actor, person_id: int, on: bool) -> None:
    """Mark, or unmark, that another may read the person's phone."""

    def act(tx: Tx, person: Participant) -> None:
        participants.set_read_by_others(tx, person.id, on)

    _do(store, now, actor, "participant.read_by_others" if on else "participant.reads_alone", person_id, "", act)


def invite(store: Store, house: House, now: datetime, actor: Actor, person_id: int, nonce: str = "") -> None:
    """Let the bot offer a person a walk, in times that staff have. DeskFault when it cannot ask now."""
    with store.begin() as tx:
        fresh = once.first_time(tx, now, actor.ref, nonce)
    if fresh:
        meetings.offer(store, house, now, actor, person_id)


# --- units and exits --------------------------------------------------------------------------------------------------


def move(store: Store, now: datetime, actor: Actor, person_id: int, slug: str, words: str, nonce: str = "") -> None:
    """Let another unit meet a person: what is open goes there, and who handed over. DeskFault beside `to`."""

    def act(tx: Tx, person: Participant) -> None:
        unit = units.find_by_slug(tx, slug)
        if unit is None or unit.id == person.unit_id:
            raise DeskFault("välj en annan enhet", "to", "välj en i listan")
        was = None if person.unit_id is None else units.find_by_id(tx, person.unit_id)
        me = None if actor.staff_id is None else staff.find_by_id(tx, actor.staff_id)
        participants.set_unit(tx, person.id, unit.id)
        inbox_board.change_unit(tx, person.id, unit.id)
        referrals.change_unit(tx, person.id, unit.id)
        left = len(leaving.coming_meetings(tx, person.id, now))
        note = [f"Flyttad hit{f' från {was.municipality}' if was else ''}{f' av {me.first_name}' if me else ''}."]
        note += [f"{left} bokade tider ligger kvar hos den förra enheten."] if left else []
        note += [words] if words else []
        inbox.open_item(tx, now, "other", inbox.URGENCY["referral"], unit.id, person.id, None, " ".join(note))
        audit.write(tx, now, actor.ref, "participant.move", f"participant:{person.id}", f"to unit:{unit.id}")

    _do(store, now, actor, "participant.open", person_id, nonce, act)


def leave(
    store: Store, house: House, now: datetime, actor: Actor, person_id: int, reason: str, words: str, nonce: str = ""
) -> None:
    """End a person's time with the unit; `reason` is a key of labels.EXIT, `words` go to the person, empty: nothing.

    Coming meetings are called off. Raises DeskFault beside `reason` or `words`.
    """
    if reason not in labels.EXIT:
        raise DeskFault("välj varför", "reason", "välj ett av sätten")

    def act(tx: Tx, person: Participant) -> None:
        if person.status == "exited":
            raise DeskFault("personen är redan avslutad", "reason", "")
        exits.add(tx, now, person.id, person.unit_id, reason, person.status, actor.staff_id)
        leaving.leave(tx, house, person.id, now)
        if words:
            try:
                staff_words.say(tx, house, person.id, words, actor.ref, now, "", actor.staff_id)
            except CannotSay as fault:
                raise DeskFault(str(fault).rstrip("."), "words", "lämna det tomt") from None
        audit.write(tx, now, actor.ref, "participant.leave", f"participant:{person.id}", reason)

    _do(store, now, actor, "participant.open", person_id, nonce, act)


def reopen(store: Store, now: datetime, actor: Actor, person_id: int, nonce: str = "") -> None:
    """Take an exit back: the person is with us again, as before. Meetings that were called off stay so."""

    def act(tx: Tx, person: Participant) -> None:
        last = exits.find_latest(tx, person.id)
        if person.status != "exited":
            raise DeskFault("personen är inte avslutad", "reason", "")
        was: Status = "active"
        if last is not None:
            exits.undo(tx, now, last.id)
            was = last.was  # type: ignore[assignment]
        participants.set_status(tx, person.id, was)

    _do(store, now, actor, "participant.reopen", person_id, nonce, act)
