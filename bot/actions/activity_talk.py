"""The engine's hands in talks about group activities: see flows/commands_activity.py for what each gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from bot.actions import activities as acts
from bot.actions import activity_facts
from bot.actions.scene import Scene
from flows import commands_activity as commands
from rules.roster import on_duty
from storage import activities, inbox, invitations
from storage.activities import Activity
from storage.invitations import Invitation

NOTES: Final[Mapping[str, str]] = {
    "late": "Blir sen{minutes} till {what}.",
    "lost": "Hittar inte till {what}.",
    "sick": "Är sjuk och kommer inte till {what}.",
    "message": "Skrev om {what}.",
}


def answer(scene: Scene, command: commands.AnswerInvitation) -> dict[str, Any]:
    """Keep the answer, if the activity is as they think it is."""
    tx, who = scene.tx, scene.who.participant_id
    came = acts.answer(tx, scene.house, command.invitation, who, command.version, command.answer, scene.now)
    if came.there is None or came.mine is None:
        return {"came": came.came, "activity": None}
    scene.note("stored", "Svaret på inbjudan är sparat, och personalen ser det.")
    return {"came": came.came, "activity": _told(scene, came.there, came.mine)}


def look(scene: Scene, command: commands.LookAtActivity) -> dict[str, Any]:
    """See what holds."""
    found = _theirs(scene, command.invitation)
    return {"activity": None if found is None or found[0].state == "cancelled" else _told(scene, *found)}


def meet_outside(scene: Scene, command: commands.MeetOutside) -> dict[str, Any]:
    """Put a wish to be met outside before staff."""
    found = _theirs(scene, command.invitation)
    if found is not None and command.wanted and found[1].meet is None:
        acts.meet_outside(scene.tx, *found, activity_facts.meeter(scene.tx, found[0]), scene.now)
        scene.note("stored", "Personen vill bli mött utanför. Personalen ser det.")
    return {}


def tell_staff(scene: Scene, command: commands.TellAboutActivity) -> dict[str, Any]:
    """Put something about an activity before staff, with a clock that ends before it begins."""
    found, who = _theirs(scene, command.invitation), scene.who
    what = "en grupp" if found is None else activity_facts.what_of(found[0], scene.now)
    late = f" {command.minutes} min" if command.minutes else ""
    said = f"\n{command.words}" if command.words else ""
    by = scene.answer_by()
    if found is not None and scene.now < found[0].starts and (by is None or found[0].starts < by):
        by = found[0].starts
    kind = "callback" if command.what in ("late", "lost") else "message"
    inbox.open_item(
        scene.tx, scene.now, kind, inbox.URGENCY[kind], who.unit_id, who.participant_id, by,
        NOTES[command.what].format(what=what, minutes=late) + said, join_within=timedelta(minutes=2),
    )  # fmt: skip
    name = None if found is None or who.read_by_others else acts.leader_of(scene.tx, found[0])
    return {
        "staffed": bool(on_duty(scene.roster, scene.now)),
        "answer_by": None if by is None else by.isoformat(),
        "name": name,
    }


def rate(scene: Scene, command: commands.RateActivity) -> dict[str, Any]:
    """Keep how it was."""
    found = _theirs(scene, command.invitation)
    if found is not None:
        invitations.change(scene.tx, found[1].id, how_was_it=command.value)
        scene.note("stored", "Svaret på hur det var är sparat.")
    return {}


def _theirs(scene: Scene, invitation_id: int) -> tuple[Activity, Invitation] | None:
    """An invitation of this person's with its activity; None for another's, and for one that was taken back."""
    mine = invitations.find(scene.tx, invitation_id)
    if mine is None or mine.participant_id != scene.who.participant_id or mine.state == "withdrawn":
        return None
    return activities.get(scene.tx, mine.activity_id), mine


def _told(scene: Scene, there: Activity, mine: Invitation) -> dict[str, Any]:
    return activity_facts.told_of(scene.tx, there, mine, scene.now, short=scene.style == "sms")


PERFORMS: Mapping[type, Callable[[Scene, Any], Any]] = {
    commands.AnswerInvitation: answer,
    commands.LookAtActivity: look,
    commands.MeetOutside: meet_outside,
    commands.TellAboutActivity: tell_staff,
    commands.RateActivity: rate,
}
