"""First care: what comes ahead of every talk. STOPP and START, distress and violence, a human, protected identity.

Distress and violence are read at every age and in every state, also after STOPP. The answer goes out in the same turn,
the item is the most urgent one, the work devices of those on duty are alarmed, and what the bot starts by itself rests
until a human releases it. Where nobody is on duty, no alarm is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.actions import reminding
from bot.actions.scene import Scene
from bot.channels.base import Inbound
from rules.alarms import Step, due_at, steps
from storage import alarms, appointments, contacts, conversations, inbox, outbox, participants, staff

AGAIN_WITHIN = timedelta(hours=24)
"""A new distress message this soon after the last gets the short line, and a new alarm."""


def stop(scene: Scene, *, say_receipt: bool = True, provider_word: str = "") -> None:
    """STOPP: what is queued is cancelled in this transaction, one receipt goes out, and the way back is told.

    `provider_word` is a word that the provider itself stops for. It lets no receipt through then, and staff are told,
    who may know that CANCEL was about a meeting.
    """
    who = scene.who
    already = who.opted_out_at is not None
    dropped = 0  # written again, it must not take its own receipt away
    if not already:
        dropped = outbox.cancel(scene.tx, scene.now, "Personen har skrivit STOPP.", contact_id=who.contact_id)
    contacts.opt_out(scene.tx, who.contact_id, scene.now)
    who.opted_out_at = scene.now
    reminding.look_again(scene.tx, scene.now, who.participant_id)  # another way of theirs may be open
    if provider_word:
        _tell_of_the_provider(scene, provider_word)
    elif say_receipt and not already:
        scene.say("first_care/stop_receipt", why="stop")
    scene.note("rule", f"STOPP: {dropped} köade meddelanden togs bort, inget mer går ut.")


def _tell_of_the_provider(scene: Scene, word: str) -> None:
    who = scene.who
    note = (
        f"Personen skrev {word.strip()[:40]}. Det ordet stoppar alla sms från oss hos leverantören, och vårt kvitto "
        "går inte fram. Bara personen själv kan öppna igen, genom att skriva START. Gällde ordet något annat, som ett "
        "möte? Ring."
    )
    inbox.open_item(
        scene.tx, scene.now, "other", inbox.URGENCY["other"], who.unit_id, who.participant_id, scene.answer_by(), note
    )


def start(scene: Scene) -> bool:
    """START after STOPP: they are back. False when they had not stopped."""
    if scene.who.opted_out_at is None:
        return False
    contacts.opt_in(scene.tx, scene.who.contact_id)
    scene.who.opted_out_at = None
    reminding.look_again(scene.tx, scene.now, scene.who.participant_id)
    scene.say("first_care/start_receipt", why="start")
    scene.note("rule", "BÖRJA: personen vill ha meddelanden igen.")
    return True


def distress(scene: Scene, text: str) -> None:
    """The answer of the distress road, from checked help lines and the roster."""
    again = _recently(scene, scene.who.resting_since)
    facts = _who_was_alarmed(scene, raise_alarm(scene, "distress", text))
    if again:
        scene.say("first_care/distress_again", facts, kind="distress", why="distress")
    else:
        scene.say("first_care/distress", kind="distress", why="distress")
        scene.say("first_care/distress_who", facts, kind="distress", why="distress")
    scene.note("rule", "Akut oro: hjälplinjer efter ålder, larm efter bemanning, botens egna meddelanden vilar.")


def violence(scene: Scene, text: str) -> bool:
    """Raise the alarm; return whether somebody was on duty. The neutral answer is the talk `after_violence`."""
    ladder = raise_alarm(scene, "violence", text)
    scene.note("rule", "Våld: ett neutralt svar utan hjälplinjer, larm efter bemanning.")
    return bool(_with_a_device(scene, ladder[0].staff))


def wrote_of_violence(scene: Scene) -> bool:
    """Have they done so in the rest that goes on now? Then the question was put, and is not put again."""
    last = conversations.last_of(scene.tx, scene.who.participant_id)
    return last is not None and last[0] == "after_violence" and _recently(scene, scene.who.resting_since)


def _who_was_alarmed(scene: Scene, ladder: Sequence[Step]) -> dict[str, Any]:
    """Only those whose devices are alarmed now may be named, and nobody when nobody is on duty."""
    names, alarmed = scene.names(), _with_a_device(scene, ladder[0].staff)
    if not alarmed:
        later = {} if not ladder[0].staff else {"next_staffed": None}  # somebody works now, but nothing reaches them
        return {"staffed": False, "readers": scene.readers(), **later}
    return {"staffed": True, "readers": [names[who] for who in alarmed if who in names] or scene.readers()}


def _with_a_device(scene: Scene, wanted: Sequence[int]) -> list[int]:
    """Those of them whom an alarm can reach: it may not be claimed of the others."""
    found = [staff.find_by_id(scene.tx, who) for who in wanted]
    return [who.id for who in found if who is not None and who.device_channel in scene.house.channels]


def raise_alarm(scene: Scene, kind: str, text: str) -> list[Step]:
    """The item, the rest, and the ladder of alarms."""
    who = scene.who
    order, manager = _alarm_order(scene)
    ladder = steps(scene.now, scene.roster, order, manager)
    item, _ = inbox.open_item(
        scene.tx,
        scene.now,
        kind,
        inbox.URGENCY[kind],
        who.unit_id,
        who.participant_id,
        due_at(ladder) or scene.now,
        text,
    )
    participants.set_resting(scene.tx, who.participant_id, scene.now)
    who.resting_since = scene.now
    outbox.cancel_bots_own(scene.tx, scene.now, "Samtalet vilar efter ett larm.", participant_id=who.participant_id)
    appointments.look_again(scene.tx, scene.now, participant_id=who.participant_id)
    alarms.plan(scene.tx, scene.now, item, [(step.step, step.at, person) for step in ladder for person in step.staff])
    return ladder


def _alarm_order(scene: Scene) -> tuple[list[int], int | None]:
    """In which order devices are alarmed. While no unit is known: every unit's staff, and the first unit's manager."""
    ladders = [staff.alarm_order(scene.tx, unit.id) for unit in ([scene.unit] if scene.unit else scene.units)]
    everybody = list(dict.fromkeys(who for order, _ in ladders for who in order))
    return everybody, next((manager for _, manager in ladders if manager is not None), None)


def _recently(scene: Scene, moment: datetime | None) -> bool:
    return moment is not None and scene.now - moment < AGAIN_WITHIN


def in_the_rest(scene: Scene, text: str, *, closing: bool = False, asks: bool = False) -> None:
    """Something more, while a distress case rests: to the same item, and the short line at most once an hour.

    Who asks something is always told it: a question ("vad ska jag göra") met by silence is worse than a line twice.
    Where it is staff who let the bot rest, and nothing alarmed, it is a message like any other, for them to answer.
    """
    who = scene.who
    if who.resting_since and not inbox.has_alarm_since(scene.tx, who.participant_id, who.resting_since):
        leave_to_staff(scene, text, "Personalen låter boten vila: det personen skriver ligger i inkorgen.")
        return
    kind = "distress" if "distress" in inbox.open_kinds(scene.tx, who.participant_id) else "violence"
    inbox.open_item(
        scene.tx, scene.now, kind, inbox.URGENCY[kind], who.unit_id, who.participant_id, scene.now, text,
        join_within=AGAIN_WITHIN,
    )  # fmt: skip
    quiet = who.last_out_at is not None and scene.now - who.last_out_at < timedelta(hours=1)
    if asks or not (closing or quiet):
        scene.say(f"first_care/{kind}_again", kind="distress", why=kind)
    scene.note("rule", "Samtalet vilar efter ett larm: det personen skriver ligger överst i inkorgen.")


def protected(scene: Scene) -> None:
    """Protected identity was written: stop, hide the talk, and ring as agreed."""
    who = scene.who
    participants.set_protected(scene.tx, who.participant_id, True)
    who.protected = True
    outbox.cancel_bots_own(scene.tx, scene.now, "Personen har skyddade uppgifter.", participant_id=who.participant_id)
    appointments.look_again(scene.tx, scene.now, participant_id=who.participant_id)
    by = scene.answer_by()
    inbox.open_item(
        scene.tx, scene.now, "protected", inbox.URGENCY["protected"], who.unit_id, who.participant_id, by, None
    )
    scene.say("first_care/protected", why="protected")
    scene.note("rule", "Skyddade personuppgifter: samtalet stannar och döljs.")


def hand_to_a_human(scene: Scene, kind: str, message: str, text: str | None, why: str) -> None:
    """Put it in the inbox with a clock on it, and say by when a person answers."""
    who, by = scene.who, scene.answer_by()
    inbox.open_item(scene.tx, scene.now, kind, inbox.URGENCY[kind], who.unit_id, who.participant_id, by, text)
    scene.say(message, {"answer_by": None if by is None else by.isoformat()}, why=why)
    scene.note("rule", "Det här behöver en människa: ett ärende ligger i inkorgen med en tid på.")


def leave_to_staff(scene: Scene, text: str, note: str) -> bool:
    """Put words before staff, with a clock on them and no answer from the bot. True when that opened a new item."""
    who, urgency = scene.who, inbox.URGENCY["message"]
    _, fresh = inbox.open_item(
        scene.tx, scene.now, "message", urgency, who.unit_id, who.participant_id, scene.answer_by(), text
    )
    scene.note("stored", note)
    return fresh


def not_text(scene: Scene, inbound: Inbound) -> None:
    """A voice message, a picture, a sticker: one kind line, and an item with the kind. Nothing is downloaded."""
    fresh = leave_to_staff(scene, f"[{inbound.kind}]", "Det som kom är inte text, och ligger i inkorgen.")
    if fresh or inbound.kind != "sticker":
        scene.say("talk/not_text", {"kind": inbound.kind}, why="not_text")
