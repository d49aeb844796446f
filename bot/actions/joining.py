"""KOPPLA: a code shown in one place joins it with where the code is written. And words that came to the other contact.

See docs/joining.md. A code opens nothing but this: whoever writes it shows that both places are theirs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from bot.actions import talks
from bot.actions.first_care import hand_to_a_human, leave_to_staff
from bot.actions.merging import CODE, become_one, draw_code, end_talk, may_be_one, settle_talks
from bot.actions.scene import Scene, way_of
from bot.channels.base import TEXT, Inbound
from flows.answers import command
from flows.asks import Context
from flows.codes import read_code, six_digits
from flows.engine import Repeat
from flows.open_question import is_clear_answer
from flows.person import Person
from rules import codes
from rules.nudge import is_returning
from storage import contacts, inbound, inbox, join_codes, joining
from storage.contacts import OpenTalk, Standing
from storage.db import Tx

log = structlog.get_logger(__name__)

STAYS: Final = ("after_violence",)
"""Talks that ask about the very place where they are held."""

FEW_WORDS: Final = 3
"""Words that came to the other contact, do not answer what is asked, and are more than these, go to staff."""

ANSWERS_CODE: Final = frozenset({"new_code", "skip", "finish", "back", "cancel", "restart", "later", "change"})


def wait_for_turns(tx: Tx, channel: str, address: str, text: str) -> None:
    """`contacts.wait_for_turn`; a text that may join this contact with another waits for that one's turns as well."""
    if tx.dialect != "postgresql":
        return
    mine = tx.vault.address_hash(channel, address)
    code = six_digits(text)
    contacts.wait_for_turns(tx, {mine, *(join_codes.others(tx, channel, mine, code) if code else ())})


def meet(tx: Tx, now: datetime, message: Inbound) -> Standing | int | None:
    """Who writes from an address that no person has yet; None when we have never heard of it.

    From a number that was only typed somewhere it is a person of their own. Whoever typed it has shown nothing by that:
    the two are joined when the code is written, and not before. From a work device it is somebody of ours: then what
    they wrote is put before everybody and has no answer, and the id of the device's contact is given.
    """
    known = joining.find_nobodys(tx, message.channel, message.address)
    if known is None:
        return None
    if known.is_device:
        _from_a_device(tx, now, known.contact_id, message)
        return known.contact_id
    joining.meet(tx, now, known, made_up=bool(message.extra.get("made_up")))
    return contacts.find(tx, message.channel, message.address)


def _from_a_device(tx: Tx, now: datetime, contact_id: int, message: Inbound) -> None:
    """Keep it once; alarms go out to the device, and nobody reads there."""
    text = message.text if message.kind == TEXT else f"[{message.kind}]"
    own, way = tx.vault.own(tx), (message.channel, message.provider_id, message.kind)
    if inbound.receive(tx, own, now, contact_id, *way, text) is not None:
        note = f"Någon skrev från en arbetstelefon som får larm: {text}"
        inbox.open_item(tx, now, "message", inbox.URGENCY["message"], None, None, None, note)


# --- showing a code ---------------------------------------------------------------------------------------------------


def show_code(scene: Scene) -> None:
    """KOPPLA: show a code, and say where to write it. One that was shown before holds no more."""
    tx, now, who = scene.tx, scene.now, scene.who
    if is_returning(who.last_in_at, now):
        hand_to_a_human(scene, "other", "joining/a_person_looks", "Vill koppla ihop två kontaktvägar.", "human")
        return
    shown = join_codes.count(tx, join_codes.SHOWN, now - codes.A_DAY, contact_id=who.contact_id)
    if shown >= codes.SHOWN_TO_ONE:
        scene.say("joining/too_many_codes", why="join")
        return
    join_codes.close(tx, now, [who.contact_id], join_codes.SHOWN)
    scene.say("joining/your_code", {"code": _keep_new(scene), "ways": _other_ways(scene)}, why="join")
    scene.note("rule", "En kod som gäller i 15 minuter. Den som skriver den någon annanstans kopplas ihop med den här.")


def _keep_new(scene: Scene) -> str:
    """Draw a code that is shown to nobody else just now, and keep its hash."""
    while True:  # ends: a few codes live at a time, out of half a million
        code = draw_code()
        hashed, until = join_codes.shown_hash(scene.tx, code), scene.now + codes.LIVES
        if join_codes.add(
            scene.tx, scene.now, scene.who.contact_id, join_codes.SHOWN, until, code_hash=hashed
        ):  # fmt: skip
            return code


def _other_ways(scene: Scene) -> list[str]:
    """Where a code may be written: the places that we can write to later, but the one where it is shown."""
    here = way_of(scene.who.channel)
    on = {way_of(name) for name, each in scene.house.channels.items() if each.reachable and name != "device"}
    return sorted(on - {here}) or [here]


# --- a code is written ------------------------------------------------------------------------------------------------


def heard(scene: Scene, text: str) -> bool:
    """Take a text that is a code of ours, and nothing else. False when it is not: then it is an ordinary text.

    A code comes ahead of any question, but only as one that holds at this moment; no other six digits are touched while
    a question is open. In a web chat none is taken: that address is anybody's for the asking.
    """
    who = scene.who
    code = read_code(text, scene.lexicon)
    if code is None or not codes.is_code(code) or not scene.house.channels[who.channel].reachable:
        return False
    if _guesses(scene):
        return False
    known = join_codes.find_shown(scene.tx, join_codes.shown_hash(scene.tx, code), scene.now)
    if known is None:
        return _no_such_code(scene, code)
    if known.contact_id == who.contact_id:
        scene.say("joining/not_here", {"ways": _other_ways(scene)}, why="join")
    else:
        _join(scene, known.contact_id)
    return True


def _guesses(scene: Scene) -> bool:
    """Whether so many wrong codes have come, from this contact or in all, that no more are looked up."""
    tx, now = scene.tx, scene.now
    mine = join_codes.count(tx, join_codes.MISS, now - codes.A_DAY, contact_id=scene.who.contact_id)
    everybodys = join_codes.count(tx, join_codes.MISS, now - codes.AN_HOUR)
    if everybodys >= codes.MISSES_IN_AN_HOUR:
        log.warning("joining.too_many_misses", count=everybodys)
    return codes.is_enough(((mine, codes.MISSES_BY_ONE), (everybodys, codes.MISSES_IN_AN_HOUR)))


def _no_such_code(scene: Scene, code: str) -> bool:
    """Six digits that open nothing: an answer, where a question is open; else they are told so."""
    who, asks = scene.who, scene.who.talk.asks if scene.who.talk else None
    if join_codes.sent_here(scene.tx, who.contact_id, code, scene.now):
        scene.say("joining/in_the_chat", why="join")
        return True
    if asks == CODE:
        return False
    join_codes.add(scene.tx, scene.now, who.contact_id, join_codes.MISS, scene.now)
    if who.talk is not None or talk_elsewhere(scene) is not None:
        return False
    scene.say("joining/no_such_code", why="join")
    return True


def _join(scene: Scene, contact_id: int) -> None:
    """Join the contact that the code was shown to with this one, tell both, and let the open talk go on here."""
    tx, now, who = scene.tx, scene.now, scene.who
    other = contacts.get(tx, contact_id)
    join_codes.close(tx, now, [contact_id], join_codes.SHOWN)
    if other.participant_id != who.participant_id:
        if not may_be_one(scene, other):
            hand_to_a_human(scene, "other", "joining/a_person_looks", "Vill koppla ihop två kontaktvägar.", "human")
            return
        become_one(scene, other)
        settle_talks(scene, scene.who, other)
        _tell(scene, other)
        scene.say("joining/joined", {"way": way_of(other.channel)}, why="join")
    else:
        scene.say("joining/already", {"way": way_of(other.channel)}, why="join")
    _put_the_question(scene)


def _tell(scene: Scene, other: Standing) -> None:
    """Tell the other place too: if it was not them, they must know."""
    there = Scene(scene.tx, scene.house, other, scene.now, f"{scene.cause}:there")
    there.say("joining/joined_there", {"way": way_of(scene.who.channel)}, why="join")
    there.flush()


def _put_the_question(scene: Scene) -> None:
    """The code came in the middle of something: what was asked is asked here, where they are now."""
    talk = scene.who.talk
    if talk is None:
        there = _elsewhere(scene)
        # Others may wait for what this turn holds by now, so it waits for nobody: their question stays where it is.
        free = there is not None and contacts.take_turn_if_free(scene.tx, there.contact_id)
        talk = _bring(scene, there) if there is not None and free else None
    if talk is not None and talk.state == "open" and not (scene.who.protected or scene.who.resting_since):
        talks.go_on(scene, talk, Repeat())


# --- words that came to the other contact -----------------------------------------------------------------------------


def talk_elsewhere(scene: Scene) -> Standing | None:
    """The other contact of this person where a talk is open, when none is here; None for none.

    Nobody's talk is brought to a number that was silent for 90 days: it may be someone else's now.
    """
    who = scene.who
    new_or_silent = who.last_in_at is None or is_returning(who.last_in_at, scene.now)
    return None if who.talk is not None or new_or_silent else _elsewhere(scene)


def _elsewhere(scene: Scene) -> Standing | None:
    contact_id = joining.contact_with_a_talk(scene.tx, scene.who, but=STAYS, asks_not=CODE)
    return None if contact_id is None else contacts.get(scene.tx, contact_id)


def what_is_asked(who: Standing, there: Standing | None) -> str | None:
    """The sort of the question that is open, here or at the person's other contact."""
    talk = who.talk or (there.talk if there else None)
    return talk.asks if talk else None


def bring_talk(scene: Scene, there: Standing, text: str) -> tuple[OpenTalk | None, bool]:
    """Let the open talk go on here; give it (None when it is gone), and whether the text answers what it asks."""
    talk = _bring(scene, there)
    if talk is None:
        return None, True
    run = scene.house.flows.get(talk.flow)
    context = Context(scene.lexicon, scene.this_year)
    clear = run is None or is_clear_answer(run, Person.load(talk.facts), talk.journal, text, context)
    if not clear and len(text.split()) > FEW_WORDS:
        leave_to_staff(scene, text, "Orden svarade inte på frågan som var öppen, och ligger i inkorgen.")
    return talk, clear


def bring_pressed(scene: Scene, at: str) -> OpenTalk | None:
    """Let a talk that went on elsewhere come back here, for the button of its open question was pressed here; or None.

    `at` is what stands before the option in the value of that question's buttons.
    """
    there = talk_elsewhere(scene)
    talk = there.talk if there else None
    if there is None or talk is None or at != f"{talk.id}:{talks.open_number(talk)}":
        return None
    return _bring(scene, there)


def _bring(scene: Scene, there: Standing) -> OpenTalk | None:
    contacts.wait_for_turn_of(scene.tx, there.contact_id)
    fresh = contacts.get(scene.tx, there.contact_id)  # its own turn may have gone on meanwhile
    if fresh.talk is None:
        return None
    joining.move_talk(scene.tx, fresh, scene.who)
    scene.note("rule", "Samtalet fortsätter här: det började på personens andra kontaktväg.")
    return scene.who.talk


# --- a code that is not answered --------------------------------------------------------------------------------------


def let_go_of_code(scene: Scene, text: str) -> None:
    """The code of an SMS was asked for and holds no more: what is written about something else begins anew."""
    talk = scene.who.talk
    if talk is None or talk.asks != CODE or join_codes.asks_for_one(scene.tx, scene.who.contact_id, scene.now):
        return
    if six_digits(text) is None and command(text, scene.lexicon) not in ANSWERS_CODE:
        end_talk(scene, scene.who)
        scene.note("rule", "Koden till numret gäller inte längre: frågan om den är avslutad.")
