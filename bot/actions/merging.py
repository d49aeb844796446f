"""Two contacts turn out to be one person's: whose they are from now on, and what staff must know of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

from bot.actions import reminding
from bot.actions.house import House
from bot.actions.scene import Scene
from rules import codes
from rules.nudge import is_returning
from storage import contacts, conversations, inbox, joining, outbox
from storage.contacts import Standing
from storage.joining import Joined

SIGN_UP: Final = "self_referral"

CODE: Final = "code"
"""The sort of question that asks for the code of an SMS; it is answered where it was asked."""

_CALLED: Final = {"name": "namn", "birth_year": "födelseår", "phone": "nummer"}


def draw_code() -> str:
    """Give a code by chance."""
    return codes.code_of(secrets.randbelow(codes.HOW_MANY))


def may_be_one(scene: Scene, other: Standing) -> bool:
    """Tell whether two contacts may be joined by themselves.

    Not when either was silent for 90 days: the number may be someone else's now, and so would everything be that was
    said by it. And never somebody of the demo with a person. Then a human looks.
    """
    who, now = scene.who, scene.now
    silent = any(is_returning(each.last_in_at, now) for each in (who, other))
    return not silent and who.made_up == other.made_up


def become_one(scene: Scene, other: Standing) -> None:
    """Let the persons of two contacts be one. Both standings, and what was said this turn, are the joined person's."""
    who = scene.who
    joined = joining.join(scene.tx, scene.now, who.participant_id, other.participant_id)
    for each in (who, other):
        each.unit_id, each.status, each.language = joined.unit_id, joined.status, joined.language
        each.protected, each.read_by_others = joined.protected, joined.read_by_others
        each.resting_since, each.profile, each.made_up = joined.resting_since, joined.profile, joined.made_up
    other.participant_id = joined.participant_id
    scene.belongs_to(joined.participant_id)
    if joined.protected or joined.resting_since:
        why = "Personen har skyddade uppgifter." if joined.protected else "Samtalet vilar efter ett larm."
        outbox.cancel_bots_own(scene.tx, scene.now, why, participant_id=joined.participant_id)
    reminding.look_again(scene.tx, scene.now, joined.participant_id)
    if joined.unit_id is not None:
        inbox.adopt(scene.tx, joined.participant_id, joined.unit_id)
    _tell_staff(scene, joined)
    scene.note("stored", "Två kontaktvägar hör nu till samma person: allt som var den enas är bådas.")


def settle_talks(scene: Scene, *theirs: Standing) -> None:
    """One sign-up a person, of those that are open with these contacts.

    None when they have signed up, else the one that has come further. A code that was asked for is not needed any more.
    """
    both = sorted((each for each in theirs if each.talk and each.talk.flow == SIGN_UP), key=_answers)
    for each in both if scene.who.status in ("referred", "active") else both[:-1]:
        end_talk(scene, each)
    for each in theirs:
        if each.talk is not None and each.talk.asks == CODE:
            end_talk(scene, each)


def _answers(who: Standing) -> int:
    return sum(entry["t"] == "answer" for entry in who.talk.journal) if who.talk else 0


def end_talk(scene: Scene, who: Standing) -> None:
    """End the open talk of a contact from outside; nothing more is said in it."""
    if who.talk is not None:
        conversations.set_state(scene.tx, who.talk.id, "finished", scene.now)
        contacts.set_foreground(scene.tx, who.contact_id, None)
        who.talk = None


def _tell_staff(scene: Scene, joined: Joined) -> None:
    """What a human has to sort out: what differed, two sign-ups, two units. Nothing when there is nothing."""
    tx, now, urgency = scene.tx, scene.now, inbox.URGENCY["other"]
    found = list(_to_sort_out(scene, joined))
    if found:
        note = " ".join(("Två kontaktvägar hör nu till samma person.", *found))
        inbox.open_item(tx, now, "other", urgency, joined.unit_id, joined.participant_id, None, note)
    if joined.other_unit is not None:
        # No name: the note is not sealed with the person's key, for that unit's staff do not see the person any more.
        note = f"Personen P{joined.gone} hör nu till en annan enhet, som hen också hade skrivit till."
        inbox.open_item(tx, now, "other", urgency, joined.other_unit, None, None, note)


def _to_sort_out(scene: Scene, joined: Joined) -> Iterator[str]:
    if joined.differs:
        said = ", ".join(f"{_CALLED.get(name, name)} {value}" for name, value in joined.differs.items())
        yield f"Uppgifterna skilde sig. Det som inte står kvar: {said}."
    several = joining.count_open_referrals(scene.tx, joined.participant_id)
    if several > 1:
        yield f"Det finns {several} anmälningar som ingen har svarat på. Ett svar räcker för alla."
    if joined.other_unit is not None:
        yield "Personen hade också skrivit till en annan enhet. Den har fått veta att hen hör till er."


def sms_channel(house: House) -> str | None:
    """Give the channel that codes go out on; None where there is no SMS."""
    return next((name for name in ("sms", "sim_sms") if name in house.channels), None)
