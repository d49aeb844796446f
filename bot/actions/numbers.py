"""A number that was typed in a chat: one neutral SMS with a code, and the answer to it. See docs/joining.md.

Whether a number is known to us, or has written STOPP, changes nothing of what is said in the chat.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final

from bot.actions import spending
from bot.actions.merging import become_one, draw_code, may_be_one, settle_talks, sms_channel
from bot.actions.scene import Scene
from flows import commands
from flows.phone import read_phone
from rules import codes
from rules.ceiling import today
from storage import contacts, inbox, join_codes, joining, outbox
from storage.joining import Number
from storage.outbox import Body, NewMessage

MESSAGE: Final = "joining/number_code"
TOLD: Final = "codes_told"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A number as this turn sees it: its channel, its address, and the hash to look it up by."""

    channel: str
    address: str
    hashed: bytes


def send_code(scene: Scene, command: commands.SendCode) -> dict[str, Any]:
    """Send the first code, unless it may not be; see `flows.commands.SendCode` for the result."""
    channel = sms_channel(scene.house)
    why = "off" if channel is None else _why_not(scene, command.number)
    if channel is None or why:
        scene.note("rule", f"Ingen kod skickades till numret ({why}).")
        return {"sent": False, "why": why}
    _send(scene, _asked(scene, channel, command.number))
    return {"sent": True, "why": ""}


def prove_number(scene: Scene, command: commands.ProveNumber) -> dict[str, Any]:
    """Try a code, or send one more; see `flows.commands.ProveNumber` for the result."""
    channel = sms_channel(scene.house)
    if channel is None:
        return {"came": _give_up(scene, "Sms är inte på.")}
    asked = _asked(scene, channel, command.number)
    made = join_codes.list_asked(scene.tx, scene.who.contact_id, asked.hashed)
    wrong = sum(each.wrong for each in made)
    if not made:
        came = "over"
    elif not command.code:
        came = "new" if len(made) < codes.MOST_SENT and wrong < codes.MOST_WRONG else "over"
    else:
        right = [each for each in made if _matches(scene, asked, each.code_hash, command.code)]
        alive = any(each.expires_at > scene.now for each in right)
        came = codes.outcome_of(wrong, len(made), matches=bool(right), alive=alive)
        if not right:
            join_codes.wrong(scene.tx, made[0].id)
    if came in ("new", "late") and _why_not(scene, command.number):
        came = "over"
    return {"came": _act(scene, asked, came)}


def _act(scene: Scene, asked: _Asked, came: str) -> str:
    if came in ("new", "late"):
        _send(scene, asked)
    elif came == "joined":
        return _join(scene, asked)
    elif came == "over":
        return _give_up(scene, "Rätt kod kom inte.")
    return came


# --- sending ----------------------------------------------------------------------------------------------------------


def _why_not(scene: Scene, number: str) -> str:
    """Why no code goes out, in a word; "" when one may. What this tells holds for any number alike."""
    tx, since = scene.tx, scene.now - codes.A_DAY
    if not read_phone(number).mobile:
        return "not_mobile"
    if not codes.may_be_sent_to(number):
        return "abroad"
    mine = join_codes.count(tx, join_codes.NUMBER, since, contact_id=scene.who.contact_id)
    everybodys = join_codes.count(tx, join_codes.NUMBER, since, sent=True)
    if everybodys >= codes.IN_A_DAY:
        note = f"Ovanligt många koder till telefonnummer: {everybodys} på ett dygn. Inga fler skickas just nu."
        spending.tell_once(tx, scene.now, TOLD, today(scene.now, scene.house.hours.zone)[0].isoformat(), note)
        return "limit"
    if mine >= codes.BY_ONE or spending.is_reached(tx, scene.house, scene.now):
        return "limit"
    return ""


def _send(scene: Scene, asked: _Asked) -> None:
    """Make a code and queue its SMS. To one who wrote STOPP, or has had a day's codes, it is made and not sent."""
    tx, now = scene.tx, scene.now
    number, code = joining.number(tx, now, asked.channel, asked.address), draw_code()
    lately = join_codes.count(tx, join_codes.NUMBER, now - codes.A_DAY, address_hash=asked.hashed, sent=True)
    goes = not (number.opted_out or number.blocked) and lately < codes.TO_ONE
    hashed = join_codes.number_hash(tx, scene.who.contact_id, asked.hashed, code)
    made = join_codes.add(
        tx, now, scene.who.contact_id, join_codes.NUMBER, now + codes.LIVES,
        code_hash=hashed, address_hash=asked.hashed, sent=goes,
    )  # fmt: skip
    if goes:
        outbox.queue(tx, number.key, now, [_sms(scene, asked, number, code, f"code:{made}")])
    scene.note("queued" if goes else "rule", "En kod till numret." if goes else "Numret får inga koder just nu.")


def _sms(scene: Scene, asked: _Asked, number: Number, code: str, why_it_is: str) -> NewMessage:
    """Who we are and the code: no name, and nothing of why."""
    catalog, language = scene.house.catalog, scene.who.language
    facts = {"bot": "Ingång", "municipality": scene.unit.municipality if scene.unit else None, "code": code}
    rendered = catalog.render(MESSAGE, language=language, style="sms", facts=facts, now=scene.now)
    return NewMessage(
        contact_id=number.contact_id,
        participant_id=number.participant_id,
        channel=asked.channel,
        kind="reply",
        dedupe_key=why_it_is,
        why=catalog.why("number_code"),
        body=Body(rendered.text),
        message=MESSAGE,
        text_version=rendered.version,
        not_after=scene.now + codes.LIVES,
    )


# --- the answer -------------------------------------------------------------------------------------------------------


def _join(scene: Scene, asked: _Asked) -> str:
    """The right code: the number's contact is this person's from now on."""
    tx, now, who = scene.tx, scene.now, scene.who
    join_codes.close(tx, now, [who.contact_id], join_codes.NUMBER)
    number = joining.number(tx, now, asked.channel, asked.address)
    if number.participant_id is None:
        joining.prove(tx, now, number.contact_id, number.key.id, who.participant_id)
        scene.note("stored", "Numret är bekräftat och hör till personen.")
        return "joined"
    if number.participant_id != who.participant_id:
        other = contacts.get(tx, number.contact_id)
        if not may_be_one(scene, other):
            return _give_up(scene, "Numret har hört till en annan kontakt hos oss. Avgör om det är samma person.")
        become_one(scene, other)
        settle_talks(scene, other)  # and not the one that this is part of
    joining.heard_through(tx, now, number.contact_id)
    return "joined"


def _give_up(scene: Scene, why: str) -> str:
    """A person looks: the number is not shown to be theirs, and nothing goes there."""
    who = scene.who
    join_codes.close(scene.tx, scene.now, [who.contact_id], join_codes.NUMBER)
    note = f"Numret är inte bekräftat, så inga sms går dit. {why}"
    inbox.open_item(
        scene.tx, scene.now, "other", inbox.URGENCY["other"], who.unit_id, who.participant_id, scene.answer_by(), note
    )
    scene.note("rule", "Numret är inte bekräftat. Ett ärende ligger i inkorgen.")
    return "over"


def _asked(scene: Scene, channel: str, number: str) -> _Asked:
    return _Asked(channel, number, scene.tx.vault.address_hash(channel, number))


def _matches(scene: Scene, asked: _Asked, kept: bytes, code: str) -> bool:
    return compare_digest(kept, join_codes.number_hash(scene.tx, scene.who.contact_id, asked.hashed, code))
