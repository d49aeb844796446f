"""They want to talk with one of us, or be rung: staff get it with a clock on it, and the number that comes after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.actions import beginnings, first_care
from bot.actions.scene import Scene
from flows.phone import read_phone
from flows.wishes import calls_another, wants_a_call
from storage import inbox

NUMBER_WITHIN: Final = timedelta(days=2)
"""So long after the wish to be rung a number is taken to be the one to ring. Our choice."""

FEW: Final = 6
"""Words beside a number that still only tell which it is: "det är bäst att ringa på ...". Our choice."""

ASKED_FOR_DIGITS: Final = ("phone", "code", "rating", "year")


def hand_over(scene: Scene, text: str) -> None:
    """Take a wish to talk with one of us. Who wants us to ring another writes for that one: we ring nobody unasked."""
    if scene.who.talk is None and calls_another(text, scene.lexicon) and beginnings.is_for_someone_else(scene, text):
        beginnings.begin(scene, text, None, scene.now)
        return
    kind, message = ("callback", "talk/call_me") if wants_a_call(text, scene.lexicon) else ("message", "talk/human")
    first_care.hand_to_a_human(scene, kind, message, text, "human")


def heard_number(scene: Scene, text: str) -> bool:
    """Take a number of who waits to be rung: staff see it beside their wish. False for all other words."""
    who = scene.who
    if who.talk is not None and who.talk.asks in ASKED_FOR_DIGITS:
        return False
    phone = read_phone(text).e164
    words = [word for word in text.split() if any(ch.isalpha() for ch in word)]
    if phone is None or len(words) > FEW or "callback" not in inbox.open_kinds(scene.tx, who.participant_id):
        return False
    inbox.open_item(
        scene.tx, scene.now, "callback", inbox.URGENCY["callback"], who.unit_id, who.participant_id,
        scene.answer_by(), text, join_within=NUMBER_WITHIN,
    )  # fmt: skip
    scene.say("talk/number_kept", why="received")
    scene.note("stored", "Numret ligger i inkorgen, vid önskemålet om att bli uppringd.")
    return True
