"""What a sign-up does, in the turn's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.scene import Scene
from flows import commands
from rules.calendar import to_local
from storage import choices, control, inbox, participants, referrals, units


def choose_unit(scene: Scene, command: commands.ChooseUnit) -> dict[str, Any]:
    """Let the unit be the person's."""
    unit = units.find_by_slug(scene.tx, command.slug)
    if unit is None:
        return {}
    participants.set_unit(scene.tx, scene.who.participant_id, unit.id)
    inbox.adopt(scene.tx, scene.who.participant_id, unit.id)
    scene.who.unit_id = unit.id
    return {"municipality": unit.municipality}


def note_choice(scene: Scene, command: commands.NoteChoice) -> dict[str, Any]:
    """Keep what they were told or chose, with the text's version."""
    version = scene.version_of(command.text)
    choices.record(
        scene.tx,
        scene.now,
        scene.who.participant_id,
        command.kind,
        command.purpose,
        command.answer,
        command.text,
        version,
    )
    return {}


def note_profile(scene: Scene, command: commands.NoteProfile) -> dict[str, Any]:
    """Keep a name or a year as soon as it is told: staff who meet an alarm half-way shall know whom they meet."""
    _keep(scene, {"name": command.name, "birth_year": command.birth_year})
    return {}


def _keep(scene: Scene, told: Mapping[str, Any]) -> None:
    who = scene.who
    new = {key: value for key, value in told.items() if value is not None and who.profile.get(key) != value}
    if new:
        participants.set_profile(scene.tx, who.participant_id, who.key, **new)
        who.profile = {**who.profile, **new}


def register(scene: Scene, command: commands.RegisterReferral) -> dict[str, Any]:
    """Keep the sign-up, put it in the inbox, and promise what the roster can hold."""
    who, promise = scene.who, scene.referral_by()
    _keep(scene, command.profile)
    referrals.register(
        scene.tx, scene.now, who.participant_id, who.unit_id, command.source, command.poster,
        who.channel, dict(command.details), command.complete, promise, who.key,
    )  # fmt: skip
    note = None if command.complete else "Skickad med KLAR innan alla frågor var ställda."
    inbox.open_item(
        scene.tx, scene.now, "referral", inbox.URGENCY["referral"], who.unit_id, who.participant_id, promise, note
    )
    scene.note("stored", "En anmälan är sparad, krypterad, och ligger i inkorgen.")
    if promise:
        scene.note("rule", "Löftet om svar är räknat från bemanningen.")
    return {"promise": scene.local_day(promise)}


def add(scene: Scene, command: commands.AddToReferral) -> dict[str, Any]:
    """Add words to a sign-up that waits."""
    who = scene.who
    waiting = referrals.open_for(scene.tx, who.participant_id)
    promise = waiting.promise_by if waiting else scene.answer_by()
    if waiting:
        referrals.add_details(scene.tx, waiting.id, added=command.words)
    inbox.open_item(
        scene.tx, scene.now, "message", inbox.URGENCY["message"], who.unit_id, who.participant_id, scene.answer_by(),
        command.words,
    )  # fmt: skip
    scene.note("stored", "Det personen lade till är sparat och ligger i inkorgen.")
    return {"promise": scene.local_day(promise)}


def turn_away(scene: Scene, command: commands.TurnAway) -> dict[str, Any]:
    """Outside our ages, or elsewhere: a count is all that is kept of why, and the name goes of who was new."""
    if scene.who.status == "new" and scene.who.profile:
        participants.set_profile(scene.tx, scene.who.participant_id, scene.who.key, **dict.fromkeys(scene.who.profile))
        scene.who.profile = {}
    unit = scene.unit
    day = to_local(scene.now, scene.house.hours.zone).date()
    control.count(scene.tx, day, unit.slug if unit else "", command.why)
    scene.note("stored", f"Bara ett antal är sparat ({command.why}).")
    return {"where": unit.settings.get(f"where_{command.why}") if unit else None}
